"""What goes wrong with a mailbox, in words that an operator can act on.

Never shows the server's own words, which may be anything, nor a password.
"""

import imaplib
import socket
import ssl

from imapclient.exceptions import IMAPClientAbortError, LoginError

from mailbot.ingest.imap_mailbox import Mailbox


class Trouble(Exception):
    """The mailbox cannot be read just now; the message says what is wrong and what would be right."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        #: One word, the same for the same trouble.
        self.kind = kind


class Unreadable(Exception):
    """The server gave no usable answer for one mail; the others may well be fine."""

    def __init__(self, uid: int) -> None:
        super().__init__(f"UID {uid} cannot be read")
        self.uid = uid


def trouble_of(mailbox: Mailbox, error: Exception) -> Trouble:
    """Say what is wrong as an operator would want to read it; the server's own words stay out."""
    place = f"{mailbox.host} port {mailbox.port}"
    match error:
        case ssl.SSLCertVerificationError():
            reason = error.verify_message or "it is not valid"
            return Trouble("certificate", f"the certificate of {mailbox.host} cannot be trusted: {reason}")
        case ssl.SSLError():
            return Trouble("tls", f"{place} does not speak TLS as expected: check `port` and `tls`")
        case LoginError():
            return _login_trouble(mailbox, error)
        case socket.gaierror():
            return Trouble("unreachable", f"the name {mailbox.host} is not known: check `host`")
        case TimeoutError():
            return Trouble("unreachable", f"{place} does not answer")
        case ConnectionRefusedError():
            return Trouble("unreachable", f"nothing listens on {place}")
        case imaplib.IMAP4.readonly():
            return Trouble(
                "readonly", f"the folder {mailbox.folder} may only be read: allow writing, or keep mails as they are"
            )
        case OSError() | imaplib.IMAP4.abort():
            return Trouble("unreachable", f"the connection to {place} was lost")
        case _:
            return Trouble("broken", f"{place} answers what cannot be understood ({type(error).__name__})")


def _login_trouble(mailbox: Mailbox, error: LoginError) -> Trouble:
    if isinstance(error.__context__, IMAPClientAbortError):
        # The library takes a hang-up for a refusal.
        return Trouble("unreachable", f"the connection to {mailbox.host} port {mailbox.port} was lost")
    if "[UNAVAILABLE]" in str(error).upper():
        # RFC 9051 section 7.1: the server's own trouble, not a wrong password.
        return Trouble("unavailable", f"{mailbox.host} cannot check passwords just now")
    return Trouble("password", f"{mailbox.host} refuses the log-in of {mailbox.user}: check user and password")
