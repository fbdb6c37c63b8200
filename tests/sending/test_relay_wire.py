"""How long a relay may take, how much it may say, and what its word counts when it hangs up behind it."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from mailbot.ports import patience
from mailbot.sending import outbox, relay_wire
from mailbot.sending import relay as relay_module
from mailbot.sending.relay import Smarthost, SmtpRelay
from mailbot.sending.relay_wire import Patience
from tests.sending.conftest import Last, Script

MAIL = b"Subject: hello\r\n\r\nlast\r\n"
TO = "anna@customer.example"

Scripts = Callable[..., Script]
RelayTo = Callable[..., SmtpRelay]


class Signs:
    """Signs of life, which a server can wait for: it is as slow as a test wants, and nobody sleeps."""

    def __init__(self) -> None:
        self._many = threading.Semaphore(0)
        self.given = 0

    def __call__(self) -> None:
        self.given += 1
        self._many.release()

    def then(self, answer: str, signs: int = 5) -> Callable[[], str]:
        def said() -> str:
            assert all(self._many.acquire(timeout=30) for _ in range(signs))
            return answer

        return said


@pytest.fixture
def signs(monkeypatch: pytest.MonkeyPatch) -> Signs:
    monkeypatch.setattr(relay_wire, "SIGN_OF_LIFE", 0.05)
    return Signs()


@pytest.fixture
def relay_to() -> Iterator[RelayTo]:
    made = []

    def make(port: int, alive: Callable[[], None] = lambda: None, **settings: Any) -> SmtpRelay:
        given: dict[str, Any] = {"host": "127.0.0.1", "tls": "none", "timeout": 5.0, **settings}
        made.append(SmtpRelay(Smarthost(port=port, **given), alive))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


def test_a_relay_that_looks_at_the_mail_for_longer_than_an_answer_may_take_is_waited_for(
    scripts: Scripts, relay_to: RelayTo, signs: Signs
):
    server = scripts(END=[signs.then("250 2.0.0 looked through")])
    reply = relay_to(server.port, signs, timeout=0.1).send("", TO, MAIL)
    assert (reply.code, reply.text, len(server.mails)) == (250, "looked through", 1)


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END"])
def test_there_are_signs_of_life_while_an_answer_is_waited_for(
    scripts: Scripts, relay_to: RelayTo, signs: Signs, verb: str
):
    answer = Script.ORDINARY["." if verb == "END" else verb]
    server = scripts(**{verb: [signs.then(answer)]})
    assert relay_to(server.port, signs, timeout=30.0).send("", TO, MAIL).accepted
    assert signs.given >= 5


def test_a_greeting_may_take_as_long_as_any_answer(
    scripts: Scripts, relay_to: RelayTo, signs: Signs, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relay_wire, "CONNECT_TIMEOUT", 0.1)
    server = scripts(CONNECT=[signs.then("220 at last")])
    assert relay_to(server.port, signs, timeout=30.0).send("", TO, MAIL).accepted


def test_a_mails_whole_way_has_an_end_however_long_each_answer_may_take(
    scripts: Scripts, relay_to: RelayTo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relay_module, "HANDING_OVER", 0.3)
    over = threading.Event()
    server = scripts(RCPT=[lambda: "250 ok" if over.wait(30) else ""])
    reply = relay_to(server.port, timeout=1000.0).send("", TO, MAIL)
    over.set()
    assert (reply.away, "timed out" in reply.text) == (True, True)


def test_a_relay_that_stops_reading_is_away(relay_to: RelayTo):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        relay = relay_to(listener.getsockname()[1], timeout=0.5)
        over = threading.Event()
        talk = threading.Thread(target=deaf_after_data, args=(listener, over), daemon=True)
        talk.start()
        reply = relay.send("", TO, b"x" * 76 + b"\r\n" * 10_000_000)
        over.set()
        talk.join(10)
    assert (reply.away, "timed out" in reply.text) == (True, True)


def deaf_after_data(listener: socket.socket, over: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 relay.test\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                over.wait(30)
                return
            connection.sendall(b"250 ok\r\n")


def test_all_answers_of_one_mail_have_one_end():
    hand = [0.0]
    given: list[float] = []
    waited = Patience(30.0, lambda: given.append(hand[0]), lambda: hand[0])
    waited.begin(100.0)
    assert waited.end(30.0) == 30.0
    hand[0] = 90.0
    assert waited.end(30.0) == 100.0
    assert waited.turn(92.0) == 2.0
    assert given == [90.0]
    hand[0] = 100.0
    with pytest.raises(TimeoutError):
        waited.turn(waited.end(30.0))


def test_the_times_fit_one_another():
    relay = timedelta(seconds=patience.HANDING_OVER + patience.AFTER_DOT + relay_module.CLOSING)
    tokens = timedelta(seconds=2 * 30)
    assert outbox.PATIENCE + relay + tokens < patience.LETTER_LEASE
    # Shorter ones first: no time may end what a longer one still waits for. RFC 5321 section 4.5.3.2.6.
    order = [patience.SIGN_OF_LIFE, relay_wire.CONNECT_TIMEOUT, patience.SILENCE, patience.AFTER_DOT]
    assert all(shorter < longer for shorter, longer in pairwise(order))
    assert patience.AFTER_DOT >= 600


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        pytest.param({"MAIL": [Last("550 5.7.1 not you")]}, (550, "5.7.1", "not you"), id="at-mail"),
        pytest.param({"RCPT": [Last("550 5.1.1 no such user")]}, (550, "5.1.1", "no such user"), id="at-rcpt"),
        pytest.param({"RCPT": [Last("450 4.2.0 greylisted")]}, (450, "4.2.0", "greylisted"), id="greylisted"),
        pytest.param({"DATA": [Last("451 4.3.0 not now")]}, (451, "4.3.0", "not now"), id="at-data"),
        pytest.param({"END": [Last("554 5.7.1 spam")]}, (554, "5.7.1", "spam"), id="behind-the-mail"),
    ],
)
def test_a_refusal_counts_also_when_the_relay_hangs_up_behind_it(
    scripts: Scripts, relay_to: RelayTo, script: Any, answer: Any
):
    server = scripts(**script)
    relay = relay_to(server.port)
    reply = relay.send("", TO, MAIL)
    assert (reply.code, reply.status, reply.text, reply.away) == (*answer, False)
    assert relay.send("", TO, MAIL).accepted


def test_a_refusal_counts_also_when_the_relay_is_only_tried_out(scripts: Scripts, relay_to: RelayTo):
    server = scripts(RCPT=[Last("550 5.1.1 no such user")])
    assert relay_to(server.port).try_out("support@example.com").code == 550


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "END"])
def test_an_answer_without_end_is_none(scripts: Scripts, relay_to: RelayTo, verb: str):
    endless = ("250-" + "x" * 4000 + "\r\n") * 1000 + "250 at last"
    server = scripts(**{verb: [endless]})
    reply = relay_to(server.port).send("", TO, MAIL)
    assert (reply.away, reply.text) == (True, "answers without end: more than 65536 octets")
    assert relay_to(server.port).send("", TO, MAIL).accepted


def test_who_asked_for_starttls_is_not_told_to_ask_for_it(relay_to: RelayTo):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        talk = threading.Thread(target=no_tls_behind_starttls, args=(listener,), daemon=True)
        talk.start()
        reply = relay_to(listener.getsockname()[1], tls="starttls").send("", TO, MAIL)
        talk.join(10)
    assert reply.text == "speaks no TLS behind its own STARTTLS: see the relay's log, or another port is meant"


def no_tls_behind_starttls(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 relay.test\r\n")
        lines.readline()
        connection.sendall(b"250-relay.test\r\n250 STARTTLS\r\n")
        lines.readline()
        connection.sendall(b"220 go on\r\n")
        connection.recv(1)
        connection.sendall(b"502 5.5.1 what?\r\n")
        connection.recv(4096)


def test_what_stands_behind_the_answer_to_starttls_is_not_taken_for_the_relays_word(
    scripts: Scripts, relay_to: RelayTo
):
    server = scripts(EHLO=["250-relay.test\r\n250 STARTTLS"], STARTTLS=[Last("220 go on\r\n250 relay.test\r\n235 in")])
    reply = relay_to(server.port, tls="starttls").send("", TO, MAIL)
    assert reply.away
    assert len(server.heard) == 2
