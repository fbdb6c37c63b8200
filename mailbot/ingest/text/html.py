"""HTML mail: a sanitised form to keep, and the text that a person would see of it.

Nothing active and no remote load survives (nh3's allow-list, images only from within the mail). The walk over nh3's
output is linear and knows by what containers mail programs mark a quote and a signature; hidden text is not text.
"""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import nh3

from mailbot.ingest.text.line import Line, Mark, plain

#: HTML beyond these is only stripped: such markup was written by no person, and it costs seconds.
_LONGEST = 1_000_000
_MOST_TAGS = 60_000
_MOST_ENTITIES = 100_000
#: The sanitiser is quadratic in open blocks; deeper HTML is only stripped.
_DEEPEST = 1_500
# fmt: off
_TAGS = {
    "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "i", "img", "ins", "kbd", "li", "main", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
}
_BLOCKS = frozenset({
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "caption",
})
#: Paragraphs have a blank line around them.
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"})
# fmt: on
_VOID = frozenset({"br", "hr", "img", "col"})
_KEPT: dict[str, set[str]] = {
    "a": {"href", "title", "name"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "font": {"color"},
}
_READ = {**_KEPT, "*": {"class", "id", "style", "name", "hidden", "data-marker", "data-smartmail", "type", "title"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_DROPPED = {"script", "style", "title", "head", "noscript", "template", "textarea", "select", "object", "svg", "math"}
_TOO_MUCH = "HTML too large or too deep to be kept"
#: An image in the text itself is megabytes of base64 that nobody reads.
_EMBEDDED = re.compile(r"data:[a-z]{1,20}/[^\s\"'<>)]{100,}")
_OPEN = re.compile(r"<(/?)[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One HTML text, read."""

    #: Sanitised; "" where it was too large or too deep to be kept.
    html: str
    #: What a person would see, line by line, with what the containers say about each line.
    lines: tuple[Line, ...]
    defect: str = ""


def render(source: str) -> Rendered:
    """Sanitise HTML and read its text. Never raises, linear in the size of the source."""
    source = _EMBEDDED.sub("", source)
    if _is_too_much(source):
        return Rendered("", _stripped(source[:_LONGEST]), _TOO_MUCH)
    readable = nh3.clean(
        source, tags=_TAGS, attributes=_READ, url_schemes=_SCHEMES, clean_content_tags=_DROPPED, link_rel=None
    )
    return Rendered(_kept(readable), _walked(readable))


def sanitise(source: str) -> Rendered:
    """Sanitise HTML whose text nobody reads, since a plain form stands beside it."""
    source = _EMBEDDED.sub("", source)
    return Rendered("", (), _TOO_MUCH) if _is_too_much(source) else Rendered(_kept(source), ())


def _kept(source: str) -> str:
    """The form to keep; the filter costs a call per attribute, so only mails with images pay it."""
    return nh3.clean(
        source,
        tags=_TAGS,
        attributes=_KEPT,
        url_schemes=_SCHEMES,
        clean_content_tags=_DROPPED,
        # An <image> becomes an <img> in the sanitiser's hands, too.
        attribute_filter=_local if "<im" in source.lower() else None,
        link_rel="noreferrer",
    ).strip()


def _is_too_much(source: str) -> bool:
    too_long = len(source) > _LONGEST or source.count("<") > 2 * _MOST_TAGS or source.count("&") > _MOST_ENTITIES
    return too_long or _depth(source) > _DEEPEST


def _depth(source: str) -> int:
    """How many tags are open at most if every closing tag closed one."""
    depth = most = 0
    for tag in _OPEN.finditer(source):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        most = max(most, depth)
    # Tags that never close (br, img, p, li) do not nest: only what is deep beyond their number counts.
    unclosed = len(re.findall(r"(?i)<(?:br|img|hr|meta|link|input|col|p|li|td|tr|th|area|base|o:p)\b", source))
    return max(0, most - unclosed)


def _local(tag: str, name: str, value: str) -> str | None:
    """Let an image be loaded from within the mail alone."""
    if tag == "img" and name == "src" and not value.lower().startswith("cid:"):
        return None
    return value


def _stripped(source: str) -> tuple[Line, ...]:
    """The words of HTML that no parser should see: tags taken out, entities read."""
    return plain(unescape(re.sub(r"<[^<>]*>", "\n", source)))


def _walked(source: str) -> tuple[Line, ...]:
    walk = _Walk()
    walk.feed(source)
    walk.close()
    return walk.lines()


_HIDDEN = re.compile(
    r"display:none|visibility:hidden|font-size:0(?:\.0+)?(?:[a-z%]|;|$)|mso-hide:all|opacity:0(?:\.0+)?(?:;|$)"
    r"|max-height:0(?:px)?(?:;|$)"
)
#: Outlook and its kin draw a line above the header block of a quote.
_QUOTE_CLASS = re.compile(
    r"gmail_quote|yahoo_quoted|protonmail_quote|moz-cite-prefix|gmail_attr|tutanota_quote|zmail_extra|"
    r"wordsection1_quote|mailbot-quote"
)
_QUOTE_ID = re.compile(
    r"(?:x_)*(?:divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|isforwardcontent|"
    r"yahoo_quoted_\d+|reply-intro|ms-outlook-mobile-body-separator-line|quoted_?header|orighead)\Z"
)
#: After these everything up to the end of their own container is the quote, not only what is in them.
_QUOTE_FROM = re.compile(r"(?:x_)*(?:divrplyfwdmsg|appendonsend|zwchr|stopspelling|isforwardcontent)\Z")
_SIGNATURE_CLASS = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature_block|mail-signature|yahoo-signature"
)
_SIGNATURE_ID = re.compile(r"(?:x_)*(?:signature|applemailsignature|ms-outlook-mobile-signature|mobile_signature)\Z")


def _mark(tag: str, attributes: dict[str, str]) -> Mark:
    """What a container says about the text in it."""
    names = attributes.get("class", "").lower()
    name = attributes.get("id", "").lower()
    if _QUOTE_CLASS.search(names) or _QUOTE_ID.match(name) or attributes.get("name", "") == "quote":
        return Mark.QUOTE
    if tag == "blockquote" and attributes.get("type", "").lower() == "cite":
        return Mark.QUOTE
    signature = _SIGNATURE_CLASS.search(names) or _SIGNATURE_ID.match(name)
    if signature or attributes.get("data-smartmail") == "gmail_signature":
        return Mark.SIGNATURE
    return Mark.NONE


@dataclass(slots=True)
class _Element:
    """An open element and what it changed, to be undone when it closes."""

    tag: str
    mark: Mark
    depth: int
    hidden: bool
    pre: bool


class _Walk(HTMLParser):
    """Collects lines. An end tag closes the element of its name if one is open; what is left open closes at the end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Element] = [_Element("", Mark.NONE, 0, hidden=False, pre=False)]
        self._count: dict[str, int] = {}
        self._lines: list[Line] = []
        self._text: list[str] = []
        self._rest = Mark.NONE
        self._apart = False

    def lines(self) -> tuple[Line, ...]:
        """What was collected."""
        self._break(apart=False)
        return tuple(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; a break or a rule is done with at once."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._end_line()
        elif tag in _BLOCKS:
            self._break(apart=tag in _APART)
        elif tag in ("td", "th"):
            self._text.append("\t" if self._text else "")
        if _QUOTE_FROM.match(attributes.get("id", "").lower()) or attributes.get("data-marker") == "__QUOTED_TEXT__":
            self._rest = Mark.QUOTE
        if tag == "hr" and self._rest is Mark.NONE:
            self._lines.append(Line("_" * 32, self._open[-1].mark, self._open[-1].depth))
        if tag not in _VOID:
            self._push(tag, attributes)

    def _push(self, tag: str, attributes: dict[str, str]) -> None:
        outer = self._open[-1]
        style = "".join(attributes.get("style", "").lower().split())
        # Old editors indent with a blockquote without a border.
        quotes = tag == "blockquote" and not ("border:none" in style and "margin" in style)
        mark = outer.mark if outer.mark is Mark.QUOTE else _mark(tag, attributes)
        self._open.append(
            _Element(
                tag,
                mark if mark is not Mark.NONE else outer.mark,
                outer.depth + quotes,
                hidden=outer.hidden or "hidden" in attributes or bool(_HIDDEN.search(style)),
                pre=outer.pre or tag == "pre",
            )
        )
        self._count[tag] = self._count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of that name and what was left open inside it."""
        if tag in _BLOCKS:
            self._break(apart=tag in _APART)
        if not self._count.get(tag):
            return
        while (closed := self._open.pop()).tag != tag:
            self._count[closed.tag] -= 1
        self._count[tag] -= 1

    def handle_data(self, data: str) -> None:
        """Take text in; white space is one blank but in preformatted text."""
        element = self._open[-1]
        if element.hidden or element.tag in _DROPPED:
            return
        if element.pre:
            first, *others = data.split("\n")
            self._text.append(first)
            for line in others:
                self._end_line()
                self._text.append(line)
            return
        words = data.replace("\u00a0", " ").split()
        if not words:
            if self._text and not self._text[-1].endswith((" ", "\t")):
                self._text.append(" ")
            return
        self._paragraph()
        lead = " " if data[0].isspace() and self._text and not self._text[-1].endswith((" ", "\t")) else ""
        self._text.append(lead + " ".join(words) + (" " if data[-1].isspace() else ""))

    def _paragraph(self) -> None:
        """Put the blank line of a paragraph before its first words."""
        if self._apart and not self._text and self._lines and self._lines[-1].text:
            self._lines.append(Line("", self._marked(), min(self._open[-1].depth, self._lines[-1].depth)))
        self._apart = False

    def _marked(self) -> Mark:
        return self._rest if self._rest is not Mark.NONE else self._open[-1].mark

    def _end_line(self) -> None:
        """End a line, also an empty one."""
        text = "".join(self._text).rstrip() if self._open[-1].pre else "".join(self._text).strip()
        self._text.clear()
        self._lines.append(Line(text, self._marked(), self._open[-1].depth))

    def _break(self, *, apart: bool) -> None:
        """End a line if one was begun."""
        if self._text and "".join(self._text).strip():
            self._end_line()
        self._text.clear()
        self._apart = self._apart or apart
