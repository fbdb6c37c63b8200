"""A mail that kills, hangs or bloats the work loop is tried three times alone and set aside; the others get through."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon.desk import Home
from tests.daemon.loops import PATIENCE, eventually

#: Loaded by every process of the daemon: reading a certain mail does what no mail should be able to.
SABOTAGE = """
import os, time
import mailbot.ingest.parse as parse
real = parse.read_mail
def read_mail(raw, **more):
    if b"Subject: poison" in raw:
        {deed}
    return real(raw, **more)
parse.read_mail = read_mail
"""

#: Seconds that three tries may take, each with a new process, on a busy machine.
TRIES = 90.0
#: A loop that is silent is given a minute, three times.
SLOW = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "desk")


def quarantined(home: Home) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "mailbot", "quarantine", "--json", "-c", str(home.folder / "mailbot.toml")]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    found = json.loads(listed.stdout)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("os.abort()", id="kills-the-process"),
        pytest.param("bytearray(1 << 34)", id="takes-all-memory"),
        pytest.param("while True: pass", id="spins", marks=SLOW),
        pytest.param("time.sleep(3600)", id="hangs", marks=SLOW),
    ],
)
def test_a_poisonous_mail_is_set_aside_after_three_tries_and_the_others_are_answered(
    home: Home, tmp_path: Path, deed: str
):
    (tmp_path / "sitecustomize.py").write_text(SABOTAGE.format(deed=deed))
    limits = {"MAILBOT_LIMITS__WORK_SECONDS": "6", "MAILBOT_LIMITS__WORK_CPU_SECONDS": "2"}
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    with home.run(PYTHONPATH=path, **limits) as daemon:
        daemon.ready().write("before")
        daemon.write("poison")
        daemon.write("after")
        eventually(lambda: len(daemon.sent()) == 2, "the other mails are answered", TRIES)
        eventually(lambda: quarantined(home), "the poisonous one is set aside", TRIES)
        (row,) = quarantined(home)
        assert str(row["reason"]).startswith("crash")
        daemon.write("later")
        eventually(lambda: len(daemon.sent()) == 3, "the work goes on")
