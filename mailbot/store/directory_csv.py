"""People as CSV, with the columns of `contract.md`: what an export of another system becomes, and the way back.

Further addresses stand in one cell, with blanks between them.

A wrong cell is named by its line and column. Knows nothing of TinyDB.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mailbot.faults import Fault, Faults
from mailbot.people import Person
from mailbot.store.directory_row import COLUMNS, EXPORTED, check_row, document, doubles, row_faults

#: What stands between two addresses in a cell.
_BETWEEN = re.compile(r"[\s,;]+")


def read_csv(body: bytes, file: str, roles: Collection[str], present: Mapping[str, Person]) -> Sequence[Person]:
    """Return the people of a CSV file. Raises Faults, all at once.

    `present` are people by address: what the file has no column for stays as it is with them.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Faults([Fault(file=file, key=f"line {line}", wrong="is not UTF-8; save the file as UTF-8")]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Fault] = []
    people: list[tuple[str, Person]] = []
    try:
        header = _header(next(reader, []), file)
        for place, cells in _rows(reader):
            if len(cells) > len(header):
                wrong = f"has {len(cells)} cells, the header names {len(header)}; quote a cell that holds a comma"
                found.append(Fault(file=file, key=place, wrong=wrong))
                continue
            given = dict(zip(header, cells, strict=False))
            old = present.get(given.get("address", "").strip().lower())
            person, faults = check_row({**(document(old) if old else {}), **_read(given, old)}, roles)
            found += row_faults(file, place, ((f"column {key}", wrong) for key, wrong in faults))
            people += [(place, person)] if person else []
    except csv.Error as error:
        found.append(Fault(file=file, key=f"line {reader.line_num}", wrong=f"is no CSV: {error}"))
    found += [Fault(file=file, key=place, wrong=wrong) for place, wrong in doubles(people)]
    if found:
        raise Faults(found)
    return [person for _, person in people]


def write_csv(people: Sequence[Person]) -> str:
    """Return the people as CSV with a header, in their order."""
    out = io.StringIO(newline="")
    said = [key for key in EXPORTED if key in COLUMNS or any(getattr(person, key) for person in people)]
    rows = [{**document(person), **_further(person)} for person in people]
    # The writer quotes a cell for the line ends that it writes, the reader ends a row at any.
    odd = any("\r" in str(cell) for row in rows for cell in row.values())
    writer = csv.DictWriter(out, said, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _further(person: Person) -> dict[str, str]:
    return {"also": " ".join(person.also)} if person.also else {}


def _read(given: Mapping[str, str], old: Person | None) -> dict[str, Any]:
    """Return the cells of a row as the document has them; what is wrong in one is said when the row is checked."""
    row: dict[str, Any] = dict(given)
    if "also" in given:
        row["also"] = [address for address in _BETWEEN.split(given["also"]) if address]
    if "address_epoch" in given:
        epoch, there = given["address_epoch"].strip() or "0", old.address_epoch if old else 0
        # What was revoked stays so: an older file brings no address back.
        row["address_epoch"] = max(int(epoch), there) if epoch.isdecimal() else epoch
    return row


def _header(cells: Sequence[str], file: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    wrong = [f"{name!r} is no column; there are {', '.join(EXPORTED)}" for name in header if name not in EXPORTED]
    wrong += [f"{name!r} stands there twice" for name in EXPORTED if header.count(name) > 1]
    if "address" not in header:
        wrong.append("has no column address; write a header with the columns' names, separated by commas")
    if wrong:
        raise Faults([Fault(file=file, key="line 1", wrong=one) for one in wrong])
    return header


def _rows(reader: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each row that is not blank and the line on which it begins."""
    begins = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield f"line {begins}", cells
        begins = reader.line_num + 1
