"""The inbox: mail is durable here before anybody answers 250, and is leased from here to be worked on.

Knows nothing of what is in a mail. A lease is a fence that goes up with every take; who ends a row must carry it.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

import sqlalchemy as sa

from mailbot.ports import Conflict, StoreAway
from mailbot.ports.records import Arrival, Bookmark, InboxMail, InboxState
from mailbot.store.column import EPOCH, AnyRow
from mailbot.store.database import LEASE, Database, named_errors
from mailbot.store.dialect import insert_new, turn
from mailbot.store.inbox_row import COLUMNS, FREE, INLINE, read_pieces, row_of
from mailbot.store.schema import bookmarks, inbox, steps

#: A batch of this many bytes is full.
BATCH_BYTES = 16 * 1024 * 1024

_UNFINISHED = (InboxState.WAITING, InboxState.WORKING)

_BOOKMARK = sa.select(bookmarks).where(bookmarks.c.mailbox == sa.bindparam("name"))
_MOVE_BOOKMARK = sa.update(bookmarks).where(bookmarks.c.mailbox == sa.bindparam("name"))
_READY = (
    sa.select(inbox.c.id, inbox.c.attempts, inbox.c.size)
    .where(
        inbox.c.state.in_(_UNFINISHED),
        inbox.c.received_at <= sa.bindparam("until"),
        inbox.c.free_at <= sa.bindparam("now"),
    )
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(sa.bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    sa.update(inbox)
    .where(inbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=InboxState.WORKING,
        attempts=inbox.c.attempts + 1,
        fence=inbox.c.fence + 1,
        lease=sa.bindparam("holder", type_=sa.Text) + sa.cast(inbox.c.fence + 1, sa.Text),
        owner=sa.bindparam("by"),
        free_at=sa.bindparam("end"),
    )
)
_ROWS = (
    sa.select(*COLUMNS)
    .where(inbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(inbox.c.received_at, inbox.c.id)
)
_FIRST = sa.select(sa.func.min(inbox.c.received_at)).where(inbox.c.state.in_(_UNFINISHED))
_UNDER_LEASE = sa.update(inbox).where(
    inbox.c.id == sa.bindparam("row"), inbox.c.lease == sa.bindparam("held"), inbox.c.state == InboxState.WORKING
)
_FREE_ALL = (
    sa.update(inbox)
    .where(inbox.c.state == InboxState.WORKING)
    .values(state=InboxState.WAITING, lease="", owner="", free_at=EPOCH)
)
_FREE = _FREE_ALL.where(inbox.c.owner == sa.bindparam("dead"))
#: What is left of a mail whose content was taken out for good; the case's history says who did it, when and why.
REDACTED = b"Subject: (redacted)\n\nThe content of this mail was taken out for good.\n"

_STORED = sa.select(inbox.c.uid, inbox.c.size).where(
    inbox.c.source == sa.bindparam("from_"),
    inbox.c.uid_validity == sa.bindparam("validity"),
    inbox.c.uid > sa.bindparam("above"),
    inbox.c.uid <= sa.bindparam("upto"),
)


class InboxRows(Database):
    """Implements `mailbot.ports.Inbox` and the inbox part of `Store`."""

    def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        """Store the mails durably in one transaction with the bookmark; count those that are new."""
        rows = [row_of(arrival) for arrival in arrivals]
        large: dict[str, bytes] = {}
        for row, arrival in zip(rows, arrivals, strict=True):
            if len(arrival.raw) <= INLINE:
                row["raw"] = zlib.compress(arrival.raw)
            elif self.files is None:
                # Mostly attachments, which hardly become smaller: not worth seconds of a large mail.
                row["raw"] = zlib.compress(arrival.raw, level=1)
            else:
                large[str(row["sha256"])] = arrival.raw
        with self._keeping(large), self.writing() as connection:
            # The rows come back because PostgreSQL counts no rows of several.
            new = connection.execute(insert_new(connection, inbox).returning(inbox.c.id), rows).all() if rows else []
            if bookmark:
                _move(connection, bookmark)
        return len(new)

    def bookmark(self, mailbox: str) -> Bookmark | None:
        """Return how far the mailbox was read, None if never."""
        with self.reading() as connection:
            row = connection.execute(_BOOKMARK, {"name": mailbox}).mappings().first()
        return Bookmark(**row) if row else None

    def stored(self, source: str, uid_validity: int, *, above: int, upto: int) -> Mapping[int, int]:
        """Return the UIDs between two of a source's mails that are in the inbox, with the bytes that were kept."""
        these = {"from_": source, "validity": uid_validity, "above": above, "upto": upto}
        with self.reading() as connection:
            return {row.uid: row.size for row in connection.execute(_STORED, these)}

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Hold the right to decide, alone among all nodes; False when another one has it just now.

        Who has it frees what a node had in hand that died or stands still: nothing is decided ahead of that.
        """
        with ExitStack() as held:
            with named_errors():
                mine = held.enter_context(turn(self.engine))
            if mine and self.nodes:
                with self.writing() as connection:
                    connection.execute(_FREE_ALL)
            try:
                yield mine
            finally:
                with named_errors():
                    held.close()

    def lease_mails(self, *, until: datetime, now: datetime, limit: int) -> Sequence[AnyRow]:
        """Lease mails that wait, oldest first, and return their rows; one that was attempted before comes alone."""
        with self.writing() as connection:
            ready = connection.execute(_READY, {"until": until, "now": now, "at_most": limit}).all()
            ids = _batch(ready)
            if not ids:
                return []
            connection.execute(_TAKE, {"ids": ids, "holder": f"{self.owner}#", "by": self.owner, "end": now + LEASE})
            again = [row.id for row in ready if row.id in ids and row.attempts]
            if again:
                connection.execute(
                    sa.insert(steps), [{"at": now, "inbox_id": number, "what": "taken up again"} for number in again]
                )
            return connection.execute(_ROWS, {"ids": ids}).all()

    def first_waiting(self, now: datetime) -> datetime | None:  # noqa: ARG002 - a lease's end changes nothing here
        """Return when the oldest mail that still waits, or is being worked on, arrived."""
        with self.reading() as connection:
            first: datetime | None = connection.execute(_FIRST).scalar()
        return first

    def give_back(self, mail: InboxMail, *, counted: bool = True) -> None:
        """Free the lease of a mail whose work failed; a lease that is lost already is no matter."""
        attempts = mail.attempts if counted else mail.attempts - 1
        values = {"state": InboxState.WAITING, "attempts": attempts, **FREE}
        with self.writing() as connection:
            connection.execute(_UNDER_LEASE, {"row": mail.id, "held": mail.lease, **values})

    def raw(self, inbox_id: int) -> bytes:
        """Return the bytes of a mail as they came. Raises KeyError."""
        with self.reading() as connection:
            row = connection.execute(sa.select(*COLUMNS).where(inbox.c.id == inbox_id)).first()
            if row is None:
                raise KeyError(inbox_id)
            return self.bytes_of(row, connection)

    def sweep(self) -> int:
        """Remove files of large mails that no row names; return how many."""
        if self.files is None:
            return 0
        with self.reading() as connection:
            return self.files.sweep(
                lambda sha256: (
                    connection.execute(
                        sa.select(inbox.c.id).where(inbox.c.sha256 == sha256, inbox.c.raw.is_(None)).limit(1)
                    ).first()
                    is not None
                )
            )

    def bytes_of(self, row: AnyRow, connection: sa.Connection | None = None) -> bytes:
        """Return the bytes that a row of `COLUMNS` holds or names.

        `connection` is the one that is open, if there is one. Raises OSError when its file is gone, zlib.error.
        """
        if row.raw is not None:
            return zlib.decompress(row.raw)
        if self.files is not None and not row.inline:
            return self.files.read(row.sha256)
        if connection is not None:
            return read_pieces(connection, row.id)
        with self.reading() as own:
            return read_pieces(own, row.id)

    def free(self, owner: str, *, counted: bool = True) -> int:
        """Give back at once what a dead worker of this name had leased; return how many mails.

        What is not `counted` was no attempt: the whole daemon died, which no mail can be blamed for.
        """
        give = _FREE if counted else _FREE.values(attempts=inbox.c.attempts - 1)
        with self.writing() as connection:
            freed: int = connection.execute(give, {"dead": owner}).rowcount
        return freed

    @contextmanager
    def _keeping(self, large: Mapping[str, bytes]) -> Iterator[None]:
        """Have the large mails on the disk, and the sweeper away, while their rows are written."""
        if self.files is None or not large:
            yield
            return
        try:
            with self.files.adding():
                for sha256, raw in large.items():
                    self.files.add(sha256, raw)
                yield
        except OSError as error:
            raise StoreAway(str(error)) from error


def end_row(connection: sa.Connection, mail: InboxMail, values: Mapping[str, object]) -> None:
    """End the mail's row under its lease. Raises Conflict when the lease was lost."""
    ended = connection.execute(_UNDER_LEASE, {"row": mail.id, "held": mail.lease, **FREE, **values})
    if ended.rowcount != 1:
        raise Conflict(f"mail {mail.id} is not leased to {mail.lease} any more")


