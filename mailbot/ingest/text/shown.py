"""What a mail shows of each of its elements: its style sheets and attributes put together (CSS Cascading Level 4).

Where a rule holds perhaps, the look of an element is worked out twice, with such rules and without: what only one of
the two shows is doubted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from types import MappingProxyType

from mailbot.ingest.text import style
from mailbot.ingest.text.look import TINY, Look, Sight, within
from mailbot.ingest.text.selector import Subject
from mailbot.ingest.text.style import Declared, Rule, Words

#: How often a part of a selector is held against an element; a mail that asks for more is doubted from there on.
_MOST_TRIALS = 200_000
#: Attributes that speak of looks, and the property that they stand for.
_GROUNDS = ("body", "table", "tbody", "thead", "tfoot", "tr", "td", "th")
_SPEAK = {
    "font": {"color": "color"},
    **{tag: {"bgcolor": "background-color"} for tag in _GROUNDS},
    "body": {"text": "color", "bgcolor": "background-color"},
}
_FIGURES = re.compile(r"[0-9a-f]{6}")
#: What is shown where somebody asks for it, or by some programs alone.
_PERHAPS = frozenset({"details", "dialog", "audio", "video", "canvas", "rp", "progress", "meter", "marquee", "map"})
_NEVER = frozenset({"datalist", "area", "base", "param"})
_BODY = re.compile(r"<(?:html|body)\b[^>]{0,2000}>", re.IGNORECASE)
NOTHING_SAID: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Looks:
    """An element's look without the rules that hold perhaps, and with them."""

    sure: Look
    perhaps: Look

    @property
    def sight(self) -> Sight:
        """Whether text that stands right in it is seen."""
        sure = self.sure.sight
        return sure if self.perhaps is self.sure or self.perhaps.sight is sure else Sight.DOUBTED

    def in_table(self) -> "Looks":
        """The same around a table, which takes on the size around it by the rules of today, not by older ones."""
        if self.sure.size and self.sure.size > TINY:
            return self
        sure = replace(self.sure, size=None)
        return Looks(sure, sure if self.perhaps is self.sure else replace(self.perhaps, size=None))

    def at_least(self, sight: Sight) -> "Looks":
        """The same, where the element as a whole is seen no better than so."""
        if self.sure.whole >= sight and self.perhaps.whole >= sight:
            return self
        sure, perhaps = (replace(one, whole=max(one.whole, sight)) for one in (self.sure, self.perhaps))
        return Looks(sure, sure if self.perhaps is self.sure else perhaps)


