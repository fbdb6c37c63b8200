"""Tokens: what we signed is believed in every field, and nothing else ever is."""

import ast
import base64
import random
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.event import Visibility
from mailbot.facts import Token
from mailbot.people import Desk, Person, ReplyTokens
from mailbot.rules.identity.token import (
    LENGTH,
    KeyRing,
    blanked,
    mark,
    message_id,
    personal_address,
    principal,
    reply_address,
    return_paths,
    sign,
    tokens_in_addresses,
    tokens_in_message_ids,
    verify,
    word_mark,
)

ROOT = Path(__file__).resolve().parents[3]
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
RING = KeyRing("example.com", (OLD_KEY,))
ROTATED = KeyRing("example.com", (NEW_KEY, OLD_KEY))
DESK = Desk(address="support@example.com", tag="HD", timezone="UTC")
ANNA = "anna@customer.test"


def a_token(
    case: int = 12,
    visibility: Visibility = Visibility.PUBLIC,
    address: str = ANNA,
    *,
    ring: KeyRing = RING,
    personal: bool = False,
    epoch: int = 0,
    action: str = "",
    letter: bytes = b"",
) -> Token:
    who, stamp = principal(ring, address), mark(action) if action else b""
    return Token(
        case=case, visibility=visibility, principal=who, personal=personal, epoch=epoch, mark=stamp, letter=letter
    )


def a_return(case: int = 12, letter: bytes = b"12345") -> Token:
    return a_token(case, Visibility.INTERNAL, letter=letter)


TOKENS = [
    pytest.param(a_token(), id="reply-public"),
    pytest.param(a_token(visibility=Visibility.INTERNAL), id="reply-internal"),
    pytest.param(a_token(case=0, personal=True), id="personal"),
    pytest.param(a_token(case=1, epoch=255), id="first-case-last-epoch"),
    pytest.param(a_token(case=2**32 - 1), id="highest-case"),
    pytest.param(a_token(action="reopen"), id="action-public"),
    pytest.param(a_token(visibility=Visibility.INTERNAL, action="take"), id="action-internal"),
    pytest.param(a_return(), id="return-path"),
    pytest.param(a_return(0), id="return-path-of-no-case"),
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_signed_token_says_again_what_was_signed(token: Token):
    text = sign(RING, token)
    assert len(text) == LENGTH
    assert set(text) <= set(ALPHABET)
    assert verify(RING, text) == token


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_survives_a_relay_that_changes_its_case(token: Token):
    assert verify(RING, sign(RING, token).upper()) == token
    assert verify(RING, sign(RING, token).title()) == token


def test_a_token_of_an_action_says_which_and_in_which_state():
    assert mark("approve", "monday")[:3] == mark("approve", "tuesday")[:3] == word_mark("approve")
    assert mark("approve", "monday") != mark("approve", "tuesday")
    assert len({word_mark(word) for word in "abcdefghijklmnopqrstuvwxyz"}) == 26


def test_a_person_is_the_same_in_any_letter_case_and_nobody_else():
    assert principal(RING, "Anna@Customer.TEST") == principal(RING, ANNA)
    assert len({principal(RING, f"{n}@customer.test") for n in range(1000)}) == 1000
    assert principal(RING, ANNA) != principal(KeyRing("example.com", (NEW_KEY,)), ANNA)


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        pytest.param(a_token(case=0), "case 0: a reply token names one", id="reply-without-a-case"),
        pytest.param(a_token(case=1, personal=True), "a personal token none", id="personal-with-a-case"),
        pytest.param(a_token(case=2**32), "case 4294967296", id="case-too-high"),
        pytest.param(a_token(case=-1), "case -1", id="case-below-zero"),
        pytest.param(a_token(epoch=256), "epoch 256", id="epoch-too-high"),
        pytest.param(a_token(epoch=-1), "epoch -1", id="epoch-below-zero"),
        pytest.param(Token(case=1, visibility=Visibility.PUBLIC, principal=b"abc"), "3 bytes", id="short-principal"),
        pytest.param(replace(a_token(), mark=b"abc"), "mark: b'abc'", id="short-mark"),
        pytest.param(a_token(action="take", epoch=1), "and no epoch", id="action-with-an-epoch"),
        pytest.param(a_token(case=0, personal=True, action="take"), "names a case", id="action-of-no-case"),
        pytest.param(a_token(letter=b"1234"), "letter: b'1234'", id="short-letter"),
        pytest.param(a_token(letter=b"12345", action="take"), "no mark", id="letter-with-an-action"),
        pytest.param(a_token(case=0, personal=True, letter=b"12345"), "no mark", id="personal-letter"),
        pytest.param(a_token(letter=b"12345", epoch=1), "no epoch", id="letter-with-an-epoch"),
    ],
)
def test_what_does_not_fit_its_place_is_not_signed(token: Token, fault: str):
    with pytest.raises(ValueError, match=fault):
        sign(RING, token)


