"""The style sheets of an HTML mail, as far as they can hide text: declarations, rules, and when the rules hold.

CSS Syntax Level 3 by tinycss2, so that comments and escapes hide nothing from us. Linear in the size of the CSS.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import tinycss2
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule
from tinycss2.color4 import parse_color

from mailbot.ingest.text.selector import Selector, selectors

#: Characters of all CSS of one mail that are read; no person's mail has more.
MOST = 100_000
#: Rules inside of rules (`@media` and its kin) and functions inside of functions that are looked into.
_DEEPEST = 4
#: Media that a person reads mail in, by themselves.
_ALWAYS = frozenset({"", "all", "screen", "only screen", "only all"})
_NEVER = frozenset({"print", "only print", "speech", "aural", "braille", "tty"})
#: Who serves fonts and nothing else: their sheets hide nothing.
_FONTS = ("fonts.googleapis.com/", "fonts.bunny.net/", "use.typekit.net/", "fonts.gstatic.com/")
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o)-")
#: Only these are looked at; a rule without any of them is no rule for us.
# fmt: off
WATCHED = frozenset({
    "display", "visibility", "opacity", "font-size", "zoom", "color", "background-color", "background-image",
    "overflow", "height", "max-height", "width", "max-width", "min-height",
    "min-width", "position", "left", "top", "right", "bottom", "z-index",
    "text-indent", "margin-left", "margin-top", "padding-left", "padding-top", "clip", "clip-path", "transform",
    "scale", "translate", "rotate", "filter", "mask", "content-visibility", "mix-blend-mode", "animation",
    "letter-spacing", "line-height", "text-security", "text-fill-color", "mso-hide",
})
_SAME = {
    "overflow-x": "overflow", "overflow-y": "overflow", "mask-image": "mask", "animation-name": "animation",
    "inset": "left", "inset-inline-start": "left", "inset-block-start": "top", "margin-inline-start": "margin-left",
    "margin-block-start": "margin-top", "padding-inline-start": "padding-left", "inline-size": "width",
    "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height",
    "min-inline-size": "min-width", "min-block-size": "min-height",
}
_SIZES = frozenset({
    "xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "smaller", "larger",
})
# fmt: on
#: The value of a property, word by word, lower case.
Words = tuple[str, ...]
Declarations = Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Declared:
    """What one rule, or one style attribute, says of the properties that can hide text."""

    normal: Declarations = field(default_factory=dict)
    important: Declarations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector and what it declares."""

    selector: Selector
    declared: Declared
    #: Its place among all rules: of two that weigh the same the later wins.
    order: int
    #: Whether it holds depends on the reader's program, or could not be told.
    maybe: bool


@dataclass(slots=True)
class Sheet:
    """All rules of a mail."""

    rules: list[Rule] = field(default_factory=list)
    #: There is style that was not read: more than `MOST`, or a sheet that lies elsewhere.
    unread: bool = False


_PIECES = re.compile(r"<!--|-->|<style\b([^>]{0,500})>|<link\b[^>]{0,1000}>", re.IGNORECASE)
_END = re.compile(r"</style", re.IGNORECASE)
_MEDIA = re.compile(r"\bmedia\s*=\s*[\"']?([^\"'>]*)", re.IGNORECASE)


def sheet_of(source: str) -> Sheet:
    """Read the style sheets of a mail; those in a comment are for one reader's program, so they hold perhaps."""
    sheet, left = Sheet(), MOST
    position, commented = 0, False
    while piece := _PIECES.search(source, position):
        position = piece.end()
        tag = piece[0].lower()
        if not tag.startswith("<style"):
            commented = tag == "<!--" or (commented and tag != "-->")
            sheet.unread |= "stylesheet" in tag and not _is_of_fonts(tag)
            continue
        end = _END.search(source, position)
        text = source[position : end.start() if end else len(source)]
        position = end.end() if end else len(source)
        sheet.unread |= len(text) > left
        media = _MEDIA.search(piece[1])
        parsed = tinycss2.parse_stylesheet(text[:left], skip_comments=True, skip_whitespace=True)
        _add(sheet, parsed, maybe=commented, media=media[1] if media else "", depth=0)
        left = max(0, left - len(text))
    return sheet


def declared(text: str) -> Declared:
    """Read a style attribute."""
    return _declared(tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True))


def _is_of_fonts(text: str) -> bool:
    return any(host in text for host in _FONTS)


def _add(sheet: Sheet, nodes: Iterable[Node], *, maybe: bool, media: str, depth: int) -> None:
    """Take the rules of a sheet, or of a block in it."""
    media = " ".join(media.lower().split())
    if media in _NEVER:
        return
    maybe = maybe or media not in _ALWAYS
    dark = "prefers-color-scheme" in media
    for node in nodes:
        if isinstance(node, QualifiedRule):
            _add_rule(sheet, node, maybe=maybe, dark=dark, depth=depth)
        elif isinstance(node, AtRule):
            _add_at_rule(sheet, node, maybe=maybe, depth=depth)


