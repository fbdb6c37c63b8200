"""The second company's closing and its attempts to reach the customer, rule by rule."""

from typing import Any

import pytest

from tests.companies.rehearsal import (
    ANNA,
    MARI,
    answer,
    mail,
    person,
)
from tests.companies.second_company import ASKED, OPENED, TAKEN, quadrotech

# --- Closing and attempts ------------------------------------------------------------------------------------------

RESOLVED = answer("2026-03-02 11:00", MARI, "resolve Answer\n\nPress the second button.")


@pytest.mark.parametrize("said", ["confirm", "All good, thanks!", "close"])
def test_it_closes_when_both_agree(said: str):
    told = quadrotech(OPENED, TAKEN, RESOLVED, answer("2026-03-03 11:00", ANNA, said))
    assert told.statuses()[-1] == ("2026-03-03T11:00:00Z", "Closed", "Both agree")
    assert "Both agree" in told.text("closed", ANNA)


def test_it_closes_when_it_is_no_defect():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-03 11:00", MARI, "close: No defect"))
    closed = told.events("StatusChanged")[-1]
    assert (closed["new"], closed["reason"], closed["solved"]) == ("Closed", "No defect", True)
    assert told.at("ClockMet", clock="resolution") == ["2026-03-03T11:00:00Z"]


@pytest.mark.parametrize("beginning", [ASKED, RESOLVED], ids=["question", "solution"])
def test_three_attempts_five_business_days_apart_and_five_after_the_third_it_closes(beginning: Any):
    told = quadrotech(OPENED, TAKEN, beginning, until="2026-06-01 00:00")
    assert told.reminders() == [
        (1, "2026-03-09T11:00:00Z"),
        (2, "2026-03-16T11:00:00Z"),
        (3, "2026-03-23T11:00:00Z"),
    ]
    reason = "No answer to three attempts to contact the customer"
    assert told.statuses()[-1] == ("2026-03-30T11:00:00Z", "Closed", reason)
    assert told.notices(ANNA, "reminder") == [("reminder", at) for _, at in told.reminders()]
    assert reason in told.text("closed", ANNA)


def test_attempts_leave_out_holidays_and_the_spring_night():
    question = answer("2026-03-27 16:00", MARI, "ask: Which version is it?")
    place = {"zone": "Europe/Tallinn", "holidays": "EE"}
    told = quadrotech(
        OPENED, TAKEN, answer("2026-03-26 11:00", MARI, "Hello again."), question, until="2026-04-20 00:00", **place
    )
    # Friday 18:00 local is after closing: the five days are Monday to Thursday and, past Good Friday, Monday 6 April.
    assert told.reminders()[0] == (1, "2026-04-06T14:00:00Z")


@pytest.mark.parametrize(
    ("further", "reminders", "closed"),
    [
        pytest.param(
            ["2026-03-04 15:00"],
            [(1, "2026-03-04T15:00:00Z"), (2, "2026-03-11T15:00:00Z"), (3, "2026-03-18T15:00:00Z")],
            "2026-03-25T15:00:00Z",
            id="one",
        ),
        pytest.param(
            ["2026-03-04 15:00", "2026-03-05 15:00", "2026-03-06 15:00"],
            [(1, "2026-03-04T15:00:00Z"), (2, "2026-03-05T15:00:00Z"), (3, "2026-03-06T15:00:00Z")],
            "2026-03-13T15:00:00Z",
            id="three",
        ),
    ],
)
def test_a_member_s_own_further_mail_is_the_next_attempt(further: list[str], reminders: Any, closed: str):
    mails = [answer(when, MARI, f"Did you find the version? ({when})") for when in further]
    told = quadrotech(OPENED, TAKEN, ASKED, *mails, until="2026-06-01 00:00")
    assert told.reminders() == reminders
    assert told.statuses()[-1][0] == closed


def test_a_note_is_no_attempt():
    told = quadrotech(
        OPENED,
        TAKEN,
        ASKED,
        answer("2026-03-04 15:00", MARI, "note: I phoned, nobody there."),
        until="2026-03-10 00:00",
    )
    assert told.reminders() == [(1, "2026-03-09T11:00:00Z")]


