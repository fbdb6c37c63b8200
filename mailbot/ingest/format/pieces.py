"""The message object that the standard library's parser makes, and the bytes of its leaves as they came.

Asks a message object for its tree and its raw fields alone.
"""

import re
from email import message_from_bytes
from email.message import Message
from typing import Any

from mailbot.ingest.format import charset, parameter

#: What an attached mail is to the parser: one leaf, and no tree of its own.
_LEAF = "application/octet-stream"


class Tolerant(Message):
    """A message as the parser is to see it.

    The parser takes attached mails and reports apart, and nothing puts them together again as they were: it is told
    that they are leaves. It raises where the parameters of a container are odd (RFC 2231): ours are read instead.
    """

    def get_content_type(self) -> str:
        """The media type, another one for what is a mail itself."""
        kind = super().get_content_type()
        return _LEAF if kind.startswith("message/") else kind

    def get_content_maintype(self) -> str:
        """The first half of the media type."""
        return self.get_content_type().partition("/")[0]

    def get_boundary(self, failobj: Any = None) -> Any:
        """The boundary of a container."""
        try:
            return super().get_boundary(failobj)
        except (TypeError, ValueError, LookupError):
            return parameter.content_type(field_of(self, "content-type")).parameters.get("boundary") or failobj


def parsed(data: bytes) -> Message:
    """Parse a mail."""
    return message_from_bytes(data, Tolerant)


def children_of(part: Message) -> list[Message]:
    """The parts of a container; none of a leaf."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def octets(text: str) -> bytes:
    """What the parser decoded, as the bytes that it was."""
    return text.encode("utf-8", "surrogateescape")


def raw(part: Message) -> bytes:
    """The bytes of a leaf as they came.

    Without its transfer encoding the message hands them out; its own decoders give up where ours go on.
    """
    kept = [(name, value) for name, value in part.raw_items() if name.lower() == "content-transfer-encoding"]
    del part["content-transfer-encoding"]
    payload = part.get_payload(decode=True)
    for name, value in kept:
        part.set_raw(name, value)
    return payload if isinstance(payload, bytes) else b""


def field_of(part: Message, name: str, hint: str = "") -> str:
    """The first field of a name, unfolded, as text; asks the message's raw fields, not its accessors."""
    for key, value in part.raw_items():
        if key.lower() == name:
            field = str(value).encode("utf-8", "surrogateescape")
            return charset.decode(re.sub(rb"\r\n|[\r\n]", b"", field), hint=hint)[0]
    return ""
