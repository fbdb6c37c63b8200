"""A mail's words, cut into clauses and sentences, and which of them a list of phrases covers. Decides nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache

from mailbot.process import Phrases
from mailbot.process.phrase import (
    CLAUSE,
    DOUBT,
    NEGATION,
    PLAIN,
    QUESTION,
    SAD,
    SENTENCE,
    Finder,
    Line,
    words_as_written,
    words_of,
)

#: A word or number; a dot or dash that stands by itself; another sign; line breaks.
_TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*|\.(?!\w)|(?<=\s)-+(?=\s)|[^\w\s.-]|\n\s*")
_ENDS = dict.fromkeys(',:-()[]\u2013\u2014\u00ab\u00bb\u201c\u201d\u201e"', CLAUSE)
_ENDS |= dict.fromkeys(".!;\u203c", SENTENCE) | dict.fromkeys("?\u061f\u2049", QUESTION)
#: Signs around what somebody else said.
_QUOTES = re.compile('["\u00ab\u00bb\u201c\u201d\u201e]')
#: A line that is shorter ends a clause; a longer one may have been wrapped.
_WRAPPED = 50
#: So many words may be a name below a sign-off, with what somebody is.
_NAME = 5
#: So many words a greeting and the name behind it have.
_GREETING = 2
#: The lists whose phrases are no names.
_SPEAKING = ("all_clear", "close", "thanks", "promise", "objection", "escalation", "urgency", "beside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The phrases of all languages, each list as one finder."""

    all_clear: Finder
    good_sign: Finder
    close: Finder
    close_sign: Finder
    thanks: Finder
    thanks_sign: Finder
    promise: Finder
    objection: Finder
    escalation: Finder
    urgency: Finder
    no_escalation: Finder
    own_people: Finder
    beside: Finder
    unsettled: Finder
    negation: Finder
    doubt: Finder
    trouble: Finder
    bad_sign: Finder
    condition: Finder
    supposition: Finder
    reserve: Finder
    leave: Finder
    courtesy: Finder
    #: Is a clause that no phrase fits a doubt?
    strict: bool


@lru_cache(maxsize=16)
def lists(languages: tuple[Phrases, ...]) -> Lists:
    """Return the lists of these languages together."""
    names = (field.name for field in fields(Lists) if field.name != "strict")
    finders = {name: Finder(phrase for one in languages for phrase in getattr(one, name)) for name in names}
    return Lists(**finders, strict=any(one.beside for one in languages))


def _on_lines(text: str) -> list[tuple[str, int]]:
    """Return the words and ends, each with the number of the line that it stands on."""
    found, since, line = [(SENTENCE, 0)], 0, 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token[0] == "\n":
            end = SENTENCE if token.count("\n") > 1 else CLAUSE if match.start() - since < _WRAPPED else ""
            since, line = match.end(), line + 1
        else:
            end = _ENDS.get(token[0], "")
        if end:
            found.append((end, line))
        elif token[0].isalnum() or token == SAD:
            found.append((token, line))
    return [*found, (SENTENCE, line)]


def _without_capital(text: str, words: list[str]) -> set[int]:
    """Return the positions of the words that do not begin with a capital letter; of all where capitals say nothing."""
    written = [word for word, _ in _on_lines(words_as_written(text))]
    same = len(written) == len(words) and not text.isupper()
    return {n for n, word in enumerate(words) if word[0].isalnum() and not (same and written[n][0] != word[0])}


