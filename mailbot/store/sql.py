"""The SQL store: one class that is the inbox, the store and the outbox, and how to open one.

SQLite is the default, PostgreSQL another URL. Everything it does stands in the modules that it is composed of.
"""

from pathlib import Path

from mailbot.store.backup import Backups
from mailbot.store.cases import CaseRows
from mailbot.store.commit import Commits
from mailbot.store.dialect import make_engine
from mailbot.store.queue import Quarantine, Queue
from mailbot.store.rawfile import RawFiles
from mailbot.store.trace import Traces
from mailbot.store.upgrade import upgrade
from mailbot.store.verify import Verification


class SqlStore(Quarantine, CaseRows, Queue, Commits, Traces, Verification, Backups):
    """Implements `mailbot.ports.Store`, `Inbox` and `Outbox`."""

    def free(self, owner: str) -> int:
        """Give back at once what a dead worker of this name had leased, so that the next one need not wait for it."""
        return super().free(owner) + self.free_letters(owner)


def open_store(url: str, folder: Path, *, owner: str = "") -> SqlStore:
    """Open the store and bring its tables to this version; large mails lie under `folder`.

    `owner` names the worker that takes leases, such as `work`. Raises SchemaUnknown for a newer store, StoreAway when
    the database cannot be reached or written.
    """
    return _opened(SqlStore(make_engine(url), RawFiles(folder / "raw"), owner))


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
