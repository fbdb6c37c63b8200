"""A consistent copy of a store while it is used, in one tar file, and back from it into an empty place.

The database is copied by SQLite itself, as of one instant; large mails never change once they lie there and are kept
from the sweeper meanwhile. A PostgreSQL database is backed up with its own tools. Never overwrites on the way back.
"""

import hashlib
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from types import MappingProxyType

from mailbot.faults import Fault, Faults
from mailbot.ports import StoreAway
from mailbot.store.database import Database, named_errors
from mailbot.store.durable import fsync_folder, sync_file

DATABASE = "store.db"
_MEMBER = re.compile(rf"{re.escape(DATABASE)}|raw/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})\.eml|files/[A-Za-z0-9_][\w.-]*")
_NOTHING: Mapping[str, Path] = MappingProxyType({})


class Backups(Database):
    """What `mailbot backup` does."""

    def backup(self, path: Path, files: Mapping[str, Path] = _NOTHING) -> None:
        """Write the store, and `files` by the names under which they come back, to a tar file that appears whole.

        Raises Faults for a database that is not SQLite, StoreAway when something cannot be read or written.
        """
        if self.engine.dialect.name != "sqlite":
            wrong = "only SQLite is copied; a PostgreSQL database is copied whole, mails and all, by pg_dump"
            raise Faults([Fault(file=str(path), key="", wrong=wrong)])
        large = self.files.adding() if self.files else nullcontext()
        with (
            named_errors(),
            tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".backup-") as scratch,
            large,
        ):
            copy = Path(scratch) / DATABASE
            self._copy(copy)
            whole = Path(scratch) / "backup.tar"
            with tarfile.open(whole, "w") as tar:
                tar.add(copy, DATABASE)
                for sha256, raw in self.files.all() if self.files else ():
                    tar.add(raw, f"raw/{sha256[:2]}/{sha256}.eml")
                for name, file in files.items():
                    tar.add(file, f"files/{name}")
            whole.chmod(0o600)
            sync_file(whole)
            whole.replace(path)
            fsync_folder(path.absolute().parent)

    def _copy(self, copy: Path) -> None:
        """Copy the database as it is at one instant; writers go on meanwhile."""
        with closing(sqlite3.connect(copy)) as target, self.engine.connect() as source:
            driver = source.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection), "make_engine gives SQLite its own driver"
            try:
                driver.backup(target)
            except sqlite3.Error as error:
                raise StoreAway(f"the copy cannot be written: {error}") from error
            # One file without companions: the copy is not written to any more.
            target.execute("PRAGMA journal_mode=DELETE")


def restore(archive: Path, folder: Path, database: Path, files: Mapping[str, Path] = _NOTHING) -> None:
    """Bring a backup back, all of it or nothing.

    The database becomes `database`. Large mails lie under `folder`, and so do the files that were backed up with it,
    but for those to which `files` gives another place.

    Raises Faults when something is already there or the backup is damaged; changes nothing then. OSError otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as scratch:
        staged = Path(scratch)
        faults = list(_unpack(archive, staged)) or list(_damage(archive, staged))
        places = _places(staged, folder, database, files)
        faults += [
            Fault(file=str(place), key="", wrong="is there already; restore into an empty folder")
            for place in (*places.values(), *_companions(database))
            if place.exists()
        ]
        if faults:
            raise Faults(faults)
        # The database last: without it the folder is no store yet, and a second try finds out by itself.
        for source, place in places.items():
            for file in (source, *source.rglob("*")):
                sync_file(file)
            shutil.move(source, place)
            fsync_folder(place.parent)


def _places(staged: Path, folder: Path, database: Path, files: Mapping[str, Path]) -> dict[Path, Path]:
    loose = {one: files.get(one.name, folder / one.name) for one in sorted((staged / "files").glob("*"))}
    raw = {staged / "raw": folder / "raw"} if (staged / "raw").is_dir() else {}
    return {**loose, **raw, staged / DATABASE: database}


def _companions(database: Path) -> Iterator[Path]:
    """Yield what an old database may have left beside: SQLite would read it into the new one."""
    yield from (database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal"))


def _unpack(archive: Path, staged: Path) -> Iterator[Fault]:
    """Write the members of the tar file, each a plain file with a name that we gave, into the staging folder."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() and _MEMBER.fullmatch(member.name) else None
                if file is None:
                    yield Fault(file=str(archive), key=member.name, wrong="does not belong into a backup of mailbot")
                    continue
                place = staged / member.name
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as out:
                    shutil.copyfileobj(file, out)
                place.chmod(0o600)
    except (tarfile.TarError, EOFError) as error:
        yield Fault(file=str(archive), key="", wrong=f"is no whole tar file: {error}")


def _damage(archive: Path, staged: Path) -> Iterator[Fault]:
    """Look whether what came out is what went in."""
    for path in staged.glob("raw/*/*.eml"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            yield Fault(file=str(archive), key=path.name, wrong="the bytes are not those of its name")
    if not (staged / DATABASE).is_file():
        yield Fault(file=str(archive), key=DATABASE, wrong="is missing: this is no backup of mailbot")
        return
    try:
        with closing(sqlite3.connect(staged / DATABASE)) as copy:
            answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        yield Fault(file=str(archive), key=DATABASE, wrong=f"is damaged: {answer}")
