"""What stands behind words that tell the customer leaves only where words of the mail could."""

import pytest

from mailbot.decision import Ending
from mailbot.event import Visibility
from tests.builders import ANNA, CUSTOMER, a_story, told


@pytest.mark.parametrize("reply", list(Visibility))
@pytest.mark.parametrize("before", ["", "note: he was told so\n"])
@pytest.mark.parametrize(
    ("word", "status"),
    [("close", "In progress"), ("subject", "In progress"), ("reopen", "Fixed")],
)
def test_an_internal_line_behind_a_word_that_tells_the_customer_is_held(
    word: str, status: str, before: str, reply: Visibility
):
    story = a_story(status)
    story.internal_lines = frozenset({"the customer owes us nine invoices"})
    decision = story.mail(ANNA, f"{before}{word}: The customer owes us nine invoices", reply=reply)
    assert (decision.ending, told(decision)) == (Ending.HELD, {(ANNA, "held")})


def test_a_reason_that_a_receipt_repeats_may_be_given_again():
    story = a_story("In progress")
    story.internal_lines = frozenset({"close he withdrew it himself", "the case is closed he withdrew it himself"})
    assert (CUSTOMER, "closed") in told(story.mail(ANNA, "close: he withdrew it himself"))
