"""The opening digest: who reads what at the beginning of a working day, and who reads nothing."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from mailbot.decision import Decision, MailArrived, Notice
from mailbot.digest import OpeningCame, Overview
from mailbot.event import ClockName, DigestWished, Kind, Visibility
from mailbot.facts import Facts
from mailbot.model import Case, Clock, Span
from mailbot.people import Person, Role
from mailbot.rules.decide import decide
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    MAX,
    NOON,
    SESSION,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    a_story,
    an_envelope,
    at,
    modera,
    told,
    who,
)

MORNING = at("2026-03-03 09:00")
OPENING = OpeningCame(day=date(2026, 3, 3), due=MORNING)
#: The customer wrote in the case an hour before; nobody has answered.
ASKED = (CUSTOMER, at("2026-03-03 08:00"))
TODAY, LATER = at("2026-03-03 16:00"), at("2026-03-05 16:00")


def clock(due: datetime | None, **keys: Any) -> Clock:
    span = Span(start=NOON, running=due is not None, cause="opened")
    return Clock(name=ClockName.RESOLUTION, spans=(span,), due=due, **keys)


def one(number: int, assignee: str = ANNA, *, due: datetime | None = LATER, late: bool = False, **keys: Any) -> Case:
    clocks = (clock(NOON, breached_at=NOON) if late else clock(due),)
    return a_case("In progress", number=number, assignee=assignee, clocks=clocks, **keys)


def morning(*cases: Case, asked: tuple[int, ...] = (), more: bool = False, **keys: Any) -> Decision:
    latest, returning = dict.fromkeys(asked, ASKED), keys.pop("returning", frozenset())
    known = Facts(
        desk=a_desk(opening_digest="opening"),
        directory=keys.pop("directory", a_directory()),
        overview=Overview(cases=cases, latest=latest, more=more, wishes=keys.pop("wishes", {}), returning=returning),
        **keys,
    )
    return decide({}, OPENING, known, modera(), MORNING)


def read(decision: Decision, person: str) -> list[tuple[str, list[int]]]:
    """The sections that somebody reads, with the numbers of their cases."""
    notices = [notice for notice in decision.notices if notice.to == person]
    assert len(notices) <= 1, "one mail at most"
    return [(s["name"], [c["number"] for c in s["cases"]]) for n in notices for s in _sections(n)]


def _sections(notice: Notice) -> list[Any]:
    sections = notice.data["sections"]
    assert isinstance(sections, list)
    return sections


@pytest.mark.parametrize(
    ("case", "asked", "anna", "ben", "lea"),
    [
        pytest.param(one(1), False, "", "", "", id="one in work"),
        pytest.param(one(1), True, "own_waiting", "", "team_waiting", id="the customer wrote last"),
        pytest.param(one(1, due=TODAY), False, "own_due", "", "team_due", id="due today"),
        pytest.param(one(1, due=TODAY), True, "own_due", "", "team_due", id="due today, and the customer waits"),
        pytest.param(one(1, late=True), False, "own_due", "", "team_due", id="late"),
        pytest.param(one(1, due=None), False, "", "", "", id="one whose clocks rest"),
        pytest.param(one(1, ""), False, "nobodys", "nobodys", "nobodys", id="nobody's"),
        pytest.param(one(1, "second line"), False, "", "nobodys", "nobodys", id="with a team"),
        pytest.param(one(1, "", kind=Kind.RESOLVED), False, "", "", "", id="nobody's and resolved"),
        pytest.param(one(1, kind=Kind.WAITING_CUSTOMER), True, "", "", "", id="the customer is asked"),
        pytest.param(one(1, "", snoozed_until=LATER), False, "", "", "", id="nobody's and snoozed"),
        pytest.param(one(1, snoozed_until=LATER), True, "", "", "team_waiting", id="snoozed, and the customer waits"),
        pytest.param(one(1, LEA, snoozed_until=LATER), True, "", "", "own_waiting", id="a lead's own, snoozed"),
        pytest.param(one(1, due=TODAY, snoozed_until=LATER), False, "own_due", "", "team_due", id="snoozed and due"),
        pytest.param(one(1, "", muted=(BEN,)), False, "nobodys", "", "nobodys", id="muted"),
        pytest.param(one(1, LEA, muted=(LEA,)), True, "", "", "own_waiting", id="muted and one's own"),
    ],
)
def test_a_case_stands_where_it_concerns_its_reader_most(case: Case, asked: bool, anna: str, ben: str, lea: str):
    decision = morning(case, asked=(1,) if asked else ())
    said = {person: [name for name, _ in read(decision, person)] for person in (ANNA, BEN, LEA)}
    assert said == {ANNA: [anna] * bool(anna), BEN: [ben] * bool(ben), LEA: [lea] * bool(lea)}
    assert read(decision, MAX) == []


def test_own_cases_come_first_and_the_most_urgent_of_them_before_the_others():
    sooner = at("2026-03-03 11:00")
    cases = (one(1, ""), one(2, due=TODAY), one(3, late=True), one(4, due=sooner), one(5, due=None), one(6, BEN))
    decision = morning(*cases, asked=(5, 6))
    assert read(decision, ANNA) == [("own_due", [3, 4, 2]), ("own_waiting", [5]), ("nobodys", [1])]
    assert read(decision, LEA) == [("nobodys", [1]), ("team_due", [3, 4, 2]), ("team_waiting", [6, 5])]


def test_each_case_has_an_address_of_its_own_and_says_since_when_the_customer_waits():
    directory = a_directory(Person(address="eve@example.com", role=Role.AGENT, timezone="Europe/Tallinn"))
    decision = morning(one(1, "eve@example.com"), one(2, "eve@example.com", due=TODAY), asked=(1,), directory=directory)
    (notice,) = [notice for notice in decision.notices if notice.to == "eve@example.com"]
    assert (notice.template, notice.case, notice.visibility) == ("digest", None, Visibility.INTERNAL)
    assert [case.number for case in notice.listed] == [2, 1]
    due, waiting = _sections(notice)
    assert due["cases"] == [{"number": 2, "notes": []}]
    assert waiting["cases"] == [
        {"number": 1, "notes": ["the customer wrote Tuesday 3 March 2026, 10:00 (EET)"]},
    ]
    assert (notice.data["kind"], notice.data["day"], notice.data["more"]) == ("opening", date(2026, 3, 3), False)
    assert notice.data["example"] == "HD-2 take"


def test_a_lead_of_a_team_reads_of_that_team_alone():
    directory = a_directory(Person(address="lou@example.com", role=Role.LEAD, team="second line"))
    decision = morning(one(1, due=TODAY), one(2, BEN, due=TODAY), directory=directory)
    assert read(decision, "lou@example.com") == [("team_due", [2])]
    assert read(decision, LEA) == [("team_due", [1, 2])]


def test_who_is_away_or_wants_none_gets_none_and_a_manager_gets_one_who_asks_for_it():
    decision = morning(one(1, ""), away={ANNA: NOON}, wishes={BEN: False, MAX: True, LEA: True})
    assert told(decision) == {(LEA, "digest"), (MAX, "digest")}


def test_who_is_back_on_this_day_reads_of_it_in_a_mail_of_their_own():
    assert told(morning(one(1, ""), returning=frozenset({ANNA}))) == {(BEN, "digest"), (LEA, "digest")}


def test_a_customer_never_gets_one_whatever_was_wished():
    assert told(morning(one(1, ""), wishes={CUSTOMER: True})) == {(ANNA, "digest"), (BEN, "digest"), (LEA, "digest")}


def test_a_long_digest_shows_the_first_fifty_and_says_how_many_there_are():
    decision = morning(*(one(number, "") for number in range(1, 61)), one(61, due=TODAY))
    notice = next(notice for notice in decision.notices if notice.to == ANNA)
    assert [(s["name"], s["count"], len(s["cases"])) for s in _sections(notice)] == [
        ("own_due", 1, 1),
        ("nobodys", 60, 49),
    ]
    assert (len(notice.listed), notice.data["more"]) == (50, True)


def test_where_not_all_cases_could_be_looked_at_it_says_so():
    assert all(notice.data["more"] for notice in morning(one(1, ""), more=True).notices)


@pytest.mark.parametrize(
    ("said", "wanted", "answer", "digest"),
    [
        pytest.param("digest: on", True, "each working morning you get a mail of what waits", "opening", id="on"),
        pytest.param("digest: on", True, "noted; but this desk sends no morning mail", "", id="where there is none"),
        pytest.param("digest off", False, "you get no morning mail of what waits", "opening", id="off"),
    ],
)
@pytest.mark.parametrize("case", [0, 1])
def test_a_member_says_whether_a_digest_is_wanted(case: int, said: str, wanted: bool, answer: str, digest: str):
    story = a_story("In progress", desk=a_desk(opening_digest=digest))
    if case:
        decision = story.mail(ANNA, said)
    else:
        known = Facts(desk=story.desk, directory=story.directory, proofs=SESSION, principal=who(ANNA))
        mail = a_mail(said, sender=ANNA, subject="morning")
        decision = decide({}, MailArrived(mail=mail, envelope=an_envelope()), known, story.process, NOON)
    wishes = [h.event for h in decision.happened if isinstance(h.event, DigestWished)]
    assert [(one.person, one.wanted) for one in wishes] == [(ANNA, wanted)]
    (receipt,) = decision.notices
    assert (receipt.template, receipt.to) == ("command_result", ANNA)
    assert answer in str(receipt.data["lines"])


def test_a_wish_is_changed_by_its_own_word_and_not_by_undo():
    story = a_story("In progress")
    story.mail(ANNA, "digest: off\npriority P1")
    decision = story.mail(ANNA, "undo")
    assert "'digest: on' and 'digest: off' say whether you get one" in str(decision.notices[-1].data["lines"])


def test_a_customer_does_not_have_the_word():
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, "digest: off")
    assert not [h for h in decision.happened if isinstance(h.event, DigestWished)]


def test_what_was_muted_by_everybody_is_still_its_assignees():
    case = replace(one(1, due=TODAY), muted=(ANNA, LEA))
    assert told(morning(case)) == {(ANNA, "digest")}
