"""Kills, full disks and company: what was said to be durable is there, and nothing is there by half."""

import errno
import multiprocessing
import os
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailbot.ports import StoreAway
from mailbot.ports.records import Bookmark, OutboxState
from mailbot.store import dialect
from mailbot.store.backup import restore
from mailbot.store.directory import DirectoryFile
from mailbot.store.sql import SqlStore, open_store
from tests.store import workers
from tests.store.values import MINUTE, NOON, arrival, evolve, opening

KILLS = 20
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.store.workers"])


@contextmanager
def child(work: Any, *arguments: Any):
    """Run a worker beside us; yield it and the end of the pipe on which it tells what it did."""
    ours, its = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(*arguments, its))
    process.start()
    its.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def told(ledger: Any):
    """Everything that the child had said when it died."""
    try:
        while True:
            yield ledger.recv()
    except EOFError:
        return


def test_twenty_kills_lose_nothing_and_leave_nothing_half_done(address: str, tmp_path: Path):
    chance = random.Random(2525)
    said = []
    for turn in range(KILLS):
        with child(workers.ingest_work_and_send, address, tmp_path, str(turn)) as (process, ledger):
            said.append(ledger.recv())
            said += [ledger.recv() for _ in range(chance.randrange(40))]
            # Not always right after a word of the child's.
            ledger.poll(chance.random() / 300)
            os.kill(process.pid, signal.SIGKILL)
            said += told(ledger)
    store = workers.opened(tmp_path, "work", address)
    assert store.verify(evolve) == []
    with store.reading() as connection:
        rows = connection.exec_driver_sql('SELECT digest, state, ending, "case" FROM inbox').all()
        letters = {row.id: row.state for row in connection.exec_driver_sql("SELECT id, state FROM outbox")}
    stored = Counter(row.digest for row in rows)
    received = [digest for what, digests in said if what == "received" for digest in digests]
    assert len(received) > 3 * KILLS
    assert [digest for digest in received if stored[digest] != 1] == []
    cases = {row.digest: row.case for row in rows if row.ending}
    assert [told for what, told in said if what == "opened" and cases[told[0]] != told[1]] == []
    assert sorted(cases.values()) == list(range(1, store.next_number()))
    assert {letters[number] for what, number in said if what == "sent"} == {OutboxState.SENT}
    store.sweep()
    assert store.verify(evolve) == []
    assert list((tmp_path / "raw").glob("??/*.part")) == []
    store.close()


def test_two_processes_on_one_store_share_out_mails_and_numbers(address: str, tmp_path: Path):
    workers.opened(tmp_path, "", address).close()
    with (
        child(workers.contend, address, tmp_path, "left", 40) as (_, left),
        child(workers.contend, address, tmp_path, "right", 40) as (_, right),
    ):
        assert left.recv() >= 0
        assert right.recv() >= 0
    store = workers.opened(tmp_path, "", address)
    assert store.verify(evolve) == []
    assert [case.number for case in store.cases()] == list(range(1, 81))
    assert store.account(NOON, NOON + MINUTE)["new"] == 80
    store.close()


def test_a_full_disk_is_the_store_away_and_nothing_by_half(tmp_path: Path):
    with child(workers.fill_the_disk, tmp_path) as (_, ledger):
        kept, first = ledger.recv()
        assert kept > 0
        assert first
        same, second = ledger.recv()
        assert (same, bool(second)) == (kept, True)
        assert ledger.recv() == (kept + 1, "")
    store = workers.opened(tmp_path, "")
    assert store.verify(evolve) == []
    assert store.account(NOON, NOON + MINUTE)["received"] == kept + 1
    assert list((tmp_path / "raw").glob("??/*")) == []
    store.close()


def fails_with(number: int):
    def fail(*_: Any):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_large_mail_that_cannot_be_written_is_not_received(
    disk: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
):
    with monkeypatch.context() as patched:
        patched.setattr(os, call, fails_with(number))
        with pytest.raises(StoreAway):
            disk.receive([arrival(), arrival(raw=b"x" * 70_000)], Bookmark(mailbox="a", uid_validity=1, uid=1))
    assert disk.account(NOON, NOON + MINUTE)["received"] == 0
    assert disk.bookmark("a") is None
    assert list((tmp_path / "raw").glob("??/*")) == []
    assert disk.receive([arrival(), arrival(raw=b"x" * 70_000)]) == 2


def test_a_store_that_is_locked_too_long_is_away(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.05)
    store = open_store(url, tmp_path)
    with closing(sqlite3.connect(tmp_path / "mailbot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreAway, match="locked"):
            store.receive([arrival()])
        with pytest.raises(StoreAway, match="locked"):
            store.commit(opening(None))
        assert store.first_waiting(NOON) is None
        other.execute("ROLLBACK")
    assert store.receive([arrival()]) == 1
    store.close()


def test_a_backup_while_others_write_is_whole(tmp_path: Path):
    live = tmp_path / "live"
    live.mkdir()
    (tmp_path / "directory.json").write_text('{"people": {}}\n')
    with child(workers.ingest_work_and_send, "", live, "x") as (_, ledger):
        store = workers.opened(live, "")
        for turn in range(3):
            durable_before: list[Any] = []
            while len(durable_before) < 30:
                durable_before.append(ledger.recv())
            store.backup(tmp_path / "backup.tar", {"directory.json": tmp_path / "directory.json"})
            back = tmp_path / f"back-{turn}"
            restore(tmp_path / "backup.tar", back, back / "mailbot.db")
            copy = workers.opened(back, "")
            assert copy.verify(evolve) == []
            with copy.reading() as connection:
                digests = set(connection.exec_driver_sql("SELECT digest FROM inbox").scalars())
            assert {one for what, many in durable_before if what == "received" for one in many} <= digests
            assert (back / "directory.json").read_text() == '{"people": {}}\n'
            assert copy.receive([arrival("after")]) == 1
            copy.close()
        store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "back-0",
        "back-1",
        "back-2",
        "backup.tar",
        "directory.json",
        "live",
    ]


def test_twenty_kills_leave_the_directory_whole(tmp_path: Path):
    chance = random.Random(7)
    path = tmp_path / "directory.json"
    files = []
    for turn, count in enumerate((400, 3, 150)):
        files.append(tmp_path / f"{turn}.csv")
        lines = [f"p{n}@example.com,turn {turn}" for n in range(count)]
        files[-1].write_text("\n".join(["address,name", *lines]))
    DirectoryFile(path).import_csv(files[0])
    for _ in range(KILLS):
        with child(workers.rewrite_the_directory, path, files) as (process, ledger):
            for _ in range(chance.randrange(1, 6)):
                ledger.recv()
            ledger.poll(chance.random() / 100)
            os.kill(process.pid, signal.SIGKILL)
        people = DirectoryFile(path).load().people
        assert len(people) == 400
        # The first three people stand in each file: they are always all of one import.
        assert len({person.name for person in people[:3]}) == 1
        assert len({person.name for person in people[150:]}) == 1
