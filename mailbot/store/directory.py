"""The people of the desk in a TinyDB document that an operator may open, edit, compare and back up.

Small and read mostly: it is loaded whole, checked row by row, and replaced whole and durably under a lock. A broken
edit keeps the last good directory and raises an alarm. What the daemon learns never stands here.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import Storage
from tinydb.table import Document

from mailbot.faults import Fault, Faults
from mailbot.people import Directory, Organisation, Person
from mailbot.store.directory_csv import read_csv, write_csv
from mailbot.store.directory_organisation import organisations
from mailbot.store.directory_row import check_row, document, doubles, row_faults
from mailbot.store.durable import write_durably

#: The table of the people in the document; other tables are left as they are.
PEOPLE = "people"


class WholeFile(Storage):
    """TinyDB's storage as a file that is replaced whole: its own rewrites in place and can leave half a document."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the document, None where there is no file yet. Raises Faults when it is no JSON of tables."""
        try:
            return read_document(self._path.read_bytes(), str(self._path))
        except FileNotFoundError:
            return None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file durably; it keeps its mode. Raises OSError, and then the old file is untouched."""
        mode = self._path.stat().st_mode & 0o777 if self._path.exists() else 0o644
        body = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        write_durably(self._path, body.encode(), mode)


class DirectoryFile:
    """Implements `mailbot.ports.People` on a `directory.json`."""

    def __init__(
        self,
        path: Path,
        *,
        roles: Collection[str] = (),
        alarm: Callable[[str], None] = lambda _: None,
        keep: Callable[[str, str], None] = lambda _version, _body: None,
        last: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Name the file and who else is concerned.

        `roles` are those that the process declares; `alarm` is told once of each broken edit; `keep` gets the version
        and the text of each new snapshot before it is used; `last` gives the text of the last one that was, for a start
        on a broken file.
        """
        self._path = path
        self._roles = frozenset(roles)
        self._alarm = alarm
        self._keep = keep
        self._last = last
        self._good: Directory | None = None
        #: What was looked at last, good or broken.
        self._seen: tuple[int, int, int] | None = None
        self._digest = ""

    def load(self) -> Directory:
        """Return the latest good snapshot. Raises Faults when there never was one."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._good and seen == self._seen:
                return self._good
            body = self._path.read_bytes()
        except OSError as error:
            wrong = f"cannot be read: {error.strerror}"
            return self._keep_last(Faults([Fault(file=str(self._path), key="", wrong=wrong)]), wrong)
        digest = hashlib.sha256(body).hexdigest()
        if self._good is None or digest != self._digest:
            try:
                self._use(body, digest)
            except Faults as faults:
                self._seen = seen
                return self._keep_last(faults, digest)
        self._seen, self._digest = seen, digest
        assert self._good is not None, "a snapshot that was used is there"
        return self._good

    def import_csv(self, file: Path) -> int:
        """Add the people of a CSV file, and change those that are there already; return how many rows it had.

        Raises Faults (of the file, or of the directory as it is), and OSError; nothing is changed then.
        """
        with self._locked():
            tables = self._tables()
            table = self._table(tables)
            present = {person.address: (number, person) for number, person in self._people(table)}
            people = read_csv(
                file.read_bytes(), str(file), self._roles, {address: person for address, (_, person) in present.items()}
            )
            free = max((int(number) for number in table), default=0) + 1
            for person in people:
                number, _ = present.get(person.address, (str(free), None))
                free += number == str(free)
                table[number] = document(person)
            # An address of the file may be a further address of somebody else.
            self._directory({**tables, PEOPLE: table})
            self._replace(table)
        return len(people)

    def revoke(self, address: str) -> int:
        """Let the address of the desk that is this member's own count no more; return the epoch of the next.

        Raises KeyError for nobody of the directory, Faults where it is broken or the last epoch is used up.
        """
        with self._locked():
            table = self._table(self._tables())
            number, person = next((number, one) for number, one in self._people(table) if one.address == address)
            table[number] = {**table[number], "address_epoch": person.address_epoch + 1}
            check_people(table, str(self._path), self._roles)
            self._replace(table)
        return person.address_epoch + 1

    def export_csv(self) -> str:
        """Return the directory as CSV, in the order of the document. Raises Faults when it is broken."""
        return write_csv([person for _, person in self._people(self._table(self._tables()))])

    def _use(self, body: bytes, digest: str) -> None:
        good = self._directory(read_document(body, str(self._path)), digest)
        self._keep(digest, body.decode())
        self._good = good

    def _directory(self, tables: Mapping[str, dict[str, Any]], digest: str = "") -> Directory:
        """Return the people and organisations of a document. Raises Faults that name row and key, all at once."""
        file, found = str(self._path), list[Fault]()
        people: tuple[Person, ...] | None = None
        known: tuple[Organisation, ...] = ()
        try:
            people = tuple(person for _, person in check_people(people_table(tables, file), file, self._roles))
        except Faults as faults:
            found += faults.faults
        try:
            known = organisations(tables, people, file)
        except Faults as faults:
            found += faults.faults
        if found:
            raise Faults(found)
        return Directory(version=digest, people=people or (), organisations=known)

    def _keep_last(self, faults: Faults, digest: str) -> Directory:
        """Go on with the last good directory, with one alarm for each state of the file."""
        if self._good is None and (body := self._last()) is not None:
            self._use(body.encode(), hashlib.sha256(body.encode()).hexdigest())
        if self._good is None:
            raise faults
        if digest != self._digest:
            self._digest = digest
            self._alarm(f"the directory stays as it was:\n{faults}")
        return self._good

    def _tables(self) -> Mapping[str, dict[str, Any]]:
        return WholeFile(self._path).read() or {}

    def _table(self, tables: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        return dict(people_table(tables, str(self._path)))

    def _people(self, table: Mapping[str, Any]) -> Sequence[tuple[str, Person]]:
        return check_people(table, str(self._path), self._roles)

    def _replace(self, table: Mapping[str, Any]) -> None:
        """Write the people table through TinyDB; the cache makes one replacement of the file out of two operations."""
        storage = CachingMiddleware(WholeFile)  # type: ignore[no-untyped-call] # TinyDB gives it no types
        database = TinyDB(self._path, storage=storage)
        people = database.table(PEOPLE)
        people.truncate()
        people.insert_multiple(Document(row, doc_id=int(number)) for number, row in table.items())
        database.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other writers of mailbot away; the lock is a file of its own, since the directory is replaced."""
        lock = self._path.with_name(f".{self._path.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def read_document(body: bytes, file: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a TinyDB document. Raises Faults that name the line."""
    try:
        read = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        wrong = f"is no JSON: {error.msg}; look at the commas and brackets there and on the line before"
        raise Faults([Fault(file=file, key=f"line {error.lineno}, column {error.colno}", wrong=wrong)]) from None
    except UnicodeDecodeError:
        raise Faults([Fault(file=file, key="", wrong="is not UTF-8; save it as UTF-8")]) from None
    except ValueError as error:
        raise Faults([Fault(file=file, key=str(error), wrong="stands there twice; give each its own")]) from None
    if not isinstance(read, dict) or not all(isinstance(table, dict) for table in read.values()):
        wrong = 'is no document of tables; write {"people": {"1": {"address": "anna@example.com"}}}'
        raise Faults([Fault(file=file, key="", wrong=wrong)])
    return read


def people_table(tables: Mapping[str, dict[str, Any]], file: str) -> dict[str, Any]:
    """Return the table of the people; a document with other tables only has a slip in its name."""
    if tables and PEOPLE not in tables:
        wrong = f"has no table {PEOPLE}, only {', '.join(tables)}"
        raise Faults([Fault(file=file, key="", wrong=wrong)])
    return tables.get(PEOPLE, {})


def check_people(table: Mapping[str, Any], file: str, roles: Collection[str]) -> Sequence[tuple[str, Person]]:
    """Return the people with their rows' numbers. Raises Faults that name row and key, all at once."""
    people: list[tuple[str, Person]] = []
    found: list[Fault] = []
    for number, row in table.items():
        place = f"{PEOPLE} {number}"
        if not number.isdecimal():
            found.append(Fault(file=file, key=place, wrong="is no row's number; number the rows 1, 2, 3"))
        elif not isinstance(row, dict):
            found.append(Fault(file=file, key=place, wrong='is no row; write {"address": "anna@example.com"}'))
        else:
            person, faults = check_row(row, roles)
            found += row_faults(file, place, faults)
            people += [(number, person)] if person else []
    named = [(f"{PEOPLE} {number}", person) for number, person in people]
    found += [Fault(file=file, key=place, wrong=wrong) for place, wrong in doubles(named)]
    if found:
        raise Faults(found)
    return people


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; Python's own reader would let a second row of the same number hide the first."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(next(name for name in names if names.count(name) > 1))
    return made
