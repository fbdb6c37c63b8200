"""What differs between the databases: with `postgres.py` the only place with words of one of them.

SQLite is made durable and serial here (WAL, `synchronous=FULL`, `BEGIN IMMEDIATE`); PostgreSQL does both by itself.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool

from mailbot.store import postgres

#: How long a writer waits for another one before the store counts as away.
BUSY_SECONDS = 10


def make_engine(url: str, *, synchronous: str = "FULL") -> sa.Engine:
    """Make an engine whose transactions are whole and, on SQLite, on the disk when `commit` returns."""
    written = partial(json.dumps, separators=(",", ":"), sort_keys=False)
    if sa.make_url(url).get_backend_name() != "sqlite":
        return postgres.make_engine(sa.make_url(url), written, BUSY_SECONDS)
    database = sa.make_url(url).database
    memory = database in {None, "", ":memory:"}
    if not memory and os.geteuid() == 0:
        _make_for_owner(Path(str(database)))
    # The driver's own transactions are off (isolation_level None): it would begin late, and a read that turns into
    # a write fails under load whatever the busy timeout says.
    engine = sa.create_engine(
        url,
        json_serializer=written,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        **({"poolclass": StaticPool} if memory else {}),
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _make_for_owner(file: Path) -> None:
    """Let a database that root makes belong to whom its folder belongs, or the service could not write into it.

    SQLite itself does the same for the files that it puts beside the database.
    """
    with suppress(FileExistsError, FileNotFoundError):
        folder = file.parent.stat()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        finally:
            os.close(descriptor)


def for_reading(engine: sa.Engine) -> sa.Engine:
    """Return the engine with transactions that see one instant and take no lock."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(reads=True)


def insert_new(connection: sa.Connection, table: sa.Table) -> Any:
    """Return an INSERT that passes over rows which a unique constraint already holds."""
    if connection.dialect.name == "postgresql":
        # Half a tenth of a second at every start, for those who have this database only.
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def lock_schema(connection: sa.Connection) -> None:
    """Let one process at a time look at the schema; on SQLite BEGIN IMMEDIATE did that."""
    if connection.dialect.name == "postgresql":
        postgres.lock_schema(connection)


def unfit(connection: sa.Connection) -> str:
    """Say why the tables cannot be made in this database, "" where they can."""
    return postgres.unfit(connection) if connection.dialect.name == "postgresql" else ""


@contextmanager
def turn(engine: sa.Engine) -> Iterator[bool]:
    """Hold the right to decide among all nodes on a database; on SQLite there is one node, which a lock sees to."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    with postgres.turn(engine) as mine:
        yield mine


def clock(connection: sa.Connection) -> datetime | None:
    """Return the instant at the database's machine, None where that is our own."""
    return postgres.clock(connection) if connection.dialect.name == "postgresql" else None


def keeps_large_mails(url: str) -> bool:
    """Do large mails lie in the database too? Where several nodes read them, they do: nodes share no folder."""
    return sa.make_url(url).get_backend_name() == "postgresql"


def check_integrity(connection: sa.Connection) -> list[str]:
    """Ask the database for its own faults; PostgreSQL checks as it reads."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    orphans = [
        f"{row[0]} row {row[1]} names a missing row of {row[2]}"
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    return [line for line in found if line != "ok"] + orphans
