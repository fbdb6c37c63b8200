"""The second company, rule by rule: contracts, causes, attempts, holds, solutions, escalation to the director."""

from pathlib import Path
from typing import Any

import pytest

from tests.companies.rehearsal import (
    ANNA,
    BOB,
    ESCALATIONS,
    JAAN,
    LENA,
    MARI,
    Rehearsal,
    Told,
    answer,
    edited,
    mail,
    person,
    play,
)

DORA = "dora@example.com"
ACME = person(ANNA, organisation="Acme", contract_until="2026-12-31")
PEOPLE = (ACME, person(DORA, "director"))

OPENED = mail("2026-03-02 09:00", ANNA, "It fails.")
TAKEN = answer("2026-03-02 10:00", MARI, "take")
ASKED = answer("2026-03-02 11:00", MARI, "ask: Which version is it?")


def quadrotech(*mails: Any, until: str = "", people: Any = PEOPLE, **place: str) -> Told:
    return play("quadrotech", mails, until=until, people=people, **place)


def living(*mails: Any, people: Any = PEOPLE, **keys: Any) -> Rehearsal:
    return Rehearsal(keys.pop("process", "quadrotech"), people=people, **keys).play(*mails)


# --- Intake and contract -------------------------------------------------------------------------------------------


def test_a_mail_makes_a_case_and_its_number_is_told():
    told = quadrotech(OPENED)
    opened = told.one("CaseOpened")
    assert (opened["case"], opened["status"], opened["priority"]) == ("HD-1", "Open", "Medium")
    assert "HD-1" in told.text("case_received", ANNA)


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        pytest.param((), "contract: the sender has no support contract", id="unknown"),
        pytest.param(
            (person(ANNA, organisation="Acme"),), "contract: the sender has no support contract", id="no date"
        ),
        pytest.param(
            (person(ANNA, contract_until="2026-03-01"),),
            "contract: the sender's support contract ended on 2026-03-01",
            id="expired",
        ),
    ],
)
def test_mail_without_a_valid_contract_is_held_and_the_sender_gets_one_answer_that_says_why(people: Any, reason: str):
    told = quadrotech(OPENED, people=people, until="2026-04-30 00:00")
    assert not told.events("CaseOpened")
    assert told.one("MailHeld")["reason"] == reason
    assert told.notices(ANNA) == [("no_contract", "2026-03-02T09:00:00Z")]
    assert told.notices(MARI) == told.notices(LENA) == [("held", "2026-03-02T09:00:00Z")]
    assert "admit 1" in told.text("held", MARI)


def test_a_contract_is_valid_to_the_end_of_its_last_day_in_the_desk_s_zone():
    rows = (person(ANNA, contract_until="2026-03-01"),)
    late = mail("2026-03-01 23:59 America/New_York", ANNA, "It fails.")
    over = mail("2026-03-02 00:00 America/New_York", ANNA, "It fails again.")
    told = quadrotech(late, over, people=rows, zone="America/New_York")
    assert told.at("CaseOpened") == ["2026-03-02T04:59:00Z"]
    assert told.at("MailHeld") == ["2026-03-02T05:00:00Z"]


def test_an_organisation_s_contract_lasts_until_the_latest_date_among_its_rows():
    rows = (
        person(ANNA, organisation="Acme", contract_until="2026-02-01"),
        person("boss@customer.test", organisation="ACME", contract_until="2026-06-30"),
        person("old@customer.test", organisation="Acme", contract_until="2025-06-30"),
    )
    told = quadrotech(OPENED, people=rows)
    assert told.one("CaseOpened")["contract_until"] == "2026-06-30"


def test_a_row_for_a_whole_domain_covers_its_people():
    told = quadrotech(OPENED, people=(person("@customer.test", organisation="Acme", contract_until="2026-06-30"),))
    assert told.one("CaseOpened")["requester"] == ANNA


@pytest.mark.parametrize("way", ["mail", "command line"])
def test_admitted_mail_is_an_ordinary_case_opened_at_its_arrival_its_held_time_a_pause_of_every_clock(way: str):
    held = mail("2026-03-02 11:00", BOB, "I need help.")
    desk = living(mail("2026-03-02 09:00", ANNA, "It fails."), held)
    if way == "mail":
        desk.play(mail("2026-03-04 13:00", MARI, "admit 2", subject="admit"))
    else:
        desk.admit("2026-03-04 13:00", 2)
    told = desk.told
    opened = told.one("CaseOpened", case=2)
    assert (opened["at"], opened["opened"]) == ("2026-03-04T13:00:00Z", "2026-03-02T11:00:00Z")
    started = {e["clock"]: (e["since"], e["held_until"], e["due"]) for e in told.events("ClockStarted", case=2)}
    # Two business days and ten from Wednesday 13:00: nothing of the two days before counts.
    held_time = ("2026-03-02T11:00:00Z", "2026-03-04T13:00:00Z")
    assert started == {
        "response": (*held_time, "2026-03-06T13:00:00Z"),
        "resolution": (*held_time, "2026-03-18T13:00:00Z"),
    }
    assert ("case_received", "2026-03-04T13:00:00Z") in told.notices(BOB)
    assert ("case_new", "2026-03-04T13:00:00Z") in told.notices(JAAN)


