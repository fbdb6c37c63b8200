"""`why` by mail: each clock of the case in plain words and numbers, in the reader's zone; for members everywhere."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailbot.rules.command.words import vocabulary
from mailbot.rules.counting import why
from mailbot.rules.telling import duration, service
from tests.builders import ANNA, BEN, CUSTOMER, Story, a_desk, a_directory, at, changed
from tests.companies.rehearsal import company

COMPANIES = ("advendio", "modera", "quadrotech", "support-flow", "urgency-levels")


def told(story: Story, who: str = ANNA) -> dict[str, list[str]]:
    """The sentences of each clock."""
    (notice,) = [n for n in story.last.notices if n.to == who and n.template == "why"]
    clocks: Any = notice.data["clocks"]
    return {clock["name"]: clock["lines"] for clock in clocks}


def a_conversation(directory: Any = None) -> Story:
    story = Story(directory=directory)
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "take", "2026-03-02 10:00")
    story.mail(ANNA, "ask: Which version?", "2026-03-02 12:00")
    story.mail(CUSTOMER, "Version 5.", "2026-03-03 10:00")
    return story


def test_every_pause_is_told_with_its_cause_and_what_is_used():
    story = a_conversation()
    story.mail(ANNA, "why", "2026-03-03 11:30:05")
    assert told(story) == {
        "pickup": [
            "Target: 16 hours at P3.",
            "Started: Monday 2 March 2026, 09:00 (UTC), opened.",
            "Counts: Monday to Friday 09:00-17:00 (UTC).",
            "Used: 1 hour of 16 hours.",
            "Due: Tuesday 3 March 2026, 17:00 (UTC), because what it waited for happened.",
        ],
        "resolution": [
            "Target: 80 hours at P3.",
            "Started: Monday 2 March 2026, 10:00 (UTC), picked up.",
            "Paused: from Monday 2 March 2026, 12:00 (UTC) to Tuesday 3 March 2026, 10:00 (UTC), Waiting for customer.",
            "Counts: Monday to Friday 09:00-17:00 (UTC).",
            "Used: 3 hours 30 minutes 5 seconds of 80 hours.",
            (
                "Due: Monday 16 March 2026, 16:00 (UTC), because its target of 80 hours is used up then, "
                "if nothing pauses it."
            ),
        ],
    }


def test_a_pause_that_goes_on_has_no_due_instant_that_anybody_could_name():
    story = a_conversation()
    story.mail(ANNA, "ask: And which system?", "2026-03-03 12:00")
    story.mail(ANNA, "why", "2026-03-03 13:00")
    lines = told(story)["resolution"]
    assert "Paused: from Tuesday 3 March 2026, 12:00 (UTC) and still is, Waiting for customer." in lines
    assert lines[-1].startswith("Due: nobody can say now, because it is paused: Waiting for customer")


def test_a_clock_without_a_limit_says_what_is_used_alone():
    story = a_conversation()
    story.mail(ANNA, "priority P5\nwhy", "2026-03-03 11:00")
    assert "Used: 3 hours." in told(story)["resolution"]
    assert "Due: nobody can say now, because its target is best effort: it never runs out." in told(story)["resolution"]


def test_instants_are_those_of_the_readers_zone():
    people = a_directory()
    there = tuple(replace(p, timezone="Asia/Kolkata") if p.address == BEN else p for p in people.people)
    story = a_conversation(replace(people, people=there))
    story.mail(BEN, "why", "2026-03-03 11:00")
    assert "Started: Monday 2 March 2026, 14:30 (IST), opened." in told(story, BEN)["pickup"]


def test_days_of_the_calendar_and_plain_hours_are_named_as_such():
    story = Story(process=company("urgency-levels"))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "why", "2026-03-02 10:00")
    assert "Counts: every hour." in told(story)["response"]
    story = Story(process=company("support-flow"))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "confirmed", "2026-03-02 09:30")
    story.mail(ANNA, "priority High\nevaluate", "2026-03-02 09:40")
    story.mail(ANNA, "why", "2026-03-02 10:00")
    assert "Counts: days of the calendar." in told(story)["resolution"]


def test_a_case_without_clocks_has_nothing_to_explain():
    story = Story(process=company("support-flow"))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "why", "2026-03-02 10:00")
    assert told(story) == {}
    assert why.told(story.case, story.process, a_desk(), at("2026-03-02 10:00"), ZoneInfo("UTC")) == []


def test_a_question_to_the_customer_is_no_command():
    story = a_conversation()
    story.mail(ANNA, "Why?", "2026-03-03 11:00")
    assert [n.template for n in story.last.notices if n.to == CUSTOMER] == ["answer"]


@pytest.mark.parametrize("name", COMPANIES)
def test_members_of_every_company_have_the_word_and_customers_do_not(name: str):
    def words(*, member: bool) -> set[str]:
        return {e.word.word for e in vocabulary(company(name), a_directory(), member=member)}

    assert "why" in words(member=True)
    assert "why" not in words(member=False)


@pytest.mark.parametrize(
    ("amount", "as_duration", "as_service"),
    [
        (timedelta(0), "less than a minute", "nothing"),
        (timedelta(seconds=1), "less than a minute", "1 second"),
        (timedelta(hours=26, minutes=5), "1 day 2 hours", "26 hours 5 minutes"),
        (timedelta(minutes=61), "1 hour 1 minute", "1 hour 1 minute"),
    ],
)
def test_amounts_are_told_in_words(amount: timedelta, as_duration: str, as_service: str):
    assert (duration(amount), service(amount)) == (as_duration, as_service)


def test_a_clock_that_was_met_at_another_target_says_so():
    story = a_conversation()
    story.mail(ANNA, "priority P2", "2026-03-03 11:00")
    story.mail(ANNA, "why", "2026-03-03 12:00")
    pickup = told(story)["pickup"]
    assert pickup[0] == "Target: 8 hours at P2 today; it stopped under another one."
    assert pickup[-1].startswith("Due: Tuesday 3 March 2026, 17:00 (UTC)")


def test_each_cause_of_a_rest_is_told_though_the_clock_rested_all_along():
    story = Story(process=company("quadrotech"))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00", admitted=True)
    story.mail(ANNA, "status Pending fix", "2026-03-02 12:00")
    story.mail(ANNA, "hold until 2026-03-06", "2026-03-03 10:00")
    story.mail(ANNA, "why", "2026-03-04 10:00")
    assert [line for line in told(story)["resolution"] if line.startswith("Paused")] == [
        "Paused: from Monday 2 March 2026, 12:00 (UTC) to Tuesday 3 March 2026, 10:00 (UTC), Pending (fix).",
        "Paused: from Tuesday 3 March 2026, 10:00 (UTC) and still is, On Hold.",
    ]


def test_own_closing_days_count_for_nothing_and_are_named():
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
    hours = {**days, "closed": (date(2026, 1, 2), date(2026, 3, 4), date(2026, 3, 5))}
    story = Story(process=changed(company("modera"), hours=hours))
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "why", "2026-03-03 10:00")
    closed = "without our closing days 2026-03-04 and 2026-03-05"
    assert f"Counts: Monday to Friday 09:00-17:00 (UTC), {closed}." in told(story)["pickup"]


def test_a_target_that_is_used_up_is_no_promise():
    story = Story()
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "why", "2026-03-09 10:00")
    assert "was used up then" in told(story)["pickup"][-1]


def test_what_was_solved_and_came_back_was_no_pause_of_ours():
    story = a_conversation()
    story.mail(ANNA, "fix: We changed it.", "2026-03-03 12:00")
    story.mail(CUSTOMER, "Still broken.", "2026-03-04 12:00")
    story.mail(ANNA, "why", "2026-03-04 13:00")
    assert any(line.endswith("it was met, until the case was reopened.") for line in told(story)["resolution"])
