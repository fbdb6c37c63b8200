"""The phrases of customers as patterns: a small language of words, in which people can write what others may say.

A phrase is words, lower case, as in `works again`. Beside them it may have

- `stem*` or `*end`: any word that begins or ends so;
- `(one|another)`: one of them; `[word]`: it may be missing;
- `..`: up to three words in between, none of doubt or condition; `...`: up to seven; `~`: up to five, but no negation;
- `@`: up to three words as a name has them: with a capital letter, or known to be somebody's name;
- `=word`: with its accents only; `^`, `$`: the beginning and the end of a clause; `,`: a clause may end here.

A letter with an accent also matches the letter without it, for many people type so. A phrase follows all its ways
through the words at once, so that finding it takes time in proportion to the text. Knows no language.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

#: What ends a clause, a sentence, a question.
CLAUSE, SENTENCE, QUESTION = ",", ".", "?"
#: Marks of words: a negation; another word of doubt, or a condition.
NEGATION, DOUBT = "!", "+"
#: Marks what is written as no name is: without a capital letter.
PLAIN = "="
_ENDS = (CLAUSE, SENTENCE, QUESTION)
#: A sad face, of which there are many: "works :(" is no all-clear.
SAD = "\u2639"
#: Letters that are drawled: `merciiii` is `merci`.
_DRAWLED = re.compile(r"([^\W\d_])\1{2,}")
_SAD = re.compile(
    "(?<!\\w)[:;=][\u2019']?-?[(/\\\\](?!\\w)|[\u2639\U0001f612-\U0001f616\U0001f61e-\U0001f629\U0001f62b\U0001f62d"
    "\U0001f62f-\U0001f631\U0001f620-\U0001f624\U0001f641\U0001f44e\U0001f926\U0001f92c\U0001f644]\ufe0f?"
)
#: As people type them: straight, typographic, and the two accents.
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
#: French words lose their vowel before another: `l'imprimante` is two words, `doesn't` is one.
_ELISION = re.compile(
    "\\b(l|d|n|s|c|j|m|t|qu|jusqu|lorsqu|puisqu|quelqu|aujourd)['\u2018\u2019\u02bc`\u00b4](?=\\w)", re.IGNORECASE
)
_ATOM = re.compile(r"=?[\w*]+|\.\.\.?|[~^$,@]")
_WORD, _PIECE = re.compile(r"\s*=?[\w*]+\s*"), re.compile(rf"[(\[]|{_ATOM.pattern}")
_BORDER, _BRACKET = re.compile(r"[()\[\]|]"), re.compile(r"[()\[\]]")
#: How many words a gap may have, and the marks of words that it may not.
_GAPS = {
    "..": (3, NEGATION + DOUBT),
    "...": (7, NEGATION + DOUBT),
    "~": (5, NEGATION),
    "@": (3, NEGATION + DOUBT + PLAIN),
}
#: Other spellings beside the bare letter.
_SPELT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


@dataclass(frozen=True, slots=True)
class Line:
    """A text's words and ends of clauses, the last of them the end of a sentence; beside each its mark or ""."""

    words: Sequence[str]
    marks: Sequence[str]