def take_out(connection: sa.Connection, number: int) -> None:
    """Replace the bytes of a mail, by whatever way it came, with a line that says so; its file is swept later."""
    sha256 = connection.execute(sa.select(inbox.c.sha256).where(inbox.c.id == number)).scalar_one()
    values = {
        "raw": zlib.compress(REDACTED),
        "size": len(REDACTED),
        "sha256": hashlib.sha256(REDACTED).hexdigest(),
        "subject": "",
    }
    connection.execute(sa.update(inbox).where(inbox.c.sha256 == sha256).values(**values))


def _batch(ready: Sequence[AnyRow]) -> list[int]:
    """Choose from the mails that are ready, oldest first, what one worker may take at once."""
    taken: list[int] = []
    size = 0
    for row in ready:
        size += row.size
        # What was attempted before may be what killed the worker: it takes nothing else down with it.
        if taken and (row.attempts or size > BATCH_BYTES):
            break
        taken.append(row.id)
        if row.attempts:
            break
    return taken


def _move(connection: sa.Connection, bookmark: Bookmark) -> None:
    place = {"uid_validity": bookmark.uid_validity, "uid": bookmark.uid}
    if not connection.execute(_MOVE_BOOKMARK, {"name": bookmark.mailbox, **place}).rowcount:
        connection.execute(insert_new(connection, bookmarks), {"mailbox": bookmark.mailbox, **place})
