"""How the loops wake each other and hear signals: a datagram socket per loop in the state folder.

A ring is a hint, never the only way: a loop that missed one looks again after a bounded wait. Ringing never waits and
never fails, whether or not anybody is there.
"""

import contextlib
import os
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

#: Where the sockets lie in the state folder.
SOCKETS = "run"


class Doorbell:
    """The bell at one loop's door."""

    def __init__(self, folder: Path, name: str) -> None:
        """Hang the bell up in the state folder; an old one of a loop that is gone is taken down."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(0)
        (folder / SOCKETS).mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / SOCKETS / name).unlink(missing_ok=True)
        with _short(folder) as path:
            self._socket.bind(f"{path}/{name}")

    def wait(self, seconds: float, *others: int) -> None:
        """Return when somebody rings, one of the other descriptors has something, or the time is over."""
        select.select([self._socket.fileno(), *others], [], [], max(0.0, seconds))
        with contextlib.suppress(BlockingIOError):
            # One visit answers all who rang meanwhile.
            while self._socket.recv(16):
                pass

    def close(self) -> None:
        """Take the bell down."""
        self._socket.close()


def ring(folder: Path, name: str) -> None:
    """Ring at a loop's door."""
    visitor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    visitor.settimeout(0)
    # Nobody at home, or so many rings that the box is full: the loop looks by itself soon.
    with visitor, contextlib.suppress(OSError), _short(folder) as path:
        visitor.sendto(b"!", f"{path}/{name}")


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Give a path to the sockets' folder that fits: unix(7) allows 108 bytes, state folders may be deeper."""
    descriptor = os.open(folder / SOCKETS, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


class Signals:
    """What the operator or the supervisor asked by signal: end (TERM, INT) or reload (HUP)."""

    def __init__(self, *, interruptible: bool = True) -> None:
        """Take the signals over, in the main thread.

        A loop under a supervisor is not interruptible: Ctrl+C reaches the whole group, and the supervisor tells it.
        """
        self.stopping = False
        self._reload = False
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._hear)
        if not interruptible:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when a signal comes."""
        return self._reader.fileno()

    def drain(self) -> None:
        """Forget which signals made the descriptor readable."""
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(256):
                pass

    def reload_wanted(self) -> bool:
        """Was a reload asked for since the last time?"""
        wanted, self._reload = self._reload, False
        return wanted

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self.stopping = True
        elif number == signal.SIGHUP:
            self._reload = True
