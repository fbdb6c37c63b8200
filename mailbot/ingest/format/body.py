"""The walk over the parts of a mail: what a person would see as its text, and everything else as attachments.

Every leaf is either chosen as text or is an attachment; none is lost, whether it has a name or not, and an attached
mail is one leaf. Takes the message object that the parser made and asks it for its tree alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from mimetypes import guess_type

from mailbot.ingest.format import charset, cms, header, parameter, recovered, tnef, transfer
from mailbot.ingest.format.leaf import NAMELESS, Leaf, file_name, is_file, says_something
from mailbot.ingest.format.pieces import children_of, field_of, octets, parsed, raw

_SHOWN_TEXT = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-plain")
#: Containers whose further parts are about the first one, not text beside it (RFC 1847, 3462).
_FIRST_ONLY = ("multipart/signed", "multipart/report")
#: Nested deeper than any limit lets through; the walk stops instead of growing the stack.
_DEEPEST = 60
_MAIL = "message/rfc822"
#: An opaque S/MIME signature, or an encrypted mail (RFC 8551 section 3.2).
SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
#: Names of media types that are written the wrong way round.
_MEANT = {"plain/text": "text/plain", "html/text": "text/html", "text/text": "text/plain", "text/htm": "text/html"}
#: Containers of one mail that are looked through again.
_MOST_RECOVERED = 10
#: HTML that is called plain text.
_HTML = re.compile(rb"(?i)\s{0,200}(?:<!doctype\s+html|<html[\s>])")
#: What programs write above the parts for those who read no MIME.
_PREAMBLE = re.compile(rb"(?i)multi-?part|mime|mehrteilig")
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]{2}")


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What the walk asks of those who know the whole mail."""

    #: Gives back what was cut out of the bytes of a leaf before it was parsed.
    whole: Callable[[bytes], bytes] = bytes
    #: Parses a container that was put right, None where it is over the limits.
    parse: Callable[[bytes], Message | None] = parsed
    #: The charset of names that declare none.
    hint: str = ""


def read(message: Message, reading: Reading = Reading()) -> Body:
    """Walk a parsed mail."""
    body = Body()
    walk = _Walk(body, reading)
    if message.is_multipart() or _is_container(message):
        walk.visit(message, 0, shown=True)
    else:
        walk.alone(message)
    if not body.shown:
        _take_attached_text(body)
    if not body.shown:
        walk.waiting()
    if not body.shown:
        walk.beside_the_parts(message)
    body.attachments.sort(key=lambda leaf: leaf.index)
    return body


def leaves(body: Body) -> Iterator[Leaf]:
    """Every leaf, in no order."""
    yield from (*body.attachments, *body.plain, *body.html)


def _take_attached_text(body: Body) -> None:
    """A mail whose only text is an attachment without a name, or named and inline: that is what its author wrote."""
    texts = [leaf for leaf in body.attachments if leaf.type in _SHOWN_TEXT]
    for leaf in sorted(texts, key=lambda leaf: bool(leaf.name)):
        if not leaf.name or leaf.disposition == "inline":
            body.attachments.remove(leaf)
            (body.html if leaf.type == "text/html" else body.plain).append(leaf)
            body.shown.append(leaf)
            return


