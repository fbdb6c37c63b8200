"""More new cases than anybody writes: what is kept together, who is answered, which alarms are raised and ended."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import AlarmOver, Ending, MailArrived
from mailbot.event import AlarmEnded, AlarmRaised, CaseOpened, MessageAdded, Visibility
from mailbot.facts import Counters, Facts
from mailbot.people import Person, Role
from mailbot.process.mail import Privacy
from mailbot.rules.decide import decide
from mailbot.rules.notice.alarms import over_at
from mailbot.standing import Alarm
from tests.builders import (
    CLAIMED,
    CUSTOMER,
    LEA,
    NOON,
    VERIFIED,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    an_envelope,
    changed,
    facts,
    modera,
    names,
    told,
)

HOUR = timedelta(hours=1)
MANY = Counters(new_by_sender_hour=20, new_by_sender_day=20)


def comes(**keys: Any) -> Any:
    cause = MailArrived(mail=a_mail(keys.pop("said", "More of it.")), envelope=an_envelope(), admitted=False)
    process = keys.pop("process", modera())
    return decide({}, cause, facts(**{"proofs": CLAIMED} | keys), process, NOON)


@pytest.mark.parametrize(
    ("hour", "day", "proofs", "gathers"),
    [
        pytest.param(19, 99, CLAIMED, False, id="the last that is a case of its own"),
        pytest.param(20, 20, CLAIMED, True, id="the twenty-first in an hour"),
        pytest.param(20, 20, VERIFIED, False, id="of somebody who is proven"),
        pytest.param(0, 100, VERIFIED, True, id="the hundred and first in a day, of anybody"),
    ],
)
def test_from_so_many_on_the_mails_of_a_sender_are_kept_together(hour: int, day: int, proofs: Any, gathers: bool):
    decision = comes(counters=Counters(new_by_sender_hour=hour, new_by_sender_day=day), proofs=proofs)
    (opened,) = [h.event for h in decision.happened if isinstance(h.event, CaseOpened)]
    assert (opened.gathers, decision.ending) == (gathers, Ending.NEW)
    assert (CUSTOMER in {notice.to for notice in decision.notices}) is not gathers
    assert ((LEA, "alarm") in told(decision)) is gathers
    assert {n.data["gathers"] for n in decision.notices if n.template == "case_new"} == {gathers}


def test_what_comes_further_is_added_to_it_and_nobody_hears_of_each():
    case = a_case(gathers=True)
    raised = {"sender": Alarm(kind="sender", since=NOON - HOUR / 2, raised=NOON - HOUR / 2)}
    decision = comes(counters=MANY, gathering=case, alarms=raised)
    (added,) = [h.event for h in decision.happened]
    assert isinstance(added, MessageAdded)
    assert (added.visibility, added.text, added.by_customer) == (Visibility.INTERNAL, "More of it.", True)
    assert (decision.ending, decision.notices) == (Ending.THREADED, ())


def test_what_must_not_be_read_is_held_back_there_too():
    case = a_case(gathers=True)
    process = changed(modera(), privacy=Privacy(marks=("SECRET",), explanation="We do not keep this.").model_dump())
    cause = MailArrived(mail=a_mail("SECRET: 12345"), envelope=an_envelope())
    decision = decide({}, cause, facts(proofs=CLAIMED, counters=MANY, gathering=case), process, NOON)
    assert names(decision)[:3] == ["MessageAdded", "TextHeldBack", "MailHeld"]
    assert "12345" not in str(decision)


@pytest.mark.parametrize(
    ("counters", "proofs", "kinds"),
    [
        pytest.param(Counters(), CLAIMED, [], id="an ordinary hour"),
        pytest.param(Counters(all_hour=300), CLAIMED, ["answers"], id="three hundred answers"),
        pytest.param(Counters(all_hour=300), VERIFIED, [], id="which go on to who is proven"),
        pytest.param(Counters(all_hour=300, usual_hour=31), CLAIMED, [], id="where so many are usual"),
        pytest.param(Counters(is_flooded=True), VERIFIED, ["cases"], id="two thousand cases"),
        pytest.param(Counters(is_flooded=True, all_hour=300), CLAIMED, ["cases", "answers"], id="both"),
    ],
)
def test_what_stops_answers_raises_an_alarm(counters: Counters, proofs: Any, kinds: list[str]):
    decision = comes(counters=counters, proofs=proofs)
    assert [h.event.kind for h in decision.happened if isinstance(h.event, AlarmRaised)] == kinds
    assert [notice.to for notice in decision.notices if notice.template == "alarm"] == [LEA] * len(kinds)
    assert decision.ending is Ending.NEW


@pytest.mark.parametrize(
    ("counters", "proofs", "kinds"),
    [
        pytest.param(Counters(to_sender_hour=2, to_sender_day=9), CLAIMED, [], id="the last answer of the hour"),
        pytest.param(Counters(to_sender_hour=3), CLAIMED, ["notices"], id="no fourth answer in an hour"),
        pytest.param(Counters(to_sender_day=10), CLAIMED, ["notices"], id="no eleventh in a day"),
        pytest.param(Counters(to_sender_hour=3, to_sender_day=10), VERIFIED, [], id="but to who is proven"),
        pytest.param(Counters(case_hour=25), VERIFIED, ["notices"], id="whose case is too much in an hour, too"),
    ],
)
def test_what_one_sender_is_not_answered_any_more_raises_an_alarm(counters: Counters, proofs: Any, kinds: list[str]):
    decision = comes(counters=counters, proofs=proofs)
    assert [h.event.kind for h in decision.happened if isinstance(h.event, AlarmRaised)] == kinds
    assert [notice.to for notice in decision.notices if notice.template == "alarm"] == [LEA] * len(kinds)
    assert ((CUSTOMER, "case_received") in told(decision)) is (kinds == [])


@pytest.mark.parametrize(
    ("told_day", "answered"),
    [
        pytest.param(set(), True, id="the first mail of the day"),
        pytest.param({"no_contract"}, False, id="the same text again"),
        pytest.param({"help", "unproven"}, True, id="another text"),
    ],
)
def test_that_a_mail_is_held_is_said_once_a_day_in_the_same_words(told_day: set[str], answered: bool):
    process = changed(modera(), entitlement={"contract": True})
    decision = comes(counters=Counters(told_day=frozenset(told_day)), process=process)
    assert decision.ending is Ending.HELD
    assert ((CUSTOMER, "no_contract") in told(decision)) is answered
    assert ("no answer: the same went to them within a day" in {hit.reason for hit in decision.hits}) is not answered
    assert "held" in {template for _, template in told(decision)}


def test_a_question_is_answered_each_time_though_the_words_are_the_same():
    cause = MailArrived(mail=a_mail("help", subject="A question"), envelope=an_envelope())
    given = facts(proofs=CLAIMED, counters=Counters(told_day=frozenset({"help"})))
    assert told(decide({}, cause, given, modera(), NOON)) == {(CUSTOMER, "help")}


@pytest.mark.parametrize(
    ("ago", "raised"),
    [
        pytest.param(HOUR - timedelta(seconds=1), [], id="within the hour"),
        pytest.param(HOUR, [3 * HOUR], id="after it"),
    ],
)
def test_an_alarm_that_goes_on_is_told_once_an_hour(ago: timedelta, raised: list[timedelta]):
    known = Alarm(kind="answers", since=NOON - 3 * HOUR, raised=NOON - ago)
    decision = comes(counters=Counters(all_hour=300), alarms={"answers": known})
    assert [NOON - h.event.since for h in decision.happened if isinstance(h.event, AlarmRaised)] == raised
    assert [notice.to for notice in decision.notices if notice.template == "alarm"] == [LEA] * len(raised)


def test_an_alarm_ends_by_itself_when_it_was_not_raised_again():
    alarm = Alarm(kind="answers", since=NOON - 3 * HOUR, raised=NOON - 2 * HOUR)
    assert over_at(alarm) == NOON
    decision = decide({}, AlarmOver(alarm=alarm), Facts(desk=a_desk(), directory=a_directory()), modera(), NOON)
    assert [h.event for h in decision.happened] == [AlarmEnded(at=NOON, kind="answers", since=alarm.since)]
    assert [(notice.to, notice.data["ended"]) for notice in decision.notices] == [(LEA, True)]


def test_where_nobody_leads_the_team_hears():
    people = tuple(Person(address=f"{name}@example.com", role=Role.AGENT) for name in ("anna", "ben"))
    decision = comes(counters=Counters(all_hour=300), directory=a_directory().__class__(version="1", people=people))
    heard = {notice.to for notice in decision.notices if notice.template == "alarm"}
    assert heard == {"anna@example.com", "ben@example.com"}
