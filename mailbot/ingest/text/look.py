"""What is seen of the text in an element: its style, by what stands around it (CSS 2.2, and what came after).

In doubt text is doubted, not hidden: its words are kept, and no command in it runs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf
from types import MappingProxyType

from mailbot.ingest.text.style import BLACK, WHITE, Colour, Words, colour


class Sight(IntEnum):
    """Whether a reader sees a text."""

    SEEN = 0
    #: It cannot be told, or some readers see it.
    DOUBTED = 1
    HIDDEN = 2


#: CSS pixels: the size of text without a style, and sizes that nobody can read, or hardly.
_NORMAL, _UNREADABLE, TINY = 16.0, 1.5, 5.0
#: CSS pixels: a box from which nothing sticks out, and one that hides a line in part.
_SHUT, _NARROW = 2.0, 10.0
#: CSS pixels: text that is moved so far is off the page, or may be.
_OFF, _FAR, _AWAY = 900.0, 150.0, 3_000.0
#: Parts of a colour: so near text and ground are one, or may be.
_SAME, _NEAR = 0.06, 0.16
#: How much of a text shines through.
_GONE, _FAINT = 0.1, 0.3
_LENGTH = re.compile(r"(-?(?:inf|\d*\.?\d+(?:e[+-]?\d+)?))([a-z%]*)")
_UNITS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945, "rem": _NORMAL,
    "vw": 10.0, "vh": 8.0, "vmin": 8.0, "vmax": 10.0, "%": 10.0,
}  # fmt: skip
_SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": _NORMAL, "large": 18.0, "x-large": 24.0,
    "xx-large": 32.0, "xxx-large": 48.0, "initial": _NORMAL,
}  # fmt: skip
_FACTORS = {"smaller": 0.83, "larger": 1.2, "inherit": 1.0, "unset": 1.0, "revert": 1.0}
_NUMBER = re.compile(r"-?(?:\d*\.)?\d+(?:e[+-]?\d+)?")
Style = Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks that stands in an element."""

    #: For the element as a whole: nothing inside can undo it.
    whole: Sight = Sight.SEEN
    #: These an element inside can undo.
    visible: Sight = Sight.SEEN
    indented: Sight = Sight.SEEN
    squeezed: Sight = Sight.SEEN
    flat: Sight = Sight.SEEN
    #: CSS pixels; None where it cannot be told.
    size: float | None = _NORMAL
    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    #: The mail says what the ground is. Otherwise it is the reader's: dark for one, light for another.
    grounded: bool = False
    opacity: float = 1.0

    @property
    def sight(self) -> Sight:
        """Whether text that stands right in the element is seen."""
        sights = (self.whole, self.visible, self.indented, self.squeezed, self.flat)
        return max(*sights, self._readable(), self._apart(), _below(self.opacity, _GONE, _FAINT))

    def _readable(self) -> Sight:
        return Sight.DOUBTED if self.size is None else _below(self.size, _UNREADABLE, TINY)

    def _apart(self) -> Sight:
        """Is the text of another colour than its ground?"""
        if self.colour is not None and self.colour.alpha <= _GONE:
            return Sight.HIDDEN
        if self.colour is None or self.ground is None:
            return Sight.DOUBTED
        found = _below(self.colour.over(self.ground).distance(self.ground), _SAME, _NEAR)
        return found if self.grounded else min(found, Sight.DOUBTED)


def _below(value: float, hidden: float, doubted: float) -> Sight:
    return Sight.HIDDEN if value <= hidden else Sight.DOUBTED if value <= doubted else Sight.SEEN


def _beyond(value: float | None, least: float, most: float = _OFF) -> Sight:
    """How a text is seen that is moved by so much, against the way in which it is read."""
    if value is None:
        return Sight.DOUBTED
    if value <= -_OFF or value >= _AWAY:
        return Sight.HIDDEN
    return Sight.DOUBTED if value <= -least or value >= most else Sight.SEEN


def length(word: str, size: float | None = _NORMAL) -> float | None:
    """Return a length in CSS pixels, roughly; None for what is no length, or must be worked out."""
    if not (found := _LENGTH.fullmatch(word)):
        return None
    amount, unit = float(found[1]), found[2]
    if not amount:
        return 0.0
    factor = (_NORMAL if size is None else size) if unit in ("em", "ex", "ch", "lh") else _UNITS.get(unit)
    return None if factor is None else amount * factor


