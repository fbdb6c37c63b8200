"""The parts of the ingest loop: the doors by which mail comes in, made from the configuration."""

import shutil
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from typing import Literal

from mailbot.app.mailbox import MailboxDoor
from mailbot.app.root import CLOCK, desk_of, fault, key_of, passwords_of, people_of, process_of, store_of, tls_of
from mailbot.config import Config
from mailbot.daemon.ingest import Door, IngestParts
from mailbot.daemon.loops import Role
from mailbot.daemon.wake import ring
from mailbot.faults import Fault, Faults
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.format import address, header
from mailbot.ingest.imap.room import Room
from mailbot.ingest.intake import Intake, OwnAddresses
from mailbot.ingest.parse import read_header
from mailbot.ingest.smtp.listener import (
    DataRoom,
    PortTaken,
    Reception,
    SmtpLimits,
    SmtpListener,
    SmtpSettings,
    listening,
)
from mailbot.login.passwords import Passwords
from mailbot.mail import Envelope
from mailbot.people import Desk
from mailbot.ports import People
from mailbot.rules.identity.token import KeyRing, return_paths, tokens_in_addresses
from mailbot.rules.mail import filters

#: The sections that name a port to listen on.
Listens = Literal["listen", "lmtp"]


def ingest_parts(config: Config, environ: Mapping[str, str]) -> IngestParts:
    """Make the doors that the configuration names. Raises Faults, StoreAway."""
    desk = desk_of(config, process_of(config))
    store = store_of(config, environ, Role.INGEST)
    intake = Intake(store, wake=partial(ring, config.store.folder, Role.WORK))
    doors: list[tuple[str, Door]] = [("intake", IntakeDoor(intake))]
    said = []
    logins = Logins(config, environ)
    ring_of_keys = KeyRing(desk.domain, (key_of(config, environ),))
    people = people_of(config, store, alarms=False)
    unwanted = Unwanted(config, people)
    reception = _reception(config, desk, ring_of_keys, intake=intake, logins=logins, people=people)
    reception = replace(reception, unwanted=unwanted.why)
    room = DataRoom(SmtpLimits().room, config.store.folder)
    if config.listen.enabled:
        smtp = SmtpListener(_settings(config, environ), reception, room)
        doors.append(("smtp", Doorway(config, "listen", smtp)))
        said.append(f"SMTP on {config.listen.host}:{config.listen.port}")
    if config.lmtp.enabled:
        lmtp = SmtpListener(_lmtp_settings(config), replace(reception, password=None), room)
        doors.append(("lmtp", Doorway(config, "lmtp", lmtp)))
        said.append(f"LMTP on {config.lmtp.host}:{config.lmtp.port}")
    memory = Room()
    mailboxes = [
        MailboxDoor(config, number, environ, store, OwnAddresses.of(desk), room=memory)
        for number in range(1, len(config.mailboxes) + 1)
    ]
    doors += [(f"mailbox {section.name}", door) for section, door in zip(config.mailboxes, mailboxes, strict=True)]
    said += [f"IMAP from {section.host}" for section in config.mailboxes]
    reload = partial(_reload, [logins.load, unwanted.load, *(door.reload for door in mailboxes)])
    return IngestParts(doors=doors, reload=reload, status=", ".join(said))


def _reload(parts: Sequence[Callable[[], None]]) -> None:
    """Read all again; what is broken keeps nothing else from it. Raises Faults."""
    faults: list[Fault] = []
    for part in parts:
        try:
            part()
        except Faults as found:
            faults += found.faults
    if faults:
        raise Faults(faults)


class Logins:
    """Who may log in, as the file said when it was last read well."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self._passwords: Passwords | None = None
        self.load()

    def load(self) -> None:
        """Read the file again. Raises Faults, and then nothing has changed."""
        if self._config.listen.enabled and self._config.listen.auth != "never":
            self._passwords = passwords_of(self._config, self._environ)

    def check(self, login: str, password: bytes) -> bool:
        """Is this the password of this address?"""
        return self._passwords is not None and self._passwords.check(login, password)


class Unwanted:
    """What is refused at the door: what filters, lists and verdicts say, as the files said when last read well."""

    def __init__(self, config: Config, people: People) -> None:
        self._config = config
        self._people = people
        self.load()

    def load(self) -> None:
        """Read the process again. Raises Faults, and then nothing has changed."""
        process = process_of(self._config)
        self._process, self._desk = process, desk_of(self._config, process)

    def why(self, envelope: Envelope, raw: bytes) -> str:
        """Return why a stranger's mail is refused, "" if it is not."""
        try:
            directory = self._people.load()
        except Faults:
            # Who is a member cannot be told: what is not wanted is quarantined later.
            return ""
        return filters.refusal(self._process, self._desk, directory, read_header(raw), envelope)


