"""`escalate`, and mail to the escalations address: who is called, and who is answered."""

from pathlib import Path
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived
from mailbot.event import Escalated
from mailbot.facts import Counters, ThreadKeys
from mailbot.mail import Authentication, Automatic
from mailbot.people import Proof
from mailbot.process.file import load_process
from tests.builders import (
    ANNA,
    CLAIMED,
    CUSTOMER,
    LEA,
    MODERA_FILE,
    STRANGER,
    VERIFIED,
    Story,
    a_desk,
    a_mail,
    a_story,
    an_envelope,
    facts,
    told,
)

ESCALATIONS = "escalations@example.com"
ADVENDIO: Path = MODERA_FILE.parent / "advendio.toml"
SIGNED = frozenset({Proof.CLAIMED, Proof.SIGNED})


@pytest.mark.parametrize(
    ("who", "called"),
    [
        pytest.param(CUSTOMER, {LEA, ANNA}, id="the-customer"),
        pytest.param(ANNA, {LEA}, id="who-has-the-case"),
        pytest.param(LEA, {ANNA}, id="the-lead-calls-nobody-but-who-has-the-case"),
    ],
)
def test_nobody_is_told_of_their_own_escalation(who: str, called: set[str]):
    story = a_story("In progress")
    decision = story.mail(who, "escalate: he is angry")
    assert {notice.to for notice in decision.notices if notice.template == "escalated"} == called
    assert [h.event.to for h in decision.happened if isinstance(h.event, Escalated)] == [LEA]


def at_the_address(
    said: str,
    *,
    sender: str = STRANGER,
    proofs: frozenset[Proof] = VERIFIED,
    counters: Counters | None = None,
    story: Story | None = None,
    **keys: Any,
) -> Decision:
    """A mail to the escalations address; it is about the story's case, if there is one."""
    given = facts(
        *story.cases.values() if story else (),
        sender=sender,
        proofs=proofs,
        desk=a_desk(purposes={ESCALATIONS: "escalation"}),
        counters=counters or Counters(),
        keys=ThreadKeys(bare_number=1, number=1),
    )
    mail = a_mail(said, sender=sender, **keys)
    cause = MailArrived(mail=mail, envelope=an_envelope(forward_paths=(ESCALATIONS,)), inbox_id=7)
    return (story or Story(process=load_process(ADVENDIO))).happens(cause, given, cause.envelope.received_at)


MANY = Counters(to_sender_hour=3)
FORGED = Authentication(dmarc="fail", dmarc_from="elsewhere.test")


@pytest.mark.parametrize(
    ("said", "lead_hears"), [("HD-1: nobody answers us", True), ("past the engineer: he is rude", False)]
)
@pytest.mark.parametrize(
    ("keys", "answered"),
    [
        pytest.param({}, True, id="a proven sender"),
        pytest.param({"counters": MANY}, True, id="a proven sender who was answered before"),
        pytest.param({"proofs": CLAIMED}, True, id="a sender of whom nothing is proven"),
        pytest.param({"proofs": CLAIMED, "counters": MANY}, False, id="the same, who was answered before"),
        pytest.param({"proofs": CLAIMED, "authentication": FORGED}, False, id="the border says forged"),
        pytest.param({"answerable": False}, False, id="who wants no automatic answer"),
    ],
)
def test_the_escalations_address_answers_within_the_limits(
    said: str, lead_hears: bool, keys: dict[str, Any], answered: bool
):
    decision = at_the_address(said, **keys)
    assert decision.ending is Ending.HELD
    assert ((STRANGER, "escalation_missing") in told(decision)) == answered
    # A lead hears of it all the same, but for a complaint past them: what cannot be matched may be urgent.
    assert ((LEA, "held") in told(decision)) == lead_hears


@pytest.mark.parametrize(("proofs", "echoed"), [(CLAIMED, False), (VERIFIED, True), (SIGNED, True)])
def test_who_is_proven_finds_their_own_words_in_the_answer(proofs: frozenset[Proof], echoed: bool):
    decision = at_the_address("Nobody answers us.", proofs=proofs)
    assert [n.may_echo for n in decision.notices if n.template == "escalation_missing"] == [echoed]


@pytest.mark.parametrize("kind", [Automatic.LIST, Automatic.MONITORING])
def test_automatic_mail_to_the_escalations_address_calls_nobody(kind: Automatic):
    story = a_story("In progress")
    decision = at_the_address("Disk full", sender=CUSTOMER, story=story, automatic=kind, answerable=False)
    assert (decision.ending, told(decision)) == (Ending.THREADED, {(ANNA, "note")})
    assert at_the_address("Disk full", story=Story(), automatic=kind, answerable=False).ending is Ending.NEW


def test_an_escalation_that_wants_no_automatic_answer_gets_none():
    story = a_story("In progress")
    decision = at_the_address("HD-1: nobody answers", sender=CUSTOMER, story=story, answerable=False)
    assert [h.event.to for h in decision.happened if isinstance(h.event, Escalated)] == [LEA]
    assert CUSTOMER not in {to for to, _ in told(decision)}
