"""Whether a customer wishes that somebody higher takes it up, is losing patience, or denies both. Decides no more."""

from mailbot.process.phrase import Finder
from mailbot.rules.reading.clauses import Lists, Said, within

#: A negation so many words before a wish, or behind it, makes none of it.
BEFORE, BEHIND = 4, 3


def is_clear(said: Said, known: Lists) -> bool:
    """Is it clear that somebody higher is to take it up?"""
    return not said.quoted and any(not said.supposed(span[0]) for span in _wishes(said, known, known.escalation))


def seems(said: Said, known: Lists) -> bool:
    """Could it be a wish to escalate, or is somebody losing patience?"""
    return bool(_wishes(said, known, known.escalation) or _wishes(said, known, known.urgency))


def threatens(said: Said, known: Lists) -> bool:
    """Is what seems a promise, as `I shall write ..`, a threat, as `I shall write to your directors`?"""
    promises = said.spans(known.promise)
    return any(span in promises or not within(span, promises) for span in _wishes(said, known, known.urgency))


def denied(said: Said, known: Lists) -> frozenset[int]:
    """Return the words that deny a wish to escalate; a condition or a question denies none."""
    spans = said.spans(known.no_escalation)
    return frozenset(n for span in spans for n in range(*span) if not (said.supposed(span[0]) or said.asks(span[0])))


def _wishes(said: Said, known: Lists, phrases: Finder) -> list[tuple[int, int]]:
    """Return where a wish is named that is not negated."""
    own = said.covered(known.escalation, known.urgency, known.objection)
    theirs = said.covered(known.own_people) | denied(said, known)
    closes = [*said.spans(known.close), *said.spans(known.close_sign)]
    closes = [span for span in closes if span not in said.spans(phrases)]
    if phrases is known.urgency:
        theirs |= {n for span in closes for n in range(*span)}
    found = (span for span in said.spans(phrases) if theirs.isdisjoint(range(*span)) and not within(span, closes))
    return [span for span in found if not _negated(said, span, own, behind=0 if phrases is known.urgency else BEHIND)]


def _negated(said: Said, span: tuple[int, int], harmless: frozenset[int], *, behind: int) -> bool:
    """Does a negation of its clause stand just before it or behind it?"""
    first, end = span
    near = range(first - BEFORE, end + behind)
    return any(n in said.negations and n in near and n not in harmless for n in said.clause(first))
