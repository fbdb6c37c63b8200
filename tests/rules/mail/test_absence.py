"""`away until DATE`: the open cases go back to the team, which hears once, and of new answers too."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, MailArrived
from mailbot.event import AbsenceChanged, CommandRefused
from mailbot.facts import Facts, Found, Query, ThreadKeys
from mailbot.rules.mail.asking import wanted
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    NOON,
    SESSION,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    at,
    facts,
    modera,
    told,
    who,
)

#: Midnight of 9 March 2026 in Tallinn.
UNTIL = at("2026-03-08 22:00")


@pytest.fixture
def story() -> Story:
    """Anna has two cases in work and one that is closed; a fourth is nobody's."""
    story = a_story("In progress", desk=a_desk(timezone="Europe/Tallinn"))
    for number in (2, 3, 4):
        story.mail(CUSTOMER, "Another matter.", case=number, subject=f"Lamp {number}")
    story.mail(ANNA, "take", case=2)
    story.mail(ANNA, "take", case=3)
    story.mail(ANNA, "close: done", case=3)
    return story


def says(story: Story, said: str, *, answers: int = 0, sender: str = ANNA, **keys: Any) -> Decision:
    token = (a_token(answers, sender),) if answers else ()
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=SESSION,
        principal=who(sender),
        found=Found(cases={answers: story.cases[answers]} if answers else {}),
        keys=ThreadKeys(tokens=token),
        **keys,
    )
    cause = MailArrived(mail=a_mail(said, sender=sender, subject="away"), envelope=an_envelope())
    return story.happens(cause, given, NOON)


def receipt(decision: Decision) -> str:
    (notice,) = [notice for notice in decision.notices if notice.template == "command_result"]
    return str(notice.data["lines"])


def absences(decision: Decision) -> list[tuple[str, Any]]:
    return [(h.event.person, h.event.until) for h in decision.happened if isinstance(h.event, AbsenceChanged)]


@pytest.mark.parametrize("answers", [0, 1, 4])
def test_the_open_cases_go_to_the_team_which_hears_in_one_mail(story: Story, answers: int):
    decision = says(story, "away until 2026-03-09", answers=answers)
    assert absences(decision) == [(ANNA, UNTIL)]
    assert [story.cases[n].assignee for n in (1, 2, 3, 4)] == ["", "", ANNA, ""]
    lists = [notice for notice in decision.notices if notice.template == "case_list"]
    assert {(notice.to, notice.case) for notice in lists} == {(BEN, None), (LEA, None)}
    assert [[case.number for case in notice.listed] for notice in lists] == [[1, 2], [1, 2]]
    assert lists[0].data == {"kind": "away", "words": "Anna Agent", "back": UNTIL, "example": "HD-1 take"}
    assert told(decision) == {(BEN, "case_list"), (LEA, "case_list"), (ANNA, "command_result")}
    assert "your open cases are the team's now: 2" in receipt(decision)


def test_who_is_in_a_team_gives_the_cases_to_it(story: Story):
    story.mail(ANNA, f"assign {BEN}", case=2)
    says(story, "away until 2026-03-09", sender=BEN)
    assert story.cases[2].assignee == "second line"


def test_without_open_cases_nobody_else_hears(story: Story):
    decision = says(story, "away until 2026-03-09", sender=LEA)
    assert told(decision) == {(LEA, "command_result")}
    assert "no case of yours is open" in receipt(decision)


def test_colleagues_who_are_away_themselves_are_left_alone(story: Story):
    decision = says(story, "away until 2026-03-09", away={BEN: UNTIL})
    assert told(decision) == {(LEA, "case_list"), (ANNA, "command_result")}


@pytest.mark.parametrize("said", ["away: off", "away off", "Away off."])
def test_who_is_back_says_so(story: Story, said: str):
    decision = says(story, said, away={ANNA: UNTIL})
    assert absences(decision) == [(ANNA, None)]
    assert "you are back" in receipt(decision)
    assert story.cases[1].assignee == ANNA


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("away until 2026-03-02", "2026-03-02 is not to come", id="today"),
        pytest.param("away until Monday", "'away' does not take", id="no date"),
        pytest.param("away", "'away' needs to say which", id="nothing"),
        pytest.param("away until 2026-03-09\nThe lamp is dark.", "these words are for nobody", id="words"),
    ],
)
def test_what_is_no_absence_is_refused_and_changes_nothing(story: Story, said: str, why: str):
    before = dict(story.cases)
    decision = says(story, said)
    assert why in receipt(decision)
    assert absences(decision) == []
    assert story.cases == before


def test_in_a_case_a_refused_line_takes_the_absence_back(story: Story):
    decision = says(story, "away until 2026-03-09\nreopen", answers=1)
    assert {type(h.event) for h in decision.happened} == {CommandRefused}
    assert told(decision) == {(ANNA, "command_result")}
    assert story.cases[2].assignee == ANNA


def test_an_absence_is_ended_by_its_own_word_and_not_by_undo(story: Story):
    says(story, "away until 2026-03-09", answers=1)
    decision = says(story, "undo", answers=1)
    assert "'away: off' ends an absence" in receipt(decision)
    assert (absences(decision), story.cases[1].assignee) == ([], "")


def test_a_list_may_be_asked_for_in_the_same_mail(story: Story):
    decision = says(story, "help\naway until 2026-03-09")
    assert {(ANNA, "help"), (ANNA, "command_result"), (BEN, "case_list")} <= told(decision)


@pytest.mark.parametrize("word", ["assign", "handover"])
def test_a_case_that_goes_to_somebody_away_says_so(story: Story, word: str):
    decision = says(story, f"{word} {BEN}", answers=1, away={BEN: UNTIL})
    assert f"with {BEN}, who is away until Monday 9 March 2026" in receipt(decision)
    assert story.cases[1].assignee == BEN


def test_while_somebody_is_away_the_team_hears_what_their_customers_write(story: Story):
    given = facts(story.cases[1], away={ANNA: UNTIL}, directory=story.directory)
    decision = story.happens(MailArrived(mail=a_mail("It burns again."), envelope=an_envelope()), given, NOON)
    assert {to for to, template in told(decision) if template == "customer_answered"} == {ANNA, BEN, LEA}
    given = replace(given, away={})
    decision = story.happens(MailArrived(mail=a_mail("And again."), envelope=an_envelope()), given, NOON)
    assert {to for to, template in told(decision) if template == "customer_answered"} == {ANNA}


def test_the_cases_of_who_leaves_are_looked_up():
    cause = MailArrived(mail=a_mail("away until 2026-03-09", sender=ANNA), envelope=an_envelope())
    assert wanted(cause, facts(sender=ANNA, proofs=SESSION), modera()).own == Query(assignees=(ANNA,))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Tallinn", "America/New_York"])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "3000-01-01", "9999-12-31"])
def test_a_day_at_the_ends_of_the_calendar_is_refused(day: str, zone: str):
    story = a_story("In progress", desk=a_desk(timezone=zone))
    decision = story.mail(ANNA, f"away until {day}")
    assert f"{day} is out of reach; name a year from 1970 to 2999" in receipt(decision)
    assert absences(decision) == []
    assert story.case.assignee == ANNA