def test_an_answer_ends_the_attempts_and_a_new_question_begins_them_anew():
    mails = (
        OPENED,
        TAKEN,
        ASKED,
        answer("2026-03-10 11:00", ANNA, "Version 5."),
        answer("2026-03-11 11:00", MARI, "ask: And which edition?"),
    )
    told = quadrotech(*mails, until="2026-03-20 00:00")
    assert told.reminders() == [(1, "2026-03-09T11:00:00Z"), (1, "2026-03-18T11:00:00Z")]


def away(when: str, text: str, subject: str = "Automatic reply: [HD-1] Printer") -> Any:
    return mail(when, ANNA, text, subject=subject, fields={"Auto-Submitted": "auto-replied"})


def test_an_absence_notice_is_no_answer():
    told = quadrotech(
        OPENED, TAKEN, ASKED, away("2026-03-02 11:01", "I am out of the office."), until="2026-03-10 00:00"
    )
    assert told.reminders() == [(1, "2026-03-09T11:00:00Z")]
    assert told.statuses()[-1][1] == "Pending"


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until 13 March 2026.",
        "Ich bin bis zum 13.03.2026 nicht im Büro.",
        "I will be back on Friday, March 13th.",
    ],
)
def test_an_absence_notice_with_a_return_date_moves_the_attempts_past_it(text: str):
    told = quadrotech(OPENED, TAKEN, ASKED, away("2026-03-02 11:01", text), until="2026-06-01 00:00")
    assert told.events("MessageAdded")[-1]["away_until"] is not None
    first = told.reminders()[0][1]
    assert first >= "2026-03-13T09:00:00Z"
    assert first <= "2026-03-16T09:00:00Z"
    assert len(told.reminders()) == 3


def test_a_case_closed_for_silence_is_not_solved():
    told = quadrotech(OPENED, TAKEN, ASKED, until="2026-06-01 00:00")
    assert not told.events("ClockMet", clock="resolution")
    assert told.events("StatusChanged")[-1]["solved"] is False


# --- Places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "holidays", "when", "response", "resolution"),
    [
        pytest.param(
            "Europe/Tallinn",
            "EE",
            "2026-02-23 12:00",
            "2026-02-26T12:00:00Z",
            "2026-03-10T12:00:00Z",
            id="Independence Day",
        ),
        pytest.param(
            "Europe/Tallinn",
            "EE",
            "2026-03-27 12:00",
            "2026-03-31T11:00:00Z",
            "2026-04-13T11:00:00Z",
            id="spring, Easter",
        ),
        pytest.param(
            "America/New_York",
            "US",
            "2026-10-30 15:00",
            "2026-11-03T16:00:00Z",
            "2026-11-16T16:00:00Z",
            id="autumn, Veterans Day",
        ),
        pytest.param(
            "America/New_York",
            "US",
            "2026-03-06 15:00",
            "2026-03-10T14:00:00Z",
            "2026-03-20T14:00:00Z",
            id="American spring",
        ),
        pytest.param(
            "Asia/Kolkata", "", "2026-03-02 05:30", "2026-03-04T05:30:00Z", "2026-03-16T05:30:00Z", id="no summer time"
        ),
        pytest.param(
            "UTC", "", "2026-03-07 12:00", "2026-03-10T17:00:00Z", "2026-03-20T17:00:00Z", id="opened on a Saturday"
        ),
        pytest.param("UTC", "", "2028-02-28 12:00", "2028-03-01T12:00:00Z", "2028-03-13T12:00:00Z", id="leap day"),
    ],
)
def test_business_days_are_exact_in_every_place(zone: str, holidays: str, when: str, response: str, resolution: str):
    rows = (person(ANNA, contract_until="2030-12-31"),)
    told = quadrotech(mail(when, ANNA, "It fails."), people=rows, zone=zone, holidays=holidays)
    assert (told.due("response"), told.due("resolution")) == (response, resolution)


def test_the_kind_of_solution_may_stand_before_the_words_on_one_line():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "resolve Workaround: Please restart it."))
    assert told.statuses()[-1][1:] == ("Resolved", "Workaround")
    assert told.text("fixed", ANNA).count("Please restart it.") == 1
    assert "resolve" not in told.text("fixed", ANNA)
