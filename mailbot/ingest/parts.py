"""A mail taken apart: its tree of parts. The only importer of mail-parser, asked for the tree and its defects alone."""

import logging
import re
from dataclasses import replace
from email.errors import MessageError
from email.message import Message

import mailparser

from mailbot.ingest import limits
from mailbot.ingest.format import body, cut, header, pieces
from mailbot.ingest.format.body import Body
from mailbot.ingest.format.leaf import Leaf
from mailbot.ingest.text import allowance

#: It logs each media type that it has no use for; what is odd about a mail stands in `defects`.
logging.getLogger("mailparser").setLevel(logging.CRITICAL)


def tree(raw: bytes, fields: header.Header, defects: list[str]) -> Body:
    """Let mail-parser take the mail apart, under a header that holds what was read of it and nothing else."""
    shorter = cut.cut(raw, fields.body)
    built = _structure(fields) + shorter.body
    # The parser has its own: one copy of a large mail less while it works.
    shorter = replace(shorter, body=b"")
    parts = allowance.within(body.read(_parsed(built, defects), body.Reading(shorter.whole, _again, hint(fields))))
    defects.extend(parts.defects)
    return parts


def _parsed(raw: bytes, defects: list[str]) -> Message:
    """Its message object; mail-parser stumbles over one mail in a hundred where the standard library does not."""
    try:
        parsed = mailparser.MailParser(pieces.parsed(raw))
    except (
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        MessageError,
        mailparser.exceptions.MailParserError,
    ) as fault:
        defects.append(f"mail-parser gave up ({type(fault).__name__})")
        return pieces.parsed(raw)
    defects.extend(sorted(str(kind) for kind in parsed.defects_categories))
    message: Message = parsed.message
    return message


def _again(raw: bytes) -> Message | None:
    """Parse a container that was put right: its boundary is another than the one that was measured."""
    return None if limits.over_limit(raw) else pieces.parsed(raw)


_BUILT_BY = ("content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version")


def _structure(fields: header.Header) -> bytes:
    """A header that only says how the body is built: one field of each kind, bounded."""
    kept = [field for name in _BUILT_BY for field in fields.all(name)[:1]]
    lines = [b"%s: %s" % (field.name.encode(), field.raw.replace(b"\r", b" ").strip()[:4_000]) for field in kept]
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


#: What holds the parts of a container together: delimiter lines, and the fields of a part.
_STRUCTURE = re.compile(
    rb"(?i)--[^\r\n]*|(?:content|mime)-[a-z-]{1,40}[ \t]*:[^\r\n]*|[ \t]*+(?:[a-z]{1,20}=[^\r\n]*)?"
)


def whole(raw: bytes, fields: header.Header) -> Body:
    """The body as one text, where it could not be taken apart; nothing where its parts are blank, and that is all."""
    data = raw[fields.body :]
    if "multipart/" in fields.value("content-type").lower() and all(map(_STRUCTURE.fullmatch, data.splitlines())):
        return Body()
    part = Leaf(0, "text/plain", "", "", data)
    return Body(plain=[part], shown=[part])


def hint(fields: header.Header) -> str:
    """The charset that the mail uses, for what declares none."""
    return next((field.hint for field in fields.fields), "")
