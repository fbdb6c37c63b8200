"""The walk over sanitised HTML: its lines of text, what is seen of them, and what the containers say about them."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from mailbot.ingest.text import attribution
from mailbot.ingest.text.line import Line, Mark
from mailbot.ingest.text.look import Sight
from mailbot.ingest.text.shown import Looks, Styles

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "caption", "details", "summary", "dialog", "figure", "figcaption", "form", "fieldset", "nav", "aside",
})
#: They have no end, so nothing stands in them.
VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
})
#: Paragraphs have a blank line around them.
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"})
# fmt: on
#: Outlook and its kin draw a line above the header block of a quote.
_QUOTE_CLASS = re.compile(
    r"gmail_quote|yahoo_quoted|protonmail_quote|moz-cite-prefix|gmail_attr|tutanota_quote|zmail_extra|"
    r"wordsection1_quote|mailbot-quote"
)
_QUOTE_ID = re.compile(
    r"(?:x_)*(?:divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|isforwardcontent|"
    r"yahoo_quoted_\d+|reply-intro|ms-outlook-mobile-body-separator-line|quoted_?header|orighead)\Z"
)
#: Of these only the block quotes are the quote, where an attribution stands above the first: answers stand between.
_LOOSE_CLASS = re.compile(r"gmail_quote|protonmail_quote")
_ATTRIBUTION_LINES = 4
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
    pre: bool
    looks: Looks
    #: Whether the text in it is seen.
    sight: Sight
    #: The line at which a quote began that may hold answers, -1 for none.
    loose: int = -1


class Walk(HTMLParser):
    """Collects lines. An end tag closes the element of its name if one is open; what is left open closes at the end."""

    def __init__(self, styles: Styles) -> None:
        """Begin in a body of these styles."""
        super().__init__(convert_charrefs=True)
        body = styles.body
        self._styles, self._around = styles, list(styles.around)
        self._open: list[_Element] = [_Element("", Mark.NONE, 0, pre=False, looks=body, sight=body.sight)]
        self._count: dict[str, int] = {}
        self._lines: list[Line] = []
        self._text: list[str] = []
        #: Something in the line that was begun is perhaps not seen.
        self._doubted = False
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
        if tag not in VOID:
            self._push(tag, attributes)

    def _push(self, tag: str, attributes: dict[str, str]) -> None:
        outer = self._open[-1]
        style = "".join(attributes.get("style", "").lower().split())
        # Old editors indent with a blockquote without a border.
        quotes = tag == "blockquote" and not ("border:none" in style and "margin" in style)
        mark = outer.mark if outer.mark is Mark.QUOTE else _mark(tag, attributes)
        looks, subject = self._styles.inside(outer.looks, tag, attributes, self._around)
        self._around.append(subject)
        self._open.append(
            _Element(
                tag,
                mark if mark is not Mark.NONE else outer.mark,
                outer.depth + quotes,
                pre=outer.pre or tag == "pre",
                looks=looks,
                sight=outer.sight if looks is outer.looks else looks.sight,
                loose=len(self._lines) if self._may_hold_answers(tag, attributes) else -1,
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
        if closed.depth > self._open[-1].depth and self._open[-1].loose >= 0:
            self._loosen(self._open[-1])
        del self._around[len(self._styles.around) + len(self._open) - 1 :]

    def _may_hold_answers(self, tag: str, attributes: dict[str, str]) -> bool:
        is_loose = tag == "div" and _LOOSE_CLASS.search(attributes.get("class", "").lower())
        return bool(is_loose) and self._open[-1].mark is not Mark.QUOTE

    def _loosen(self, holder: _Element) -> None:
        """What follows the first block quote of a quote is the author's if nothing but an attribution stood above it.

        A forwarded mail that quotes another has more above it, and stays a quote as a whole.
        """
        lines = self._lines[holder.loose :]
        above = [line.text for line in lines if line.depth == holder.depth and line.text.strip()]
        holder.loose = -1
        if not 0 < len(above) <= _ATTRIBUTION_LINES:
            return
        start, _ = attribution.attribution(above, len(above) - 1)
        if start == 0 or (len(above) == 1 and attribution.bare(above[0]).rstrip().endswith((":", "\uff1a"))):
            holder.mark = Mark.NONE

    def handle_data(self, data: str) -> None:
        """Take text in; white space is one blank but in preformatted text."""
        element = self._open[-1]
        if element.sight is Sight.HIDDEN:
            return
        self._doubted |= element.sight is Sight.DOUBTED and bool(data.strip())
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
        self._lines.append(Line(text, self._marked(), self._open[-1].depth, doubted=self._doubted))
        self._doubted = False

    def _break(self, *, apart: bool) -> None:
        """End a line if one was begun."""
        if self._text and "".join(self._text).strip():
            self._end_line()
        self._text.clear()
        self._doubted = False
        self._apart = self._apart or apart
