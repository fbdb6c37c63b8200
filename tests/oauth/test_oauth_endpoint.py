"""A real token endpoint on loopback: what is asked, what its answers mean, and how long it may take."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailbot.login import oauth_endpoint
from mailbot.login.oauth_endpoint import Granted, ask
from mailbot.ports.login import TokenAway, TokenRefused
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import OauthServer
from tests.servers.ports import free_port

FIELDS = {"grant_type": "client_credentials", "client_id": "mailbot", "client_secret": "s3cret"}
TOKEN = "abc.DEF-1~2+3/4="
GOOD: dict[str, Any] = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3599}


def test_the_endpoint_gives_a_token_that_counts(oauth: OauthServer):
    granted = ask(oauth.url, FIELDS, None)
    assert granted.access_token in oauth.tokens
    assert granted.lifetime == 3600
    assert oauth.asked == [FIELDS]


def test_tls_is_verified(oauth: OauthServer, dovecot: Dovecot):
    oauth.stop()
    oauth.start(dovecot.cert, dovecot.folder / "key.pem")
    with pytest.raises(TokenRefused, match=r"certificate of localhost, .* cannot be trusted: self.signed"):
        ask(oauth.url, FIELDS, None)
    assert oauth.asked == []
    assert ask(oauth.url, FIELDS, dovecot.cert).access_token


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(GOOD, Granted(access_token=TOKEN, lifetime=3599), id="good"),
        pytest.param(GOOD | {"token_type": "bearer"}, Granted(access_token=TOKEN, lifetime=3599), id="case"),
        pytest.param(GOOD | {"expires_in": "600"}, Granted(access_token=TOKEN, lifetime=600), id="text"),
        pytest.param(GOOD | {"expires_in": None}, Granted(access_token=TOKEN, lifetime=600), id="no-end"),
        pytest.param(GOOD | {"expires_in": -5}, Granted(access_token=TOKEN, lifetime=600), id="negative"),
        pytest.param(GOOD | {"expires_in": 10**9}, Granted(access_token=TOKEN, lifetime=86400), id="for-ever"),
        pytest.param(
            GOOD | {"refresh_token": "new"},
            Granted(access_token=TOKEN, lifetime=3599, refresh_token="new"),
            id="replaced",
        ),
        pytest.param(
            GOOD | {"refresh_token": "two\nlines"},
            Granted(access_token=TOKEN, lifetime=3599),
            id="replaced-by-nonsense",
        ),
    ],
)
def test_a_good_answer_is_read(oauth: OauthServer, answer: dict[str, Any], expected: Granted):
    oauth.broken = 200, json.dumps(answer).encode()
    assert ask(oauth.url, FIELDS, None) == expected


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        pytest.param(
            401, {"error": "invalid_client"}, "invalid_client.*the secret, which may have expired", id="client"
        ),
        pytest.param(400, {"error": "invalid_grant"}, "the refresh token was revoked or has expired", id="grant"),
        pytest.param(
            400,
            {"error": "invalid_client", "error_description": "AADSTS7000222: canary"},
            r"invalid_client AADSTS7000222\)",
            id="microsoft",
        ),
        pytest.param(400, {"error": "something_new"}, "something_new.*check the oauth_ keys", id="unknown"),
        pytest.param(400, {"error": "canary \x1b[31m"}, "answers 400 and no token: check oauth_token_url", id="odd"),
        pytest.param(404, {}, "answers 404 and no token: check oauth_token_url", id="wrong-place"),
        pytest.param(302, {}, "answers 302", id="redirected"),
    ],
)
def test_a_refusal_says_what_to_do(oauth: OauthServer, status: int, body: dict[str, str], words: str):
    oauth.broken = status, json.dumps(body).encode()
    with pytest.raises(TokenRefused, match=words) as caught:
        ask(oauth.url, FIELDS, None)
    assert "canary" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(503, b"<html>", id="unavailable"),
        pytest.param(429, b"", id="too-many"),
        pytest.param(400, b'{"error": "temporarily_unavailable"}', id="in-words"),
        pytest.param(200, b"<html>", id="no-json"),
        pytest.param(200, b"[" * 100_000, id="deep"),
        pytest.param(200, b"[]", id="no-object"),
        pytest.param(200, b"{}", id="no-token"),
        pytest.param(200, json.dumps(GOOD | {"token_type": "mac"}).encode(), id="another-kind"),
        pytest.param(200, json.dumps(GOOD | {"access_token": "a\x01auth=x"}).encode(), id="no-token-characters"),
        pytest.param(200, json.dumps(GOOD | {"x": "y" * 300_000}).encode(), id="too-long"),
    ],
)
def test_an_answer_that_is_none_is_tried_again(oauth: OauthServer, status: int, body: bytes):
    oauth.broken = status, body
    with pytest.raises(TokenAway):
        ask(oauth.url, FIELDS, None)


def test_an_endpoint_that_is_away_is_tried_again():
    with pytest.raises(TokenAway, match=r"cannot be reached \(ConnectionRefusedError\)"):
        ask(f"http://127.0.0.1:{free_port()}/token", FIELDS, None)


@pytest.fixture
def trickle() -> Iterator[int]:
    """The port of a server that sends one byte after the other, until the client hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(20)
                try:
                    while not connection.recv(65536).endswith(b"mailbot&client_secret=s3cret"):
                        pass
                    connection.settimeout(0.01)
                    while True:
                        connection.sendall(b"H")
                        try:
                            if not connection.recv(1):
                                return
                        except TimeoutError:
                            continue
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(20)
        assert not thread.is_alive()


def test_a_trickle_of_bytes_is_cut_off(trickle: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(oauth_endpoint, "_ALL", 0.3)
    with pytest.raises(TokenAway):
        ask(f"http://127.0.0.1:{trickle}/token", FIELDS, None)


def test_a_certificate_file_that_is_none_is_trouble_not_a_crash(tmp_path: Path):
    file = tmp_path / "trust.pem"
    file.write_text("nothing")
    with pytest.raises(TokenAway):
        ask("https://localhost:1/token", FIELDS, file)
