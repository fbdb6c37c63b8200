"""Logging in at an IMAP server, with a password or with an access token (SASL XOAUTH2, OAUTHBEARER).

Never over a connection without the TLS that was asked for: STARTTLS that is not offered ends it.
"""

import ssl
from typing import Any

from imapclient.exceptions import LoginError

from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ingest.imap.trouble import Trouble, refuses_login
from mailbot.login.sasl import initial_response, last_response


def _offers(client: Any, capability: str) -> bool:
    """Did the server offer this before the log-in? The library would remember the answer for after it."""
    return capability in client._imap.capabilities  # noqa: SLF001 - imapclient shows it by no other name


def secure(client: Any, mailbox: Mailbox, context: ssl.SSLContext | None) -> None:
    """Begin TLS where the mailbox wants it by STARTTLS. Raises Trouble, and what imaplib does."""
    if mailbox.tls != "starttls":
        return
    if not _offers(client, "STARTTLS"):
        raise Trouble(
            "tls",
            f"{mailbox.host} port {mailbox.port} offers no STARTTLS, so nothing is sent: something in between may "
            "have taken it out; with tls = 'implicit' and port 993 nobody can",
        )
    client.starttls(context)


def log_in(client: Any, mailbox: Mailbox) -> None:
    """Log in. Raises Trouble, LoginError, TokenAway, TokenRefused, and what imaplib does."""
    if mailbox.tokens is not None:
        _with_token(client, mailbox)
        return
    # RFC 9051 section 6.2.3: then a password must not be sent.
    if _offers(client, "LOGINDISABLED"):
        raise Trouble("password", f"{mailbox.host} takes no passwords: it wants oauth_token_url, or another `tls`")
    client.login(mailbox.user, mailbox.password)


def _with_token(client: Any, mailbox: Mailbox) -> None:
    assert mailbox.tokens is not None
    mechanism = mailbox.mechanism
    if not _offers(client, f"AUTH={mechanism.upper()}"):
        raise Trouble("password", f"{mailbox.host} does not offer {mechanism.upper()}: check oauth_mechanism and host")
    token = mailbox.tokens()
    said = iter([initial_response(mechanism, mailbox.user, token, host=mailbox.host, port=mailbox.port)])
    try:
        # A second challenge is the reason of a refusal.
        client.sasl_login(mechanism.upper(), lambda _challenge: next(said, last_response(mechanism)))
    except LoginError as error:
        if refuses_login(error):
            mailbox.tokens.refused(token)
        raise
