"""The SQL store: one class that is the inbox, the store and the outbox, and how to open one.

SQLite is the default, PostgreSQL another URL. Everything it does stands in the modules that it is composed of.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from mailbot.decision import Happened
from mailbot.event import AddressCleared
from mailbot.ports.records import Commit, InboxMail, InboxState
from mailbot.store.absences import Absences
from mailbot.store.addresses import Addresses
from mailbot.store.backup import Backups
from mailbot.store.bundles import Bundles
from mailbot.store.cases import CaseRows
from mailbot.store.column import AnyRow
from mailbot.store.commit import Commits
from mailbot.store.counting import Counts
from mailbot.store.database import named_errors
from mailbot.store.dialect import keeps_large_mails, make_engine
from mailbot.store.digests import Digests
from mailbot.store.finding import Findings
from mailbot.store.inbox_row import mail_of
from mailbot.store.lookup import Lookups
from mailbot.store.queue import Quarantine, Queue
from mailbot.store.rawfile import RawFiles
from mailbot.store.recall import Recalls
from mailbot.store.trace import Traces
from mailbot.store.upgrade import is_there, upgrade
from mailbot.store.verify import Verification

#: Why bytes that once were durable cannot be had: their file is gone or the disk fails, or they are not what they were.
UNREADABLE = (OSError, zlib.error)


class SqlStore(
    Quarantine,
    CaseRows,
    Counts,
    Findings,
    Lookups,
    Absences,
    Addresses,
    Digests,
    Bundles,
    Queue,
    Commits,
    Recalls,
    Traces,
    Verification,
    Backups,
):
    """Implements `mailbot.ports.Store`, `Inbox` and `Outbox`."""

    def claim_mails(self, *, until: datetime, now: datetime, limit: int) -> Sequence[InboxMail]:
        """Lease mails that wait, oldest first; one that was attempted before comes alone.

        A mail whose bytes cannot be read is set aside, so that it keeps no other waiting.
        """
        while rows := self.lease_mails(until=until, now=now, limit=limit):
            if mails := [mail for row in rows if (mail := self._whole(row, now))]:
                return mails
        return []

    def _whole(self, row: AnyRow, now: datetime) -> InboxMail | None:
        try:
            return mail_of(row, self.bytes_of(row))
        except UNREADABLE as error:
            self.set_aside(mail_of(row, b""), InboxState.QUARANTINED, f"unreadable: {error}", now)
            return None

    def deliver(self, address: str, now: datetime) -> bool:
        """Write to an address again that letters did not reach; False where nothing keeps them from it."""
        if address not in self.standings([address]):
            return False
        cleared = AddressCleared(at=now, to=address, reason="whoever runs the desk says so")
        self.commit(Commit(at=now, cause="deliver", happened=(Happened(case=None, event=cleared),)))
        return True

    def commit(self, commit: Commit) -> None:
        """Store one decision whole; the file of a large mail that was redacted goes with it."""
        super().commit(commit)
        if commit.redacted:
            self.sweep()

    def free(self, owner: str, *, counted: bool = True) -> int:
        """Give back at once what a dead worker of this name had leased, so that the next one need not wait for it."""
        return super().free(owner, counted=counted) + self.free_letters(owner)


def open_store(url: str, folder: Path, *, owner: str = "") -> SqlStore:
    """Open the store and bring its tables to this version; beside SQLite large mails lie under `folder`.

    `owner` names the worker that takes leases, such as `work`. Raises SchemaUnknown for a newer store or a database
    that cannot hold one, StoreRefused where we are not let in, StoreAway when it cannot be reached or written.
    """
    files = None if keeps_large_mails(url) else RawFiles(folder / "raw")
    return _opened(SqlStore(make_engine(url), files, owner))


def has_tables(url: str) -> bool:
    """Look whether there is a store in the database. Raises SchemaUnknown where none can be made, StoreAway."""
    engine = make_engine(url)
    try:
        with named_errors(), engine.connect() as connection:
            return is_there(connection)
    finally:
        engine.dispose()


def open_scratch() -> SqlStore:
    """Open an empty store in memory, for a rehearsal: the same statements, gone with the process."""
    return _opened(SqlStore(make_engine("sqlite://", synchronous="OFF"), None, "rehearsal"))


def _opened(store: SqlStore) -> SqlStore:
    try:
        with store.writing() as connection:
            upgrade(connection)
    except BaseException:
        store.close()
        raise
    return store
