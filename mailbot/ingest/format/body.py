"""The walk over the parts of a mail: what a person would see as its text, and everything else as attachments.

Every leaf is either chosen as text or is an attachment; none is lost, whether it has a name or not, and an attached
mail is one leaf. Takes the message object that the parser made and asks it for its tree alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import Message

from mailbot.ingest.format import charset, header, parameter, transfer
from mailbot.ingest.format.header import clean

_SHOWN_TEXT = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-plain")
#: Containers whose further parts are about the first one, not text beside it (RFC 1847, 3462).
_FIRST_ONLY = ("multipart/signed", "multipart/report")
#: Nested deeper than any limit lets through; the walk stops instead of growing the stack.
_DEEPEST = 60
#: Bytes of one text that are read as such; what is beyond them is kept in the raw mail alone.
LONGEST_TEXT = 4_000_000
#: So near to its end a text that is too long is cut at the end of a line.
_LINE = 2_000
#: As much of HTML as says its charset: HTML 4.01 section 5.2.2, and what came after.
_HEAD = 4_096
_META = re.compile(rb"(?i)<(?:meta\b[^>]{0,400}?charset|\?xml\b[^>]{0,200}?encoding)\s*=\s*[\"']?([a-z0-9_:.-]{1,40})")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the tree, its bytes decoded."""

    index: int
    type: str
    name: str
    #: inline, attachment, or "".
    disposition: str
    data: bytes
    charset: str = ""
    flowed: bool = False
    delsp: bool = False

    def text(self, hint: str) -> tuple[str, str]:
        """The leaf's text with LF line ends, and what was odd about its charset."""
        data = _beginning(self.data)
        # What HTML says of itself is as good as what the rest of the mail uses, and nearer.
        said = _META.search(data[:_HEAD]) if self.type == "text/html" else None
        text, odd = charset.decode(data, self.charset, said[1].decode("ascii") if said else hint)
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), odd


@dataclass(slots=True)
class Body:
    """A mail's leaves, sorted."""

    #: What is shown as text, in order: plain text, or HTML where there is no plain text.
    plain: list[Leaf] = field(default_factory=list)
    html: list[Leaf] = field(default_factory=list)
    attachments: list[Leaf] = field(default_factory=list)
    #: For each shown place the text to read: its plain leaf, or its HTML leaf.
    shown: list[Leaf] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def read(message: Message, whole: Callable[[bytes], bytes] = bytes, hint: str = "") -> Body:
    """Walk a parsed mail.

    `whole` gives back what was cut out of the bytes of a leaf before it was parsed; `hint` is the charset of names
    that declare none.
    """
    body = Body()
    walk = _Walk(body, whole, hint)
    if message.is_multipart():
        walk.visit(message, 0, shown=True)
    else:
        walk.alone(message)
    if not body.shown:
        _take_attached_text(body)
    body.attachments.sort(key=lambda leaf: leaf.index)
    return body


def leaves(body: Body) -> Iterator[Leaf]:
    """Every leaf, in no order."""
    yield from (*body.attachments, *body.plain, *body.html)


def _take_attached_text(body: Body) -> None:
    """A mail whose only text is an attachment without a name: that is what its author wrote."""
    for leaf in body.attachments:
        if leaf.type in _SHOWN_TEXT and not leaf.name:
            body.attachments.remove(leaf)
            (body.html if leaf.type == "text/html" else body.plain).append(leaf)
            body.shown.append(leaf)
            return


