"""Access tokens at a real submission server: Postfix, with Dovecot asking the authorization server about each token."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

import pytest

from mailbot.login.oauth import AccessTokens, Registration
from mailbot.sending.relay import SmtpRelay
from mailbot.sending.relay_connection import Smarthost
from tests.daemon.loops import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import OauthServer
from tests.servers.postfix import Postfix

DESK = "desk@tokens.test"
#: What differs is a few bytes (tests/sending/test_relay_login.py): one of them in earnest is enough for every day.
MECHANISMS = pytest.mark.parametrize(
    "mechanism", ["xoauth2", pytest.param("oauthbearer", marks=[pytest.mark.slow, pytest.mark.timeout(60)])]
)
_numbers = count(1)


@dataclass
class Submission:
    """A desk that sends by tokens, the servers around it, and the seconds that it counts."""

    postfix: Postfix
    oauth: OauthServer
    seconds: list[float]
    relay: SmtpRelay

    def send(self) -> tuple[Any, str]:
        """Send a mail over a new connection; return the answer and whom it was for."""
        self.relay.close()
        to = f"anna{next(_numbers)}@outside-tokens.test"
        raw = f"From: {DESK}\r\nTo: {to}\r\nSubject: Your printer\r\n\r\nIt is on its way.\r\n".encode()
        return self.relay.send(DESK, to, raw), to

    def arrives(self) -> None:
        """Send a mail that gets there."""
        reply, to = self.send()
        assert (reply.code, reply.status) == (250, "2.0.0"), reply
        eventually(lambda: len(self.postfix.outside(to)) == 1, "the mail left")


Makes = Callable[..., Submission]


@pytest.fixture
def submission(dovecot: Dovecot, postfix: Postfix) -> Iterator[Makes]:
    oauth = OauthServer(port=dovecot.oauth_port, account=DESK)
    oauth.start()
    made: list[SmtpRelay] = []

    def make(mechanism: Literal["xoauth2", "oauthbearer"] = "xoauth2") -> Submission:
        registration = Registration(token_url=oauth.url, client_id="mailbot", client_secret="s3cret")
        seconds = [0.0]
        tokens = AccessTokens(registration, monotonic=lambda: seconds[-1], alarm=pytest.fail)
        smarthost = Smarthost(
            host="localhost",
            port=postfix.submission_port,
            trust=postfix.cert,
            user=DESK,
            tokens=tokens,
            mechanism=mechanism,
        )
        made.append(SmtpRelay(smarthost))
        return Submission(postfix, oauth, seconds, made[-1])

    yield make
    for relay in made:
        relay.close()
    oauth.stop()


@MECHANISMS
def test_a_token_sends_and_one_that_ran_out_or_was_revoked_is_replaced(submission: Makes, mechanism: str):
    desk = submission(mechanism)
    desk.arrives()
    desk.arrives()
    assert len(desk.oauth.asked) == 1
    for token in desk.oauth.tokens:
        # It ends earlier than was said when it was given out.
        desk.oauth.tokens[token] = DESK, 0.0
    desk.arrives()
    assert len(desk.oauth.asked) == 2
    desk.oauth.revoke_all()
    desk.arrives()
    assert len(desk.oauth.asked) == 3
    # Ahead of its end there is a new one before anybody refuses the old.
    desk.seconds.append(3400.0)
    desk.arrives()
    assert len(desk.oauth.asked) == 4


@MECHANISMS
def test_a_token_that_is_for_somebody_else_is_refused_and_no_recipients_fault(submission: Makes, mechanism: str):
    desk = submission(mechanism)
    desk.oauth.account = "somebody@tokens.test"
    reply, _ = desk.send()
    assert reply.away
    assert reply.text.startswith("refused the login: 535 5.7.8 Error: authentication failed")
    # A second one is tried, and then the relay is left alone.
    assert len(desk.oauth.asked) == 2
    assert not any(token in reply.text for token in desk.oauth.tokens)
    desk.oauth.account = DESK
    desk.arrives()


def test_a_client_that_is_refused_is_told_apart_from_an_endpoint_that_is_away(submission: Makes):
    refused, away = submission(), submission()
    refused.oauth.broken = 401, b'{"error": "invalid_client"}'
    reply, _ = refused.send()
    assert reply.away
    assert "invalid_client" in reply.text
    away.oauth.stop()
    reply, _ = away.send()
    assert reply.away
    assert "cannot be reached" in reply.text


def test_a_server_that_cannot_ask_about_tokens_just_now_costs_a_token_and_no_mail(submission: Makes):
    desk = submission()
    desk.arrives()
    desk.oauth.stop()
    # Postfix says 535 of this as of a refusal, without the reason that comes first with one: a new token is asked for.
    reply, _ = desk.send()
    assert reply.away
    assert "cannot be reached" in reply.text
    desk.oauth.start()
    desk.seconds.append(1.0)
    desk.arrives()
    assert len(desk.oauth.asked) == 2