#: From where a part of a phrase begins to where it may be over.
Step = Callable[[Line, frozenset[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a phrase."""

    step: Step
    #: The words that it can begin with, `stem*` for any that begins so; none where that is open.
    first: frozenset[str] | None
    #: Can it be nothing?
    empty: bool = False


def words_of(text: str) -> str:
    """Return the text in lower case, its words as the phrases have them; other signs stay."""
    return _spelt(unicodedata.normalize("NFKC", text).lower())


def words_as_written(text: str) -> str:
    """Return the same words with their capital letters."""
    return _spelt(unicodedata.normalize("NFKC", text))


def _spelt(plain: str) -> str:
    apart = _SAD.sub(f" {SAD} ", _DRAWLED.sub(r"\1", plain))
    return _APOSTROPHES.sub("", _ELISION.sub(r"\1 ", apart))


def wrong(phrase: str) -> str:
    """Say what is wrong with a phrase, "" if it is one."""
    if not re.search(r"[^\W_]", phrase):
        return "has no word that could be found; remove it"
    if phrase != phrase.lower():
        return (
            "has capital letters, and mails are read without regard to them; write it in lower case, as all phrases are"
        )
    try:
        found_everywhere = parsed(phrase).empty
    except ValueError:
        return "has brackets that do not fit together; write (one|another) or [maybe]"
    return "would be found in every text; say at least one word that must be there" if found_everywhere else ""


def parsed(phrase: str) -> Part:
    """Return a phrase ready to be looked for. Raises ValueError where its brackets do not fit together."""
    return _ways(words_of(phrase))


class Finder:
    """Finds any of some phrases; looks only at those that can begin with the word that stands there."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take phrases that are right. Raises ValueError otherwise."""
        self._open: list[Step] = []
        self._by_first: dict[str, list[Step]] = {}
        for part in map(parsed, dict.fromkeys(phrases)):
            # A stem is looked for at its first letter, a word at itself: no word of a text is a letter and a star.
            for key in {word[0] + "*" if word.endswith("*") else word for word in part.first or ()}:
                self._by_first.setdefault(key, []).append(part.step)
            if part.first is None:
                self._open.append(part.step)

    def spans(self, line: Line) -> list[tuple[int, int]]:
        """Return where phrases stand: the position of the first word, and the one behind the last."""
        found = []
        for n, word in enumerate(line.words[:-1]):
            here = frozenset((n,))
            steps = (*self._by_first.get(word, ()), *self._by_first.get(word[0] + "*", ()), *self._open)
            end = max((max(over) for step in steps if (over := step(line, here))), default=n)
            if end > n:
                found.append((n, end))
        return found


@cache
def _ways(text: str) -> Part:
    """Return the ways that a text gives, one of which is taken."""
    ways = [_sequence(way) for way in _split(text)]
    # Single words and stems are looked up together.
    single = [way for way in ways if isinstance(way, frozenset)]
    parts = [way for way in ways if isinstance(way, Part)]
    if single:
        parts.append(_one_of(frozenset().union(*single)))
    if len(parts) == 1:
        return parts[0]
    steps = [part.step for part in parts]

    def step(line: Line, at: frozenset[int]) -> frozenset[int]:
        return frozenset().union(*(one(line, at) for one in steps))

    return Part(step, _union(part.first for part in parts), any(part.empty for part in parts))


def _split(text: str) -> list[str]:
    """Return what stands between the bars that are in no brackets. Raises ValueError."""
    depth, ways, since = "", [], 0
    for found in _BORDER.finditer(text):
        sign = found.group()
        if sign in "([":
            depth += ")" if sign == "(" else "]"
        elif sign != "|":
            if not depth.endswith(sign):
                raise ValueError(text)
            depth = depth[:-1]
        elif not depth:
            ways.append(text[since : found.start()])
            since = found.end()
    if depth:
        raise ValueError(text)
    return [*ways, text[since:]]


@cache
def _sequence(text: str) -> Part | frozenset[str]:
    """Return the parts of one way in their order; the spellings of a word or stem that stands alone."""
    if _WORD.fullmatch(text):
        return _spellings(text.strip())
    parts = list(_parts(text))
    firsts: list[frozenset[str] | None] = []
    for part in parts:
        firsts.append(part.first)
        if not part.empty:
            break
    steps = [part.step for part in parts]

    def step(line: Line, at: frozenset[int]) -> frozenset[int]:
        for one in steps:
            at = one(line, at)
            if not at:
                break
        return at

    return Part(step, _union(firsts), all(part.empty for part in parts))


def _parts(text: str) -> Iterable[Part]:
    at = 0
    while found := _PIECE.search(text, at):
        at = found.end()
        if (sign := found.group()) in "([":
            inside = _inside(text, found.start())
            at += len(inside) + 1
            yield _maybe(_ways(inside)) if sign == "[" else _ways(inside)
        else:
            yield _atom(sign)


def _inside(text: str, at: int) -> str:
    """Return what stands in the brackets that open there."""
    depth = 0
    for found in _BRACKET.finditer(text, at):
        depth += 1 if found.group() in "([" else -1
        if not depth:
            return text[at + 1 : found.start()]
    raise ValueError(text)


@cache
def _atom(atom: str) -> Part:
    if atom in _GAPS:
        return _gap(*_GAPS[atom])
    if atom == "^":
        return Part(lambda line, at: frozenset(n for n in at if line.words[n - 1] in _ENDS), frozenset(), empty=True)
    if atom == "$":
        return Part(lambda line, at: frozenset(n for n in at if line.words[n] in _ENDS), frozenset(), empty=True)
    if atom == CLAUSE:
        return _maybe(_one_of(frozenset((CLAUSE,))))
    return _one_of(_spellings(atom))


def _one_of(words: frozenset[str]) -> Part:
    """Return any of some words, and of stems, of which one end is open."""
    whole = frozenset(word for word in words if "*" not in word)
    stems = tuple(word.partition("*") for word in sorted(words - whole))
    if not stems:
        return Part(lambda line, at: frozenset(n + 1 for n in at if line.words[n] in whole), whole)
    heads = tuple(head for head, _, tail in stems if not tail)
    ends = tuple((head, tail) for head, _, tail in stems if tail)

    def fits(word: str) -> bool:
        if word in whole:
            return True
        begins = word.startswith(heads) or any(word.startswith(head) and word.endswith(tail) for head, tail in ends)
        return begins and word not in _ENDS

    first = whole | {head + "*" for head, _, _ in stems} if all(head for head, _, _ in stems) else None
    return Part(lambda line, at: frozenset(n + 1 for n in at if fits(line.words[n])), first)


def _gap(most: int, without: str) -> Part:
    def step(line: Line, at: frozenset[int]) -> frozenset[int]:
        reached = at
        for _ in range(most):
            at = frozenset(n + 1 for n in at if line.words[n] not in _ENDS and (line.marks[n] or " ") not in without)
            reached |= at
        return reached

    return Part(step, None, empty=True)


def _maybe(part: Part) -> Part:
    return Part(lambda line, at: at | part.step(line, at), part.first, empty=True)


def _union(firsts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    known: set[str] = set()
    for first in firsts:
        if first is None:
            return None
        known |= first
    return frozenset(known)


@cache
def _spellings(word: str) -> frozenset[str]:
    if word.startswith("="):
        return frozenset((word[1:],))
    return frozenset("".join(letters) for letters in product(*map(_letter, word)))


@cache
def _letter(letter: str) -> tuple[str, ...]:
    bare = "".join(sign for sign in unicodedata.normalize("NFD", letter) if not unicodedata.combining(sign))
    return tuple(dict.fromkeys((letter, _SPELT.get(letter, bare), bare)))
