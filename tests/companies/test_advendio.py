"""advendio, rule by rule: reasons and severities, plans, advice inside the case, the path past the support team.

The rules are the company's own; lines that begin with "default" are what the shipped file says where it is silent.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailbot.process import Process
from tests.companies.rehearsal import ANNA, BOB, JAAN, LENA, MARI, Rehearsal, Told, company, edited, person
from tests.companies.rehearsal import answer as any_answer
from tests.companies.rehearsal import mail as any_mail
from tests.companies.rehearsal import play as any_play

SUBJECT = "Invoice"
PIA, DAN, CIA, COO, CEO = (f"{name}@example.com" for name in ("pia", "dan", "cia", "coo", "ceo"))
INSIDE = (
    person(PIA, "product-management", name="Pia Product"),
    person(DAN, "development", name="Dan Developer"),
    person(CIA, "customer-success-manager", name="Cia Success"),
    person(COO, "coo", name="Coo Oberon"),
    person(CEO, "ceo", name="Ceo Cecil"),
)
mail = partial(any_mail, subject=SUBJECT)
answer = partial(any_answer, subject=SUBJECT)

OPENED = mail("2026-03-02 09:00", ANNA, "How do I send an invoice?")
TAKEN = answer("2026-03-02 09:30", MARI, "take")


def play(*mails: Any, until: str = "", process: str | Process = "advendio", people: Any = (), **place: str) -> Told:
    return any_play(process, mails, until=until, people=(*INSIDE, *people), **place)


@pytest.mark.parametrize(
    "reason", ["Bug", "Question about handling", "Customization / development request", "Feature request"]
)
def test_the_four_case_reasons_can_be_set(reason: str):
    told = play(OPENED, answer("2026-03-02 10:00", MARI, f"type {reason}\npriority High"))
    changed = [event["new"] for event in told.events("TypeChanged")]
    assert changed == ([] if reason == "Question about handling" else [reason])
    assert told.refusals() == []


def test_there_are_exactly_four_case_reasons():
    assert [t.name for t in company("advendio").types] == [
        "Bug",
        "Question about handling",
        "Customization / development request",
        "Feature request",
    ]
    told = play(OPENED, answer("2026-03-02 10:00", MARI, "#type Complaint"))
    (reason,) = told.refusals()
    assert "it takes Bug, Question about handling, Customization / development request or Feature request" in reason


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("Level 1", "Level 1"),
        ("Critical", "Level 1"),
        ("Level 1 - Critical", "Level 1"),
        ("Level 2 - Urgent", "Level 2"),
        ("urgent", "Level 2"),
        ("level 3 - high", "Level 3"),
        ("High", "Level 3"),
    ],
)
def test_the_severities_are_level_1_critical_to_level_4_medium(written: str, level: str):
    told = play(OPENED, answer("2026-03-02 10:00", MARI, f"priority {written}"))
    assert told.one("PriorityChanged")["new"] == level
    assert [(p.name, p.title) for p in company("advendio").priorities] == [
        ("Level 1", "Critical"),
        ("Level 2", "Urgent"),
        ("Level 3", "High"),
        ("Level 4", "Medium"),
    ]


def test_help_priority_and_help_type_answer_with_the_definitions_of_the_source():
    told = play(OPENED, answer("2026-03-02 10:00", MARI, "help priority"))
    assert "data integrity is at risk" in told.text("help", MARI)
    told = play(OPENED, answer("2026-03-02 10:00", ANNA, "help type"))
    assert "An anomaly, unexpected or irregular behaviour, errors." in told.text("help", ANNA)


def test_default_severity_is_level_4_and_reason_question_about_handling_until_a_member_says_otherwise():
    told = play(OPENED)
    opened = told.one("CaseOpened")
    assert (opened["status"], opened["priority"], opened["type"]) == ("Open", "Level 4", "Question about handling")


def test_default_statuses_are_open_in_progress_waiting_for_customer_solved_closed():
    told = play(
        OPENED,
        TAKEN,
        answer("2026-03-02 10:00", MARI, "ask: Which version?"),
        answer("2026-03-02 11:00", ANNA, "Version 5."),
        answer("2026-03-02 12:00", MARI, "solve: Please press Send."),
        answer("2026-03-02 13:00", ANNA, "Works now"),
    )
    assert [(at, status) for at, status, _ in told.statuses()] == [
        ("2026-03-02T09:30:00Z", "In progress"),
        ("2026-03-02T10:00:00Z", "Waiting for customer"),
        ("2026-03-02T11:00:00Z", "In progress"),
        ("2026-03-02T12:00:00Z", "Solved"),
        ("2026-03-02T13:00:00Z", "Closed"),
    ]
    assert [s.name for s in company("advendio").statuses] == [
        "Open",
        "In progress",
        "Waiting for customer",
        "Solved",
        "Closed",
    ]


@pytest.mark.parametrize("severity", ["Critical", "Urgent", "High", "Medium"])
def test_without_a_premium_plan_the_first_answer_is_due_after_2_business_days_whatever_the_severity(severity: str):
    told = play(OPENED, answer("2026-03-02 09:00:01", MARI, f"priority {severity}"), until="2026-04-01 00:00")
    assert told.due("response") == "2026-03-03T17:00:00Z"
    assert told.at("ClockWarned") == ["2026-03-03T13:00:00Z"]
    assert told.at("ClockBreached") == ["2026-03-03T17:00:00Z"]
    assert told.events(clock="resolution") == []


@pytest.mark.parametrize("plan", ["", "basic", "Basic", "premium", "gold"])
def test_plan_basic_is_where_none_is_given_and_premium_falls_back_while_its_table_is_empty(plan: str):
    told = play(OPENED, people=[person(ANNA, plan=plan)])
    assert told.one("CaseOpened")["plan"] == ("premium" if plan == "premium" else "basic")
    assert told.due("response") == "2026-03-03T17:00:00Z"


def premium(folder: Path) -> Process:
    """The shipped file with its table filled in: the numbers are this test's own."""
    targets = {"Level 1": "1 hour", "Level 2": "4 hours", "Level 3": "1 business day"}
    rows = "\n".join(f'"{level}" = {{ response = "{target}" }}' for level, target in targets.items())
    return edited("advendio", lambda text: text.replace("[plan.targets]", f"[plan.targets]\n{rows}"), folder)


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("Critical", "2026-03-02T10:00:00Z"),
        ("Urgent", "2026-03-02T13:00:00Z"),
        ("High", "2026-03-02T17:00:00Z"),
        ("Medium", "2026-03-03T17:00:00Z"),
    ],
)
def test_premium_targets_are_by_severity_once_the_table_is_filled_in(tmp_path: Path, severity: str, due: str):
    mails = (OPENED, answer("2026-03-02 09:10", MARI, f"priority {severity}"))
    told = play(*mails, process=premium(tmp_path), people=[person(ANNA, plan="premium")])
    assert told.due("response") == due
    assert play(*mails, process=premium(tmp_path)).due("response") == "2026-03-03T17:00:00Z"


