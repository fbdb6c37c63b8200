"""Fetching a mailbox by IMAP: what came since the last time goes to the inbox, and only then is marked on the server.

How far it was read is kept by UIDVALIDITY and UID in the same transaction as the mails, and never by the Seen flag,
which people set and clear. A mailbox is never a reason to end: whatever goes wrong is told once and tried again.

DIAGNOSTICS: one alarm for each trouble, in plain words; `trouble` says what is wrong just now.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import structlog

from mailbot.ingest.imap_connection import Folder, ImapConnection, Listed
from mailbot.ingest.imap_mail import arrivals
from mailbot.ingest.imap_mailbox import Mailbox
from mailbot.ingest.imap_trouble import Trouble, Unreadable
from mailbot.ingest.intake import OwnAddresses
from mailbot.ingest.where import where
from mailbot.ports import Arrival, Bookmark, Inbox, StoreAway

__all__ = ["ImapPoller", "Mailbox", "StopSign", "Trouble"]

_log = structlog.get_logger(__name__)

#: Mails listed at once.
_BATCH = 20
#: Bytes of mail in memory before they are stored.
_BATCH_BYTES = 16 * 2**20
#: What is kept of a mail that is too large.
_KEPT = 256 * 1024
#: An answer that is unusable this often is passed over.
_TRIES = 3
_SHORTEST, _LONGEST = 1.0, 300.0
#: A refused password is not tried again sooner: servers lock accounts.
_PASSWORD_WAIT = 30.0
#: Trouble that passes by itself is told when it has lasted for so many rounds.
_PASSING = {"unavailable": 3}


class StopSign(Protocol):
    """Such as `threading.Event`."""

    def is_set(self) -> bool:
        """Is it time to end?"""


@dataclass(slots=True)
class _Haul:
    """What was fetched and is not stored yet."""

    arrivals: list[Arrival] = field(default_factory=list)
    #: Bytes of mail.
    size: int = 0
    #: The mails that were taken whole, to be marked once they are stored.
    whole: list[int] = field(default_factory=list)
    #: The last mail dealt with, 0 for none.
    uid: int = 0


class ImapPoller:
    """Reads one mailbox, round after round, on a connection that it keeps."""

    def __init__(
        self,
        mailbox: Mailbox,
        inbox: Inbox,
        *,
        own: OwnAddresses,
        digest: Callable[[bytes], str],
        now: Callable[[], datetime],
        wait: Callable[[float], object],
        fraction: Callable[[], float],
        alarm: Callable[[str], None],
        wake: Callable[[], None] = lambda: None,
        free_space: Callable[[], int] = lambda: 2**62,
        disk_floor: int = 256 * 2**20,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._inbox = inbox
        self._own = own
        self._digest = digest
        self._now = now
        #: Waits for so many seconds, or until it is time to stop.
        self._wait = wait
        #: A random number from 0 up to 1.
        self._fraction = fraction
        self._alarm = alarm
        #: Called after each commit that brought something new.
        self._wake = wake
        self._free_space = free_space
        self._disk_floor = disk_floor
        self._tls = tls
        self._connection: ImapConnection | None = None
        #: Stored but not yet marked on the server, under the UIDVALIDITY that they have.
        self._unmarked: list[int] = []
        self._validity = 0
        #: How often a mail's answer was unusable.
        self._unusable: dict[int, int] = {}
        #: Mails that were new, in all.
        self._stored = 0
        self._failed = 0
        self._told = ""
        #: What is wrong just now, "" when all is well.
        self.trouble = ""

    def run(self, stop: StopSign) -> None:
        """Poll until told to stop; nothing that a server or the store does ends it."""
        try:
            while not stop.is_set():
                self._wait(self._round())
        finally:
            self.close()

    def poll(self) -> int:
        """Fetch, store and mark what is new; count the mails that were not known yet. Raises Trouble."""
        try:
            return self._poll()
        except Unreadable as error:
            self.close()
            self._unusable[error.uid] = self._unusable.get(error.uid, 0) + 1
            raise Trouble(
                "unreadable", f"the server gives no usable answer for the mail with UID {error.uid}"
            ) from error
        except StoreAway as error:
            raise Trouble("store", "the store cannot be reached; mail stays on the server") from error
        except Trouble:
            self.close()
            raise

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _round(self) -> float:
        """Poll once and return how long to wait before the next time, in seconds."""
        try:
            self.poll()
        except Trouble as trouble:
            return self._after_failure(trouble.kind, str(trouble))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one mailbox must not end the others
            _log.error("imap-fault", mailbox=self._mailbox.name, error=type(error).__name__, where=where(error))
            self.close()
            return self._after_failure("fault", f"a fault in mailbot ({type(error).__name__}); see the log")
        if self._told:
            _log.info("imap-well", mailbox=self._mailbox.name)
        self._failed, self._told, self.trouble = 0, "", ""
        return self._mailbox.poll_seconds

    def _after_failure(self, kind: str, words: str) -> float:
        self._failed += 1
        self.trouble = words
        if kind != self._told and self._failed >= _PASSING.get(kind, 1):
            self._told = kind
            self._alarm(f"mailbox {self._mailbox.name}: {words}")
        # Half of it by chance, so that many mailboxes do not come back at the same moment.
        longest = min(_LONGEST, _SHORTEST * 2.0 ** min(self._failed - 1, 16))
        wait = max(_SHORTEST, longest * (1 + self._fraction()) / 2)
        return max(wait, _PASSWORD_WAIT) if kind == "password" else wait

    def _poll(self) -> int:
        if self._free_space() < max(self._disk_floor, self._mailbox.message_size * 3 // 2):
            raise Trouble("disk", "too little disk space; mail stays on the server")
        connection, folder = self._opened()
        if folder.uid_validity != self._validity:
            # The numbers of another life of the folder mean other mails.
            self._validity, self._unmarked, self._unusable = folder.uid_validity, [], {}
        new = self._fetch(connection, folder)
        self._mark(connection)
        return new

    def _opened(self) -> tuple[ImapConnection, Folder]:
        """Open the folder on the connection that we have; one that died in between is replaced without a word."""
        if self._connection is not None:
            try:
                return self._connection, self._connection.open()
            except Trouble:
                self.close()
        self._connection = ImapConnection(self._mailbox, self._tls)
        return self._connection, self._connection.open()

    def _fetch(self, connection: ImapConnection, folder: Folder) -> int:
        name = self._bookmark_name
        bookmark = self._inbox.bookmark(name)
        since: datetime | None = None
        if bookmark is None:
            if self._mailbox.start == "now":
                self._begin_now(connection, folder)
                return 0
            above = 0
        elif bookmark.uid_validity == folder.uid_validity:
            above = bookmark.uid
        else:
            _log.warning("imap-uidvalidity-changed", mailbox=self._mailbox.name)
            above, since = 0, self._first_start()
        uids = connection.uids(folder, above)
        new = 0
        while batch := list(islice(uids, _BATCH)):
            new += self._take(connection, folder, batch, since)
        return new

    def _take(self, connection: ImapConnection, folder: Folder, uids: list[int], since: datetime | None) -> int:
        """Fetch and store one batch; the bookmark moves with each commit."""
        before, haul = self._stored, _Haul()
        try:
            for mail in connection.listed(uids):
                if since is None or mail.internal_date is None or mail.internal_date >= since:
                    self._add(haul, connection, folder, mail)
                haul.uid = mail.uid
                if haul.size >= _BATCH_BYTES:
                    haul = self._store(haul, folder)
        except (Trouble, Unreadable):
            # A connection that breaks every few mails still gets on.
            self._store(haul, folder)
            raise
        # Mails that vanished are behind us as well.
        haul.uid = uids[-1]
        self._store(haul, folder)
        return self._stored - before

    def _add(self, haul: "_Haul", connection: ImapConnection, folder: Folder, mail: Listed) -> None:
        raw, whole = self._body(connection, mail)
        if raw is None:
            return
        haul.arrivals += arrivals(
            self._mailbox, folder.uid_validity, mail, raw, own=self._own, digest=self._digest, now=self._now()
        )
        haul.size += len(raw)
        if whole:
            haul.whole.append(mail.uid)

    def _store(self, haul: "_Haul", folder: Folder) -> "_Haul":
        """Commit what is in hand with the bookmark behind it; return an empty haul."""
        if haul.uid:
            place = Bookmark(mailbox=self._bookmark_name, uid_validity=folder.uid_validity, uid=haul.uid)
            new = self._inbox.receive(haul.arrivals, place)
            self._stored += new
            if self._mailbox.after != "keep":
                self._unmarked += haul.whole
            if new:
                self._wake()
        return _Haul()

    def _body(self, connection: ImapConnection, mail: Listed) -> tuple[bytes | None, bool]:
        """Return the mail and whether it is whole: of one that is too large only the beginning is taken."""
        if self._unusable.get(mail.uid, 0) >= _TRIES:
            self._tell(f"the mail with UID {mail.uid} cannot be read; it was passed over and stays on the server")
            return None, False
        most = self._mailbox.message_size
        # One byte more than we take: the size that a server gives beforehand may be an estimate.
        raw = connection.body(mail, _KEPT if mail.size > most else most + 1)
        if mail.size <= most and (raw is None or len(raw) <= most):
            return raw, True
        self._tell(
            f"the mail with UID {mail.uid} is larger than {most} bytes; its beginning was taken in, "
            "the whole of it stays on the server"
        )
        return raw and raw[:_KEPT], False

    def _mark(self, connection: ImapConnection) -> None:
        while self._unmarked:
            connection.mark(self._unmarked[:_BATCH])
            del self._unmarked[:_BATCH]

    @property
    def _bookmark_name(self) -> str:
        mailbox = self._mailbox
        return mailbox.name if mailbox.folder == "INBOX" else f"{mailbox.name}/{mailbox.folder}"

    def _begin_now(self, connection: ImapConnection, folder: Folder) -> None:
        """Remember where the mail that we are responsible for begins.

        By UID, and by the instant for the day when the server numbers its mails anew.
        """
        last = folder.uid_next - 1 if folder.uid_next else max(connection.uids(folder, 0), default=0)
        start = Bookmark(mailbox=f"{self._bookmark_name}#start", uid_validity=int(self._now().timestamp()), uid=0)
        self._inbox.receive([], start)
        self._inbox.receive([], Bookmark(mailbox=self._bookmark_name, uid_validity=folder.uid_validity, uid=last))

    def _first_start(self) -> datetime | None:
        """Return when the mailbox was first read, None when all of it was wanted."""
        start = self._inbox.bookmark(f"{self._bookmark_name}#start")
        return datetime.fromtimestamp(start.uid_validity, UTC) if start else None

    def _tell(self, words: str) -> None:
        self._alarm(f"mailbox {self._mailbox.name}: {words}")
