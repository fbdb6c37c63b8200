"""From an open folder into the inbox: what came since the last time, with the bookmark in the same transaction.

Bookmarks go by UIDVALIDITY and UID. A folder whose mails got new numbers is looked through from its beginning: the
inbox knows by a mail's content what it has already.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from mailbot.ingest.imap.connection import Folder, ImapConnection, Listed
from mailbot.ingest.imap.envelope import arrivals
from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ingest.imap.marks import KEPT, Marks, bookmark_name
from mailbot.ingest.imap.room import Room
from mailbot.ingest.imap.trouble import Trouble, Unreadable
from mailbot.ingest.imap.wire import Alive
from mailbot.ingest.intake import OwnAddresses
from mailbot.ports import Inbox
from mailbot.ports.records import Arrival, Bookmark

#: Mails listed at once.
_BATCH = 20
#: Bytes of mail in one commit; a single larger mail goes alone.
_BATCH_BYTES = 16 * 2**20
#: An answer that is unusable this often is passed over.
_TRIES = 3


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

    def clear(self) -> None:
        """Let go of all of it."""
        self.arrivals, self.size, self.whole, self.uid = [], 0, [], 0


class Fetcher:
    """Brings one mailbox's new mail into the inbox."""

    def __init__(
        self,
        mailbox: Mailbox,
        inbox: Inbox,
        *,
        own: OwnAddresses,
        digest: Callable[[bytes], str],
        now: Callable[[], datetime],
        tell: Callable[[str], None],
        wake: Callable[[], None],
        alive: Alive,
        room: Room,
    ) -> None:
        """Take what stands around it.

        `room` is shared with other mailboxes, `tell` is for what an operator should know, `wake` is called after each
        commit that brought something.
        """
        self._mailbox = mailbox
        self._inbox = inbox
        self._own = own
        self._digest = digest
        self._now = now
        self._tell = tell
        self._wake = wake
        self._alive = alive
        self._room = room
        #: Bytes of the room that are ours.
        self._held = 0
        self._bookmark_name = bookmark_name(mailbox)
        self._marks = Marks(mailbox, inbox)
        self._validity = 0
        #: How often a mail's answer was unusable.
        self._unusable: dict[int, int] = {}
        #: Is a mail from before our start?
        self._old: Callable[[Listed], bool] = _never
        #: Mails that were new, in all.
        self._stored = 0
        #: Mails that were deleted on the server while they were fetched.
        self._vanished = 0

    def fetch(self, connection: ImapConnection, folder: Folder) -> int:
        """Store what is new behind the bookmark and mark it; count the mails that were not known yet.

        Raises Trouble, Unreadable, StoreAway.
        """
        if folder.uid_validity != self._validity:
            # The numbers of another life of the folder mean other mails.
            self._validity, self._unusable = folder.uid_validity, {}
            self._marks.begin(folder.uid_validity)
        before = self._stored
        try:
            for batch in self._batches(connection, folder):
                self._take(connection, folder, batch)
        finally:
            self._give_back()
            self._tell_vanished()
        self._marks.mark(connection)
        return self._stored - before

    def unusable(self, uid: int) -> None:
        """Take in that the server gave no usable answer for a mail."""
        self._unusable[uid] = self._unusable.get(uid, 0) + 1

    def _batches(self, connection: ImapConnection, folder: Folder) -> Iterator[list[int]]:
        """Yield the UIDs of what is new, in order, some at a time."""
        bookmark = self._inbox.bookmark(self._bookmark_name)
        if bookmark is None:
            if self._mailbox.start == "now":
                self._begin_now(connection, folder)
                return
            above = 0
        elif bookmark.uid_validity == folder.uid_validity and not 0 < folder.uid_next <= bookmark.uid:
            above = bookmark.uid
        else:
            self._begin_anew(connection, folder)
            above = 0
        self._old = self._old_of(folder)
        uids = connection.uids(folder, above)
        while batch := list(islice(uids, _BATCH)):
            yield batch

    def _take(self, connection: ImapConnection, folder: Folder, uids: list[int]) -> None:
        """Fetch and store one batch; the bookmark moves with each commit."""
        haul, listed = _Haul(), connection.listed(uids)
        self._vanished += len(uids) - len(listed)
        try:
            for mail in listed:
                if not self._old(mail):
                    self._make_room(haul, folder, mail)
                    self._add(haul, connection, folder, mail)
                haul.uid = mail.uid
        except (Trouble, Unreadable):
            # A connection that breaks every few mails still gets on.
            self._store(haul, folder)
            raise
        # Mails that vanished are behind us as well.
        haul.uid = uids[-1]
        self._store(haul, folder)

    def _make_room(self, haul: _Haul, folder: Folder, mail: Listed) -> None:
        """Store what is in hand where it would be too much with this mail, and wait until there is room for it."""
        most = self._mailbox.message_size + 1
        size = KEPT if mail.size >= most else mail.size or most
        if haul.size and haul.size + size > _BATCH_BYTES:
            self._store(haul, folder)
        if not self._room.take(size):
            # Nobody waits with something in hand: two mailboxes would wait for each other.
            self._store(haul, folder)
            self._room.wait(size, self._alive)
        self._held += size

    def _give_back(self) -> None:
        self._room.give_back(self._held)
        self._held = 0

    def _add(self, haul: _Haul, connection: ImapConnection, folder: Folder, mail: Listed) -> None:
        raw, whole = self._body(connection, mail)
        if raw is None:
            self._vanished += not self._passed_over(mail)
            return
        haul.arrivals += arrivals(
            self._mailbox, folder.uid_validity, mail, raw, own=self._own, digest=self._digest, now=self._now()
        )
        haul.size += len(raw)
        if whole:
            haul.whole.append(mail.uid)

    def _store(self, haul: _Haul, folder: Folder) -> None:
        """Commit what is in hand with the bookmark behind it, and have nothing in hand any more."""
        try:
            if haul.uid:
                place = Bookmark(mailbox=self._bookmark_name, uid_validity=folder.uid_validity, uid=haul.uid)
                self._stored_now(haul, self._inbox.receive(haul.arrivals, place))
        finally:
            haul.clear()
            self._give_back()

    def _stored_now(self, haul: _Haul, new: int) -> None:
        self._alive()
        self._stored += new
        self._marks.stored(haul.whole)
        if new:
            self._wake()

    def _body(self, connection: ImapConnection, mail: Listed) -> tuple[bytes | None, bool]:
        """Return the mail and whether it is whole: of one that is too large only the beginning is taken."""
        if self._passed_over(mail):
            self._tell(f"the mail with UID {mail.uid} cannot be read; it was passed over and stays on the server")
            return None, False
        most = self._mailbox.message_size
        # One byte more than we take: the size that a server gives beforehand may be an estimate.
        raw = connection.body(mail, KEPT if mail.size > most else most + 1)
        if mail.size <= most and (raw is None or len(raw) <= most):
            return raw, True
        self._tell(
            f"the mail with UID {mail.uid} is larger than {most} bytes; its beginning was taken in, "
            "the whole of it stays on the server"
        )
        return raw and raw[:KEPT], False

    def _passed_over(self, mail: Listed) -> bool:
        return self._unusable.get(mail.uid, 0) >= _TRIES

    def _begin_now(self, connection: ImapConnection, folder: Folder) -> None:
        """Remember where the mail that we are responsible for begins.

        By UID, and by the instant for the day when the server numbers its mails anew.
        """
        start = Bookmark(mailbox=f"{self._bookmark_name}#start", uid_validity=int(self._now().timestamp()), uid=0)
        self._inbox.receive([], start)
        last = _last(connection, folder)
        self._inbox.receive([], Bookmark(mailbox=self._bookmark_name, uid_validity=folder.uid_validity, uid=last))

    def _begin_anew(self, connection: ImapConnection, folder: Folder) -> None:
        """Take the new numbers of a folder that we knew by others; what was there before our start stays old.

        Written down before the first mail, so that a connection that breaks in between changes nothing.
        """
        last = _last(connection, folder)
        name, validity = self._bookmark_name, folder.uid_validity
        self._inbox.receive([], Bookmark(mailbox=f"{name}#renumbered", uid_validity=validity, uid=last))
        self._inbox.receive([], Bookmark(mailbox=name, uid_validity=validity, uid=0))
        self._tell(
            f"the server numbers the mails of {self._mailbox.folder} anew; all are looked through, "
            "those that are known already are not taken in again"
        )

    def _old_of(self, folder: Folder) -> Callable[[Listed], bool]:
        """Return what tells whether a mail is from before our start.

        Only of mails that got new numbers: others are new, whatever date somebody gave them.
        """
        start = self._inbox.bookmark(f"{self._bookmark_name}#start")
        renumbered = self._inbox.bookmark(f"{self._bookmark_name}#renumbered")
        if start is None or renumbered is None or renumbered.uid_validity != folder.uid_validity:
            return _never
        since, last = datetime.fromtimestamp(start.uid_validity, UTC), renumbered.uid
        return lambda mail: mail.uid <= last and mail.internal_date is not None and mail.internal_date < since

    def _tell_vanished(self) -> None:
        count, self._vanished = self._vanished, 0
        if count:
            what = "1 mail was" if count == 1 else f"{count} mails were"
            self._tell(
                f"{what} deleted on the server before mailbot came to it; does another program empty the mailbox?"
            )


def _last(connection: ImapConnection, folder: Folder) -> int:
    """Return the UID of the last mail that the folder had so far."""
    return folder.uid_next - 1 if folder.uid_next else max(connection.uids(folder, 0), default=0)


def _never(_mail: Listed) -> bool:
    return False
