"""Asking a token endpoint (RFC 6749 section 3.2) and reading its answer.

One POST over a connection of its own, bounded in time and size; no redirect is followed, since secrets stand in the
body. Shows none of the server's own words, which may be anything, but the codes that the RFC and Microsoft define.
"""

import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from mailbot.ports.login import TokenAway, TokenRefused

#: Seconds for one step, and for all of it: a trickle of bytes never trips the first.
_STEP, _ALL = 10.0, 30.0
#: Bytes of an answer; real ones have some thousand.
_ANSWER = 256 * 1024
#: Seconds that a token is taken to live whose answer does not say (RFC 6749 section 5.1).
_LIFE = 600.0
#: RFC 6749 section 5.2 and 4.1.2.1: the codes that pass by themselves.
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
#: RFC 6750 section 2.1: what a token is made of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_MEANING = {
    "invalid_client": "check oauth_client_id and the secret, which may have expired",
    "invalid_grant": "the refresh token was revoked or has expired: give mailbot a new one",
    "invalid_scope": "check oauth_scope",
    "unauthorized_client": "this client may not use oauth_grant: check its registration",
    "unsupported_grant_type": "the endpoint does not know oauth_grant",
    "invalid_request": "check the oauth_ keys",
    "interaction_required": "somebody has to log in anew and give consent: give mailbot a new refresh token",
    "consent_required": "the client's permissions want an administrator's consent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the endpoint gave."""

    access_token: str = field(repr=False)
    #: Seconds that it lives.
    lifetime: float
    #: The new refresh token, "" to keep the old one (RFC 6749 section 6).
    refresh_token: str = field(default="", repr=False)


def ask(url: str, fields: Mapping[str, str], trust: Path | None) -> Granted:
    """Ask the endpoint once. Raises TokenAway, TokenRefused."""
    host = urlsplit(url).hostname or ""
    try:
        status, body = _post(url, urlencode(fields).encode(), trust)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it is not valid"
        raise TokenRefused(f"the certificate of {host}, which gives out tokens, cannot be trusted: {reason}") from None
    except socket.gaierror:
        raise TokenAway(f"the name {host} of the token endpoint is not known") from None
    except (OSError, http.client.HTTPException) as error:
        raise TokenAway(f"the token endpoint at {host} cannot be reached ({type(error).__name__})") from None
    return _granted(host, status, body)


def _post(url: str, body: bytes, trust: Path | None) -> tuple[int, bytes]:
    """Return status and body of the answer. Raises OSError, http.client.HTTPException."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=trust)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=_STEP, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_STEP)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    with contextlib.closing(connection):
        connection.connect()
        with _bounded(connection.sock):
            connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_ANSWER)


@contextlib.contextmanager
def _bounded(connected: socket.socket) -> Iterator[None]:
    """Cut the connection when all of it takes too long."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_ALL, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _granted(host: str, status: int, body: bytes) -> Granted:
    """Read the answer. Raises TokenAway, TokenRefused."""
    answer = _json(body)
    if status == http.client.OK:
        return _token(host, answer)
    code = answer.get("error")
    known = code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""
    if status in (408, 429) or status >= http.client.INTERNAL_SERVER_ERROR or known in _PASSING:
        raise TokenAway(f"the token endpoint at {host} gives none just now ({known or status})")
    if not known:
        raise TokenRefused(f"{host} answers {status} and no token: check oauth_token_url")
    detail = re.search(r"\bAADSTS\d+\b", str(answer.get("error_description")))
    shown = f"{known} {detail[0]}" if detail else known
    raise TokenRefused(f"{host} gives no token ({shown}): {_MEANING.get(known, 'check the oauth_ keys')}")


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _token(host: str, answer: dict[str, Any]) -> Granted:
    token, kind, new = (answer.get(key) for key in ("access_token", "token_type", "refresh_token"))
    # RFC 6749 section 7.1: a kind of token that we do not know must not be used.
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        raise TokenAway(f"the token endpoint at {host} answers what cannot be understood")
    return Granted(
        access_token=token,
        lifetime=_lifetime(answer.get("expires_in")),
        refresh_token=new if isinstance(new, str) and new.isprintable() else "",
    )


def _lifetime(told: object) -> float:
    """Return the seconds; some servers write the number as a text."""
    return min(float(text), 86_400.0) if (text := str(told)).isdecimal() and len(text) < 12 else _LIFE
