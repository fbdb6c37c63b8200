"""Takes built mails away: to a relay by SMTP (RFC 5321), or into a Maildir.

One mail to one recipient at a time, over a connection that is kept. Whatever hinders the relay itself (no connection,
no TLS, a refused login) is a reply of 451 4.4.1, never an exception, and never costs a recipient: the mail stays in the
outbox. Never goes on without the TLS that was asked for, never logs a secret.
"""

import contextlib
import os
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from mailbot.ports import RelayReply

#: Seconds to wait for a connection.
CONNECT_TIMEOUT = 10.0

#: Mails over one connection before it is made anew.
MAILS_A_CONNECTION = 100

#: Characters of a server's answer that are kept.
TEXT_LIMIT = 300

#: Answers that say we did not log in as we should (RFC 4954 section 6): our configuration's fault, no recipient's.
LOGIN_CODES = frozenset({454, 530, 534, 535, 538})

#: RFC 5321 section 4.1.2, without quoted local parts and comments; anything else never reaches the wire.
PATH = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.:\[\]-]+")
ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


def away(reason: object) -> RelayReply:
    """Say that the relay cannot be had: temporary, whoever the recipient is."""
    return RelayReply(code=451, status="4.4.1", text=one_line(str(reason)))


def one_line(text: str) -> str:
    """Put a server's answer on one line without controls, cut to what is kept."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:TEXT_LIMIT]


def reply_of(code: int, text: bytes) -> RelayReply:
    """Read a server's answer (RFC 5321 section 4.2, RFC 2034 section 4); several lines become one."""
    lines = text.decode("utf-8", "replace").split("\n")
    enhanced = ENHANCED.match(lines[0])
    shown = " ".join(ENHANCED.sub("", line.strip(), count=1) for line in lines)
    return RelayReply(code=code, status=enhanced[1] if enhanced else "", text=one_line(shown))


def is_loopback(host: str) -> bool:
    """Does the host stay on this machine, so that a password may travel without TLS?"""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Smarthost:
    """The relay and how to talk to it."""

    host: str
    port: int = 25
    #: `starttls` and `implicit` are required, not tried: without it nothing is sent.
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    #: What we call ourselves in EHLO: a name of this desk's domain.
    hello: str = "localhost"
    #: Seconds that the relay may take for one answer.
    timeout: float = 30.0
    #: Certificates to trust instead of the machine's own; the relay's name is always verified.
    trust: Path | None = None


class SmtpRelay:
    """Hands mails to a relay by SMTP over one kept connection (`mailbot.ports.Relay`)."""

    def __init__(self, smarthost: Smarthost) -> None:
        """Connects with the first mail. Raises ValueError for a password that would travel in the clear."""
        if smarthost.user and smarthost.tls == "none" and not is_loopback(smarthost.host):
            raise ValueError("a password needs tls = 'starttls' or 'implicit' unless the relay is on this machine")
        self._smarthost = smarthost
        self._context = ssl.create_default_context(cafile=smarthost.trust) if smarthost.tls != "none" else None
        self._smtp: smtplib.SMTP | None = None
        #: Mails handed over on this connection.
        self._mails = 0

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Hand over one mail for one recipient. A relay that is away is a reply of 451 4.4.1, never an exception."""
        if not PATH.fullmatch(to) or (reverse_path and not PATH.fullmatch(reverse_path)):
            return RelayReply(code=553, status="5.1.3", text="the address cannot be written on an envelope")
        if self._mails >= MAILS_A_CONNECTION:
            self.close()
        if self._smtp is not None:
            reply = self._over(self._smtp, reverse_path, to, message)
            # A kept connection may have been closed meanwhile, or may end now: that says nothing of the relay.
            if not reply.away:
                return reply
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            self._drop()
            return away(described(fault))
        return self._over(smtp, reverse_path, to, message)

    def close(self) -> None:
        """End the kept connection politely; a relay that is gone does not matter any more."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def _connected(self) -> smtplib.SMTP:
        """Return a new connection, with TLS and login as configured. Raises what smtplib and ssl raise."""
        wanted = self._smarthost
        if self._context is not None and wanted.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=wanted.hello, timeout=CONNECT_TIMEOUT, context=self._context
            )
        else:
            smtp = smtplib.SMTP(local_hostname=wanted.hello, timeout=CONNECT_TIMEOUT)
        self._smtp, self._mails = smtp, 0
        # smtplib verifies the name in `_host`, which only its constructor sets, and that connects at once.
        smtp._host = wanted.host  # type: ignore[attr-defined]  # noqa: SLF001 - see above
        code, text = smtp.connect(wanted.host, wanted.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        assert smtp.sock is not None
        smtp.sock.settimeout(wanted.timeout)
        if self._context is not None and wanted.tls == "starttls":
            smtp.starttls(context=self._context)
        smtp.ehlo_or_helo_if_needed()
        if wanted.user:
            smtp.login(wanted.user, wanted.password)
        return smtp

    def _over(self, smtp: smtplib.SMTP, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Run one mail transaction (RFC 5321 section 3.3) and leave the connection ready for the next."""
        try:
            reply = transaction(smtp, reverse_path, to, message)
            if reply.code == 421:
                self._drop()
            elif not reply.accepted:
                smtp.rset()
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            self._drop()
            return away(described(fault))
        self._mails += 1
        return reply

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
