"""What each kind of event changes in a case's row."""

from dataclasses import replace
from functools import singledispatch

from mailbot.event import (
    AbsorbedChanged,
    AddressStopped,
    AliasAdmitted,
    AnswerDelayed,
    AnswerRecalled,
    CaseAssigned,
    CasesMerged,
    ChildrenChanged,
    ClockEvent,
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
    LinksChanged,
    MessageAdded,
    MutedChanged,
    ParentChanged,
    PlanChanged,
    PriorityChanged,
    ReminderSent,
    RequesterChanged,
    SilenceBroken,
    SnoozeChanged,
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
from mailbot.model import Case, Parked, Withheld
from mailbot.rules.case import undoing
from mailbot.rules.case.evolve_clock import moved, started
from mailbot.rules.case.evolve_status import with_status
from mailbot.rules.case.evolve_words import with_words


@singledispatch
def changed(event: Event, case: Case) -> Case:
    """Events that leave the row as it is (an ignored mail, one that is held) are history only."""
    del event
    return case


@changed.register
def _(event: MessageAdded, case: Case) -> Case:
    return with_words(case, event)


@changed.register
def _(event: StatusChanged, case: Case) -> Case:
    return with_status(case, event)


@changed.register
def _(event: CaseAssigned, case: Case) -> Case:
    picked_up = event.at if "@" in event.assignee else None
    given = replace(case, assignee=event.assignee, picked_up_at=case.picked_up_at or picked_up)
    # Who gets it has not put it out of sight.
    return given if event.assignee == case.snoozed_by else replace(given, snoozed_until=None, snoozed_by="")


@changed.register
def _(event: PriorityChanged, case: Case) -> Case:
    return replace(case, priority=event.new, priority_set=case.priority_set or event.actor != "mailbot")


@changed.register
def _(event: TypeChanged, case: Case) -> Case:
    return replace(case, type=event.new)


@changed.register
def _(event: SilenceBroken, case: Case) -> Case:
    del event
    return replace(case, ladder_ended=True)


@changed.register
def _(event: ReminderSent, case: Case) -> Case:
    return replace(case, reminders=event.number, reminded_at=event.at)


@changed.register
def _(event: StepPutOff, case: Case) -> Case:
    return replace(case, away_until=event.until)


@changed.register
def _(event: CommandRefused, case: Case) -> Case:
    if event.text or (event.forgets and event.actor == case.refused_by):
        return replace(case, refused_text=event.text, refused_by=event.actor)
    return case


@changed.register
def _(event: CommandsTried, case: Case) -> Case:
    return replace(case, tried_text=event.text, tried_by=event.actor)


@changed.register
def _(event: Escalated, case: Case) -> Case:
    alarmed = (*case.alarmed, event.alarm) if event.alarm else case.alarmed
    told = tuple(dict.fromkeys((*case.confidants, event.to))) if event.in_confidence else case.confidants
    level = max(case.escalation_level, event.level)
    joined = case.confidants_joined
    if event.in_confidence:
        joined = tuple(one for one in joined if one != event.to)
    return replace(case, escalation_level=level, alarmed=alarmed, confidants=told, confidants_joined=joined)


@changed.register
def _(event: FieldsGiven, case: Case) -> Case:
    return replace(case, fields={**case.fields, **event.fields})


@changed.register
def _(event: TextHeldBack, case: Case) -> Case:
    held = Withheld(inbox_id=event.inbox_id, sender=event.sender, digest=event.digest)
    return replace(case, withheld=(*case.withheld, held))


@changed.register(TextReleased)
@changed.register(TextRedacted)
def _(event: TextReleased | TextRedacted, case: Case) -> Case:
    return replace(case, withheld=tuple(held for held in case.withheld if held.inbox_id != event.inbox_id))


@changed.register
def _(event: CommandsParked, case: Case) -> Case:
    waits = Parked(
        inbox_id=event.inbox_id,
        actor=event.actor,
        lines=event.lines,
        until=event.until,
        internal=event.internal,
        to_desk=event.to_desk,
    )
    # What came too late is kept only as long as it is of use to say so.
    return replace(case, parked=(*(one for one in case.parked if event.at <= one.until), waits))


@changed.register
def _(event: CommandsConfirmed, case: Case) -> Case:
    return replace(case, parked=tuple(one for one in case.parked if one.inbox_id != event.inbox_id))


@changed.register
def _(event: DeliveryFailed, case: Case) -> Case:
    undelivered = (*case.undelivered, event.message_id) if event.message_id else case.undelivered
    return replace(case, undelivered=undelivered, unreachable=tuple(dict.fromkeys((*case.unreachable, event.to))))


@changed.register
def _(event: AddressStopped, case: Case) -> Case:
    return replace(case, stopped={**case.stopped, event.to: event.since})


@changed.register
def _(event: SurveySent, case: Case) -> Case:
    return replace(case, surveyed_at=event.at, survey_score=0, survey_words="", survey_answers=0)


@changed.register
def _(event: SurveyAnswered, case: Case) -> Case:
    return replace(case, survey_score=event.score, survey_words=event.words, survey_answers=case.survey_answers + 1)


@changed.register
def _(event: PlanChanged, case: Case) -> Case:
    return replace(case, plan=event.plan, contract_until=event.contract_until)


@changed.register
def _(event: ContractTold, case: Case) -> Case:
    return replace(case, contract_told=(*case.contract_told, f"{event.what}/{event.contract_until.isoformat()}"))


@changed.register
def _(event: SubjectChanged, case: Case) -> Case:
    return replace(case, subject=event.new)


@changed.register
def _(event: TagsChanged, case: Case) -> Case:
    return replace(case, tags=event.tags)


@changed.register
def _(event: WatchersChanged, case: Case) -> Case:
    # Which of them an alias belongs to is not known: with whoever hears no more of the case, all of them go.
    leaves = not set(case.watchers) <= set(event.watchers)
    return replace(case, watchers=event.watchers, aliases=() if leaves else case.aliases)


@changed.register
def _(event: AliasAdmitted, case: Case) -> Case:
    return replace(case, aliases=tuple(dict.fromkeys((*case.aliases, event.address))))


@changed.register
def _(event: RequesterChanged, case: Case) -> Case:
    watchers = tuple(one for one in case.watchers if one != event.new)
    return replace(case, requester=event.new, watchers=watchers, aliases=(), requester_proven=False)


@changed.register
def _(event: CasesMerged, case: Case) -> Case:
    return replace(
        case,
        merged_into=event.into,
        merged_people=event.joined,
        merged_held_from=event.held_from,
        merged_hold_until=event.hold_until,
    )


@changed.register
def _(event: LinksChanged, case: Case) -> Case:
    return replace(case, links=event.cases)


@changed.register
def _(event: ParentChanged, case: Case) -> Case:
    return replace(case, parent=event.parent)


@changed.register
def _(event: ChildrenChanged, case: Case) -> Case:
    return replace(case, children=event.cases)


@changed.register
def _(event: MutedChanged, case: Case) -> Case:
    return replace(case, muted=event.members)


@changed.register
def _(event: SnoozeChanged, case: Case) -> Case:
    return replace(case, snoozed_until=event.until, snoozed_by=event.actor if event.until else "")


@changed.register
def _(event: AbsorbedChanged, case: Case) -> Case:
    told = dict.fromkeys((*case.confidants, *event.confidants))
    joined = (*case.confidants_joined, *(one for one in event.confidants if one not in case.confidants))
    return replace(
        case,
        absorbed=event.cases,
        confidants=tuple(one for one in told if one not in event.parted),
        confidants_joined=tuple(one for one in joined if one not in event.parted),
    )


@changed.register
def _(event: CommandsRun, case: Case) -> Case:
    return undoing.begun(case, event)


@changed.register
def _(event: AnswerDelayed, case: Case) -> Case:
    return undoing.delayed(case, event)


@changed.register
def _(event: AnswerRecalled, case: Case) -> Case:
    return undoing.recalled(case, event)


@changed.register
def _(event: CommandsUndone, case: Case) -> Case:
    return undoing.taken_back(case, event)


@changed.register
def _(event: ClockEvent, case: Case) -> Case:
    if isinstance(event, ClockStarted):
        new = replace(started(event), due=event.due)
        return replace(case, clocks=(*case.clocks, new))
    clocks = (moved(clock, event) if clock.name == event.clock else clock for clock in case.clocks)
    return replace(case, clocks=tuple(clocks))
