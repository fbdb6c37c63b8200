"""The systemd units, as systemd itself reads them. How they do under a running one is in tests/systemd."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mailbot.daemon.loops import Role
from mailbot.ports.patience import SILENCE

UNITS = Path(__file__).resolve().parents[2] / "systemd"
UNIT = UNITS / "mailbot.service"
COMMON = UNITS / "mailbot-.service.d" / "10-common.conf"
PARTS = {role: UNITS / f"mailbot-{role}.service" for role in Role}
#: Exposure in tenths, of 100 that a unit without any protection has. Work has no network, which is most of the rest.
MOST_EXPOSED = {UNIT: 13, PARTS[Role.INGEST]: 13, PARTS[Role.WORK]: 6, PARTS[Role.SEND]: 13}

analyzes = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@analyzes
@pytest.mark.parametrize("unit", [*MOST_EXPOSED, UNITS / "mailbot.target"], ids=lambda unit: unit.name)
def test_systemd_finds_nothing_to_say_about_a_unit(unit: Path):
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@analyzes
@pytest.mark.parametrize("unit", MOST_EXPOSED, ids=lambda unit: unit.name)
def test_the_exposure_stays_low(unit: Path):
    most = MOST_EXPOSED[unit]
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager", str(unit)]
    analyzed = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert analyzed.returncode == 0, analyzed.stdout
    level = re.search(rf"Overall exposure level for {unit.name}: ([\d.]+)", analyzed.stdout)
    assert level
    assert float(level[1]) <= most / 10


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "WatchdogSec=60",
        "RestartPreventExitStatus=2 CREDENTIALS",
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


def settings(*files: Path) -> set[str]:
    """The settings of units, without comments and headings."""
    return {line for file in files for line in file.read_text().splitlines() if "=" in line and line[0] != "#"}


#: What the whole says and its parts say otherwise: of each setting only its name counts.
DIFFERENT = {"Description", "ExecStart", "WantedBy", "StartLimitIntervalSec", "StartLimitBurst", "RestartSec"}
DIFFERENT |= {"SyslogIdentifier"}


def test_the_parts_together_say_what_the_whole_says():
    whole = {line for line in settings(UNIT) if line.partition("=")[0] not in DIFFERENT}
    assert whole - settings(COMMON, *PARTS.values()) == set()


@pytest.mark.parametrize("role", Role)
def test_a_part_is_the_loop_of_its_name_and_never_runs_beside_the_whole(role: Role):
    lines = PARTS[role].read_text().splitlines()
    assert f"ExecStart=/usr/bin/env mailbot run --only {role} -c /etc/mailbot/mailbot.toml" in lines
    # With an order between the two systemd ends the one before it starts the other.
    assert {"Conflicts=mailbot.service", "After=mailbot.service", "PartOf=mailbot.target"} <= set(lines)
    assert PARTS[role].name in (UNITS / "mailbot.target").read_text()


def test_a_part_is_given_more_time_than_its_loop_may_be_silent():
    seconds = re.search(r"(?m)^WatchdogSec=(\d+)$", PARTS[Role.SEND].read_text())
    assert seconds
    assert int(seconds[1]) >= SILENCE


def test_every_group_of_settings_says_why():
    blocks = UNIT.read_text().split("\n\n")
    assert [block.splitlines()[-1] for block in blocks if "=" in block and "#" not in block] == [
        "WantedBy=multi-user.target"
    ]
