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
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from mailbot.ports import RelayReply
from mailbot.ports.login import TokenAway, TokenRefused
from mailbot.ports.patience import AFTER_DOT, HANDING_OVER
from mailbot.sending.relay_connection import Smarthost, Unfit, connected, is_loopback, tls_context
from mailbot.sending.relay_wire import Patience, Wire

__all__ = ["MaildirRelay", "Smarthost", "SmtpRelay", "away", "one_line", "reply_of"]

#: Mails over one connection before it is made anew.
MAILS_A_CONNECTION = 100

#: Seconds for a polite end, which nobody waits for.
CLOSING = 5.0

#: Octets of a mail that are handed over at once: a large one is not held in several copies.
PIECE = 256 * 1024

#: Characters of a server's answer that are kept.
TEXT_LIMIT = 300

#: Answers that say we did not log in as we should (RFC 4954 section 6): our configuration's fault, no recipient's.
LOGIN_CODES = frozenset({454, 530, 534, 535, 538})

#: RFC 5321 section 4.1.2, without quoted local parts and comments; anything else never reaches the wire.
PATH = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.:\[\]-]+")
#: What a server, the network or TLS may raise at us.
TROUBLES = (OSError, smtplib.SMTPException, ValueError)
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


class SmtpRelay:
    """Hands mails to a relay by SMTP over one kept connection (`mailbot.ports.Relay`)."""

    def __init__(self, smarthost: Smarthost, alive: Callable[[], None] = lambda: None) -> None:
        """Connects with the first mail; `alive` gives a sign of life, every few seconds while the relay is waited for.

        Raises ValueError for a password that would travel in the clear.
        """
        if smarthost.user and smarthost.tls == "none" and not is_loopback(smarthost.host):
            raise ValueError("a password needs tls = 'starttls' or 'implicit' unless the relay is on this machine")
        self._smarthost = smarthost
        self._context = tls_context(smarthost)
        self._patience = Patience(smarthost.timeout, alive)
        self._smtp: Wire | None = None
        #: Mails handed over on this connection.
        self._mails = 0
        #: Did the mail's own bytes begin to go out? Then a lost connection may mean that it was taken.
        self._begun = False

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Hand over one mail for one recipient. A relay that is away is a reply of 451 4.4.1, never an exception."""
        if not (to.isascii() and reverse_path.isascii()):
            # RFC 6531 section 3.5: nothing that we send needs SMTPUTF8 but an address like this.
            text = "the address has letters beyond ASCII, for which SMTPUTF8 would be needed: write to another one"
            return RelayReply(code=553, status="5.6.7", text=text)
        if not PATH.fullmatch(to) or (reverse_path and not PATH.fullmatch(reverse_path)):
            return RelayReply(code=553, status="5.1.3", text="the address cannot be written on an envelope")
        if self._mails >= MAILS_A_CONNECTION:
            self.close()
        self._patience.begin(HANDING_OVER)
        if self._smtp is not None:
            reply = self._over(self._smtp, reverse_path, to, message)
            # A kept connection that was closed meanwhile says nothing of the relay: one new one is made.
            if not reply.away or self._begun:
                return reply
        try:
            self._smtp, self._mails = connected(self._smarthost, self._context, self._patience), 0
        except (*TROUBLES, Unfit, TokenAway, TokenRefused) as fault:
            return away(described(fault, self._smarthost.tls))
        return self._over(self._smtp, reverse_path, to, message)

    def close(self) -> None:
        """End the kept connection politely; a relay that is gone does not matter any more."""
        if self._smtp is not None:
            self._patience.begin(CLOSING)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def try_out(self, path: str, to: str = "") -> RelayReply:
        """Go as far as a mail from this address to `to` (or to itself) goes before its first byte, then take it back.

        Nothing is sent. Returns the first refusal, or the answer to the recipient; a relay that is away is a reply of
        451 4.4.1.
        """
        self.close()
        self._patience.begin(HANDING_OVER)
        try:
            self._smtp = connected(self._smarthost, self._context, self._patience)
            reply = answered(reply_of(*self._smtp.docmd("MAIL", f"FROM:<{path}>")))
            if reply.accepted:
                reply = answered(reply_of(*self._smtp.docmd("RCPT", f"TO:<{to or path}>")))
            self._take_back(self._smtp)
        except (*TROUBLES, Unfit, TokenAway, TokenRefused) as fault:
            return away(described(fault, self._smarthost.tls))
        finally:
            self.close()
        return reply

    def _over(self, smtp: Wire, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Run one mail transaction and leave the connection ready for the next, or closed."""
        self._begun = False
        try:
            reply = self._transaction(smtp, reverse_path, to, message)
        except TROUBLES as fault:
            self._drop()
            return away(described(fault, self._smarthost.tls))
        self._mails += 1
        if reply.away:
            self._drop()
        elif not reply.accepted:
            self._take_back(smtp)
        return reply

    def _take_back(self, smtp: Wire) -> None:
        """End a transaction that was refused. The refusal counts also where the relay hung up behind it."""
        try:
            smtp.rset()
        except TROUBLES:
            self._drop()

    def _transaction(self, smtp: Wire, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Say MAIL, RCPT and DATA (RFC 5321 section 3.3); return the first refusal, or the answer to the mail."""
        size = ""
        if smtp.has_extn("size"):
            # RFC 1870 section 6.1
            limit = smtp.esmtp_features["size"].strip()
            if limit.isdecimal() and 0 < int(limit) < len(message):
                return RelayReply(code=552, status="5.3.4", text=f"larger than the {limit} octets that the relay takes")
            size = f" SIZE={len(message)}"
        for verb, argument in (("MAIL", f"FROM:<{reverse_path}>{size}"), ("RCPT", f"TO:<{to}>")):
            reply = answered(reply_of(*smtp.docmd(verb, argument)))
            if not reply.accepted:
                return reply
        reply = reply_of(*smtp.docmd("DATA"))
        if reply.code != 354:
            return answered(reply)
        self._begun = True
        for piece in stuffed(message):
            smtp.send(piece)
        self._patience.begin(AFTER_DOT)
        return answered(reply_of(*smtp.answer(AFTER_DOT)))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def stuffed(message: bytes) -> Iterator[bytes]:
    """Yield what goes over the wire for a mail, with transparency dots and the end of the data (RFC 5321 4.5.2)."""
    start = 0
    while start < len(message):
        end = message.find(b"\n", start + PIECE) + 1 or len(message)
        piece = message[start:end].replace(b"\r\n.", b"\r\n..")
        yield b"." + piece if piece.startswith(b".") else piece
        start = end
    yield b".\r\n" if message.endswith(b"\r\n") or not message else b"\r\n.\r\n"


def answered(reply: RelayReply) -> RelayReply:
    """Judge the answer within a transaction: one that is about our login, or is none, is the relay's trouble."""
    if reply.code in LOGIN_CODES:
        return away(f"wants another login: {reply.code} {reply.status} {reply.text}")
    # RFC 5321 section 4.2: three digits, of which the first is 2 to 5; 3 is no end of anything.
    readable = 200 <= reply.code < 300 or 400 <= reply.code < 600
    return reply if readable else away(f"gave no readable answer: {reply.text}")


def octets(text: bytes | str) -> bytes:
    """Return what smtplib keeps of an answer as bytes; its own words are strings."""
    return text.encode("utf-8", "replace") if isinstance(text, str) else text


#: What helps where a certificate is not accepted, by OpenSSL's number (X509_V_ERR_...).
HINTS = {
    10: "; the relay needs a new one",
    18: "; name its PEM file in relay.trust if it is the right one",
    19: "; name the PEM file of its authority in relay.trust if it is the right one",
    20: "; name the PEM file of its authority in relay.trust if it is the right one",
    62: "; write the name that it has into relay.host",
    64: "; write the name that it has into relay.host",
}


def described(fault: Exception, tls: str) -> str:
    """Say what was wrong with the relay, in one line; `tls` is what the configuration asks for."""
    if isinstance(fault, smtplib.SMTPResponseException):
        reply = reply_of(fault.smtp_code, octets(fault.smtp_error))
        what = "refused the login" if isinstance(fault, smtplib.SMTPAuthenticationError) else "refused"
        return f"{what}: {reply.code} {reply.status} {reply.text}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {fault.verify_message}{HINTS.get(fault.verify_code, '')}"
    if isinstance(fault, ssl.SSLError) and fault.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        if tls == "starttls":
            return "speaks no TLS behind its own STARTTLS: see the relay's log, or another port is meant"
        return "speaks no TLS at once on this port: with tls = 'starttls' it may, or another port is meant"
    if isinstance(fault, TimeoutError):
        return "timed out: nothing answers at this host and port, or too slowly"
    return str(fault) or type(fault).__name__


class MaildirRelay:
    """Puts mails into a Maildir: for a first look, for tests, and where another program delivers."""

    def __init__(self, folder: Path) -> None:
        """The folder is made with the first mail."""
        self._folder = folder

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Write the mail durably: under `tmp`, fsync, then moved to `new`. A full disk is a reply of 451 4.4.1."""
        # The name follows from the mail, so that one which is sent again after a crash is there once.
        envelope = f"{reverse_path}\n{to}\n".encode("utf-8", "replace")
        name = f"{sha256(envelope + message).hexdigest()[:32]}.mailbot"
        # Files on this system have LF line ends; CRLF belongs to the wire.
        try:
            self._write(name, message.replace(b"\r\n", b"\n"))
        except OSError as fault:
            return away(fault)
        return RelayReply(code=250, status="2.0.0", text=f"stored as {name}")

    def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, name: str, content: bytes) -> None:
        for part in ("cur", "tmp", "new"):
            (self._folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._folder / "tmp" / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(file, "wb") as stream:  # noqa: PTH123 - a descriptor has no path
            stream.write(content)
            stream.flush()
            os.fsync(file)
        (self._folder / "tmp" / name).replace(self._folder / "new" / name)
        folder = os.open(self._folder / "new", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
