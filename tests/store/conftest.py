"""The stores that every test of the ports runs against."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.store.schema import metadata
from mailbot.store.sql import SqlStore, open_store
from tests.scratch import put_tables, scratch
from tests.servers.postgres import Postgres

#: Where a store may lie that several processes open.
SHARED = ("sqlite", "postgresql")


#: Empties the tables as a new store has them: a tenth of the time of a database of one's own.
EMPTY = "; ".join(
    (
        "SET lock_timeout = '10s'",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),  # noqa: S608 - our own names
        "INSERT INTO counters VALUES ('case', 0)",
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    )
)


@pytest.fixture(scope="session")
def tables(postgres: Postgres) -> str:
    """The name of a database that is used by one test after the other."""
    name = postgres.create()
    open_store(postgres.url(name), Path(name)).close()
    return name


@pytest.fixture
def database(postgres: Postgres, tables: str) -> Iterator[str]:
    """The address of a PostgreSQL database with empty tables."""
    yield postgres.url(tables)
    postgres.tell(EMPTY, tables)


@pytest.fixture
def bare(postgres: Postgres) -> Iterator[str]:
    """The address of a PostgreSQL database with nothing in it."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of an SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'mailbot.db'}"


@pytest.fixture
def file(url: str, tmp_path: Path) -> str:
    """The address of an SQLite database with empty tables."""
    put_tables(tmp_path / "mailbot.db")
    return url


@pytest.fixture(params=["sqlite", "scratch", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """A store of each kind."""
    opened = scratch() if request.param == "scratch" else open_store(_address(request), tmp_path, owner="work")
    yield opened
    opened.close()


@pytest.fixture
def disk(file: str, tmp_path: Path) -> Iterator[SqlStore]:
    """A store on the disk."""
    opened = open_store(file, tmp_path, owner="work")
    yield opened
    opened.close()


@pytest.fixture(params=SHARED)
def address(request: pytest.FixtureRequest) -> str:
    """Where a store lies that several processes have open, each kind that there is."""
    return _address(request)


#: Opens a store that is always the same one, as the process that is named.
Opens = Callable[[str], SqlStore]


@pytest.fixture
def shared(address: str, tmp_path: Path) -> Iterator[Opens]:
    """A store that several processes have open."""
    opened: list[SqlStore] = []

    def opens(owner: str) -> SqlStore:
        opened.append(open_store(address, tmp_path, owner=owner))
        return opened[-1]

    yield opens
    for store in opened:
        store.close()


def _address(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("database" if request.param == "postgresql" else "file"))
