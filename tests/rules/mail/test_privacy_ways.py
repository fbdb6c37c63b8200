"""The privacy gate stands on every way by which a customer's words come in: not one of them goes to anybody."""

from typing import Any

import pytest

from mailbot.decision import Decision, MailArrived
from mailbot.event import MessageAdded, TextHeldBack
from mailbot.facts import ThreadKeys
from mailbot.mail import Automatic, Forwarded, Mailbox
from mailbot.process import Privacy
from mailbot.rules.command import withhold
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    SESSION,
    STRANGER,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_attachment,
    an_envelope,
    changed,
    facts,
    modera,
    names,
    told,
    who,
)

GATE = changed(modera(), privacy=Privacy(marks=("private",), files=("chat",)).model_dump())
ESCALATIONS = "escalations@example.com"
CHAT = "Private: Berta moved to Elm Street."


def words_in(story: Story) -> str:
    """Every word that a notice or a message of a case has."""
    added = [event.text for events in story.events.values() for event in events if isinstance(event, MessageAdded)]
    return f"{story.notices} {added}"


def at_the_address(story: Story, said: str, sender: str = CUSTOMER, **keys: Any) -> Decision:
    """A mail to the escalations address."""
    desk = a_desk(purposes={ESCALATIONS: "escalation"})
    given = facts(story.case, sender=sender, desk=desk, keys=ThreadKeys(bare_number=1), open_cases=(story.case,))
    envelope = an_envelope(forward_paths=(ESCALATIONS,))
    cause = MailArrived(mail=a_mail(said, sender=sender, **keys), envelope=envelope, inbox_id=7)
    return story.happens(cause, given, story.now)


def by_another(story: Story, said: str) -> Decision:
    """A mail to Mari's reply address from somebody else."""
    keys = ThreadKeys(tokens=(a_token(1, CUSTOMER),))
    given = facts(story.case, sender=STRANGER, keys=keys, holders={who(CUSTOMER): CUSTOMER})
    return story.happens(MailArrived(mail=a_mail(said, sender=STRANGER), envelope=an_envelope()), given, story.now)


@pytest.mark.parametrize("kind", [kind for kind in Automatic if kind is not Automatic.OWN])
def test_automatic_mail_is_held_back(kind: Automatic):
    story = a_story("In progress", process=GATE)
    decision = story.mail(CUSTOMER, CHAT, automatic=kind, answerable=False)
    assert names(decision) == ["MessageAdded", "TextHeldBack", "MailHeld"]
    assert told(decision) == {(ANNA, "privacy_gate")}
    assert "Berta" not in words_in(story)


def test_a_members_list_mail_is_their_own_affair():
    decision = a_story("In progress", process=GATE).mail(BEN, CHAT, automatic=Automatic.LIST, answerable=False)
    assert (names(decision), told(decision)) == (["MessageAdded"], {(ANNA, "note")})


def test_a_mail_of_another_sender_is_held_and_not_shown():
    story = a_story("In progress", process=GATE)
    assert (ANNA, "held") in told(by_another(story, CHAT))
    assert "Berta" not in words_in(story)


def test_an_escalation_by_its_address_calls_somebody_and_holds_the_words_back():
    story = a_story("In progress", process=GATE)
    decision = at_the_address(story, CHAT)
    assert [name for name in names(decision) if name in ("TextHeldBack", "Escalated")] == ["TextHeldBack", "Escalated"]
    assert {(CUSTOMER, "privacy_held"), (ANNA, "privacy_gate")} <= told(decision)
    assert "Berta" not in words_in(story)


ORIGINAL = Forwarded(from_=Mailbox(address=CUSTOMER), text=CHAT, subject="The move", message_id="<o@customer.test>")


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        pytest.param("fwd", {"forwarded": (ORIGINAL,)}, id="a forwarded mail"),
        pytest.param(f"for {CUSTOMER}", {"forwarded": (ORIGINAL,)}, id="a forwarded mail, for somebody"),
        pytest.param(f"for {CUSTOMER}\n\n{CHAT}", {}, id="what was said on the telephone"),
        pytest.param(
            f"for {CUSTOMER}\n\nBerta sent a file.", {"attachments": (an_attachment("chat.txt"),)}, id="a file"
        ),
    ],
)
def test_what_a_member_brings_in_for_a_customer_is_held_back(said: str, keys: dict[str, Any]):
    story = Story(process=GATE)
    decision = story.mail(ANNA, said, **keys)
    (held,) = (h.event for h in decision.happened if isinstance(h.event, TextHeldBack))
    assert (held.sender, story.case.requester) == (CUSTOMER, CUSTOMER)
    assert {(CUSTOMER, "case_received"), (CUSTOMER, "privacy_held"), (ANNA, "privacy_gate")} <= told(decision)
    assert "Berta" not in words_in(story)


def test_a_marked_subject_is_held_back_with_the_mail_that_is_forwarded():
    original = Forwarded(from_=Mailbox(address=CUSTOMER), text="See above.", subject="Private: Berta moved")
    story = Story(process=GATE)
    story.mail(ANNA, "fwd", forwarded=(original,))
    assert story.case.subject == withhold.NO_SUBJECT
    assert "Berta" not in words_in(story)


def test_what_a_member_says_above_a_mail_that_may_be_shown_is_shown():
    story = Story(process=GATE)
    original = Forwarded(from_=Mailbox(address=CUSTOMER), text="It burns.", subject="Fire")
    decision = story.mail(ANNA, "fwd\n\nPrivate: he sounds angry.", forwarded=(original,))
    assert "TextHeldBack" not in names(decision)


@pytest.mark.parametrize(
    ("said", "keys", "text"),
    [
        pytest.param("fwd\n\nCall him.", {"forwarded": (ORIGINAL,)}, CHAT, id="the original alone"),
        pytest.param(f"for {CUSTOMER}\n\n{CHAT}", {}, CHAT, id="what stands below the command"),
        pytest.param(f"for {CUSTOMER}", {"quoted": CHAT, "text": CHAT}, CHAT, id="a quote alone"),
    ],
)
def test_a_release_lets_the_customers_words_in(said: str, keys: dict[str, Any], text: str):
    story = Story(process=GATE)
    story.mail(ANNA, said, **keys)
    mail = a_mail(said, **{"sender": ANNA} | keys)
    given = facts(
        story.case, sender=ANNA, keys=ThreadKeys(tokens=(a_token(1, ANNA),)), withheld={7: mail}, proofs=SESSION
    )
    cause = MailArrived(mail=a_mail("release", sender=ANNA), envelope=an_envelope(session=ANNA), inbox_id=8)
    decision = story.happens(cause, given, story.now)
    (added,) = (h.event for h in decision.happened if isinstance(h.event, MessageAdded))
    assert (added.sender, added.text) == (CUSTOMER, text)
