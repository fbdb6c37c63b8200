"""What must be there before a case goes on: a priority, an approval, the fields that are required."""

import pytest

from mailbot.process import Process
from mailbot.rules.case.flow import refusal
from tests.builders import ANNA, CUSTOMER, Story, a_case, changed, modera, names, told

APPROVAL = "Waiting for approval"


def with_status(name: str, **keys: object) -> Process:
    """Modera with other keys at one of its statuses."""
    statuses = [one.model_dump(by_alias=True) for one in modera().statuses]
    return changed(modera(), status=[{**one, **keys} if one["name"] == name else one for one in statuses])


EVALUATED = with_status("In progress", needs_priority=True, notice="evaluated")


def moves(**keys: str) -> Process:
    return changed(modera(), moves={**modera().moves.model_dump(), **keys})


@pytest.mark.parametrize(
    ("process", "status", "target", "said"),
    [
        (EVALUATED, "Open", "In progress", "In progress needs the priority first"),
        (moves(declined="Open"), APPROVAL, "In progress", f"{APPROVAL} leads to In progress only once"),
        (moves(declined="Open"), APPROVAL, "Fixed", f"{APPROVAL} leads to Fixed only once"),
        (modera(), APPROVAL, "In progress", f"{APPROVAL} leads to In progress only once"),
        (modera(), APPROVAL, "Waiting for customer", f"{APPROVAL} leads to Waiting for customer only once"),
        (modera(), APPROVAL, "Closed", ""),
    ],
)
def test_what_is_missing_refuses_the_step(process: Process, status: str, target: str, said: str) -> None:
    found = refusal(process, a_case(status), target)
    assert found.startswith(said) if said else not found


@pytest.mark.parametrize("text", ["status In progress\npriority P2", "priority P2\nstatus In progress"])
def test_the_priority_is_set_first_whatever_the_order_of_the_lines(text: str) -> None:
    story = Story(process=EVALUATED)
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, text)
    assert [name for name in names(story.last) if name != "CommandsRun"][:2] == ["PriorityChanged", "StatusChanged"]
    assert (CUSTOMER, "evaluated") in told(story.last)
    result = next(notice for notice in story.last.notices if notice.template == "command_result")
    assert [line["line"] for line in result.data["lines"]] == text.split("\n")  # type: ignore[attr-defined]  # plain values


def test_a_missing_field_pauses_the_resolution_clock_and_is_asked_for() -> None:
    field = {"name": "Version", "required": True}
    clocks = {"resolution": {"starts": "opened"}, "pickup": {"starts": "opened"}}
    story = Story(process=changed(modera(), field=[field], clocks=clocks))
    story.mail(CUSTOMER, "The printer is on fire.")
    assert names(story.last)[-1] == "ClockPaused"
    assert (CUSTOMER, "form_missing") in told(story.last)
    story.mail(CUSTOMER, "Version: 5")
    assert names(story.last) == ["MessageAdded", "FieldsGiven", "ClockResumed"]
    assert (CUSTOMER, "form_missing") not in told(story.last)


def test_a_status_with_causes_needs_one_and_may_change_it() -> None:
    process = with_status("Waiting for customer", causes={"log": "waiting-customer", "part": "waiting-other"})
    case = a_case("Waiting for customer", cause="log")
    assert refusal(process, case, "Waiting for customer") == (
        "Waiting for customer needs its cause: Waiting for customer log, Waiting for customer part"
    )
    assert not refusal(process, case, "Waiting for customer: part")


def test_a_step_that_the_flow_does_not_have_is_refused_with_those_that_it_has_also_without_a_priority() -> None:
    process = changed(EVALUATED, flow=[{"steps": {"Open": ["Closed"]}}])
    assert refusal(process, a_case(), "In progress") == "Open does not lead to In progress; it leads to Closed"
