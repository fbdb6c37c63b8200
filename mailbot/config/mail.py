"""The sections of `mailbot.toml` about where mail comes from and goes to."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mailbot.config.border import BorderSection
from mailbot.config.kinds import (
    Address,
    Location,
    MaybeLocation,
    Network,
    Port,
    Seconds,
    Section,
    Transport,
    empty_is_none,
)
from mailbot.config.login import LoginSection


class ListenSection(Section):
    """The SMTP listener."""

    enabled: bool = True
    #: The interface's address; 127.0.0.1 is reached from this machine only.
    host: str = "127.0.0.1"
    port: Port = 2525
    #: Where agents can log in: within this machine and over TLS, over TLS only, or not at all.
    auth: Literal["loopback", "tls", "never"] = "loopback"
    #: Addresses or networks of the border servers whose `Authentication-Results` count.
    borders: tuple[Network, ...] = ()
    tls_certificate: MaybeLocation = None
    #: The key of the certificate: a secret, mode 0600.
    tls_key: MaybeLocation = None
    #: TLS from the first byte (RFC 8314) instead of STARTTLS.
    tls_implicit: bool = False

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together; name both files or neither")
        return self

    @property
    def public(self) -> bool:
        """Can other machines reach the listener?"""
        return self.enabled and not (self.host == "localhost" or self.host.startswith("127.") or self.host == "::1")


class LmtpSection(Section):
    """The listener for mail servers in front, which speak LMTP (RFC 2033)."""

    enabled: bool = False
    #: The interface's address; 127.0.0.1 is reached from this machine only.
    host: str = "127.0.0.1"
    port: Port = 2424
    #: Addresses or networks of the border servers whose `Authentication-Results` count.
    borders: tuple[Network, ...] = ()

    @model_validator(mode="after")
    def _not_the_port_of_smtp(self) -> Self:
        # RFC 2033 section 5
        if self.port == 25:
            raise ValueError("port 25 is SMTP's, and LMTP must not be spoken there; choose another, such as 2424")
        return self


class MailboxSection(LoginSection, BorderSection):
    """One mailbox that is fetched from by IMAP."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    host: str
    port: Port = 993
    tls: Transport = "implicit"
    user: str
    folder: str = "INBOX"
    #: What happens to a mail on the server once it is stored here.
    after: Literal["keep", "seen", "move", "delete"] = "keep"
    move_to: str = ""
    #: Where the first start begins: with mail that comes from now on, or with all that lies there.
    start: Literal["now", "all"] = "now"
    #: Does the server tell of new mail by itself (IDLE), where it can?
    idle: bool = True
    #: How often the mailbox is looked at, also beside IDLE.
    poll_seconds: Seconds = 60
    #: Certificates to trust instead of the machine's own.
    trust: MaybeLocation = None

    @model_validator(mode="after")
    def _somewhere_to_move(self) -> Self:
        if self.after == "move" and not self.move_to:
            raise ValueError("after = 'move' needs move_to: name the folder that stored mails go to")
        return self

    @model_validator(mode="after")
    def _some_login(self) -> Self:
        if self.password_file is None and not self.oauth_token_url:
            raise ValueError("password_file is missing; name the file with the password, or give oauth_token_url")
        return self


class RelaySection(LoginSection):
    """Where outgoing mail is handed over."""

    kind: Literal["maildir", "smtp"] = "maildir"
    #: The Maildir of kind maildir.
    folder: Location = Path("outgoing")
    host: str = "127.0.0.1"
    port: Port = 25
    tls: Transport = "starttls"
    user: str = ""
    #: Is the server's certificate, and its name in it, verified? Where it is not, anybody on the way can read along.
    verify: bool = True
    timeout_seconds: Seconds = 30
    #: Certificates to trust instead of the machine's own.
    trust: MaybeLocation = None

    @model_validator(mode="after")
    def _somewhere_to_send(self) -> Self:
        if self.kind == "smtp" and not self.host:
            raise ValueError("kind = 'smtp' needs host: name the server that takes outgoing mail")
        return self

    @model_validator(mode="after")
    def _user_and_password(self) -> Self:
        if self.oauth_token_url:
            if not self.user:
                raise ValueError("oauth_token_url needs user: whose mails they are")
        elif bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file belong together; give both or neither")
        return self


class ShadowSection(Section):
    """Shadow mode: mail comes in for real, and every notice goes to one address instead of to people."""

    #: Who gets every notice; none for ordinary work.
    to: Annotated[Address | None, BeforeValidator(empty_is_none)] = None
