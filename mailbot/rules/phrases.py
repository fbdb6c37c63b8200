"""What a customer's short mail means, told from the process's lists of sentences (`semantics.md` 10, 11).

Deterministic and cautious: a negation, a condition or a question makes it no all-clear, and whatever is not on a list
is an ordinary answer.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from mailbot.process import Process

#: The whole new text of an all-clear has at most so many characters.
ALL_CLEAR_LENGTH = 60
#: A promise or a wish to close may be a little longer.
SHORT = 120
#: As people type them: straight, typographic, and the two accents.
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
#: Also the full-width and the Arabic one.
_QUESTION = re.compile("[?\uff1f\u061f]")


class Meaning(StrEnum):
    """What a mail without commands says, as far as the process must know."""

    ALL_CLEAR = "all-clear"
    CLOSE = "wish to close"
    THANKS = "thanks"
    PROMISE = "promise to test"
    #: A greeting or sign-off alone, or nothing.
    COURTESY = "courtesy"
    OTHER = "answer"


def meaning(text: str, process: Process, names: Iterable[str] = ()) -> Meaning:
    """Say what the text means; `names` are the words of people's names, which say nothing by themselves."""
    lists = process.phrases.values()
    negations = {d for phrases in lists for d in phrases.doubt}
    conditions = {c for phrases in lists for c in phrases.condition}
    # Somebody may be called Will: what is a condition stays one.
    known = {normalised(name) for name in names} - negations - conditions
    polite = [p for phrases in lists for p in (*phrases.courtesy, *phrases.thanks)]
    plain = normalised(text)
    if not _without(plain, (p for phrases in lists for p in phrases.courtesy), known):
        return Meaning.COURTESY
    if _QUESTION.search(text) or len(text) > SHORT:
        return Meaning.OTHER
    all_clear = [p for phrases in lists for p in phrases.all_clear]
    close = [p for phrases in lists for p in phrases.close]
    promise = [p for phrases in lists for p in phrases.promise]
    for found, looked_for, beside, doubts, longest in (
        (Meaning.CLOSE, close, all_clear, negations | conditions, SHORT),
        (Meaning.ALL_CLEAR, all_clear, close, negations | conditions, ALL_CLEAR_LENGTH),
        # "Will test and tell you if it works": a condition does not make a promise less of one.
        (Meaning.PROMISE, promise, all_clear, negations, SHORT),
    ):
        rest = _without(plain, looked_for, set())
        if len(text) <= longest and rest != plain and not _holds(_without(rest, (*beside, *polite), known), doubts):
            return found
    return Meaning.OTHER if _without(plain, polite, known) else Meaning.THANKS


def is_courtesy(text: str, process: Process, names: Iterable[str] = ()) -> bool:
    """Say whether the text is a greeting or sign-off alone, which is no message (`semantics.md` 18)."""
    return meaning(text, process, names) is Meaning.COURTESY


def normalised(text: str) -> str:
    """Return the words in lower case, without punctuation, one space between them."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _APOSTROPHES.sub("", plain)
    return re.sub(r"[\W_]+", " ", plain).strip()


def _without(plain: str, phrases: Iterable[str], words: set[str]) -> str:
    """Return what is left of the text when whole phrases, the longest first, and words are taken out."""
    rest = f" {plain} "
    for phrase in sorted((normalised(p) for p in phrases), key=len, reverse=True):
        rest = rest.replace(f" {phrase} ", " ").replace(f" {phrase} ", " ")
    return " ".join(word for word in rest.split() if word not in words)


def _holds(plain: str, phrases: set[str]) -> bool:
    return any(f" {normalised(phrase)} " in f" {plain} " for phrase in phrases)
