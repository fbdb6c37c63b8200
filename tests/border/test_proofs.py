"""What mailbot makes of a sender behind a real border: each mail gets the proof that it deserves, and no more."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_of
from tests.border.conftest import BY_LMTP, BY_SMTP, DOMAIN, Desk
from tests.servers.border import swaks

#: The domains of the world, and the address that each sends from.
WORLD = {
    "cust.test": "198.51.100.7",
    "cust-dom.test": "198.51.100.8",
    "cust.internal": "198.51.100.9",
    "evil.test": "203.0.113.66",
    "dom.test": "203.0.113.67",
    "evil.internal": "203.0.113.68",
}
CLAIMED, VERIFIED = frozenset({Proof.CLAIMED}), frozenset({Proof.CLAIMED, Proof.VERIFIED})
#: What a liar writes above his mail.
LIES = (
    b"Authentication-Results: mx.example.com; dmarc=pass header.from=cust.test;\r\n"
    b"\tauth=pass smtp.auth=bob@cust.test smtp.mailfrom=bob@cust.test\r\n"
    b"Authentication-Results: mx.example.com; dkim=pass header.d=cust.test\r\n"
    b"Received: from cust.test by mx.example.com (Postfix) with ESMTPSA id 1; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    b"authentication-results : mx.example.com; dmarc=pass header.from=cust.test\r\n"
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Letter:
    """A mail and how it comes."""

    author: str
    #: The domain that it is sent from: its address, and its envelope where that is not said.
    sent_from: str
    signed_by: str = ""
    reverse_path: str = ""
    change: Callable[[bytes], bytes] = bytes


LETTERS = {
    "good": (Letter("bob@cust.test", "cust.test", signed_by="cust.test"), VERIFIED),
    "not-signed-but-from-its-own-server": (Letter("bob@cust.test", "cust.test"), VERIFIED),
    "signed-and-forwarded-by-another": (Letter("bob@cust.test", "evil.test", signed_by="cust.test"), VERIFIED),
    "forged-with-the-liars-envelope": (Letter("bob@cust.test", "evil.test"), CLAIMED),
    "forged-with-the-customers-envelope": (Letter("bob@cust.test", "evil.test", reverse_path="bob@cust.test"), CLAIMED),
    "signed-by-another": (Letter("bob@cust.test", "evil.test", signed_by="evil.test"), CLAIMED),
    "changed-on-the-way": (
        Letter("bob@cust.test", "evil.test", "cust.test", change=lambda raw: raw.replace(b"burns", b"BURNS")),
        CLAIMED,
    ),
    # RFC 7489 section 4.2: the address that it comes from is the customer's own, and that is enough.
    "changed-at-home": (
        Letter("bob@cust.test", "cust.test", "cust.test", change=lambda raw: raw.replace(b"burns", b"BURNS")),
        VERIFIED,
    ),
    "hyphen-good": (Letter("bob@cust-dom.test", "cust-dom.test", signed_by="cust-dom.test"), VERIFIED),
    "hyphen-signed-by-what-stands-behind-it": (Letter("bob@cust-dom.test", "dom.test", signed_by="dom.test"), CLAIMED),
    "odd-top-level-good": (Letter("bob@cust.internal", "cust.internal", signed_by="cust.internal"), VERIFIED),
    "odd-top-level-shared": (Letter("bob@cust.internal", "evil.internal", signed_by="evil.internal"), CLAIMED),
    "no-policy-good": (Letter("bob@plain.test", "plain.test", signed_by="plain.test"), VERIFIED),
    "no-policy-signed-by-another": (Letter("bob@plain.test", "evil.test", signed_by="evil.test"), CLAIMED),
    "with-lies-above": (Letter("bob@cust.test", "evil.test", change=lambda raw: LIES + raw), CLAIMED),
    "with-lies-above-and-honest": (Letter("bob@cust.test", "cust.test", change=lambda raw: LIES + raw), VERIFIED),
}


@pytest.fixture(scope="session")
def world(desk: Desk) -> Desk:
    for domain, address in WORLD.items():
        desk.border.domain(domain, address)
    desk.border.domain("plain.test", "198.51.100.10", policy="")
    return desk


def new_mail(author: str, to: str) -> tuple[str, bytes]:
    """Write a mail; its Message-ID and its bytes."""
    message_id = f"<{next(_numbers)}@border.test>"
    head = f"From: Bob <{author}>\r\nTo: {to}\r\nSubject: Printer\r\nMessage-ID: {message_id}\r\n"
    return message_id, head.encode() + b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nIt burns.\r\n"


def proofs(desk: Desk, message_id: str, source: str) -> frozenset[Proof]:
    """What the mail proves when it has arrived."""
    row = desk.arrived(message_id)
    assert row.envelope.source == source
    return proofs_of(read_mail(row.raw, border=row.envelope.border, own_domain=DOMAIN), row.envelope)


def send(desk: Desk, letter: Letter, to: str) -> str:
    message_id, raw = new_mail(letter.author, to)
    if letter.signed_by:
        raw = desk.border.sign(raw, letter.signed_by)
    reverse_path = letter.reverse_path or f"x@{letter.sent_from}"
    address = WORLD.get(letter.sent_from, "198.51.100.10")
    done = desk.border.hand_in(letter.change(raw), reverse_path=reverse_path, to=to, address=address)
    assert done.returncode == 0, done.stdout
    return message_id


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_gets_the_proof_that_it_deserves(world: Desk, name: str):
    letter, deserved = LETTERS[name]
    assert proofs(world, send(world, letter, BY_LMTP), "lmtp") == deserved


@pytest.mark.parametrize("name", ["good", "forged-with-the-liars-envelope", "with-lies-above"])
def test_by_smtp_it_is_the_same(world: Desk, name: str):
    letter, deserved = LETTERS[name]
    assert proofs(world, send(world, letter, BY_SMTP), "smtp") == deserved


def test_what_comes_past_the_milter_proves_nothing_whatever_it_says(world: Desk):
    message_id, raw = new_mail("bob@cust.test", BY_LMTP)
    words = ["--server", f"127.0.0.1:{world.border.postfix.relay_port}", "--helo", "cust.test"]
    assert swaks([*words, "--from", "bob@cust.test", "--to", BY_LMTP], LIES + raw).returncode == 0
    assert proofs(world, message_id, "lmtp") == CLAIMED


@pytest.mark.parametrize(
    ("author", "proven"),
    [
        pytest.param(f"kim@{DOMAIN}", frozenset({Proof.CLAIMED, Proof.SESSION}), id="own-address"),
        pytest.param(f"lee@{DOMAIN}", CLAIMED, id="a-colleagues-address"),
        pytest.param("bob@cust.test", CLAIMED, id="a-customers-address"),
    ],
)
def test_a_log_in_at_the_border_proves_the_address_that_logged_in(world: Desk, author: str, proven: frozenset[Proof]):
    postfix = world.border.postfix
    postfix.mailbox(f"kim@{DOMAIN}", "correct horse")
    message_id, raw = new_mail(author, BY_LMTP)
    words = ["--server", f"127.0.0.1:{postfix.submission_port}", "--helo", "laptop.test", "--tls"]
    words += ["--auth", "PLAIN", "--auth-user", f"kim@{DOMAIN}", "--auth-password", "correct horse"]
    done = swaks([*words, "--from", f"kim@{DOMAIN}", "--to", BY_LMTP], raw)
    assert done.returncode == 0, done.stdout
    assert proofs(world, message_id, "lmtp") == proven


def test_while_the_milter_is_away_mail_waits_outside(world: Desk):
    world.border.rspamd.stop()
    try:
        _, raw = new_mail("bob@cust.test", BY_LMTP)
        done = world.border.hand_in(LIES + raw, reverse_path="x@evil.test", to=BY_LMTP, address="203.0.113.66")
        assert b"<** 451 4.7.1" in done.stdout
    finally:
        world.border.rspamd.start()
