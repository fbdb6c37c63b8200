"""`send as is` lets the text of a member's latest refused mail go to the customer, once."""

import pytest

from mailbot.event import Visibility
from tests.builders import ANNA, BEN, a_story, names, to_customers


def test_refused_text_goes_out_as_it_is_and_only_once():
    story = a_story("In progress")
    story.mail(ANNA, "nto\n#urgent they say, so we hurry.")
    decision = story.mail(ANNA, "send as is")
    (answer,) = to_customers(decision.notices)
    assert (answer.template, answer.words) == ("answer", "nto\n#urgent they say, so we hurry.")
    assert names(decision) == ["MessageAdded"]
    again = story.mail(ANNA, "send as is")
    assert names(again) == ["CommandRefused"]
    assert "no refused text of yours" in str(again.notices[0].data["lines"])


def test_refused_text_of_somebody_else_stays():
    story = a_story("In progress")
    story.mail(ANNA, "nto\nWe hurry.")
    assert names(story.mail(BEN, "send as is")) == ["CommandRefused"]
    assert to_customers(story.mail(ANNA, "send as is\n\nSorry for the delay.").notices)[0].words == (
        "nto\nWe hurry.\n\nSorry for the delay."
    )


def test_text_that_was_put_right_is_not_sent_again():
    story = a_story("In progress")
    story.mail(ANNA, "nto\nWe hurry.")
    story.mail(ANNA, "We hurry.")
    assert names(story.mail(ANNA, "send as is")) == ["CommandRefused"]


def test_refused_note_cannot_be_sent_to_the_customer():
    story = a_story("In progress")
    story.mail(ANNA, "note\n#urgent\nThey owe us money.")
    assert names(story.mail(ANNA, "send as is")) == ["CommandRefused"]


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        pytest.param("send as is", Visibility.INTERNAL, id="in-answer-to-an-internal-notice"),
        pytest.param("note\nsend as is", Visibility.PUBLIC, id="in-a-note"),
    ],
)
def test_where_words_stay_inside_refused_text_is_not_let_go_and_stays_kept(said: str, reply: Visibility):
    story = a_story("In progress")
    story.mail(ANNA, "nto\nWe hurry.")
    decision = story.mail(ANNA, said, reply=reply)
    assert names(decision) == ["CommandRefused"]
    assert "answers the customer, but the words of this mail stay inside" in str(decision.notices[0].data["lines"])
    assert to_customers(story.mail(ANNA, "send as is").notices)[0].words == "nto\nWe hurry."


def test_no_other_word_with_that_argument_lets_refused_text_go():
    story = a_story("In progress")
    story.mail(ANNA, "nto\nWe hurry.")
    assert {notice.words for notice in story.mail(ANNA, "close: as is").notices} == {""}