def test_the_plan_is_that_of_the_organisation_where_the_sender_has_none():
    people = [person(ANNA, organisation="Acme"), person("boss@customer.test", organisation="Acme", plan="premium")]
    told = play(OPENED, answer("2026-03-02 09:10", MARI, "priority 1"), people=people)
    assert told.one("CaseOpened")["plan"] == "premium"


def test_business_hours_only_without_weekends_and_public_holidays_for_both_plans():
    friday = mail("2026-04-02 14:00 Europe/Berlin", ANNA, "Before Easter.")
    for plan in ("basic", "premium"):
        told = play(friday, people=[person(ANNA, plan=plan)], zone="Europe/Berlin", holidays="DE")
        # Good Friday, the weekend and Easter Monday are no business days: 3 h on Thursday, 8 h on Tuesday, 5 h left.
        assert told.due("response") == "2026-04-08T12:00:00Z"


@pytest.mark.parametrize(
    ("zone", "when", "due"),
    [
        ("Europe/Tallinn", "2026-03-27 16:00 Europe/Tallinn", "2026-03-31T13:00:00Z"),
        ("America/New_York", "2026-03-06 16:00 America/New_York", "2026-03-10T20:00:00Z"),
        ("Asia/Kolkata", "2026-03-02 20:00 Asia/Kolkata", "2026-03-04T11:30:00Z"),
    ],
)
def test_two_business_days_hold_across_weekends_and_changes_of_the_clock(zone: str, when: str, due: str):
    assert play(mail(when, ANNA, "Hello there."), zone=zone).due("response") == due


