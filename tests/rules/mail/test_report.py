"""`report`: what is counted, for whom, and that nothing changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Ending, MailArrived
from mailbot.event import ClockName
from mailbot.facts import Listed, Query
from mailbot.model import Case, Clock, Span
from mailbot.people import Person, Role
from mailbot.rules.mail.asking import wanted
from mailbot.rules.notice.report import PERIOD, numbers
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    MAX,
    NOON,
    SESSION,
    VERIFIED,
    Story,
    a_case,
    a_directory,
    a_mail,
    a_story,
    an_envelope,
    facts,
    modera,
    told,
)

LENA = "lena@example.com"
PEOPLE = a_directory(Person(address=LENA, role=Role.LEAD, team="second line"))
WEEK_AGO, HOUR, DAY = NOON - PERIOD, timedelta(hours=1), timedelta(days=1)
LATE = Clock(name=ClockName.RESOLUTION, spans=(Span(start=NOON, running=True, cause=""),), breached_at=NOON)


@pytest.mark.parametrize(
    ("sender", "assignees"),
    [
        pytest.param(ANNA, (ANNA,), id="an agent's own"),
        pytest.param(LEA, None, id="a lead without a team sees all"),
        pytest.param(MAX, None, id="a manager too"),
        pytest.param(LENA, (BEN, LENA, "second line", ""), id="a lead's team"),
    ],
)
def test_a_report_is_of_ones_own_cases_or_of_the_team_that_one_leads(sender: str, assignees: Any):
    given = facts(sender=sender, proofs=SESSION, directory=PEOPLE)
    cause = MailArrived(mail=a_mail("report", sender=sender), envelope=an_envelope())
    assert wanted(cause, given, modera()).report == Query(assignees=assignees, open_only=False, since=WEEK_AGO)


def test_a_customer_has_no_report():
    cause = MailArrived(mail=a_mail("report"), envelope=an_envelope())
    assert wanted(cause, facts(proofs=VERIFIED), modera()).report is None


def count(*cases: Case) -> dict[str, object]:
    return numbers(cases, WEEK_AGO, modera())


def test_what_came_and_went_in_the_period_is_counted():
    counted = count(
        a_case(opened=WEEK_AGO),
        a_case(opened=WEEK_AGO - HOUR),
        a_case("Closed", opened=WEEK_AGO - DAY, closed=WEEK_AGO),
        a_case("Closed", opened=WEEK_AGO - DAY, closed=WEEK_AGO - HOUR),
    )
    assert (counted["opened"], counted["closed"], counted["open"]) == (1, 1, 2)


def test_what_is_open_is_counted_by_priority_and_by_whom_it_waits_for():
    counted = count(
        a_case(priority="P1"),
        a_case("In progress", clocks=(LATE,)),
        a_case("Waiting for customer"),
        a_case("Fixed", priority=""),
        a_case("Closed", clocks=(LATE,)),
    )
    assert (counted["open"], counted["ours"], counted["unassigned"], counted["overdue"]) == (4, 2, 1, 1)
    assert counted["priorities"] == [
        {"name": "P1", "count": 1},
        {"name": "P3", "count": 2},
        {"name": "", "count": 1},
    ]


def test_the_first_answer_counts_in_the_period_in_which_it_was_given():
    opened = WEEK_AGO - HOUR
    answered = [opened + HOUR, opened + 3 * HOUR, opened + 9 * HOUR, opened]
    counted = count(*(a_case(opened=opened, answered_at=when) for when in answered), a_case())
    assert counted["answered"] == 3 * HOUR
    assert count(a_case())["answered"] is None


def asked(story: Story, sender: str, counted: Listed | None) -> Any:
    given = replace(facts(sender=sender, proofs=SESSION), counted=counted)
    return story.happens(MailArrived(mail=a_mail("report", sender=sender), envelope=an_envelope()), given, NOON)


@pytest.mark.parametrize(("more", "said"), [(False, 0), (True, 1)])
def test_the_numbers_come_in_one_mail_and_nothing_changes(more: bool, said: int):
    story = a_story("In progress")
    before = story.case
    query = Query(assignees=(ANNA,), open_only=False, since=WEEK_AGO)
    decision = asked(story, ANNA, Listed(query=query, cases=(before,), more=more))
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.case) == ("report", ANNA, None)
    assert (notice.data["own"], notice.data["more"], notice.data["open"]) == (True, said, 1)
    assert (decision.ending, story.case) == (Ending.IGNORED, before)


def test_without_an_answer_the_word_is_refused():
    story = Story()
    assert told(asked(story, ANNA, None)) == {(ANNA, "command_result")}
    assert CUSTOMER not in {notice.to for notice in story.last.notices}
