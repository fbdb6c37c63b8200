"""Forms in mail: `Field: value` lines, in any order, also inside the quoted text of our own form.

What a field sets happens when the case opens, or while nobody has begun with it; what is missing is asked for, naming
only the missing fields, once per incomplete answer (`companies.md`, urgency-levels).
"""

import re
from collections.abc import Iterator, Mapping

from mailbot.event import FieldsGiven, Kind, PriorityChanged, TypeChanged
from mailbot.model import Case
from mailbot.process import FormField, Process
from mailbot.rules.draft import MAILBOT, Draft

#: Quote marks, list marks and emphasis before and around a field's name.
_LEAD = re.compile(r"^[\s>|*•\-–]*")
_BLANK = re.compile(r"^[\s_.…\-–]*$")


def fields_of(text: str, process: Process) -> dict[str, str]:
    """Return the fields that the text fills in, by the process's spelling of their names; the last one counts."""
    names = {declared.name.casefold(): declared.name for declared in process.fields}
    found: dict[str, str] = {}
    for line in text.split("\n"):
        before, colon, value = _LEAD.sub("", line).partition(":")
        name = names.get(before.strip(" *_\t").casefold())
        if colon and name and not _BLANK.match(value):
            found[name] = value.strip(" *_\t")
    return found


def missing(process: Process, case: Case) -> tuple[str, ...]:
    """Return the required fields that are not there yet."""
    return tuple(
        declared.name
        for declared in process.fields
        if declared.required and declared.name not in case.fields and case.priority not in declared.not_for
    )


def fill_in(draft: Draft, text: str) -> bool:
    """Let what the text fills in happen to the case; return whether it filled in anything new."""
    given = fields_of(text, draft.process)
    new = {name: value for name, value in given.items() if draft.open_case.fields.get(name) != value}
    if not new:
        return False
    draft.happen(FieldsGiven(at=draft.now, fields=new))
    if draft.open_case.kind is Kind.NEW and not draft.open_case.priority_set:
        _apply(draft)
    return True


def _apply(draft: Draft) -> None:
    """Set type and priority from the fields; a value that the process does not have is shown and sets nothing."""
    case = draft.open_case
    for name, value in _settings(draft.process, case.fields):
        case = draft.open_case
        if name == "type" and value != case.type:
            draft.happen(TypeChanged(at=draft.now, old=case.type, new=value, actor=MAILBOT))
        elif name == "priority" and value != case.priority:
            draft.happen(PriorityChanged(at=draft.now, old=case.priority, new=value, actor=MAILBOT))


def _settings(process: Process, fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the fields set, in the process's own names."""
    priorities = {n.casefold(): p.name for p in process.priorities for n in (p.name, p.title) if n}
    types = {t.name.casefold(): t.name for t in process.types}
    parts: dict[str, str] = {}
    for declared in process.fields:
        if declared.name not in fields:
            continue
        value = _meant(declared, fields[declared.name])
        if declared.sets == "priority" and value.casefold() in priorities:
            yield "priority", priorities[value.casefold()]
        elif declared.sets == "type" and value.casefold() in types:
            yield "type", types[value.casefold()]
        elif declared.sets in ("impact", "urgency"):
            parts[declared.sets] = value.casefold()
    for cell in process.matrix:
        if (cell.impact.casefold(), cell.urgency.casefold()) == (parts.get("impact"), parts.get("urgency")):
            yield "priority", cell.priority


def _meant(declared: FormField, value: str) -> str:
    """Return what a value stands for."""
    plain = " ".join(value.split()).rstrip(".").casefold()
    known = {" ".join(key.split()).casefold(): meant for key, meant in declared.values.items()}
    return known.get(plain, " ".join(value.split()).rstrip("."))
