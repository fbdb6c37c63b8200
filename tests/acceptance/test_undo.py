"""Taking back by answering a receipt, trying out, and two agents at once: with the real store and the real letters."""

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.model import Case
from mailbot.rules.case.evolve import evolve
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of, with_words

SUPPORT, JANE, ANNA, BEN = "support@example.com", "jane@customer.test", "anna@example.com", "ben@example.com"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", ANNA, BEN)
    bench.write(mail_of(JANE, SUPPORT, "The printer is on fire", "Please help."))
    yield bench
    assert bench.store.verify(evolve) == []
    bench.close()


def answer(desk: Bench, letter: EmailMessage, text: str, **fields: str) -> list[EmailMessage]:
    return desk.write(reply_to(letter, text, **fields), session=str(letter["To"]))


def bare(case: Case) -> Case:
    return replace(case, version=0, latest=case.opened, undo=None)


def test_commands_are_taken_back_by_answering_their_receipt(desk: Bench):
    before = desk.case()
    out = answer(desk, desk.sent(ANNA)[-1], "take\nfix")
    (receipt,) = [letter for letter in out if letter["To"] == ANNA]
    assert 'answer this mail with "undo" until Tuesday 3 March 2026' in " ".join(text_of(receipt).split())
    out = answer(desk, receipt, "undo")
    assert bare(desk.case()) == bare(before)
    (told,) = [letter for letter in out if letter["To"] == JANE]
    assert "was a mistake, and we have taken it back. Its status is: Open." in " ".join(text_of(told).split())
    (again,) = answer(desk, receipt, "undo")
    assert f"{ANNA} took them back already" in text_of(again)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_receipt_of_several_cases_takes_them_all_back(desk: Bench):
    desk.write(mail_of(JANE, SUPPORT, "The scanner too", "Please help."))
    (receipt,) = desk.write(mail_of(ANNA, SUPPORT, "", "HD-1 priority P1\nHD-2 priority P1"), session=ANNA)
    assert [desk.case(n).priority for n in (1, 2)] == ["P1", "P1"]
    answer(desk, receipt, "undo")
    assert [desk.case(n).priority for n in (1, 2)] == ["P3", "P3"]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_mail_that_was_tried_out_can_be_sent_afterwards_as_it_is(desk: Bench):
    shown = desk.sent(ANNA)[-1]
    text = "fix: We have put the fire out with the red bottle."
    (receipt,) = answer(desk, shown, f"dry-run\n{text}")
    assert f"{JANE}: fixed, with your words" in text_of(receipt)
    assert desk.case().status == "Open"
    answer(desk, shown, text)
    assert with_words(desk.sent(JANE), "with the red bottle")


def test_an_answer_that_crosses_a_colleagues_is_held_until_its_author_sends_it(desk: Bench):
    shown = desk.sent(BEN)[-1]
    answer(desk, desk.sent(ANNA)[-1], "It was the cable, I think.")
    (notice,) = answer(desk, shown, "Please pull the plug first.")
    assert (notice["To"], desk.account()["held"]) == (BEN, 1)
    assert "It was the cable, I think." in text_of(notice)
    assert "Please pull the plug first." not in text_of(notice)
    out = answer(desk, notice, "send")
    assert len([letter for letter in out if letter["To"] == BEN]) == 1, "one receipt"
    assert with_words(out, "Please pull the plug first.")
    assert desk.account().get("held", 0) == 0


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_who_answers_the_colleagues_answer_is_not_held_up(desk: Bench):
    answer(desk, desk.sent(ANNA)[-1], f"assign {BEN}\n\nIt was the cable, I think.")
    copy = desk.sent(BEN)[-1]
    assert with_words(answer(desk, copy, "And its plug."), "And its plug.")
