"""Empty stores for tests: the migrations are run once in a process, each further store is a copy of the first.

What the migrations themselves do is looked at in `tests/store/test_schema.py`, on stores opened as the daemon does.
"""

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from mailbot.store.dialect import make_engine
from mailbot.store.sql import SqlStore, open_scratch


def scratch() -> SqlStore:
    """Open an empty store in memory, as `open_scratch` does."""
    engine = make_engine("sqlite://", synchronous="OFF")
    new = engine.raw_connection()
    _first().backup(_driver(new))
    new.close()
    return SqlStore(engine, None, "rehearsal")


def put_tables(file: Path) -> None:
    """Make the database of an empty store, which `open_store` then finds as it should be."""
    file.write_bytes(_first().serialize())


@cache
def _first() -> sqlite3.Connection:
    return _driver(open_scratch().engine.raw_connection())


def _driver(connection: Any) -> sqlite3.Connection:
    found = connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found
