"""`mailbot rehearse`, as it prints: lines of JSON, or a table; faults before anything is played."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ALICE, Said

Mailbot = Callable[..., Said]

BOX = """\
From alice@customer.test Mon Mar  2 09:00:00 2026
From: Alice <alice@customer.test>
To: support@example.com
Subject: [bold]Printer[/bold] on fire
Message-ID: <a1@customer.test>

It burns.

"""


@pytest.fixture
def box(home: Path) -> Path:
    file = home / "past.mbox"
    file.write_text(BOX)
    return file


def test_each_line_is_an_event_or_a_notice(mailbot: Mailbot, box: Path):
    said = mailbot("rehearse", str(box), "--json", "--until", "2026-03-03T17:00:00Z")
    assert (said.code, said.err) == (0, "")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [("event" in line, "notice" in line) for line in lines].count((True, True)) == 0
    assert lines[0] == {
        **lines[0],
        "at": "2026-03-02T09:00:00Z",
        "case": "HD-1",
        "event": "CaseOpened",
        "status": "Open",
        "priority": "P3",
        "type": "IT Help",
        "requester": ALICE,
    }
    breached = next(line for line in lines if line.get("event") == "ClockBreached")
    assert (breached["at"], breached["clock"]) == ("2026-03-03T17:00:00Z", "pickup")


def test_twice_the_same_mails_are_the_same_to_the_byte(mailbot: Mailbot, box: Path):
    words = ("rehearse", str(box), "--json", "--trust", "session", "--until", "2026-05-01")
    assert mailbot(*words) == mailbot(*words)


def test_people_read_what_happened_line_by_line(mailbot: Mailbot, box: Path):
    lines = mailbot("rehearse", str(box)).out.splitlines()
    assert lines[2] == "Mon 02 Mar 2026 09:00 UTC   HD-1   opened for alice@customer.test: Open, P3, IT Help"
    assert any("[bold]Printer[/bold] on fire" in line for line in lines)


def test_nothing_is_left_behind(home: Path, mailbot: Mailbot, box: Path):
    before = sorted(home.rglob("*"))
    assert mailbot("rehearse", str(box)).code == 0
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(["away.mbox"], "away.mbox: no such file or folder", id="no-file"),
        pytest.param(["past.mbox", "--until", "soon"], "--until: 'soon' is no instant", id="no-instant"),
        pytest.param(["past.mbox", "--trust", "blindly"], "blindly", id="no-level"),
        pytest.param(["undated.eml"], "undated.eml: says nowhere when it arrived", id="no-date"),
        pytest.param([], "MAIL", id="nothing"),
    ],
)
@pytest.mark.usefixtures("box")
def test_wrong_use_is_said(home: Path, mailbot: Mailbot, words: list[str], fault: str):
    (home / "undated.eml").write_text("Subject: x\n\nx\n")
    said = mailbot("rehearse", *words)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err


def test_the_bar_on_the_terminal_keeps_off_the_results(home: Path, box: Path):
    words = [sys.executable, "-m", "mailbot", "rehearse", str(box), "--json", "-c", str(home / "mailbot.toml")]
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=slave, env=environment, timeout=60)
    os.close(slave)
    assert b"rehearsing" in os.read(master, 65536)
    os.close(master)
    assert json.loads(done.stdout.splitlines()[0])["event"] == "CaseOpened"
