"""The second company's statuses and holds, rule by rule."""

from pathlib import Path

import pytest

from tests.companies.rehearsal import (
    ANNA,
    JAAN,
    MARI,
    answer,
    edited,
    person,
)
from tests.companies.second_company import OPENED, PEOPLE, TAKEN, living, quadrotech

# --- Statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["take", f"assign {JAAN}", "assign second line"])
def test_it_is_open_with_a_person_or_a_queue_until_a_member_has_answered(word: str):
    people = (*PEOPLE, person("kai@example.com", "agent", team="second line"))
    told = quadrotech(OPENED, answer("2026-03-02 10:00", MARI, word), people=people)
    assert told.at("CaseAssigned") == ["2026-03-02T10:00:00Z"]
    assert told.statuses() == []
    assert told.refusals() == []


def test_a_queue_s_members_hear_of_what_is_assigned_to_it():
    people = (*PEOPLE, person("kai@example.com", "agent", team="second line"))
    mails = (OPENED, answer("2026-03-02 10:00", MARI, "assign second line"), answer("2026-03-02 11:00", ANNA, "More."))
    told = quadrotech(*mails, people=people)
    assert told.one("CaseAssigned")["assignee"] == "second line"
    assert told.notices("kai@example.com", since="2026-03-02T10")[0] == ("assigned", "2026-03-02T10:00:00Z")
    assert ("customer_answered", "2026-03-02T11:00:00Z") in told.notices("kai@example.com")
    assert not told.notices(JAAN, "customer_answered")


def test_it_is_in_progress_when_a_member_has_answered():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "We are on it."))
    assert told.statuses() == [("2026-03-02T11:00:00Z", "In Progress", "answered")]


def test_pending_names_its_cause_and_is_refused_without_one():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Pending"))
    assert told.refusals() == ["Pending needs its cause: Pending customer, Pending fix, Pending other"]
    assert told.statuses() == []


@pytest.mark.parametrize(
    ("line", "cause"),
    [("status Pending customer", "customer"), ("status pending fix", "fix"), ("status Pending: other", "other")],
)
def test_each_cause_of_pending_pauses_the_resolution_clock_with_its_name(line: str, cause: str):
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 12:00", MARI, line))
    moved = told.one("StatusChanged")
    assert (moved["new"], moved["cause"]) == ("Pending", cause)
    assert told.one("ClockPaused")["cause"] == f"Pending ({cause})"


def test_only_pending_for_the_customer_waits_for_the_customer():
    mails = (
        OPENED,
        TAKEN,
        answer("2026-03-02 11:00", MARI, "status Pending fix\n\nThe fix comes with the next release."),
        answer("2026-03-03 11:00", ANNA, "When will that be?"),
        answer("2026-03-03 12:00", MARI, "status Pending customer"),
        answer("2026-03-04 12:00", ANNA, "Version 5."),
    )
    told = quadrotech(*mails, until="2026-05-01 00:00")
    assert [(at, new) for at, new, _ in told.statuses()][1:] == [
        ("2026-03-02T11:00:00Z", "Pending"),
        ("2026-03-03T12:00:00Z", "Pending"),
        ("2026-03-04T12:00:00Z", "In Progress"),
    ]
    assert told.notices(MARI, "customer_answered")[0] == ("customer_answered", "2026-03-03T11:00:00Z")


def test_no_attempts_are_made_while_it_waits_for_a_fix():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Pending fix"), until="2026-09-01 00:00")
    assert told.reminders() == []
    assert not told.events("StatusChanged", new="Closed")