class IntakeDoor:
    """The durable writer as a door: the others need it, so it opens first and closes last."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def start(self) -> None:
        """Begin to write."""
        self._intake.start()

    def responds(self, timeout: float) -> bool:  # noqa: ARG002 - it has nothing that it would have to ask
        """Is there room? A writer that hangs fills up, since the doors bring mail that nobody stores."""
        return not self._intake.full

    def stop(self, timeout: float) -> None:
        """Store what is in hand."""
        self._intake.stop(timeout)


class Doorway:
    """A listener, named by its section, as a door: a port that it cannot have is the operator's to mend."""

    def __init__(self, config: Config, section: Listens, listener: SmtpListener) -> None:
        self._config = config
        self._section = section
        self._listener = listener

    def start(self) -> None:
        """Listen. Raises Faults."""
        with _port(self._config, self._section):
            self._listener.start()

    def responds(self, timeout: float) -> bool:
        """Does its loop turn?"""
        return self._listener.responds(timeout)

    def stop(self, timeout: float) -> None:
        """Accept no more and finish the mails in hand."""
        self._listener.stop(timeout)


@contextmanager
def _port(config: Config, section: Listens) -> Iterator[None]:
    """Say of a port that cannot be had which key names it. Raises Faults."""
    listen = config.lmtp if section == "lmtp" else config.listen
    try:
        yield
    except PortTaken as taken:
        raise fault(config, f"{section}.port", str(taken)) from None
    except OSError as error:
        wrong = f"cannot listen on {listen.host} port {listen.port} ({error.strerror or error}); choose another"
        raise fault(config, f"{section}.host", wrong) from None


def try_ports(config: Config) -> None:
    """Raise Faults when a port could not be had now; it is left alone again."""
    if config.listen.enabled:
        try_port(config, "listen")
    if config.lmtp.enabled:
        try_port(config, "lmtp")


def try_port(config: Config, section: Literal["listen", "lmtp"]) -> None:
    """Raise Faults when the port of this section could not be had now."""
    wanted = config.listen if section == "listen" else config.lmtp
    with _port(config, section):
        listening(wanted.host, wanted.port).close()


def _settings(config: Config, environ: Mapping[str, str]) -> SmtpSettings:
    listen = config.listen
    return SmtpSettings(
        host=listen.host,
        port=listen.port,
        hostname=socket.gethostname(),
        tls=tls_of(config, environ),
        implicit_tls=listen.tls_implicit,
        plain_auth_on_loopback=listen.auth == "loopback",
        borders=tuple(ip_network(border) for border in listen.borders),
        limits=_limits(config),
        folder=config.store.folder,
    )


def _lmtp_settings(config: Config) -> SmtpSettings:
    return SmtpSettings(
        lmtp=True,
        host=config.lmtp.host,
        port=config.lmtp.port,
        hostname=socket.gethostname(),
        plain_auth_on_loopback=False,
        borders=tuple(ip_network(border) for border in config.lmtp.borders),
        limits=_limits(config),
        folder=config.store.folder,
    )


def _limits(config: Config) -> SmtpLimits:
    limits = config.limits
    return SmtpLimits(
        message_size=limits.mail_bytes,
        connections=limits.connections,
        connections_per_peer=limits.connections_per_address,
        recipients=limits.recipients,
        idle=limits.idle_seconds,
        data=limits.data_seconds,
        disk_floor=limits.disk_floor_bytes,
    )


def _reception(
    config: Config, desk: Desk, ring: KeyRing, *, intake: Intake, logins: Logins, people: People
) -> Reception:
    return Reception(
        intake=intake,
        own=OwnAddresses.of(desk),
        now=CLOCK.now,
        digest=intake_digest,
        author=author,
        password=logins.check if config.listen.auth != "never" else None,
        addresses=partial(addresses, people),
        ours=lambda address: bool(tokens_in_addresses(ring, desk, [address]) or return_paths(ring, desk, [address])),
        free_space=lambda: shutil.disk_usage(config.store.folder).free,
        border=str(config.identity.border_of_listener(desk.domain)),
    )


def author(raw: bytes) -> str:
    """Return the one well-formed mailbox of the one From field, or ""."""
    box = address.single(header.read(raw).only("from"))
    return box.address if box else ""


def addresses(people: People, login: str) -> Collection[str]:
    """Return every address that a person who logged in with this one may write from."""
    try:
        person = people.load().person(login)
    except Faults:
        # There is no good directory yet; the login itself is right all the same.
        person = None
    return (login, person.address, *person.also) if person and person.address == login else (login,)
