"""A member hears no more of a case: `mute` and `unmute`."""

from dataclasses import replace

import pytest

from mailbot.event import CommandRefused
from tests.builders import ANNA, BEN, CUSTOMER, LEA, Story, a_story, told


def muted_by(*members: str) -> Story:
    """A new case, which nobody has."""
    story = a_story()
    for member in members:
        story.mail(member, "mute")
    return story


def heard(story: Story) -> set[str]:
    return {to for to, template in told(story.last) if template == "customer_answered"}


def test_who_muted_a_case_hears_no_more_of_what_is_said():
    story = muted_by(BEN)
    story.mail(CUSTOMER, "It burns on.")
    assert heard(story) == {ANNA, LEA}
    assert story.folded() == story.cases


def test_of_a_note_neither():
    story = muted_by(BEN)
    assert told(story.mail(ANNA, "note: it is the cable")) & {(BEN, "note"), (LEA, "note")} == {(LEA, "note")}


def test_unmute_takes_it_back():
    story = muted_by(BEN)
    story.mail(BEN, "unmute")
    story.mail(CUSTOMER, "It burns on.")
    assert (story.case.muted, BEN in heard(story)) == ((), True)


def test_undo_takes_it_back():
    story = muted_by(BEN)
    story.mail(BEN, "undo")
    assert story.case.muted == ()


def test_a_colleague_s_mute_does_not_stand_in_the_way_of_an_undo():
    story = a_story()
    story.mail(ANNA, "tag: printer")
    story.cases[1] = replace(story.case, muted=())
    story.mail(BEN, "unmute")
    story.mail(ANNA, "undo")
    assert story.case.tags == ()


def test_twice_is_once():
    story = muted_by(BEN, BEN)
    assert story.case.muted == (BEN,)
    story.mail(BEN, "unmute")
    story.mail(BEN, "unmute")
    assert "you hear of it again" in str(story.last.notices)


def test_clocks_are_told_all_the_same():
    story = muted_by(BEN)
    story.until("2026-05-04 12:00")
    assert (BEN, "clock_breached") in {(n.to, n.template) for n in story.notices}


def test_who_is_given_the_case_hears_of_it_and_of_all_that_follows():
    story = muted_by(BEN)
    assert (BEN, "assigned") in told(story.mail(ANNA, f"assign {BEN}"))
    story.mail(CUSTOMER, "It burns on.")
    assert heard(story) == {BEN}


def test_where_all_have_muted_it_all_hear():
    story = muted_by(ANNA, BEN, LEA)
    story.mail(CUSTOMER, "It burns on.")
    assert heard(story) == {ANNA, BEN, LEA}


def test_who_was_told_of_a_complaint_in_confidence_goes_on_hearing_of_it():
    story = muted_by(LEA)
    story.cases[1] = replace(story.case, confidants=(LEA,))
    story.mail(CUSTOMER, "It burns on.")
    assert LEA in heard(story)


def test_one_s_own_case_cannot_be_muted():
    story = a_story("In progress")
    story.mail(ANNA, "mute")
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    assert "the case is yours" in refused.reason


@pytest.mark.parametrize("line", ["mute", "unmute"])
def test_the_receipt_says_how_to_take_it_back(line: str):
    story = a_story()
    decision = story.mail(BEN, line)
    other = {"mute": "unmute", "unmute": "mute"}[line]
    assert f"'undo': '{other}'" in str(decision.notices)


def test_a_members_word_of_customers_who_want_to_hear_no_more_is_answered_and_sent_to_nobody():
    decision = a_story("In progress").mail(ANNA, "unwatch")
    assert {notice.template for notice in decision.notices} == {"command_result"}
