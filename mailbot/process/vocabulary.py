"""The reference of the process file's keys, printed from the types that read it, so that it cannot say anything else.

    python -m mailbot.process.vocabulary > docs/vocabulary.md

Prints; never reads a process file.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mailbot.amount import UNLIMITED, Amount, Target
from mailbot.event import ClockName, Kind
from mailbot.process import Part, Process
from mailbot.process.part import ENTERED, KeyedBy, one_line, part_of

#: What a status of each kind means, in the order of `Kind`.
KINDS: Mapping[Kind, str] = {
    Kind.NEW: "nobody has begun with it",
    Kind.ACTIVE: "a member works on it",
    Kind.WAITING_CUSTOMER: "it waits for an answer of the customer, whose mail brings it back",
    Kind.WAITING_OTHER: "it waits for somebody or something else",
    Kind.ON_HOLD: "put aside until a date",
    Kind.RESOLVED: "a member thinks it is solved; the customer may object, or confirm",
    Kind.CLOSED: "done; a mail of the customer may reopen it",
}

PREFACE = """# The vocabulary of a process file

Made from `mailbot/process/` by `python -m mailbot.process.vocabulary`; a test holds the two together.

A process file is TOML. A key that is not named here is a fault, and so is a name that is used and not declared.
`mailbot check` says every fault at once. `config/processes/modera.toml` is an example of the whole.

An **amount of time** is written like `4 hours`, `30 minutes`, `2 business days` or `30 days`, from a minute to ten
years, days without a fraction. What it counts in, the key says: a day is one on the calendar and ends at the same local
time, a business day is as much service time as `business_day` says. A **target** is an amount, a range such as
`3-4 days`, or a word without a number, {unlimited}, which never warns and never breaches; its minutes and hours are
service time, or plain time where its clock runs `around_the_clock`.

A **name** has at most 80 characters on one line, without blanks at its ends. `STATUS: CAUSE` names a cause of a status.

## Kinds of status

Names are the company's; mailbot looks only at the kind.

| kind | what it means |
|---|---|
"""


def vocabulary() -> Iterator[str]:
    """Yield the reference, line by line."""
    yield from PREFACE.format(unlimited=_either(UNLIMITED)).splitlines()
    yield from (f"| `{kind}` | {KINDS[kind]} |" for kind in Kind)
    plain = {name: field for name, field in _fields(Process) if part_of(field.annotation) is None}
    yield from ("", "## At the top of the file", "", *_table(plain.items()))
    for name, field in _fields(Process):
        part = part_of(field.annotation)
        if part is not None:
            yield from _section(_head(field.alias or name, field.annotation), field, part)


def _section(head: str, field: FieldInfo, part: type[Part]) -> Iterator[str]:
    """Yield one section of the file, and the tables inside its keys."""
    needed = " Must be there." if field.is_required() else ""
    doc = inspect.cleandoc(part.__doc__ or "").split("\n\n")
    yield from ("", f"## `{head}`", "", doc[0] + needed)
    for paragraph in doc[1:]:
        yield from ("", *paragraph.splitlines())
    yield from ("", *_table(_fields(part)))
    parts: dict[type[Part], list[tuple[str, FieldInfo]]] = {}
    for name, inner in _fields(part):
        if (inside := part_of(inner.annotation)) is not None:
            parts.setdefault(inside, []).append((inner.alias or name, inner))
    for inside, keys in parts.items():
        each = "Each of " if get_origin(keys[0][1].annotation) is tuple else ""
        doc = inspect.cleandoc(inside.__doc__ or "").split("\n\n")
        yield from ("", f"{each}{' and '.join(f'`{key}`' for key, _ in keys)}: {doc[0]}")
        for paragraph in doc[1:]:
            yield from ("", *paragraph.splitlines())
        yield from ("", *_table(_fields(inside)))


def _table(fields: Iterable[tuple[str, FieldInfo]]) -> Iterator[str]:
    yield "| key | takes | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in fields:
        # A cell is one line, whatever the source's own line breaks.
        meaning = " ".join((field.description or "").split())
        cells = (f"`{field.alias or name}`", _takes(field), _default(field), meaning)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _fields(part: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    return ((name, field) for name, field in part.model_fields.items() if name not in ENTERED)


def _head(key: str, annotation: Any) -> str:
    """Return a section's head as TOML has it."""
    match get_origin(annotation):
        case type() as kind if issubclass(kind, tuple):
            return f"[[{key}]]"
        case type() as kind if issubclass(kind, Mapping):
            return f"[{key}.{'CLOCK' if get_args(annotation)[0] is ClockName else 'LANGUAGE'}]"
        case _:
            return f"[{key}]"


#: A bound by pydantic's name for it, in words.
_BOUNDS = (
    *(("gt", "above {:g}"), ("ge", "at least {:g}"), ("lt", "below {:g}"), ("le", "at most {:g}")),
    *(("pattern", "like `{}`"), ("min_length", "not empty"), ("max_length", "at most {} characters")),
)


def _takes(field: FieldInfo) -> str:
    """Say in words what may be written, and within which bounds; those of a name are said of all names."""
    if _is_name(field.metadata):
        return "a name" if field.is_required() or field.get_default() else "a name, or nothing"
    bounds = (
        words.format(bound)
        for rule in field.metadata
        for name, words in _BOUNDS
        if (bound := getattr(rule, name, None)) is not None
    )
    return ", ".join([_type(field.annotation), *bounds])


def _is_name(rules: Iterable[object]) -> bool:
    return any(getattr(rule, "func", None) is one_line for rule in rules)


def _type(annotation: Any) -> str:
    """Say in words what may be written."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return "a name" if _is_name(inner) else _type(inner[0])
    if origin is Literal:
        return _either(map(str, inner))
    if origin in (tuple, list):
        if part_of(annotation):
            return "a list of tables"
        one = _type(inner[0])
        return f"a list, each {one}" if one.startswith("`") else f"a list of {_SEVERAL[one]}"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return f"for each {_of_what(inner[0])} {_type(inner[1])}"
    if origin in (Union, UnionType):
        (annotation,) = (one for one in inner if one is not NoneType)
        return _type(annotation)
    if part_of(annotation):
        return "a table"
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return _either(annotation)
    return _PLAIN[annotation.__name__]


def _of_what(annotation: Any) -> str:
    """Say what the keys of a table are: a clock, or the word that stands beside their type (`process.part.KeyedBy`)."""
    if annotation is ClockName:
        return "clock"
    (keyed,) = (rule for rule in get_args(annotation) if isinstance(rule, KeyedBy))
    return keyed.what


#: What several values are called, by what one is called.
_SEVERAL = {"text": "texts", "a name": "names", "a date": "dates"}
#: By the type's name: what one of its values is called in the file.
_PLAIN = {
    "str": "text",
    "bool": "`true` or `false`",
    "float": "a number",
    "int": "a whole number",
    "date": "a date",
    Amount.__name__: "an amount of time",
    Target.__name__: "a target",
}


def _default(field: FieldInfo) -> str:
    """Say what holds where the key is left out."""
    if field.is_required():
        return "must be there"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | Mapping):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return f"`{value}`" if str(value) else "empty"


def _either(words: Iterable[str]) -> str:
    """Join alternatives as a sentence does."""
    quoted = ["`" + (word or '""') + "`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(vocabulary()) + "\n")
