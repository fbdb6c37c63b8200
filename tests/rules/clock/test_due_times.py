"""What a case's assignee is told for the calendar."""

from datetime import datetime

import pytest

from mailbot.decision import Decision, DueTime
from tests.builders import ANNA, BEN, CUSTOMER, LEA, Story, a_desk, a_story, at


def dates(decision: Decision, to: str) -> list[DueTime]:
    """All that a person's notices say of due times."""
    return [due for notice in decision.notices if notice.to == to for due in notice.due_times]


def due(story: Story) -> datetime | None:
    clock = next(clock for clock in story.case.clocks if clock.name == "resolution")
    return clock.due


def test_who_takes_a_case_is_told_when_it_is_due_in_the_receipt_and_nobody_else():
    story = a_story()
    decision = story.mail(ANNA, "take")
    (told,) = dates(decision, ANNA)
    assert (told.clock, told.due, told.is_over) == ("resolution", due(story), False)
    assert {notice.to for notice in decision.notices if notice.due_times} == {ANNA}


def test_who_is_given_a_case_is_told_by_the_notice_of_it():
    decision = a_story().mail(LEA, f"assign {BEN}")
    (notice,) = [notice for notice in decision.notices if notice.due_times]
    assert (notice.template, notice.to, [one.clock for one in notice.due_times]) == ("assigned", BEN, ["resolution"])


def test_time_that_moves_is_told_again_and_one_that_stays_is_not():
    story = a_story("In progress")
    before = due(story)
    (moved,) = dates(story.mail(ANNA, "priority P1"), ANNA)
    assert (moved.due, moved.is_over) == (due(story), False)
    assert moved.due != before
    assert dates(story.mail(ANNA, "tag: printer"), ANNA) == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("ask: Which one?", "the clock rests", id="paused"),
        pytest.param("fix: The cable.", "the clock is met", id="met"),
        pytest.param("close: Duplicate", "the case ended", id="ended"),
    ],
)
def test_nothing_is_due_any_more_when(line: str, word: str):
    story = a_story("In progress")
    before = due(story)
    (over,) = dates(story.mail(ANNA, line), ANNA)
    assert (over.due, over.is_over) == (before, True), word


def test_customers_answer_that_lets_the_clock_go_on_brings_the_new_time():
    story = a_story("Waiting for customer")
    decision = story.mail(CUSTOMER, "The one in room 4.", "2026-03-04 10:00")
    (again,) = dates(decision, ANNA)
    assert (again.due, again.is_over) == (due(story), False)
    assert dates(decision, CUSTOMER) == []


def test_who_gives_a_case_away_has_it_taken_out():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"assign {BEN}")
    assert [one.is_over for one in dates(decision, ANNA)] == [True]
    assert [one.is_over for one in dates(decision, BEN)] == [False]


def test_case_of_a_team_is_in_nobodys_calendar():
    decision = a_story().mail(LEA, "assign second line")
    assert [notice for notice in decision.notices if notice.due_times] == []


def test_each_person_is_told_once_in_a_decision():
    story = a_story("In progress")
    decision = story.mail(ANNA, "priority P1\nstatus\nwhy")
    assert len([n for n in decision.notices if n.to == ANNA]) > 1
    assert len([n for n in decision.notices if n.to == ANNA and n.due_times]) == 1


def test_desk_that_does_not_want_it_sends_none():
    story = a_story(desk=a_desk(calendar=False))
    assert dates(story.mail(ANNA, "take"), ANNA) == []


def test_case_opened_and_taken_in_one_mail_is_told_too():
    story = Story()
    decision = story.mail(ANNA, f"for {CUSTOMER}\ntake\nHe phoned.")
    assert [one.due for one in dates(decision, ANNA)] == [due(story)]
    assert at("2026-03-02 10:00") < dates(decision, ANNA)[0].due


def test_who_goes_away_has_nothing_due_any_more_of_the_cases_that_the_team_gets():
    story = a_story("In progress")
    before = due(story)
    decision = story.mail(ANNA, "away until 2026-04-01", case=99)
    (over,) = dates(decision, ANNA)
    assert over.of is not None
    assert (over.due, over.is_over, over.of.number) == (before, True, 1)
    assert dates(decision, BEN) == dates(decision, LEA) == []
