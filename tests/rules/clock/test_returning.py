"""The return digest: who is back reads once what became of the cases that were theirs, and what waits."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Decision, Notice
from mailbot.digest import Absence, MemberReturned, Overview
from mailbot.event import AbsenceChanged, CaseAssigned, Event, Kind, MessageAdded, StatusChanged, Visibility
from mailbot.facts import Facts
from mailbot.model import Case
from mailbot.rules.counting.working_day import returned
from mailbot.rules.decide import decide
from tests.builders import ANNA, BEN, CUSTOMER, NOON, a_case, a_desk, a_directory, a_story, at, modera

#: Anna was away for a week in March, from noon of a Monday until the midnight before the next.
BACK = at("2026-03-09 00:00")
LATER = NOON + timedelta(hours=1)


def returns(*cases: Case, open_cases: tuple[Case, ...] = (), person: str = ANNA, **keys: Any) -> Decision:
    """What somebody reads on Monday morning who had these cases."""
    now = at("2026-03-09 09:00")
    absence = Absence(person=person, since=NOON, until=BACK, cases=tuple(case.number for case in cases))
    known = Facts(
        desk=a_desk(),
        directory=a_directory(),
        away=keys.pop("away", {}),
        overview=Overview(cases=open_cases, **keys),
    )
    cause = MemberReturned(absence=absence, due=now)
    return decide({case.number: case for case in cases}, cause, known, modera(), now)


def lines(decision: Decision) -> dict[str, dict[int, list[str]]]:
    """What stands in the one mail: the sections, and in them of each case what is said."""
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.data["kind"]) == ("digest", ANNA, "return")
    return {s["name"]: {c["number"]: c["notes"] for c in s["cases"]} for s in sections(notice)}


def sections(notice: Notice) -> list[Any]:
    found = notice.data["sections"]
    assert isinstance(found, list)
    return found


def said(sender: str, *, note: bool = False) -> MessageAdded:
    visibility = Visibility.INTERNAL if note else Visibility.PUBLIC
    return MessageAdded(at=LATER, sender=sender, visibility=visibility)


def moved(old: str, new: str) -> StatusChanged:
    return StatusChanged(at=LATER, old=old, new=new, kind=Kind.ACTIVE, reason="", actor=BEN)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        pytest.param([], ["nothing was written"], id="nothing"),
        pytest.param([CaseAssigned(at=LATER, assignee=BEN, actor=BEN)], ["nothing was written"], id="taken"),
        pytest.param([said(CUSTOMER), said(CUSTOMER)], ["mails from outside: 2"], id="the customer"),
        pytest.param([said(BEN)], ["mails from the team: 1"], id="a colleague"),
        pytest.param([said(BEN, note=True)], ["notes: 1"], id="a note"),
        pytest.param([moved("Open", "In progress")], ["it was Open before"], id="a move"),
        pytest.param([moved("In progress", "Open"), moved("Open", "In progress")], [], id="there and back"),
        pytest.param(
            [said(CUSTOMER), said(BEN), said(BEN, note=True), moved("Fixed", "In progress")],
            ["mails from outside: 1", "mails from the team: 1", "notes: 1", "it was Fixed before"],
            id="all of it",
        ),
    ],
)
def test_of_each_case_it_says_what_happened_in_the_time(events: list[Event], told: list[str]):
    decision = returns(a_case("In progress", assignee=BEN), meanwhile={1: tuple(events)})
    assert lines(decision) == {"had_waiting": {1: told}}


def test_cases_stand_where_they_wait_and_what_else_waits_stands_below():
    ours, new = a_case("In progress", assignee=BEN), a_case("Open", number=4, assignee="")
    asked, done = a_case("Waiting for customer", number=2, assignee=BEN), a_case("Closed", number=3, assignee=BEN)
    waits = (CUSTOMER, at("2026-03-08 12:00"))
    found = lines(returns(ours, asked, done, open_cases=(ours, asked, new), latest={1: waits}))
    assert list(found) == ["had_waiting", "had_open", "had_closed", "nobodys"]
    assert found["had_waiting"] == {1: ["nothing was written", "the customer wrote Sunday 8 March 2026, 12:00 (UTC)"]}
    assert (list(found["had_open"]), list(found["had_closed"]), list(found["nobodys"])) == ([2], [3], [4])


def test_who_had_nothing_and_finds_nothing_hears_nothing():
    assert returns().notices == ()
    assert [hit.rule for hit in returns().hits] == ["returning"]


def test_what_waits_is_told_also_to_who_had_nothing():
    assert list(lines(returns(open_cases=(a_case("Open", assignee=""),)))) == ["nobodys"]


@pytest.mark.parametrize(
    ("person", "away"),
    [pytest.param(ANNA, {ANNA: BACK}, id="away again"), pytest.param("gone@example.com", {}, id="left the team")],
)
def test_who_is_not_there_hears_nothing(person: str, away: dict[str, Any]):
    decision = returns(a_case("In progress"), person=person, away=away)
    assert decision.notices == ()
    assert "is not there to be told" in decision.hits[0].reason


@pytest.mark.parametrize(
    ("until", "is_said", "due"),
    [
        pytest.param("2026-03-09 00:00", False, "2026-03-09 09:00", id="the day has come: when service opens"),
        pytest.param("2026-03-07 00:00", False, "2026-03-09 09:00", id="a Saturday: on Monday"),
        pytest.param("2026-03-05 13:00", True, "2026-03-05 13:00", id="who says so: at once"),
        pytest.param("2026-03-07 13:00", True, "2026-03-07 13:00", id="on a Saturday, too"),
    ],
)
def test_it_comes_when_service_opens_or_to_who_says_to_be_back(until: str, is_said: bool, due: str):
    absence = Absence(person=ANNA, since=NOON, until=at(until), is_said=is_said)
    assert returned(modera(), a_desk(), absence).due == at(due)


def test_what_was_theirs_is_written_down_when_they_go():
    story = a_story("In progress")
    story.mail(CUSTOMER, "Another matter.", case=2, subject="Lamp")
    story.mail(ANNA, "take", case=2)
    decision = story.mail(ANNA, "away until 2026-03-09", case=2)
    (event,) = [h.event for h in decision.happened if isinstance(h.event, AbsenceChanged)]
    assert 2 in event.cases
