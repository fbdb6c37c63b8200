"""`undo`: what the commands of one mail did is taken back whole, or it is said why not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.event import (
    CaseOpened,
    ClockName,
    CommandsRun,
    CommandsUndone,
    DeliveryFailed,
    Event,
    Kind,
    MessageAdded,
    PriorityChanged,
    StatusChanged,
    TextReleased,
    Visibility,
)
from mailbot.model import Case, Clock
from mailbot.people import Person, Proof
from mailbot.rules.case.draft import Ran
from mailbot.rules.case.evolve import evolve
from mailbot.rules.command.run_record import record
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    MAX,
    NOON,
    Story,
    a_case,
    a_desk,
    a_directory,
    a_draft,
    a_story,
    at,
    names,
    to_customers,
    told,
)

MAIL = 41


def bare(case: Case) -> Case:
    """The case but for its history."""
    return replace(case, version=0, latest=NOON, undo=None)


def resolution(story: Story) -> Clock:
    clock = story.case.clock(ClockName.RESOLUTION)
    assert clock is not None
    return clock


def said(story: Story, who: str = ANNA) -> str:
    """What the receipt of the latest mail says of its line."""
    (receipt,) = [n for n in story.last.notices if (n.to, n.template) == (who, "command_result")]
    lines = receipt.data["lines"]
    assert isinstance(lines, list)
    return str(lines[0]["said"])


@pytest.mark.parametrize(
    ("status", "text"),
    [
        pytest.param("Open", "take", id="a case that was taken"),
        pytest.param("Open", "fix", id="a word of the company's own, which takes the case too"),
        pytest.param("In progress", "priority P1", id="a priority"),
        pytest.param("In progress", "type Improvement", id="a type"),
        pytest.param("In progress", f"assign {BEN}", id="an assignee"),
        pytest.param("In progress", "status Waiting for customer", id="a status, which paused a clock"),
        pytest.param("In progress", "fix", id="a solution, which met a clock"),
        pytest.param("In progress", "close: Duplicate", id="a closing, which ended the clocks"),
        pytest.param("Closed", "reopen", id="a reopening"),
        pytest.param("In progress", "tag: red", id="tags"),
        pytest.param("In progress", "subject: Another", id="a subject"),
        pytest.param("In progress", "cc add friend@customer.test", id="a watcher"),
        pytest.param("In progress", "requester friend@customer.test", id="another customer"),
        pytest.param("In progress", "priority P1\ntag: red\nclose: Duplicate", id="three words of one mail"),
    ],
)
def test_the_case_is_as_it_was_before_the_commands_of_a_mail(status: str, text: str):
    story = a_story(status)
    before = story.case
    story.mail(ANNA, text, inbox_id=MAIL)
    assert bare(story.case) != bare(before)
    story.mail(ANNA, "undo", "2026-03-02 10:05", receipt_of=MAIL)
    assert bare(story.case) == bare(before)
    assert story.folded() == story.cases


def test_the_receipt_says_until_when_all_of_it_can_be_taken_back():
    story = a_story("In progress")
    (receipt,) = [n for n in story.mail(ANNA, "priority P1").notices if n.template == "command_result"]
    assert receipt.data["undo_until"] == at("2026-03-03 10:00")


def test_the_words_of_the_mail_stay_and_only_its_commands_are_taken_back():
    story, plain = a_story("Open"), a_story("Open")
    plain.mail(ANNA, "It was the cable.", "2026-03-02 10:10")
    story.mail(ANNA, "fix: It was the cable.", "2026-03-02 10:10", inbox_id=MAIL)
    story.mail(ANNA, "undo", "2026-03-02 11:00", receipt_of=MAIL)
    assert bare(story.case) == bare(plain.case), "the answer took the case and met its clocks, when it was given"
    assert "words that went out cannot be recalled" in said(story)


def test_a_clock_that_the_words_began_runs_from_then_on_though_the_mail_closed_the_case():
    story, plain = a_story("Open"), a_story("Open")
    plain.mail(ANNA, "Which one?", "2026-03-02 10:10")
    story.mail(ANNA, "ask: Which one?\nclose: Duplicate", "2026-03-02 10:10")
    story.mail(ANNA, "undo", "2026-03-02 11:00")
    assert story.case.clocks == plain.case.clocks


def test_time_that_passed_meanwhile_counts_as_if_the_commands_had_never_been():
    story, plain = a_story("In progress"), a_story("In progress")
    story.mail(ANNA, "status Waiting for customer", "2026-03-02 10:10")
    story.until("2026-03-02 14:00")
    plain.until("2026-03-02 14:00")
    story.mail(ANNA, "undo")
    assert story.case.clocks == plain.case.clocks
    assert [clock.due for clock in story.case.clocks] == [clock.due for clock in plain.case.clocks]


def test_who_was_told_of_a_change_hears_that_it_does_not_hold_and_nobody_else():
    story = a_story("In progress")
    story.mail(ANNA, f"assign {BEN}\nfix")
    decision = story.mail(ANNA, "undo")
    assert told(decision) == {(CUSTOMER, "taken_back"), (BEN, "taken_back"), (ANNA, "command_result")}
    (notice,) = to_customers(decision.notices)
    assert (notice.data, notice.words, notice.author) == ({}, "", ""), "the customer learns of no command"
    assert "the customer, who had been told, hears of it" in said(story)


def test_who_was_told_of_nothing_hears_nothing():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    assert told(story.mail(ANNA, "undo")) == {(ANNA, "command_result")}
    assert said(story) == "taken back: priority P1. The case is In progress again"


def test_who_was_greeted_and_is_not_with_the_case_any_more_hears_that_once():
    story = a_story("In progress")
    story.mail(ANNA, "cc add friend@customer.test")
    assert told(story.mail(ANNA, "undo")) == {("friend@customer.test", "taken_back"), (ANNA, "command_result")}
    assert told(story.mail(CUSTOMER, "And now?")) == {(ANNA, "customer_answered")}


def test_one_of_us_beside_the_team_who_was_called_hears_that_it_was_taken_back():
    boss = Person(address="boss@example.com", role="director")
    story = a_story("In progress", directory=a_directory(boss))
    story.mail(ANNA, "escalate: it burns")
    called = {to for to, template in told(story.last) if template == "escalated"}
    decision = story.mail(ANNA, "undo")
    assert {to for to, template in told(decision) if template == "taken_back"} == called - {ANNA}


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        pytest.param(lambda s: s.mail(CUSTOMER, "It burns again"), f"{CUSTOMER} wrote since", id="the customer wrote"),
        pytest.param(lambda s: s.mail(BEN, "priority P4"), f"the latest commands are those of {BEN}", id="a colleague"),
        pytest.param(lambda s: s.mail(BEN, "I look at it."), f"{BEN} wrote since", id="a colleague answered"),
        pytest.param(lambda s: s.mail(CUSTOMER, "close: gone"), f"{CUSTOMER} wrote since", id="they closed it"),
        pytest.param(lambda s: s.until("2026-03-04 10:01"), "later than 24 hours after", id="it is too late"),
        pytest.param(lambda s: s.mail(ANNA, "undo"), f"{ANNA} took them back already", id="a second time"),
    ],
)
def test_commands_are_not_taken_back_when_something_else_happened_and_it_is_named(happens, reason: str):
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    happens(story)
    before = story.case
    story.mail(ANNA, "undo")
    assert names(story.last) == ["CommandRefused"]
    assert reason in said(story)
    assert replace(bare(story.case), refused_text="", refused_by="") == replace(
        bare(before), refused_text="", refused_by=""
    )


def test_a_reminder_that_went_out_since_is_named():
    story = a_story("In progress", desk=a_desk(undo_within=timedelta(days=700)))
    story.mail(ANNA, "status Waiting for customer")
    story.until("2026-06-01 10:00")
    story.mail(ANNA, "undo")
    assert "since" in said(story)


def test_what_the_ground_or_a_word_of_nobody_did_since_is_named_too():
    begun = evolve(a_case(), CommandsRun(at=NOON, actor=ANNA, lines=("take",), inbox_id=1, effects=0))
    held = evolve(begun, TextReleased(at=NOON, inbox_id=3, actor=BEN))
    opened = evolve(begun, StatusChanged(at=NOON, old="Open", new="Fixed", kind=begun.kind, reason="", actor=BEN))
    assert held.undo is not None
    assert opened.undo is not None
    assert held.undo.why_not == f"{BEN} changed the case since"
    assert opened.undo.why_not == f"{BEN} moved the case to Fixed since"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(DeliveryFailed(at=NOON, to=CUSTOMER, status="5.1.1", message_id="<1@x>"), id="a failed delivery"),
        pytest.param(MessageAdded(at=NOON, sender=BEN, visibility=Visibility.INTERNAL, text="hm"), id="a note"),
    ],
)
def test_what_only_tells_is_true_of_the_case_before_too(event: Event):
    before = a_case("In progress")
    story = evolve(before, CommandsRun(at=NOON, actor=ANNA, lines=("priority P1",), inbox_id=1, effects=1))
    story = evolve(story, PriorityChanged(at=NOON, old="P3", new="P1", actor=ANNA))
    story = evolve(evolve(story, event), CommandsUndone(at=NOON, actor=ANNA, lines=("priority P1",)))
    assert bare(story) == bare(evolve(before, event))


def test_a_clock_that_ran_out_only_because_of_the_commands_did_not_run_out_without_them():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    story.until("2026-03-03 09:00")
    assert resolution(story).breached_at or resolution(story).warned_at
    before = resolution(story)
    story.mail(ANNA, "undo")
    assert resolution(story).breached_at is None
    assert before.due != resolution(story).due


def test_a_clock_that_ran_out_anyway_stays_so_and_is_not_told_again():
    story = a_story("In progress", desk=a_desk(undo_within=timedelta(days=700)))
    story.mail(ANNA, "tag: red")
    story.until("2026-06-01 09:00")
    breached = resolution(story).breached_at
    assert breached
    story.mail(ANNA, "undo")
    assert resolution(story).breached_at == breached
    assert "ClockBreached" not in names(story.last)


@pytest.mark.parametrize("who", [LEA, MAX])
def test_a_lead_or_manager_takes_back_what_a_colleague_did(who: str):
    story = a_story("In progress")
    story.mail(ANNA, "fix")
    decision = story.mail(who, "undo")
    assert story.case.status == "In progress"
    assert told(decision) == {(CUSTOMER, "taken_back"), (who, "command_result")}


def test_a_colleague_does_not_take_back_what_another_did():
    story = a_story("In progress")
    story.mail(ANNA, "fix")
    story.mail(BEN, "undo")
    assert story.case.status == "Fixed"
    assert "a lead may take them back" in said(story, BEN)


def test_a_receipt_of_older_commands_takes_back_nothing():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1", inbox_id=MAIL)
    story.mail(ANNA, "tag: red", inbox_id=MAIL + 1)
    story.mail(ANNA, "undo", receipt_of=MAIL)
    assert "that receipt is no longer the latest" in said(story)
    assert (story.case.priority, story.case.tags) == ("P1", ("red",))


def test_an_answer_without_commands_leaves_nothing_to_take_back():
    story = a_story("Open")
    story.mail(ANNA, "It is the cable.")
    assert "CommandsRun" not in names(story.last)
    assert story.case.undo is None


def test_where_no_commands_ran_there_is_nothing_to_take_back():
    story = a_story("Open")
    story.mail(ANNA, "undo")
    assert said(story) == "no commands on this case can be taken back"


@pytest.mark.parametrize("text", ["undo\n\nSorry, that was the wrong case.", "undo\ntake", "take\nundo"])
def test_undo_stands_alone(text: str):
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    story.mail(ANNA, text)
    assert "'undo' stands alone" in said(story)
    assert story.case.priority == "P1"


def test_who_would_see_the_case_again_takes_a_log_in():
    story = a_story("In progress")
    story.mail(ANNA, "cc add friend@customer.test")
    story.mail(ANNA, "cc remove friend@customer.test")
    story.mail(ANNA, "undo", proofs={Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})
    assert "lets others see the case again" in said(story)
    story.mail(ANNA, "undo")
    assert story.case.watchers == ("friend@customer.test",)


def test_undo_works_from_the_shell_on_what_was_done_there():
    story = a_story("In progress")
    story.word(ANNA, "priority P1")
    story.word(ANNA, "undo")
    assert story.case.priority == "P3"


def test_a_desk_may_switch_it_off():
    story = a_story("In progress", desk=a_desk(undo_within=timedelta()))
    (receipt,) = [n for n in story.mail(ANNA, "priority P1").notices if n.template == "command_result"]
    assert "undo_until" not in receipt.data
    story.mail(ANNA, "undo", "2026-03-02 10:01")
    assert story.case.priority == "P1"


def test_commands_that_changed_nothing_leave_the_earlier_ones_as_the_latest():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    story.mail(ANNA, "take")
    story.mail(ANNA, "undo")
    assert story.case.priority == "P3"


def test_what_opened_a_case_or_let_held_text_in_is_not_taken_back():
    for event, why in (
        (TextReleased(at=NOON, inbox_id=3, actor=ANNA), "what was released or redacted stays so"),
        (None, "HD-2 was opened by it, and stays"),
    ):
        draft = a_draft(a_case())
        draft.happen(event or PriorityChanged(at=NOON, old="P3", new="P1", actor=ANNA))
        if event is None:
            draft.aside[1], draft.case, draft.before = (a_case(), draft.open_case), None, None
            opened = CaseOpened(
                at=NOON,
                number=2,
                status="Open",
                kind=Kind.NEW,
                priority="P3",
                type="IT Help",
                requester=CUSTOMER,
                subject="",
                opened=NOON,
            )
            draft.happen(opened)
        draft.ran = [Ran(at=NOON, actor=ANNA, lines=("split",), case=1, since=0)]
        record(draft, MAIL)
        case = draft.known(1)
        assert case is not None
        assert case.undo is not None
        assert (case.undo.before, case.undo.why_not) == (None, why)


def test_nothing_is_taken_back_that_is_not_known():
    with pytest.raises(ValueError, match="could be taken back"):
        evolve(a_case(), CommandsUndone(at=NOON, actor=ANNA, lines=()))
