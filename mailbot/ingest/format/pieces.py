"""The bytes of a part as they came: what the standard library's parser took apart is put together again unchanged.

Asks a message object for its tree and its raw fields alone.
"""

from email.message import Message


def children_of(part: Message) -> list[Message]:
    """The parts of a container, the mail in an attached mail; none of a leaf."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def attached_mail(part: Message) -> bytes:
    """An attached mail as it came: the parser split it, so its pieces are put together again unchanged."""
    ending = b"\r\n" if _ends_lines_with_cr(part) else b"\n"
    return b"".join(_as_it_came(child, ending) for child in children_of(part))


def _as_it_came(part: Message, ending: bytes) -> bytes:
    fields = ((name, str(value)) for name, value in part.raw_items())
    head = b"".join(octets(f"{name}: {value}") + ending for name, value in fields) + ending
    children = [_as_it_came(child, ending) for child in children_of(part)]
    if part.get_content_maintype() != "multipart" or not children:
        return head + (b"".join(children) if children else raw(part))
    # RFC 2046 section 5.1.1: the line end before a delimiter belongs to the delimiter.
    delimiter = b"--" + octets(str(part.get_boundary("")))
    preamble = octets(part.preamble) + ending if part.preamble else b""
    parts = b"".join(delimiter + ending + child + ending for child in children)
    return head + preamble + parts + delimiter + b"--" + ending + octets(part.epilogue or "")


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


def _ends_lines_with_cr(part: Message) -> bool:
    """Does the first leaf below end its lines with CR LF?"""
    payload: object = part
    while isinstance(payload, Message):
        if payload.is_multipart() and "\r\n" in str(payload.preamble):
            return True
        inner = payload.get_payload()
        payload = inner[0] if isinstance(inner, list) and inner else inner
    return "\r\n" in str(payload)
