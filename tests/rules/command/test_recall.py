"""An answer waits before it leaves (`send_delay_seconds`), and `undo` recalls it while it does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Decision, MailArrived, Notice
from mailbot.event import AnswerDelayed, AnswerRecalled, CommandRefused, MessageAdded, Visibility
from mailbot.model import Case
from mailbot.rules.case.evolve import evolve
from mailbot.rules.command import recalling
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    NOON,
    WATCHER,
    Story,
    a_case,
    a_desk,
    a_draft,
    a_mail,
    a_story,
    an_envelope,
    at,
    facts,
    names,
    to_customers,
    told,
)

DELAY = timedelta(minutes=2)
LATER = "2026-03-02 10:03"
ANSWER = 41


def a_desk_that_waits(status: str = "In progress", **keys: Any) -> Story:
    """A case at a desk whose answers wait two minutes; nothing waits yet."""
    story = a_story(status, **keys)
    story.desk = replace(story.desk, send_delay=DELAY)
    return story


def waiting(decision: Decision) -> set[tuple[str, str]]:
    return {(one.to, one.template) for one in decision.notices if one.leaves}


def receipt(decision: Decision) -> Notice:
    (notice,) = [one for one in decision.notices if one.template == "command_result"]
    return notice


def refusal(decision: Decision) -> str:
    (refused,) = [h.event for h in decision.happened if isinstance(h.event, CommandRefused)]
    return refused.reason


def without(case: Case) -> Case:
    """The case but for its history."""
    return replace(case, version=0, latest=NOON, undo=None, recall=None)


def undone(story: Story, sender: str = ANNA, when: str = "2026-03-02 10:01", **keys: Any) -> Decision:
    return story.mail(sender, "undo", when, inbox_id=90, **{"receipt_of": ANSWER, **keys})


def test_without_a_delay_everything_is_as_it_was():
    story = a_story("In progress")
    decision = story.mail(ANNA, "It was the cable.")
    assert (waiting(decision), story.case.recall) == (set(), None)
    assert (ANNA, "command_result") not in told(decision)


def test_an_answer_waits_with_all_its_copies_and_its_receipt_says_until_when():
    story = a_desk_that_waits()
    story.mail(CUSTOMER, "Please tell my colleague too.")
    story.mail(LEA, f"cc add {WATCHER}")
    decision = story.mail(BEN, "It was the cable.", inbox_id=ANSWER)
    assert waiting(decision) == {(CUSTOMER, "answer"), (WATCHER, "answer"), (ANNA, "answer")}
    assert {one.leaves for one in decision.notices} == {NOON + DELAY, None}
    said = receipt(decision)
    assert (said.to, said.leaves, said.data["lines"]) == (BEN, None, [])
    assert said.data["waits"] == (
        "Your words leave on Monday 2 March 2026, 10:02 (UTC). "
        "Answer this mail with 'undo' before, and nobody gets them."
    )


def test_beside_commands_there_is_one_receipt_for_both():
    story = a_desk_that_waits()
    decision = story.mail(ANNA, "priority P1\n\nWe look at it at once.", inbox_id=ANSWER)
    said = receipt(decision)
    assert [line["line"] for line in said.data["lines"]] == ["priority P1"]  # type: ignore[attr-defined]
    assert "10:02" in str(said.data["waits"])
    assert said.data["undo_until"]


def test_the_delay_counts_from_when_the_mail_is_decided():
    story = a_desk_that_waits()
    decision = story.mail(ANNA, "It was the cable.", decided_at=at("2026-03-02 11:00"))
    assert {one.leaves for one in decision.notices if one.leaves} == {at("2026-03-02 11:02")}
    (added,) = [h.event for h in decision.happened if isinstance(h.event, MessageAdded)]
    assert added.at == NOON


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("note: it is the cable", id="a note"),
        pytest.param("take", id="a command"),
        pytest.param("status", id="a question"),
        pytest.param("for new@customer.test\nask: Which room?", id="a case that is opened"),
    ],
)
def test_what_is_no_answer_in_a_case_does_not_wait(said: str):
    story = a_desk_that_waits("Open")
    decision = story.mail(ANNA, said, keep_tokens=not said.startswith("for"), case=1 if said[0] != "f" else 5)
    assert waiting(decision) == set()
    assert "AnswerDelayed" not in names(decision)


def test_the_shell_waits_for_nothing():
    story = a_desk_that_waits()
    assert waiting(story.word(ANNA, "ask: Which printer is it?")) == set()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param("Open", "It was the cable.", id="a plain answer, which takes the case"),
        pytest.param("In progress", "It was the cable.", id="a plain answer"),
        pytest.param("In progress", "ask: Which printer is it?", id="a question"),
        pytest.param("In progress", "fix: We changed the cable.", id="a solution"),
        pytest.param("Fixed", "close\n\nIt was a pleasure to help.", id="a closing"),
        pytest.param("Waiting for customer", "status In progress\npriority P1\n\nWe go on.", id="several commands"),
        pytest.param("Waiting for approval", "It is two days of work, as I said.", id="words in between"),
    ],
)
def test_recalled_it_is_as_if_it_had_never_been_written(status: str, said: str):
    story = a_desk_that_waits(status)
    before = story.case
    answer = story.mail(ANNA, said, inbox_id=ANSWER)
    assert waiting(answer)
    decision = undone(story)
    assert without(story.case) == without(before)
    assert decision.recalled == (ANSWER, len(waiting(answer)))
    assert story.folded() == story.cases
    assert told(decision) == {(ANNA, "command_result")}, "nobody had heard of it"
    assert "nobody gets it" in str(receipt(decision).data["lines"])


def test_its_history_keeps_that_it_was_written_and_recalled():
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    undone(story)
    kept = [type(event) for event in story.events[1]]
    assert kept.index(AnswerDelayed) < kept.index(MessageAdded, 4) < kept.index(AnswerRecalled)


def test_the_answer_counts_at_once_and_does_not_once_it_is_recalled():
    story = a_desk_that_waits("Open")
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    assert (story.case.answered_at, story.case.picked_up_at) == (NOON, NOON)
    undone(story)
    assert (story.case.answered_at, story.case.picked_up_at, story.case.said_by) == (None, None, "")


def test_a_clock_that_ran_out_while_it_waited_has_run_out():
    story = a_desk_that_waits("Open")
    clock = next(one for one in story.case.clocks if one.due)
    assert clock.due is not None
    close = f"{clock.due - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    story.until(close)
    story.mail(ANNA, "It was the cable.", close, inbox_id=ANSWER)
    after = f"{clock.due + timedelta(seconds=60):%Y-%m-%d %H:%M}"
    story.waiting[ANSWER] = [at(after) + DELAY for _ in story.waiting[ANSWER]]
    undone(story, when=after)
    again = story.case.clock(clock.name)
    assert again is not None
    assert again.breached_at == clock.due


@pytest.mark.parametrize("way", ["the receipt", "another answer about the case"])
def test_what_has_left_cannot_be_recalled(way: str):
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    after = story.case
    decision = undone(story, when=LATER, receipt_of=ANSWER if way == "the receipt" else 0)
    assert refusal(decision) == recalling.LEFT
    assert decision.recalled is None
    assert story.case.messages == after.messages


def test_of_what_has_left_the_commands_can_still_be_taken_back():
    story = a_desk_that_waits()
    story.mail(ANNA, "priority P1\n\nWe look at it at once.", inbox_id=ANSWER)
    decision = undone(story, when=LATER)
    assert "words that went out cannot be recalled" in str(receipt(decision).data["lines"])
    assert (story.case.priority, story.case.messages) == ("P3", 2)


def test_without_a_receipt_the_latest_doing_is_meant():
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    assert "AnswerRecalled" in names(undone(story, receipt_of=0))
    story.mail(ANNA, "It was the cable, I said.", inbox_id=43)
    story.mail(ANNA, "tag: red", "2026-03-02 10:02", inbox_id=44)
    assert "CommandsUndone" in names(undone(story, receipt_of=0))


def test_twice_is_once():
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    undone(story)
    assert "took it back already" in refusal(undone(story))


def test_who_was_told_something_at_once_hears_that_it_does_not_hold():
    story = a_desk_that_waits()
    story.mail(ANNA, f"assign {BEN}\n\nMy colleague goes on.", inbox_id=ANSWER)
    assert (BEN, "assigned") in told(story.last) - waiting(story.last)
    decision = undone(story)
    assert told(decision) == {(ANNA, "command_result"), (BEN, "taken_back")}
    assert to_customers(decision.notices) == []


@pytest.mark.parametrize(
    ("since", "why"),
    [
        pytest.param((CUSTOMER, "It burns on."), f"{CUSTOMER} wrote since", id="the customer wrote"),
        pytest.param((LEA, "priority P1"), f"{LEA} changed the case since", id="somebody else changed it"),
        pytest.param((ANNA, "And it was the lamp."), "that receipt is no longer the latest", id="another answer"),
    ],
)
def test_after_something_else_it_goes_out(since: tuple[str, str], why: str):
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    story.mail(*since, "2026-03-02 10:00", inbox_id=43)
    assert why in refusal(undone(story))


def test_a_note_stands_in_nobody_s_way_and_stays():
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    story.mail(BEN, "note: it was the lamp", inbox_id=43)
    messages = story.case.messages
    assert "AnswerRecalled" in names(undone(story, receipt_of=ANSWER))
    assert story.case.messages == messages - 1


@pytest.mark.parametrize(("who", "may"), [(BEN, False), (LEA, True)])
def test_a_lead_may_recall_what_a_colleague_wrote(who: str, may: bool):
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    decision = undone(story, who, receipt_of=0)
    assert ("AnswerRecalled" in names(decision)) is may
    assert may or "an answer" in refusal(decision)


def test_a_mail_for_several_cases_is_recalled_whole():
    story = a_desk_that_waits()
    story.mail(CUSTOMER, "The lift is stuck.", case=2)
    story.mail(ANNA, "HD-2 ask: Which lift?\nHD-1 ask: Which printer?", inbox_id=ANSWER)
    before = (2, 2)
    assert tuple(story.cases[number].messages for number in (1, 2)) == before
    letters = waiting(story.last)
    assert len({one.case for one in story.last.notices if one.leaves}) == 2
    decision = undone(story)
    assert decision.recalled == (ANSWER, len([*story.decisions[-2].notices]) - 1)
    assert tuple(story.cases[number].messages for number in (1, 2)) == (1, 1)
    assert story.folded() == story.cases
    assert letters


def test_in_a_dry_run_nothing_is_recalled():
    story = a_desk_that_waits()
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    decision = story.mail(ANNA, "dry-run\nundo", "2026-03-02 10:01", inbox_id=43, receipt_of=ANSWER)
    assert decision.recalled is None
    assert story.case.messages == 2


def test_what_nobody_would_get_does_not_wait():
    case = a_case("In progress")
    draft = a_draft(case, facts=facts(case, desk=a_desk(send_delay=DELAY)))
    draft.happen(MessageAdded(at=NOON, sender=ANNA, visibility=Visibility.PUBLIC, answers=True))
    recalling.delay(draft, MailArrived(mail=a_mail(sender=ANNA), envelope=an_envelope()))
    assert draft.events(AnswerDelayed) == []


def test_a_recall_needs_an_answer_that_can_be_recalled():
    event = AnswerRecalled(at=NOON, actor=ANNA, message=1, lines=())
    with pytest.raises(ValueError, match="without an answer"):
        evolve(a_case(), event)


def test_a_desk_waits_for_no_answer_unless_it_says_so():
    assert a_desk().send_delay == timedelta(0)


def test_who_has_a_shell_may_recall_an_answer_too():
    story = a_desk_that_waits()
    before = story.case
    story.mail(ANNA, "It was the cable.", inbox_id=ANSWER)
    letters = len(waiting(story.last))
    assert story.word(ANNA, "undo").recalled == (ANSWER, letters)
    assert without(story.case) == without(before)


def test_who_was_to_hear_of_a_merge_by_recalled_words_alone_hears_nothing():
    story = a_desk_that_waits()
    story.mail("olev@other.test", "The second matter is here.", case=2, subject="Second")
    said = story.mail(ANNA, "merge HD-2\nWe go on there with you.", inbox_id=ANSWER)
    assert {to for to, template in waiting(said) if template == "merged"} == {CUSTOMER, BEN, LEA}
    assert told(undone(story)) == {(ANNA, "command_result")}
    assert story.folded() == story.cases


def test_once_the_words_have_left_everybody_hears_that_the_merge_does_not_hold():
    story = a_desk_that_waits()
    story.mail("olev@other.test", "The second matter is here.", case=2, subject="Second")
    story.mail(ANNA, "merge HD-2\nWe go on there with you.", inbox_id=ANSWER)
    heard = told(undone(story, when=LATER))
    assert heard >= {(CUSTOMER, "unmerged"), (BEN, "taken_back"), (LEA, "taken_back")}
