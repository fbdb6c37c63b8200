"""A relay whose password was mended while it was refused is logged in to anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from mailbot.app.mended_relay import MendedRelay
from mailbot.faults import Fault, Faults
from mailbot.login.secret_files import SecretFiles
from mailbot.ports.records import OutboxState
from mailbot.sending.relay import SmtpRelay
from mailbot.sending.relay_connection import Smarthost
from tests.sending.conftest import Sink
from tests.sending.test_outbox import AWAY, desk

__all__ = ["desk"]

MAIL = b"Subject: hello\r\n\r\nlast\r\n"


def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=given.password == b"right", handled=False)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "relay"
    file.write_text("wrong")
    return file


@pytest.fixture
def mended(sinks: Callable[..., Sink], secret: Path) -> MendedRelay:
    sink = sinks(authenticator=judge, auth_require_tls=False)

    def make() -> SmtpRelay:
        if not (password := secret.read_text()):
            raise Faults([Fault(file=str(secret), key="relay.password_file", wrong="is empty")])
        return SmtpRelay(Smarthost(host="127.0.0.1", port=sink.port, tls="none", user="desk", password=password))

    return MendedRelay(make, lambda: SecretFiles([secret]))


def test_another_password_in_the_file_is_used_when_it_rests(mended: MendedRelay, secret: Path):
    reply = mended.send("", "anna@customer.example", MAIL)
    assert reply.away
    assert "refused the login: 535" in reply.text
    assert not mended.mended()
    secret.write_text("right")
    assert [mended.mended(), mended.mended(), mended.mended()] == [False, True, False]
    assert mended.send("", "anna@customer.example", MAIL).accepted
    mended.close()


def test_a_file_that_cannot_be_used_leaves_what_there_was(mended: MendedRelay, secret: Path):
    secret.write_text("")
    assert [mended.mended(), mended.mended()] == [False, False]
    assert mended.send("", "anna@customer.example", MAIL).away
    secret.write_text("right")
    assert [mended.mended(), mended.mended()] == [False, True]
    assert mended.send("", "anna@customer.example", MAIL).accepted
    mended.close()


def test_with_another_secret_all_letters_go_at_once_those_that_knocked_too(desk, hand):
    made = desk(6, always=AWAY)
    for _ in range(240):
        made.loop.step()
        hand.turn(seconds=1)
    assert len(made.relay.sent) == 5
    made.relay.always, looks = None, iter([False, True])
    made.loop._mended = lambda: next(looks)
    assert [made.loop.step(), made.loop.step()] == [0, 6]
    assert made.rows.states() == [OutboxState.SENT] * 6


def test_another_secret_that_is_refused_too_costs_one_attempt_and_the_pauses_go_on(desk, hand):
    made = desk(6, always=AWAY)
    made.loop.step()
    hand.turn(seconds=1)
    looks = iter([True, False, False])
    made.loop._mended = lambda: next(looks)
    assert [made.loop.step(), made.loop.step()] == [1, 0]
    hand.turn(seconds=29)
    assert made.loop.step() == 0
    assert len(made.relay.sent) == 2
