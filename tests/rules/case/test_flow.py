"""Which status may follow which."""

import pytest

from mailbot.rules.case.flow import allowed, refusal
from tests.builders import a_case, changed, modera

FLOWS = [
    {"types": ["Fault"], "steps": {"Open": ["In progress"], "In progress": ["Fixed"]}},
    {"steps": {"Open": ["In progress", "Closed"], "Closed": ["In progress"]}},
]


@pytest.mark.parametrize(
    ("status", "target", "reason"),
    [
        pytest.param("Open", "In progress", "", id="forward"),
        pytest.param("Open", "Fixed", "", id="over several"),
        pytest.param("Fixed", "In progress", "", id="back into work"),
        pytest.param("In progress", "In progress", "the case is In progress already", id="where it is"),
        pytest.param("In progress", "Open", "In progress does not lead to Open; it leads to Waiting", id="into new"),
        pytest.param("Closed", "In progress", "the case is Closed; only 'reopen' takes it back", id="out of closed"),
    ],
)
def test_without_stated_steps_any_but_new_and_out_of_closed(status: str, target: str, reason: str):
    said = refusal(modera(), a_case(status), target)
    assert said.startswith(reason) if reason else not said


@pytest.mark.parametrize(
    ("type_", "status", "steps"),
    [
        pytest.param("Fault", "Open", ("In progress",), id="the type's own flow"),
        pytest.param("Fault", "Fixed", (), id="a status that the type's flow does not name"),
        pytest.param("IT Help", "Open", ("In progress", "Closed"), id="the flow of all other types"),
        pytest.param("IT Help", "Closed", ("In progress",), id="a flow may lead out of closed"),
    ],
)
def test_stated_steps_are_the_only_ones(type_: str, status: str, steps: tuple[str, ...]):
    assert allowed(changed(modera(), flow=FLOWS), a_case(status, type=type_)) == steps


def test_refusal_names_the_steps_that_there_are():
    process = changed(modera(), flow=FLOWS)
    assert refusal(process, a_case(), "Fixed") == "Open does not lead to Fixed; it leads to In progress, Closed"
    assert refusal(process, a_case("Fixed"), "Closed") == "Fixed does not lead to Closed; it leads to nowhere"


def test_flow_for_another_type_says_nothing():
    process = changed(modera(), flow=FLOWS[:1])
    assert "Fixed" in allowed(process, a_case(type="IT Help"))
