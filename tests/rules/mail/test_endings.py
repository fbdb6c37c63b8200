"""What belongs to no case ends as ignored, and its reason says what became of it."""

from dataclasses import replace

import pytest

from mailbot.decision import Ending, MailArrived
from mailbot.event import SERVED, MailIgnored
from mailbot.facts import Listed
from mailbot.people import ReplyTokens
from mailbot.rules.mail.asking import wanted
from tests.builders import ANNA, CUSTOMER, NOON, SESSION, Story, a_desk, a_mail, an_envelope, facts, modera


@pytest.mark.parametrize(
    ("said", "what"),
    [
        pytest.param("away until 2026-03-09", "away until 2026-03-09", id="away"),
        pytest.param("away: off\nhelp", "away: off; help", id="back-and-a-question"),
        pytest.param("help", "help", id="help"),
        pytest.param("help priority", "help", id="a-definition"),
        pytest.param("admit 12", "mail 12 is let in", id="admit"),
        pytest.param("desk-address", "desk-address", id="an-address"),
    ],
)
def test_a_members_mail_that_did_its_work_says_so(said: str, what: str):
    decision = Story().mail(ANNA, said)
    assert (decision.ending, decision.reason) == (Ending.IGNORED, f"{SERVED}: {what}")
    (ignored,) = [h.event for h in decision.happened if isinstance(h.event, MailIgnored)]
    assert (ignored.reason, ignored.sender) == (decision.reason, ANNA)


def test_so_does_a_customers_question():
    decision = Story().mail(CUSTOMER, "help", subject="help")
    assert (decision.ending, decision.reason) == (Ending.IGNORED, f"{SERVED}: help")


def test_words_that_are_looked_for_stand_in_no_reason():
    cause = MailArrived(mail=a_mail("search mari@customer.test", sender=ANNA), envelope=an_envelope())
    given = facts(sender=ANNA, proofs=SESSION)
    query = wanted(cause, given, modera()).query
    assert query is not None
    decision = Story().happens(cause, replace(given, listed=Listed(query=query)), NOON)
    assert decision.reason == f"{SERVED}: search"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("away until 2026-01-01", "its commands were refused and answered", id="a-day-that-is-past"),
        pytest.param("admit", "its commands were refused and answered", id="which-mail"),
        pytest.param("desk-address", "its commands were refused and answered", id="no-such-addresses"),
        pytest.param("dry-run\naway until 2026-03-09", "a dry run: nothing was done", id="only-tried"),
    ],
)
def test_what_was_not_done_is_not_said_to_be(said: str, reason: str):
    story = Story(desk=a_desk(reply_tokens=ReplyTokens.NONE))
    assert story.mail(ANNA, said).reason == reason
