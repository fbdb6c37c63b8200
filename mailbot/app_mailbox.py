"""A mailbox that is fetched by IMAP, as a door of the ingest loop."""

import shutil
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from mailbot.app import CLOCK, fault
from mailbot.clock import fraction, monotonic
from mailbot.config import Config
from mailbot.config_file import read_secret
from mailbot.config_mail import MailboxSection
from mailbot.daemon import Role
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.imap import ImapPoller, Mailbox
from mailbot.ingest.intake import OwnAddresses
from mailbot.ports import Inbox
from mailbot.wake import ring

log = structlog.get_logger("mailbot.mailbox")

#: Seconds that a poller may be busy with one round, or rest after trouble, before it counts as hung.
SILENCE = 600.0


class MailboxDoor:
    """A poller on a thread of its own."""

    def __init__(self, name: str, make: Callable[[Callable[[float], object]], ImapPoller]) -> None:
        """`make` gives the poller, which waits by what it is handed."""
        self._stop = threading.Event()
        self._turned = monotonic()
        self._poller = make(self._wait)
        self._thread = threading.Thread(target=self._poller.run, args=(self._stop,), name=f"imap {name}", daemon=True)

    def start(self) -> None:
        """Begin to poll; a server that is away is no reason not to."""
        self._turned = monotonic()
        self._thread.start()

    def responds(self, timeout: float) -> bool:  # noqa: ARG002 - it is asked nothing, its rounds are looked at
        """Did it end a round of late?"""
        return self._thread.is_alive() and monotonic() - self._turned < SILENCE

    def stop(self, timeout: float) -> None:
        """End after the mails in hand."""
        self._stop.set()
        self._thread.join(timeout)

    def _wait(self, seconds: float) -> None:
        self._turned = monotonic()
        self._stop.wait(seconds)
        self._turned = monotonic()


def mailbox_door(
    config: Config, number: int, environ: Mapping[str, str], inbox: Inbox, own: OwnAddresses
) -> MailboxDoor:
    """Make the door of the mailbox with that number, from 1. Raises Faults."""
    section = config.mailboxes[number - 1]
    key = f"mailbox[{number}]"
    password = ""
    if section.password_file:
        password = read_secret(section.password_file, environ, key=f"{key}.password_file").get_secret_value()
    try:
        mailbox = _mailbox(section, password, config.limits.mail_bytes)
        tls = ssl.create_default_context(cafile=section.trust) if section.trust else None
    except ValueError as error:
        raise fault(config, key, str(error)) from None
    except OSError as error:
        raise fault(config, f"{key}.trust", f"does not serve: {error.strerror or error}") from None
    return MailboxDoor(
        section.name,
        lambda wait: ImapPoller(
            mailbox,
            inbox,
            own=own,
            digest=intake_digest,
            now=CLOCK.now,
            wait=wait,
            fraction=fraction,
            alarm=lambda text: log.error("mailbox-trouble", alarm=text),
            wake=partial(ring, config.store.folder, Role.WORK),
            free_space=lambda: shutil.disk_usage(config.store.folder).free,
            disk_floor=config.limits.disk_floor_bytes,
            tls=tls,
        ),
    )


def _mailbox(section: MailboxSection, password: str, message_size: int) -> Mailbox:
    return Mailbox(
        name=section.name,
        host=section.host,
        user=section.user,
        password=password,
        port=section.port,
        tls=section.tls,
        folder=section.folder,
        start=section.start,
        after=section.after,
        move_to=section.move_to,
        authserv_id=section.authserv_id,
        message_size=message_size,
        poll_seconds=section.poll_seconds,
    )