@pytest.mark.parametrize("keys", [pytest.param((), id="none"), pytest.param((OLD_KEY, b""), id="an-empty-one")])
def test_a_ring_without_a_real_key_is_refused(keys: tuple[bytes, ...]):
    with pytest.raises(ValueError, match=r"key ring of example\.com"):
        KeyRing("example.com", keys)


def test_a_ring_does_not_show_its_keys():
    assert repr(ROTATED) == "KeyRing('example.com', 2 keys)"


def each_bit_flipped(text: str) -> list[str]:
    raw = base64.b32decode(text.upper() + "====")
    flipped = (
        bytes(b ^ (1 << bit if i == at else 0) for i, b in enumerate(raw)) for at in range(27) for bit in range(8)
    )
    return [base64.b32encode(other).decode().rstrip("=").lower() for other in flipped]


def each_character_replaced(text: str) -> list[str]:
    """Every spelling of the last character too, whose four spare bits a decoder ignores."""
    others = ALPHABET + "0189=+-_. \n\x00\u212a\u017f\u0131\ud800"
    return [text[:i] + c + text[i + 1 :] for i in range(LENGTH) for c in others if c != text[i]]


def every_length(text: str) -> list[str]:
    long = text + text
    return [long[:n] for n in range(65) if n != LENGTH] + [text + "=" * n for n in range(1, 21)]


def swapped_fields(texts: list[str]) -> list[str]:
    """Any of the claims, or the seal, of one valid token in another, in either layout."""
    borders = [0, 1, 2, 6, 10, 11, 13, 15, 27]
    found = []
    for one, other in combinations([base64.b32decode(t.upper() + "====") for t in texts], 2):
        for start, end in pairwise(borders):
            mixed = one[:start] + other[start:end] + one[end:]
            if mixed not in (one, other):
                found.append(base64.b32encode(mixed).decode().rstrip("=").lower())
    return found


def random_changes(texts: list[str], count: int) -> list[str]:
    """Some characters of a valid token changed, moved, dropped or doubled, from a fixed seed."""
    dice = random.Random(2)
    changed: list[str] = []
    while len(changed) < count:
        characters = list(dice.choice(texts))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(characters))
            piece = [[dice.choice(ALPHABET)], [], characters[at : at + 1] * 2, ["=", "a"]][dice.randrange(4)]
            characters[at : at + 1] = piece
        changed.append("".join(characters))
    return changed


def test_a_hundred_thousand_mutated_tokens_are_all_refused():
    tokens = [a_token(case, v, who, epoch=e) for case in (1, 12, 300) for v in Visibility for who in (ANNA, "b@c.test")
              for e in (0, 1)]  # fmt: skip
    tokens += [a_token(case, address=who, action=word) for case in (1, 12) for who in (ANNA, "b@c.test")
               for word in ("reopen", "take")]  # fmt: skip
    tokens += [a_return(case, letter) for case in (0, 12) for letter in (b"12345", mark("take"))]
    texts = [sign(RING, token) for token in tokens] + [sign(RING, a_token(0, personal=True))]
    mutated = [
        m for text in texts for make in (each_bit_flipped, each_character_replaced, every_length) for m in make(text)
    ]
    mutated += swapped_fields(texts)
    mutated += random_changes(texts, 140_000 - len(mutated))
    wrong = [text for text in mutated if text.lower() not in texts]
    assert len(wrong) >= 100_000
    assert [text for text in wrong if verify(RING, text) is not None] == []


