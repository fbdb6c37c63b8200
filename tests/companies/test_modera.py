"""The first company, rule by rule."""

from pathlib import Path
from typing import Any

import pytest

from tests.companies.rehearsal import ANNA, JAAN, LENA, MARI, Rehearsal, Told, answer, edited, mail, person, play

OPENED = mail("2026-03-02 09:00", ANNA, "It fails.")
TAKEN = answer("2026-03-02 10:00", MARI, "take")
ASKED = answer("2026-03-02 11:00", MARI, "ask: Which printer is it?")
FIXED = answer("2026-03-02 12:00", MARI, "fix: We changed the cable.")
ESTIMATED = answer("2026-03-02 11:00", MARI, "type Customer Specific Development\nestimate: Two days of work.")


def modera(*mails: Any, until: str = "", **place: Any) -> Told:
    return play("modera", mails, until=until, **place)


# --- Intake --------------------------------------------------------------------------------------------------------


def test_a_new_case_is_open_p3_and_it_help():
    opened = modera(OPENED).one("CaseOpened")
    assert (opened["status"], opened["priority"], opened["type"]) == ("Open", "P3", "IT Help")


def test_there_are_exactly_four_types():
    refused = modera(OPENED, answer("2026-03-02 10:00", MARI, "type Bug")).refusals()
    assert refused == [
        "'type' does not take 'Bug'; it takes IT Help, Fault, Improvement or Customer Specific Development"
    ]


def test_type_improvement_sets_priority_p4():
    told = modera(OPENED, answer("2026-03-02 10:00", MARI, "type Improvement"))
    assert (told.one("PriorityChanged")["old"], told.one("PriorityChanged")["new"]) == ("P3", "P4")
    assert told.due("pickup") == "2026-03-06T17:00:00Z"


def test_the_customer_s_proposal_is_shown_to_the_team_and_changes_nothing():
    told = modera(mail("2026-03-02 09:00", ANNA, "Type: Fault\nPriority: P1\n\nNothing works."))
    opened = told.one("CaseOpened")
    assert (opened["priority"], opened["type"]) == ("P3", "IT Help")
    assert not told.events("PriorityChanged")
    shown = told.text("case_new", MARI)
    assert "Fault" in shown
    assert "P1" in shown


def test_the_receipt_of_take_shows_type_and_priority_to_confirm():
    told = modera(OPENED, TAKEN)
    assert "type IT Help, priority P3" in " ".join(told.text("command_result", MARI).split())


def test_triage_before_picking_up_leaves_the_case_to_whoever_takes_it():
    told = modera(OPENED, answer("2026-03-02 10:00", MARI, "type Fault\npriority Blocker"))
    assert not told.events("CaseAssigned")
    assert not told.events("ClockMet")
    assert told.one("PriorityChanged")["new"] == "P1"
    assert told.due("pickup") == "2026-03-02T13:00:00Z"


# --- Clocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("priority", "pickup", "resolution"),
    [
        ("P1", "2026-03-02T13:00:00Z", "2026-03-03T10:00:00Z"),
        ("P2", "2026-03-02T17:00:00Z", "2026-03-04T10:00:00Z"),
        ("P3", "2026-03-03T17:00:00Z", "2026-03-16T10:00:00Z"),
        ("P4", "2026-03-06T17:00:00Z", None),
        ("P5", None, None),
    ],
)
def test_pick_up_counts_from_creation_and_resolution_from_pick_up(priority: str, pickup: Any, resolution: Any):
    told = modera(OPENED, answer("2026-03-02 09:30", MARI, f"priority {priority}"), TAKEN)
    assert told.one("ClockMet", clock="pickup")["due"] == pickup
    started = told.one("ClockStarted", clock="resolution")
    assert (started["since"], started["due"]) == ("2026-03-02T10:00:00Z", resolution)


def test_best_effort_never_breaches_and_its_age_is_shown():
    desk = Rehearsal("modera").play(OPENED, answer("2026-03-02 09:30", MARI, "priority P5")).until("2027-03-02 09:00")
    assert not desk.told.events("ClockBreached")
    assert not desk.told.events("ClockWarned")
    report = desk.play(answer("2027-03-02 10:00", MARI, "status")).told.text("status_report", MARI)
    assert "no fixed time" in report
    assert "(365 days" in report


