"""One mailbox that is fetched from: where it is and what is to be done with it.

Settings only; refuses those that would send a password in the clear.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, Protocol

from mailbot.login.sasl import Mechanism
from mailbot.ports.login import TokenSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox of the configuration."""

    #: The operator's name for it.
    name: str
    host: str
    user: str
    #: Read from its file by the caller.
    password: str = field(default="", repr=False)
    #: Logs in with access tokens instead.
    tokens: TokenSource | None = None
    mechanism: Mechanism = "xoauth2"
    port: int = 993
    #: TLS from the first byte, TLS by STARTTLS, or none, which only this machine may have.
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    folder: str = "INBOX"
    #: Where the first start begins: with mail that comes from now on, or with all that lies there.
    start: Literal["now", "all"] = "now"
    #: What becomes of a mail on the server once it is stored here.
    after: Literal["keep", "seen", "move", "delete"] = "keep"
    #: The folder for `move`.
    move_to: str = ""
    #: The border that mail comes through, as it writes itself, "" for none.
    border: str = ""
    #: Bytes; of a larger mail only the beginning is kept.
    message_size: int = 35 * 2**20
    #: Is the server to tell of new mail by itself (RFC 2177), where it can?
    idle: bool = True
    #: How often the mailbox is looked at, also beside IDLE.
    poll_seconds: float = 60
    #: Seconds.
    connect_timeout: float = 10
    read_timeout: float = 30

    def __post_init__(self) -> None:
        """Refuse what would send a password in the clear, or mail to nowhere."""
        if self.tls == "none" and not _is_here(self.host):
            raise ValueError(f"mailbox {self.name}: without TLS only a server on this machine may be asked")
        if self.after == "move" and not self.move_to:
            raise ValueError(f"mailbox {self.name}: name the folder that stored mails move to")

    def __repr__(self) -> str:
        return f"Mailbox(name={self.name!r}, host={self.host!r}, user={self.user!r})"


class Mending(Protocol):
    """Looks whether an operator mended what was refused."""

    def refused(self) -> None:
        """Take in that the log-in was refused with what there is."""

    def look(self) -> Mailbox | None:
        """Return the mailbox with another secret than the one that was refused, None while there is none."""


def _is_here(host: str) -> bool:
    """Is the host this machine, whatever a name server says?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
