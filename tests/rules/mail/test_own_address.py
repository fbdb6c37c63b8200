"""`desk-address`: an address of the desk that is a member's own goes to the registered address alone."""

import pytest

from mailbot.decision import Ending
from mailbot.people import ReplyTokens
from tests.builders import ANNA, Story, a_desk, a_story, told


@pytest.mark.parametrize("story", [Story(), a_story("In progress")], ids=["to the desk", "about a case"])
def test_a_member_gets_it_by_mail(story: Story):
    decision = story.mail(ANNA, "desk-address")
    assert told(decision) == {(ANNA, "desk_address"), (ANNA, "command_result")}
    assert [n.case for n in decision.notices if n.template == "desk_address"] == [None]


def test_asking_for_it_makes_no_case():
    assert Story().mail(ANNA, "desk-address").ending is Ending.IGNORED


def test_nobody_is_told_of_what_another_line_of_the_mail_took_back():
    story = a_story("In progress")
    decision = story.mail(ANNA, "desk-address\nescalate: nobody answers\nreopen")
    assert told(decision) == {(ANNA, "command_result")}


def test_where_addresses_hold_no_token_there_is_none():
    decision = Story(desk=a_desk(reply_tokens=ReplyTokens.NONE)).mail(ANNA, "desk-address")
    assert told(decision) == {(ANNA, "command_result")}
    assert decision.notices[0].data["refused"] is True
