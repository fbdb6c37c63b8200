"""The words of the files beside this one: phrases and patterns in many languages, data and no code, read once."""

import re
import tomllib
from pathlib import Path

#: By section; no two files have one of the same name.
_WORDS: dict[str, dict[str, list[str]]] = {
    section: lists
    for file in sorted(Path(__file__).parent.glob("*.toml"))
    for section, lists in tomllib.loads(file.read_text(encoding="utf-8")).items()
}


def phrases(section: str, name: str) -> tuple[str, ...]:
    """The phrases of one list, lower case."""
    return tuple(_WORDS[section][name])


def pattern(section: str, name: str, form: str = "{}") -> re.Pattern[str]:
    """One pattern out of a list of them; `form` says what stands around the alternatives."""
    return re.compile(form.format("(?:" + "|".join(_WORDS[section][name]) + ")"), re.IGNORECASE)


def names(section: str) -> tuple[str, ...]:
    """The names of the lists of a section, in the order of the file."""
    return tuple(_WORDS[section])


def meanings(section: str) -> dict[str, str]:
    """Every phrase of a section with the name of its list; a phrase in two lists has the first one's."""
    return {phrase: name for name, phrases in reversed(_WORDS[section].items()) for phrase in phrases}
