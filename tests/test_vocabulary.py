"""docs/vocabulary.md is what the types of the process file say of themselves."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

import pytest

from mailbot.event import Kind
from mailbot.people import Role
from mailbot.process import Filter, Match, Part, Phrases, Process, Survey
from mailbot.process.part import ENTERED, part_of
from mailbot.process.reach import KINDS_OF_CAUSES, KINDS_OF_MOVES
from mailbot.process.vocabulary import KINDS, vocabulary
from mailbot.shipped import shipped

ROOT = Path(__file__).resolve().parent.parent
PARTS = sorted(Part.__subclasses__(), key=lambda part: part.__name__)


def test_the_reference_is_what_the_generator_prints():
    made = subprocess.run(
        [sys.executable, "-m", "mailbot.process.vocabulary"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert (ROOT / "docs/vocabulary.md").read_text() == made, (
        "make it anew: .venv/bin/python -m mailbot.process.vocabulary > docs/vocabulary.md"
    )


def test_every_kind_of_status_is_explained():
    assert tuple(KINDS) == tuple(Kind)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_stands_in_the_reference_with_its_meaning(part: Any):
    lines = list(vocabulary())
    for name, field in part.model_fields.items():
        if name in ENTERED or (part is Process and field.description is None):
            continue
        row = f"| `{field.alias or name}` | "
        meaning = " ".join(field.description.split())
        assert any(line.startswith(row) and line.endswith(f" {meaning} |") for line in lines), name


def test_every_row_of_a_table_is_one_line_with_four_cells():
    lines = list(vocabulary())
    assert [line for line in lines if "\n" in line] == []
    rows = [line for line in lines if line.startswith("| `") and line.endswith(" |")]
    assert len(rows) > 90
    assert [row for row in rows if row.replace("\\|", "").count("|") not in (3, 5)] == []


def row_of(section: str, key: str) -> str:
    """The row of a key in the section with this head."""
    lines = list(vocabulary())
    start = lines.index(f"## `{section}`")
    return next(line for line in lines[start:] if line.startswith(f"| `{key}` |"))


@pytest.mark.parametrize("key", KINDS_OF_MOVES)
def test_every_move_says_of_which_kinds_its_status_may_be(key: str):
    said = re.findall(r"`([a-z-]+)`", row_of("[moves]", key).partition("ust be of kind ")[2].partition(".")[0])
    assert [*said] == [str(kind) for kind in KINDS_OF_MOVES[key]]


def test_a_cause_says_of_which_kinds_it_may_be():
    said = row_of("[[status]]", "causes").partition("one of ")[2].partition(".")[0]
    assert re.findall(r"`([a-z-]+)`", said) == [str(kind) for kind in KINDS_OF_CAUSES]


@pytest.mark.parametrize(
    ("section", "key", "takes"),
    [
        ("[[plan]]", "targets", "for each priority for each clock a target"),
        ("[[priority]]", "targets", "for each clock a target"),
        ("[[field]]", "values", "for each value text"),
        ("[[status]]", "causes", "for each cause `new`, "),
        ("[[flow]]", "steps", "for each status a list of names"),
        ("[[alarm]]", "at", "a number, above 0, at most 1"),
        ("[[command]]", "notice", "`answer`, `estimate`, "),
        ("[[status]]", "notice", '`""`, `answer`, '),
        ("[moves]", "taken", "a name, or nothing"),
        ("[[ladder]]", "in", "a list of names, not empty"),
        ("[hours]", "closed", "a list of dates"),
    ],
)
def test_what_a_key_takes_is_said_in_words(section: str, key: str, takes: str):
    assert row_of(section, key).startswith(f"| `{key}` | {takes}")


@pytest.mark.parametrize("role", Role)
def test_every_role_that_may_say_a_word_is_named(role: Role):
    assert f"`{role}`" in row_of("[[command]]", "who").partition("Who may say it")[2]


@pytest.mark.parametrize(
    ("section", "key"), [("[[ladder]]", "after"), ("[closing]", "reopen_within"), ("[entitlement]", "warn_before")]
)
def test_an_amount_that_does_not_count_in_service_hours_says_so(section: str, key: str):
    assert "Minutes and hours are plain time" in row_of(section, key)


def test_every_section_of_the_file_has_its_place():
    heads = {line.strip("#` []").partition(".")[0] for line in vocabulary() if line.startswith("## `")}
    sections = {field.alias or name for name, field in Process.model_fields.items() if field.description is None}
    assert heads == sections


def test_what_no_file_has_is_not_in_the_reference():
    assert not [line for line in vocabulary() for name in ENTERED if line.startswith(f"| `{name}`")]


def keys_in(part: Any, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every (part, key) that a table of a process file has."""
    for name, field in part.model_fields.items():
        key = field.alias or name
        if key not in data:
            continue
        yield part.__name__, key
        if (inside := part_of(field.annotation)) is None:
            continue
        value = data[key]
        tables = value if isinstance(value, list) else [value]
        if get_origin(field.annotation) is Mapping:
            tables = list(value.values())
        for table in tables:
            yield from keys_in(inside, table)


def test_every_key_is_used_by_a_shipped_company():
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in shipped("processes").glob("*.toml")]
    used = {found for data in files for found in keys_in(Process, data)}
    known = {(part.__name__, field.alias or name) for part in PARTS for name, field in part.model_fields.items()}
    # None of the five asks its customers how satisfied they were, and none shall begin to by an update of ours.
    offered = {("Process", "survey"), *(("Survey", name) for name in Survey.model_fields)}
    # What customers say comes with mailbot, in a file for each language.
    offered |= {("Process", "phrases"), *(("Phrases", name) for name in Phrases.model_fields)}
    # What mail is unwanted, or goes to whom, each desk learns by itself.
    offered |= {("Process", "filter")}
    offered |= {(p.__name__, field.alias or n) for p in (Filter, Match) for n, field in p.model_fields.items()}
    assert known - used == {("Process", name) for name in ENTERED} | offered
    assert len(files) == 5


def test_it_fits_on_a_few_pages():
    assert len((ROOT / "docs/vocabulary.md").read_text().splitlines()) < 400
