"""What README and docs say is so: every shell block runs as written, links lead somewhere, names exist.

A block that is fenced as `sh` is run, in the order of its page, in a folder where a desk lies in `var/` and runs, as
`make run` leaves it. `console` is for what needs root or an operator, `text` for what is shown. In `docs/add-a-rule.md`
a `python` block names the file that it is, and a `diff` block is a patch.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from mailbot.cli import COMMANDS
from mailbot.event import Kind
from mailbot.model import ClockState
from mailbot.ports.records import InboxState, OutboxState
from tests.acceptance.desk import Home, running, until
from tests.commands import put_program

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8")
    for page in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
}
A_RULE = "docs/add-a-rule.md"
FENCE = re.compile(r"^```(\w+) ?([\w./-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """The fenced blocks of a language: what else their first line says, and what is in them."""
    return [(rest, body) for found, rest, body in FENCE.findall(PAGES[page]) if found == language]


class Reader:
    """Somebody who types what stands in a page, block by block, in one shell."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environ = environ
        self._state = folder.parent / "shell-state"
        self._state.write_text(f"cd {folder}\n")

    def types(self, block: str) -> str:
        """Run a block; what it exported and where it went stays for the next. Fails where a command does."""
        keep = f"export -p > {self._state}; echo \"cd '$PWD'\" >> {self._state}"
        script = f"set -eu -o pipefail\n. {self._state}\n{block}\n{keep}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=dict(self._environ),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def programs(folder: Path) -> None:
    """Lay out `.venv/bin` as `make install` does; it runs the mailbot of the folder, or of this repository."""
    (folder / ".venv/bin").mkdir(parents=True)
    for name, words in (("mailbot", " -m mailbot"), ("python", ""), ("python3", "")):
        script = folder / ".venv/bin" / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
        script.chmod(0o755)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a person at a terminal: nothing of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAILBOT_", "PYTEST_", "COV_"))}
    return {**kept, "PATH": f"{folder / '.venv/bin'}:{kept['PATH']}", **more}


@contextlib.contextmanager
def desk(folder: Path) -> Iterator[Home]:
    """The desk that `make run` makes, in `var/`, running on a port of its own."""
    home = Home.init(folder / "var", "agent@example.com")
    with running(home):
        yield home


#: What waits, in the inbox and in the outbox.
UNDONE = (
    "SELECT (SELECT count(*) FROM inbox WHERE state IN ('waiting', 'working'))"
    " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'deferred'))"
)


def settled(home: Home) -> bool:
    """Is every mail decided and every letter out?"""
    with contextlib.closing(sqlite3.connect(home.folder / "state" / "mailbot.db")) as store:
        return bool(store.execute(UNDONE).fetchone() == (0,))


# A page has up to thirty commands, each a process of its own.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [page for page in PAGES if page != A_RULE and blocks(page, "sh")])
def test_every_command_of_a_page_runs_as_written(page: str, tmp_path: Path):
    folder = tmp_path / "mailbot"
    programs(folder)
    put_program(folder / ".venv/bin/mailbot")
    with desk(folder) as home:
        config, port = str(home.config), str(home.port)
        reader = Reader(folder, environment(folder, MAILBOT_CONFIG=config, MAILBOT_LISTEN__PORT=port))
        for _, block in blocks(page, "sh"):
            # The one liberty: 2525 may be somebody else's on this machine.
            reader.types(block.replace("2525", port))
            until(f"the desk to have done what follows from\n{block}", lambda: settled(home))


def apply(folder: Path, patch: str) -> None:
    """Do what a patch of one file says; fails where its lines stand nowhere, or more than once."""
    head, *hunks = re.split(r"^@@.*\n", patch, flags=re.MULTILINE)
    file = folder / re.findall(r"^\+\+\+ (\S+)$", head, re.MULTILINE)[0]
    text = file.read_text()
    for hunk in hunks:
        lines = [line or " " for line in hunk.splitlines()]
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in side) for side in (" -", " +"))
        assert text.count(old) == 1, f"{file.name} has changed: draw up the patch anew\n{hunk}"
        text = text.replace(old, new)
    file.write_text(text)


def test_the_worked_example_of_a_rule_works(tmp_path: Path):
    folder = tmp_path / "mailbot"
    programs(folder)
    for name in ("mailbot", "config", "docs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for _, patch in blocks(A_RULE, "diff"):
        apply(folder, patch)
    for name, body in blocks(A_RULE, "python"):
        (folder / name).write_text(body)
    reader = Reader(folder, environment(folder))
    said = "".join(reader.types(block) for _, block in blocks(A_RULE, "sh"))
    assert re.search(r"\d+ passed", said)
    for _, shown in blocks(A_RULE, "text"):
        assert set(shown.splitlines()) <= {line.rstrip() for line in said.splitlines()}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page: str):
    links = re.findall(r"\]\((?!https?://)([^)#\s]+)[^)]*\)", FENCE.sub("", PAGES[page]))
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_named_is_there(page: str):
    named = set(re.findall(r"`((?:mailbot/)?(?:[a-z_]+/)*[a-z_]+\.py)`", FENCE.sub("", PAGES[page])))
    # A page about one folder leaves its name out.
    places = (ROOT, ROOT / "mailbot", ROOT / "mailbot/ingest", ROOT / "tests")
    missing = [name for name in named if not any((place / name).exists() for place in places)]
    if page.endswith("decisions/0002-the-model-is-six-modules.md"):
        missing = [name for name in missing if name != "model.py"]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_is_one_of_the_command_line(page: str):
    named = set(re.findall(r"`mailbot ([a-z]+)\b[^`\n]*`", FENCE.sub("", PAGES[page])))
    code = "".join(body for language in ("sh", "console") for _, body in blocks(page, language))
    named |= set(re.findall(r"^(?:# )?(?:[A-Z_]+=\S+ )?(?:\S*/)?mailbot ([a-z]+)\b", code, re.MULTILINE))
    # What the outside is told not to expect yet.
    unbuilt = {"import"} if page == "docs/contract.md" else set()
    assert named - {*COMMANDS} - unbuilt == set()


#: By the heading of a diagram in docs/states.md: the names that its states may have.
DIAGRAMS: dict[str, type[StrEnum]] = {
    "A case, by kinds": Kind,
    "A clock": ClockState,
    "A mail in the inbox": InboxState,
    "A letter in the outbox": OutboxState,
}


@pytest.mark.parametrize("heading", DIAGRAMS)
def test_a_diagram_shows_every_state_that_there_is_and_no_other(heading: str):
    section = PAGES["docs/states.md"].partition(f"## {heading}\n")[2].partition("\n## ")[0]
    diagram = FENCE.search(section)
    assert diagram is not None
    assert diagram[1] == "mermaid"
    names = set(re.findall(r"^    (?:\[\*\]|(\w+)) --> ", diagram[3], re.MULTILINE)) - {""}
    names |= set(re.findall(r" --> (\w+)", diagram[3]))
    named = {name.replace("_", "-") for name in names}
    assert named == {str(state) for state in DIAGRAMS[heading]}


def test_every_diagram_is_held_to_the_code():
    drawn = sum(len(blocks(page, "mermaid")) for page in PAGES)
    assert drawn == len(DIAGRAMS)


def test_every_decision_stands_in_the_list():
    names = {page.rpartition("/")[2] for page in PAGES if re.match(r"docs/decisions/\d{4}-", page)}
    assert set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", PAGES["docs/decisions/README.md"])) == names
