"""`snooze until DATE`: a case is out of sight until a date, or until its customer writes (`semantics.md` 12).

No status changes and no clock rests: that is what `hold until` is for. Warnings, breaches and escalations come as ever,
and no customer ever learns of it. The case is in sight again at once when somebody else gets it, or when it closes.
"""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from mailbot.event import Event, Kind, MessageAdded, SilenceBroken, SnoozeChanged, Visibility
from mailbot.model import END_OF_SNOOZE, Case, Deadline
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.clock import entitlement
from mailbot.rules.command import hold
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.notice.addressees import to_member, workers
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

#: What its deadline is called.
BACK = END_OF_SNOOZE
_OFF = "off"
_UNTIL = re.compile(r"until\b", re.IGNORECASE)


def entries() -> Iterator[Entry]:
    """Yield both words."""
    yield Entry(
        word=Word(word="snooze", takes=Takes.CHOICE, read=_read, choices=("until 2026-04-01", _OFF)),
        usage="snooze until DATE",
        help=say(
            "Out of the lists until that day, or until the customer writes; the status stays and the clocks run on."
        ),
        group=Group.SELF,
        example="snooze until 2030-04-01",
        run=snooze,
    )
    yield Entry(
        word=Word(word="unsnooze", slips=False),
        usage="unsnooze",
        help=say("The case is back in your lists."),
        group=Group.SELF,
        example="unsnooze",
        run=unsnooze,
    )


def _read(text: str) -> str | None:
    """Read `until 2026-04-01`, the date alone, or `off`."""
    plain = text.strip()
    if plain.lower() == _OFF:
        return _OFF
    return hold.read_until(plain if _UNTIL.match(plain) else f"until {plain}")


def snooze(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Put the case out of sight; it is back at the instant at which a hold until that date would end."""
    if given.argument == _OFF:
        return unsnooze(draft, given, actor)
    case = draft.open_case
    if case.kind is Kind.CLOSED:
        return No(reason=say("the case is %(status)s; there is nothing to come back to", status=case.status))
    until = hold.instant_of(draft, given.argument)
    if isinstance(until, No):
        return until
    back = f"snooze until {_day(draft, case)}" if case.snoozed_until else "unsnooze"
    draft.happen(SnoozeChanged(at=draft.now, until=until, actor=actor.address))
    said = say("the case is out of sight until %(date)s; its status and its clocks stay", date=_day(draft))
    return Said(said=said, undo=back)


def unsnooze(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the case be in sight again."""
    del given
    if draft.open_case.snoozed_until is None:
        return Said(said=say("the case is in sight already"))
    back = f"snooze until {_day(draft)}"
    draft.happen(SnoozeChanged(at=draft.now, until=None, actor=actor.address))
    return Said(said=say("the case is in sight again"), undo=back)


def deadlines(case: Case) -> Iterator[Deadline]:
    """Yield the end of the snooze."""
    if case.snoozed_until is not None:
        cycle = case.snoozed_until.isoformat()
        yield Deadline(case=case.number, rule=BACK, cycle=cycle, due=case.snoozed_until)


def end(draft: Draft) -> None:
    """Bring the case back into sight; whose it is hears once, also of the contract's end that was held back."""
    case = draft.open_case
    last = case.contract_until.isoformat() if case.contract_until else ""
    told = [one for one in case.contract_told if last and one.endswith(f"/{last}")]
    ended = any(one.startswith(f"{entitlement.ENDED}/") for one in told)
    draft.happen(SnoozeChanged(at=draft.now, until=None, actor=MAILBOT))
    for address in workers(draft):
        to_member(draft, "snoozed", address, data={"last_day": last, "ended": ended} if told else {})


def tell(draft: Draft, actor: str) -> None:
    """Tell who has the case that somebody else put it out of sight, or back."""
    before, now = draft.before.snoozed_until if draft.before else None, draft.open_case.snoozed_until
    assignee = draft.open_case.assignee
    # A line below may have closed the case, which brings nothing back.
    if draft.events(SnoozeChanged) and now != before and "@" in assignee and assignee != actor:
        until = {"until": _day(draft)} if now else {}
        to_member(draft, "snoozed", assignee, author=actor, data=until, reply=Visibility.INTERNAL)


def wake(draft: Draft) -> None:
    """Bring every case back into sight whose customer wrote, or changed it by a click."""
    wrote: dict[int, Event] = {}
    for one in draft.happened:
        if one.case is not None and _is_customers(draft.known(one.case), one.event):
            wrote.setdefault(one.case, one.event)
    home = draft.case.number if draft.case else 0
    for number, event in sorted(wrote.items()):
        draft.turn_to(number)
        who = _actor(event) or draft.open_case.requester
        draft.happen(SnoozeChanged(at=draft.now, until=None, actor=who))
    if wrote and home:
        draft.turn_to(home)


def _is_customers(case: Case | None, event: Event) -> bool:
    """Is it what a customer of a snoozed case did?"""
    if case is None or case.snoozed_until is None:
        return False
    match event:
        case MessageAdded():
            return event.by_customer  # which no machine's mail is
        case SilenceBroken():
            return True
        case _:
            return _actor(event) in case.writers


def _actor(event: Event) -> str:
    """Return who let an event happen, "" where it does not say."""
    return str(getattr(event, "sender", "") or getattr(event, "actor", ""))


def _day(draft: Draft, case: Case | None = None) -> str:
    """Return the day on which the case comes back, at the desk."""
    until = (case or draft.open_case).snoozed_until
    assert until is not None, "asked of a snoozed case only"
    return until.astimezone(ZoneInfo(draft.facts.desk.timezone)).date().isoformat()