def test_only_a_member_admits():
    told = quadrotech(mail("2026-03-02 09:00", BOB, "I need help."), mail("2026-03-02 10:00", BOB, "admit 1"))
    assert not told.events("CaseOpened")
    assert len(told.events("MailHeld")) == 2


def test_a_contract_that_ends_does_not_stop_the_case_and_the_team_is_told():
    rows = (person(ANNA, contract_until="2026-03-10"), person(DORA, "director"))
    told = quadrotech(OPENED, TAKEN, until="2026-03-12 00:00", people=rows, zone="Europe/Tallinn")
    assert [(e["at"], e["what"]) for e in told.events("ContractTold")] == [
        ("2026-03-02T09:00:00Z", "contract-ending"),
        ("2026-03-10T22:00:00Z", "contract-ended"),
    ]
    assert told.notices(MARI, "contract", since="2026-03-03") == [("contract", "2026-03-10T22:00:00Z")]
    assert not told.notices(ANNA, "contract")
    assert told.statuses() == []


def test_the_team_is_told_thirty_days_before_a_contract_ends():
    rows = (person(ANNA, contract_until="2026-04-30"), person(DORA, "director"))
    told = quadrotech(OPENED, TAKEN, until="2026-04-02 00:00", people=rows)
    assert told.at("ContractTold", what="contract-ending") == ["2026-04-01T00:00:00Z"]
    assert told.notices(MARI, "contract") == [("contract", "2026-04-01T00:00:00Z")]


def test_an_edit_of_the_directory_reaches_open_cases():
    desk = living(OPENED, people=(person(ANNA, contract_until="2026-03-10"),))
    desk.until("2026-03-03 12:00").hire(person(ANNA, contract_until="2026-06-30"))
    told = desk.until("2026-04-01 12:00").told
    changed = told.one("PlanChanged")
    assert (changed["at"], changed["contract_until"]) == ("2026-03-03T12:00:00Z", "2026-06-30")
    assert not told.events("ContractTold", what="contract-ended")


def test_an_edit_of_the_process_recomputes_open_cases(tmp_path: Path):
    desk = living(OPENED).until("2026-03-03 12:00")
    desk.process = edited(
        "quadrotech",
        lambda text: text.replace(
            'response = "2 business days", resolution = "10', 'response = "1 business day", resolution = "7'
        ),
        tmp_path,
    )
    told = desk.until("2026-03-13 00:00").told
    assert [(e["at"], e["clock"], e["due"], e["used_seconds"]) for e in told.events("ClockChanged")] == [
        ("2026-03-03T12:00:00Z", "response", "2026-03-02T17:00:00Z", 11 * 3600),
        ("2026-03-03T12:00:00Z", "resolution", "2026-03-10T17:00:00Z", 11 * 3600),
    ]
    breached = [(e["at"], e["clock"], e["due"]) for e in told.events("ClockBreached")]
    assert breached == [
        ("2026-03-03T12:00:00Z", "response", "2026-03-02T17:00:00Z"),
        ("2026-03-10T17:00:00Z", "resolution", "2026-03-10T17:00:00Z"),
    ]


def test_an_edit_of_the_calendar_keeps_the_pauses(tmp_path: Path):
    desk = living(OPENED, TAKEN, ASKED, answer("2026-03-04 11:00", ANNA, "Version 5.")).until("2026-03-05 12:00")
    assert desk.told.due("resolution") == "2026-03-17T17:00:00Z"
    desk.process = edited("quadrotech", lambda text: text.replace("closed = []", "closed = [2026-03-09]"), tmp_path)
    assert desk.until("2026-03-05 12:01").told.one("ClockChanged")["due"] == "2026-03-18T17:00:00Z"


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
    said = "has changed from Pending (fix) to On Hold.\n\nIt comes back by itself on 2026-03-10.\n\n"
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


