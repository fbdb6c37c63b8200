"""What could begin a loop: machines that were answered or began a case, bounces, absences; and people taken for one.

A machine is here what the expectations of a set or the mail's own fields call so, never what mailbot makes of it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mail.machines import bounces_of, says_machine
from benchmarks.mail.run import Came, run
from benchmarks.mail.table import Row
from mailbot.decision import Ending
from mailbot.mail import Automatic

#: What answers in somebody's absence says so; that a field calls it an automatic reply is true of reports as well.
_REPLIED = re.compile(
    rb"(?im)^(?:x-auto(?:reply|respond)[\w-]*:|precedence:[ ]*auto_reply"
    rb"|subject:[ ]*(?:out of (?:the )?office|auto(?:matic)?[ -]?(?:reply|response)|abwesen))"
)
#: A report as its own type says it (RFC 6522).
_REPORT = re.compile(rb"(?im)^content-type:[ ]*multipart/report;(?:[^\r\n]|\r?\n[ \t])*delivery-status")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_ABSENCES = (Automatic.VACATION, Automatic.ACKNOWLEDGEMENT)
#: Mails that people wrote, every one: replies, and what a corpus calls wanted.
_PEOPLE = ("alfonsrv/", "ghreply/", "talon/", "willdurand/", "zapier/", "spamcorpus/easy-ham", "spamcorpus/hard-ham")


def measure(folder: Path) -> Iterator[Row]:
    """Yield what went back to machines and what they began, what was found of them, and false alarms."""
    came = run(folder).came
    bounced = bounces_of(folder)
    bounces = [one for one in came if one.name in bounced or _REPORT.search(_head(one.raw))]
    replied = [one for one in came if _REPLIED.search(_head(one.raw)) and not _REPORT.search(_head(one.raw))]
    machines = [one for one in came if one in bounces or one in replied or says_machine(one.raw)]
    yield _row("machines: not answered", machines, [one for one in machines if one.answered])
    yield _row("bounces: began no case", bounces, [one for one in bounces if one.ending is Ending.NEW])
    yield _row("bounces: stopped", bounces, [one for one in bounces if one.mail.answerable])
    yield _row("automatic answers: began no case", replied, [one for one in replied if one.ending is Ending.NEW])
    yield _row("automatic answers: found", replied, [one for one in replied if one.mail.automatic not in _ABSENCES])
    people = [one for one in came if one.name.startswith(_PEOPLE) and one not in machines]
    alarmed = [one for one in people if one.mail.automatic or not one.mail.answerable]
    yield _row("people: taken for no machine", people, alarmed)


def _head(raw: bytes) -> bytes:
    return _HEAD_END.split(raw, maxsplit=1)[0]


def _row(what: str, of: Sequence[Came], lost: Sequence[Came]) -> Row:
    named = (f"{one.name}: {one.mail.automatic or 'no machine'}, {one.ending}" for one in lost)
    return Row(what, len(of) - len(lost), len(of), tuple(named))