def test_it_has_exactly_one_assignee_and_a_new_one_restarts_nothing():
    told = modera(OPENED, TAKEN, answer("2026-03-02 11:00", JAAN, "take"))
    assert [e["assignee"] for e in told.events("CaseAssigned")] == [MARI, JAAN]
    assert told.at("ClockMet", clock="pickup") == ["2026-03-02T10:00:00Z"]
    assert told.at("ClockStarted", clock="resolution") == ["2026-03-02T10:00:00Z"]


def test_a_team_is_no_pick_up():
    people = [person("kai@example.com", "agent", team="second line")]
    told = modera(OPENED, answer("2026-03-02 10:00", MARI, "assign second line"), people=people)
    assert not told.events("ClockMet")


def test_a_change_of_priority_recomputes_both_targets_and_paused_time_stays_paused():
    mails = (OPENED, TAKEN, ASKED, answer("2026-03-03 11:00", ANNA, "The left one."))
    told = modera(*mails, answer("2026-03-03 13:00", MARI, "priority P2"))
    changed = told.one("ClockChanged")
    # Used: an hour before the pause of a day, two hours after it.
    assert (changed["used_seconds"], changed["due"]) == (3 * 3600, "2026-03-05T10:00:00Z")


def test_a_change_that_makes_a_target_past_breaches_it_at_the_change():
    told = modera(OPENED, TAKEN, answer("2026-03-04 13:00", MARI, "priority P1"), until="2026-04-01 00:00")
    breach = told.one("ClockBreached", clock="resolution")
    assert (breach["at"], breach["due"]) == ("2026-03-04T13:00:00Z", "2026-03-03T10:00:00Z")


def test_an_edit_of_the_targets_reaches_open_cases(tmp_path: Path):
    desk = Rehearsal("modera").play(OPENED, TAKEN).until("2026-03-03 09:00")
    desk.process = edited(
        "modera", lambda text: text.replace('resolution = "80 hours"', 'resolution = "40 hours"'), tmp_path
    )
    changed = desk.until("2026-03-03 09:00").told.one("ClockChanged")
    assert (changed["at"], changed["due"]) == ("2026-03-03T09:00:00Z", "2026-03-09T10:00:00Z")


def test_asked_back_the_resolution_clock_stops_until_the_customer_writes():
    told = modera(OPENED, TAKEN, ASKED, answer("2026-03-04 11:00", ANNA, "The left one."))
    assert told.at("ClockPaused", clock="resolution") == ["2026-03-02T11:00:00Z"]
    assert told.at("ClockResumed", clock="resolution") == ["2026-03-04T11:00:00Z"]
    assert told.due("resolution") == "2026-03-18T10:00:00Z"


def test_the_customer_is_told_of_every_status_change_from_pick_up_on():
    told = modera(
        OPENED, TAKEN, ASKED, answer("2026-03-04 11:00", ANNA, "Left."), answer("2026-03-04 12:00", MARI, "fix: Done.")
    )
    assert told.notices(ANNA) == [
        ("case_received", "2026-03-02T09:00:00Z"),
        ("taken", "2026-03-02T10:00:00Z"),
        ("question", "2026-03-02T11:00:00Z"),
        ("status_changed", "2026-03-04T11:00:00Z"),
        ("fixed", "2026-03-04T12:00:00Z"),
    ]


# --- Silence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mails", "reason"),
    [
        pytest.param((OPENED, TAKEN, ASKED), "Inactive", id="waiting for customer"),
        pytest.param((OPENED, TAKEN, ESTIMATED), "Inactive", id="waiting for approval"),
        pytest.param((OPENED, answer("2026-03-02 11:00", MARI, "fix: Done.")), "Not objected", id="fixed"),
    ],
)
def test_after_thirty_days_two_reminders_two_business_days_apart_then_it_closes_with_its_reason(
    mails: Any, reason: str
):
    told = modera(*mails, until="2026-05-01 00:00")
    assert told.reminders() == [(1, "2026-04-01T11:00:00Z"), (2, "2026-04-03T11:00:00Z")]
    assert told.statuses()[-1] == ("2026-04-07T11:00:00Z", "Closed", reason)
    assert reason in told.text("closed", ANNA)


