"""What goes wrong with a mailbox, in words that an operator can act on.

Never shows the server's own words, which may be anything, nor a password or a token.
"""

import imaplib
import re
import socket
import ssl

from imapclient.exceptions import IMAPClientAbortError, LoginError

from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ports.login import TokenAway, TokenRefused

#: RFC 9051 section 7.1 and RFC 5530: the server's own trouble, no fault of ours.
_UNAVAILABLE = frozenset({"UNAVAILABLE", "SERVERBUG"})
_BUSY = frozenset({"LIMIT", "INUSE", "IN-USE", "THROTTLED"})
#: What Gmail and others say in prose only.
_TOO_MUCH = re.compile(r"too many|maximum number of connections|rate limit|throttled", re.IGNORECASE)
#: X509_V_ERR_...: what an operator can do about a certificate.
_CERTIFICATES = {
    10: "the server needs a new one",
    18: "name its file in `trust` if it is yours",
    19: "name its authority's file in `trust` if it is yours",
    20: "name its authority's file in `trust` if it is yours",
    62: "check `host`",
    64: "check `host`",
}


class Trouble(Exception):
    """The mailbox cannot be read just now; the message says what is wrong and what would be right."""

    def __init__(self, kind: str, words: str, *, silent: bool = False) -> None:
        super().__init__(words)
        #: One word, the same for the same trouble.
        self.kind = kind
        #: Did the server give no answer, rather than hang up or say what is wrong?
        self.silent = silent


class Unreadable(Exception):
    """The server gave no usable answer for one mail; the others may well be fine."""

    def __init__(self, uid: int) -> None:
        super().__init__(f"UID {uid} cannot be read")
        self.uid = uid


def trouble_of(mailbox: Mailbox, error: Exception) -> Trouble:
    """Say what is wrong as an operator would want to read it; the server's own words stay out."""
    place = f"{mailbox.host} port {mailbox.port}"
    match error:
        case Trouble():
            return error
        case TokenAway():
            return Trouble("token-away", str(error))
        case TokenRefused():
            return Trouble("password", str(error))
        case LoginError():
            return _login_trouble(mailbox, error)
        case imaplib.IMAP4.readonly():
            return Trouble(
                "readonly", f"the folder {mailbox.folder} may only be read: allow writing, or keep mails as they are"
            )
        case OSError() | imaplib.IMAP4.abort():
            return _network_trouble(mailbox, error)
        case _:
            return passing(mailbox, error) or Trouble(
                "broken", f"{place} answers what cannot be understood ({type(error).__name__})"
            )


def _network_trouble(mailbox: Mailbox, error: Exception) -> Trouble:
    place = f"{mailbox.host} port {mailbox.port}"
    match error:
        case ssl.SSLCertVerificationError():
            return _certificate_trouble(mailbox, error)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Trouble("unreachable", f"the connection to {place} was lost")
        case ssl.SSLError():
            return Trouble("tls", f"{place} does not speak TLS as expected: check `port` and `tls`")
        case socket.gaierror():
            return Trouble("unreachable", f"the name {mailbox.host} is not known: check `host`")
        case TimeoutError():
            return Trouble("unreachable", f"{place} does not answer", silent=True)
        case ConnectionRefusedError():
            return Trouble("unreachable", f"nothing listens on {place}")
        case _:
            return Trouble("unreachable", f"the connection to {place} was lost")


def passing(mailbox: Mailbox, error: Exception) -> Trouble | None:
    """Return the trouble of a NO that says that it will pass by itself, None for any other."""
    text, code = str(error), code_of(error)
    if code in _BUSY or _TOO_MUCH.search(text):
        return Trouble("limit", f"{mailbox.host} says that it is asked too much: too many connections, or too often")
    if code in _UNAVAILABLE:
        return Trouble("unavailable", f"{mailbox.host} is not available just now; it says so itself")
    return None


def code_of(error: Exception) -> str:
    """Return the response code of a NO, such as `AUTHENTICATIONFAILED`, "" for none (RFC 9051 section 7.1)."""
    found = re.search(r"\[([A-Z-]+)", str(error).upper())
    return found[1] if found else ""


def refuses_login(error: LoginError) -> bool:
    """Does the server refuse what we log in with, rather than have trouble of its own?"""
    # The library takes a hang-up for a refusal.
    hung_up = isinstance(error.__context__, IMAPClientAbortError)
    return not hung_up and code_of(error) not in _UNAVAILABLE | _BUSY and not _TOO_MUCH.search(str(error))


def _login_trouble(mailbox: Mailbox, error: LoginError) -> Trouble:
    if isinstance(error.__context__, IMAPClientAbortError):
        return Trouble("unreachable", f"the connection to {mailbox.host} port {mailbox.port} was lost")
    if code_of(error) == "UNAVAILABLE" and not _TOO_MUCH.search(str(error)):
        return Trouble("unavailable", f"{mailbox.host} cannot check log-ins just now")
    if found := passing(mailbox, error):
        return found
    if mailbox.tokens is not None:
        what = "check `user`, oauth_scope and what the client may do with this mailbox"
        return Trouble("token", f"{mailbox.host} refuses the access token for {mailbox.user}: {what}")
    return Trouble("password", f"{mailbox.host} refuses the log-in of {mailbox.user}: check user and password")


def _certificate_trouble(mailbox: Mailbox, error: ssl.SSLCertVerificationError) -> Trouble:
    # OpenSSL ends some of its sentences and some not.
    reason = (error.verify_message or "it is not valid").rstrip(".")
    advice = _CERTIFICATES.get(error.verify_code)
    shown = f"{reason}; {advice}" if advice else reason
    return Trouble("certificate", f"the certificate of {mailbox.host} cannot be trusted: {shown}")
