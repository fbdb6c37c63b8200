"""The operator's settings: what `mailbot.toml` may say, typed and frozen. An unknown key is a fault.

`config/mailbot.toml` is the reference: every key with its default, unit and meaning. No secret ever stands here, only
the names of the files that hold one. Reading the file is the work of `mailbot.config_file`.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mailbot.people import Desk


def _located(path: Path, info: ValidationInfo) -> Path:
    """A relative path is relative to the folder of the configuration file."""
    base = (info.context or {}).get("base")
    return (Path(base) / path.expanduser()) if base else path


def _empty_is_none(value: object) -> object:
    # TOML has no null; "" is how a person writes "none".
    return None if value == "" else value


def _address(text: str) -> str:
    lowered = text.strip().lower()
    if not re.fullmatch(r"[a-z0-9._%+'=&/-]+@[a-z0-9-]+(\.[a-z0-9-]+)*", lowered):
        raise ValueError("is no mail address; write one such as support@example.com")
    return lowered


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("is no address or network; write one such as 192.0.2.1 or 10.0.0.0/24") from None
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is no time zone; write a name such as Europe/Berlin or UTC")
    return text


#: A path in the configuration.
Location = Annotated[Path, AfterValidator(_located)]
#: The same where "" means that there is none.
MaybeLocation = Annotated[Location | None, BeforeValidator(_empty_is_none)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Zone = Annotated[str, AfterValidator(_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=1024)]
Transport = Literal["none", "starttls", "implicit"]


class Section(BaseModel):
    """A frozen section of the file; a key that it does not have is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, str_strip_whitespace=True)


class DeskSection(Section):
    """The helpdesk: what it is called, where it is written to, by which process it works."""

    address: Address
    name: str = "Support"
    #: The subject tag without brackets and number.
    tag: str = Field(default="HD", pattern=r"^[A-Za-z][A-Za-z0-9]{0,15}$")
    #: The process file.
    process: Location = Path("processes/modera.toml")
    #: The zone in which service hours count.
    timezone: Zone = "UTC"
    #: The country, or country-subdivision, whose public holidays close the desk; "" for none.
    holidays: str = Field(default="", pattern=r"^([A-Z]{2}(-[A-Za-z0-9]{1,5})?)?$")
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    #: Separates the local part of the address from the token (RFC 5233).
    delimiter: str = Field(default="+", pattern=r"^[+=_.-]$")


class IdentitySection(Section):
    """Whose word on a sender is believed (`semantics.md` 26)."""

    #: The server whose `Authentication-Results` count; "" for none.
    authserv_id: str = ""


class StoreSection(Section):
    """Where cases, inbox and outbox live."""

    #: A database URL; a relative SQLite path is relative to `folder`.
    url: str = "sqlite:///mailbot.db"
    #: Large mails, locks and the loops' sockets.
    folder: Location = Path("state")
    #: The file with the database's password; none for SQLite.
    password_file: MaybeLocation = None

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        try:
            password = urlsplit(url).password
        except ValueError:
            raise ValueError("is no database URL; write one such as sqlite:///mailbot.db") from None
        if password:
            raise ValueError("holds a password; put it into a file and name that in store.password_file")
        if not url.startswith(("sqlite:///", "postgresql")):
            raise ValueError("is no database URL that mailbot knows; write one such as sqlite:///mailbot.db")
        return url


class DirectorySection(Section):
    """Where the people are."""

    file: Location = Path("directory.json")


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


