"""The operator's settings: what `mailbot.toml` may say, typed and frozen. An unknown key is a fault.

`config/mailbot.toml` is the reference: every key with its default, unit and meaning. No secret ever stands here, only
the names of the files that hold one. Reading the file is the work of `mailbot.config.file`.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from mailbot.config.border import BorderSection
from mailbot.config.kinds import Address, Bytes, Count, Location, MaybeLocation, Seconds, Section, Zone
from mailbot.config.mail import ListenSection, LmtpSection, MailboxSection, RelaySection, ShadowSection
from mailbot.config.spam import SpamSection
from mailbot.config.trust import TrustSection
from mailbot.mail import Border
from mailbot.people import Desk, ReplyTokens


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
    #: The languages in which command words are taken beside English; () is the desk's own.
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ()
    #: Do assignees get what is due when for their calendars, with the notices that they get anyway?
    calendar: bool = True
    #: Separates the local part of the address from the token (RFC 5233).
    delimiter: str = Field(default="+", pattern=r"^[+=_.-]$")
    #: Where the token of a reply's address stands: support+TOKEN@example.com, TOKEN@r.example.com, or nowhere.
    reply_tokens: Literal["subaddress", "subdomain", "none"] = "subaddress"
    #: The domain of such addresses; "" is r. before the desk's own where reply_tokens is "subdomain", else none.
    reply_domain: Annotated[str, Field(pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$"), AfterValidator(str.lower)] = ""
    #: When a working day's digest goes to the members: when service opens, or at a time of the desk's zone.
    opening_digest: str = Field(default="never", pattern=r"^(never|opening|([01]\d|2[0-3]):[0-5]\d)$")
    #: For how long a notice to an agent may wait for others, to be one mail with them; 0 for not at all.
    bundle_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    #: For how long an agent's commands can be taken back; 0 for not at all.
    undo_hours: Annotated[int, Field(ge=0, le=720)] = 24
    send_delay_seconds: Annotated[int, Field(ge=0, le=900)] = 0

    @model_validator(mode="after")
    def _a_domain_of_its_own(self) -> Self:
        if self.reply_domain == self.address.rpartition("@")[2]:
            raise ValueError("reply_domain is the desk's own; name another that your mail server takes mail for")
        return self


class IdentitySection(BorderSection):
    """Whose word on a sender is believed: of the listener's borders, in a rehearsal, and by `mailbot read`."""

    def border_of_listener(self, domain: str) -> Border:
        """Return the border at the listeners; nobody where others send from the same addresses."""
        return Border() if self.is_shared else self.border_of(domain)


class StoreSection(Section):
    """Where cases, inbox and outbox live."""

    #: A database URL; a relative SQLite path is relative to `folder`.
    url: str = "sqlite:///mailbot.db"
    #: Locks and the loops' sockets, large mails beside SQLite: one for each node.
    folder: Location = Path("state")
    #: The file with the database's password; none for SQLite.
    password_file: MaybeLocation = None

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            password = parts.password or "password" in parse_qs(parts.query)
        except ValueError:
            raise ValueError("is no database URL; write one such as sqlite:///mailbot.db") from None
        if password:
            raise ValueError("holds a password; put it into a file and name that in store.password_file")
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            known = "write one such as sqlite:///mailbot.db or postgresql://mailbot@db.example.com/mailbot"
            raise ValueError(f"is no database URL that mailbot knows; {known}")
        return url

    @field_validator("password_file")
    @classmethod
    def _whose_password(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        url = str(info.data.get("url", ""))
        if file and url.startswith("postgresql") and not urlsplit(url).username:
            raise ValueError("is for a user whom store.url does not name; write one there before an @")
        return file


class DirectorySection(Section):
    """Where the people are."""

    file: Location = Path("directory.json")
    #: A folder with the OpenPGP keys that count for an address, in ADDRESS.asc; it may be missing.
    keys: Location = Path("keys")


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
    #: Canned answers, `use NAME`: a folder per language with a file NAME.txt.j2 for each.
    answers: Location = Path("answers")


class ReportSection(Section):
    """The daily report."""

    #: Local time of the machine.
    at: str = Field(default="06:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    #: Who gets it by mail, beside the log.
    to: Literal["nobody", "leads"] = "nobody"


class LogSection(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    #: auto is console on a terminal and in systemd's journal, json otherwise.
    format: Literal["auto", "json", "console"] = "auto"


class Config(Section):
    """The whole file."""

    desk: DeskSection
    identity: IdentitySection
    trust: TrustSection
    spam: SpamSection
    store: StoreSection
    directory: DirectorySection
    listen: ListenSection
    lmtp: LmtpSection
    #: In the file: one `[[mailbox]]` each.
    mailboxes: tuple[MailboxSection, ...] = Field(default=(), alias="mailbox")
    relay: RelaySection
    shadow: ShadowSection
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

    @model_validator(mode="after")
    def _each_listener_its_port(self) -> Self:
        both = self.listen.enabled and self.lmtp.enabled
        if both and (self.listen.host, self.listen.port) == (self.lmtp.host, self.lmtp.port):
            raise ValueError(f"listen.port and lmtp.port are both {self.lmtp.port}; SMTP and LMTP need a port each")
        return self

    @model_validator(mode="after")
    def _shadow_is_somebody(self) -> Self:
        if self.shadow.to == self.desk.address:
            raise ValueError("shadow.to is the desk's own address, which takes notices for its own; name a person's")
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
            languages=desk.languages,
            holidays=desk.holidays,
            calendar=desk.calendar,
            opening_digest="" if desk.opening_digest == "never" else desk.opening_digest,
            delimiter=desk.delimiter,
            reply_tokens=ReplyTokens(desk.reply_tokens),
            # Known in every mode: addresses there that were made before a change stay valid.
            reply_domain=desk.reply_domain or f"r.{desk.address.rpartition('@')[2]}",
            needs=self.trust.table(),
            colleagues=frozenset(self.trust.colleagues),
            confirm_within=timedelta(minutes=self.trust.confirm_minutes),
            bundle_within=timedelta(seconds=desk.bundle_seconds),
            undo_within=timedelta(hours=desk.undo_hours),
            send_delay=timedelta(seconds=desk.send_delay_seconds),
            spam=self.spam.rules(),
        )

    def database_file(self) -> Path | None:
        """Return the SQLite database, None where the store is a server's."""
        scheme, _, path = self.database_url().partition(":///")
        return Path(path) if scheme == "sqlite" and not path.startswith(":") else None

    def database_url(self) -> str:
        """Return the store's URL with a relative SQLite path placed in the state folder; without a password."""
        scheme, separator, path = self.store.url.partition(":///")
        if scheme != "sqlite" or path.startswith(("/", ":")):
            return self.store.url
        return f"{scheme}{separator}{self.store.folder / path}"


#: The sections by their names in the file, without the list of mailboxes.
SECTIONS = tuple(n for n, f in Config.model_fields.items() if n not in {"mailboxes", "file"} and f.annotation)