def within(around: Look, style: Style) -> Look:
    """Return the look of an element of this style inside one of that look."""
    if not style:
        return around
    look = replace(around, size=_size(around.size, style.get("font-size")))
    for name, words in style.items():
        if words and (change := _CHANGES.get(name)):
            look = change(look, words)
    ground = _ground(look, style)
    look = replace(look, ground=ground, grounded=look.grounded or ground is not around.ground)
    if style.keys() <= _JUST_TEXT:
        return look
    return replace(look, whole=max(look.whole, *(judge(style, look) for judge in _JUDGES)))


def _size(around: float | None, words: Words | None) -> float | None:
    if not words:
        return around
    word = words[0]
    if word in _SIZES:
        return _SIZES[word]
    if word in _FACTORS:
        return None if around is None else around * _FACTORS[word]
    if word.endswith(("%", "em", "ex", "ch")) and not word.endswith("rem") and (found := _LENGTH.fullmatch(word)):
        factor = {"%": 0.01, "em": 1.0}.get(found[2], 0.5)
        return None if around is None else float(found[1]) * factor * around
    return length(word)


def _colour(look: Look, words: Words) -> Look:
    word = words[0]
    if word in ("inherit", "unset", "currentcolor"):
        return look
    return replace(look, colour=BLACK if word in ("initial", "revert", "auto") else colour(word))


def _visibility(look: Look, words: Words) -> Look:
    shown = {"visible": Sight.SEEN, "initial": Sight.SEEN, "hidden": Sight.HIDDEN, "collapse": Sight.HIDDEN}
    doubted = Sight.DOUBTED if "(" in words[0] else look.visible
    return replace(look, visible=shown.get(words[0], doubted))


def _opacity(look: Look, words: Words) -> Look:
    found = _LENGTH.fullmatch(words[0])
    if not found or found[2] not in ("", "%"):
        return look if "(" not in words[0] else replace(look, whole=max(look.whole, Sight.DOUBTED))
    part = float(found[1]) / (100 if found[2] else 1)
    return replace(look, opacity=look.opacity * min(1.0, max(0.0, part)))


def _indented(look: Look, words: Words) -> Look:
    return look if words[0] == "inherit" else replace(look, indented=_beyond(length(words[0], look.size), _FAR))


def _flat(look: Look, words: Words) -> Look:
    """Lines without a height: a box that shows nothing beyond itself shows nothing of them."""
    amount = length(words[0], look.size)
    if amount is not None and _NUMBER.fullmatch(words[0]):
        amount *= look.size or _NORMAL
    return replace(look, flat=Sight.DOUBTED if amount is not None and 0 <= amount <= _SHUT else Sight.SEEN)


def _squeezed(look: Look, words: Words) -> Look:
    """Letters that lie on top of each other."""
    amount = length(words[0], look.size)
    lies_on = amount is not None and amount <= -(look.size or _NORMAL) / 4
    return replace(look, squeezed=Sight.DOUBTED if lies_on or "(" in words[0] else Sight.SEEN)


_CHANGES: Mapping[str, Callable[[Look, Words], Look]] = MappingProxyType(
    {
        "color": _colour,
        "text-fill-color": _colour,
        "visibility": _visibility,
        "opacity": _opacity,
        "text-indent": _indented,
        "letter-spacing": _squeezed,
        "line-height": _flat,
    }
)


def _ground(look: Look, style: Style) -> Colour | None:
    """What lies behind the text; None for a picture."""
    if (image := style.get("background-image", ("none",))) and image[0] not in ("none", "initial", "inherit", "unset"):
        return None
    word = style.get("background-color", ("transparent",))[0]
    if word in ("transparent", "initial", "inherit", "unset", "none", "revert"):
        return look.ground
    found = colour(word)
    if found is None or found.alpha >= 1:
        return found
    if found.alpha == 0:
        return look.ground
    return None if look.ground is None else found.over(look.ground)


def _display(style: Style, _look: Look) -> Sight:
    word = style.get("display", ("",))[0]
    if word in ("none", "table-column", "table-column-group"):
        return Sight.HIDDEN
    return Sight.DOUBTED if "(" in word else Sight.SEEN


def _box(style: Style, look: Look) -> Sight:
    """A box too small for its text, from which nothing sticks out."""
    names = [f"{most}{side}" for side in ("height", "width") if not _is_at_least(style, side) for most in ("", "max-")]
    sizes = [style[name][0] for name in names if style.get(name)]
    if style.get("overflow", ("visible",))[0] in ("visible", "initial", "unset"):
        return Sight.DOUBTED if length(style.get("max-height", ("none",))[0]) == 0 else Sight.SEEN
    lengths = [inf if word.endswith("%") and length(word) else length(word, look.size) for word in sizes]
    least = min((one for one in lengths if one is not None), default=inf)
    worked_out = any("(" in word for word in sizes)
    return max(_below(least, _SHUT, _NARROW), Sight.DOUBTED if worked_out else Sight.SEEN)