@given(st.text(max_size=64) | st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_no_text_makes_a_token_or_an_exception(text: str):
    assert verify(RING, text) is None
    assert verify(RING, text, sender=text) is None
    assert tokens_in_addresses(RING, DESK, (text, f"support+{text}@example.com")) == ()
    assert tokens_in_message_ids(RING, DESK, (text, f"<{text}.1@example.com>")) == ()


def test_an_address_that_is_no_text_belongs_to_nobody():
    assert verify(RING, sign(RING, a_token()), sender="\ud800@customer.test") == a_token()


def test_a_token_is_worth_nothing_in_another_domain_or_under_another_key():
    text = sign(RING, a_token())
    assert verify(KeyRing("example.org", (OLD_KEY,)), text) is None
    assert verify(KeyRing("example.com", (NEW_KEY,)), text) is None
    assert verify(KeyRing("EXAMPLE.com", (OLD_KEY,)), text) == a_token()


def test_the_id_of_a_key_alone_opens_nothing():
    """Two keys of 256 ids share one now and then: the seal tells them apart."""
    first_byte = sign(RING, a_token())[:1]
    twins = (n.to_bytes(32, "big") for n in range(10_000))
    twin = next(
        key for key in twins if sign(KeyRing("example.com", (key,)), a_token())[:2] == sign(RING, a_token())[:2]
    )
    forged = sign(KeyRing("example.com", (twin,)), a_token())
    assert forged.startswith(first_byte)
    assert verify(RING, forged) is None
    assert verify(KeyRing("example.com", (twin, OLD_KEY)), sign(RING, a_token())) == a_token()


def test_after_a_rotation_old_tokens_live_and_new_ones_outlive_the_old_key():
    old, new = sign(RING, a_token()), sign(ROTATED, a_token(ring=ROTATED))
    assert old != new
    assert verify(ROTATED, old) == a_token()
    assert verify(ROTATED, new) == a_token(ring=ROTATED)
    assert verify(KeyRing("example.com", (NEW_KEY,)), new) == a_token(ring=ROTATED)
    assert verify(KeyRing("example.com", (NEW_KEY,)), old) is None
    assert verify(RING, new) is None


def test_after_a_rotation_an_old_token_still_belongs_to_its_sender_and_to_nobody_else():
    old = sign(RING, a_token())
    mine, hers = verify(ROTATED, old, sender=ANNA.upper()), verify(ROTATED, old, sender="eve@customer.test")
    assert mine is not None
    assert mine.principal == principal(ROTATED, ANNA)
    assert hers is not None
    assert hers.principal not in (principal(ROTATED, "eve@customer.test"), principal(ROTATED, ANNA))


def test_a_reply_address_carries_its_token():
    address = reply_address(RING, DESK, a_token())
    assert address == f"support+{sign(RING, a_token())}@example.com"
    assert tokens_in_addresses(RING, DESK, (address,), sender=ANNA) == (a_token(),)


def test_a_desk_address_may_fill_the_local_part_but_no_more():
    fits = Desk(address=f"{'a' * 19}@example.com", tag="HD", timezone="UTC")
    local_part = reply_address(RING, fits, a_token()).partition("@")[0]
    assert len(local_part) == 64
    with pytest.raises(ValueError, match="may have 19 octets"):
        reply_address(RING, Desk(address=f"{'a' * 20}@example.com", tag="HD", timezone="UTC"), a_token())


TEXT = sign(RING, a_token())
#: The Kelvin sign, a letter beyond ASCII whose lower case is a plain k.
KELVIN = "\u212a"
TEXT_WITH_K = next(text for text in (sign(RING, a_token(case)) for case in range(1, 99)) if "k" in text)


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        pytest.param((f"support+{TEXT}@example.com",), 1, id="ours"),
        pytest.param((f"SUPPORT+{TEXT.upper()}@Example.COM",), 1, id="in-capitals"),
        pytest.param((f"support+{TEXT}@example.com", f"support+{TEXT}@example.com"), 1, id="twice-counts-once"),
        pytest.param(("support@example.com", "eve@customer.test", "", "@", "support+@example.com"), 0, id="no-token"),
        pytest.param((f"support+{TEXT}@example.org",), 0, id="another-domain"),
        pytest.param((f"sales+{TEXT}@example.com",), 0, id="another-local-part"),
        *(
            pytest.param((f"support{sign_}{TEXT}@example.com",), 1, id=f"of-before-the-delimiter-changed{sign_}")
            for sign_ in "=_.-"
        ),
        pytest.param((f"support/{TEXT}@example.com",), 0, id="no-delimiter"),
        pytest.param((f"support{TEXT}@example.com",), 0, id="nothing-between"),
        pytest.param((f"support+{TEXT}x@example.com",), 0, id="one-character-more"),
        pytest.param((f"support+x+{TEXT}@example.com",), 0, id="something-before-it"),
        pytest.param(
            (f"support+{TEXT_WITH_K.replace('k', KELVIN)}@example.com",), 0, id="a-letter-that-only-folds-to-ours"
        ),
    ],
)
def test_tokens_are_found_in_the_desks_own_subaddresses_alone(addresses: tuple[str, ...], found: int):
    assert tokens_in_addresses(RING, DESK, addresses) == (a_token(),) * found


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        pytest.param((message_id(RING, a_token(), "a1b2", "example.com"),), 1, id="ours"),
        pytest.param((message_id(RING, a_token(), "a1b2", "mail.example.com"),), 1, id="of-a-host-of-ours"),
        pytest.param((message_id(RING, a_token(), "1", "example.com").upper(),), 1, id="in-capitals"),
        pytest.param((f"{TEXT}.1@example.com",), 1, id="without-brackets"),
        pytest.param((f"<{TEXT}.1@example.com>", f"<{TEXT}.2@example.com>"), 1, id="two-of-one-case-count-once"),
        pytest.param(("<1@customer.test>", "", "<>", "<@>", "<.@example.com>"), 0, id="no-token"),
        pytest.param((f"<{TEXT}.1@example.org>",), 0, id="another-domain"),
        pytest.param((f"<{TEXT}.1@badexample.com>",), 0, id="a-domain-that-ends-like-ours"),
        pytest.param((f"<1.{TEXT}@example.com>",), 0, id="token-in-the-wrong-place"),
    ],
)
def test_tokens_are_found_in_our_own_message_ids_alone(ids: tuple[str, ...], found: int):
    assert tokens_in_message_ids(RING, DESK, ids) == (a_token(),) * found


