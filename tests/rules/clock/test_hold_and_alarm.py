"""Small rules of contracts, holds, alarms and ladders, each by itself."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mailbot.decision import Ending, GroundChanged, MailArrived
from mailbot.event import Kind, PlanChanged, ReminderSent
from mailbot.facts import Counters
from mailbot.mail import Automatic
from mailbot.model import Case
from mailbot.people import Desk, Directory, Person
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.case.message import message, words_of
from mailbot.rules.case.place import place, shown, stands_in
from mailbot.rules.clock import alarm, entitlement, ladder
from mailbot.rules.command import hold
from mailbot.rules.deadlines import deadlines
from mailbot.rules.decide import decide
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor, No
from mailbot.shipped import shipped
from tests.builders import (
    ANNA,
    CLAIMED,
    CUSTOMER,
    NOON,
    Story,
    a_case,
    a_desk,
    a_directory,
    a_draft,
    a_mail,
    an_envelope,
    at,
    changed,
    facts,
    modera,
    names,
)


def quadrotech() -> Process:
    return load_process(shipped("processes/quadrotech.toml"))


def a_customer(**columns: object) -> Directory:
    """A directory in which only the customer has more than an address."""
    return Directory(version="2", people=(Person(address=CUSTOMER, **columns),))  # type: ignore[arg-type]  # columns


@pytest.mark.parametrize(
    ("directory", "last"),
    [
        (Directory(), None),
        (a_customer(), None),
        (a_customer(contract_until=date(2026, 3, 31)), date(2026, 3, 31)),
        (a_customer(organisation="Acme"), None),
    ],
    ids=["a stranger", "no date", "own date", "an organisation without one"],
)
def test_the_last_day_of_a_contract(directory: Directory, last: date | None):
    assert entitlement.contract_until(directory, CUSTOMER) == last


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-03-31 23:59:59", ""),
        ("2026-04-01 00:00", "the sender's support contract ended on 2026-03-31"),
    ],
)
def test_a_contract_ends_with_its_last_day(now: str, reason: str):
    directory = a_customer(contract_until=date(2026, 3, 31))
    assert entitlement.refusal(quadrotech(), directory, CUSTOMER, a_desk(), at(now)) == reason
    assert entitlement.refusal(modera(), directory, CUSTOMER, a_desk(), at(now)) == ""


def test_a_plan_of_the_directory_is_spelt_as_the_process_does():
    advendio = load_process(shipped("processes/advendio.toml"))
    assert entitlement.plan_of(advendio, a_customer(plan="PREMIUM"), CUSTOMER) == "premium"
    assert entitlement.plan_of(advendio, a_customer(plan="gold"), CUSTOMER) == "basic"
    assert entitlement.plan_of(advendio, Directory(), CUSTOMER) == "basic"
    assert entitlement.plan_of(modera(), a_customer(plan="premium"), CUSTOMER) == ""


@pytest.mark.parametrize(
    ("process", "case", "happens"),
    [
        pytest.param(modera(), a_case(), False, id="a process without contracts"),
        pytest.param(quadrotech(), replace(a_case("Closed"), priority="Medium"), False, id="a closed case"),
        pytest.param(quadrotech(), replace(a_case(), priority="Medium"), True, id="an open case"),
    ],
)
def test_an_edit_of_the_directory_reaches_open_cases_that_depend_on_it(process: Process, case: Case, happens: bool):
    directory = a_customer(contract_until=date(2026, 3, 31))
    draft = a_draft(case, process=process, facts=facts(case, directory=directory))
    entitlement.refresh(draft)
    assert bool(draft.events(PlanChanged)) == happens


def test_nothing_happens_to_a_case_on_the_same_ground():
    case = a_case()
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    given = facts(story.case)
    assert names(decide({1: story.case}, GroundChanged(case=1), given, modera(), at("2026-03-02 11:00"))) == []
    assert case.number == 1


@pytest.mark.parametrize(
    ("until", "told", "opened", "rules"),
    [
        pytest.param(None, (), "2026-03-02 10:00", [], id="no contract"),
        pytest.param(date(2026, 6, 30), (), "2026-03-02 10:00", ["contract-ending", "contract-ended"], id="to come"),
        pytest.param(
            date(2026, 6, 30), ("contract-ending/2026-06-30",), "2026-03-02 10:00", ["contract-ended"], id="told once"
        ),
        pytest.param(date(2026, 2, 1), (), "2026-03-02 10:00", [], id="ended before the case, which was admitted"),
    ],
)
def test_the_team_hears_of_a_contract_once(until: date | None, told: tuple[str, ...], opened: str, rules: list[str]):
    case = replace(a_case(), contract_until=until, contract_told=told, opened=at(opened))
    assert [d.rule for d in entitlement.deadlines(case, quadrotech(), a_desk())] == rules


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("until 2026-04-01", "2026-04-01"),
        ("Until  2026-04-01", "2026-04-01"),
        ("until tomorrow", None),
        ("2026-04-01", None),
        ("until 2026-02-30", None),
    ],
)
def test_the_date_of_a_hold(text: str, day: str | None):
    assert hold.read_until(text) == day


def test_only_a_case_on_hold_with_an_end_comes_back():
    assert list(hold.deadlines(a_case())) == []
    assert list(hold.deadlines(replace(a_case(), kind=Kind.ON_HOLD))) == []
    held = replace(a_case(), kind=Kind.ON_HOLD, hold_until=NOON)
    assert [d.rule for d in hold.deadlines(held)] == ["end-of-hold"]


def test_places_and_their_names():
    assert place("Pending: fix") == ("Pending", "fix")
    assert place("Open") == ("Open", "")
    assert shown("Pending", "fix") == "Pending (fix)"
    assert shown("Open", "") == "Open"
    pending = replace(a_case(), status="Pending", cause="fix")
    assert stands_in(pending, "Pending")
    assert stands_in(pending, "Pending: fix")
    assert not stands_in(pending, "Pending: customer")
    assert not stands_in(pending, "Open")


def test_an_alarm_is_raised_once_and_only_while_its_clock_is_open():
    process = quadrotech()
    story = Story(process=process, directory=a_directory(Person(address="x@y.test", contract_until=date(2027, 1, 1))))
    story.mail("x@y.test", "It fails.")
    case = story.case
    assert [d.rule for d in alarm.deadlines(case, process, a_desk())] == ["alarm:resolution/1/director"]
    assert list(alarm.deadlines(replace(case, alarmed=("resolution/1/director",)), process, a_desk())) == []
    assert list(alarm.deadlines(replace(case, clocks=()), process, a_desk())) == []


def test_a_ladder_that_is_at_its_top_has_no_next_step():
    case = replace(a_case("Waiting for customer"), reminders=9)
    assert list(ladder.next_step(case, modera(), a_desk())) == []


@pytest.mark.parametrize(
    ("case", "before", "counted"),
    [
        pytest.param({}, {}, [1], id="a further mail"),
        pytest.param({"reminders": 2}, {"reminders": 2}, [3], id="the third"),
        pytest.param({"reminders": 3}, {"reminders": 3}, [], id="the next step closes"),
        pytest.param({"ladder_ended": True}, {}, [], id="the customer has answered"),
        pytest.param({}, {"cause": "fix"}, [], id="it begins with this mail"),
    ],
)
def test_a_member_s_further_mail_counts_as_an_attempt(case: dict[str, Any], before: dict[str, Any], counted: list[int]):
    pending = replace(a_case(), status="Pending", cause="customer", kind=Kind.WAITING_CUSTOMER, priority="Medium")
    draft = a_draft(replace(pending, **case), process=quadrotech())
    draft.before = replace(pending, **before)
    ladder.attempted(draft)
    assert [event.number for event in draft.events(ReminderSent)] == counted


@pytest.mark.parametrize(
    ("sender", "day", "until"),
    [
        (CUSTOMER, date(2026, 3, 28), "2026-03-28 22:00"),
        (CUSTOMER, None, ""),
        (ANNA, date(2026, 3, 28), ""),
        (CUSTOMER, date(2027, 3, 3), "2027-03-03 22:00"),
        (CUSTOMER, date(2027, 3, 4), ""),
        (CUSTOMER, date(9999, 12, 31), ""),
    ],
    ids=["the customer", "no date", "a member", "a year", "more than a year", "the end of the calendar"],
)
def test_only_a_customer_s_absence_moves_a_ladder(sender: str, day: date | None, until: str):
    case = a_case("Waiting for customer")
    draft = a_draft(case, facts=facts(case, desk=a_desk(timezone="Europe/Tallinn")))
    absent = a_mail("I am away.", sender=sender, automatic=Automatic.VACATION, away_until=day)
    cause = MailArrived(mail=absent, envelope=an_envelope())
    event = message(draft, cause, words_of(cause, "I am away."), frozenset())
    assert event.away_until == (at(until) if until else None)


def test_an_absence_in_the_past_moves_nothing():
    asked = a_case("Waiting for customer")
    away = replace(asked, away_until=at("2026-03-05 00:00"))
    assert [d.due for d in deadlines(away, modera(), a_desk())] == [d.due for d in deadlines(asked, modera(), a_desk())]


def test_a_closed_case_is_not_put_on_hold():
    closed = replace(a_case("Closed"), priority="Medium")
    draft = a_draft(closed, process=quadrotech())
    outcome = hold.hold(draft, Given(word="hold", argument="2026-04-01", line=""), Actor(address=ANNA, member=True))
    assert isinstance(outcome, No)
    assert outcome.reason == "the case is Closed; only 'reopen' takes it back"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Tallinn", "America/New_York"])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "3000-01-01", "9999-12-31"])
def test_a_case_is_not_put_on_hold_until_the_ends_of_the_calendar(day: str, zone: str):
    draft = a_draft(a_case(), process=quadrotech())
    draft.facts = replace(draft.facts, desk=a_desk(timezone=zone))
    outcome = hold.hold(draft, Given(word="hold", argument=day, line=""), Actor(address=ANNA, member=True))
    assert isinstance(outcome, No)
    assert outcome.reason == f"{day} is out of reach; name a year from 1970 to 2999"


def test_mail_without_a_contract_is_held_without_an_answer_over_the_limits_and_without_what_is_private():
    story = Story()
    story.process = changed(modera(), entitlement={"contract": True}, privacy={"marks": ("private",)})
    decision = story.mail(CUSTOMER, "Private: the number of Kai.", counters=Counters(to_sender_hour=3), proofs=CLAIMED)
    assert decision.reason == "contract: the sender has no support contract"
    assert "limits" in {hit.rule for hit in decision.hits}
    assert {notice.template for notice in decision.notices} == {"held", "alarm"}
    assert not any("Kai" in notice.words for notice in decision.notices)


@pytest.mark.parametrize(
    ("amount", "begins"),
    [
        pytest.param("30 days", "2026-03-16 22:00", id="the local time of day stays when the clocks change"),
        pytest.param("36 hours", "2026-04-14 09:00", id="hours are hours"),
        pytest.param("1 business day", "2026-04-15 06:00", id="the last service day"),
        pytest.param("5 business days", "2026-04-09 06:00", id="service days, a weekend between"),
        pytest.param("9 business days", "2026-04-02 06:00", id="and Good Friday"),
    ],
)
def test_the_team_hears_of_the_end_of_a_contract_so_long_before(amount: str, begins: str):
    process = changed(quadrotech(), entitlement={"contract": True, "warn_before": amount})
    desk = Desk(address="support@example.com", tag="HD", timezone="Europe/Tallinn", holidays="EE")
    # It is over at 24:00 on Wednesday 15 April, in Tallinn.
    case = replace(a_case(), contract_until=date(2026, 4, 15), opened=at("2026-03-02 08:00"))
    (warning, _) = entitlement.deadlines(case, process, desk)
    assert warning.due == at(begins)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param("2026-03-21 09:59", "In progress", id="within fourteen days"),
        pytest.param("2026-03-21 10:01", "Closed", id="later, though no service day came since"),
    ],
)
def test_a_closed_case_is_reopened_within_fourteen_days_and_no_longer(written: str, status: str):
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", "2026-03-06 09:00")
    story.mail(ANNA, "take\nclose: Solved", "2026-03-07 10:00")
    number = story.case.number
    decision = story.mail(CUSTOMER, "It burns again.", written)
    assert story.cases[number].status == status
    assert (decision.ending is Ending.NEW) == (status == "Closed")
