"""`mailbot case` and `mailbot cases`."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.store.sql import SqlStore
from tests.cli.conftest import ALICE, ANNA, MONDAY, Said, open_case, opening, taking

Mailbot = Callable[..., Said]

pytestmark = pytest.mark.usefixtures("burning")


def test_a_case_as_json_has_the_fields_of_the_contract(mailbot: Mailbot):
    said = mailbot("case", "HD-1", "--json")
    case = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert {
        "number": 1,
        "status": "In progress",
        "priority": "P3",
        "type": "IT Help",
        "requester": ALICE,
        "assignee": ANNA,
        "opened": "2020-03-02T09:00:00Z",
        "closed": None,
        "reason": None,
    }.items() <= case.items()
    assert [(clock["clock"], clock["state"]) for clock in case["clocks"]] == [
        ("pickup", "met"),
        ("resolution", "running"),
    ]
    assert case["clocks"][0]["used_seconds"] == 3600
    # 80 service hours from Monday 10:00: ten days of eight.
    assert case["clocks"][1]["due"] == "2020-03-16T10:00:00Z"
    assert [(one["from"], one["visibility"], one["text"]) for one in case["messages"]] == [
        (ALICE, "public", "It burns."),
        (ANNA, "internal", "Fetch the extinguisher."),
    ]


def test_the_history_of_a_case_has_the_lines_of_a_rehearsal(mailbot: Mailbot):
    history = json.loads(mailbot("case", "1", "--json").out)["history"]
    assert [line.get("event", line.get("notice")) for line in history] == [
        "CaseOpened", "MessageAdded", "ClockStarted", "CaseAssigned", "StatusChanged", "ClockMet", "ClockStarted",
        "MessageAdded", "received",
    ]  # fmt: skip
    assert {(line["case"], line["at"][-1]) for line in history} == {("HD-1", "Z")}
    assert history[-1] == {
        "at": "2020-03-02T09:00:00Z",
        "case": "HD-1",
        "notice": "received",
        "to": [ALICE],
        "subject": "[HD-1] Printer on fire",
        "visibility": "public",
    }


@pytest.mark.parametrize("number", ["1", "HD-1", "hd-1", "[HD-1]"])
def test_a_case_for_people_is_a_conversation_with_its_clocks_and_history(mailbot: Mailbot, number: str):
    said = mailbot("case", number)
    assert said.code == 0
    for words in (
        "HD-1  Printer on fire",
        "In progress",
        "Mon 02 Mar 2020 09:00 UTC  alice@customer.test  [1 attachment]\n    It burns.",
        "anna@example.com  [internal]\n    Fetch the extinguisher.",
        "opened for alice@customer.test: Open, P3, IT Help",
        "status Open -> In progress by anna@example.com",
        "mail (received) to alice@customer.test: [HD-1] Printer on fire",
        "names no case",
    ):
        assert words in said.out
    assert not [line for line in said.out.splitlines() if line != line.rstrip()]


def test_an_unknown_case_is_a_no(mailbot: Mailbot):
    assert mailbot("case", "HD-2", "--json") == Said(1, "", "There is no case HD-2.\n")


@pytest.mark.parametrize("number", ["XY-1", "one", "1.5"])
def test_what_is_no_number_of_this_desk_is_wrong_use(mailbot: Mailbot, number: str):
    said = mailbot("case", number)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"{number} is no case number of this desk; write HD-12 or 12\n"


def test_the_texts_of_strangers_cannot_steer_the_terminal(store: SqlStore, mailbot: Mailbot):
    open_case(store, opening(2, text="[bold]\x1b[2J\x9b31m:smile: https://x.test"), 2)
    out = mailbot("case", "2").out
    assert "[bold]\ufffd[2J\ufffd31m:smile: https://x.test" in out
    assert "\x1b" not in out


def test_cases_lists_them_by_number(store: SqlStore, mailbot: Mailbot):
    open_case(store, opening(2), 2)
    lines = mailbot("cases").out.splitlines()
    assert [line.split()[0] for line in lines] == ["case", *([lines[1].split()[0]]), "HD-1", "HD-2"]
    assert "anna@example.com" in lines[2]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        pytest.param([], [1, 2, 3], id="all"),
        pytest.param(["--status", "Open"], [2, 3], id="status"),
        pytest.param(["--status", "in PROGRESS"], [1], id="status-in-any-case"),
        pytest.param(["--status", "Closed"], [], id="status-of-none"),
        pytest.param(["--assignee", "Anna@Example.com"], [1], id="assignee"),
        pytest.param(["--assignee", "nobody@example.com"], [], id="assignee-of-none"),
        pytest.param(["--overdue"], [1, 2], id="overdue"),
        pytest.param(["--overdue", "--status", "Open"], [2], id="overdue-and-status"),
    ],
)
def test_cases_are_chosen_by_status_assignee_and_lateness(
    store: SqlStore, mailbot: Mailbot, options: list[str], numbers: list[int]
):
    open_case(store, opening(2), 2)
    open_case(store, opening(3, at=MONDAY + timedelta(days=365 * 70)), 3)
    said = mailbot("cases", "--json", *options)
    assert said.code == 0
    assert [case["number"] for case in json.loads(said.out)] == numbers


def test_an_empty_list_says_so_and_is_no_fault(mailbot: Mailbot):
    assert mailbot("cases", "--status", "Fixed") == Said(0, "No cases.\n", "")


def test_a_status_that_the_process_has_not_is_wrong_use(mailbot: Mailbot):
    said = mailbot("cases", "--status", "Opne")
    assert said.code == 2
    assert "Waiting for customer" in said.err


def test_a_met_clock_is_not_overdue(store: SqlStore, mailbot: Mailbot):
    # Its pickup was met in time; its resolution is due far from now.
    later = MONDAY + timedelta(days=365 * 70)
    open_case(store, [*opening(2), *taking(later)], 2)
    assert [case["number"] for case in json.loads(mailbot("cases", "--overdue", "--json").out)] == [1]


def test_a_pipe_gets_one_line_for_each_case_without_colour(home: Path):
    words = [sys.executable, "-m", "mailbot", "cases", "-c", str(home / "mailbot.toml")]
    environment = {**os.environ, "COLUMNS": "20", "TERM": "xterm-256color"}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert len(done.stdout.splitlines()) == 3
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[2].split()[:4] == ["HD-1", "In", "progress", "P3"]


def test_a_terminal_gets_colour_and_folded_cells(home: Path):
    words = [sys.executable, "-m", "mailbot", "case", "1", "-c", str(home / "mailbot.toml")]
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "60"}
    environment.pop("NO_COLOR", None)
    shown = b""
    with subprocess.Popen(words, stdout=slave, env=environment) as running:
        os.close(slave)
        # A terminal whose program has ended is a read error on Linux.
        with contextlib.suppress(OSError):
            while piece := os.read(master, 65536):
                shown += piece
        running.wait(timeout=60)
    os.close(master)
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).decode()
    assert b"\x1b[1mHD-1\x1b[0m" in shown
    # The conversation is for the terminal to fold; the tables fold by themselves.
    assert "[internal]\r\n    Fetch the extinguisher." in plain
    assert max(len(line) for line in plain.splitlines() if "UTC   " in line) <= 60