def test_different_tokens_come_in_the_order_of_their_fields():
    texts = [f"<{sign(RING, a_token(case))}.1@example.com>" for case in (7, 3, 7, 5)]
    assert [token.case for token in tokens_in_message_ids(RING, DESK, texts)] == [7, 3, 5]


def test_nothing_else_computes_with_the_keys():
    """A second place that makes or checks a digest is a second door to watch."""
    makers = {
        file.name
        for file in (ROOT / "mailbot").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"hmac.new", "hmac.digest"}
    }
    assert makers == {"token.py"}


@pytest.mark.parametrize("place", list(ReplyTokens))
def test_a_reply_address_has_its_token_where_the_desk_wants_it(place: ReplyTokens):
    desk = replace(DESK, reply_tokens=place, reply_domain="r.example.com")
    text = sign(RING, a_token())
    expected = {
        ReplyTokens.SUBADDRESS: f"support+{text}@example.com",
        ReplyTokens.SUBDOMAIN: f"{text}@r.example.com",
        ReplyTokens.NONE: "support@example.com",
    }
    assert reply_address(RING, desk, a_token()) == expected[place]
    for address in (f"support+{text}@example.com", f"{text}@R.example.com"):
        assert tokens_in_addresses(RING, desk, [address]) == (a_token(),)
    for address in (f"{text}@example.com", f"support+{text}@r.example.com", f"{text}@x.example.com"):
        assert tokens_in_addresses(RING, desk, [address]) == ()


def test_without_a_domain_of_tokens_a_token_alone_is_no_address():
    assert tokens_in_addresses(RING, DESK, [sign(RING, a_token()) + "@", sign(RING, a_token())]) == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(
            f"take<mailto:support+{TEXT}@example.com?subject=x>",
            "take<mailto:support@example.com?subject=x>",
            id="link",
        ),
        pytest.param(f"mailto:support%2B{TEXT.upper()}%40example.com", "mailto:support%40example.com", id="encoded"),
        pytest.param(f"Cc: {TEXT}@r.example.com", "Cc: @r.example.com", id="alone"),
        pytest.param("write to support@example.com", "write to support@example.com", id="no-token"),
        pytest.param(f"support+{TEXT}@elsewhere.test", f"support+{TEXT}@elsewhere.test", id="another-domain"),
    ],
)
def test_a_token_in_a_text_that_goes_on_to_others_is_taken_out(text: str, left: str):
    assert blanked(text, DESK) == left


def test_a_persons_own_address_names_no_case_and_its_epoch():
    address = personal_address(RING, DESK, Person(address=ANNA, address_epoch=3))
    assert tokens_in_addresses(RING, DESK, [address], ANNA) == (a_token(0, personal=True, epoch=3),)


@pytest.mark.parametrize("place", [ReplyTokens.SUBADDRESS, ReplyTokens.SUBDOMAIN])
def test_the_return_path_of_a_letter_is_known_however_it_came_back_and_is_no_address_to_write_to(place: ReplyTokens):
    desk = replace(DESK, reply_tokens=place, reply_domain="r.example.com")
    path = reply_address(RING, desk, a_return())
    local_part, _, domain = path.partition("@")
    came = (path, path.upper(), local_part.replace("+", "=") + "@" + domain, reply_address(RING, desk, a_token()))
    assert return_paths(RING, desk, came) == (path,)
    assert tokens_in_addresses(RING, desk, (path,), ANNA) == ()
    assert tokens_in_message_ids(RING, desk, (message_id(RING, a_return(), "1", "example.com"),)) == ()


def test_a_forged_return_path_is_none():
    forged = reply_address(KeyRing("example.com", (NEW_KEY,)), DESK, a_return())
    assert return_paths(RING, DESK, (forged, "support+bounce@example.com", "support@example.com")) == ()
