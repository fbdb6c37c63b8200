"""psycopg's connection with an end to its patience: a server that hangs looks like one that thinks.

Its machine still acknowledges what we send, so TCP finds nothing, and its own time-outs hang with it. Only who names a
PostgreSQL database imports this.
"""

import math
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

#: Seconds without a byte from the server after which it hangs. Locks are waited for less long, and the work loop's sign
#: of life (`[limits] work_seconds`, 30) may be a little longer away.
ANSWER = 20.0
#: The same for a server that was found to hang and has said nothing since: nobody waits for it twice as long.
SILENT = 2.0
#: Seconds between two looks.
_LOOK = 0.25

T = TypeVar("T")


class Server:
    """What the connections of one store know of their server together."""

    def __init__(self) -> None:
        """Believed to answer."""
        self.silent = False


class PatientConnection(psycopg.Connection[Any]):
    """A connection that ends when its server says nothing for too long."""

    #: Shared with the others of the store.
    server: Server
    #: Is it to wait for ever? Bringing tables to a new version takes its time.
    endless: bool = False

    def wait(self, gen: PQGen[T], interval: float = _LOOK, timeout: float | None = None) -> T:
        """Do what the library waits for. Raises OperationalError, and the connection is closed then."""
        try:
            found = super().wait(self._watched(gen, interval), interval, timeout)
        except _Silence as silence:
            self.server.silent = True
            self.close()
            raise psycopg.OperationalError(str(silence)) from None
        self.server.silent = False
        return found

    def _watched(self, gen: PQGen[T], interval: float) -> PQGen[T]:
        """Pass on what the generator and the socket say to each other, and count how often there was nothing."""
        patience = self._patience()
        silent = 0.0
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                # 0 is what comes when nothing came.
                silent = 0.0 if ready else silent + interval
                if silent >= patience:
                    raise _Silence(f"the database server does not answer, for {patience:.0f} seconds")
                wanted = gen.send(ready)
        except StopIteration as done:
            value: T = done.value
            return value

    def _patience(self) -> float:
        if self.endless:
            return math.inf
        return SILENT if self.server.silent else ANSWER


class _Silence(Exception):
    """The server said nothing for too long."""