# --- Severities and targets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "response", "resolution"),
    [
        ("High", "2026-03-02T17:00:00Z", "2026-03-06T17:00:00Z"),
        ("Medium", "2026-03-03T17:00:00Z", "2026-03-13T17:00:00Z"),
        ("Low", "2026-03-04T17:00:00Z", "2026-03-20T17:00:00Z"),
    ],
)
def test_targets_in_business_days_from_opening(severity: str, response: str, resolution: str):
    told = quadrotech(OPENED, answer("2026-03-02 09:30", MARI, f"priority {severity}"))
    assert (told.due("response"), told.due("resolution")) == (response, resolution)
    told = quadrotech(OPENED, answer("2026-03-02 09:30", MARI, f"priority {severity}"), until="2026-03-25 00:00")
    assert told.at("ClockBreached") == [response, resolution]


def test_there_are_exactly_three_severities():
    told = quadrotech(OPENED, answer("2026-03-02 10:00", MARI, "priority Critical"))
    assert told.refusals() == ["'priority' does not take 'Critical'; it takes High, Medium or Low"]


def test_it_warns_at_three_quarters():
    told = quadrotech(OPENED, until="2026-03-12 00:00")
    assert told.at("ClockWarned", clock="response") == ["2026-03-03T13:00:00Z"]
    assert told.at("ClockWarned", clock="resolution") == ["2026-03-11T13:00:00Z"]


@pytest.mark.parametrize("said", ["take", "note: I know this one.", "priority High", "status Pending fix"])
def test_what_is_no_mail_to_the_customer_does_not_meet_the_response(said: str):
    assert not quadrotech(OPENED, answer("2026-03-02 10:00", MARI, said)).events("ClockMet")


def test_response_is_met_by_the_first_mail_of_a_member():
    told = quadrotech(
        OPENED,
        TAKEN,
        answer("2026-03-03 11:00", JAAN, "Hello, which version?"),
        answer("2026-03-03 12:00", MARI, "Hm."),
    )
    assert told.at("ClockMet", clock="response") == ["2026-03-03T11:00:00Z"]


@pytest.mark.parametrize("line", ["status Pending other", "hold until 2026-03-25"])
def test_pending_and_on_hold_pause_the_resolution_not_the_response(line: str):
    told = quadrotech(OPENED, answer("2026-03-02 10:00", MARI, line), until="2026-03-20 00:00")
    assert told.at("ClockPaused", clock="resolution") == ["2026-03-02T10:00:00Z"]
    assert not told.events("ClockPaused", clock="response")
    assert told.at("ClockBreached") == ["2026-03-03T17:00:00Z"]


# --- Solutions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "kinds", "others"),
    [
        ("High", ["Workaround", "Patch", "Future release", "Solution library"], ["Answer"]),
        ("Medium", ["Answer", "Workaround", "Future release", "Solution library"], ["Patch"]),
        ("Low", ["Answer", "Solution library"], ["Workaround", "Patch", "Future release"]),
    ],
)
def test_which_kinds_of_solution_count_depends_on_the_severity(severity: str, kinds: list[str], others: list[str]):
    desk = living(OPENED, answer("2026-03-02 10:00", MARI, f"take\npriority {severity}"))
    for minute, kind in enumerate(others):
        desk.play(answer(f"2026-03-02 11:0{minute}", MARI, f"resolve {kind}\n\nDone."))
    refused = [f"{kind} does not count at {severity}; at {severity} there are: {', '.join(kinds)}" for kind in others]
    assert desk.told.refusals() == refused
    for minute, kind in enumerate(kinds):
        desk.play(answer(f"2026-03-02 12:{minute}0", MARI, f"resolve {kind}\n\nDone."))
        desk.play(answer(f"2026-03-02 12:{minute}5", ANNA, "reopen"))
    resolved = desk.told.events("StatusChanged", new="Resolved")
    assert [(e["solution"], e["reason"]) for e in resolved] == [(kind, kind) for kind in kinds]


def test_without_a_kind_a_resolution_is_refused_with_the_kinds():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "resolve\n\nDone."))
    kinds = "Answer, Workaround, Future release, Solution library"
    assert told.refusals() == [f"name the kind of solution; at Medium there are: {kinds}"]
    assert not told.notices(ANNA, since="2026-03-02T11")


def test_resolved_by_name_of_the_status_needs_the_kind_too():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status Resolved"))
    assert told.refusals()[0].startswith("name the kind of solution; at Medium there are: Answer")
    assert not told.events("StatusChanged", new="Resolved")
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "status resolved workaround"))
    assert told.one("StatusChanged")["solution"] == "Workaround"


# --- Escalation ----------------------------------------------------------------------------------------------------


