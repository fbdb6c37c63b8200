"""What a customer's mail means, told from lists of phrases in several languages (`semantics.md` 10, 11).

Deterministic and cautious: all languages judge every mail, for customers mix them; a negation, a condition or a
question makes it no all-clear, and whatever is not on a list is an ordinary answer. The time taken is in proportion to
the text, of which the beginning is read.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from mailbot.process import Process
from mailbot.process.phrase import QUESTION, SAD
from mailbot.rules.reading import escalation
from mailbot.rules.reading.clauses import Lists, Said, lists, within
from mailbot.rules.reading.impression import (
    SURE,
    SURE_AGAINST,
    SURE_AGAINST_BOTH,
    SURE_BESIDE_SIGNS,
    impression,
)

#: The whole new text of an all-clear has at most so many characters.
ALL_CLEAR_LENGTH = 60
#: A promise, thanks or a wish to close may be a little longer.
SHORT = 160
#: So many characters are read.
LONG = 1200
#: So many words beside what the phrases cover make a doubt, and so many in a clause of their own.
OPEN_WORDS, OPEN_CLAUSE = 3, 2
#: A condition stands so many words before what it is about, at most.
_NEAR = 2
#: What says something of the matter, beside doubts.
_OF_THE_MATTER = ("all_clear", "good_sign", "close", "close_sign", "promise", "objection", "escalation", "urgency")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")


class Meaning(StrEnum):
    """What a mail without commands says, as far as the process must know."""

    ALL_CLEAR = "all-clear"
    CLOSE = "wish to close"
    THANKS = "thanks"
    PROMISE = "promise to test"
    OBJECTION = "objection"
    ESCALATION = "wish to escalate"
    #: A greeting or sign-off alone, or nothing.
    COURTESY = "courtesy"
    OTHER = "answer"


#: What an impression is called here.
_SEEMS = {
    "answer": Meaning.OTHER,
    "all-clear": Meaning.ALL_CLEAR,
    "objection": Meaning.OBJECTION,
    "escalation": Meaning.ESCALATION,
    "close": Meaning.CLOSE,
    "thanks": Meaning.THANKS,
    "promise": Meaning.PROMISE,
}
#: What closes a resolved case.
DONE = (Meaning.ALL_CLEAR, Meaning.CLOSE)
#: What is noted and changes nothing.
NOTED = (Meaning.THANKS, Meaning.PROMISE, Meaning.COURTESY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a mail says, and what it seems to say where that is not clear enough to act on."""

    meaning: Meaning
    #: Nothing closes and nothing escalates for this; who works on the case is told.
    seems: Meaning | None = None
    #: Do single signs alone say so? Then the impression of all words counts more.
    guessed: bool = False
    #: Does it deny a wish to escalate? Then no impression says otherwise.
    calm: bool = False


def understand(text: str, process: Process, names: Iterable[str] = (), *, case: int = 0) -> Understood:
    """Say what the text means; `names` are the words of people's names, which say nothing by themselves.

    A wish to close something with another number than the `case` at hand is none for this one.

    Phrases say what it means. Where they leave it an answer or an objection, the impression of its words says what it
    seems to mean beside, or that an objection is none: either way the case goes on.
    """
    says = _by_phrases(text, process, names, case)
    if says.meaning not in (Meaning.OTHER, Meaning.OBJECTION, Meaning.PROMISE):
        return says
    learnt, probable = impression(text[:LONG], process.learnt)
    seems = _SEEMS.get(learnt)
    if seems is None or not _outweighs(seems, probable, says):
        return says
    if seems is Meaning.OTHER or says.meaning is Meaning.PROMISE:
        return Understood(meaning=Meaning.OTHER, seems=None if seems is Meaning.OTHER else seems)
    return replace(says, seems=None if seems is says.meaning else seems)


def _outweighs(seems: Meaning, probable: float, says: Understood) -> bool:
    """Is an impression sure enough to be told instead of what phrases say? Never instead of what is clear but long."""
    if seems is Meaning.ESCALATION and says.calm:
        return False
    if says.meaning is Meaning.PROMISE:
        return seems is Meaning.ESCALATION and probable >= SURE
    if says.seems and not says.guessed:
        needed = SURE_AGAINST if says.meaning is Meaning.OTHER else SURE_AGAINST_BOTH
        return says.seems is Meaning.ESCALATION and probable >= needed
    if seems is Meaning.ALL_CLEAR and Meaning.OBJECTION in (says.meaning, says.seems):
        return probable >= SURE_AGAINST
    return probable >= (SURE_BESIDE_SIGNS if says.seems else SURE)