def _add_rule(sheet: Sheet, node: QualifiedRule, *, maybe: bool, dark: bool, depth: int) -> None:
    content = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    said = _declared(content, without_colour=dark)
    if said.normal or said.important:
        for selector in selectors(node.prelude):
            sheet.rules.append(Rule(selector, said, len(sheet.rules), maybe or selector.maybe))
    nested = [one for one in content if isinstance(one, (QualifiedRule, AtRule))]
    if nested and depth < _DEEPEST:
        _add(sheet, nested, maybe=True, media="", depth=depth + 1)
    sheet.unread |= bool(nested) and depth >= _DEEPEST


def _add_at_rule(sheet: Sheet, node: AtRule, *, maybe: bool, depth: int) -> None:
    """`@media` holds where its query does; whether others hold is not looked into."""
    name, prelude = node.lower_at_keyword, tinycss2.serialize(node.prelude[:50])
    if name == "import":
        sheet.unread |= not _is_of_fonts(prelude)
    elif name in ("font-face", "keyframes", "page", "charset", "namespace") or not node.content:
        return
    elif depth >= _DEEPEST:
        sheet.unread = True
    else:
        nodes = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        media = prelude if name == "media" else ""
        _add(sheet, nodes, maybe=maybe or name != "media", media=media, depth=depth + 1)


def _declared(nodes: Iterable[Node], *, without_colour: bool = False) -> Declared:
    normal: dict[str, Words] = {}
    important: dict[str, Words] = {}
    for node in nodes:
        if not isinstance(node, Declaration):
            continue
        words = tuple(_words(node.value, 0))
        for name, value in _long(_VENDOR.sub("", node.lower_name, count=1), words):
            if name in WATCHED and not (without_colour and ("color" in name or "background" in name)):
                (important if node.important else normal)[name] = value
    return Declared(normal, important) if normal or important else _NONE


_NONE = Declared()


def _words(tokens: Sequence[Node], depth: int) -> Iterator[str]:
    """Yield a value's words; what stands between brackets belongs to its function."""
    for token in tokens:
        match token.type:
            case "ident":
                yield token.lower_value
            case "number" | "percentage":
                yield f"{token.value:g}{'%' if token.type == 'percentage' else ''}"
            case "dimension":
                yield f"{token.value:g}{token.lower_unit}"
            case "hash":
                yield f"#{token.value.lower()}"
            case "function":
                inside = " ".join(_words(token.arguments, depth + 1)) if depth < _DEEPEST else ""
                yield f"{token.lower_name}({inside})"
            case "url":
                yield "url()"
            case "literal":
                yield token.value
            case "whitespace" | "comment":
                pass
            case _:
                yield f"({token.type})"


def _long(name: str, words: Words) -> Iterator[tuple[str, Words]]:
    """Yield the properties that a shorthand stands for."""
    if name == "font":
        size = next((word for word in words if word in _SIZES or word[:1].isdigit() or word[:1] in ".-"), "")
        yield "font-size", (size or "medium",)
        if "/" in words[:-1]:
            yield "line-height", (words[words.index("/") + 1],)
    elif name == "background":
        yield "background-color", next(((word,) for word in words if colour(word)), ("transparent",))
        yield "background-image", tuple(word for word in words if "(" in word and not colour(word)) or ("none",)
    elif name in ("margin", "padding") and words:
        yield f"{name}-top", words[:1]
        yield f"{name}-left", words[3:4] or words[1:2] or words[:1]
    elif name == "inset" and words:
        yield "top", words[:1]
        yield "left", words[3:4] or words[1:2] or words[:1]
    else:
        yield _SAME.get(name, name), words


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB, each part from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: "Colour") -> "Colour":
        """The colour that is seen where this one lies over an opaque one."""
        mixed = zip(self.parts, below.parts, strict=True)
        red, green, blue = (self.alpha * mine + (1 - self.alpha) * other for mine, other in mixed)
        return Colour(red, green, blue)

    @property
    def parts(self) -> tuple[float, float, float]:
        """Red, green, blue."""
        return self.red, self.green, self.blue

    def distance(self, other: "Colour") -> float:
        """How far apart two are, by the part in which they differ most."""
        return max(abs(mine - its) for mine, its in zip(self.parts, other.parts, strict=True))


BLACK, WHITE = Colour(0, 0, 0), Colour(1, 1, 1)
_SYSTEM = {"windowtext": BLACK, "canvastext": BLACK, "buttontext": BLACK, "window": WHITE, "canvas": WHITE}


def colour(word: str) -> Colour | None:
    """Return the colour that a word names, None where it names none that can be told."""
    if word in _SYSTEM:
        return _SYSTEM[word]
    parsed = parse_color(word)
    if parsed is None or isinstance(parsed, str):
        return None
    try:
        red, green, blue = parsed.to("srgb").coordinates
    except NotImplementedError:
        return None
    return Colour(*(min(1.0, max(0.0, part)) for part in (red, green, blue, parsed.alpha)))
