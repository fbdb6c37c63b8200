"""The second company's severities, solutions and escalation, rule by rule."""

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
    answer,
    edited,
    mail,
    person,
    play,
)
from tests.companies.second_company import DORA, OPENED, PEOPLE, TAKEN, living, quadrotech

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
    assert told.at("CommandRefused") == ["2026-03-04T10:00:00Z"]
    # What was written is in the case, so its people see it.
    assert ("customer_answered", "2026-03-04T10:00:00Z") in told.notices(MARI)


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
