"""Why clocks start late, rest and ring, in companies other than modera; and what a change of the rules does to them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from mailbot.decision import DeadlineCame, GroundChanged
from mailbot.event import (
    ClockBreached,
    ClockChanged,
    ClockEvent,
    ClockName,
    ClockStarted,
    ClockWarned,
    ContractTold,
    Escalated,
    Event,
    PlanChanged,
    StatusChanged,
)
from mailbot.facts import Facts
from mailbot.model import Clock, Deadline
from mailbot.people import Directory, Person, Role
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.deadlines import PROMPT, deadlines, instant
from tests.builders import ANNA, CUSTOMER, LEA, MAX, MODERA_FILE, Story, a_desk, a_directory, at, changed, names, told

PICKUP, RESPONSE, RESOLUTION = ClockName.PICKUP, ClockName.RESPONSE, ClockName.RESOLUTION
DIRECTOR = "dora@example.com"
TALLINN = "Europe/Tallinn"


@cache
def company(name: str) -> Process:
    return load_process(MODERA_FILE.parent / f"{name}.toml")


def quadrotech(contract_until: str = "2026-12-31", **keys: object) -> Story:
    """A case of a customer with a contract, opened on Monday the second of March at ten."""
    people = (
        *(person for person in a_directory().people if person.address != CUSTOMER),
        Person(address=CUSTOMER, organisation="Acme", contract_until=at(f"{contract_until} 00:00").date()),
        Person(address=DIRECTOR, role="director"),
    )
    process = changed(company("quadrotech"), **keys) if keys else company("quadrotech")
    story = Story(process=process, directory=Directory(version="1", people=people))
    story.mail(CUSTOMER, "The backup fails.")
    return story


def flow(said: str, when: str = "2026-03-02 12:00", zone: str = "UTC") -> Story:
    """An issue on which a member has said something."""
    story = Story(process=company("support-flow"), desk=a_desk(timezone=zone))
    story.mail(CUSTOMER, "The player stops.")
    story.mail(ANNA, said, when)
    return story


def clock(story: Story, name: ClockName = RESOLUTION) -> Clock:
    found = story.case.clock(name)
    assert found is not None
    return found


def events(story: Story, *kinds: type[Event]) -> Iterator[Event]:
    return (event for event in story.events[1] if isinstance(event, kinds))


def changes_ground(story: Story, process: Process, when: str) -> list[str]:
    """The operator edits the process, and the engine looks at the case anew."""
    story.process = process
    decision = story.happens(GroundChanged(case=1), Facts(desk=story.desk, directory=story.directory), at(when))
    assert story.folded() == story.cases
    return names(decision)


def with_targets(process: Process, priority: str, **targets: str) -> Process:
    rows: list[dict[str, Any]] = []
    for known in process.priorities:
        own: dict[str, Any] = {"targets": {**known.targets, **targets}} if known.name == priority else {}
        rows.append(known.model_dump() | own)
    return changed(process, priority=rows)


# --- Starts in a status ---------------------------------------------------------------------------------------------


def test_clock_starts_when_the_case_reaches_its_status_and_counts_from_there():
    story = flow("confirmed")
    assert story.case.clocks == ()
    story.mail(ANNA, "priority High", "2026-03-03 09:00")
    assert story.case.clocks == ()
    story.mail(ANNA, "evaluate", "2026-03-03 09:30")
    (event,) = events(story, ClockStarted)
    assert isinstance(event, ClockStarted)
    assert (event.since, event.due) == (at("2026-03-03 09:30"), at("2026-03-06 09:30"))


def test_clock_starts_also_where_one_mail_leads_through_its_status_and_on():
    story = flow("confirmed\npriority Severe\nevaluate\nschedule")
    assert story.case.status == "Scheduled"
    assert clock(story).spans[0].start == at("2026-03-02 12:00")


@pytest.mark.parametrize(
    ("severity", "warned", "due"),
    [
        pytest.param("Severe", "2026-03-29 10:00", "2026-03-29 16:00", id="one calendar day of 23 hours"),
        pytest.param("High", "2026-03-29 16:00", "2026-03-31 16:00", id="a range warns at its lower bound"),
        pytest.param("Low", "2026-04-02 16:00", "2026-04-07 16:00", id="five to ten days"),
    ],
)
def test_calendar_days_end_at_the_same_local_time_over_the_change_of_the_clocks(severity: str, warned: str, due: str):
    story = flow(f"confirmed\npriority {severity}\nevaluate", f"2026-03-28 16:00 {TALLINN}", TALLINN)
    story.until("2026-05-01 12:00")
    told_at = [(type(e).__name__, e.at) for e in events(story, ClockWarned, ClockBreached)]
    assert told_at == [("ClockWarned", at(f"{warned} {TALLINN}")), ("ClockBreached", at(f"{due} {TALLINN}"))]


def test_at_discretion_never_warns_or_breaches():
    story = flow("confirmed\npriority Enhancement\nevaluate")
    assert clock(story).due is None
    story.until("2027-03-02 10:00")
    assert not list(events(story, ClockWarned, ClockBreached))


# --- Rests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        pytest.param("status Pending customer", "Pending (customer)", id="waits for the customer"),
        pytest.param("status Pending fix", "Pending (fix)", id="waits for a fix"),
        pytest.param("hold until 2026-03-20", "On Hold", id="on hold"),
    ],
)
def test_resolution_rests_with_its_cause_and_response_does_not(said: str, cause: str):
    story = quadrotech()
    story.mail(ANNA, f"take\n{said}", "2026-03-02 12:00")
    assert clock(story).spans[-1].cause == cause
    assert not clock(story).running
    assert clock(story, RESPONSE).running


def test_hold_that_ends_by_itself_lets_the_clock_go_on_at_the_opening():
    story = quadrotech()
    story.mail(ANNA, "We look at it.", "2026-03-02 12:00")
    story.mail(ANNA, "hold until 2026-03-07", "2026-03-02 13:00")
    story.until("2026-03-09 09:00")
    # The seventh is a Saturday: back on Monday at nine, with three of eighty hours used.
    back = [e for e in events(story, StatusChanged) if e.at == at("2026-03-09 09:00")]
    assert [getattr(e, "new", "") for e in back] == ["In Progress"]
    assert clock(story).due == at("2026-03-20 14:00")


def test_end_of_a_hold_that_was_seen_late_counts_from_when_it_was_due():
    story = quadrotech()
    story.mail(ANNA, "hold until 2026-03-04", "2026-03-02 13:00")
    story.now = at("2026-03-06 12:00")
    story.until("2026-03-06 12:00")
    assert clock(story).spans[-1].start == at("2026-03-04 09:00")


def test_time_that_a_mail_was_held_is_the_first_pause_of_every_clock():
    story = Story(process=company("quadrotech"), directory=quadrotech().directory)
    story.mail(CUSTOMER, "It fails.", "2026-03-04 12:00", admitted=True, received_at=at("2026-03-02 10:00"))
    for name, due in ((RESPONSE, "2026-03-06 12:00"), (RESOLUTION, "2026-03-18 12:00")):
        spans = [(span.start, span.running, span.cause) for span in clock(story, name).spans]
        assert spans == [(at("2026-03-02 10:00"), False, "held"), (at("2026-03-04 12:00"), True, "opened")]
        assert clock(story, name).due == at(due)


def test_missing_field_that_is_required_pauses_the_resolution_clock_alone():
    fields = [f.model_dump() | {"required": True} for f in company("urgency-levels").fields if f.name == "Urgency"]
    story = Story(process=changed(company("urgency-levels"), field=fields))
    story.mail(CUSTOMER, "Please add a user.")
    assert clock(story).spans[-1].cause == "missing: Urgency"
    assert clock(story, RESPONSE).running
    story.mail(CUSTOMER, "Urgency: 3", "2026-03-02 12:00")
    # Three hundred hours around the clock less none: they count from the answer.
    assert clock(story).due == at("2026-03-07 12:00")


# --- Alarms ---------------------------------------------------------------------------------------------------------


def with_alarms(*rows: tuple[float, str]) -> Story:
    return quadrotech(alarm=[{"clock": "resolution", "at": share, "to": to} for share, to in rows])


def rung(story: Story) -> list[tuple[str, object]]:
    return [(e.to, e.at) for e in events(story, Escalated) if isinstance(e, Escalated)]


def test_alarms_ring_once_each_at_their_share():
    story = with_alarms((0.5, "lead"), (1, "director"))
    story.until("2026-06-01 12:00")
    # Ten business days from Monday ten o'clock.
    assert rung(story) == [(LEA, at("2026-03-09 10:00")), (DIRECTOR, at("2026-03-16 10:00"))]


def test_alarm_is_as_much_later_as_its_clock_rested():
    story = with_alarms((0.5, "lead"))
    story.mail(ANNA, "ask: Which version?", "2026-03-03 10:00")
    story.mail(CUSTOMER, "Five", "2026-03-05 10:00")
    story.until("2026-03-20 12:00")
    assert rung(story) == [(LEA, at("2026-03-11 10:00"))]


def test_alarm_that_a_shorter_target_makes_past_rings_at_the_change_and_not_again():
    story = with_alarms((0.5, "lead"))
    story.mail(ANNA, "priority High", "2026-03-05 10:00")
    story.until("2026-03-05 10:00")
    assert rung(story) == [(LEA, at("2026-03-05 10:00"))]
    story.mail(ANNA, "priority Low", "2026-03-05 11:00")
    story.until("2026-06-01 12:00")
    assert len(rung(story)) == 1


def test_alarm_for_a_role_that_nobody_has_calls_the_lead():
    story = with_alarms((0.5, "manager"))
    story.directory = Directory(people=tuple(p for p in story.directory.people if p.role != Role.MANAGER))
    story.until("2026-03-09 10:00")
    assert [address for address, _ in rung(story)] == [LEA]


def test_alarm_that_nobody_hears_is_written_down_all_the_same():
    story = with_alarms((0.5, "manager"))
    people = (p for p in story.directory.people if p.role not in (Role.MANAGER, Role.LEAD))
    story.directory = Directory(people=tuple(people))
    story.until("2026-03-09 10:00")
    (alarm,) = events(story, Escalated)
    assert getattr(alarm, "reason", "").endswith("nobody is manager")


def test_alarm_reaches_whom_it_names():
    story = with_alarms((0.5, "manager"))
    story.until("2026-03-09 10:00")
    assert (MAX, "escalated") in told(story.last)


# --- Other rules ----------------------------------------------------------------------------------------------------


def test_change_of_the_file_recomputes_and_loses_no_pause():
    story = quadrotech()
    story.mail(ANNA, "ask: Which version?", "2026-03-02 12:00")
    story.mail(CUSTOMER, "Five", "2026-03-04 12:00")
    edited = with_targets(story.process, "Medium", resolution="5 business days")
    assert changes_ground(story, edited, "2026-03-05 10:00") == ["ClockChanged"]
    (event,) = events(story, ClockChanged)
    assert isinstance(event, ClockChanged)
    # Two hours before the question; five and one since the answer; forty are the target now.
    assert (event.used_seconds, event.due) == (8 * 3600, at("2026-03-11 10:00"))


def test_other_hours_recompute_too():
    story = quadrotech()
    edited = changed(story.process, hours=story.process.hours.model_dump() | {"tuesday": "", "friday": ""})
    assert changes_ground(story, edited, "2026-03-02 11:00") == ["ClockChanged", "ClockChanged"]
    assert clock(story, RESPONSE).due == at("2026-03-05 10:00")


def test_target_that_is_past_under_the_new_file_is_breached_at_the_change_and_told():
    story = quadrotech()
    edited = with_targets(story.process, "Medium", response="1 hour")
    assert changes_ground(story, edited, "2026-03-02 15:00") == ["ClockChanged", "ClockBreached"]
    (event,) = events(story, ClockBreached)
    assert isinstance(event, ClockBreached)
    assert (event.at, event.due) == (at("2026-03-02 15:00"), at("2026-03-02 11:00"))
    assert (ANNA, "clock_breached") in told(story.last)


def test_same_rules_change_nothing():
    story = quadrotech()
    assert changes_ground(story, story.process, "2026-03-02 15:00") == []
    assert story.last.hits[-1].rule == "ground"


def test_deadline_of_older_rules_lets_those_of_today_speak():
    story = quadrotech()
    old = next(d for d in deadlines(story.case, story.process, story.desk) if d.rule == "breach:response")
    story.process = with_targets(story.process, "Medium", response="5 business days")
    given = Facts(desk=story.desk, directory=story.directory)
    decision = story.happens(DeadlineCame(deadline=old), given, old.due)
    assert names(decision) == ["ClockChanged"]
    assert clock(story, RESPONSE).due == at("2026-03-09 10:00")


def test_plan_of_the_directory_is_the_plan_of_its_cases():
    least = company("advendio").start.priority
    plans = [{"name": "basic", "default": True}, {"name": "premium", "targets": {least: {"response": "60 minutes"}}}]
    story = Story(process=changed(company("advendio"), plan=plans))
    story.mail(CUSTOMER, "How do I send it?")
    assert (story.case.plan, clock(story, RESPONSE).due) == ("basic", at("2026-03-04 10:00"))
    story.directory = Directory(
        version="2", people=(Person(address=CUSTOMER, plan="premium"), *a_directory().people[1:])
    )
    assert changes_ground(story, story.process, "2026-03-02 10:30") == ["PlanChanged", "ClockChanged"]
    (event,) = events(story, PlanChanged)
    assert getattr(event, "plan", "") == "premium"
    assert clock(story, RESPONSE).due == at("2026-03-02 11:00")


def test_contract_that_ends_is_told_before_and_after_and_stops_nothing():
    story = quadrotech("2026-04-10")
    story.until("2026-04-12 12:00")
    ends = [(getattr(e, "what", ""), e.at) for e in events(story, ContractTold)]
    assert ends == [("contract-ending", at("2026-03-12 00:00")), ("contract-ended", at("2026-04-11 00:00"))]
    assert story.case.closed is None


# --- Late -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "seconds", "late"),
    [
        pytest.param("ladder:silence", 60, False, id="a reminder within a minute is on time"),
        pytest.param("ladder:silence", 61, True, id="a reminder counts from when it is sent"),
        pytest.param("warning:pickup", 9999, False, id="a warning is due when it is due"),
        pytest.param("end-of-hold", 9999, False, id="a hold ends when it ends"),
    ],
)
def test_instant_of_what_is_done_late(rule: str, seconds: int, late: bool):
    due = at("2026-03-02 10:00")
    now = due + PROMPT / 60 * seconds
    assert instant(Deadline(case=1, rule=rule, cycle="1", due=due), now) == (now if late else due)


def test_answer_that_came_in_time_is_in_time_though_a_warning_was_told_late():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    warning = next(d for d in deadlines(story.case, story.process, story.desk) if d.rule == "warning:pickup")
    given = Facts(desk=story.desk, directory=story.directory)
    story.happens(DeadlineCame(deadline=warning), given, at("2026-03-05 10:00"))
    story.mail(ANNA, "take", "2026-03-04 09:00")
    assert clock(story, PICKUP).met_at == at("2026-03-04 09:00")
    assert not list(events(story, ClockBreached))


def test_breach_that_nobody_saw_pass_has_its_due_instant():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, "take", "2026-03-05 10:00")
    (event,) = events(story, ClockBreached)
    assert event.at == at("2026-03-04 10:00")
    happened = [type(e).__name__ for e in events(story, ClockEvent)]
    assert happened[-3:] == ["ClockBreached", "ClockMet", "ClockStarted"]


def test_target_used_up_at_the_instant_of_a_pause_is_breached_then():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, "take\npriority P1", "2026-03-02 10:00")
    story.mail(ANNA, "ask: Which?", "2026-03-03 10:00")
    assert not clock(story).running
    story.until("2026-03-03 10:00")
    breaches = [(e.at, getattr(e, "clock", "")) for e in events(story, ClockBreached)]
    assert breaches == [(at("2026-03-03 10:00"), RESOLUTION)]


def test_clock_that_never_started_because_its_case_was_closed_starts_when_it_comes_back():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, "take\nclose: Duplicate", "2026-03-02 11:00")
    story.mail(CUSTOMER, "reopen", "2026-03-13 09:00")
    assert clock(story).spans[0].start == at("2026-03-13 09:00")
    assert clock(story).due == at("2026-03-26 17:00")


def test_clock_that_ended_with_its_case_goes_on_before_it_is_met():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(CUSTOMER, "close", "2026-03-02 12:00")
    decision = story.mail(ANNA, "reopen\ntake", "2026-03-09 09:00")
    assert [n for n in names(decision) if n.startswith("Clock")][:2] == ["ClockResumed", "ClockMet"]
    assert clock(story, PICKUP).ended_at is None
