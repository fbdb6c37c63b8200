"""Forms in mail: what a text fills in, what that sets, what is missing."""

from dataclasses import replace

import pytest

from mailbot.event import FieldsGiven, Kind, PriorityChanged, TypeChanged
from mailbot.process import Process
from mailbot.rules.case import form
from tests.builders import a_case, a_draft, a_mail, changed, modera

FIELDS: list[dict[str, object]] = [
    {"name": "Impact"},
    {"name": "Urgency", "values": {"right now": "high"}},
    {
        "name": "Impact + Urgency",
        "sets": "priority",
        "values": {"everybody + high": "P1", "one + high": "P2"},
    },
    {"name": "Level", "sets": "priority", "values": {"1": "P1"}, "required": True, "not_for": ["P2"]},
    {"name": "Kind", "sets": "type"},
    {"name": "Version"},
]


@pytest.fixture
def process() -> Process:
    return changed(modera(), field=FIELDS)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Version: 5.1", {"Version": "5.1"}),
        ("> * **version**: _5.1_", {"Version": "5.1"}),
        ("Version: ____", {}),
        ("Version 5.1", {}),
        ("Colour: red", {}),
        ("Version: 5\nVersion: 6", {"Version": "6"}),
    ],
)
def test_fields_are_read_line_by_line(process: Process, text: str, fields: dict[str, str]) -> None:
    assert form.fields_of(text, process) == fields


def test_what_is_quoted_fills_in_only_what_is_missing(process: Process) -> None:
    mail = a_mail(text="Level: 1\n> Level: 2\n> Kind: Fault\n> Version: 4", new_text="Level: 1")
    assert form.given(mail, process, {}) == {"Level": "1", "Kind": "Fault", "Version": "4"}
    assert form.given(mail, process, {"Version": "5", "Level": "1"}) == {"Kind": "Fault"}


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({}, ("P3", "IT Help")),
        ({"Level": "Critical"}, ("P2", "IT Help")),
        ({"Level": "1 - all is down"}, ("P1", "IT Help")),
        ({"Level": "great"}, ("P3", "IT Help")),
        ({"Kind": "fault"}, ("P3", "Fault")),
        ({"Kind": "improvement"}, ("P4", "Improvement")),
        ({"Kind": "improvement", "Level": "P5"}, ("P5", "Improvement")),
        ({"Kind": "wish"}, ("P3", "IT Help")),
        ({"Impact": "Everybody", "Urgency": "High."}, ("P1", "IT Help")),
        ({"Impact": "one", "Urgency": "right  NOW"}, ("P2", "IT Help")),
        ({"Impact": "one"}, ("P3", "IT Help")),
        ({"Version": "5"}, ("P3", "IT Help")),
    ],
)
def test_a_case_begins_as_its_fields_say(process: Process, fields: dict[str, str], start: tuple[str, str]) -> None:
    assert form.start_of(process, fields) == start


def test_a_priority_is_named_by_a_field_or_by_impact_and_urgency(process: Process) -> None:
    assert form.names_priority(process, {"Impact": "one", "Urgency": "high"})
    assert not form.names_priority(process, {"Level": "great"})


@pytest.mark.parametrize(
    ("priority", "fields", "missing"),
    [("P3", {}, ("Level",)), ("P2", {}, ()), ("P3", {"Level": "great"}, ())],
)
def test_required_fields_are_missing_but_at_some_priorities(
    process: Process, priority: str, fields: dict[str, str], missing: tuple[str, ...]
) -> None:
    assert form.missing(process, a_case(priority=priority, fields=fields)) == missing


def test_of_joined_fields_each_part_is_missing_by_its_own_name(process: Process) -> None:
    wanted = changed(process, field=[FIELDS[0], FIELDS[1], {**FIELDS[2], "required": True}])
    assert form.missing(wanted, a_case()) == ("Impact", "Urgency")
    assert form.missing(wanted, a_case(fields={"Impact": "one"})) == ("Urgency",)


def test_fields_set_type_and_priority_while_the_case_is_new(process: Process) -> None:
    draft = a_draft(a_case(), process=process)
    form.fill_in(draft, {"Level": "1", "Kind": "Fault"})
    assert [type(one.event) for one in draft.happened] == [FieldsGiven, TypeChanged, PriorityChanged]
    assert (draft.open_case.priority, draft.open_case.type) == ("P1", "Fault")


def test_fields_that_say_what_is_so_change_nothing(process: Process) -> None:
    draft = a_draft(a_case(priority="P1", type="Fault"), process=process)
    form.fill_in(draft, {"Level": "1", "Kind": "Fault"})
    form.fill_in(draft, {})
    assert [type(one.event) for one in draft.happened] == [FieldsGiven]


@pytest.mark.parametrize("case", [a_case("In progress"), replace(a_case(), priority_set=True)])
def test_fields_are_only_kept_once_somebody_began_or_set_the_priority(process: Process, case: object) -> None:
    draft = a_draft(case, process=process)  # type: ignore[arg-type]  # a table of cases
    form.fill_in(draft, {"Level": "1"})
    assert (draft.open_case.priority, dict(draft.open_case.fields)) == ("P3", {"Level": "1"})
    assert draft.open_case.kind in (Kind.NEW, Kind.ACTIVE)