def within(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    """Does a span of words stand within one of the others?"""
    return any(first <= span[0] and span[1] <= end for first, end in others)


class Said:
    """A text that the phrases are looked for in; positions count its words and ends."""

    def __init__(self, text: str, known: Lists, names: Iterable[str] = ()) -> None:
        """Cut the text; `names` are words that say nothing by themselves."""
        self.quoted = _QUOTES.search(text) is not None
        on_lines = _on_lines(words_of(text))
        self.words, self._on = [word for word, _ in on_lines], [line for _, line in on_lines]
        self._line = Line(self.words, [""] * len(self.words))
        self._found: dict[Finder, list[tuple[int, int]]] = {}
        self.negations = self.covered(known.negation)
        self.suppositions = self.covered(known.supposition)
        self.conditions = self.covered(known.condition) | self.suppositions
        sad = {n for n, word in enumerate(self.words) if word == SAD}
        self.doubts = self.covered(known.doubt) | self.negations | sad
        self.bad = self.covered(known.bad_sign)
        self.troubles = self.covered(known.trouble) | self.bad
        marked = dict.fromkeys(self.conditions | self.doubts | self.troubles, DOUBT)
        marked |= dict.fromkeys(self.negations, NEGATION)
        # Somebody may be called Will: what is a condition stays one.
        self.names = {n for n, word in enumerate(self.words) if word in frozenset(names)} - marked.keys()
        self._plain = _without_capital(text, self.words) - self.names
        marks = dict.fromkeys(self._plain, PLAIN) | marked
        self._line, self._found = Line(self.words, [marks.get(n, "") for n in range(len(self.words))]), {}
        #: The names that are known, or written and placed as names are.
        self.sure_names = self.names | (self._greeted(known) | self._signed(known, sure=True)) - marked.keys()
        self.names = self.sure_names | self._signed(known) - marked.keys()

    def _greeted(self, known: Lists) -> set[int]:
        """Return the words that stand as a name does behind a bare greeting on the line of it: `Hi, Peter`."""
        clauses, courtesy = self.ranges(), self.covered(known.courtesy)
        if len(clauses) < _GREETING or not courtesy >= set(clauses[0]) or max(map(len, clauses[:2])) > _GREETING:
            return set()
        first, name = clauses[:2]
        beside = self._on[first.start] == self._on[name.start] and self.names.isdisjoint(first)
        return set() if not beside or self._plain & set(name) else self._silent(known, set(name))

    def _signed(self, known: Lists, *, sure: bool = False) -> set[int]:
        """Return the words that stand below the sign-off; if it must be `sure`, those that begin with a name there."""
        clauses, courtesy = self.ranges(), self.covered(known.courtesy)
        last = max((n for n, one in enumerate(clauses) if n and courtesy >= set(one)), default=len(clauses))
        below = [n for clause in clauses[last + 1 :] for n in clause]
        if len(below) > _NAME or any(self.words[n][0].isdigit() for n in below):
            return set()
        unsure = sure and below and not self._plain.isdisjoint(clauses[last + 1])
        return set() if unsure else self._silent(known, {*below})

    def _silent(self, known: Lists, words: set[int]) -> set[int]:
        """Return the words, if none of them says anything."""
        speaking = self.covered(*(getattr(known, name) for name in _SPEAKING)) if words else frozenset()
        return words if speaking.isdisjoint(words) else set()

    def spans(self, phrases: Finder) -> list[tuple[int, int]]:
        """Return where the phrases stand: the position of the first word, and the one behind the last."""
        if phrases not in self._found:
            self._found[phrases] = phrases.spans(self._line)
        return self._found[phrases]

    def covered(self, *lists: Finder) -> frozenset[int]:
        """Return the positions of all words of the phrases that were found."""
        return frozenset(n for phrases in lists for first, end in self.spans(phrases) for n in range(first, end))

    def clause(self, position: int) -> range:
        """Return the positions of the clause that a word stands in."""
        return self._between(position, CLAUSE + SENTENCE + QUESTION)

    def sentence(self, position: int) -> range:
        """Return the positions of the sentence that a word stands in; its end lies behind the last."""
        return self._between(position, SENTENCE + QUESTION)

    def asks(self, position: int) -> bool:
        """Is the sentence of this word a question?"""
        return self.words[self.sentence(position).stop] == QUESTION

    def supposed(self, position: int) -> bool:
        """Does a condition stand before this word in its sentence?"""
        return any(n in self.suppositions for n in self.sentence(position) if n < position)

    def said(self) -> list[int]:
        """Return the positions of the words."""
        return [n for n, word in enumerate(self.words) if word[0].isalnum()]

    def ranges(self) -> list[range]:
        """Return the clauses."""
        return list(dict.fromkeys(self.clause(n) for n in self.said()))

    def _between(self, position: int, ends: str) -> range:
        first, last = position, position
        while self.words[first - 1] not in ends:
            first -= 1
        while self.words[last] not in ends:
            last += 1
        return range(first, last)
