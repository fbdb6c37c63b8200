"""A thread that works on its own, looked after from outside: woken, freed from what hangs, begun anew when it died."""

import os
import select
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import structlog

from mailbot.clock import monotonic

log = structlog.get_logger("mailbot.worker")

#: Seconds without a sign of life, rests aside, after which a worker is cut off from what it waits for; and how long
#: it may take to come to itself after that.
SILENCE, GRACE = 300.0, 60.0


class Work(Protocol):
    """What a worker does."""

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""

    def cut(self) -> None:
        """End what it waits for just now. For any thread."""


W = TypeVar("W", bound=Work)


class Worker(Generic[W]):
    """One thread and its work; the work rests by `wait` and shows that it lives by `alive`."""

    def __init__(self, name: str, make: "Callable[[Worker[W]], W]", now: Callable[[], float] = monotonic) -> None:
        """`make` gives the work, again after a death; `now` counts seconds."""
        self._name = name
        self._make = make
        self._now = now
        self._stop = threading.Event()
        #: Readable while somebody has rung.
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._work = make(self)
        self._thread: threading.Thread | None = None
        #: When it last gave a sign of life; while it rests it need not.
        self._lived = 0.0
        self._resting = False
        self._cut = False

    def start(self) -> None:
        """Begin."""
        self._lived, self._resting, self._cut = self._now(), False, False
        self._thread = threading.Thread(target=self._work.run, args=(self._stop,), name=self._name, daemon=True)
        self._thread.start()

    def well(self) -> bool:
        """Look after it; return False when only the end of the process would help."""
        if self._thread is None or not self._thread.is_alive():
            log.error(
                "worker-died", worker=self._name, alarm=f"{self._name} ended by a fault in mailbot; it is begun anew"
            )
            self._work = self._make(self)
            self.start()
            return True
        silent = 0.0 if self._resting else self._now() - self._lived
        if silent <= SILENCE:
            self._cut = False
            return True
        if not self._cut:
            log.warning("worker-silent", worker=self._name, seconds=round(silent))
            self._cut = True
            self._work.cut()
        return silent <= SILENCE + GRACE

    def tell(self, what: Callable[[W], None]) -> None:
        """Do something with the work, and let it end its rest."""
        what(self._work)
        os.eventfd_write(self._bell, 1)

    def stop(self, timeout: float) -> None:
        """End it: first by word, after half of the time by force. Seconds."""
        self._stop.set()
        os.eventfd_write(self._bell, 1)
        if self._thread is not None:
            self._thread.join(timeout / 2)
            if self._thread.is_alive():
                self._work.cut()
                self._thread.join(timeout / 2)

    def alive(self) -> None:
        """Give a sign of life."""
        self._lived = self._now()

    def wait(self, seconds: float, *descriptors: int) -> None:
        """Rest so long, until one of the descriptors has something, or until somebody rings or stops it."""
        poll = select.poll()
        for descriptor in (self._bell, *descriptors):
            poll.register(descriptor, select.POLLIN)
        self._resting = True
        try:
            ready = poll.poll(seconds * 1000)
        finally:
            self._lived, self._resting = self._now(), False
        if any(descriptor == self._bell for descriptor, _ in ready) and not self._stop.is_set():
            os.eventfd_read(self._bell)