def test_silence_counts_holidays_of_the_desk_as_no_business_days():
    place = {"zone": "Europe/Tallinn", "holidays": "EE"}
    told = modera(OPENED, TAKEN, ASKED, until="2026-05-01 00:00", **place)
    # Good Friday, 3 April, lies between the reminders.
    assert told.reminders() == [(1, "2026-04-01T10:00:00Z"), (2, "2026-04-06T10:00:00Z")]
    assert told.statuses()[-1][0] == "2026-04-08T10:00:00Z"


@pytest.mark.parametrize("when", ["2026-03-20 11:00", "2026-04-02 11:00", "2026-04-07 11:00"])
def test_any_human_mail_of_the_customer_ends_the_ladder(when: str):
    told = modera(OPENED, TAKEN, ASKED, answer(when, ANNA, "I am looking for it."), until="2026-06-01 00:00")
    assert told.statuses()[-1][1] == "In progress"
    assert all(at < when.replace(" ", "T") for _, at in told.reminders())


def test_automatic_mail_does_not_end_it():
    reply = mail(
        "2026-03-02 11:01",
        ANNA,
        "I am away.",
        subject="Automatic reply: [HD-1] Printer",
        fields={"Auto-Submitted": "auto-replied"},
    )
    assert modera(OPENED, TAKEN, ASKED, reply, until="2026-04-02 00:00").reminders() == [(1, "2026-04-01T11:00:00Z")]


def test_an_absence_beyond_the_reminder_moves_it():
    text = "I am on parental leave until 30 April 2026."
    reply = mail(
        "2026-03-02 11:01",
        ANNA,
        text,
        subject="Automatic reply: [HD-1] Printer",
        fields={"Auto-Submitted": "auto-replied"},
    )
    told = modera(OPENED, TAKEN, ASKED, reply, until="2026-05-04 00:00")
    assert told.reminders() == [(1, "2026-05-01T09:00:00Z")]


# --- Fix and validation --------------------------------------------------------------------------------------------


def test_the_resolution_clock_is_met_at_fixed_and_reopening_resumes_it_with_what_was_used():
    told = modera(OPENED, TAKEN, FIXED, answer("2026-03-03 12:00", ANNA, "It is not solved."))
    assert told.at("ClockMet", clock="resolution") == ["2026-03-02T12:00:00Z"]
    assert told.at("ClockResumed", clock="resolution") == ["2026-03-03T12:00:00Z"]
    assert told.due("resolution") == "2026-03-17T10:00:00Z"
    assert told.statuses()[-1][1] == "In progress"


@pytest.mark.parametrize("said", ["All good", "Works now, thanks!", "confirm", "You can close it.", "Alles gut, danke"])
def test_a_short_comment_that_all_is_good_closes_it(said: str):
    told = modera(OPENED, TAKEN, FIXED, answer("2026-03-03 12:00", ANNA, said))
    assert told.statuses()[-1] == ("2026-03-03T12:00:00Z", "Closed", "Confirmed")
    assert "reopen" in told.text("closed", ANNA)


@pytest.mark.parametrize("said", ["Thanks!", "Thanks, will test and let you know."])
def test_thanks_and_promises_are_noted(said: str):
    assert modera(OPENED, TAKEN, FIXED, answer("2026-03-03 12:00", ANNA, said)).statuses()[-1][1] == "Fixed"


@pytest.mark.parametrize("said", ["reopen", "reopen it fails again", "It still fails."])
def test_reopen_and_a_mail_that_objects_take_it_back_into_work(said: str):
    told = modera(OPENED, TAKEN, FIXED, answer("2026-03-03 12:00", ANNA, said))
    assert told.statuses()[-1][1] == "In progress"
    assert ("reopened", "2026-03-03T12:00:00Z") in told.notices(MARI)


