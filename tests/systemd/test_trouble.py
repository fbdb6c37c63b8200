"""The service in trouble under a real systemd: kills, hangs and the end under load, reloads, commands of root."""

import re
import signal
import smtplib

import pytest

from tests.acceptance.desk import body, until
from tests.systemd.service import AGENT, PATIENCE, Service, Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("loop", ["ingest", "work", "send"])
def test_a_loop_that_is_killed_under_load_is_replaced_and_no_mail_is_lost(service: Service, loop: str):
    service.started()
    stream, main = Stream(service), service.show("MainPID")
    with stream.flowing():
        stream.more()
        killed = service.loop(loop)
        service.run(f"kill -KILL {killed}")
        until(f"{loop} to live again", lambda: service.loop(loop) not in (0, killed), PATIENCE)
        stream.more()
    # A letter that was handed over just before the sender died goes out again: better than not at all.
    stream.all_answered(once=loop != "send")
    assert (service.show("MainPID"), service.show("NRestarts")) == (main, "0")
    story = service.journal()
    assert any(line.startswith("loop-ended") and f"loop={loop}" in line for line in story)
    assert any(line.startswith("loop-ready") and f"loop={loop}" in line for line in story)


def test_the_whole_that_is_killed_under_load_is_started_again_and_no_mail_is_lost(service: Service):
    service.started()
    stream = Stream(service)
    with stream.flowing():
        for times in (1, 2):
            stream.more()
            service.run("systemctl kill --kill-whom=main --signal=KILL mailbot")
            service.restarted(times)
        stream.more()
    assert stream.broken
    stream.all_answered(once=False)


def test_the_end_under_load_is_orderly_and_each_accepted_mail_is_answered_once(service: Service):
    service.started()
    stream = Stream(service)
    with stream.flowing():
        stream.more(20)
        service.run("systemctl stop mailbot")
        assert (service.show("Result"), service.show("ExecMainStatus")) == ("success", "0")
        service.started()
        stream.more()
        service.run("systemctl restart mailbot")
        stream.more()
    stream.all_answered()
    story = "\n".join(service.journal())
    assert not re.search(r"Killing|timed out|loop-would-not-end|loop-ended|freed", story)


def test_a_whole_that_hangs_is_found_by_the_watchdog_and_replaced(service: Service):
    service.drop_in("mailbot.service", "WatchdogSec=4", "TimeoutAbortSec=2", "RestartSec=100ms")
    service.started()
    service.run("systemctl kill --kill-whom=main --signal=STOP mailbot")
    service.restarted(1)
    service.write("Printer")
    service.answered()
    assert any("Watchdog timeout" in line for line in service.journal())


def test_a_loop_that_hangs_is_replaced_by_the_supervisor(service: Service):
    service.drop_in("mailbot.service", "Environment=MAILBOT_LIMITS__WORK_SECONDS=5")
    service.started()
    hung = service.loop("work")
    service.run(f"kill -STOP {hung}")
    service.write("Printer")
    assert service.answered()
    assert service.loop("work") != hung
    assert service.show("NRestarts") == "0"
    assert any(line.startswith("loop-hung") and f"pid={hung}" in line for line in service.journal("--priority=err"))


def test_where_it_died_stands_in_the_journal_and_no_core_is_left(service: Service):
    service.drop_in("mailbot.service", "RestartSec=100ms")
    service.started()
    limits = service.run(f"cat /proc/{service.show('MainPID')}/limits").stdout
    assert re.search(r"^Max core file size +0 ", limits, re.MULTILINE)
    # What the watchdog sends to one that is not stopped.
    service.run(f"systemctl kill --kill-whom=main --signal={signal.SIGABRT} mailbot")
    service.restarted(1)
    story = service.journal("--priority=err")
    assert "Fatal Python error: Aborted" in story
    assert any("supervisor.py" in line and "in run" in line for line in story)


def test_a_broken_process_is_refused_at_a_reload_and_a_good_one_is_taken(service: Service):
    service.started()
    process = service.file("processes/modera.toml")
    good = process.read_text()
    process.write_text(good.replace('priority = "P3"', 'priority = "P9"', 1))
    service.run("systemctl reload mailbot")
    until("the refusal", lambda: any("start.priority" in line for line in service.journal("--priority=err")), PATIENCE)
    service.write("Printer")
    service.answered()
    process.write_text(good.replace('priority = "P3"', 'priority = "P2"', 1))
    service.run("systemctl reload mailbot")

    def taken() -> bool:
        return any(line.startswith("reloaded") and "loop=work" in line for line in service.journal())

    until("the good one", taken, PATIENCE)
    service.write("Scanner")
    until("a case of the new priority", lambda: [one["priority"] for one in service.cases()] == ["P3", "P2"], PATIENCE)


def test_a_changed_password_counts_from_the_next_restart(service: Service):
    service.started()
    made = service.run("/opt/mailbot/bin/mailbot init /root/scratch --agent kim@example.com").stdout
    new = re.findall(rf"{AGENT}\s+(\S+)", made)[0]
    service.run("cp /root/scratch/secrets/passwords /etc/mailbot/secrets/passwords; rm -r /root/scratch")
    service.run("systemctl reload mailbot")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        service.login(new)
    service.run("systemctl restart mailbot")
    service.login(new)


def test_what_root_does_from_the_shell_stays_the_service_s(service: Service):
    # A first start that failed has left a folder without a database; the first command makes one.
    service.file("mailbot.toml").rename(service.file("away.toml"))
    service.run("systemctl start mailbot || true")
    service.file("away.toml").rename(service.file("mailbot.toml"))
    assert service.cases() == []
    service.started().write("Printer")
    service.answered()
    service.run("/opt/mailbot/bin/mailbot do HD-1 take; systemctl stop mailbot")
    service.run("/opt/mailbot/bin/mailbot do HD-1 'ask: Which floor?'; /opt/mailbot/bin/mailbot verify")
    service.started()

    def asked() -> bool:
        return any("Which floor?" in body(mail) for mail in service.letters("jane@customer.test"))

    until("the question", asked, PATIENCE)
    assert service.run("find /var/lib/mailbot ! -user mailbot").stdout == ""
