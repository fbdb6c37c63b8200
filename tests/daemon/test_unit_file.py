"""The systemd unit, as systemd itself reads it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "mailbot.service"
#: Exposure in tenths: 15 is 1.5, of 10 that a unit without any protection has.
MOST_EXPOSED = 15

analyzes = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@analyzes
def test_systemd_finds_nothing_to_say_about_the_unit():
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(UNIT)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@analyzes
def test_the_exposure_stays_low():
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT)]
    analyzed = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert analyzed.returncode == 0, analyzed.stdout
    level = re.search(r"Overall exposure level for mailbot\.service: ([\d.]+)", analyzed.stdout)
    assert level
    assert float(level[1]) <= MOST_EXPOSED / 10


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "WatchdogSec=60",
        "RestartPreventExitStatus=2",
        "LoadCredential=key:/etc/mailbot/secrets/key",
        "LoadCredential=passwords:/etc/mailbot/secrets/passwords",
        "StateDirectory=mailbot",
    ],
)
def test_the_unit_keeps_what_the_daemon_relies_on(line: str):
    assert line in UNIT.read_text().splitlines()


def test_systemd_waits_for_the_end_longer_than_mailbot_takes():
    seconds = re.search(r"(?m)^TimeoutStopSec=(\d+)$", UNIT.read_text())
    assert seconds
    assert int(seconds[1]) > 20


def test_every_group_of_settings_says_why():
    blocks = UNIT.read_text().split("\n\n")
    assert [block.splitlines()[-1] for block in blocks if "=" in block and "#" not in block] == [
        "WantedBy=multi-user.target"
    ]
