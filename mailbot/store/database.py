"""A database and a folder for large mails, with the driver's errors turned into those of the ports.

Everything that the store does goes through `reading` and `writing`. Never decides what is read or written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from mailbot.ports import Conflict, StoreAway
from mailbot.store import postgres
from mailbot.store.dialect import clock, for_reading
from mailbot.store.rawfile import RawFiles

#: How long the lease of a mail holds; a worker that takes longer has lost it. Letters: `ports.patience`.
LEASE = timedelta(seconds=120)


class StoreRefused(StoreAway):
    """The database is there and lets us not in; says what an operator has to do about it."""


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn what the driver and the file system raise into StoreAway, StoreRefused and Conflict."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise Conflict(str(error.orig)) from error
    except (sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError):
        # Our own mistake: nobody should come back and try the same again.
        raise
    except sa.exc.TimeoutError as error:
        raise StoreAway(str(error)) from error
    except sa.exc.DBAPIError as error:
        if postgres.is_ours(error):
            raise
        if postgres.is_conflict(error):
            raise Conflict(str(error.orig)) from error
        if refused := postgres.refusal(error):
            raise StoreRefused(refused) from error
        # What a server says may have several lines; the first one says it.
        raise StoreAway(str(error.orig).partition("\n")[0]) from error
    except OSError as error:
        raise StoreAway(str(error)) from error


class Database:
    """An open store. `owner` names the worker that takes leases through it, such as `work`."""

    def __init__(self, engine: sa.Engine, files: RawFiles | None, owner: str) -> None:
        self.engine = engine
        #: None keeps every mail inside the database.
        self.files = files
        self.owner = owner
        #: May other nodes work on it too?
        self.nodes = engine.dialect.name == "postgresql"
        self._readers = for_reading(engine)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads."""
        with named_errors(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that holds the write lock from its start; whole when the block ends, or not at all."""
        with named_errors(), self.engine.begin() as connection:
            yield connection

    def ahead(self, now: datetime) -> timedelta:
        """Return how far the instant is ahead of the database's clock; nodes that differ decide in another order."""
        with self.reading() as connection:
            its = clock(connection)
        return now - its if its else timedelta()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()