def complaint(when: str, text: str, sender: str = ANNA, subject: str = "Complaint") -> Any:
    return mail(when, sender, text, to=ESCALATIONS, subject=subject)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Complaint", "HD-1: nobody works on it."),
        ("HD-1", "nobody works on it."),
        ("Re: [HD-1] Printer", "nobody works on it."),
        ("Complaint", "nobody works on it."),
    ],
    ids=["in the text", "in the subject", "as a tag", "single open case"],
)
def test_a_customer_escalates_to_the_director_with_number_and_reason(subject: str, text: str):
    told = quadrotech(OPENED, TAKEN, complaint("2026-03-03 10:00", text, subject=subject))
    escalated = told.one("Escalated")
    assert (escalated["at"], escalated["level"], escalated["to"]) == ("2026-03-03T10:00:00Z", 1, DORA)
    assert escalated["reason"] == "nobody works on it."
    assert ("escalated", "2026-03-03T10:00:00Z") in told.notices(DORA)
    assert "nobody works on it." in told.text("escalated", DORA)
    assert ("escalation_received", "2026-03-03T10:00:00Z") in told.notices(ANNA)


SECOND = mail("2026-03-02 09:30", ANNA, "Another thing fails.", subject="Scanner")


@pytest.mark.parametrize(
    ("mails", "text", "missing", "lead"),
    [
        pytest.param((OPENED,), "HD-1", "the reason", False, id="no reason"),
        pytest.param((OPENED, SECOND), "It is too slow.", "the case number", True, id="two open cases"),
        pytest.param((), "It is too slow.", "the case number", True, id="no case"),
        pytest.param((OPENED,), "HD-77: it is too slow.", "the case number", True, id="unknown number"),
    ],
)
def test_what_lacks_number_or_reason_is_answered_with_what_is_missing_and_escalates_nothing(
    mails: Any, text: str, missing: str, lead: bool
):
    told = quadrotech(*mails, complaint("2026-03-03 10:00", text))
    assert not told.events("Escalated")
    assert told.notices(ANNA, since="2026-03-03") == [("escalation_missing", "2026-03-03T10:00:00Z")]
    assert missing in told.text("escalation_missing", ANNA)
    assert (("held", "2026-03-03T10:00:00Z") in told.notices(LENA)) == lead


def test_what_cannot_be_proven_goes_to_a_lead_at_once_as_well():
    told = quadrotech(OPENED, complaint("2026-03-03 10:00", "HD-1: it is too slow."), trust="claimed")
    assert not told.events("Escalated")
    assert ("held", "2026-03-03T10:00:00Z") in told.notices(LENA)
    assert told.notices(ANNA, since="2026-03-03") == [("escalation_missing", "2026-03-03T10:00:00Z")]


def test_the_number_of_somebody_else_s_case_escalates_nothing():
    rows = (*PEOPLE, person(BOB, organisation="Acme"))
    told = quadrotech(OPENED, complaint("2026-03-03 10:00", "HD-1: it is too slow.", BOB), people=rows)
    assert not told.events("Escalated")
    assert ("held", "2026-03-03T10:00:00Z") in told.notices(LENA)


def test_above_the_director_there_is_nobody():
    told = quadrotech(
        OPENED, complaint("2026-03-03 10:00", "HD-1: slow"), complaint("2026-03-04 10:00", "HD-1: still slow")
    )
    assert told.at("Escalated") == ["2026-03-03T10:00:00Z"]
    assert "nobody above" in told.text("command_result", ANNA)


def test_a_breached_resolution_clock_tells_the_director():
    told = quadrotech(OPENED, TAKEN, answer("2026-03-02 11:00", MARI, "We look."), until="2026-03-16 00:00")
    escalated = told.one("Escalated")
    assert (escalated["at"], escalated["level"], escalated["to"]) == ("2026-03-13T17:00:00Z", 0, DORA)
    assert told.notices(DORA) == [("escalated", "2026-03-13T17:00:00Z")]
    assert told.at("ClockBreached") == ["2026-03-13T17:00:00Z"]


def test_the_severity_stays_unless_the_process_raises_it(tmp_path: Path):
    assert not quadrotech(OPENED, complaint("2026-03-03 10:00", "HD-1: slow")).events("PriorityChanged")
    raising = edited("quadrotech", lambda text: text.replace('raises_to = ""', 'raises_to = "High"'), tmp_path)
    told = play(raising, (OPENED, complaint("2026-03-03 10:00", "HD-1: slow")), people=PEOPLE)
    raised = told.one("PriorityChanged")
    assert (raised["at"], raised["old"], raised["new"]) == ("2026-03-03T10:00:00Z", "Medium", "High")
    assert told.one("ClockBreached")["due"] == "2026-03-02T17:00:00Z"


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
