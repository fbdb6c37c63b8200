"""A small, real authorization server on loopback: a token endpoint (RFC 6749) and introspection (RFC 7662).

It has the grants `client_credentials` and `refresh_token`, can replace refresh tokens, and counts what it is asked.
"""

import base64
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.servers.ports import free_port

#: The clients: mailbot itself, and Dovecot, which asks whether a token is good.
CLIENTS = {"mailbot": "s3cret", "dovecot": "s3cret"}


@dataclass
class OauthServer:
    """The server with what it gave out; a test may change any of it while it runs."""

    port: int = field(default_factory=free_port)
    #: Seconds that a token lives.
    lifetime: float = 3600.0
    #: Does a refresh token count once only?
    replaces: bool = False
    #: Refresh tokens, and whose they are.
    refresh: dict[str, str] = field(default_factory=dict)
    #: Whose tokens the client's own credentials give.
    account: str = "support"
    #: Access tokens with whose they are and when they end.
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    #: The fields of each request to the token endpoint.
    asked: list[dict[str, str]] = field(default_factory=list)
    #: Requests to the introspection endpoint.
    introspected: int = 0
    #: Answers every request to the token endpoint with this status and body instead, if there is one.
    broken: tuple[int, bytes] | None = None

    def __post_init__(self) -> None:
        self._server: ThreadingHTTPServer | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """The token endpoint."""
        return f"{'https' if self._context else 'http'}://localhost:{self.port}/token"

    def start(self, certificate: Path | None = None, key: Path | None = None) -> None:
        """Listen, with TLS if there is a certificate."""
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate, key)
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                form = dict(parse_qsl(self.rfile.read(length).decode()))
                status, body = owner.answer(self.path, form, self.headers.get("Authorization", ""))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if self._context:
            self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Go away; what was given out is remembered."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def revoke_all(self) -> None:
        """Let no token that was given out count any more."""
        self.tokens.clear()

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        if path == "/token":
            self.asked.append(form)
            if self.broken:
                return self.broken
            status, answer = self._token(form)
        elif path == "/introspect":
            self.introspected += 1
            status, answer = 200, self._introspection(form.get("token", ""))
        else:
            status, answer = 404, {}
        if path == "/introspect" and not _known(form, authorization):
            status, answer = 401, {}
        return status, json.dumps(answer).encode()

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if not _known(form, ""):
            description = "AADSTS7000215: Invalid client secret provided."
            return 401, {"error": "invalid_client", "error_description": description}
        old = form.get("refresh_token", "")
        user = self.account if form.get("grant_type") == "client_credentials" else self.refresh.get(old)
        if not user:
            return 400, {"error": "invalid_grant", "error_description": "unknown or revoked"}
        token = secrets.token_urlsafe(24)
        self.tokens[token] = user, time.time() + self.lifetime
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime)}
        if self.replaces and old:
            del self.refresh[old]
            answer["refresh_token"] = new = secrets.token_urlsafe(24)
            self.refresh[new] = user
        return 200, answer

    def _introspection(self, token: str) -> dict[str, object]:
        user, ends = self.tokens.get(token, ("", 0.0))
        if not user or ends < time.time():
            return {"active": False}
        return {"active": True, "username": user, "scope": "imap", "exp": int(ends)}


def _known(form: dict[str, str], authorization: str) -> bool:
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.startswith("Basic "):
        name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
    return CLIENTS.get(name) == secret


@pytest.fixture
def oauth() -> Iterator[OauthServer]:
    """A running server of the test's own, without TLS."""
    server = OauthServer()
    server.start()
    yield server
    server.stop()
