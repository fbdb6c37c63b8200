"""What another status changes in a case's row: where it comes back to, whether it is closed, reminders and clocks."""

from dataclasses import replace

from mailbot.event import Kind, StatusChanged
from mailbot.model import Case
from mailbot.rules.case.evolve_clock import in_status


def with_status(case: Case, event: StatusChanged) -> Case:
    """Return the case as it is in its new status."""
    closed = event.kind is Kind.CLOSED
    clocks = (in_status(clock, case, event) for clock in case.clocks)
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
        snoozed_until=None if closed else case.snoozed_until,
        snoozed_by="" if closed else case.snoozed_by,
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
