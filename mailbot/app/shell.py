"""What the shell's commands work with: the store and the desk as the configuration names them, opened and closed again.

Starts no loop and takes no lease. What cannot be opened is a fault with its file and key.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.app.root import CLOCK, desk_of, known_to, process_of, store_of
from mailbot.config import Config
from mailbot.daemon.wake import ring
from mailbot.model import Case
from mailbot.people import Desk
from mailbot.ports import Clock
from mailbot.ports.records import HistoryLine
from mailbot.process import Process
from mailbot.rules.notice.reach import counts_still, is_stopped
from mailbot.standing import Standing
from mailbot.store.codec import printed
from mailbot.store.directory import DirectoryFile
from mailbot.store.sql import SqlStore

#: From before any mail to after every mail.
ALL_TIME = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """An open store, and the desk whose cases lie in it."""

    config: Config
    desk: Desk
    process: Process
    store: SqlStore
    clock: Clock = CLOCK

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people of this desk tell the time."""
        return ZoneInfo(self.desk.timezone)

    def printed(self, line: HistoryLine) -> Mapping[str, Any]:
        """Return a line of history as the contract prints it."""
        return printed(line, self.desk.tag)

    def standing(self, address: str, *, member: bool) -> Standing | None:
        """How mail to an address fared of late; None where every letter reached it, or what failed counts no more."""
        known, now = self.store.standings([address]).get(address), self.clock.now()
        if known is None or not counts_still(known, now):
            return None
        return known if is_stopped(known, now, member=member) else replace(known, stopped=None)

    def account(self) -> Mapping[str, int]:
        """Count every mail there is by how it ended."""
        return self.store.account(*ALL_TIME)

    def known(self, cases: Sequence[Case]) -> None:
        """Raise Faults where these cases stand on names that the process has no more: nothing can be told of them."""
        known_to(self.config, self.process, cases)

    def ring(self, loop: str) -> None:
        """Wake a loop of the daemon, `work` or `send`, if one is there: what was changed is for it."""
        ring(self.config.store.folder, loop)


@contextmanager
def open_shell(config: Config, environ: Mapping[str, str]) -> Iterator[Shell]:
    """Open the store, and the process by which its cases are read. Raises Faults, StoreAway."""
    process = process_of(config)
    store = store_of(config, environ, "shell")
    try:
        yield Shell(config=config, desk=desk_of(config, process), process=process, store=store)
    finally:
        store.close()


def directory_of(config: Config) -> DirectoryFile:
    """Make the directory's reader for an operator: what is broken is said, no older snapshot stands in for it."""
    return DirectoryFile(config.directory.file, roles=process_of(config).roles)