def _is_at_least(style: Style, side: str) -> bool:
    """Does a least size keep the box open? `width:0; min-width:100%` fills a column."""
    return (length(style.get(f"min-{side}", ("0",))[0]) or 0) > _NARROW


def _place(style: Style, look: Look) -> Sight:
    """Moved off the page, or taken out of the text so that it may lie anywhere."""
    found = Sight.SEEN
    moved = style.get("position", ("static",))[0] not in ("static", "initial", "unset")
    if moved and style["position"][0] != "relative":
        found = Sight.DOUBTED
    if moved and style.get("z-index", ("0",))[0].startswith("-"):
        found = Sight.DOUBTED
    for name in ("left", "top", "right", "bottom") if moved else ():
        word = style.get(name, ("auto",))[0]
        found = max(found, Sight.SEEN if word.isalpha() else _beyond(length(word, look.size), _FAR))
    for name in ("margin-left", "margin-top", "padding-left", "padding-top"):
        # What must be worked out is the room around a column, as a rule.
        found = max(found, _beyond(length(style.get(name, ("0",))[0], look.size) or 0, _FAR))
    return found


def _clipped(style: Style, _look: Look) -> Sight:
    """Cut off by a path: a path that is nothing hides."""
    found = Sight.SEEN
    if (word := "".join(style.get("clip", ("auto",)))) not in ("auto", "initial", "unset", "inherit"):
        found = Sight.HIDDEN if _numbers(word) <= _SHUT else Sight.DOUBTED
    if (word := "".join(style.get("clip-path", ("none",)))) not in ("none", "initial", "unset", "inherit"):
        first = _NUMBER.search(word)
        shut = float(first[0]) >= 50 if word.startswith("inset") and first and "%" in word else _numbers(word) == 0
        found = max(found, Sight.HIDDEN if shut else Sight.DOUBTED)
    return found


def _numbers(word: str) -> float:
    """The largest number in a value; more than any where there is none."""
    return max((abs(float(one)) for one in _NUMBER.findall(word)), default=inf)


_SCALE = re.compile(r"(?:scale(?:3d|[xyz])?|matrix)\((?:[^()]*[, ])?-?0*\.?0+[ ,)]|perspective\(0")


def _transformed(style: Style, _look: Look) -> Sight:
    """Turned, moved or made small."""
    found = Sight.SEEN
    for name in ("transform", "translate", "scale", "rotate", "zoom"):
        word = " ".join(style.get(name, ("none",)))
        if word in ("none", "normal", "initial", "unset", "inherit", "1", "100%"):
            continue
        small = name in ("scale", "zoom") and any(float(one) <= _GONE for one in _NUMBER.findall(word))
        away = "translate" in f"{name} {word}" and _OFF <= _numbers(word) < inf
        found = max(found, Sight.HIDDEN if small or away or _SCALE.search(word) else Sight.DOUBTED)
    return found


_NO_OPACITY = re.compile(r"opacity(?:\(| = )0*\.?0*%?\)")
_HARMLESS = ("none", "initial", "unset", "inherit", "normal", "auto", "visible")


def _effects(style: Style, _look: Look) -> Sight:
    """What paints over the text, or takes its place; which of them leave it to be read is not looked into."""
    found = Sight.SEEN
    if style.get("content-visibility", ("auto",))[0] == "hidden" or _NO_OPACITY.search(
        " ".join(style.get("filter", ()))
    ):
        found = Sight.HIDDEN
    for name in ("filter", "mask", "animation", "mix-blend-mode", "text-security", "content-visibility"):
        found = max(found, Sight.SEEN if style.get(name, ("none",))[0] in _HARMLESS else Sight.DOUBTED)
    # Outlook alone hides it: beside a button that it draws itself, all others see this one.
    return max(found, Sight.DOUBTED if style.get("mso-hide", ("none",))[0] == "all" else Sight.SEEN)


#: What no judge asks for.
_JUST_TEXT = frozenset({*_CHANGES, "font-size", "background-color", "background-image"})
_JUDGES = (_display, _box, _place, _clipped, _transformed, _effects)
