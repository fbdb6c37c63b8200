"""What review found in members' mails: slips that must not go out, and what their words must bring about."""

import pytest

from mailbot.decision import Ending
from mailbot.event import MessageAdded
from tests.builders import (
    ANNA,
    BEN,
    Story,
    a_story,
    at,
    names,
    to_customers,
    told,
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("status wating", id="a status with a slip"),
        pytest.param("take HD-2", id="another case's number"),
        pytest.param("take please", id="a word too many"),
        pytest.param("close it", id="a word that needs a colon"),
        pytest.param("prio P1", id="a word cut short"),
        pytest.param("merge HD-2\n\nThe same as the other one.", id="a word that this desk does not have"),
        pytest.param("handover bert@example.com", id="with an address"),
        pytest.param("mute", id="alone"),
        pytest.param("redact: their number", id="with a colon"),
    ],
)
def test_line_that_can_only_be_a_command_never_goes_to_the_customer(text: str):
    story = a_story("In progress")
    decision = story.mail(ANNA, text)
    assert told(decision) == {(ANNA, "command_result")}
    assert set(names(decision)) == {"CommandRefused"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please use the other door.", id="prose of one line"),
        pytest.param("Merge both files, then print.", id="a longer line with a reserved word"),
        pytest.param("Show it to me\nand I mend it.", id="two lines of prose"),
        pytest.param("*take*\n\nI am on it.", id="emphasis around a command is none of its text"),
    ],
)
def test_prose_that_begins_like_a_command_goes_out(text: str):
    story = a_story("In progress")
    decision = story.mail(ANNA, text)
    assert [notice.template for notice in to_customers(decision.notices)] == ["answer"]


def test_word_below_a_note_is_part_of_the_note():
    story = a_story("In progress")
    decision = story.mail(ANNA, "note\nfoo")
    assert told(decision) == {(ANNA, "command_result")}
    assert names(decision) == ["MessageAdded"]


def test_thanks_below_a_command_are_a_sign_off():
    story = a_story("In progress")
    assert told(story.mail(ANNA, "help type\nThanks")) == {(ANNA, "help")}


def test_fix_and_close_in_one_mail_tell_of_the_closing():
    story = a_story("In progress")
    decision = story.mail(ANNA, "fix\nclose\n\nIt was the cable.")
    (notice,) = to_customers(decision.notices)
    assert (notice.template, notice.words) == ("closed", "It was the cable.")
    assert notice.data["reopen_until"] == at("2026-03-16 10:00")


def test_fix_says_when_the_case_closes_by_itself():
    story = a_story("In progress")
    (notice,) = to_customers(story.mail(ANNA, "fix").notices)
    assert notice.data["closes"] == at("2026-04-07 10:00")


def test_untaken_case_that_is_resolved_by_its_status_is_told_to_the_customer():
    story = a_story("Open")
    (notice,) = to_customers(story.mail(ANNA, "status Fixed").notices)
    assert notice.template == "fixed"


def test_admitted_mail_that_answers_nothing_opens_a_case():
    story = Story()
    decision = story.mail(ANNA, "My own printer is broken.", admitted=True)
    assert decision.ending is Ending.NEW
    assert story.case.requester == ANNA


def test_a_member_whose_own_matter_was_let_in_answers_it_as_its_customer():
    story = Story()
    story.mail(ANNA, "My own laptop is broken.", admitted=True)
    story.mail(BEN, "take")
    story.mail(BEN, "ask: Which laptop is it?")
    decision = story.mail(ANNA, "The grey one of mine.", "2026-03-03 10:00")
    assert story.case.status == "In progress"
    assert {(notice.to, notice.template) for notice in decision.notices} == {
        (BEN, "customer_answered"),
        (ANNA, "status_changed"),
    }
    story.mail(BEN, "ask: And since when?", "2026-03-03 11:00")
    noted = story.mail(ANNA, "note: he is slow", "2026-03-03 12:00").notices
    assert {(notice.to, notice.template) for notice in noted} == {(BEN, "note"), (ANNA, "command_result")}
    assert story.case.status == "Waiting for customer"


def test_a_member_who_has_their_own_matter_works_on_it_as_on_any():
    story = Story()
    story.mail(ANNA, "My own laptop is broken.", admitted=True)
    story.mail(ANNA, "take")
    story.mail(ANNA, "I look at it myself.")
    assert [h.event.by_customer for h in story.last.happened if isinstance(h.event, MessageAdded)] == [False]
