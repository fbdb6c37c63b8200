"""A customer's word that says yes, beside words that do not: in doubt it does nothing (`semantics.md` 10).

`confirm`, and below it that nothing works; `approve: only if it is under 100 euro`. Closing or approving for these
would be the worst answer; the words are added, and whoever works on the case is told.
"""

from mailbot.decision import MailArrived
from mailbot.event import Kind
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import names_of
from mailbot.rules.command.questions import is_question
from mailbot.rules.reading.contradiction import speaks_against
from mailbot.rules.reading.word import Reading, Refused
from mailbot.rules.telling import say


def heeded(draft: Draft, cause: MailArrived, reading: Reading) -> Reading:
    """Return the reading, or one of its words alone, the yes refused, where these speak against it."""
    yes = [] if reading.refused else [given for given in reading.commands if _says_yes(draft, given.word)]
    if not yes:
        return reading
    texts = [given.argument for given in reading.commands if given.argument and not is_question(given)]
    words = "\n\n".join(filter(None, (*texts, reading.words)))
    asks = any(given.word == "approve" for given in yes)
    if not speaks_against(words, draft.process, names_of(draft, cause), asks=asks):
        return reading
    refused = tuple(
        Refused(
            line=given.line,
            reason=say(
                "what you wrote beside it speaks against it, or may; if you mean it, write '%(word)s' alone",
                word=given.word,
            ),
        )
        for given in yes
    )
    return Reading(refused=refused, words=words)


def _says_yes(draft: Draft, word: str) -> bool:
    """Does the word say that all is good? A case that is not solved its customer may withdraw, however it is."""
    case = draft.open_case
    if word == "close":
        return case.kind in (Kind.RESOLVED, Kind.CLOSED)
    return word == "confirm" or (word == "approve" and draft.process.status(case.status).approval)
