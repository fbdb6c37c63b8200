"""A case out of sight until a date: `snooze` and `unsnooze`. Never a status, a clock or a customer."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mailbot.decision import Ending
from mailbot.event import CommandRefused, SilenceBroken, SnoozeChanged
from mailbot.mail import Automatic
from mailbot.model import Case
from mailbot.people import Person, Role
from mailbot.rules.command import snooze
from mailbot.rules.notice.addressees import is_snoozed
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    VERIFIED,
    Story,
    a_case,
    a_directory,
    a_draft,
    a_story,
    at,
    facts,
    names,
    to_customers,
    told,
)

#: A Monday; modera's service begins at nine.
UNTIL, BACK = "2026-03-09", at("2026-03-09 09:00")


def snoozed(status: str = "In progress", **keys: Any) -> Story:
    """Anna's case, which she has put out of sight until next Monday."""
    story = a_story(status, **keys)
    story.mail(ANNA, f"snooze until {UNTIL}")
    return story


def refusal(story: Story) -> str:
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    return refused.reason


@pytest.mark.parametrize(
    ("line", "until"),
    [
        pytest.param(f"snooze until {UNTIL}", BACK, id="until a date"),
        pytest.param(f"snooze {UNTIL}", BACK, id="the date alone"),
        pytest.param(f"Snooze Until {UNTIL}.", BACK, id="as a phone writes it"),
        pytest.param("snooze until 2026-03-08", BACK, id="a Sunday: the next service day"),
        pytest.param("snooze: off", None, id="off"),
        pytest.param("snooze OFF", None, id="off, loudly"),
        pytest.param("unsnooze", None, id="its opposite"),
    ],
)
def test_the_lines_that_put_a_case_out_of_sight_and_back(line: str, until: object):
    story = snoozed()
    story.mail(ANNA, "unsnooze" if until else f"snooze {UNTIL}")
    story.mail(ANNA, line)
    assert story.case.snoozed_until == until
    assert story.folded() == story.cases


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("snooze until 2026-03-01", "2026-03-01 is past", id="past"),
        pytest.param("snooze until 9999-01-01", "out of reach", id="out of reach"),
        pytest.param("snooze until tomorrow week", "does not take", id="no date"),
        pytest.param("snooze", "needs to say which", id="nothing"),
    ],
)
def test_a_date_that_cannot_be_meant_is_refused(line: str, why: str):
    story = a_story("In progress")
    story.mail(ANNA, line)
    assert why in refusal(story)
    assert story.case.snoozed_until is None


def test_a_closed_case_has_nothing_to_come_back_to():
    story = a_story("Closed")
    story.mail(ANNA, f"snooze until {UNTIL}")
    assert "nothing to come back to" in refusal(story)


@pytest.mark.parametrize("status", ["Open", "In progress", "Waiting for customer", "Fixed"])
def test_status_clocks_and_deadlines_stay_as_they_are(status: str):
    story, other = a_story(status), a_story(status)
    story.mail(ANNA, f"snooze until {UNTIL}")
    same = replace(story.case, snoozed_until=None, snoozed_by="", undo=None, version=0)
    assert same == replace(other.case, undo=None, version=0)
    end = "2026-03-08 12:00"
    assert story.until(end) == other.until(end)


def test_no_customer_learns_of_it():
    story = snoozed()
    assert to_customers(story.last.notices) == []
    story.until("2026-03-09 09:00")
    assert to_customers(story.last.notices) == []


def test_it_comes_back_by_itself_with_one_notice_to_who_has_it():
    story = snoozed()
    fired = story.until("2026-03-09 09:00")
    assert [d.rule for d in fired if d.rule == snooze.BACK] == [snooze.BACK]
    assert story.case.snoozed_until is None
    assert told(story.last) == {(ANNA, "snoozed")}
    assert story.folded() == story.cases


def test_a_case_that_nobody_has_comes_back_to_the_team():
    story = snoozed("Open")
    story.until("2026-03-09 09:00")
    last = next(one for one in story.decisions if "SnoozeChanged" in names(one) and one.ending is None)
    assert told(last) == {(ANNA, "snoozed"), (BEN, "snoozed"), (LEA, "snoozed")}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param("In progress", "It burns on.", id="words"),
        pytest.param("Waiting for customer", "It is the one in room 4.", id="an answer"),
        pytest.param("Fixed", "No, still the same", id="an objection"),
        pytest.param("Waiting for customer", "escalate: it burns", id="an escalation"),
    ],
)
def test_it_comes_back_when_its_customer_writes(status: str, said: str):
    story = snoozed(status)
    decision = story.mail(CUSTOMER, said)
    assert story.case.snoozed_until is None
    assert [h.event.actor for h in decision.happened if isinstance(h.event, SnoozeChanged)] == [CUSTOMER]
    assert story.folded() == story.cases


