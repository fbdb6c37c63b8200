"""Alarms about the desk as a whole: who leads it hears once an hour, and when it is over.

Each limit that cuts something raises one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from mailbot.decision import AlarmOver, Notice
from mailbot.event import AlarmEnded, AlarmRaised, Visibility
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.addressees import leads
from mailbot.rules.telling import say
from mailbot.sentence import Sentence
from mailbot.standing import Alarm

#: More acknowledgements, or new cases, in an hour than anybody is answered in.
ANSWERS, CASES = "answers", "cases"
#: More mails of one sender than can be cases; more notices about a case, or to a person, than anybody reads.
SENDER, NOTICES = "sender", "notices"
#: More mails that are held than members are told of.
HELD = "held"
#: How often one that goes on is told.
EVERY = timedelta(hours=1)
#: It is over when it was not raised again for so long: then nothing has happened for an hour at least.
QUIET = timedelta(hours=2)


def over_at(alarm: Alarm) -> datetime:
    """Return when an alarm is over, if it is not raised again."""
    return alarm.raised + QUIET


def call(draft: Draft, kind: str, said: Sentence, *, also: Iterable[str] = ()) -> None:
    """Raise an alarm, unless this one was raised within the hour; `also` hears of it beside who leads."""
    known = draft.facts.alarms.get(kind)
    is_raised = any(isinstance(h.event, AlarmRaised) and h.event.kind == kind for h in draft.happened)
    if is_raised or (known is not None and draft.now - known.raised < EVERY):
        return
    since = known.since if known is not None else draft.now
    draft.note(AlarmRaised(at=draft.now, kind=kind, said=str(said), since=since))
    for address in dict.fromkeys((*leads(draft), *also)):
        when = since.astimezone(draft.zone_of(address))
        told = say("Since %(when)s more happens at the desk than is well: %(what)s.", when=when, what=said)
        _tell(draft, address, {"kind": kind, "said": told, "ended": False})


def over(draft: Draft, cause: AlarmOver) -> None:
    """Say that an alarm is over."""
    draft.hit("alarm", f"{cause.alarm.kind}: not again since {cause.alarm.raised.isoformat()}")
    draft.note(AlarmEnded(at=draft.now, kind=cause.alarm.kind, since=cause.alarm.since))
    for address in leads(draft):
        when = cause.alarm.since.astimezone(draft.zone_of(address))
        told = say("The alarm of %(when)s is over: for an hour and more it has not happened again.", when=when)
        _tell(draft, address, {"kind": cause.alarm.kind, "said": told, "ended": True})


def _tell(draft: Draft, to: str, data: dict[str, object]) -> None:
    # What tells two alarms of one decision apart.
    told = {**data, "reference": data["kind"]}
    draft.tell(Notice(at=draft.now, template="alarm", to=to, case=None, visibility=Visibility.INTERNAL, data=told))
