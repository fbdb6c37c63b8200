"""Ingest, work and send as services of their own under a real systemd."""

import pytest

from tests.acceptance.desk import until
from tests.systemd.service import AGENT, PATIENCE, UNITS, Service, Stream, commands

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PARTS = ("mailbot-ingest.service", "mailbot-work.service", "mailbot-send.service")
HEADING = "Each loop as a service of its own"


@pytest.fixture
def split(service: Service) -> Service:
    """The three services, installed and started as the documentation says."""
    service.run("\n".join(commands(HEADING)))
    return service


def states(split: Service) -> list[str]:
    """How the three services stand."""
    return [split.show("ActiveState", part) for part in PARTS]


def test_a_mail_is_taken_while_work_is_stopped_and_answered_once_it_is_started(split: Service):
    assert states(split) == ["active"] * 3
    assert split.show("DropInPaths", PARTS[0]) == f"{UNITS}/mailbot-.service.d/10-common.conf"
    split.run("systemctl stop mailbot-work")
    split.write("Printer")
    split.login(split.passwords[AGENT])
    assert split.letters() == []
    split.started("mailbot-work.service")
    split.answered()
    story = split.journal()
    for words in ("ready [mailbot.daemon.loops] loop=work", "ready [mailbot.daemon.loops] loop=ingest", "mail.decided"):
        assert any(line.startswith(words) for line in story), story
    assert split.journal("--priority=warning") == []
    split.run("systemctl stop mailbot.target")
    until("the end of all", lambda: states(split) == ["inactive"] * 3, PATIENCE)


def test_each_service_is_killed_under_load_and_no_mail_is_lost(split: Service):
    stream = Stream(split)
    with stream.flowing():
        for part in PARTS:
            stream.more()
            split.run(f"systemctl kill --signal=KILL {part}")
            split.restarted(1, part)
        stream.more()
    stream.all_answered(once=False)


def test_work_that_is_restarted_under_load_loses_and_doubles_nothing_and_refuses_nobody(split: Service):
    stream = Stream(split)
    with stream.flowing():
        for _ in range(3):
            stream.more()
            split.run("systemctl restart mailbot-work mailbot-send")
        stream.more()
    assert stream.broken == 0
    stream.all_answered()


def test_a_loop_that_hangs_on_its_own_is_found_by_systemd_s_watchdog(split: Service):
    split.drop_in("mailbot-work.service", "WatchdogSec=4", "TimeoutAbortSec=2")
    split.run("systemctl restart mailbot-work; systemctl kill --signal=STOP mailbot-work")
    split.write("Printer")
    split.restarted(1, "mailbot-work.service")
    split.answered()
    assert any("Watchdog timeout" in line for line in split.journal())


def test_a_missing_secret_stops_only_who_needs_it(split: Service):
    split.file("secrets/passwords").unlink()
    split.run("systemctl restart mailbot-work mailbot-send")
    assert split.run("systemctl restart mailbot-ingest", check=False).returncode != 0
    assert split.show("ExecMainStatus", "mailbot-ingest.service") == "243"
    assert states(split) == ["failed", "active", "active"]


def test_work_has_no_network_and_no_secret_but_the_key(split: Service):
    work = split.show("MainPID", "mailbot-work.service")
    interfaces = split.run(f"nsenter --target={work} --net ip -oneline link").stdout.splitlines()
    assert [line.split()[1] for line in interfaces] == ["lo:"]
    inodes = {name: split.run(f"readlink /proc/{name}/ns/net").stdout for name in (work, "1")}
    assert len(set(inodes.values())) == 2
    assert split.run("ls /run/credentials/mailbot-work.service").stdout.split() == ["key"]
    assert split.run("ls /run/credentials/mailbot-ingest.service").stdout.split() == ["key", "passwords"]


def test_the_whole_and_its_parts_never_run_together(split: Service):
    split.run("systemctl start mailbot.service")
    assert states(split) == ["inactive"] * 3
    split.write("Printer")
    split.answered()
    split.run("systemctl start mailbot.target")
    assert split.show("ActiveState") == "inactive"
    assert states(split) == ["active"] * 3
    # By hand, past systemd, the locks in the state folder still keep the two apart.
    second = split.run("/opt/mailbot/bin/mailbot run --only send -c /etc/mailbot/mailbot.toml", check=False)
    assert second.returncode == 2
    assert "another mailbot's send already runs on this state folder" in second.stderr


def test_a_store_that_is_away_at_the_start_is_tried_until_it_is_back(split: Service):
    split.run("systemctl stop mailbot.target; mv /var/lib/mailbot/mailbot.db /var/lib/mailbot/away")
    split.run("mkdir /var/lib/mailbot/mailbot.db; systemctl start --no-block mailbot.target")
    until("many starts", lambda: int(split.show("NRestarts", "mailbot-work.service")) >= 3, PATIENCE)
    split.run("rmdir /var/lib/mailbot/mailbot.db; mv /var/lib/mailbot/away /var/lib/mailbot/mailbot.db")
    until(
        "all three",
        lambda: states(split) == ["active"] * 3,
        PATIENCE,
    )
    split.write("Printer")
    split.answered()
