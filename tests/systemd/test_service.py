"""The service under a real systemd, as an operator meets it: start, mail, stop, and what is said when it cannot run."""

import re

import pytest

from tests.systemd.service import AGENT, Service, commands, section

# The first one installs mailbot as well.
pytestmark = pytest.mark.timeout(300)


def test_the_start_returns_when_mail_is_taken_and_the_journal_tells_the_story(service: Service):
    started = [words for words in commands("Under systemd") if words.startswith("systemctl")]
    assert started == ["systemctl enable --now mailbot"]
    service.run(started[0])
    service.write("Printer", text="The canary burns.")
    assert service.answered()["Subject"].startswith("[HD-1]")
    service.login(service.passwords[AGENT])
    assert "ingest: SMTP on 127.0.0.1:2525" in service.show("StatusText")
    assert [case["number"] for case in service.cases()] == [1]
    for pid in service.run("pgrep --full 'mailbot run'").stdout.split():
        has_no_privilege(service, pid)
    service.run("systemctl stop mailbot")
    assert service.show("Result") == "success"

    story = service.journal()
    events = [line.split()[0] for line in story]
    for earlier, later in (("Starting", "ready"), ("ready", "mail.decided"), ("mail.decided", "Stopping")):
        assert events.index(earlier) < events.index(later), story
    assert "stopped" in events
    decided = next(line for line in story if line.startswith("mail.decided"))
    assert "loop=work" in decided
    # The journal has the instant and the level of each line; said once more they are only in the way.
    assert not re.search(r"timestamp|20\d\d-|level|[{\x1b]", decided)
    assert service.journal("--priority=warning") == []
    secrets = (service.file(f"secrets/{name}").read_text().strip() for name in ("key", "passwords"))
    for word in ("canary", "jane@", "kim@", service.passwords[AGENT], *secrets):
        assert word not in "".join(story)


def has_no_privilege(service: Service, pid: str) -> None:
    """Hold a process against what the unit promises: its own user, no capability, a filter, a read-only system."""
    status = dict(line.split(":\t", 1) for line in service.run(f"cat /proc/{pid}/status").stdout.splitlines())
    assert (status["CapEff"], status["CapBnd"]) == ("0" * 16, "0" * 16)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert service.run(f"stat --format=%U /proc/{pid}").stdout.strip() == "mailbot"
    assert service.run(f"grep ' / / ' /proc/{pid}/mountinfo").stdout.split()[5].startswith("ro")


def test_a_missing_secret_ends_the_start_before_mailbot_runs_and_is_not_tried_again(service: Service):
    service.file("secrets/passwords").unlink()
    assert service.run("systemctl start mailbot", check=False).returncode != 0
    assert (service.show("ExecMainStatus"), service.show("NRestarts")) == ("243", "0")
    assert "status=243/CREDENTIALS" in service.run("systemctl status mailbot", check=False).stdout
    assert "status=243/CREDENTIALS" in section("Under systemd")
    assert "ready" not in [line.split()[0] for line in service.journal()]


def test_a_fault_of_the_configuration_is_said_with_file_and_key_and_is_not_tried_again(service: Service):
    file = service.file("mailbot.toml")
    file.write_text(file.read_text().replace("port = 2525", "port = 252525"))
    assert service.run("systemctl start mailbot", check=False).returncode != 0
    assert (service.show("ActiveState"), service.show("ExecMainStatus"), service.show("NRestarts")) == (
        "failed",
        "2",
        "0",
    )
    # Nothing else stands among the errors but systemd's own word that it failed.
    said = [line for line in service.journal("--priority=err") if "Failed to start" not in line]
    assert len(said) == 1
    assert said[0].startswith("/etc/mailbot/mailbot.toml: listen.port: ")


def test_a_mail_that_was_accepted_before_a_kill_is_answered_after_the_restart(service: Service):
    service.drop_in("mailbot.service", "RestartSec=100ms")
    service.started()
    # It cannot be decided before the kill.
    service.run(f"kill -STOP {service.loop('work')}")
    service.write("Printer")
    loops = [service.loop(name) for name in ("ingest", "work", "send")]
    service.run("systemctl kill --kill-whom=main --signal=KILL mailbot")
    service.restarted(1)
    assert service.answered()
    assert not {service.loop(name) for name in ("ingest", "work", "send")} & {0, *loops}
    story = service.journal()
    assert any("code=killed, status=9/KILL" in line for line in story)
    assert sum(line.startswith("ready ") for line in story) == 2
