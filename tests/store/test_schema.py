"""Making and migrating the tables."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from mailbot.ports import StoreAway
from mailbot.store import schema
from mailbot.store.sql import SqlStore, open_store
from mailbot.store.upgrade import KNOWN, MIGRATIONS, SchemaUnknown
from tests.store.conftest import Opens
from tests.store.values import NOON, arrival


def test_the_migrations_make_the_tables_that_the_statements_use(shared: Opens):
    with shared("work").reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_newest_migration_is_the_one_that_the_store_expects():
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_current_head() == schema.REVISION
    assert {one.revision for one in script.walk_revisions()} == set(KNOWN)


def test_opening_again_changes_nothing(shared: Opens):
    shared("work").receive([arrival()])
    assert shared("again").first_waiting(NOON) == NOON


@pytest.mark.parametrize("new", ["url", "bare"])
def test_many_may_open_a_new_store_at_once(request: pytest.FixtureRequest, new: str, tmp_path: Path):
    address: str = request.getfixturevalue(new)
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: open_store(address, tmp_path), range(6)))
    assert sum(store.receive([arrival()]) for store in stores) == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize("new", ["url", "bare"])
def test_a_newer_schema_is_refused_and_left_alone(request: pytest.FixtureRequest, new: str, tmp_path: Path):
    address: str = request.getfixturevalue(new)
    store = open_store(address, tmp_path)
    store.receive([arrival()])
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(SchemaUnknown, match=r"schema 0999, this mailbot knows schemas up to 0009: run the mailbot"):
        open_store(address, tmp_path)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [("0999",)]
        assert connection.exec_driver_sql("SELECT count(*) FROM inbox").all() == [(1,)]
    store.close()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
def test_what_is_committed_is_on_the_disk(disk: SqlStore, pragma: Any, value: Any):
    with disk.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_writer_holds_the_write_lock_from_the_start(disk: SqlStore, tmp_path: Path):
    with disk.writing() as connection, closing(sqlite3.connect(tmp_path / "mailbot.db", timeout=0)) as other:
        connection.execute(sa.text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_a_reader_hinders_no_writer_and_sees_one_instant(shared: Opens):
    writer = shared("writer")
    with shared("reader").reading() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(schema.inbox)).scalar()
        assert writer.receive([arrival()]) == 1
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.inbox)).scalar() == before


@pytest.mark.parametrize(
    "make", [lambda _: None, lambda p: p.write_bytes(b"no database at all" * 99)], ids=["no folder", "no database"]
)
def test_a_store_that_cannot_be_opened_is_away(tmp_path: Path, make: Any):
    path = tmp_path / "mailbot.db"
    make(path)
    where = path if path.exists() else tmp_path / "missing" / "mailbot.db"
    with pytest.raises(StoreAway):
        open_store(f"sqlite:///{where}", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for somebody else")
def test_a_store_that_root_makes_belongs_to_whom_its_folder_belongs(tmp_path: Path):
    os.chown(tmp_path, 65534, 65533)
    store = open_store(f"sqlite:///{tmp_path}/mailbot.db", tmp_path)
    files = [path.stat() for path in tmp_path.iterdir() if path.is_file()]
    store.close()
    assert len(files) == 3
    assert {(file.st_uid, file.st_gid, file.st_mode & 0o777) for file in files} == {(65534, 65533, 0o600)}
