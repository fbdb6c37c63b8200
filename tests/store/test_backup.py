"""Back from a backup: into an empty place, whole or not at all."""

import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mailbot.faults import Faults
from mailbot.ports import StoreAway
from mailbot.store.backup import restore
from mailbot.store.sql import SqlStore, open_scratch, open_store
from tests.store.values import NOON, arrival, evolve, opening, there

RAW = b"x" * 70_000


@pytest.fixture
def archive(disk: SqlStore, tmp_path: Path):
    disk.receive([arrival("one"), arrival(raw=RAW)])
    [mail, _] = disk.claim_mails(until=NOON, now=NOON, limit=2)
    disk.commit(opening(mail))
    (tmp_path / "people").write_text("the people")
    path = tmp_path / "backup.tar"
    disk.backup(path, {"directory.json": tmp_path / "people"})
    return path


def back(archive: Path, folder: Path, **files: Any):
    restore(archive, folder, folder / "mailbot.db", files)
    return open_store(f"sqlite:///{folder / 'mailbot.db'}", folder, owner="work")


def test_all_is_there_again(archive: Path, disk: SqlStore, tmp_path: Path):
    store = back(archive, tmp_path / "new")
    assert list(store.history()) == list(disk.history())
    assert store.raw(2) == RAW
    assert store.verify(evolve) == []
    assert (tmp_path / "new" / "directory.json").read_text() == "the people"
    assert list((tmp_path / "new").glob(".*")) == []
    store.close()


def test_a_file_comes_back_to_the_place_that_is_named(archive: Path, tmp_path: Path):
    restore(archive, tmp_path / "new", tmp_path / "elsewhere.db", {"directory.json": tmp_path / "directory.json"})
    assert (tmp_path / "directory.json").read_text() == "the people"
    assert (tmp_path / "elsewhere.db").is_file()


def test_a_backup_is_for_its_owner_only(archive: Path):
    assert archive.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["mailbot.db", "mailbot.db-wal", "raw", "directory.json"])
def test_nothing_is_overwritten(archive: Path, tmp_path: Path, name: str):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / name).write_text("mine")
    with pytest.raises(Faults, match=f"{name}: is there already; restore into an empty folder"):
        restore(archive, folder, folder / "mailbot.db")
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"


def members(archive: Path):
    with tarfile.open(archive) as tar:
        return {member.name: there(tar.extractfile(member)).read() for member in tar}


def rewritten(archive: Path, **changes: Any):
    """Write the archive anew with some members other or gone (None)."""
    kept = {**members(archive), **changes}
    with tarfile.open(archive, "w") as tar:
        for name, body in kept.items():
            if body is not None:
                info = tarfile.TarInfo(name)
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))


def large(archive: Path):
    return next(name for name in members(archive) if name.startswith("raw/"))


def clipped(archive: Path):
    archive.write_bytes(archive.read_bytes()[:5_000])


def broken_database(archive: Path):
    body = bytearray(members(archive)["store.db"])
    for page in range(4096, len(body), 4096):
        body[page : page + 64] = b"\xff" * 64
    rewritten(archive, **{"store.db": bytes(body)})


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        pytest.param(lambda a: a.write_bytes(b"no tar at all"), "is no whole tar file", id="no tar"),
        pytest.param(clipped, "is no whole tar file", id="cut short"),
        pytest.param(lambda a: rewritten(a, **{"store.db": None}), "store.db: is missing", id="no database"),
        pytest.param(
            lambda a: rewritten(a, **{"store.db": b"x" * 9000}), "store.db: is damaged", id="a file that is none"
        ),
        pytest.param(broken_database, "store.db: is damaged", id="a torn database"),
        pytest.param(
            lambda a: rewritten(a, **{large(a): b"other"}), "bytes are not those of its name", id="other bytes"
        ),
        pytest.param(lambda a: rewritten(a, **{"../evil": b"x"}), r"\.\./evil: does not belong", id="a way out"),
        pytest.param(lambda a: rewritten(a, **{"files/../../evil": b"x"}), "does not belong", id="a longer way out"),
        pytest.param(lambda a: rewritten(a, **{"/tmp/evil": b"x"}), "does not belong", id="a place of its own"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_nothing(archive: Path, tmp_path: Path, harm: Any, fault: str):
    harm(archive)
    folder = tmp_path / "new"
    with pytest.raises(Faults, match=fault):
        restore(archive, folder, folder / "mailbot.db")
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_a_link_in_a_backup_is_refused(archive: Path, tmp_path: Path):
    with tarfile.open(archive, "a") as tar:
        info = tarfile.TarInfo("files/link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(Faults, match="files/link: does not belong"):
        restore(archive, tmp_path / "new", tmp_path / "new" / "mailbot.db")


def test_a_backup_that_cannot_be_written_leaves_the_older_one(
    disk: SqlStore, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = archive.read_bytes()

    def fail(*_: Any, **__: Any):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "add", fail)
    with pytest.raises(StoreAway, match="No space left"):
        disk.backup(archive)
    assert archive.read_bytes() == before
    assert list(tmp_path.glob(".backup-*")) == []


def test_a_backup_into_a_folder_that_is_not_there_is_refused(disk: SqlStore, tmp_path: Path):
    with pytest.raises(StoreAway, match="missing"):
        disk.backup(tmp_path / "missing" / "backup.tar")


def test_a_store_in_memory_can_be_backed_up_too(tmp_path: Path):
    scratch: SqlStore = open_scratch()
    scratch.receive([arrival(raw=RAW)])
    scratch.backup(tmp_path / "backup.tar")
    scratch.close()
    store = back(tmp_path / "backup.tar", tmp_path / "new")
    assert store.raw(1) == RAW
    store.close()


def test_the_copy_is_one_file_without_companions(archive: Path, tmp_path: Path):
    restore(archive, tmp_path / "new", tmp_path / "new" / "mailbot.db")
    with closing(sqlite3.connect(tmp_path / "new" / "mailbot.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["directory.json", "mailbot.db", "raw"]
