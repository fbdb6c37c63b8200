"""How each event changes a case."""

from typing import Any

import pytest

from mailbot.event import (
    CaseAssigned,
    CasesMerged,
    CommandRefused,
    DeliveryFailed,
    Escalated,
    Event,
    Kind,
    MessageAdded,
    PriorityChanged,
    ReminderSent,
    StatusChanged,
    TypeChanged,
    Visibility,
)
from mailbot.rules.case.evolve import evolve, fold
from tests.builders import ANNA, CUSTOMER, NOON, a_case, at

LATER = at("2026-03-03 10:00")


def _over(keys: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return {**defaults, **keys}


def a_message(**keys: Any) -> MessageAdded:
    return MessageAdded(**_over(keys, at=LATER, sender=CUSTOMER, visibility=Visibility.PUBLIC))


def a_change(new: str, kind: Kind, **keys: Any) -> StatusChanged:
    return StatusChanged(**_over(keys, at=LATER, old="Open", new=new, kind=kind, reason="x", actor=ANNA))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(a_message(), {"messages": 1, "ladder_ended": False, "answered_at": None}, id="a message"),
        pytest.param(a_message(by_customer=True), {"ladder_ended": True}, id="a customer's message"),
        pytest.param(a_message(answers=True), {"answered_at": LATER}, id="an answer"),
        pytest.param(
            a_change("Closed", Kind.CLOSED, solved=True),
            {"status": "Closed", "closed": LATER, "reason": "x", "solved": True, "previous_status": "Open"},
            id="closed",
        ),
        pytest.param(
            a_change("Fixed", Kind.RESOLVED),
            {"status": "Fixed", "closed": None, "reason": "", "solved": False},
            id="moved",
        ),
        pytest.param(
            CaseAssigned(at=LATER, assignee=ANNA, actor=ANNA), {"assignee": ANNA, "picked_up_at": LATER}, id="a person"
        ),
        pytest.param(
            CaseAssigned(at=LATER, assignee="second line", actor=ANNA),
            {"assignee": "second line", "picked_up_at": None},
            id="a team",
        ),
        pytest.param(PriorityChanged(at=LATER, old="P3", new="P1", actor=ANNA), {"priority": "P1"}, id="priority"),
        pytest.param(TypeChanged(at=LATER, old="IT Help", new="Fault", actor=ANNA), {"type": "Fault"}, id="type"),
        pytest.param(ReminderSent(at=LATER, number=2), {"reminders": 2, "reminded_at": LATER}, id="a reminder"),
        pytest.param(
            CommandRefused(at=LATER, line="nto", reason="x", actor=ANNA, text="nto\nHi"),
            {"refused_text": "nto\nHi", "refused_by": ANNA},
            id="a refusal with a text",
        ),
        pytest.param(
            CommandRefused(at=LATER, line="nto", reason="x", actor=ANNA), {"refused_text": ""}, id="a refusal without"
        ),
        pytest.param(CasesMerged(at=LATER, into=7), {"merged_into": 7}, id="merged"),
        pytest.param(Escalated(at=LATER, level=1, to=ANNA, reason="x"), {"status": "Open"}, id="an escalation"),
        pytest.param(DeliveryFailed(at=LATER, to=CUSTOMER, status="5.1.1"), {"status": "Open"}, id="a failed delivery"),
    ],
)
def test_event_changes_the_case(event: Event, expected: dict[str, object]):
    case = evolve(a_case(), event)
    assert {key: getattr(case, key) for key in expected} == expected
    assert (case.version, case.latest) == (2, LATER)


def test_new_status_begins_without_reminders():
    reminded = evolve(a_case(), ReminderSent(at=LATER, number=2))
    case = evolve(evolve(reminded, a_message(by_customer=True)), a_change("Fixed", Kind.RESOLVED))
    assert (case.reminders, case.reminded_at, case.ladder_ended) == (0, None, False)


def test_first_answer_and_first_pick_up_stay_the_first():
    case = a_case("In progress", answered_at=NOON)
    case = evolve(evolve(case, a_message(answers=True)), CaseAssigned(at=LATER, assignee=CUSTOMER, actor=ANNA))
    assert (case.answered_at, case.picked_up_at) == (NOON, NOON)


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        pytest.param(a_message(sender=ANNA, answers=True), "", id="its author's own answer clears it"),
        pytest.param(a_message(sender=ANNA), "Hi", id="a note of its author does not"),
        pytest.param(a_message(sender="ben@example.com", answers=True), "Hi", id="nor a colleague's answer"),
    ],
)
def test_refused_text_is_kept_until_its_author_has_answered(event: Event, kept: str):
    assert evolve(a_case(refused_text="Hi", refused_by=ANNA), event).refused_text == kept


def test_event_in_the_past_does_not_turn_back_the_case():
    assert evolve(a_case(latest=LATER), a_message(at=NOON)).latest == LATER


def test_event_before_the_opening_is_an_error():
    with pytest.raises(ValueError, match="MessageAdded before CaseOpened"):
        evolve(None, a_message())


def test_no_events_make_no_case():
    with pytest.raises(ValueError, match="no events, no case"):
        fold([])