def _by_phrases(text: str, process: Process, names: Iterable[str], case: int) -> Understood:
    known = lists(tuple(process.phrases.values()))
    said = heard(text, known, names)
    if _is_courtesy(said, known):
        return Understood(meaning=Meaning.COURTESY)
    open_words = frozenset(said.said()) - said.names
    if escalation.is_clear(said, known):
        return Understood(meaning=Meaning.ESCALATION)
    meant = _meant(said, known, open_words, len(text))
    if meant.meaning is Meaning.CLOSE and _numbers_another(said, known, case):
        return Understood(meaning=Meaning.OTHER, seems=Meaning.CLOSE)
    if meant.meaning in (Meaning.OTHER, Meaning.OBJECTION) and escalation.seems(said, known):
        return Understood(meaning=meant.meaning, seems=Meaning.ESCALATION)
    if meant.meaning is Meaning.PROMISE and escalation.threatens(said, known):
        return Understood(meaning=Meaning.OTHER, seems=Meaning.ESCALATION)
    return replace(meant, calm=bool(escalation.denied(said, known)))


def meaning(text: str, process: Process, names: Iterable[str] = ()) -> Meaning:
    """Say what the text means, as far as it is clear."""
    return understand(text, process, names).meaning


def is_courtesy(text: str, process: Process, names: Iterable[str] = ()) -> bool:
    """Say whether the text is a greeting or sign-off alone, which is no message (`semantics.md` 18)."""
    if len(text) > LONG:
        return False
    known = lists(tuple(process.phrases.values()))
    return _is_courtesy(heard(text, known, names), known)


def _is_courtesy(said: Said, known: Lists) -> bool:
    """Is there nothing beside polite words and names? A sad face or a mere `???` says something."""
    speaks = SAD in said.words or (QUESTION in said.words and not said.said())
    return not speaks and not frozenset(said.said()) - said.sure_names - said.covered(known.courtesy)


def normalised(text: str) -> str:
    """Return the words in lower case, without punctuation, one space between them."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _APOSTROPHES.sub("", plain)
    return re.sub(r"[\W_]+", " ", plain).strip()


def heard(text: str, known: Lists, names: Iterable[str]) -> Said:
    """Return the beginning of a text, cut into words; those of names are told apart."""
    return Said(text[:LONG], known, [word for name in names for word in normalised(name).split()])


def _meant(said: Said, known: Lists, open_words: frozenset[int], length: int) -> Understood:
    """Judge everything but a wish to escalate: the first of these that fits."""
    polite, left_open = said.covered(known.thanks, known.courtesy), said.covered(known.unsettled)
    promises = (range(*span) for span in said.spans(known.promise) if _promises(said, known, span, left_open))
    promise = frozenset(n for span in promises for n in span)
    good, close = said.covered(known.all_clear, known.beside), said.covered(known.close)
    harmless = polite | good | close | promise
    unsettled = frozenset(n for one in left_open - close for n in said.sentence(one))
    signs = said.covered(known.good_sign, known.close_sign)
    if _objects(said, known, harmless | unsettled | signs, unsettled):
        return Understood(meaning=Meaning.OBJECTION)
    asked = any(said.asks(n) and close.isdisjoint(said.sentence(n)) for n in open_words)
    clean = not (asked or said.quoted or unsettled or (said.doubts | said.conditions) - harmless)
    if close and clean:
        return _as_far_as(Meaning.CLOSE, short=length <= SHORT)
    if said.covered(known.all_clear) and clean and not promise and _all_is_said(said, known, harmless):
        return _as_far_as(Meaning.ALL_CLEAR, short=length <= ALL_CLEAR_LENGTH)
    beside = said.doubts - harmless - {n for one in promise for n in said.clause(one)} - _until(said, promise)
    if promise and not (asked or beside or said.negations - harmless) and length <= SHORT:
        return Understood(meaning=Meaning.PROMISE)
    if length <= SHORT and not (asked or unsettled) and _thanks(said, known, polite):
        return Understood(meaning=Meaning.THANKS)
    if QUESTION in said.words or unsettled:
        return Understood(meaning=Meaning.OTHER)
    said_well = harmless | signs | escalation.denied(said, known)
    seems = _seems(said, known, said_well) or _could_be_noted(said, known, said_well, promise)
    return Understood(meaning=Meaning.OTHER, seems=seems, guessed=True)


def _until(said: Said, promise: frozenset[int]) -> frozenset[int]:
    """Return the clauses that say on what condition, or after when, a promise holds, or whether what it will tell."""
    first, last = min(promise, default=0), max(promise, default=0)
    near = [clause for clause in said.ranges() if not promise.isdisjoint(said.sentence(clause.start))]
    before = {n for one in near if one.start < first and not said.conditions.isdisjoint(one) for n in one}
    return frozenset(before | {n for one in near if one.start > last and one.start in said.suppositions for n in one})


def _thanks(said: Said, known: Lists, polite: frozenset[int]) -> bool:
    """Is it thanks, and beside them only words that say nothing of the matter, such as names and praise?"""
    if not said.covered(known.thanks):
        return False
    rest = frozenset(said.said()) - said.names - polite
    speaking = said.covered(*(getattr(known, name) for name in _OF_THE_MATTER))
    numbers = {n for n in rest if said.words[n][0].isdigit()}
    if numbers or rest & (speaking | said.doubts | said.conditions | said.troubles):
        return False
    clauses = [(len(rest & set(clause)), len(polite & set(clause))) for clause in said.ranges()]
    return all(unknown <= max(known_words, known.strict) for unknown, known_words in clauses)


def _seems(said: Said, known: Lists, harmless: frozenset[int]) -> Meaning | None:
    """Return what could be meant beside words that are not clear enough to close anything."""
    if said.conditions - harmless:
        return None
    wished = {n for one in said.covered(known.close, known.close_sign) for n in said.clause(one)}
    if wished and not (said.negations - harmless) & wished:
        return Meaning.CLOSE
    spoilt = (said.doubts | said.troubles) - harmless
    return Meaning.ALL_CLEAR if said.covered(known.all_clear, known.good_sign) and not spoilt else None


def _promises(said: Said, known: Lists, span: tuple[int, int], left_open: frozenset[int]) -> bool:
    """Is it a promise, and no part of what leaves it open or wishes to close? `no need to look into it` is none."""
    if _is_condition(said, known, span):
        return False
    return left_open.isdisjoint(range(*span)) and not within(span, said.spans(known.close_sign))


def _is_condition(said: Said, known: Lists, span: tuple[int, int]) -> bool:
    """Is it what something good depends on, as in `works when I restart it`?"""
    before = {n for n in said.clause(span[0]) if span[0] - _NEAR <= n < span[0]}
    good = said.covered(known.all_clear, known.good_sign) - set(range(*span))
    return not said.conditions.isdisjoint(before) and not good.isdisjoint(said.sentence(span[0]))


def _numbers_another(said: Said, known: Lists, case: int) -> bool:
    """Does a wish to close name a number that is not the case's?"""
    wished = {n for one in said.covered(known.close) for n in said.sentence(one)}
    return any(said.words[n][0].isdigit() and said.words[n] != str(case) for n in wished)


