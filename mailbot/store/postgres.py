"""PostgreSQL as the store of several nodes: how to connect, what its refusals mean, and whose turn it is to decide.

It wants a database of its own, in UTF-8. What differs from SQLite is that several nodes write at once: every guard of a
commit is a statement that must change one row. A turn is a lock in a transaction, so the server takes it back the
moment its holder dies. Never reads or writes a table.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

#: Seconds that a connection may take to be made.
CONNECT = 5
#: Who stops for so many seconds within a transaction holds what others wait for: the server ends it, as a lease ends.
IDLE = 120
#: How long a node stands in line for the turn before it looks at its signals again, in seconds.
QUEUE = 1

#: Names of locks, each two numbers that no other program in the same database should take.
_SCHEMA, _TURN = "2525, 0", "2525, 1"

#: SQLSTATE: the transaction could not be put in line with others, or was one of a circle that waited for each other.
_CONFLICTS = frozenset({"40001", "40P01"})
#: SQLSTATE: somebody else holds the lock for longer than we wait.
_LOCKED = "55P03"
#: SQLSTATE, its class: a value that is too much for the database, however often it is tried.
_TOO_MUCH = "54"

#: How a connection is refused, in the words of the server or of its library, and what an operator does about it. What
#: is not here passes by itself: a server that is away, starts, stops, or has no room for another connection.
_REFUSALS = (
    ("password authentication failed", "put the right password into the file that store.password_file names"),
    ("no password supplied", "it wants a password: name the file that holds it in store.password_file"),
    ("authentication failed", "let this user come in from here, in the server's pg_hba.conf"),
    ("no pg_hba.conf entry", "let this user come in from here, in the server's pg_hba.conf"),
    ('role "', "make the user: createuser --pwprompt NAME"),
    ('database "', "make it: createdb --owner=USER --encoding=UTF8 --template=template0 NAME"),
)


def make_engine(url: sa.URL, written: Callable[[Any], str], busy: float) -> sa.Engine:
    """Make an engine that finds out before each use whether the server is still there, and waits for nothing for ever.

    `busy` is how long a writer waits for another one, in seconds.
    """
    options = (
        url.query.get("options", ""),
        f"-c lock_timeout={round(busy * 1000)}",
        f"-c idle_in_transaction_session_timeout={IDLE}s",
    )
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT,
        "application_name": "mailbot",
        # A machine that is gone says nothing: TCP finds out within half a minute instead of hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        **url.query,
        "options": " ".join(str(option) for option in options if option),
    }
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=written,
        pool_pre_ping=True,
        # The driver's buffers keep the size of the largest mail that went through them: as few of them as will do.
        pool_use_lifo=True,
        connect_args=settings,
    )
    _bound(engine)
    return engine


def _bound(engine: sa.Engine) -> None:
    """Let no connection wait for ever for a server that hangs."""
    # The driver costs a tenth of a second: only who has such a database pays for it.
    from mailbot.store.postgres_connection import PatientConnection, Server  # noqa: PLC0415

    server = Server()

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, words: Any, settings: Any) -> PatientConnection:
        connection = PatientConnection.connect(*words, **settings)
        connection.server = server
        return connection

    @sa.event.listens_for(engine, "checkin")
    def _as_before(connection: Any, _record: object) -> None:
        if connection is not None:
            connection.endless = False


def is_conflict(error: sa.exc.DBAPIError) -> bool:
    """Was somebody else faster, so that it should be tried anew?"""
    return _state(error) in _CONFLICTS


def is_ours(error: sa.exc.DBAPIError) -> bool:
    """Is it our own mistake, which no waiting mends?"""
    return _state(error).startswith(_TOO_MUCH)


def refusal(error: sa.exc.DBAPIError) -> str:
    """Say what an operator has to do about a connection that was refused; "" for what passes by itself."""
    said = str(error.orig)
    # What happens before there is a connection has no SQLSTATE.
    if _state(error) or "connection" not in said:
        return ""
    said = " ".join((said.partition("FATAL:")[2] or said.rpartition(": ")[2]).split())
    return next((f"{said}; {advice}" for words, advice in _REFUSALS if words in said), "")


def unfit(connection: sa.Connection) -> str:
    """Say why the tables cannot be made in this database, "" where they can."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        return f"the database is in {encoding}, which cannot hold every mail; make one with --encoding=UTF8"
    if not connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar():
        return "the user may not make tables in the database; make it the owner: ALTER DATABASE NAME OWNER TO USER"
    return ""


def lock_schema(connection: sa.Connection) -> None:
    """Let one process at a time look at the schema, until the end of the transaction, however long it takes."""
    driver: Any = connection.connection.driver_connection
    driver.endless = True
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA})")


@contextmanager
def turn(engine: sa.Engine) -> Iterator[bool]:
    """Hold the turn for the length of the block; False when another node has it and keeps it for a while."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{QUEUE}s'")
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
        except sa.exc.OperationalError as error:
            if _state(error) != _LOCKED:
                raise
            connection.rollback()
            mine = False
        else:
            mine = True
        yield mine


def clock(connection: sa.Connection) -> datetime:
    """Return the server's instant."""
    seconds: str = connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())::text").scalar_one()
    return datetime.fromtimestamp(float(seconds), UTC)


def _state(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