class Styles:
    """The styles of one mail."""

    def __init__(self, source: str) -> None:
        """Read the sheets of a mail, and the attributes of its body."""
        sheet = style.sheet_of(source)
        self.unread = sheet.unread
        self._rules: dict[str, list[Rule]] = {}
        for rule in sheet.rules:
            self._rules.setdefault(_key(rule), []).append(rule)
        self._trials = _MOST_TRIALS
        self._left = style.MOST
        self._read: dict[str, Declared] = {}
        #: What was worked out, by what it was worked out from; with that, so that its identity is its own.
        self._known: dict[tuple[object, ...], tuple[Looks, Looks]] = {}
        #: Names of attributes that selectors ask for.
        self.attributes = {
            name for rule in sheet.rules for one in rule.selector.compounds for name, *_ in one.attributes
        }
        self.body, self.around = self._outermost(source)

    def _outermost(self, source: str) -> tuple[Looks, list[Subject]]:
        """Return the look of the body, and what every element stands in."""
        page = _Page()
        page.feed("".join(match[0] for match in list(_BODY.finditer(source[:100_000]))[:4]))
        looks, around = Looks(look := Look(), look), list[Subject]()
        for tag in ("html", "body"):
            looks, subject = self.inside(looks, tag, page.attributes.get(tag, NOTHING_SAID), around)
            around.append(subject)
        return looks, around

    def doubt_all(self) -> None:
        """Take every text of the mail for one that is perhaps not seen."""
        self.unread, self.body = True, self.body.at_least(Sight.DOUBTED)

    def inside(
        self, looks: Looks, tag: str, attributes: Mapping[str, str], around: Sequence[Subject]
    ) -> tuple[Looks, Subject]:
        """Return the look of an element inside one of that look, and the element as selectors see it."""
        classes = frozenset(attributes.get("class", "").lower().split()) if "class" in attributes else frozenset[str]()
        subject = Subject(tag, attributes.get("id", "").strip().lower(), classes, attributes)
        rules = list(self._meaning(subject, around)) if self._rules else []
        own, hints = self._own(attributes.get("style", "")), _hints(tag, attributes)
        # Brothers look alike: what is worked out for one holds for the others.
        known = (id(looks), tag, "open" in attributes, id(own), *hints.items(), *(rule.order for rule in rules))
        if known not in self._known or self.unread:
            self._known[known] = looks, self._found(looks, tag, rules, hints, own, is_open="open" in attributes)
        return self._known[known][1], subject

    def _found(
        self, looks: Looks, tag: str, rules: Sequence[Rule], hints: dict[str, Words], own: Declared, *, is_open: bool
    ) -> Looks:
        looks = looks.in_table() if tag == "table" else looks
        sure = within(looks.sure, _cascaded(hints, (one for one in rules if not one.maybe), own))
        if looks.perhaps is looks.sure and not any(one.maybe for one in rules):
            found = looks if sure is looks.sure else Looks(sure, sure)
        else:
            found = Looks(sure, within(looks.perhaps, _cascaded(hints, rules, own)))
        if self.unread or (tag in _PERHAPS and not (tag in ("details", "dialog") and is_open)):
            found = found.at_least(Sight.DOUBTED)
        return found.at_least(Sight.HIDDEN) if tag in _NEVER else found

    def _meaning(self, subject: Subject, around: Sequence[Subject]) -> Iterator[Rule]:
        """Yield the rules that mean an element."""
        keys = [f"#{subject.id}"] if subject.id else []
        keys += [f".{name}" for name in subject.classes]
        for rule in (rule for key in (*keys, subject.tag, "") for rule in self._rules.get(key, ())):
            if self._trials <= 0:
                self.unread = True
                return
            self._trials -= 1
            if rule.selector.last.fits(subject):
                self._trials -= len(around) * (len(rule.selector.compounds) - 1)
                if rule.selector.fits(subject, around):
                    yield rule

    def _own(self, text: str) -> Declared:
        """Read a style attribute, each different one once."""
        if not text:
            return _SILENT
        if (found := self._read.get(text)) is None:
            self._left -= len(text)
            self.unread |= self._left < 0
            found = self._read[text] = style.declared(text) if self._left >= 0 else _SILENT
        return found


_SILENT = Declared()


def _key(rule: Rule) -> str:
    """What an element must have to be meant: an id, a class, a tag, or nothing."""
    last = rule.selector.last
    if last.id:
        return f"#{last.id}"
    return f".{min(last.classes)}" if last.classes else last.tag.strip("*")


def _hints(tag: str, attributes: Mapping[str, str]) -> dict[str, Words]:
    """Return what attributes other than `style` say; anything else wins over them."""
    found: dict[str, Words] = {}
    if not attributes:
        return found
    for name, meant in _SPEAK.get(tag, {}).items():
        value = attributes.get(name, "").strip().lower()
        if value:
            # Here the sign before six figures may be left out.
            found[meant] = (f"#{value}" if _FIGURES.fullmatch(value) else value,)
    if attributes.get("background") and tag in _GROUNDS:
        found["background-image"] = ("url()",)
    if "hidden" in attributes:
        found["display"] = ("none",)
    return found


def _cascaded(hints: dict[str, Words], rules: Iterable[Rule], own: Declared) -> Mapping[str, Words]:
    """Let the heavier and the later declarations win, and the important ones over all."""
    ranked = sorted(rules, key=lambda rule: (rule.selector.weight, rule.order))
    if not ranked and not own.important:
        return {**hints, **own.normal} if hints else own.normal
    found = dict(hints)
    for one in (*(rule.declared for rule in ranked), own):
        found.update(one.normal)
    for one in (*(rule.declared for rule in ranked), own):
        found.update(one.important)
    return found


class _Page(HTMLParser):
    """The attributes of `html` and `body`, which the sanitiser takes away."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: dict[str, dict[str, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes; of two such tags the first one's count."""
        known = self.attributes.setdefault(tag, {})
        self.attributes[tag] = {**{name: value or "" for name, value in attrs}, **known}
