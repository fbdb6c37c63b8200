"""Taking commands back: what a case keeps of the latest ones, and when that does not hold any more.

The case as it was before is kept once, until something else happens to it. What only tells (a clock that ran out, a
report of a failed delivery, a note) happens to both: it is as true of the case before as of the one after. Time that
passed meanwhile counts as if the commands had never been, since a ledger holds instants only.
"""

from collections.abc import Callable
from dataclasses import replace

from mailbot.event import (
    AddressStopped,
    AnswerDelayed,
    AnswerRecalled,
    ClockBreached,
    ClockChanged,
    ClockWarned,
    CommandRefused,
    CommandsConfirmed,
    CommandsParked,
    CommandsRun,
    CommandsTried,
    CommandsUndone,
    ContractTold,
    DeliveryFailed,
    Event,
    MessageAdded,
    MutedChanged,
    PlanChanged,
    ReminderSent,
    SnoozeChanged,
    StatusChanged,
    Visibility,
)
from mailbot.model import Case, Undoable
from mailbot.rules.telling import say
from mailbot.sentence import Sentence

#: Events that change nothing of what commands do.
_TELLING = (
    AddressStopped,
    ClockChanged,
    CommandRefused,
    CommandsConfirmed,
    CommandsParked,
    CommandsTried,
    ContractTold,
    DeliveryFailed,
    MutedChanged,
    PlanChanged,
    SnoozeChanged,
)

Change = Callable[[Event, Case], Case]


def begun(case: Case, event: CommandsRun) -> Case:
    """Keep the case as it is, for what follows is the doing of the commands."""
    record = Undoable(
        inbox_id=event.inbox_id,
        actor=event.actor,
        at=event.at,
        lines=event.lines,
        others=event.others,
        told=event.told,
        later=event.later,
        spoke=event.spoke,
        until=case.version + 1 + event.effects,
        before=None if event.final else replace(case, undo=None, recall=None),
        why_not=event.final,
        why_message=event.final_message,
        why_values=event.final_values,
        since=event.at if event.final else None,
    )
    return replace(case, undo=record)


def taken_back(case: Case, event: CommandsUndone) -> Case:
    """Return the case as it was before its latest commands. Raises ValueError where that is not known any more."""
    record = case.undo
    if record is None or record.before is None:
        message = "CommandsUndone without commands that could be taken back"
        raise ValueError(message)
    return replace(record.before, undo=_final(record, say("%(who)s took them back already", who=event.actor), event))


def delayed(case: Case, event: AnswerDelayed) -> Case:
    """Keep the case as it is, for what follows is the doing of words that have not left, and of their mail."""
    record = Undoable(
        inbox_id=event.inbox_id,
        actor=event.actor,
        at=event.at,
        lines=event.lines,
        others=event.others,
        told=event.told,
        spoke=False,
        until=case.version + 1 + event.effects,
        before=replace(case, undo=None, recall=None),
        message=event.message,
        letters=event.letters,
    )
    return replace(case, recall=record)


def recalled(case: Case, event: AnswerRecalled) -> Case:
    """Return the case as it was before the answer. Raises ValueError where that is not known any more."""
    record = case.recall
    if record is None or record.before is None:
        message = "AnswerRecalled without an answer that could be taken back"
        raise ValueError(message)
    return replace(record.before, undo=_final(record, say("%(who)s took it back already", who=event.actor), event))


def follow(case: Case, event: Event, change: Change) -> Case:
    """Look at what happened after commands and answers: it only tells, or they cannot be taken back any more."""
    undo, recall = _followed(case.undo, case, event, change), _followed(case.recall, case, event, change)
    return case if undo is case.undo and recall is case.recall else replace(case, undo=undo, recall=recall)


def _followed(record: Undoable | None, case: Case, event: Event, change: Change) -> Undoable | None:
    if record is None or record.before is None or case.version <= record.until:
        return record
    return _after(record, record.before, event, change)


def _after(record: Undoable, before: Case, event: Event, change: Change) -> Undoable:
    match event:
        case ClockWarned() | ClockBreached():
            clock = before.clock(event.clock)
            # What ran out only because of the commands did not run out without them.
            same = clock is not None and clock.due == event.due
            return replace(record, before=change(event, before)) if same else record
        case MessageAdded(visibility=Visibility.INTERNAL, by_customer=False, away_until=None):
            return replace(record, before=change(event, before))
        case _ if isinstance(event, _TELLING):
            return replace(record, before=change(event, before))
    return _final(record, _told(event), event)


def _final(record: Undoable, why: Sentence, event: Event) -> Undoable:
    """Return the record of commands that cannot be taken back any more."""
    values = {name: str(value) for name, value in why.values.items()}
    return replace(record, before=None, why_not=str(why), why_message=why.message, why_values=values, since=event.at)


def _told(event: Event) -> Sentence:
    """Say what happened, as far as a refusal needs it."""
    match event:
        case MessageAdded():
            return say("%(who)s wrote since", who=event.sender)
        case AnswerDelayed():
            return say("%(who)s wrote since", who=event.actor)
        case StatusChanged():
            return say("%(who)s moved the case to %(status)s since", who=event.actor, status=event.new)
        case ReminderSent():
            return say("a reminder went to the customer since")
        case _:
            actor = getattr(event, "actor", "")
            if actor:
                return say("%(who)s changed the case since", who=actor)
            return say("something else happened to the case since")
