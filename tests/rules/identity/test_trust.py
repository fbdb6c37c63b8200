"""Which proofs suffice for what, and when a domain is vouched for."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.event import Visibility
from mailbot.facts import ThreadKeys
from mailbot.mail import Authentication
from mailbot.people import Person, Proof, ReplyTokens
from mailbot.rules.identity.trust import Needs, is_stepped_down, proofs_for, proofs_of, stepped_down, suffices
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    DESK,
    STRANGER,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    facts,
    names,
    told,
)

C, T, R, V, G, S = Proof.CLAIMED, Proof.TOKEN, Proof.REFERENCE, Proof.VERIFIED, Proof.SIGNED, Proof.SESSION


@pytest.mark.parametrize(
    ("proofs", "customer", "member"),
    [
        pytest.param({C}, False, False, id="a bare From adds nothing to a case"),
        pytest.param({C, T}, True, False, id="a token makes a customer, not a member"),
        pytest.param({C, R}, True, False, id="a tagged reference makes a customer, not a member"),
        pytest.param({C, V}, True, False, id="a verified domain makes a customer, not a member"),
        pytest.param({C, V, R}, True, False, id="a verified domain and a reference make no member"),
        pytest.param({C, V, T}, True, True, id="a verified domain together with a token makes a member"),
        pytest.param({C, G}, True, True, id="a signature makes a member"),
        pytest.param({C, S}, True, True, id="a session makes a member"),
        pytest.param({S}, False, False, id="without one well-formed From a session is worth nothing"),
        pytest.param({V, T}, False, False, id="nor is a token"),
        pytest.param(set(), False, False, id="nothing is nothing"),
    ],
)
def test_proofs_suffice(proofs: set[Proof], customer: bool, member: bool):
    assert suffices(frozenset(proofs), Needs.CUSTOMER, a_desk()) is customer
    assert suffices(frozenset(proofs), Needs.MEMBER, a_desk()) is member


@pytest.mark.parametrize(
    ("authentication", "verified"),
    [
        pytest.param({}, False, id="no result"),
        pytest.param({"dmarc": "pass", "dmarc_from": "customer.test"}, True, id="DMARC passes for the From domain"),
        pytest.param({"dmarc": "pass", "dmarc_from": "other.test"}, False, id="DMARC passes for another domain"),
        pytest.param({"dmarc": "fail", "dkim": ("customer.test",)}, False, id="a DMARC failure outweighs a signature"),
        pytest.param({"dmarc": "none", "dkim": ("customer.test",)}, True, id="no policy, but an aligned signature"),
        pytest.param({"dmarc": "none"}, False, id="no policy and no signature"),
        pytest.param({"dkim": ("customer.test",)}, True, id="an aligned signature"),
        pytest.param({"dkim": ("spammer.test", "customer.test")}, True, id="one of two signatures is aligned"),
        pytest.param({"dkim": ("spammer.test",)}, False, id="somebody else's signature"),
        pytest.param({"dkim": ("test",)}, False, id="a top-level domain's signature"),
        pytest.param({"dkim": ("tomer.test",)}, False, id="a domain that only ends alike"),
        pytest.param({"dkim": ("mail.customer.test",)}, False, id="a subdomain does not speak for its parent"),
        pytest.param({"inside": ("desk.test", "customer.test")}, True, id="submitted inside the organisation"),
        pytest.param({"inside": ("desk.test",)}, False, id="submitted inside another organisation"),
        pytest.param({"inside": ("customer.test",), "dmarc": "fail"}, False, id="inside, but DMARC fails"),
        pytest.param({"spf": "pass"}, False, id="SPF alone proves the envelope, not the From"),
    ],
)
def test_domain_is_vouched_for(authentication: dict[str, Any], verified: bool):
    mail = a_mail(authentication=Authentication(**authentication))
    assert (V in proofs_of(mail, an_envelope())) is verified


def test_parent_domain_signs_for_its_subdomain():
    mail = a_mail(sender="mari@desk.customer.test", authentication=Authentication(dkim=("customer.test",)))
    assert V in proofs_of(mail, an_envelope())


@pytest.mark.parametrize(
    ("session", "auth", "proven"),
    [
        pytest.param("", "", False, id="nobody logged in"),
        pytest.param(CUSTOMER, "", True, id="the sender logged in with us"),
        pytest.param("", CUSTOMER, True, id="the sender logged in at the border"),
        pytest.param(BEN, BEN, False, id="somebody else logged in"),
    ],
)
def test_session_proves_the_one_who_logged_in(session: str, auth: str, proven: bool):
    mail = a_mail(authentication=Authentication(auth=auth))
    assert (S in proofs_of(mail, an_envelope(session=session))) is proven


def test_mail_without_one_sender_proves_nothing():
    assert proofs_of(a_mail(sender=""), an_envelope(session=CUSTOMER)) == frozenset()


MINE, ANOTHERS = a_token(1), a_token(1, BEN)


@pytest.mark.parametrize(
    ("keys", "added"),
    [
        pytest.param({"tokens": (MINE,)}, {T}, id="my token for this case"),
        pytest.param({"tokens": (a_token(2),)}, set(), id="my token for another case"),
        pytest.param({"tokens": (ANOTHERS,)}, set(), id="somebody else's token for this case"),
        pytest.param({"tokens": (a_token(0, personal=True),)}, {T}, id="my own desk address"),
        pytest.param({"tokens": (a_token(0, BEN, personal=True),)}, set(), id="somebody else's own desk address"),
        pytest.param({"tagged": (MINE,)}, {R}, id="a Message-ID that was sent to me about this case"),
        pytest.param({"tagged": (ANOTHERS,)}, set(), id="a Message-ID that was sent to somebody else"),
        pytest.param({"tagged": (a_token(2),)}, set(), id="a Message-ID that was sent to me about another case"),
        pytest.param(
            {"tokens": (a_token(1, visibility=Visibility.INTERNAL),)}, {T}, id="a token of an internal notice"
        ),
    ],
)
def test_tokens_and_references_are_for_one_person_and_case(keys: dict[str, Any], added: set[Proof]):
    given = facts(proofs={C}, keys=ThreadKeys(**keys))
    assert proofs_for(a_case(), given) == {C} | added


@pytest.mark.parametrize("place", list(ReplyTokens))
def test_where_addresses_carry_no_token_the_message_id_s_one_is_as_good(place: ReplyTokens):
    desk = replace(a_desk(), reply_tokens=place)
    given = facts(proofs={C, V}, keys=ThreadKeys(tagged=(MINE,)), desk=desk)
    found = proofs_for(a_case(), given)
    assert found == {C, V, R} | ({T} if place is ReplyTokens.NONE else set())
    assert suffices(found, Needs.MEMBER, desk) is (place is ReplyTokens.NONE)
    assert proofs_for(a_case(), replace(given, keys=ThreadKeys(tagged=(ANOTHERS,)))) == {C, V}


def test_without_a_case_only_the_persons_own_address_counts():
    keys = ThreadKeys(tokens=(MINE,), tagged=(MINE,))
    assert proofs_for(None, facts(proofs={C}, keys=keys)) == {C}
    assert proofs_for(None, facts(proofs={C}, keys=ThreadKeys(tokens=(a_token(0, personal=True),)))) == {C, T}


ACME = "erika@acme.test"


@pytest.mark.parametrize(
    ("sender", "reply_to", "conflict"),
    [
        pytest.param(ANNA, (), False, id="no Reply-To"),
        pytest.param(ANNA, (ANNA,), False, id="oneself"),
        pytest.param(ANNA, ("anna.agent@home.test",), False, id="another address of one's own"),
        pytest.param("anna.agent@home.test", (ANNA,), False, id="from another address of one's own"),
        pytest.param(ANNA, (BEN,), False, id="a colleague at the desk"),
        pytest.param(ANNA, (DESK,), False, id="the desk"),
        pytest.param(ANNA, ("support+" + "a" * 44 + "@example.com",), False, id="a reply address of the desk"),
        pytest.param(ANNA, ("a" * 44 + "@r.example.com",), False, id="a reply address in its own domain"),
        pytest.param(ANNA, ("escalations@example.com",), False, id="another address of the desk"),
        pytest.param(
            ANNA, ("escalations+x@example.com",), False, id="another address of the desk, with something behind"
        ),
        pytest.param(ANNA, ("support-" + "a" * 44 + "@example.com",), False, id="one of a former delimiter"),
        pytest.param(ANNA, ("support-paris@example.com",), True, id="a neighbour of the desk"),
        pytest.param(ANNA, (STRANGER,), True, id="a stranger"),
        pytest.param(ANNA, ("anna@example.com.evil.test",), True, id="a domain that looks alike"),
        pytest.param(ANNA, ("supporter@example.com",), True, id="somebody whose name begins like the desk's"),
        pytest.param(ANNA, ("support+x@evil.test",), True, id="the desk's name in another domain"),
        pytest.param(ANNA, (CUSTOMER,), True, id="a customer"),
        pytest.param(ANNA, (ANNA, STRANGER), True, id="oneself and a stranger"),
        pytest.param(CUSTOMER, (STRANGER,), False, id="a customer has no powers to lose"),
        pytest.param("", (STRANGER,), False, id="no one sender"),
        pytest.param("otto@acme.test", (ACME,), False, id="somebody of the same organisation"),
        pytest.param("otto@acme.test", (CUSTOMER,), True, id="somebody of another organisation"),
    ],
)
def test_a_member_who_wants_answers_elsewhere_is_stepped_down(sender: str, reply_to: tuple[str, ...], conflict: bool):
    directory = a_directory(
        Person(address="otto@acme.test", role="agent", organisation="Acme"),
        Person(address="@acme.test", organisation="Acme"),
    )
    desk = a_desk(reply_domain="r.example.com", purposes={"escalations@example.com": "escalation"})
    assert is_stepped_down(a_mail(sender=sender, reply_to=reply_to), desk, directory) is conflict


def test_stepped_down_only_a_log_in_or_a_signature_counts():
    assert stepped_down(frozenset({C, T, R, V, G, S})) == {C, G, S}
    given = facts(sender=ANNA, proofs={C, S}, keys=ThreadKeys(tokens=(a_token(1, ANNA),)), stepped_down=True)
    assert proofs_for(a_case(), given) == {C, S}


def test_a_member_s_mail_that_wants_answers_elsewhere_is_held_and_the_member_hears_of_it():
    story = a_story()
    story.mail(ANNA, "take", proofs=frozenset({C, V}), stepped_down=True)
    assert names(story.last) == ["MailHeld"]
    assert "Reply-To wants the answers elsewhere" in story.last.reason
    assert told(story.last) == {(ANNA, "unproven")}
    story.mail(ANNA, "take", proofs=frozenset({C, S}), stepped_down=True)
    assert story.case.assignee == ANNA


def test_answers_never_go_where_reply_to_says():
    story = a_story("Waiting for customer")
    story.mail(CUSTOMER, "status\n\nThe big one.", reply_to=(STRANGER,))
    assert {to for to, _ in told(story.last)} == {CUSTOMER, ANNA}


@pytest.mark.parametrize(
    ("needs", "written", "proofs", "enough"),
    [
        pytest.param(Needs.CUSTOMER, ({V, T},), {C, T}, False, id="a tighter desk: a token alone is too little"),
        pytest.param(Needs.CUSTOMER, ({V, T},), {C, T, V}, True, id="a tighter desk: together they are enough"),
        pytest.param(Needs.MEMBER, ({V},), {C, V}, True, id="a looser desk: verified is enough"),
        pytest.param(Needs.MEMBER, ({V},), {V}, False, id="never without one well-formed From"),
        pytest.param(Needs.DANGEROUS, (), {C, S, G, T, V}, False, id="a class that only the shell has"),
    ],
)
def test_the_desk_says_what_is_enough(needs: Needs, written: tuple[set[Proof], ...], proofs: set[Proof], enough: bool):
    base = a_desk()
    desk = replace(base, needs={**base.needs, needs: tuple(map(frozenset, written))})
    assert suffices(frozenset(proofs), needs, desk) is enough


def test_where_a_token_is_too_little_it_leads_to_no_case_of_its_owner_s():
    desk = replace(a_desk(), needs={**a_desk().needs, Needs.CUSTOMER: (frozenset({T, V}),)})
    story = a_story(desk=desk)
    story.mail(CUSTOMER, "It still burns.", "2026-03-02 11:00", proofs=frozenset({C}))
    assert names(story.last)[0] == "CaseOpened"
    assert story.cases[1].messages == 1
    story.mail(CUSTOMER, "It still burns.", "2026-03-02 12:00", proofs=frozenset({C, V}))
    assert story.cases[1].messages == 2


@pytest.mark.parametrize(
    ("epoch", "counts"), [pytest.param(1, True, id="the latest"), pytest.param(0, False, id="a revoked one")]
)
def test_an_own_address_counts_until_it_is_revoked(epoch: int, counts: bool):
    token = a_token(0, ANNA, personal=True, epoch=epoch)
    given = facts(sender=ANNA, keys=ThreadKeys(tokens=(token,)), address_epoch=1)
    assert (Proof.TOKEN in proofs_for(None, given)) is counts