def test_an_answer_to_a_case_that_nobody_has_taken_takes_it():
    told = modera(OPENED, answer("2026-03-02 10:00", MARI, "Which printer?"))
    assert told.one("CaseAssigned")["assignee"] == MARI
    assert told.at("ClockMet", clock="pickup") == ["2026-03-02T10:00:00Z"]


def test_one_key_switches_that_off(tmp_path: Path):
    process = edited("modera", lambda text: text.replace("answer_takes = true", "answer_takes = false"), tmp_path)
    told = play(process, (OPENED, answer("2026-03-02 10:00", MARI, "Which printer?")))
    assert not told.events("CaseAssigned")


def test_customer_specific_development_is_estimated_approved_by_mail_and_only_then_begun():
    told = modera(OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", ANNA, "approve"))
    assert [(at, new) for at, new, _ in told.statuses()][1:] == [
        ("2026-03-02T11:00:00Z", "Waiting for approval"),
        ("2026-03-03T11:00:00Z", "In progress"),
    ]
    assert told.at("ClockPaused", clock="resolution") == ["2026-03-02T11:00:00Z"]
    assert told.at("ClockResumed", clock="resolution") == ["2026-03-03T11:00:00Z"]
    assert "Two days of work." in told.text("estimate", ANNA)


@pytest.mark.parametrize("text", ["status In progress", "fix: done", "ask: Which one?"])
def test_a_member_does_not_begin_the_work_before_the_approval(text: str):
    told = modera(OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", MARI, text))
    assert "only once the estimate is approved" in told.refusals()[0]
    assert told.statuses()[-1][1] == "Waiting for approval"
    assert not told.events("ClockResumed")


@pytest.mark.parametrize(("text", "status"), [("approve", "In progress"), ("close: Withdrawn by phone", "Closed")])
def test_a_member_may_say_what_the_customer_said_by_phone(text: str, status: str):
    told = modera(OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", MARI, text))
    assert told.statuses()[-1][1] == status


def test_a_declined_estimate_goes_back_to_the_member():
    told = modera(OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", ANNA, "decline: too dear"))
    assert told.statuses()[-1] == ("2026-03-03T11:00:00Z", "In progress", "declined")
    assert told.notices(MARI, since="2026-03-03T11") != []


def test_other_mail_while_it_waits_for_approval_ends_the_ladder_and_tells_the_assignee():
    told = modera(
        OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", ANNA, "What is in it?"), until="2026-06-01 00:00"
    )
    assert told.statuses()[-1][1] == "Waiting for approval"
    assert told.reminders() == []
    assert ("customer_answered", "2026-03-03T11:00:00Z") in told.notices(MARI)


def test_taking_it_again_does_not_begin_the_work_before_the_approval():
    told = modera(OPENED, TAKEN, ESTIMATED, answer("2026-03-03 11:00", JAAN, "take"))
    assert told.statuses()[-1][1] == "Waiting for approval"
    assert not told.events("ClockResumed")


def test_the_customer_can_ask_for_the_state_at_any_time():
    told = modera(OPENED, TAKEN, answer("2026-03-03 11:00", ANNA, "status"))
    assert told.notices(ANNA, "status_report") == [("status_report", "2026-03-03T11:00:00Z")]
    assert "In progress" in told.text("status_report", ANNA)


@pytest.mark.parametrize("name", ["In progress", "Waiting for customer", "Waiting for approval", "Fixed", "Closed"])
def test_these_are_the_statuses_that_a_member_can_name(name: str):
    told = modera(OPENED, answer("2026-03-02 11:00", LENA, f"status {name}"))
    assert told.refusals() == (["closing needs a reason: write 'close: REASON'"] if name == "Closed" else [])
    assert [new for _, new, _ in told.statuses()] == ([] if name == "Closed" else [name])


def test_nothing_leads_back_to_open():
    told = modera(OPENED, TAKEN, answer("2026-03-02 11:00", LENA, "status Open"))
    ways = "Waiting for customer, Waiting for approval, Fixed, Closed"
    assert told.refusals() == [f"In progress does not lead to Open; it leads to {ways}"]
