"""A connection to the relay: TLS and login as they were configured, and plain words for what hinders either.

TLS is required, not tried, and verified unless the operator chose otherwise; a password or a token goes over TLS only,
or to this machine. Never logs or shows a secret.
"""

import smtplib
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from mailbot.login.sasl import Mechanism, initial_response, last_response
from mailbot.ports.login import TokenSource
from mailbot.sending.relay_wire import Patience, Wire

#: Tokens that are tried in one login: the second is new where the server did not take the first any more.
TOKENS = 2


class Unfit(Exception):
    """The relay does not offer what the configuration asks for; says which key would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smarthost:
    """The relay and how to talk to it."""

    host: str
    port: int = 25
    #: `starttls` and `implicit` are required, not tried: without it nothing is sent.
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    #: Is the relay's certificate, and its name in it, verified?
    verify: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    #: Gives access tokens where there is no password; None for a password or no login.
    tokens: TokenSource | None = None
    mechanism: Mechanism = "xoauth2"
    #: What we call ourselves in EHLO: a name of this desk's domain.
    hello: str = "localhost"
    #: Seconds that the relay may take for one answer.
    timeout: float = 30.0
    #: Certificates to trust instead of the machine's own.
    trust: Path | None = None


def tls_context(wanted: Smarthost) -> ssl.SSLContext:
    """Return how the relay's certificate is judged. Raises OSError when `trust` cannot be read."""
    context = ssl.create_default_context(cafile=wanted.trust)
    if not wanted.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def connected(wanted: Smarthost, context: ssl.SSLContext, patience: Patience) -> Wire:
    """Return a new connection, with TLS and login as configured.

    Raises OSError, smtplib.SMTPException, ValueError, Unfit, TokenAway and TokenRefused; `described` says each plainly.
    """
    smtp = Wire(wanted.host, wanted.port, wanted.hello, patience, context if wanted.tls == "implicit" else None)
    try:
        smtp.ehlo_or_helo_if_needed()
        if wanted.tls == "starttls":
            _start_tls(smtp, context)
        if wanted.tokens is not None:
            _log_in_by_token(smtp, wanted, wanted.tokens)
        elif wanted.user:
            _log_in(smtp, wanted)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _start_tls(smtp: Wire, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise Unfit("offers no STARTTLS, which relay.tls asks for: nothing is sent without")
    smtp.start_tls(context)
    smtp.ehlo_or_helo_if_needed()


def _log_in(smtp: smtplib.SMTP, wanted: Smarthost) -> None:
    if not smtp.has_extn("auth"):
        raise Unfit("offers no login, which relay.user asks for; is it the right port?")
    smtp.login(wanted.user, wanted.password)


def _log_in_by_token(smtp: smtplib.SMTP, wanted: Smarthost, tokens: TokenSource) -> None:
    """Log in with an access token, and with a new one where it is not taken any more (RFC 4954, RFC 7628)."""
    name = wanted.mechanism.upper()
    if name not in smtp.esmtp_features.get("auth", "").upper().split():
        raise Unfit(f"offers no login by {name}, which relay.oauth_mechanism asks for")
    refusal = smtplib.SMTPAuthenticationError(535, b"")
    before = ""
    for _ in range(TOKENS):
        token = tokens()
        if token == before:
            break
        said = initial_response(wanted.mechanism, wanted.user, token, host=wanted.host, port=wanted.port)
        code, text = smtp.docmd("AUTH", f"{name} {b64encode(said).decode()}")
        if code == 334:
            # The reason of the refusal, in JSON; the 535 follows our last word.
            code, text = smtp.docmd(b64encode(last_response(wanted.mechanism)).decode())
        if code == 235:
            return
        refusal, before = smtplib.SMTPAuthenticationError(code, text), token
        if code < 500:
            # A server that cannot judge the token just now says nothing against it.
            break
        tokens.refused(token)
    raise refusal


def is_loopback(host: str) -> bool:
    """Does the host stay on this machine, so that a password may travel without TLS?"""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
