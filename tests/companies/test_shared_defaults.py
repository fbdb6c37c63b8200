"""What all five companies share, shown on the first."""

from typing import Any

import pytest

from tests.companies.rehearsal import ANNA, MARI, Told, answer, mail, play

OPENED = mail("2026-03-02 09:00", ANNA, "It fails.")
TAKEN = answer("2026-03-02 10:00", MARI, "take")
ASKED = answer("2026-03-02 11:00", MARI, "ask: Which printer is it?")
FIXED = answer("2026-03-02 12:00", MARI, "fix: We changed the cable.")
ESTIMATED = answer("2026-03-02 11:00", MARI, "type Customer Specific Development\nestimate: Two days of work.")


def modera(*mails: Any, until: str = "", **place: Any) -> Told:
    return play("modera", mails, until=until, **place)


# --- Shared defaults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "due"),
    [
        pytest.param("2026-03-02 09:00", "2026-03-03T17:00:00Z", id="at the opening"),
        pytest.param("2026-03-02 03:00", "2026-03-03T17:00:00Z", id="before the opening"),
        pytest.param("2026-03-02 17:00", "2026-03-04T17:00:00Z", id="at closing"),
        pytest.param("2026-03-02 20:00", "2026-03-04T17:00:00Z", id="in the evening"),
        pytest.param("2026-03-07 12:00", "2026-03-10T17:00:00Z", id="on a Saturday"),
        pytest.param("2026-03-06 16:59:59", "2026-03-10T16:59:59Z", id="the last second of a week"),
    ],
)
def test_a_clock_that_starts_outside_service_hours_counts_from_the_next_opening(when: str, due: str):
    assert modera(mail(when, ANNA, "It fails.")).due("pickup") == due


def test_a_target_used_up_exactly_at_closing_is_due_then():
    told = modera(OPENED, until="2026-03-05 00:00")
    assert told.at("ClockBreached", clock="pickup") == ["2026-03-03T17:00:00Z"]


def test_a_target_met_at_its_due_instant_is_met():
    told = modera(OPENED, answer("2026-03-03 17:00", MARI, "take"), until="2026-03-05 00:00")
    assert told.at("ClockMet", clock="pickup") == ["2026-03-03T17:00:00Z"]
    assert not told.events("ClockBreached")


def test_a_target_met_later_was_breached_when_it_was_due():
    told = modera(OPENED, answer("2026-03-03 17:00:01", MARI, "take"))
    assert told.at("ClockBreached", clock="pickup") == ["2026-03-03T17:00:00Z"]
    assert told.at("ClockMet", clock="pickup") == ["2026-03-03T17:00:01Z"]


def test_a_clock_warns_at_three_quarters_of_its_target():
    told = modera(OPENED, until="2026-03-03 13:00")
    assert told.at("ClockWarned") == ["2026-03-03T13:00:00Z"]
    assert told.notices(MARI, "clock_warned") == [("clock_warned", "2026-03-03T13:00:00Z")]


@pytest.mark.parametrize(
    ("zone", "holidays", "opened", "due"),
    [
        pytest.param("Europe/Tallinn", "EE", "2026-02-23 14:00", "2026-02-26T14:00:00Z", id="Independence Day"),
        pytest.param("Europe/Tallinn", "EE", "2026-03-27 13:00", "2026-03-31T12:00:00Z", id="over the spring night"),
        pytest.param("Europe/Tallinn", "EE", "2026-10-23 12:00", "2026-10-27T13:00:00Z", id="over the autumn night"),
        pytest.param("America/New_York", "US", "2026-03-06 20:00", "2026-03-10T19:00:00Z", id="American spring"),
        pytest.param("America/New_York", "US", "2026-10-30 19:00", "2026-11-03T20:00:00Z", id="American autumn"),
        pytest.param("America/New_York", "US", "2026-11-25 15:00", "2026-11-30T15:00:00Z", id="Thanksgiving"),
        pytest.param("Asia/Kolkata", "IN", "2026-01-23 05:30", "2026-01-28T05:30:00Z", id="Republic Day"),
        pytest.param("UTC", "DE-BY", "2026-01-05 09:00", "2026-01-07T17:00:00Z", id="a holiday of a state"),
    ],
)
def test_business_targets_are_service_time_in_the_desk_s_zone_without_its_holidays(
    zone: str, holidays: str, opened: str, due: str
):
    assert modera(mail(opened, ANNA, "It fails."), zone=zone, holidays=holidays).due("pickup") == due


@pytest.mark.parametrize(
    ("zone", "asked", "reminded"),
    [
        pytest.param("UTC", "2026-03-02 11:00", "2026-04-01T11:00:00Z", id="in service hours"),
        pytest.param("UTC", "2026-03-05 11:00", "2026-04-06T09:00:00Z", id="a Saturday: the next opening"),
        pytest.param("UTC", "2026-03-02 18:00", "2026-04-02T09:00:00Z", id="an evening: the next opening"),
        pytest.param("Europe/Tallinn", "2026-03-02 11:00", "2026-04-01T10:00:00Z", id="the same local time in spring"),
        pytest.param(
            "America/New_York", "2026-10-12 15:00", "2026-11-11T16:00:00Z", id="the same local time in autumn"
        ),
    ],
)
def test_a_reminder_comes_at_the_same_local_time_and_never_outside_service_hours(zone: str, asked: str, reminded: str):
    opened = mail("2026-03-02 09:00" if "03-" in asked else "2026-10-12 14:00", ANNA, "It fails.")
    told = modera(opened, answer(asked, MARI, "ask: Which?"), until="2026-12-01 00:00", zone=zone)
    assert told.reminders()[0] == (1, reminded)


def test_an_agent_opens_a_case_for_a_customer_who_telephoned_with_type_priority_and_the_instant_of_the_call():
    words = f"for {ANNA} opened 2026-03-02 08:30\ntype Fault\npriority P2\n\nThe printer burns, says Anna."
    told = modera(mail("2026-03-02 10:00", MARI, words))
    opened = told.one("CaseOpened")
    assert (opened["at"], opened["opened"], opened["requester"]) == (
        "2026-03-02T10:00:00Z",
        "2026-03-02T08:30:00Z",
        ANNA,
    )
    assert told.one("TypeChanged")["new"] == "Fault"
    assert told.one("PriorityChanged")["new"] == "P2"
    assert told.due("pickup") == "2026-03-02T17:00:00Z"
    assert told.notices(ANNA) == [("case_received", "2026-03-02T10:00:00Z")]


@pytest.mark.parametrize(
    ("topic", "said"),
    [("help priority", "The system cannot be used"), ("help type", "general problems and questions")],
)
def test_help_answers_with_the_company_s_own_definitions(topic: str, said: str):
    told = modera(OPENED, answer("2026-03-02 10:00", ANNA, topic))
    assert said in " ".join(told.text("help", ANNA).split())