class _Walk:
    """One walk; counts the leaves so that each can be found again."""

    def __init__(self, body: Body, reading: Reading) -> None:
        self.body = body
        self.count = 0
        self._reading = reading
        self._recovered = 0
        self._waiting: list[Leaf] = []

    def visit(self, part: Message, depth: int, *, shown: bool) -> None:
        """Sort a part; `shown` says whether text at this place is what a person sees."""
        kind = self._kind(part)
        if (found := self._found(part, kind)) is not None and depth <= _DEEPEST:
            part = found
        if (signed := self._unwrapped(part, kind)) is not None and depth <= _DEEPEST:
            self.visit(signed, depth + 1, shown=shown)
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

    def _kind(self, part: Message) -> parameter.Structured:
        """The media type of a part; in a digest one that names none is a mail (RFC 2046 section 5.1.5)."""
        field = field_of(part, "content-type", self._reading.hint)
        kind = parameter.content_type(field)
        if not field.strip("; \t") and part.get_default_type() == _MAIL:
            return replace(kind, value=_MAIL)
        return replace(kind, value=_MEANT.get(kind.value, kind.value))

    def _found(self, part: Message, kind: parameter.Structured) -> Message | None:
        """A container whose parts its header hides, parsed again; None for what is none or is as it says."""
        if part.is_multipart() or not kind.value.startswith("multipart/") or self._recovered >= _MOST_RECOVERED:
            return None
        self._recovered += 1
        encoding = header.word(field_of(part, "content-transfer-encoding"))
        data = self._reading.whole(raw(part))
        data = recovered.decoded(data, kind.parameters.get("boundary", ""), encoding) or data
        built = recovered.container(kind.value, data)
        again = self._reading.parse(built) if built else None
        if again is None or not again.is_multipart():
            return None
        self.body.defects.append("a container whose parts its header hides")
        return again

    def _unwrapped(self, part: Message, kind: parameter.Structured) -> Message | None:
        """The mail inside an opaque S/MIME signature, which stays an attachment itself."""
        if kind.value not in SMIME or part.is_multipart() or self._recovered >= _MOST_RECOVERED:
            return None
        self._recovered += 1
        data = cms.content(self._decoded(part)[0])
        return self._reading.parse(data) if data else None

    def _unpacked(self, leaf: Leaf) -> bool:
        """Take the files out of a winmail.dat; say whether nothing else is in it. Its text waits for a mail without."""
        found = tnef.read(leaf.data) if leaf.type in _TNEF or leaf.name.lower() == "winmail.dat" else None
        if found is None:
            return False
        for name, data in found.files:
            title = file_name(charset.decode(name)[0]) or NAMELESS
            kind = guess_type(title)[0] or "application/octet-stream"
            self.body.attachments.append(Leaf(self._next(), kind, title, "attachment", data))
        for kind, data in (("text/plain", found.text), ("text/html", found.html)):
            if data and not any(waiting.index == leaf.index for waiting in self._waiting):
                self._waiting.append(Leaf(leaf.index, kind, "", "", data))
        self.body.defects.append("winmail.dat" if found.whole else "winmail.dat that could not be read in full")
        return found.whole

    def waiting(self) -> None:
        """Show the text that waited, where no other text is."""
        for leaf in self._waiting[:1]:
            self._leaf(replace(leaf, index=self._next()), shown=True)

    def beside_the_parts(self, message: Message) -> None:
        """What stands before or behind the parts, where no part is text: some programs put all their words there."""
        for beside in (message.preamble, message.epilogue):
            data = octets(beside or "")
            if _WORDS.search(data) and not _PREAMBLE.search(data):
                self._leaf(Leaf(self._next(), "text/plain", "", "", self._reading.whole(data)), shown=True)

    def alone(self, message: Message) -> None:
        """A mail that is one leaf: its text is shown whatever name it was given."""
        kind = self._kind(message)
        if (signed := self._unwrapped(message, kind)) is not None:
            self.visit(signed, 1, shown=True)
        leaf = self._read(message, kind)
        named = leaf.name and leaf.disposition != "attachment" and leaf.type in _SHOWN_TEXT
        self._leaf(replace(leaf, name="") if named else leaf, shown=True)

    def _alternative(self, children: list[Message], depth: int, *, shown: bool) -> None:
        """Of several forms of one text the plain one is read, the HTML kept beside it (RFC 2046 section 5.1.4)."""
        before = len(self.body.shown)
        for child in children:
            self.visit(child, depth + 1, shown=shown)
        forms = self.body.shown[before:]
        html = sum(len(leaf.data) for leaf in forms if leaf.type == "text/html")
        plain = [leaf for leaf in forms if leaf.type == "text/plain" and says_something(leaf.data, html)]
        enriched = [leaf for leaf in forms if leaf.type not in ("text/html", "text/plain") and leaf.data.strip()]
        if plain and enriched:
            # Markup that nobody reads beside plain text is no text; it is kept as what it is.
            self.body.plain[:] = [leaf for leaf in self.body.plain if leaf not in enriched]
            self.body.attachments += enriched
        if plain or enriched:
            self.body.shown[before:] = plain or enriched
        elif html:
            self.body.shown[before:] = [leaf for leaf in forms if leaf.type == "text/html"]

    def _related(self, children: list[Message], start: str, depth: int, *, shown: bool) -> None:
        """The root is shown, what it refers to is attached (RFC 2387)."""
        ids = [field_of(child, "content-id").strip() for child in children]
        root = ids.index(start) if start and start in ids else 0
        for number, child in enumerate(children):
            self.visit(child, depth + 1, shown=shown and number == root)

    def _leaf(self, leaf: Leaf, *, shown: bool) -> None:
        if leaf.type in _SHOWN_TEXT and is_file(leaf.data):
            self.body.defects.append("a file that is called text")
            leaf = replace(leaf, type="application/octet-stream")
        if not (shown and leaf.type in _SHOWN_TEXT and leaf.disposition != "attachment" and not leaf.name):
            if not self._unpacked(leaf):
                self.body.attachments.append(leaf)
            return
        if leaf.type == "text/plain" and _HTML.match(leaf.data):
            leaf = replace(leaf, type="text/html", misnamed=True)
        if leaf.type == "text/plain":
            leaf = self._without_uuencoded(leaf)
        (self.body.html if leaf.type == "text/html" else self.body.plain).append(leaf)
        self.body.shown.append(leaf)

    def _without_uuencoded(self, leaf: Leaf) -> Leaf:
        """Files of before MIME inside the text are attachments, too."""
        rest, files = transfer.uuencoded(leaf.data)
        for name, data in files:
            self.body.attachments.append(
                Leaf(
                    self._next(),
                    "application/octet-stream",
                    file_name(charset.decode(name)[0]) or NAMELESS,
                    "attachment",
                    data,
                )
            )
        return replace(leaf, data=rest) if files else leaf

    def _read(self, part: Message, kind: parameter.Structured) -> Leaf:
        where = parameter.disposition(field_of(part, "content-disposition", self._reading.hint))
        name = where.parameters.get("filename", "") or kind.parameters.get("name", "")
        data, defect = self._decoded(part)
        if defect:
            self.body.defects.append(defect)
        # A container that could not be taken apart is text (RFC 2046 section 5.1.1 leaves it open).
        broken = kind.value.startswith("multipart/")
        declared = (
            "text/plain"
            if broken
            else kind.value or ("text/plain" if not field_of(part, "content-type").strip("; \t") else _malformed(part))
        )
        # Text keeps none: what is without a name may be what its author wrote.
        nameless = NAMELESS if name.strip() and declared not in _SHOWN_TEXT else ""
        return Leaf(
            self._next(),
            declared,
            file_name(name) or nameless,
            where.value if where.value in ("inline", "attachment") else "attachment" if where.value else "",
            data,
            kind.parameters.get("charset", ""),
            flowed=kind.parameters.get("format", "").lower() == "flowed",
            delsp=kind.parameters.get("delsp", "").lower() == "yes",
        )

    def _decoded(self, part: Message) -> tuple[bytes, str]:
        """The bytes of a leaf, decoded from its transfer encoding."""
        encoding = header.word(field_of(part, "content-transfer-encoding"))
        return transfer.decode(self._reading.whole(raw(part)), encoding)

    def _next(self) -> int:
        self.count += 1
        return self.count - 1


def _is_container(message: Message) -> bool:
    return parameter.content_type(field_of(message, "content-type")).value.startswith("multipart/")


def _malformed(part: Message) -> str:
    """`Content-Type: text` and its like are plain text (RFC 2045 section 5.2), other noise is bytes."""
    first = field_of(part, "content-type").strip().lower()
    return (
        "text/html"
        if first.startswith(("html", "text/html"))
        else ("text/plain" if first.startswith(("text", "plain", "charset", ";")) else "application/octet-stream")
    )
