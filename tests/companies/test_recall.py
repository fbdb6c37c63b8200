"""An agent sends too early and recalls the answer, through the whole engine; the sender is faster, or is not."""

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest

from mailbot.ports.records import OutboxMail, OutboxState
from tests.builders import at
from tests.companies.rehearsal import ANNA, BOB, JAAN, MARI, Rehearsal, answer, mail, person

WRONG = "Your boss owes us nine invoices, by the way."
UNTIL = "2026-03-02 10:02"


@pytest.fixture
def desk() -> Rehearsal:
    """Mari has answered Anna too early; Jaan gets a copy of it."""
    rehearsal = Rehearsal("modera", people=[person(ANNA), person(BOB)], send_delay=timedelta(minutes=2))
    rehearsal.play(
        mail("2026-03-02 09:00", ANNA, "The printer burns.", subject="Printer"),
        answer("2026-03-02 09:05", JAAN, "take"),
        answer("2026-03-02 10:00", MARI, WRONG),
    )
    send(rehearsal, "2026-03-02 10:00")
    return rehearsal


def send(desk: Rehearsal, when: str) -> None:
    """Let every letter leave that may."""
    while leased := desk.store.claim_letters(at(when), 9):
        for one in leased:
            desk.store.finish_letter(one, OutboxState.SENT, "250 ok", at(when))


def letters(desk: Rehearsal, text: str = WRONG) -> list[OutboxMail]:
    known = (desk.store.queue_show(number) for number in range(1, 99))
    return [one for one in known if one is not None and text in one.text]


def states(desk: Rehearsal) -> set[OutboxState]:
    return {one.state for one in letters(desk)}


def receipts(desk: Rehearsal) -> list[OutboxMail]:
    found = letters(desk, "")
    return [one for one in found if (one.template, one.to) == ("command_result", MARI)]


def undo(desk: Rehearsal, when: str = "2026-03-02 10:01") -> str:
    """Mari answers the receipt; returns what she is told."""
    about = receipts(desk)[-1].message_id
    fields = {"In-Reply-To": about, "References": about}
    desk.play(answer(when, MARI, "undo", fields=fields))
    return " ".join(receipts(desk)[-1].text.split())


def test_an_answer_waits_for_everybody_and_its_author_is_told_until_when(desk: Rehearsal):
    assert {one.to for one in letters(desk)} == {ANNA, JAAN}
    assert states(desk) == {OutboxState.WAITING}
    assert {one.next_attempt_at for one in letters(desk)} == {at(UNTIL)}
    (receipt,) = receipts(desk)
    assert "Your words leave on Monday 2 March 2026, 10:02 (UTC)." in " ".join(receipt.text.split())
    assert "This was done:" not in receipt.text


def test_recalled_in_time_nobody_gets_a_word_of_it_and_the_right_answer_goes_out_later(desk: Rehearsal):
    assert "nobody gets it; the case is In progress again" in undo(desk)
    assert states(desk) == {OutboxState.RECALLED}
    desk.play(answer("2026-03-02 10:05", MARI, f"{WRONG}\nIt was the cable."))
    sent = [one for one in letters(desk, "It was the cable.") if one.to == ANNA]
    assert len(sent) == 1, "its own recalled lines are no internal notice's"
    for seen in dict(sent[0].fields).get("References", "").split():
        assert seen not in {one.message_id for one in letters(desk) if one.state is OutboxState.RECALLED}


def test_a_case_that_is_asked_for_shows_no_word_that_was_recalled(desk: Rehearsal):
    undo(desk)
    desk.play(mail("2026-03-02 10:10", MARI, "show HD-1", subject="look"))
    (shown,) = [one for one in letters(desk, "") if one.template == "case_shown"]
    assert "The printer burns." in shown.text
    assert WRONG not in shown.text


def test_after_it_has_left_undo_says_so(desk: Rehearsal):
    send(desk, UNTIL)
    assert "words that went out cannot be recalled" in undo(desk, "2026-03-02 10:03")
    assert states(desk) == {OutboxState.SENT}


def test_a_sender_that_is_faster_than_the_commit_makes_it_be_decided_anew(
    desk: Rehearsal, monkeypatch: pytest.MonkeyPatch
):
    asked: list[Mapping[int, int]] = []
    unsent = desk.store.unsent

    def and_then_they_leave(mails: Collection[int]) -> Mapping[int, int]:
        asked.append(unsent(mails))
        send(desk, UNTIL)
        return asked[-1]

    monkeypatch.setattr(desk.store, "unsent", and_then_they_leave)
    assert "words that went out cannot be recalled" in undo(desk)
    assert [sum(one.values()) for one in asked] == [2, 0]
    assert states(desk) == {OutboxState.SENT}
    case = desk.store.case(1)
    assert case is not None
    assert case.messages == 2


def test_an_answer_to_all_children_of_a_case_is_recalled_for_all(desk: Rehearsal):
    desk.play(
        mail("2026-03-02 10:10", BOB, "It burns here too.", subject="Printer"),
        answer("2026-03-02 10:11", JAAN, "parent HD-1", case=2),
        answer("2026-03-02 10:12", MARI, "all\nWe are at it, all of us."),
    )
    said = "We are at it, all of us."
    assert {one.to for one in letters(desk, said) if one.visibility == "public"} == {ANNA, BOB}
    undo(desk, "2026-03-02 10:13")
    assert {one.state for one in letters(desk, said) if one.to != MARI} == {OutboxState.RECALLED}