def test_from_one_cause_to_another_the_clock_stays_paused_and_the_ladder_starts_anew():
    mails = (OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Pending fix"))
    told = quadrotech(*mails, answer("2026-03-04 11:00", MARI, "status Pending customer"), until="2026-03-12 00:00")
    assert next((e["at"], e["cause"]) for e in told.events("ClockPaused", clock="resolution")) == (
        "2026-03-02T11:00:00Z",
        "Pending (fix)",
    )
    assert not told.events("ClockResumed")
    assert told.reminders() == [(1, "2026-03-11T11:00:00Z")]


# --- On Hold -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "holidays", "day", "back"),
    [
        pytest.param("UTC", "", "2026-03-18", "2026-03-18T09:00:00Z", id="a service day"),
        pytest.param("UTC", "", "2026-03-21", "2026-03-23T09:00:00Z", id="a Saturday"),
        pytest.param(
            "Europe/Tallinn", "EE", "2026-04-03", "2026-04-06T06:00:00Z", id="Good Friday, after the spring night"
        ),
        pytest.param("America/New_York", "US", "2026-07-03", "2026-07-06T13:00:00Z", id="Independence Day observed"),
        pytest.param("Asia/Kolkata", "IN", "2026-08-15", "2026-08-17T03:30:00Z", id="a half-hour zone"),
        pytest.param("America/New_York", "US", "2026-11-01", "2026-11-02T14:00:00Z", id="the autumn night"),
    ],
)
def test_a_hold_ends_at_the_opening_of_service_on_its_date_or_the_next_service_day(
    zone: str, holidays: str, day: str, back: str
):
    mails = (OPENED, TAKEN, answer("2026-03-02 15:00", MARI, "We are on it."))
    hold = answer("2026-03-02 16:00", MARI, f"hold until {day}")
    people = (person(ANNA, contract_until="2027-12-31"),)
    told = quadrotech(*mails, hold, until="2026-12-01 00:00", zone=zone, holidays=holidays, people=people)
    held, again = told.events("StatusChanged")[1:]
    assert (held["new"], held["until"]) == ("On Hold", back)
    assert (again["at"], again["new"], again["reason"]) == (back, "In Progress", "the hold ended")
    assert told.at("ClockPaused", cause="On Hold") == ["2026-03-02T16:00:00Z"]
    assert told.at("ClockResumed") == [back]
    assert ("status_changed", back) in told.notices(MARI)


def test_a_hold_around_the_clock_ends_at_midnight_local(tmp_path: Path):
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

    def always(text: str) -> str:
        for day in days:
            text = text.replace(f'{day} = "09:00-17:00"', f'{day} = "00:00-24:00"')
            text = text.replace(f'{day} = ""', f'{day} = "00:00-24:00"')
        return text

    desk = living(OPENED, TAKEN, process=edited("quadrotech", always, tmp_path), zone="Europe/Tallinn")
    told = desk.play(answer("2026-03-02 16:00", MARI, "hold until 2026-03-29")).until("2026-04-02 00:00").told
    assert told.statuses()[-1] == ("2026-03-28T22:00:00Z", "Open", "the hold ended")


def test_a_customer_s_mail_during_a_hold_is_kept_and_the_assignee_told():
    mails = (OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "hold until 2026-03-18"))
    told = quadrotech(
        *mails, answer("2026-03-05 11:00", ANNA, "We are on holiday, see you then."), until="2026-03-17 00:00"
    )
    assert told.statuses()[-1][1] == "On Hold"
    assert told.at("MessageAdded")[-1] == "2026-03-05T11:00:00Z"
    assert told.notices(MARI, "customer_answered") == [("customer_answered", "2026-03-05T11:00:00Z")]


def test_both_sides_read_where_the_case_stands_and_when_it_comes_back():
    mails = (OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Pending fix"))
    told = quadrotech(*mails, answer("2026-03-02 12:00", MARI, "hold until 2026-03-10"))
    said = "has changed from Pending (fix) to On Hold.\n\nIt comes back by itself on Tuesday 10 March 2026.\n\n"
    assert said in told.text("status_changed", ANNA)


def test_a_hold_comes_back_to_the_status_before_with_its_cause():
    mails = (OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Pending fix"))
    told = quadrotech(*mails, answer("2026-03-02 12:00", MARI, "hold until 2026-03-10"), until="2026-03-11 00:00")
    back = told.events("StatusChanged")[-1]
    assert (back["at"], back["new"], back["cause"]) == ("2026-03-10T09:00:00Z", "Pending", "fix")
    assert not told.events("ClockResumed")


def test_a_hold_can_be_put_off_and_still_comes_back_to_the_status_before():
    mails = (OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "We are on it."))
    first, second = (
        answer("2026-03-02 12:00", MARI, "hold until 2026-03-10"),
        answer("2026-03-09 12:00", MARI, "hold until 2026-03-17"),
    )
    told = quadrotech(*mails, first, second, until="2026-03-20 00:00")
    assert told.statuses()[-1] == ("2026-03-17T09:00:00Z", "In Progress", "the hold ended")
    assert "2026-03-10T09:00:00Z" not in told.at("StatusChanged")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hold until 2026-03-01", "2026-03-01 is past; name a date to come"),
        ("status On Hold", "On Hold has an end: write 'hold until' and a date such as 2026-04-01"),
        ("hold", "'hold' needs to say which; it takes until 2026-04-01"),
    ],
)
def test_a_hold_needs_a_date_to_come(line: str, reason: str):
    assert quadrotech(OPENED, TAKEN, answer("2026-03-02 12:00", MARI, line)).refusals() == [reason]