class _Walk:
    """One walk; counts the leaves so that each can be found again."""

    def __init__(self, body: Body, whole: Callable[[bytes], bytes], hint: str) -> None:
        self.body = body
        self.count = 0
        self._whole = whole
        self._hint = hint

    def visit(self, part: Message, depth: int, *, shown: bool) -> None:
        """Sort a part; `shown` says whether text at this place is what a person sees."""
        kind = parameter.content_type(_field(part, "content-type", self._hint))
        children = children_of(part)
        if not part.is_multipart() or depth > _DEEPEST or kind.value.startswith("message/"):
            self._leaf(self._read(part, kind), shown=shown)
        elif kind.value == "multipart/alternative":
            self._alternative(children, depth, shown=shown)
        elif kind.value == "multipart/related":
            self._related(children, kind.parameters.get("start", ""), depth, shown=shown)
        elif kind.value in _FIRST_ONLY:
            for number, child in enumerate(children):
                self.visit(child, depth + 1, shown=shown and number == 0)
        else:
            seen = shown and kind.value not in ("multipart/digest", "multipart/encrypted")
            for child in children:
                self.visit(child, depth + 1, shown=seen)

    def alone(self, message: Message) -> None:
        """A mail that is one leaf: its text is shown whatever name it was given."""
        leaf = self._read(message, parameter.content_type(_field(message, "content-type")))
        named = leaf.name and leaf.disposition != "attachment" and leaf.type in _SHOWN_TEXT
        self._leaf(replace(leaf, name="") if named else leaf, shown=True)

    def _alternative(self, children: list[Message], depth: int, *, shown: bool) -> None:
        """Of several forms of one text the plain one is read, the HTML kept beside it (RFC 2046 section 5.1.4)."""
        before = len(self.body.shown)
        for child in children:
            self.visit(child, depth + 1, shown=shown)
        forms = self.body.shown[before:]
        plain = [leaf for leaf in forms if leaf.type != "text/html" and leaf.data.strip()]
        if plain:
            self.body.shown[before:] = plain

    def _related(self, children: list[Message], start: str, depth: int, *, shown: bool) -> None:
        """The root is shown, what it refers to is attached (RFC 2387)."""
        ids = [_field(child, "content-id").strip() for child in children]
        root = ids.index(start) if start and start in ids else 0
        for number, child in enumerate(children):
            self.visit(child, depth + 1, shown=shown and number == root)

    def _leaf(self, leaf: Leaf, *, shown: bool) -> None:
        if not (shown and leaf.type in _SHOWN_TEXT and leaf.disposition != "attachment" and not leaf.name):
            self.body.attachments.append(leaf)
            return
        if leaf.type == "text/plain":
            leaf = self._without_uuencoded(leaf)
        (self.body.html if leaf.type == "text/html" else self.body.plain).append(leaf)
        self.body.shown.append(leaf)

    def _without_uuencoded(self, leaf: Leaf) -> Leaf:
        """Files of before MIME inside the text are attachments, too."""
        rest, files = transfer.uuencoded(leaf.data)
        for name, data in files:
            self.body.attachments.append(
                Leaf(self._next(), "application/octet-stream", file_name(charset.decode(name)[0]), "attachment", data)
            )
        return replace(leaf, data=rest) if files else leaf

    def _read(self, part: Message, kind: parameter.Structured) -> Leaf:
        where = parameter.disposition(_field(part, "content-disposition", self._hint))
        name = where.parameters.get("filename", "") or kind.parameters.get("name", "")
        data, defect = self._content(part)
        if defect:
            self.body.defects.append(defect)
        # A container that could not be taken apart is text (RFC 2046 section 5.1.1 leaves it open).
        broken = kind.value.startswith("multipart/")
        declared = (
            "text/plain"
            if broken
            else kind.value or ("text/plain" if not _field(part, "content-type").strip("; \t") else _malformed(part))
        )
        return Leaf(
            self._next(),
            declared,
            file_name(name),
            where.value if where.value in ("inline", "attachment") else "attachment" if where.value else "",
            data,
            kind.parameters.get("charset", ""),
            flowed=kind.parameters.get("format", "").lower() == "flowed",
            delsp=kind.parameters.get("delsp", "").lower() == "yes",
        )

    def _content(self, part: Message) -> tuple[bytes, str]:
        """The bytes of a leaf, decoded from its transfer encoding."""
        encoding = header.word(_field(part, "content-transfer-encoding"))
        return transfer.decode(self._whole(_attached_mail(part) if part.is_multipart() else _raw(part)), encoding)

    def _next(self) -> int:
        self.count += 1
        return self.count - 1


def _beginning(data: bytes) -> bytes:
    """As much of a text as is read, to the end of a line where there is one."""
    if len(data) <= LONGEST_TEXT:
        return data
    return data[: data.rfind(b"\n", LONGEST_TEXT - _LINE, LONGEST_TEXT) + 1 or LONGEST_TEXT]


def children_of(part: Message) -> list[Message]:
    """The parts of a container, the mail in an attached mail; none of a leaf."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def _malformed(part: Message) -> str:
    """`Content-Type: text` and its like are plain text (RFC 2045 section 5.2), other noise is bytes."""
    first = _field(part, "content-type").strip().lower()
    return (
        "text/html"
        if first.startswith(("html", "text/html"))
        else ("text/plain" if first.startswith(("text", "plain", "charset", ";")) else "application/octet-stream")
    )


def _field(part: Message, name: str, hint: str = "") -> str:
    """The first field of a name, unfolded, as text; asks the message's raw fields, not its accessors."""
    for key, value in part.raw_items():
        if key.lower() == name:
            raw = str(value).encode("utf-8", "surrogateescape")
            return charset.decode(re.sub(rb"\r\n|[\r\n]", b"", raw), hint=hint)[0]
    return ""


def _attached_mail(part: Message) -> bytes:
    """An attached mail as it came: the parser split it, so its pieces are put together again unchanged."""
    ending = b"\r\n" if _ends_lines_with_cr(part) else b"\n"
    return b"".join(_as_it_came(child, ending) for child in children_of(part))


def _as_it_came(part: Message, ending: bytes) -> bytes:
    fields = ((name, str(value)) for name, value in part.raw_items())
    head = b"".join(_octets(f"{name}: {value}") + ending for name, value in fields) + ending
    children = [_as_it_came(child, ending) for child in children_of(part)]
    if part.get_content_maintype() != "multipart" or not children:
        return head + (b"".join(children) if children else _raw(part))
    # RFC 2046 section 5.1.1: the line end before a delimiter belongs to the delimiter.
    delimiter = b"--" + _octets(str(part.get_boundary("")))
    preamble = _octets(part.preamble) + ending if part.preamble else b""
    parts = b"".join(delimiter + ending + child + ending for child in children)
    return head + preamble + parts + delimiter + b"--" + ending + _octets(part.epilogue or "")


def _octets(text: str) -> bytes:
    """What the parser decoded, as the bytes that it was."""
    return text.encode("utf-8", "surrogateescape")


def _raw(part: Message) -> bytes:
    """The bytes of a leaf as they came.

    Without its transfer encoding the message hands them out; its own decoders give up where ours go on.
    """
    del part["content-transfer-encoding"]
    payload = part.get_payload(decode=True)
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


_SEPARATORS = re.compile(r"[/\\]")


def file_name(text: str) -> str:
    """A name to show: cleaned first, then its last component without leading dots (the order matters, T22)."""
    return _SEPARATORS.split(clean(text, 1_000))[-1].strip().lstrip(". ")[:255]
