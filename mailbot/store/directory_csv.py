"""People as CSV, with the columns of `contract.md`: what an export of another system becomes, and the way back.

A wrong cell is named by its line and column. Knows nothing of TinyDB.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mailbot.faults import Fault, Faults
from mailbot.people import Person
from mailbot.store.directory_row import COLUMNS, check_row, document, doubles, row_faults


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
            person, faults = check_row({**(document(old) if old else {}), **given}, roles)
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
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: value for key, value in document(person).items() if key in COLUMNS} for person in people)
    return out.getvalue()


def _header(cells: Sequence[str], file: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    wrong = [f"{name!r} is no column; there are {', '.join(COLUMNS)}" for name in header if name not in COLUMNS]
    wrong += [f"{name!r} stands there twice" for name in COLUMNS if header.count(name) > 1]
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