def _could_be_noted(said: Said, known: Lists, harmless: frozenset[int], promise: frozenset[int]) -> Meaning | None:
    """Return what changes nothing by itself: a promise, that something is wrong, or thanks for whatever it is."""
    if promise:
        return Meaning.PROMISE
    bad = (said.bad | said.negations) - harmless
    if any(not said.supposed(n) for n in bad):
        return Meaning.OBJECTION
    speaking = {n for n in frozenset(said.said()) - harmless if said.words[n][0].isdigit() or n in said.doubts}
    return Meaning.THANKS if said.covered(known.thanks_sign) and not speaking else None


def _as_far_as(clear: Meaning, *, short: bool) -> Understood:
    """Return what closes only where it is short enough to be sure."""
    return Understood(meaning=clear) if short else Understood(meaning=Meaning.OTHER, seems=clear)


def _all_is_said(said: Said, known: Lists, harmless: frozenset[int]) -> bool:
    """Is there nothing beside an all-clear that speaks, or could speak, against it?"""
    if said.troubles - harmless:
        return False
    if not known.strict:
        return True
    known_words = harmless | said.names
    unknown = (set(clause) - known_words for clause in said.ranges() if not known_words & set(clause))
    rest = frozenset(said.said()) - known_words
    return len(rest) <= OPEN_WORDS and all(len(clause) < OPEN_CLAUSE for clause in unknown)


def _objects(said: Said, known: Lists, harmless: frozenset[int], unsettled: frozenset[int]) -> bool:
    """Does it say that something is not solved, in so many words or by a negation of what is good?"""
    objections = [
        span
        for span in said.spans(known.objection)
        if not (unsettled >= set(range(*span)) or _outdone(said, known, span))
    ]
    if any(not (said.supposed(first) or said.asks(first)) for first, _ in objections):
        return True
    good = (first for first, _ in said.spans(known.all_clear) if not said.supposed(first))
    return any(_denied(said, first, harmless) for first in good)


def _outdone(said: Said, known: Lists, span: tuple[int, int]) -> bool:
    """Are the words of an objection better read as a part of something else? A good sign must be longer for that."""
    weak = (*said.spans(known.all_clear), *said.spans(known.good_sign), *said.spans(known.beside))
    strong = (known.thanks, known.courtesy, known.close, known.close_sign, known.promise, known.no_escalation)
    around = [one for phrases in strong for one in said.spans(phrases)] + [one for one in weak if one != span]
    return within(span, around)


def _denied(said: Said, position: int, harmless: frozenset[int]) -> bool:
    """Does a negation stand anywhere in its sentence, and no question about it?"""
    negations = said.negations - harmless
    return not said.asks(position) and not negations.isdisjoint(said.sentence(position))