def test_the_first_answer_is_met_by_a_members_words_and_there_are_no_resolution_targets():
    told = play(OPENED, TAKEN, answer("2026-03-03 17:00", MARI, "Press the button."), until="2026-05-01 00:00")
    assert told.at("ClockMet") == ["2026-03-03T17:00:00Z"]
    assert told.events("ClockBreached") == []
    assert {event["clock"] for event in told.events() if "clock" in event} == {"response"}


def test_a_member_may_write_a_case_for_a_customer_who_then_hears_of_it():
    told = play(mail("2026-03-02 09:00", MARI, f"for {BOB}\ntype Bug\npriority Urgent\n\nHe phoned: it hangs."))
    assert told.one("CaseOpened")["requester"] == BOB
    assert told.one("PriorityChanged")["new"] == "Level 2"
    assert ("case_received", "2026-03-02T09:00:00Z") in told.notices(to=BOB)


# --- Collaborative escalation. --------------------------------------------------------------------------------------

ASKED = answer("2026-03-02 10:00", MARI, "consult Product Management: SECRET is this meant to be so?")


def test_a_complex_case_is_discussed_with_product_management_and_development_by_mail():
    told = play(
        OPENED, TAKEN, ASKED, answer("2026-03-02 10:10", MARI, "consult Development\n\nSECRET can it be mended?")
    )
    assert told.notices(PIA) == [("consultation", "2026-03-02T10:00:00Z")]
    assert told.notices(DAN) == [("consultation", "2026-03-02T10:10:00Z")]
    assert "SECRET is this meant to be so?" in told.text("consultation", PIA)
    assert "SECRET can it be mended?" in told.text("consultation", DAN)


def test_that_talk_is_internal_and_the_support_engineer_stays_the_assignee():
    told = play(OPENED, TAKEN, ASKED, answer("2026-03-02 11:00", PIA, "SECRET it is a bug."))
    talk = [(e["from"], e["visibility"]) for e in told.events("MessageAdded")][1:]
    assert talk == [(MARI, "internal"), (PIA, "internal")]
    assert [e["assignee"] for e in told.events("CaseAssigned")] == [MARI]
    assert told.one("MessageAdded", **{"from": PIA})["at"] == "2026-03-02T11:00:00Z"
    assert "SECRET it is a bug." in told.text("note", MARI)
    assert [status for _, status, _ in told.statuses()] == ["In progress"]


def test_nothing_of_the_talk_reaches_the_customer_over_several_rounds():
    told = play(
        OPENED,
        TAKEN,
        ASKED,
        answer("2026-03-02 11:00", PIA, "SECRET since when?"),
        answer("2026-03-02 12:00", MARI, "consult Product Management, Development: SECRET since May."),
        answer("2026-03-02 12:30", MARI, "consult Development: SECRET since May."),
        answer("2026-03-02 13:00", DAN, "SECRET I mend it."),
        answer("2026-03-02 14:00", MARI, "We have found the cause."),
        answer("2026-03-02 15:00", ANNA, "status"),
    )
    assert "SECRET" not in told.all_text(ANNA)
    assert "We have found the cause." in told.text("answer", ANNA)
    assert "SECRET I mend it." in told.text("note", MARI)
    assert "SECRET I mend it." in told.text("consultation", PIA)


