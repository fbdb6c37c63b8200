"""What happens when nobody writes: warnings, breaches, reminders and closes, to the second."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.decision import DeadlineCame
from mailbot.event import ClockBreached, ClockWarned, ReminderSent, StatusChanged
from mailbot.facts import Facts
from mailbot.model import Deadline
from mailbot.rules.deadlines import deadlines
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    Story,
    a_desk,
    a_directory,
    a_story,
    at,
    changed,
    modera,
    names,
    told,
    with_targets,
)

TALLINN = "Europe/Tallinn"


def in_tallinn(status: str, when: str) -> Story:
    """A case that reached the status at this instant, in Estonia with its holidays."""
    story = Story(desk=a_desk(timezone=TALLINN, holidays="EE"))
    story.mail(CUSTOMER, "The printer is on fire.", f"{when} {TALLINN}")
    lines = {"Waiting for customer": "ask: Which?", "Waiting for approval": "estimate: A day", "Fixed": "fix: Done"}
    story.mail(ANNA, f"take\n{lines[status]}")
    return story


def steps(story: Story) -> list[tuple[str, str]]:
    """What the ladder did, and when in Tallinn."""
    zone = at(f"2026-01-01 00:00 {TALLINN}").tzinfo
    assert zone is not None
    kinds = (ReminderSent, StatusChanged)
    events = [e for e in story.events[1] if isinstance(e, kinds) and getattr(e, "actor", "mailbot") == "mailbot"]
    return [(e.at.isoformat(sep=" ")[:19], e.reason if isinstance(e, StatusChanged) else str(e.number)) for e in events]


@pytest.mark.parametrize(
    ("status", "asked", "expected"),
    [
        pytest.param(
            "Waiting for customer",
            "2026-03-02 10:00:07",
            [("2026-04-01 07:00:07", "1"), ("2026-04-06 07:00:07", "2"), ("2026-04-08 07:00:07", "Inactive")],
            id="over the change to summer time and over Good Friday",
        ),
        pytest.param(
            "Waiting for approval",
            "2026-03-06 20:00",
            [("2026-04-06 06:00:00", "1"), ("2026-04-07 14:00:00", "2"), ("2026-04-09 14:00:00", "Inactive")],
            id="thirty days end on Easter Sunday: the reminder goes out at the next opening",
        ),
        pytest.param(
            "Fixed",
            "2026-10-01 16:30",
            [("2026-11-02 07:00:00", "1"), ("2026-11-03 15:00:00", "2"), ("2026-11-05 15:00:00", "Not objected")],
            id="over the change to winter time, ending on a Saturday",
        ),
        pytest.param(
            "Fixed",
            "2026-11-25 12:00",
            [("2026-12-28 07:00:00", "1"), ("2026-12-29 15:00:00", "2"), ("2026-12-31 15:00:00", "Not objected")],
            id="thirty days end on Christmas Day, a Friday",
        ),
    ],
)
def test_silence_climbs_the_ladder_to_the_second(status: str, asked: str, expected: list[tuple[str, str]]):
    story = in_tallinn(status, asked)
    story.until("2027-03-01 12:00")
    assert steps(story) == expected
    assert story.case.status == "Closed"
    assert story.folded() == story.cases


def test_silence_after_a_fix_counts_as_solved_and_after_a_question_does_not():
    fixed, asked = in_tallinn("Fixed", "2026-03-02 10:00"), in_tallinn("Waiting for customer", "2026-03-02 10:00")
    for story in (fixed, asked):
        story.until("2026-12-01 12:00")
    assert fixed.case.solved
    assert not asked.case.solved
    assert asked.case.clocks[1].ended_at == at("2026-04-08 07:00")


def test_customer_is_reminded_and_told_the_reason_of_the_close():
    story = in_tallinn("Waiting for customer", "2026-03-02 10:00")
    story.notices.clear()
    story.until("2026-12-01 12:00")
    to_customer = [(n.template, n.data.get("number"), n.data.get("waiting")) for n in story.notices if n.to == CUSTOMER]
    assert to_customer == [("reminder", 1, "answer"), ("reminder", 2, "answer"), ("closed", None, None)]
    closed = next(n for n in story.notices if n.to == CUSTOMER and n.template == "closed")
    assert closed.data["reason"] == "Inactive"
    assert closed.auto_submitted == "auto-generated"
    assert (ANNA, "closed") in {(n.to, n.template) for n in story.notices}


@pytest.mark.parametrize(
    ("status", "waiting"),
    [("Waiting for approval", "approval"), ("Fixed", "confirmation"), ("Waiting for customer", "answer")],
)
def test_reminder_says_what_it_waits_for(status: str, waiting: str):
    story = in_tallinn(status, "2026-03-02 10:00")
    story.until("2026-04-02 12:00")
    assert [n.data["waiting"] for n in story.notices if n.template == "reminder"] == [waiting]


@pytest.mark.parametrize("status", ["Waiting for approval", "Fixed"])
def test_human_mail_ends_the_ladder_also_where_the_status_stays(status: str):
    story = in_tallinn(status, "2026-03-02 10:00")
    story.mail(CUSTOMER, "Thanks!", f"2026-04-02 10:00 {TALLINN}")
    assert story.case.status == status
    story.until("2027-03-01 12:00")
    assert steps(story) == []


def test_new_question_starts_the_ladder_anew():
    story = in_tallinn("Waiting for customer", "2026-03-02 10:00")
    story.until("2026-04-02 12:00")
    story.mail(CUSTOMER, "Upstairs")
    story.mail(ANNA, "ask: Sure?", f"2026-04-07 10:00 {TALLINN}")
    story.until("2026-05-07 12:00")
    assert [number for _, number in steps(story)] == ["1", "1"]
    assert steps(story)[-1][0] == "2026-05-07 07:00:00"


def test_late_reminder_counts_the_next_step_from_when_it_was_sent():
    story = in_tallinn("Waiting for customer", "2026-03-02 10:00")
    story.now = at(f"2026-04-14 12:00 {TALLINN}")
    story.until("2026-12-01 12:00")
    assert steps(story) == [
        ("2026-04-14 09:00:00", "1"),
        ("2026-04-16 09:00:00", "2"),
        ("2026-04-20 09:00:00", "Inactive"),
    ]


def test_answer_at_the_due_instant_comes_first():
    story = in_tallinn("Waiting for customer", "2026-03-02 10:00")
    (deadline,) = deadlines(story.case, story.process, story.desk)
    story.mail(CUSTOMER, "Upstairs", "2026-04-01 07:00")
    assert deadline.due == at("2026-04-01 07:00") == story.now
    decision = story.happens(
        DeadlineCame(deadline=deadline), Facts(desk=story.desk, directory=a_directory()), story.now
    )
    assert (names(decision), decision.notices) == ([], ())
    assert decision.hits[0].reason == "ladder:silence no longer stands"


# --- Clocks ---------------------------------------------------------------------------------------------------------


def test_clock_warns_at_three_quarters_and_breaches_at_its_target():
    story = a_story()
    fired = story.until("2026-03-31 10:00")
    assert [(d.rule, d.due) for d in fired] == [
        ("warning:pickup", at("2026-03-03 14:00")),
        ("breach:pickup", at("2026-03-04 10:00")),
    ]
    warned, breached = story.events[1][-2:]
    assert isinstance(warned, ClockWarned)
    assert isinstance(breached, ClockBreached)
    assert warned.due == breached.due == breached.at == at("2026-03-04 10:00")
    alarms = [(n.to, n.template, n.data["clock"]) for n in story.notices if n.template.startswith("clock")]
    assert alarms == [(who, what, "pickup") for what in ("clock_warned", "clock_breached") for who in (ANNA, BEN, LEA)]


def test_breach_that_was_late_has_the_due_instant():
    story = a_story()
    story.now = at("2026-03-06 10:00")
    story.until("2026-03-06 11:00")
    breached = story.events[1][-1]
    assert breached.at == at("2026-03-04 10:00")
    # An answer that came meanwhile, and is read after it, is no later for the outage.
    assert story.case.latest == at("2026-03-04 10:00")


def test_assignee_alone_hears_of_the_resolution_clock():
    story = a_story("In progress")
    story.until("2026-03-31 10:00")
    assert {n.to for n in story.notices if n.template == "clock_breached"} == {ANNA}
    assert [d.rule for d in deadlines(story.case, story.process, story.desk)] == []


def test_range_warns_at_its_lower_bound():
    wide = with_targets(pickup="3-4 hours")
    story = Story(process=changed(modera(), priority=wide))
    story.mail(CUSTOMER, "The printer is on fire.")
    assert [(d.rule, d.due) for d in story.until("2026-03-31 10:00")] == [
        ("warning:pickup", at("2026-03-02 13:00")),
        ("breach:pickup", at("2026-03-02 14:00")),
    ]


def test_warning_that_would_come_with_the_breach_is_left_out():
    rule = modera().clocks
    tight = {name: r.model_dump() | {"warn_at": 0.9999999} for name, r in rule.items()}
    story = Story(process=changed(modera(), clocks=tight))
    story.mail(CUSTOMER, "The printer is on fire.")
    assert [d.rule for d in story.until("2026-03-31 10:00")] == ["breach:pickup"]


@pytest.mark.parametrize("status", ["Waiting for customer", "Waiting for approval", "Fixed", "Closed"])
def test_clock_that_rests_is_met_or_ended_is_never_late(status: str):
    story = a_story(status)
    assert [d for d in deadlines(story.case, story.process, story.desk) if not d.rule.startswith("ladder")] == []


def test_clock_that_the_process_no_longer_has_is_never_late():
    story = a_story()
    bare = [p.model_dump() | {"targets": {}} for p in modera().priorities]
    assert deadlines(story.case, changed(modera(), clocks={}, priority=bare), story.desk) == ()


def test_deadline_changes_its_name_when_the_clock_has_rested():
    story = a_story("In progress")
    before = deadlines(story.case, story.process, story.desk)[0]
    story.mail(ANNA, "ask: Which?")
    story.mail(CUSTOMER, "Upstairs")
    after = deadlines(story.case, story.process, story.desk)[0]
    assert (before.rule, before.due) == (after.rule, after.due)
    assert before.cycle != after.cycle


def test_deadline_that_no_longer_stands_does_nothing():
    story = a_story()
    deadline = deadlines(story.case, story.process, story.desk)[0]
    late: Deadline = replace(deadline, due=deadline.due + timedelta(seconds=1))
    decision = story.happens(DeadlineCame(deadline=late), Facts(desk=story.desk, directory=a_directory()), late.due)
    assert (names(decision), told(decision)) == ([], set())


def test_clock_warns_once():
    story = a_story()
    story.until("2026-03-03 15:00")
    assert [d.rule for d in deadlines(story.case, story.process, story.desk)] == ["breach:pickup"]


def test_ladder_in_hours_waits_for_the_opening():
    ladder = {"name": "silence", "in": ["Waiting for customer"], "steps": [{"after": "10 hours", "do": "remind"}]}
    story = a_story("Open", process=changed(modera(), ladder=[ladder]))
    story.mail(ANNA, "ask: Which?", "2026-03-02 15:00")
    assert [d.due for d in story.until("2026-03-31 10:00")] == [at("2026-03-03 09:00")]
    assert story.case.reminders == 1