def test_commands_of_the_customer_bring_it_back_too():
    story = snoozed("Waiting for approval")
    story.mail(CUSTOMER, "approve")
    assert story.case.snoozed_until is None


def test_silence_that_was_broken_by_a_question_is_the_customer_s():
    case = a_case("Waiting for customer", snoozed_until=BACK, snoozed_by=ANNA)
    draft = a_draft(case)
    draft.happen(SilenceBroken(at=draft.now))
    snooze.wake(draft)
    (event,) = draft.events(SnoozeChanged)
    assert event.actor == CUSTOMER


def test_what_the_customer_says_from_the_shell_counts_as_well():
    story = snoozed("Fixed")
    story.word(CUSTOMER, "reopen")
    assert story.case.snoozed_until is None


def test_an_automatic_mail_of_the_customer_does_not_bring_it_back():
    story = snoozed()
    story.mail(CUSTOMER, "I am away.", automatic=Automatic.VACATION)
    assert story.case.snoozed_until == BACK


def test_a_colleague_s_note_and_answer_leave_it_out_of_sight():
    story = snoozed()
    story.mail(BEN, "note: it is the cable")
    assert (ANNA, "note") in told(story.last)
    story.mail(BEN, "We look at it next week.")
    assert story.case.snoozed_until == BACK


@pytest.mark.parametrize("line", [f"assign {BEN}", f"handover {BEN}", "assign second line"])
def test_who_is_given_the_case_has_it_in_sight(line: str):
    story = snoozed()
    story.mail(ANNA, line)
    assert (story.case.snoozed_until, story.case.snoozed_by) == (None, "")


def test_who_takes_it_and_puts_it_out_of_sight_may_say_so_in_any_order():
    story = a_story()
    story.mail(ANNA, f"snooze until {UNTIL}\ntake")
    assert (story.case.assignee, story.case.snoozed_until) == (ANNA, BACK)


def test_a_case_that_closes_is_snoozed_no_more():
    story = snoozed("Fixed")
    story.mail(ANNA, "close")
    assert (story.case.snoozed_until, list(snooze.deadlines(story.case))) == (None, [])


@pytest.mark.parametrize("line", [f"snooze until {UNTIL}", "unsnooze"])
def test_who_has_it_hears_when_a_lead_puts_it_out_of_sight_or_back(line: str):
    story = snoozed() if line == "unsnooze" else a_story("In progress")
    decision = story.mail(LEA, line)
    (notice,) = [one for one in decision.notices if one.template == "snoozed"]
    assert (notice.to, notice.author) == (ANNA, LEA)
    assert notice.data == ({"until": UNTIL} if line != "unsnooze" else {})


def test_who_does_it_to_their_own_case_gets_the_receipt_alone():
    assert told(snoozed().last) == {(ANNA, "command_result")}


def test_warnings_and_breaches_come_as_ever():
    story = a_story("In progress")
    story.mail(ANNA, "snooze until 2026-06-01")
    story.until("2026-05-30 12:00")
    heard = {one.template for one in story.notices if one.to == ANNA}
    assert {"clock_warned", "clock_breached"} <= heard
    assert story.case.snoozed_until is not None


DIRECTORY = a_directory(Person(address="boss@example.com", role=Role.LEAD))
SNOOZED = {"snoozed_until": BACK, "snoozed_by": ANNA}


