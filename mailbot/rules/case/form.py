"""Forms in mail: `Field: value` lines, in any order, also inside the quoted text of our own form.

What a field sets is so when the case opens, or happens while nobody has begun with it; what is missing is asked for,
naming only the missing fields, once per incomplete answer (`companies.md`, urgency-levels).
"""

import re
from collections.abc import Iterator, Mapping

from mailbot.event import FieldsGiven, Kind, PriorityChanged, TypeChanged
from mailbot.mail import Mail
from mailbot.model import Case
from mailbot.process import FormField, Process
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.case.routing import UNROUTED, Routing

#: Quote marks, list marks and emphasis before and around a field's name.
_LEAD = re.compile(r"^[\s>|*•\-–]*")  # noqa: RUF001 - an en dash marks lists
_BLANK = re.compile(r"^[\s_.…\-–]*$")  # noqa: RUF001 - ... and blanks
#: What people write behind a value to explain it: `Level 1 (nothing works)`, `1 - critical`.
_EXPLAINED = re.compile(r"\s*(?:[(,:;]|[-–]\s).*$")  # noqa: RUF001 - ... and explanations


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


def given(mail: Mail, process: Process, known: Mapping[str, str]) -> dict[str, str]:
    """Return what the mail fills in anew: its own words come first, what is quoted fills in only what is missing."""
    quoted = {name: value for name, value in fields_of(mail.text, process).items() if name not in known}
    filled = {**quoted, **fields_of(mail.new_text, process)}
    return {name: value for name, value in filled.items() if known.get(name) != value}


def start_of(process: Process, fields: Mapping[str, str], wanted: Routing = UNROUTED) -> tuple[str, str]:
    """Return the priority and the type with which a case begins whose first mail fills in these fields.

    What its filters want counts where the customer names no other.
    """
    settings = dict(_settings(process, fields))
    kind = wanted.type or process.start.type
    priority = wanted.priority or (process.type(kind).priority if wanted.type else "") or process.start.priority
    return settings.get("priority", priority), settings.get("type", kind)


def names_priority(process: Process, fields: Mapping[str, str]) -> bool:
    """Did the customer name a priority that the process has?"""
    return "priority" in dict(_settings(process, fields))


def missing(process: Process, case: Case) -> tuple[str, ...]:
    """Return the required fields that are not there yet."""
    asked = (one for one in process.fields if one.required and case.priority not in one.not_for)
    names = dict.fromkeys(part for one in asked for part in one.parts)
    return tuple(name for name in names if name not in case.fields)


def fill_in(draft: Draft, fields: Mapping[str, str]) -> None:
    """Let what a mail fills in happen to the case: type and priority change only while nobody has begun with it."""
    if not fields:
        return
    draft.happen(FieldsGiven(at=draft.now, fields=fields))
    if draft.open_case.kind is not Kind.NEW or draft.open_case.priority_set:
        return
    for name, value in dict(_settings(draft.process, draft.open_case.fields)).items():
        case = draft.open_case
        if name == "type" and value != case.type:
            draft.happen(TypeChanged(at=draft.now, old=case.type, new=value, actor=MAILBOT))
        elif name == "priority" and value != case.priority:
            draft.happen(PriorityChanged(at=draft.now, old=case.priority, new=value, actor=MAILBOT))


def _settings(process: Process, fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the fields set, in the process's own names; a later one counts more."""
    priorities = {n.casefold(): p.name for p in process.priorities for n in (p.name, p.title) if n}
    types = {t.name.casefold(): t for t in process.types}
    parts: dict[str, str] = {}
    for declared in process.fields:
        if declared.sets and (value := _value(process, declared, fields)):
            parts[declared.sets] = _meant(declared, value).casefold()
    if kind := types.get(parts.get("type", "")):
        yield "type", kind.name
        if kind.priority:
            yield "priority", kind.priority
    if parts.get("priority") in priorities:
        yield "priority", priorities[parts["priority"]]


def _value(process: Process, declared: FormField, fields: Mapping[str, str]) -> str:
    """Return what is filled in; of fields that are joined what each stands for, "" while one of them is missing."""
    if len(declared.parts) == 1:
        return fields.get(declared.name, "")
    joined = [one for part in declared.parts for one in process.fields if one.name == part and part in fields]
    if len(joined) < len(declared.parts):
        return ""
    return " + ".join(_meant(one, fields[one.name]) for one in joined)


def _meant(declared: FormField, value: str) -> str:
    """Return what a value stands for, without what explains it."""
    known = {" ".join(key.split()).casefold(): meant for key, meant in declared.values.items()}
    plain = " ".join(value.split()).rstrip(".")
    short = _EXPLAINED.sub("", plain)
    return known.get(plain.casefold()) or known.get(short.casefold()) or short
