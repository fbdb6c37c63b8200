"""A mailbox that is fetched by IMAP, as a door of the ingest loop."""

import shutil
import ssl
from collections.abc import Mapping
from functools import partial

import structlog

from mailbot.app.login import secret_files, tokens_of
from mailbot.app.root import CLOCK, fault
from mailbot.app.worker import Worker
from mailbot.clock import fraction
from mailbot.config import Config
from mailbot.config.file import read_secret
from mailbot.config.mail import MailboxSection
from mailbot.daemon.loops import Role
from mailbot.daemon.wake import ring
from mailbot.faults import Faults
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.imap.poller import ImapPoller, Mailbox
from mailbot.ingest.imap.room import Room
from mailbot.ingest.intake import OwnAddresses
from mailbot.login.secret_files import SecretFiles
from mailbot.ports import Inbox

log = structlog.get_logger("mailbot.mailbox")


class MailboxDoor:
    """One mailbox on a thread of its own: whatever becomes of it, the other doors do not notice."""

    def __init__(
        self,
        config: Config,
        number: int,
        environ: Mapping[str, str],
        inbox: Inbox,
        own: OwnAddresses,
        *,
        room: Room,
    ) -> None:
        """The mailbox with that number, from 1; `room` is shared by all of them. Raises Faults."""
        self._config = config
        self._number = number
        self._environ = environ
        self._inbox = inbox
        self._own = own
        self._room = room
        self._files = self._secrets()
        self._mailbox = mailbox_of(config, number, environ)
        self._tls = trust_of(config, number)
        self._worker: Worker[ImapPoller] = Worker(f"imap {self._mailbox.name}", self._poller)

    def start(self) -> None:
        """Begin to fetch; a server that is away is no reason not to."""
        self._worker.start()

    def responds(self, timeout: float) -> bool:  # noqa: ARG002 - it is asked nothing, its signs of life are looked at
        """Does it still do its work, or can it be helped?"""
        return self._worker.well()

    def reload(self) -> None:
        """Read the password or the client's secret anew, and try again at once. Raises Faults."""
        self._read()
        self._worker.tell(lambda poller: poller.use(self._mailbox))

    def refused(self) -> None:
        """Take in that the log-in was refused."""
        self._files.refused()

    def look(self) -> Mailbox | None:
        """Read the secret anew when its file was changed; None when it was not, or is the same."""
        if not self._files.changed():
            return None
        before = self._mailbox
        try:
            self._read()
        except Faults as faults:
            log.warning("secret-unread", mailbox=before.name, faults=str(faults).splitlines())
            self._files = self._secrets()
            return None
        return self._mailbox if before.tokens or before.password != self._mailbox.password else None

    def _read(self) -> None:
        # First how the files are: what is changed while they are read is changed since.
        files = self._secrets()
        self._mailbox = mailbox_of(self._config, self._number, self._environ)
        self._files = files

    def _secrets(self) -> SecretFiles:
        return secret_files(self._config.mailboxes[self._number - 1], self._environ)

    def stop(self, timeout: float) -> None:
        """End after the mails in hand."""
        self._worker.stop(timeout)

    def _poller(self, worker: Worker[ImapPoller]) -> ImapPoller:
        config = self._config
        return ImapPoller(
            self._mailbox,
            self._inbox,
            own=self._own,
            digest=intake_digest,
            now=CLOCK.now,
            wait=worker.wait,
            fraction=fraction,
            alarm=lambda text: log.error("mailbox-trouble", alarm=text),
            wake=partial(ring, config.store.folder, Role.WORK),
            free_space=lambda: shutil.disk_usage(config.store.folder).free,
            disk_floor=config.limits.disk_floor_bytes,
            tls=self._tls,
            alive=worker.alive,
            room=self._room,
            mending=self,
        )


def mailbox_of(config: Config, number: int, environ: Mapping[str, str]) -> Mailbox:
    """Return the mailbox with that number, from 1, with what it logs in with. Raises Faults."""
    section, key = config.mailboxes[number - 1], f"mailbox[{number}]"
    password = ""
    if section.password_file:
        password = read_secret(section.password_file, environ, key=f"{key}.password_file").get_secret_value()
    try:
        return Mailbox(
            name=section.name,
            host=section.host,
            user=section.user,
            password=password,
            tokens=tokens_of(config, key, section, environ),
            mechanism=section.oauth_mechanism,
            port=section.port,
            tls=section.tls,
            folder=section.folder,
            start=section.start,
            after=section.after,
            move_to=section.move_to,
            border=str(section.border_of(config.outside().domain)),
            message_size=config.limits.mail_bytes,
            idle=section.idle,
            poll_seconds=section.poll_seconds,
        )
    except ValueError as error:
        raise fault(config, key, str(error)) from None


def trust_of(config: Config, number: int) -> ssl.SSLContext | None:
    """Return what to trust instead of the machine's own authorities, None for those. Raises Faults."""
    section: MailboxSection = config.mailboxes[number - 1]
    try:
        return ssl.create_default_context(cafile=section.trust) if section.trust else None
    except OSError as error:
        raise fault(config, f"mailbox[{number}].trust", f"does not serve: {error.strerror or error}") from None
