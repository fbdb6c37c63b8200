"""The second company, rule by rule: intake and contracts."""

from pathlib import Path
from typing import Any

import pytest

from tests.companies.rehearsal import (
    ANNA,
    BOB,
    JAAN,
    LENA,
    MARI,
    answer,
    edited,
    mail,
    person,
)
from tests.companies.second_company import ASKED, DORA, OPENED, TAKEN, living, quadrotech

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


def test_who_has_no_contract_reads_it_once_a_day_and_the_team_sees_every_mail():
    days = ("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-03 08:59", "2026-03-03 09:00")
    told = quadrotech(*(mail(day, ANNA, f"It fails: {day}.") for day in days), people=(), until="2026-03-03 10:00")
    assert told.notices(ANNA) == [("no_contract", "2026-03-02T09:00:00Z"), ("no_contract", "2026-03-03T09:00:00Z")]
    assert [template for template, _ in told.notices(MARI)] == ["held"] * 4


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


@pytest.mark.parametrize("way", ["mail", "answer", "command line"])
def test_admitted_mail_is_an_ordinary_case_opened_at_its_arrival_its_held_time_a_pause_of_every_clock(way: str):
    held = mail("2026-03-02 11:00", BOB, "I need help.", fields={"Message-ID": "<held@other.test>"})
    desk = living(mail("2026-03-02 09:00", ANNA, "It fails."), held)
    if way == "mail":
        desk.play(mail("2026-03-04 13:00", MARI, "admit 2", subject="admit"))
    elif way == "answer":
        desk.play(mail("2026-03-04 13:00", MARI, "admit", fields={"In-Reply-To": "<held@other.test>"}))
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


def test_the_notice_of_a_held_mail_names_it_so_that_an_answer_can_admit_it():
    told = quadrotech(mail("2026-03-02 09:00", BOB, "I need help.", fields={"Message-ID": "<held@other.test>"}))
    (letter,) = (one for one in told.letters if (one.template, one.to) == ("held", MARI))
    fields = dict(letter.fields)
    assert "<held@other.test>" in f"{fields['References']} {fields['In-Reply-To']}"


def test_admit_that_names_no_held_mail_is_refused_and_says_how():
    told = quadrotech(mail("2026-03-02 09:00", BOB, "I need help."), mail("2026-03-02 10:00", MARI, "admit"))
    assert told.refusals() == ["answer the notice of the held mail, or write 'admit' and the mail's number"]
    assert not told.events("CaseOpened")


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
    for member in (MARI, JAAN, LENA):
        assert told.notices(member, "contract", since="2026-03-03") == [("contract", "2026-03-10T22:00:00Z")]
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
