"""Telling who supervises us how we are: systemd's notification protocol (sd_notify(3)), without a library.

The supervisor of `mailbot run` speaks the same protocol with its loops, over an inherited socket, so that a loop need
not know whether systemd or the supervisor listens. Telling never fails and never waits: a supervisor that is gone or
slow must not stop the work.
"""

import os
import socket
from collections.abc import Mapping

#: The number of the inherited socket by which a loop speaks to mailbot's own supervisor.
INHERITED = "MAILBOT_NOTIFY_FD"


class Notifier:
    """One end of the conversation; without a listener it says nothing."""

    def __init__(self, listener: socket.socket | None, watchdog_seconds: float = 0) -> None:
        """`watchdog_seconds` is how long the listener waits for a sign of life, 0 when it does not."""
        self._listener = listener
        self.watchdog_seconds = watchdog_seconds
        self._status = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Notifier":
        """Connect to whoever supervises this process, as the environment says."""
        if number := environ.get(INHERITED):
            listener = socket.socket(fileno=int(number))
            os.set_inheritable(listener.fileno(), False)  # noqa: FBT003 - its only parameter
            listener.settimeout(0)
            return cls(listener)
        if not (address := environ.get("NOTIFY_SOCKET")):
            return cls(None)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        listener.settimeout(0)
        try:
            # sd_notify(3): an address that begins with @ is in the abstract namespace.
            listener.connect("\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            listener.close()
            return cls(None)
        meant_for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        microseconds = int(environ.get("WATCHDOG_USEC", "0")) if meant_for_us else 0
        return cls(listener, microseconds / 1e6)

    @property
    def heard(self) -> bool:
        """Is anybody listening?"""
        return self._listener is not None

    def ready(self, status: str) -> None:
        """Say that everything that was asked for is running."""
        self._tell("READY=1", f"STATUS={status}")

    def beat(self, status: str = "") -> None:
        """Give a sign of life after real work, with a new status if it changed."""
        if status and status != self._status:
            self._status = status
            self._tell("WATCHDOG=1", f"STATUS={status}")
        else:
            self._tell("WATCHDOG=1")

    def stopping(self, status: str = "stopping") -> None:
        """Say that the end has begun."""
        self._tell("STOPPING=1", f"STATUS={status}")

    def close(self) -> None:
        """Say nothing any more."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _tell(self, *assignments: str) -> None:
        if self._listener is None:
            return
        try:
            self._listener.send("\n".join(assignments).encode())
        except OSError:
            # Nobody reads any more, or not now; the next sign of life says the same.
            return


def heard(datagram: bytes) -> Mapping[str, str]:
    """Read what was told: variable to value."""
    lines = datagram.decode(errors="replace").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
