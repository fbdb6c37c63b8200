"""How an event changes a case: the only function that does.

Folding `evolve` over a case's events gives exactly its row; `mailbot verify` holds the store to it.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch

from mailbot.event import (
    AbsorbedChanged,
    AliasAdmitted,
    CaseAssigned,
    CaseOpened,
    CasesMerged,
    ClockEvent,
    ClockName,
    ClockStarted,
    CommandRefused,
    CommandsConfirmed,
    CommandsParked,
    CommandsRun,
    CommandsTried,
    CommandsUndone,
    ContractTold,
    DeliveryFailed,
    Escalated,
    Event,
    FieldsGiven,
    Kind,
    LinksChanged,
    MessageAdded,
    MutedChanged,
    PlanChanged,
    PriorityChanged,
    ReminderSent,
    RequesterChanged,
    SilenceBroken,
    StatusChanged,
    StepPutOff,
    SubjectChanged,
    SurveyAnswered,
    SurveySent,
    TagsChanged,
    TextHeldBack,
    TextRedacted,
    TextReleased,
    TypeChanged,
    WatchersChanged,
)
from mailbot.model import Case, Clock, Parked, Withheld
from mailbot.rules import ledger, undoing
from mailbot.rules.evolve_clock import moved, started
from mailbot.rules.place import shown


def evolve(case: Case | None, event: Event) -> Case:
    """Return the case as it is after the event. Raises ValueError for an event before the case was opened."""
    if isinstance(event, CaseOpened):
        return _opened(event)
    if case is None:
        message = f"{type(event).__name__} before CaseOpened"
        raise ValueError(message)
    changed = replace(_changed(event, case), version=case.version + 1, latest=max(case.latest, event.at))
    return undoing.follow(changed, event, _changed)


def fold(events: Iterable[Event]) -> Case:
    """Return the case that the events make. Raises ValueError when there are none."""
    case: Case | None = None
    for event in events:
        case = evolve(case, event)
    if case is None:
        message = "no events, no case"
        raise ValueError(message)
    return case


def _opened(event: CaseOpened) -> Case:
    return Case(
        number=event.number,
        version=1,
        status=event.status,
        kind=event.kind,
        status_since=event.at,
        priority=event.priority,
        type=event.type,
        requester=event.requester,
        subject=event.subject,
        opened=event.opened,
        latest=event.at,
        related=event.related,
        plan=event.plan,
        contract_until=event.contract_until,
        held_until=event.held_until,
        language=event.language,
    )


@singledispatch
def _changed(event: Event, case: Case) -> Case:
    """Events that leave the row as it is (an ignored mail, one that is held) are history only."""
    del event
    return case


@_changed.register
def _(event: MessageAdded, case: Case) -> Case:
    return replace(
        case,
        messages=case.messages + 1,
        ladder_ended=case.ladder_ended or event.by_customer,
        away_until=event.away_until or (None if event.by_customer else case.away_until),
        said_by=event.sender if event.answers else case.said_by,
        said_at=event.at if event.answers else case.said_at,
        answered_at=case.answered_at or (event.at if event.answers else None),
        # What its author said to the customer since is what counts: a refused text goes out once at most.
        refused_text="" if event.answers and event.sender == case.refused_by else case.refused_text,
        consulted=tuple(dict.fromkeys((*case.consulted, *event.consulted))),
        unreachable=tuple(address for address in case.unreachable if address != event.sender),
        requester_proven=case.requester_proven or _proves(event, case),
    )


def _proves(event: MessageAdded, case: Case) -> bool:
    """Does more than its From say that the requester wrote this?"""
    return event.by_customer and event.sender == case.requester and event.proof not in ("", "claimed")


@_changed.register
def _(event: StatusChanged, case: Case) -> Case:
    closed = event.kind is Kind.CLOSED
    clocks = (_in_status(clock, case, event) for clock in case.clocks)
    return replace(
        case,
        status=event.new,
        kind=event.kind,
        cause=event.cause,
        status_since=event.at,
        # A hold that is put off still comes back to where the case stood before it.
        previous_status=event.old if event.old != event.new else case.previous_status,
        previous_cause=case.cause if event.old != event.new else case.previous_cause,
        hold_until=event.until,
        closed=event.at if closed else None,
        reason=event.reason if closed else "",
        solved=closed and event.solved,
        # Taken up again, it is a case of its own.
        merged_into=case.merged_into if closed else 0,
        merged_people=case.merged_people if closed else (),
        merged_held_from=case.merged_held_from if closed else "",
        merged_hold_until=case.merged_hold_until if closed else None,
        reminders=0,
        reminded_at=None,
        ladder_ended=False,
        # Commands need a proof.
        requester_proven=case.requester_proven or event.actor == case.requester,
        clocks=tuple(clocks),
    )


def _in_status(clock: Clock, case: Case, event: StatusChanged) -> Clock:
    """Let the clock end with its case, or rest on for what it rests now: `why` tells every pause with its cause."""
    if not clock.open:
        return clock
    if event.kind is Kind.CLOSED:
        return ledger.ended(clock, event.at) if _unmet(clock, case, event) else clock
    if event.kind in (Kind.WAITING_CUSTOMER, Kind.WAITING_OTHER, Kind.ON_HOLD) and not clock.running:
        return ledger.paused(clock, event.at, shown(event.new, event.cause))
    return clock


def _unmet(clock: Clock, case: Case, closing: StatusChanged) -> bool:
    """Closes the case before what the clock waits for happened (`semantics.md` 7, 8)?"""
    if clock.name is ClockName.PICKUP:
        return case.picked_up_at is None
    if clock.name is ClockName.RESPONSE:
        return case.answered_at is None
    return not closing.solved


@_changed.register
def _(event: CaseAssigned, case: Case) -> Case:
    picked_up = event.at if "@" in event.assignee else None
    return replace(case, assignee=event.assignee, picked_up_at=case.picked_up_at or picked_up)


@_changed.register
def _(event: PriorityChanged, case: Case) -> Case:
    return replace(case, priority=event.new, priority_set=case.priority_set or event.actor != "mailbot")


@_changed.register
def _(event: TypeChanged, case: Case) -> Case:
    return replace(case, type=event.new)


@_changed.register
def _(event: SilenceBroken, case: Case) -> Case:
    del event
    return replace(case, ladder_ended=True)


@_changed.register
def _(event: ReminderSent, case: Case) -> Case:
    return replace(case, reminders=event.number, reminded_at=event.at)


@_changed.register
def _(event: StepPutOff, case: Case) -> Case:
    return replace(case, away_until=event.until)


@_changed.register
def _(event: CommandRefused, case: Case) -> Case:
    if event.text or (event.forgets and event.actor == case.refused_by):
        return replace(case, refused_text=event.text, refused_by=event.actor)
    return case


@_changed.register
def _(event: CommandsTried, case: Case) -> Case:
    return replace(case, tried_text=event.text, tried_by=event.actor)


@_changed.register
def _(event: Escalated, case: Case) -> Case:
    alarmed = (*case.alarmed, event.alarm) if event.alarm else case.alarmed
    told = tuple(dict.fromkeys((*case.confidants, event.to))) if event.in_confidence else case.confidants
    level = max(case.escalation_level, event.level)
    return replace(case, escalation_level=level, alarmed=alarmed, confidants=told)


@_changed.register
def _(event: FieldsGiven, case: Case) -> Case:
    return replace(case, fields={**case.fields, **event.fields})


@_changed.register
def _(event: TextHeldBack, case: Case) -> Case:
    held = Withheld(inbox_id=event.inbox_id, sender=event.sender, digest=event.digest)
    return replace(case, withheld=(*case.withheld, held))


@_changed.register(TextReleased)
@_changed.register(TextRedacted)
def _(event: TextReleased | TextRedacted, case: Case) -> Case:
    return replace(case, withheld=tuple(held for held in case.withheld if held.inbox_id != event.inbox_id))


@_changed.register
def _(event: CommandsParked, case: Case) -> Case:
    waits = Parked(
        inbox_id=event.inbox_id, actor=event.actor, lines=event.lines, until=event.until, internal=event.internal
    )
    # What came too late is kept only as long as it is of use to say so.
    return replace(case, parked=(*(one for one in case.parked if event.at <= one.until), waits))


@_changed.register
def _(event: CommandsConfirmed, case: Case) -> Case:
    return replace(case, parked=tuple(one for one in case.parked if one.inbox_id != event.inbox_id))


@_changed.register
def _(event: DeliveryFailed, case: Case) -> Case:
    undelivered = (*case.undelivered, event.message_id) if event.message_id else case.undelivered
    return replace(case, undelivered=undelivered, unreachable=tuple(dict.fromkeys((*case.unreachable, event.to))))


@_changed.register
def _(event: SurveySent, case: Case) -> Case:
    return replace(case, surveyed_at=event.at, survey_score=0, survey_words="", survey_answers=0)


@_changed.register
def _(event: SurveyAnswered, case: Case) -> Case:
    return replace(case, survey_score=event.score, survey_words=event.words, survey_answers=case.survey_answers + 1)


@_changed.register
def _(event: PlanChanged, case: Case) -> Case:
    return replace(case, plan=event.plan, contract_until=event.contract_until)


@_changed.register
def _(event: ContractTold, case: Case) -> Case:
    return replace(case, contract_told=(*case.contract_told, f"{event.what}/{event.contract_until.isoformat()}"))


@_changed.register
def _(event: SubjectChanged, case: Case) -> Case:
    return replace(case, subject=event.new)


@_changed.register
def _(event: TagsChanged, case: Case) -> Case:
    return replace(case, tags=event.tags)


@_changed.register
def _(event: WatchersChanged, case: Case) -> Case:
    # Which of them an alias belongs to is not known: with whoever hears no more of the case, all of them go.
    leaves = not set(case.watchers) <= set(event.watchers)
    return replace(case, watchers=event.watchers, aliases=() if leaves else case.aliases)


@_changed.register
def _(event: AliasAdmitted, case: Case) -> Case:
    return replace(case, aliases=tuple(dict.fromkeys((*case.aliases, event.address))))


@_changed.register
def _(event: RequesterChanged, case: Case) -> Case:
    watchers = tuple(one for one in case.watchers if one != event.new)
    return replace(case, requester=event.new, watchers=watchers, aliases=(), requester_proven=False)


@_changed.register
def _(event: CasesMerged, case: Case) -> Case:
    return replace(
        case,
        merged_into=event.into,
        merged_people=event.joined,
        merged_held_from=event.held_from,
        merged_hold_until=event.hold_until,
    )


@_changed.register
def _(event: LinksChanged, case: Case) -> Case:
    return replace(case, links=event.cases)


@_changed.register
def _(event: MutedChanged, case: Case) -> Case:
    return replace(case, muted=event.members)


@_changed.register
def _(event: AbsorbedChanged, case: Case) -> Case:
    told = tuple(dict.fromkeys((*case.confidants, *event.confidants)))
    return replace(case, absorbed=event.cases, confidants=told)


@_changed.register
def _(event: CommandsRun, case: Case) -> Case:
    return undoing.begun(case, event)


@_changed.register
def _(event: CommandsUndone, case: Case) -> Case:
    return undoing.taken_back(case, event)


@_changed.register
def _(event: ClockEvent, case: Case) -> Case:
    if isinstance(event, ClockStarted):
        new = replace(started(event), due=event.due)
        return replace(case, clocks=(*case.clocks, new))
    clocks = (moved(clock, event) if clock.name == event.clock else clock for clock in case.clocks)
    return replace(case, clocks=tuple(clocks))
