"""To which case a mail belongs: the order of the evidence, and what evidence alone does not open."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.event import Visibility
from mailbot.facts import Found, ThreadKeys
from mailbot.people import Proof
from mailbot.rules.identity.correlate import TOKEN_LIFE, choose, plain_subject, subject_number, thread_keys
from mailbot.rules.identity.token import KeyRing, message_id, principal, reply_address
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    NOON,
    SESSION,
    STRANGER,
    VERIFIED,
    WATCHER,
    a_case,
    a_desk,
    a_mail,
    a_token,
    an_envelope,
    facts,
)

ONE, TWO, THREE = a_case(number=1), a_case(number=2), a_case(number=3)
ID = "<known@customer.test>"


@pytest.mark.parametrize(
    ("keys", "case"),
    [
        pytest.param(
            ThreadKeys(tokens=(a_token(1),), tagged=(a_token(2),), message_ids=(ID,), number=3), 1, id="a token first"
        ),
        pytest.param(ThreadKeys(tagged=(a_token(2),), message_ids=(ID,), number=1), 2, id="then our own Message-ID"),
        pytest.param(ThreadKeys(message_ids=("<unknown@x.test>", ID), number=1), 3, id="then a known Message-ID"),
        pytest.param(ThreadKeys(number=1), 1, id="then the number in the subject"),
        pytest.param(ThreadKeys(own="<late@x.test>", number=1), 2, id="but first who overtook it"),
        pytest.param(ThreadKeys(number=9), None, id="a number that no case has"),
        pytest.param(ThreadKeys(), None, id="nothing at all"),
        pytest.param(
            ThreadKeys(tokens=(a_token(9),), number=1), 1, id="a token of a case that is not there is nothing"
        ),
        pytest.param(
            ThreadKeys(tokens=(a_token(0, personal=True),), number=2), 2, id="one's own address names no case"
        ),
        pytest.param(
            ThreadKeys(tokens=(a_token(2, BEN), a_token(1))), 1, id="one's own token counts before somebody else's"
        ),
    ],
)
def test_evidence_is_looked_at_in_order(keys: ThreadKeys, case: int | None):
    found = Found(cases={1: ONE, 2: TWO, 3: THREE}, by_message_id={ID: 3}, awaited=(9, 2) if keys.own else ())
    choice = choose(a_mail(), facts(keys=keys, found=found), NOON)
    assert (choice.case.number if choice.case else None) == case
    assert choice.others is None


@pytest.mark.parametrize(
    ("sender", "proofs", "keys", "joins", "related"),
    [
        pytest.param(CUSTOMER, VERIFIED, ThreadKeys(number=1), True, 0, id="verified requester with the number"),
        pytest.param(CUSTOMER, CLAIMED, ThreadKeys(number=1), False, 1, id="requester by From alone with the number"),
        pytest.param(CUSTOMER, CLAIMED, ThreadKeys(message_ids=(ID,)), False, 1, id="From alone, a known Message-ID"),
        pytest.param(CUSTOMER, CLAIMED, ThreadKeys(tagged=(a_token(),)), True, 0, id="From alone, a tagged reference"),
        pytest.param(
            CUSTOMER, CLAIMED, ThreadKeys(tagged=(a_token(1, BEN),)), False, 1, id="From alone, another's reference"
        ),
        pytest.param(CUSTOMER, CLAIMED, ThreadKeys(tokens=(a_token(),)), True, 0, id="From alone, a token"),
        pytest.param(WATCHER, VERIFIED, ThreadKeys(number=1), True, 0, id="a verified watcher"),
        pytest.param(STRANGER, VERIFIED, ThreadKeys(number=1), False, 1, id="a stranger's guessed number"),
        pytest.param(STRANGER, VERIFIED, ThreadKeys(message_ids=(ID,)), False, 1, id="a stranger's known Message-ID"),
        pytest.param(
            STRANGER, VERIFIED, ThreadKeys(tagged=(a_token(1, CUSTOMER),)), False, 1, id="a stranger's forwarded notice"
        ),
        pytest.param(ANNA, CLAIMED, ThreadKeys(number=1), True, 0, id="a member is led there and judged later"),
    ],
)
def test_evidence_needs_proof_of_a_participant(
    sender: str, proofs: frozenset[Proof], keys: ThreadKeys, joins: bool, related: int
):
    case = a_case(watchers=(WATCHER,))
    found = Found(cases={1: case}, by_message_id={ID: 1})
    choice = choose(a_mail(sender=sender), facts(sender=sender, proofs=proofs, keys=keys, found=found), NOON)
    assert (choice.case is case) is joins
    assert choice.related == related


@pytest.mark.parametrize("visibility", list(Visibility))
def test_right_token_with_another_sender_is_told_apart(visibility: Visibility):
    keys = ThreadKeys(tokens=(a_token(1, CUSTOMER, visibility=visibility),))
    given = facts(ONE, sender=STRANGER, keys=keys)
    choice = choose(a_mail(sender=STRANGER), given, NOON)
    assert choice.case is None
    assert choice.others is ONE
    assert choice.others_internal is (visibility is Visibility.INTERNAL)


def test_member_with_a_session_may_use_a_forwarded_reply_address():
    keys = ThreadKeys(tokens=(a_token(1, CUSTOMER),))
    assert choose(a_mail(sender=ANNA), facts(ONE, sender=ANNA, proofs=SESSION, keys=keys), NOON).case is ONE
    unproven = choose(a_mail(sender=ANNA), facts(ONE, sender=ANNA, proofs=VERIFIED, keys=keys), NOON)
    assert unproven.others is ONE


@pytest.mark.parametrize(
    ("status", "subject", "keys", "joins"),
    [
        pytest.param("In progress", "Invoice", {}, True, id="another subject while the case is open"),
        pytest.param("Fixed", "Re: Printer", {}, True, id="the same subject in a resolved case"),
        pytest.param("Fixed", "Invoice", {}, False, id="another subject in a resolved case"),
        pytest.param("Closed", "Invoice", {}, False, id="another subject in a closed case"),
        pytest.param("Closed", "AW: RE: [hd-1] printer", {}, True, id="the same subject with prefixes and tag"),
        pytest.param("Closed", "Invoice", {"tagged": (a_token(),)}, True, id="another subject, our Message-ID"),
        pytest.param("Closed", "Invoice", {"message_ids": (ID,)}, True, id="another subject, a known Message-ID"),
        pytest.param("Closed", "Invoice", {"number": 1}, True, id="another subject with the number"),
        pytest.param("Closed", "Invoice", {"tagged": (a_token(2),)}, False, id="another subject, another case's ID"),
    ],
)
def test_old_address_with_another_subject_is_a_new_case(status: str, subject: str, keys: dict[str, Any], joins: bool):
    case = a_case(status)
    found = Found(cases={1: case, 2: TWO}, by_message_id={ID: 1})
    given = facts(keys=ThreadKeys(tokens=(a_token(),), **keys), found=found)
    choice = choose(a_mail(subject=subject), given, NOON)
    assert (choice.case is case) is joins
    assert choice.related == (0 if joins else 1)
    assert not choice.expired


def test_address_expires_half_a_year_after_the_last_event():
    given = facts(ONE, keys=ThreadKeys(tokens=(a_token(),)))
    assert choose(a_mail(), given, NOON + TOKEN_LIFE).case is ONE
    late = choose(a_mail(), given, NOON + TOKEN_LIFE + timedelta(seconds=1))
    assert late.case is None
    assert late.related == 1
    assert late.expired
    assert late.how == "the reply address of HD-1 has expired"


def test_mail_without_a_sender_joins_nothing():
    assert choose(a_mail(sender=""), facts(ONE, proofs=()), NOON).case is None


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("[HD-12] Printer", 12),
        ("Re: [hd-12] Printer", 12),
        ("[HD-12][HD-13] Printer", 12),
        ("[XY-7] [HD-3]", 3),
        ("HD-12 Printer", 0),
        ("[HD-12", 0),
        ("[HD-1234567890]", 0),
        ("[HDX-1]", 0),
        ("", 0),
    ],
)
def test_number_is_the_first_tag_of_ours(subject: str, number: int):
    assert subject_number(subject, "HD") == number


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: [HD-12] Printer", "Printer"),
        ("AW: WG: FW[2]: Printer", "Printer"),
        ("[HD-12] Re: Vastus: Printer", "Printer"),
        ("Re\uff1a Printer", "Printer"),
        ("Regarding: Printer", "Regarding: Printer"),
        ("Printer", "Printer"),
        ("Re:", ""),
    ],
)
def test_plain_subject_has_neither_prefix_nor_tag(subject: str, plain: str):
    assert plain_subject(subject, "HD") == plain


def test_thread_keys_are_read_from_recipients_references_and_subject():
    desk, ring = a_desk(), KeyRing("example.com", (b"k" * 32,))
    mine = a_token(4, principal=principal(ring, CUSTOMER))
    tagged = message_id(ring, mine, "u1", "example.com")
    mail = a_mail(
        subject="Re: [HD-4] Printer", in_reply_to=("<b@x.test>",), references=("<a@x.test>", tagged, "<b@x.test>")
    )
    keys = thread_keys(mail, an_envelope(forward_paths=(reply_address(ring, desk, mine),)), desk, ring, CUSTOMER)
    assert keys.tokens == (mine,)
    assert keys.tagged == (mine,)
    assert keys.message_ids == ("<b@x.test>", tagged, "<a@x.test>")
    assert keys.number == 4
    assert keys.numbers == {4}
