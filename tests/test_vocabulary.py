"""docs/vocabulary.md is what the types of the process file say of themselves."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailbot.event import Kind
from mailbot.process import Part, Process
from mailbot.process_vocabulary import ENTERED, KINDS, vocabulary

ROOT = Path(__file__).resolve().parent.parent
PARTS = sorted(Part.__subclasses__(), key=lambda part: part.__name__)


def test_the_reference_is_what_the_generator_prints():
    made = subprocess.run(
        [sys.executable, "-m", "mailbot.process_vocabulary"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert (ROOT / "docs/vocabulary.md").read_text() == made, (
        "make it anew: .venv/bin/python -m mailbot.process_vocabulary > docs/vocabulary.md"
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
        assert any(line.startswith(row) and line.endswith(f" {field.description} |") for line in lines), name


def test_every_section_of_the_file_has_its_place():
    heads = {line.strip("#` []").partition(".")[0] for line in vocabulary() if line.startswith("## `")}
    sections = {field.alias or name for name, field in Process.model_fields.items() if field.description is None}
    assert heads == sections


def test_what_no_file_has_is_not_in_the_reference():
    assert not [line for line in vocabulary() for name in ENTERED if line.startswith(f"| `{name}`")]