def test_a_consultation_does_not_count_as_an_answer_to_the_customer():
    told = play(OPENED, TAKEN, ASKED, answer("2026-03-02 11:00", PIA, "SECRET it is a bug."), until="2026-03-04 00:00")
    assert told.events("ClockMet") == []
    assert told.at("ClockBreached") == ["2026-03-03T17:00:00Z"]


def test_an_unknown_team_is_refused_and_the_question_goes_to_nobody():
    told = play(OPENED, TAKEN, answer("2026-03-02 10:00", MARI, "consult Produkt: SECRET is this so?"))
    (reason,) = told.refusals()
    assert reason == "'consult' does not take 'Produkt'; it takes Product Management or Development"
    assert "SECRET" not in told.all_text(ANNA)


def test_a_consultation_needs_a_question():
    told = play(OPENED, TAKEN, answer("2026-03-02 10:00", MARI, "consult Development"))
    assert told.refusals() == ["'consult' needs your question, behind a colon or below it"]
    assert told.notices(DAN) == []


def test_a_team_that_nobody_is_in_cannot_be_asked():
    told = any_play("advendio", [OPENED, TAKEN, ASKED])
    (reason,) = told.refusals()
    assert reason.startswith("nobody in the directory has the role 'product-management'")
    assert "SECRET" not in told.all_text(ANNA)


# --- The path for trouble with the support team. --------------------------------------------------------------------


def complain(*reasons: str) -> list[Any]:
    return [answer(f"2026-03-02 {10 + hour}:00", ANNA, f"escalate {reason}") for hour, reason in enumerate(reasons)]


def test_the_escalation_path_is_customer_success_manager_then_coo_then_ceo_one_level_up_each():
    told = play(OPENED, TAKEN, *complain("nobody answers", "still nobody", "and still"))
    assert [(e["at"], e["level"], e["to"], e["reason"]) for e in told.events("Escalated")] == [
        ("2026-03-02T10:00:00Z", 1, CIA, "nobody answers"),
        ("2026-03-02T11:00:00Z", 2, COO, "still nobody"),
        ("2026-03-02T12:00:00Z", 3, CEO, "and still"),
    ]
    assert [told.notices(to, "escalated") for to in (CIA, COO, CEO)] == [
        [("escalated", f"2026-03-02T{hour}:00:00Z")] for hour in (10, 11, 12)
    ]
    assert "The case is escalated to CEO." in told.text("escalation_received", ANNA)


def test_above_the_last_level_the_answer_says_so():
    told = play(OPENED, TAKEN, *complain("one", "two", "three", "four"))
    assert [e["level"] for e in told.events("Escalated")] == [1, 2, 3]
    assert told.refusals() == ["it was escalated to CEO already; there is nobody above"]
    assert "there is nobody above" in told.text("command_result", ANNA)


@pytest.mark.parametrize("words", ["escalate", "escalate\n\nBest regards,\nAnna", "escalate:"])
def test_each_escalation_needs_a_reason_and_one_without_is_asked_for_it(words: str):
    told = play(OPENED, TAKEN, answer("2026-03-02 10:00", ANNA, words))
    assert told.events("Escalated") == []
    assert "an escalation needs its reason" in told.text("command_result", ANNA)
    again = play(OPENED, TAKEN, answer("2026-03-02 10:00", ANNA, "escalate\n\nNobody has called me back."))
    assert again.one("Escalated")["reason"] == "Nobody has called me back."


def test_a_level_that_nobody_has_goes_to_the_lead():
    told = any_play("advendio", [OPENED, TAKEN, *complain("nobody answers")])
    assert told.one("Escalated")["to"] == LENA


PAST = (
    "escalate past the engineer: RUDE he shouted at me",
    "escalate: past the support engineer concerned, RUDE he shouted",
    "escalate RUDE he shouted, please go past the engineer",
    "escalate past the engineer\n\nRUDE he shouted at me.",
    "Please escalate past the engineer: why is he so RUDE?",
)