class MailboxSection(Section):
    """One mailbox that is fetched from by IMAP."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    host: str
    port: Port = 993
    tls: Transport = "implicit"
    user: str
    #: The file with the password: a secret, mode 0600.
    password_file: Location
    folder: str = "INBOX"
    #: What happens to a mail on the server once it is stored here.
    after: Literal["keep", "seen", "move", "delete"] = "keep"
    move_to: str = ""
    #: Where the first start begins: with mail that comes from now on, or with all that lies there.
    start: Literal["now", "all"] = "now"
    poll_seconds: Seconds = 60
    #: The server before the mailbox whose `Authentication-Results` count; "" for none.
    authserv_id: str = ""
    #: Certificates to trust instead of the machine's own.
    trust: MaybeLocation = None

    @model_validator(mode="after")
    def _somewhere_to_move(self) -> Self:
        if self.after == "move" and not self.move_to:
            raise ValueError("after = 'move' needs move_to: name the folder that stored mails go to")
        return self


class RelaySection(Section):
    """Where outgoing mail is handed over."""

    kind: Literal["maildir", "smtp"] = "maildir"
    #: The Maildir of kind maildir.
    folder: Location = Path("outgoing")
    host: str = "127.0.0.1"
    port: Port = 25
    tls: Transport = "starttls"
    user: str = ""
    #: The file with the password of `user`: a secret, mode 0600.
    password_file: MaybeLocation = None
    timeout_seconds: Seconds = 30
    #: Certificates to trust instead of the machine's own.
    trust: MaybeLocation = None

    @model_validator(mode="after")
    def _user_and_password(self) -> Self:
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file belong together; give both or neither")
        return self


class LimitsSection(Section):
    """Bounds on what comes in and on what one mail may cost."""

    mail_bytes: Bytes = 35_000_000
    recipients: Count = 20
    connections: Count = 100
    connections_per_address: Count = 10
    idle_seconds: Seconds = 60
    data_seconds: Seconds = 300
    #: Free space under which mail is answered with 452.
    disk_floor_bytes: Bytes = 256 * 1024 * 1024
    #: How long a loop may be without a sign of life before it is stopped and started anew.
    work_seconds: Annotated[int, Field(ge=5)] = 30
    #: Processor time between two signs of life of the work loop.
    work_cpu_seconds: Annotated[int, Field(ge=2)] = 20
    #: Address space of the work loop.
    work_memory_bytes: Annotated[int, Field(ge=256 * 1024 * 1024)] = 1024 * 1024 * 1024


class SecretsSection(Section):
    """The files that hold mailbot's own secrets, mode 0600."""

    #: The key that signs tokens.
    key: Location = Path("secrets/key")
    #: The agents' password hashes for SMTP AUTH.
    passwords: Location = Path("secrets/passwords")


class TemplatesSection(Section):
    """The operator's own templates, looked at before the shipped ones."""

    folder: Location = Path("templates")


class ReportSection(Section):
    """The daily report."""

    #: Local time of the machine.
    at: str = Field(default="06:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class LogSection(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    #: auto is console on a terminal, json otherwise.
    format: Literal["auto", "json", "console"] = "auto"


class Config(Section):
    """The whole file."""

    desk: DeskSection
    identity: IdentitySection
    store: StoreSection
    directory: DirectorySection
    listen: ListenSection
    #: In the file: one `[[mailbox]]` each.
    mailboxes: tuple[MailboxSection, ...] = Field(default=(), alias="mailbox")
    relay: RelaySection
    limits: LimitsSection
    secrets: SecretsSection
    templates: TemplatesSection
    report: ReportSection
    log: LogSection
    #: Where it was read, for messages.
    file: Path = Path("mailbot.toml")

    @model_validator(mode="before")
    @classmethod
    def _sections(cls, data: Any) -> Any:
        """A section that is left out has its defaults."""
        if not isinstance(data, Mapping):
            return data
        return {**{name: {} for name in SECTIONS}, **data}

    @model_validator(mode="after")
    def _each_mailbox_once(self) -> Self:
        names = [mailbox.name for mailbox in self.mailboxes]
        if doubles := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two mailboxes are called {', '.join(doubles)}; give each a name of its own")
        return self

    def outside(self) -> Desk:
        """Return the desk as the rules know it."""
        desk = self.desk
        return Desk(
            address=desk.address,
            tag=desk.tag,
            timezone=desk.timezone,
            name=desk.name,
            language=desk.language,
            holidays=desk.holidays,
            delimiter=desk.delimiter,
        )

    def database_url(self) -> str:
        """Return the store's URL with a relative SQLite path placed in the state folder; without a password."""
        scheme, separator, path = self.store.url.partition(":///")
        if scheme != "sqlite" or path.startswith(("/", ":")):
            return self.store.url
        return f"{scheme}{separator}{self.store.folder / path}"


#: The sections by their names in the file, without the list of mailboxes.
SECTIONS = tuple(n for n, f in Config.model_fields.items() if n not in {"mailboxes", "file"} and f.annotation)
