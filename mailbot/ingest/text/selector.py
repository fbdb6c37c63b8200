"""Selectors of a style sheet (Selectors Level 3), and whether an element of a mail is meant by one.

Types, classes, ids, attributes and what they stand in are understood. A selector with more to it is taken without what
is not understood, and then holds perhaps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tinycss2.ast import Node

#: What is done to an element, not what it is: such a rule does not hold when a mail is read.
_DONE_TO_IT = frozenset({"hover", "active", "focus", "focus-within", "focus-visible", "visited", "target", "checked"})
_BESIDE_IT = frozenset({"before", "after", "selection", "placeholder", "marker", "backdrop"})


@dataclass(frozen=True, slots=True)
class Subject:
    """An element as selectors see it."""

    tag: str
    id: str = ""
    classes: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Compound:
    """What one element must be: `td.x#y[z]`."""

    tag: str = ""
    id: str = ""
    classes: set[str] = field(default_factory=set)
    #: Name, operator ("" for its being there), value.
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    #: Does a `>` stand before it?
    child: bool = False

    def fits(self, subject: Subject) -> bool:
        """Is it this element?"""
        if self.tag not in ("", "*", subject.tag) or self.id not in ("", subject.id):
            return False
        return self.classes <= subject.classes and all(_has(subject, *one) for one in self.attributes)


@dataclass(slots=True)
class Selector:
    """The compounds of a selector, the outermost first."""

    compounds: list[Compound] = field(default_factory=lambda: [Compound()])
    maybe: bool = False

    @property
    def last(self) -> Compound:
        """What the element itself must be."""
        return self.compounds[-1]

    @property
    def weight(self) -> tuple[int, int, int]:
        """Its specificity."""
        of = self.compounds
        classes = sum(len(one.classes) + len(one.attributes) for one in of)
        return sum(bool(one.id) for one in of), classes, sum(one.tag not in ("", "*") for one in of)

    def fits(self, subject: Subject, around: Sequence[Subject]) -> bool:
        """Does it mean this element, which stands in those, the innermost last? Takes time with their number."""
        if not self.last.fits(subject):
            return False
        before = self.compounds[:-1]
        # Which of its beginnings hold for the element looked at, and which for one around that.
        here, above = [False] * len(before), [False] * len(before)
        for one in around if before else ():
            held = here
            here = [
                (not place or (held if compound.child else above)[place - 1]) and compound.fits(one)
                for place, compound in enumerate(before)
            ]
            above = [was or held for was, held in zip(above, here, strict=True)]
        return not before or (here if self.last.child else above)[-1]


def selectors(prelude: Sequence[Node]) -> Iterator[Selector]:
    """Yield the selectors before a block; those that can hold for no text are left out."""
    parts: list[list[Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        elif token.type != "comment":
            parts[-1].append(token)
    for part in parts:
        if (found := _selector(part)) is not None:
            yield found


def _selector(tokens: Sequence[Node]) -> Selector | None:
    """Read one selector; None for one that means nothing that is text when a mail is read."""
    found, index, apart = Selector(), 0, False
    while index < len(tokens):
        token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
        index += 1
        if token.type == "whitespace":
            apart = found.last != Compound(child=found.last.child)
            continue
        if token.type == "literal" and token.value in (">", "+", "~"):
            found, apart = _combined(found, token.value), False
            continue
        if apart:
            found.compounds.append(Compound())
            apart = False
        if token.type == "literal" and token.value in (".", ":"):
            if token.value == ":" and not _pseudo(found, tokens[index:]):
                return None
            if token.value == "." and following is not None and following.type == "ident":
                found.last.classes.add(following.value.lower())
            elif token.value == ".":
                found.maybe = True
            index += _length(tokens[index:]) if token.value == ":" else 1
        else:
            _simple(found, token)
    return found


def _combined(found: Selector, sign: str) -> Selector:
    """Begin the compound behind a sign; what stands beside an element is not known, so it is left out."""
    if sign == ">":
        found.compounds.append(Compound(child=True))
        return found
    return Selector(maybe=True)


def _simple(found: Selector, token: Node) -> None:
    match token.type:
        case "ident":
            found.last.tag = token.lower_value
        case "hash":
            found.last.id = token.value.lower()
        case "[] block":
            _attribute(found, [one for one in token.content if one.type not in ("whitespace", "comment")])
        case "literal" if token.value == "*":
            found.last.tag = found.last.tag or "*"
        case _:
            found.maybe = True


def _attribute(found: Selector, tokens: Sequence[Node]) -> None:
    if not tokens or tokens[0].type != "ident":
        found.maybe = True
    elif len(tokens) == 1:
        found.last.attributes.append((tokens[0].lower_value, "", ""))
    elif tokens[1].type == "literal" and len(tokens) >= 3 and tokens[2].type in ("ident", "string"):
        found.last.attributes.append((tokens[0].lower_value, tokens[1].value, tokens[2].value.lower()))
    else:
        found.maybe = True


def _pseudo(found: Selector, tokens: Sequence[Node]) -> bool:
    """Take what stands behind a colon: can it be true of text when a mail is read?"""
    token = next((one for one in tokens[:2] if one.type in ("ident", "function")), None)
    name = getattr(token, "lower_value", "") or getattr(token, "lower_name", "")
    if name in _DONE_TO_IT or name in _BESIDE_IT:
        return False
    found.maybe = True
    return True


def _length(tokens: Sequence[Node]) -> int:
    """How many tokens a pseudo-class or pseudo-element has behind its first colon."""
    return 2 if tokens and tokens[0].type == "literal" and tokens[0].value == ":" else 1


def _has(subject: Subject, name: str, operator: str, wanted: str) -> bool:
    value = subject.attributes.get(name)
    if value is None:
        return False
    value = value.lower()
    match operator:
        case "":
            return True
        case "=":
            return value == wanted
        case "~=":
            return wanted in value.split()
        case "|=":
            return value == wanted or value.startswith(f"{wanted}-")
        case "^=":
            return bool(wanted) and value.startswith(wanted)
        case "$=":
            return bool(wanted) and value.endswith(wanted)
        case _:
            return bool(wanted) and wanted in value