@pytest.mark.parametrize("words", PAST)
def test_by_the_customers_wish_it_goes_past_the_engineer_and_is_not_shown_to_the_team(words: str):
    told = play(OPENED, TAKEN, answer("2026-03-02 10:00", ANNA, words))
    event = told.one("Escalated")
    assert (event["level"], event["to"], event["reason"]) == (1, CIA, "past the engineer concerned")
    assert "RUDE" in told.text("escalated", CIA)
    for member in (MARI, JAAN, LENA):
        assert "RUDE" not in told.all_text(member)
        assert told.notices(member, since="2026-03-02T10:00:00Z") == []
    assert "RUDE" not in str(told.lines)
    assert "past the engineer concerned" in told.text("escalation_received", ANNA)


def test_what_is_answered_to_a_complaint_past_the_engineer_is_not_shown_to_the_team_either():
    told = play(
        OPENED,
        TAKEN,
        answer("2026-03-02 10:00", ANNA, PAST[0]),
        answer("2026-03-02 11:00", ANNA, "escalate past the engineer: RUDE again"),
        answer("2026-03-02 12:00", CIA, "RUDE indeed, I call her."),
        answer("2026-03-02 13:00", MARI, "status"),
        answer("2026-03-02 14:00", MARI, f"assign {JAAN}"),
    )
    assert [(e["level"], e["to"]) for e in told.events("Escalated")] == [(1, CIA), (2, COO)]
    assert all("RUDE" not in told.all_text(member) for member in (MARI, JAAN, LENA))
    assert "RUDE indeed" in told.text("note", COO)


def test_a_refused_complaint_past_the_engineer_is_not_shown_to_the_team():
    told = play(OPENED, TAKEN, *complain("one", "two", "three", "past the engineer: RUDE he shouted"))
    assert told.refusals() == ["it was escalated to CEO already; there is nobody above"]
    assert all("RUDE" not in told.all_text(member) for member in (MARI, JAAN, LENA))
    nobody = any_play("advendio", [OPENED, TAKEN, *complain("past the engineer: RUDE he shouted")])
    assert "please phone us" in nobody.text("command_result", ANNA)
    assert all("RUDE" not in nobody.all_text(member) for member in (MARI, JAAN, LENA))
    empty = play(OPENED, TAKEN, *complain("past the engineer"))
    assert "needs its reason" in empty.text("command_result", ANNA)


def test_past_the_engineer_a_level_without_anybody_is_skipped():
    rows = [row for row in INSIDE if row["address"] != CIA]
    told = any_play("advendio", [OPENED, TAKEN, *complain("past the engineer: RUDE")], people=rows)
    assert (told.one("Escalated")["level"], told.one("Escalated")["to"]) == (2, COO)


def test_a_complaint_past_the_engineer_that_names_no_case_goes_to_the_first_level_and_opens_none():
    told = play(OPENED, TAKEN, mail("2026-03-02 10:00", ANNA, PAST[0], subject="Complaint"))
    assert len(told.events("CaseOpened")) == 1
    assert told.one("MailHeld")["reason"] == "unclear: a complaint past the engineer that names no case"
    assert "RUDE" in told.text("held", CIA)
    assert all("RUDE" not in told.all_text(member) for member in (MARI, JAAN, LENA))
    assert "the case number" in told.text("escalation_missing", ANNA)


def test_past_the_engineer_works_from_the_shell_too():
    desk = Rehearsal("advendio", people=INSIDE).play(OPENED, TAKEN)
    desk.say("2026-03-02 10:00", PAST[0], actor=ANNA)
    assert desk.told.one("Escalated")["to"] == CIA
    assert "RUDE" not in desk.told.all_text(MARI)
    desk.store.close()


def test_a_member_hears_in_plain_words_why_a_clock_says_what_it_says():
    told = play(OPENED, TAKEN, answer("2026-03-03 10:00", MARI, "why"))
    text = told.text("why", MARI)
    assert "Target: 2 business days at Level 4." in text
    assert "Started: Monday 2 March 2026, 09:00 (UTC), opened." in text
    assert "Used: 9 hours of 16 hours." in text
    assert "Due: Tuesday 3 March 2026, 17:00 (UTC)" in text
