"""What the shell's commands work with: the store and the desk as the configuration names them, opened and closed again.

Constructs adapters, as `app` does for the daemon; starts no loop and takes no lease. What cannot be opened is a fault
with its file and key.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.clock import SystemClock
from mailbot.config import Config
from mailbot.faults import Fault, Faults
from mailbot.people import Desk
from mailbot.ports import Clock, HistoryLine
from mailbot.process import Process
from mailbot.process_file import load_process
from mailbot.store.codec import printed
from mailbot.store.sql import SqlStore, open_store
from mailbot.store.upgrade import SchemaUnknown
from mailbot.wake import ring

#: From before any mail to after every mail.
ALL_TIME = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """An open store, and the desk whose cases lie in it."""

    config: Config
    desk: Desk
    process: Process
    store: SqlStore
    clock: Clock = field(default_factory=SystemClock)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people of this desk tell the time."""
        return ZoneInfo(self.desk.timezone)

    def printed(self, line: HistoryLine) -> Mapping[str, Any]:
        """Return a line of history as the contract prints it."""
        return printed(line, self.desk.tag)

    def account(self) -> Mapping[str, int]:
        """Count every mail there is by how it ended."""
        return self.store.account(*ALL_TIME)

    def ring(self, loop: str) -> None:
        """Wake a loop of the daemon, `work` or `send`, if one is there: what was changed is for it."""
        ring(self.config.store.folder, loop)


@contextmanager
def open_shell(config: Config) -> Iterator[Shell]:
    """Open the store, and the process by which its cases are read. Raises Faults, StoreAway."""
    try:
        process = load_process(config.desk.process)
    except OSError as error:
        raise Faults(
            [_fault(config, "desk.process", f"{config.desk.process} cannot be read: {error.strerror}")]
        ) from None
    store = open_configured(config)
    try:
        yield Shell(config=config, desk=config.outside(), process=process, store=store)
    finally:
        store.close()


def open_configured(config: Config, *, owner: str = "") -> SqlStore:
    """Open the store that the configuration names; `owner` takes leases. Raises Faults, StoreAway."""
    try:
        # What lies there are other people's mails.
        config.store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_store(config.database_url(), config.store.folder, owner=owner)
    except OSError as error:
        wrong = f"{config.store.folder} cannot be made: {error.strerror}; name a folder that mailbot may write to"
        raise Faults([_fault(config, "store.folder", wrong)]) from None
    except SchemaUnknown as unknown:
        raise Faults([_fault(config, "store.url", str(unknown))]) from None


def _fault(config: Config, key: str, wrong: str) -> Fault:
    return Fault(file=str(config.file), key=key, wrong=wrong)