@pytest.mark.parametrize(
    ("case", "to", "template", "held"),
    [
        pytest.param(a_case("In progress", **SNOOZED), ANNA, "contract", True, id="a reminder to who has it"),
        pytest.param(a_case("In progress", **SNOOZED), BEN, "contract", False, id="a reminder to somebody else"),
        pytest.param(a_case("In progress", **SNOOZED), ANNA, "clock_breached", False, id="a breach"),
        pytest.param(a_case("In progress", **SNOOZED), ANNA, "escalated", False, id="an escalation"),
        pytest.param(a_case("In progress", **SNOOZED), ANNA, "customer_answered", False, id="the customer's words"),
        pytest.param(a_case("In progress"), ANNA, "contract", False, id="a case in sight"),
        pytest.param(a_case("In progress", assignee=LEA, **SNOOZED), LEA, "contract", False, id="what a lead gets"),
        pytest.param(
            a_case("In progress", assignee="gone@x.test", **SNOOZED), "gone@x.test", "contract", True, id="who left"
        ),
        pytest.param(None, ANNA, "contract", False, id="no case"),
    ],
)
def test_only_routine_reminders_to_who_has_it_are_held_back(case: Case | None, to: str, template: str, held: bool):
    draft = a_draft(case, facts=facts(directory=DIRECTORY))
    assert is_snoozed(draft, template, to) is held


@pytest.mark.parametrize(
    ("told_of", "data"),
    [
        pytest.param((), {}, id="nothing was held back"),
        pytest.param(("contract-ending/2025-03-31",), {}, id="another contract"),
        pytest.param(("contract-ending/2026-03-31",), {"last_day": "2026-03-31", "ended": False}, id="it ends"),
        pytest.param(
            ("contract-ending/2026-03-31", "contract-ended/2026-03-31"),
            {"last_day": "2026-03-31", "ended": True},
            id="it ended",
        ),
    ],
)
def test_the_notice_of_its_return_says_what_was_held_back(told_of: tuple[str, ...], data: dict[str, object]):
    last = date(2026, 3, 31) if told_of else None
    draft = a_draft(a_case("In progress", contract_until=last, contract_told=told_of, **SNOOZED))
    snooze.end(draft)
    assert [(one.to, one.data) for one in draft.notices] == [(ANNA, data)]


def test_undo_takes_it_back_and_its_return_stands_in_no_other_undo_s_way():
    story = a_story("In progress")
    before = story.case
    story.mail(ANNA, f"snooze until {UNTIL}")
    story.mail(ANNA, "undo")
    assert (story.case.snoozed_until, story.case.clocks) == (None, before.clocks)
    story.mail(ANNA, f"snooze until {UNTIL}")
    story.mail(ANNA, "tag: red")
    story.mail(ANNA, "undo")
    assert (story.case.tags, story.case.snoozed_until) == ((), BACK)


def test_after_its_return_an_older_command_can_still_be_taken_back():
    story = a_story("In progress")
    story.mail(ANNA, "snooze until 2026-03-03")
    story.mail(ANNA, "tag: red", "2026-03-03 08:30")
    story.until("2026-03-03 09:30")
    story.mail(ANNA, "undo")
    assert (story.case.tags, story.case.snoozed_until) == ((), None)
    assert story.folded() == story.cases


def test_a_dry_run_says_what_would_be_and_does_nothing():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"dry-run\nsnooze until {UNTIL}")
    assert story.case.snoozed_until is None
    assert f"out of sight until {UNTIL}" in str(decision.notices)
    assert decision.ending is Ending.THREADED


@pytest.mark.parametrize(
    ("lines", "undo"),
    [
        pytest.param([f"snooze {UNTIL}"], "unsnooze", id="the first time"),
        pytest.param([f"snooze {UNTIL}", "snooze 2026-03-16"], f"snooze until {UNTIL}", id="another date"),
        pytest.param([f"snooze {UNTIL}", "unsnooze"], f"snooze until {UNTIL}", id="back"),
        pytest.param(["unsnooze"], "", id="nothing changed"),
    ],
)
def test_the_receipt_says_how_to_take_it_back(lines: list[str], undo: str):
    story = a_story("In progress")
    for line in lines:
        story.mail(ANNA, line)
    (receipt,) = story.last.notices
    assert receipt.data["lines"][-1]["undo"] == undo  # type: ignore[index]


def test_customers_have_no_such_word():
    story = a_story("In progress")
    story.mail(CUSTOMER, f"snooze until {UNTIL}", proofs=VERIFIED)
    assert story.case.snoozed_until is None


def test_what_closes_the_case_below_it_leaves_nothing_to_tell_of_it():
    story = a_story("In progress")
    decision = story.mail(BEN, f"snooze {UNTIL}\nclose: a duplicate")
    assert (story.case.status, story.case.snoozed_until) == ("Closed", None)
    assert "snoozed" not in {notice.template for notice in decision.notices}
