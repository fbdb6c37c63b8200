"""What a signature is good for: it is fresh, it was never seen before, and it was made for the case at hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.facts import ThreadKeys
from mailbot.mail import Signed
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_for, proofs_of, signed_for
from tests.builders import ANNA, BEN, NOON, a_case, a_desk, a_mail, a_token, an_envelope, facts

C, T, R, V, G, S = Proof.CLAIMED, Proof.TOKEN, Proof.REFERENCE, Proof.VERIFIED, Proof.SIGNED, Proof.SESSION
SIGNATURE = Signed(key="0123", at=NOON, digest="d")


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        pytest.param(timedelta(0), True, id="at once"),
        pytest.param(timedelta(hours=72), True, id="three days later"),
        pytest.param(timedelta(hours=72, seconds=1), False, id="later than that"),
        pytest.param(timedelta(days=400), False, id="a copy from an archive"),
        pytest.param(-timedelta(hours=1), True, id="the signer's clock is an hour fast"),
        pytest.param(-timedelta(hours=1, seconds=1), False, id="dated ahead"),
    ],
)
def test_a_signature_counts_for_three_days(after: timedelta, counts: bool):
    mail = a_mail(sender=ANNA, signed=SIGNATURE)
    assert (G in proofs_of(mail, an_envelope(NOON + after))) is counts


def test_without_one_sender_a_signature_proves_nothing():
    assert proofs_of(a_mail(sender="", signed=SIGNATURE), an_envelope()) == frozenset()


@pytest.mark.parametrize(
    ("subject", "text", "cases"),
    [
        pytest.param("", "take", set(), id="none"),
        pytest.param("", "take\n\n> [HD-1] The printer\n> See hd-1.", {1}, id="one, in the quote"),
        pytest.param("", "close: duplicate of HD-7\n\n> HD-1 is new", {1, 7}, id="two"),
        pytest.param("Re: [HD-1] The printer", "close: duplicate of HD-7", {1}, id="the signed Subject says it"),
        pytest.param("The printer", "close: duplicate of HD-7", {7}, id="a signed Subject without a number"),
        pytest.param("", "AHD-3 HD-4x", set(), id="what only looks like it"),
    ],
)
def test_the_cases_that_stand_inside_of_what_was_signed(subject: str, text: str, cases: set[int]):
    mail = a_mail(text, subject="Re: [HD-9] Whatever", signed=replace(SIGNATURE, subject=subject))
    assert set(signed_for(mail, a_desk()) or ()) == cases


def test_what_nobody_signed_names_nothing():
    assert signed_for(a_mail("HD-1"), a_desk()) is None


TOKEN, TAG = {"tokens": (a_token(1, ANNA),)}, {"tagged": (a_token(1, ANNA),)}


@pytest.mark.parametrize(
    ("named", "keys", "counts"),
    [
        pytest.param({1}, {}, True, id="it names this case"),
        pytest.param({2}, {}, False, id="it names another case: a copy with another Subject"),
        pytest.param({2}, TOKEN, False, id="another, though it comes to this one's address"),
        pytest.param({1, 2}, {}, False, id="it names both"),
        pytest.param({1, 2}, TOKEN, True, id="it names both and comes to this one's address"),
        pytest.param({1, 2}, TAG, True, id="it names both and answers what we sent her about this one"),
        pytest.param(set(), {}, False, id="it names none: 'take' could be meant for any"),
        pytest.param(set(), TOKEN, True, id="it names none and comes to this one's address"),
        pytest.param(set(), TAG, True, id="it names none and answers what we sent her about this one"),
        pytest.param(set(), {"tokens": (a_token(1, BEN),)}, False, id="it comes to an address made for somebody else"),
        pytest.param(set(), {"tokens": (a_token(2, ANNA),)}, False, id="it comes to another case's address"),
        pytest.param(set(), {"tokens": (a_token(0, ANNA, personal=True),)}, False, id="it comes to her own address"),
        pytest.param(
            {1}, {"tokens": (a_token(1, ANNA, mark=b"m"),)}, False, id="a click's address: nobody signed its word"
        ),
        pytest.param(None, {}, True, id="a rehearsal takes it for signed"),
    ],
)
@pytest.mark.parametrize("stepped_down", [False, True], ids=["", "Reply-To elsewhere"])
def test_a_signature_counts_for_the_case_it_was_made_for(
    named: set[int] | None, keys: dict[str, Any], counts: bool, stepped_down: bool
):
    given = facts(
        sender=ANNA,
        proofs={C, G},
        keys=ThreadKeys(**keys),
        signed_for=None if named is None else frozenset(named),
        stepped_down=stepped_down,
    )
    assert (G in proofs_for(a_case(), given)) is counts


def test_in_a_mail_to_the_desk_what_is_signed_says_itself_what_it_is_about():
    assert proofs_for(None, facts(sender=ANNA, proofs={C, G}, signed_for=frozenset({2}))) == {C, G}
