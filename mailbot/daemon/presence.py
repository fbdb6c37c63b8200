"""A loop as the outside sees it: its bell, the signals that reach it, its signs of life.

Every loop has the same outer shape: do what is due, give a sign of life, rest until somebody rings. Knows nothing of
what a loop does.
"""

from collections.abc import Mapping
from pathlib import Path

import structlog

from mailbot.daemon.notify_socket import INHERITED, Notifier
from mailbot.daemon.wake import Doorbell, Signals

log = structlog.get_logger("mailbot.daemon.loops")

#: The longest rest in seconds: a ring that was lost costs no more than this.
LONGEST_REST = 5.0
#: A rest after trouble, such as a store that is away.
TROUBLED_REST = 1.0


class Presence:
    """What one loop needs to be a good citizen."""

    def __init__(self, name: str, folder: Path, environ: Mapping[str, str]) -> None:
        """Hang up the bell and take over the signals; to be called in the main thread."""
        self.name = name
        self._notifier = Notifier.from_environment(environ)
        self._alone = INHERITED not in environ
        self._signals = Signals(interruptible=self._alone)
        self._bell = Doorbell(folder, name)
        # systemd asks for signs of life when the loop runs on its own; twice within its patience is its own advice.
        patience = self._notifier.watchdog_seconds
        self._longest = min(LONGEST_REST, patience / 2) if patience else LONGEST_REST

    @property
    def stopping(self) -> bool:
        """Was the end asked for?"""
        return self._signals.stopping

    def reload_wanted(self) -> bool:
        """Was a reload asked for since the last time?"""
        return self._signals.reload_wanted()

    def ready(self, status: str) -> None:
        """Say that the loop works."""
        self._notifier.ready(status)
        if self._alone:
            log.info("ready", status=status)

    def beat(self, status: str = "") -> None:
        """Give a sign of life, after work that was really done."""
        self._notifier.beat(status)

    def rest(self, seconds: float = LONGEST_REST) -> None:
        """Wait until somebody rings, a signal comes or the time is over; never longer than the longest rest."""
        if not self.stopping:
            self._bell.wait(min(seconds, self._longest), self._signals.fileno())
        self._signals.drain()

    def leave(self) -> None:
        """Say that the loop ends, and take the bell down."""
        self._notifier.stopping()
        self._bell.close()
