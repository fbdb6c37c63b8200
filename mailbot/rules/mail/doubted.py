"""Commands that a reader of a mail perhaps does not see: its author may not have written them, so none of them runs."""

import re
from dataclasses import replace

from mailbot.mail import Mail
from mailbot.rules.command.post import Addressed
from mailbot.rules.reading.grammar import plain_line
from mailbot.rules.reading.phrases import DONE, Meaning, Understood
from mailbot.rules.reading.word import Reading, Refused
from mailbot.rules.telling import say

#: The number of a case before a command.
_CASE = re.compile(r"[\s*_\"']*\[?[A-Za-z]{1,10}-\d{1,9}\]?[:,]?[ \t]+")


def refused(reading: Reading, mail: Mail) -> Reading:
    """Return the reading with the commands refused that stand in a line of the mail which is doubted."""
    lines = {_alike(form) for line in mail.doubted for form in (line, _CASE.sub("", line, count=1))}
    unseen = [given for given in reading.commands if _alike(given.line) in lines]
    if not unseen:
        return reading
    reason = say("in the HTML of your mail this line may be hidden, so it does not run; please write it as plain text")
    return replace(
        reading,
        commands=tuple(given for given in reading.commands if given not in unseen),
        refused=(*reading.refused, *(Refused(line=given.line, reason=reason) for given in unseen)),
    )


def all_refused(others: tuple[Addressed, ...], mail: Mail) -> tuple[Addressed, ...]:
    """Do the same for the lines that name their case."""
    return tuple(replace(one, reading=refused(one.reading, mail)) for one in others)


def _alike(line: str) -> str:
    """Return a line as it compares: a mail to the desk may leave away the colon behind its word."""
    return plain_line(line).replace(":", "", 1)


def understood(says: Understood, mail: Mail) -> Understood:
    """Let words that a reader perhaps does not see close and escalate nothing; who works on the case is told."""
    if mail.doubted and says.meaning in (*DONE, Meaning.ESCALATION):
        return replace(says, meaning=Meaning.OTHER, seems=says.meaning)
    return says
