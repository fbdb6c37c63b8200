"""Logging in with access tokens at a real Dovecot, which asks a real introspection endpoint about them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.ingest.imap.poller import Trouble
from mailbot.login.oauth import AccessTokens, Registration
from mailbot.login.sasl import initial_response, last_response
from tests.ingest.imap.conftest import MAIL, Box, Desk
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import OauthServer


@pytest.fixture
def endpoint(dovecot: Dovecot, user: str) -> Iterator[OauthServer]:
    server = OauthServer(port=dovecot.oauth_port, account=user, refresh={"r1": user})
    server.start()
    yield server
    server.stop()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(endpoint: OauthServer, desk: Desk, clock: Clock) -> AccessTokens:
    registration = Registration(token_url=endpoint.url, client_id="mailbot", client_secret="s3cret")
    return AccessTokens(registration, monotonic=clock, alarm=desk.alarms.append)


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_token_opens_the_mailbox(dovecot: Dovecot, box: Box, desk: Desk, tokens: AccessTokens, mechanism: str):
    dovecot.deliver(box().user, MAIL % b"x")
    assert desk.poller(box(tokens=tokens, mechanism=mechanism, password="")).poll() == 1


def test_a_refresh_token_that_is_replaced_opens_it_again_and_again(
    box: Box, desk: Desk, endpoint: OauthServer, clock: Clock, tmp_path: Path
):
    file = tmp_path / "refresh"
    file.write_text("r1")
    file.chmod(0o600)
    endpoint.replaces = True
    registration = Registration(
        token_url=endpoint.url,
        client_id="mailbot",
        client_secret="s3cret",
        grant="refresh_token",
        refresh_token_file=file,
    )
    for _ in range(3):
        tokens = AccessTokens(registration, monotonic=clock, alarm=desk.alarms.append)
        desk.poller(box(tokens=tokens)).poll()
    assert len(endpoint.asked) == 3
    assert file.read_text().strip() in endpoint.refresh


def test_a_token_that_was_revoked_is_replaced_without_a_word(
    dovecot: Dovecot, box: Box, desk: Desk, endpoint: OauthServer, tokens: AccessTokens
):
    poller = desk.poller(box(tokens=tokens))
    poller.poll()
    poller.close()
    endpoint.revoke_all()
    dovecot.deliver(box().user, MAIL % b"x")
    assert poller.poll() == 1
    assert len(endpoint.asked) == 2
    assert desk.alarms == []


def test_a_token_is_renewed_before_its_end(
    box: Box, desk: Desk, endpoint: OauthServer, tokens: AccessTokens, clock: Clock
):
    poller = desk.poller(box(tokens=tokens))
    poller.poll()
    poller.close()
    clock.now += 3400
    poller.poll()
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_tokens_that_are_refused_are_told_once_and_not_tried_in_haste(
    box: Box, desk: Desk, endpoint: OauthServer, tokens: AccessTokens, mechanism: str
):
    endpoint.account = "somebody-else"
    stop = desk.run(box(tokens=tokens, mechanism=mechanism), 3)
    assert stop.waited == [60, 180, 540]
    # One more at once, since the first might have been revoked; then one each time.
    assert len(endpoint.asked) == 4
    (alarm,) = desk.alarms
    assert alarm.startswith(f"mailbox support: 127.0.0.1 refuses the access token for {box().user}: check `user`")
    assert not any(token in str(desk.alarms) for token in endpoint.tokens)


def test_an_endpoint_that_is_away_is_told_only_when_it_lasts(
    box: Box, desk: Desk, endpoint: OauthServer, tokens: AccessTokens, clock: Clock
):
    endpoint.stop()
    poller = desk.poller(box(tokens=tokens))
    for number in range(1, 8):
        poller._guarded(poller._round)
        assert len(desk.alarms) == (number >= 6)
        clock.now += 60
    assert desk.alarms == [
        "mailbox support: the token endpoint at localhost cannot be reached (ConnectionRefusedError)"
    ]
    endpoint.start()
    assert poller.poll() == 0


def test_a_server_that_cannot_ask_about_tokens_has_not_refused_them(
    box: Box, desk: Desk, endpoint: OauthServer, tokens: AccessTokens
):
    token = tokens()
    endpoint.stop()
    with pytest.raises(Trouble) as trouble:
        desk.poller(box(tokens=tokens)).poll()
    assert trouble.value.kind == "unavailable"
    assert tokens() == token


def test_a_client_that_the_endpoint_does_not_know_is_told_like_a_wrong_password(
    box: Box, desk: Desk, endpoint: OauthServer, clock: Clock
):
    registration = Registration(token_url=endpoint.url, client_id="mailbot", client_secret="wrong")
    tokens = AccessTokens(registration, monotonic=clock, alarm=desk.alarms.append)
    assert desk.run(box(tokens=tokens), 2).waited == [60, 180]
    (alarm,) = desk.alarms
    assert "gives no token (invalid_client AADSTS7000215)" in alarm
    assert "wrong" not in alarm


def test_the_mechanisms_are_written_as_they_should():
    assert initial_response("xoauth2", "a@x.test", "T") == b"user=a@x.test\1auth=Bearer T\1\1"
    assert initial_response("oauthbearer", "a,b=c@x.test", "T", host="h.test", port=993) == (
        b"n,a=a=2Cb=3Dc@x.test,\1host=h.test\1port=993\1auth=Bearer T\1\1"
    )
    assert (last_response("xoauth2"), last_response("oauthbearer")) == (b"", b"\1")
