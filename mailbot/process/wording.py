"""What pydantic finds wrong with a single key, in the words of the file: where it stands, and what would be right."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mailbot.process.part import ENTERED, Part, part_of


def key(data: Mapping[str, object], location: tuple[int | str, ...]) -> str:
    """Return a key as the file has it, with a list's entry shown by its name where it has one."""
    parts: list[str] = []
    here: object = data
    for step in location:
        try:
            here = here[step]  # type: ignore[index]  # whatever the file holds; a misfit ends the walk
        except (KeyError, IndexError, TypeError):
            here = None
        if step == "[key]":
            break
        label = here.get("name") or here.get("word") if isinstance(here, dict) and isinstance(step, int) else None
        parts.append(str(label or step))
    return ".".join(parts)


#: By pydantic's name of the error; `{...}` are its own values.
_SAID = {
    "extra_forbidden": "is no key of the vocabulary; {meant} (docs/vocabulary.md has them all)",
    "missing": "is missing",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be one word of lower case letters and hyphens, 2 to 20 of them",
    "tuple_type": "must be a list in square brackets; a section of which there are several has [[two]]",
    "too_short": "is missing: there must be at least {min_length}",
    "mapping_type": "must be a table, such as {{ key = value }} or a [section]",
    "dict_type": "must be a table, such as {{ key = value }} or a [section]",
    "model_type": "must be a table, such as {{ key = value }} or a [section]",
    "float_type": "must be a number, without quotes",
    "float_parsing": "must be a number, without quotes",
    "int_type": "must be a whole number, without quotes",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be above {gt:g}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "is_instance_of": "must be text in quotes, such as '4 hours'",
}


def wrong(error: Mapping[str, Any], whole: type[Part]) -> str:
    """Return what is wrong with a file that holds a `whole`, in plain words, with what it says now."""
    name, context = str(error["type"]), error.get("ctx")
    if name == "extra_forbidden":
        context = {"meant": _meant(error["loc"], whole)}
    if name.startswith("date"):
        said = "must be a date such as 2026-12-24"
    elif name in _SAID:
        said = _SAID[name].format(**context if isinstance(context, Mapping) else {})
    else:
        said = str(error["msg"]).removeprefix("Value error, ")
    shown = error.get("input")
    return f"{said} (it says {shown!r})" if isinstance(shown, str | int | float) and str(shown) not in said else said


def _meant(location: Sequence[int | str], whole: type[Part]) -> str:
    """Return what to do about a key that is none: the nearest that may stand there."""
    here = whole
    for step in location[:-1]:
        # A step that is no key is a place in a list, or a name in a table.
        here = next((part for name, part in _keys(here) if name == step and part), here)
    close = get_close_matches(str(location[-1]), [name for name, _ in _keys(here)], n=1)
    return f"did you mean {close[0]}?" if close else "remove it or mend its spelling"


def _keys(part: type[Part]) -> Iterator[tuple[str, type[Part] | None]]:
    fields = ((field.alias or name, field) for name, field in part.model_fields.items())
    return ((name, part_of(field.annotation)) for name, field in fields if name not in ENTERED)
