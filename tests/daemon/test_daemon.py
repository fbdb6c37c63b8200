"""The whole daemon as its real processes: mail in and out, death, the end, a second one, a taken port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.daemon.presence import LONGEST_REST
from tests.daemon.desk import AGENT, CUSTOMER, Home
from tests.daemon.loops import alive, ear, eventually


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "desk")


def test_a_mail_is_answered_and_told_to_the_team_within_a_second_of_its_250(home: Home):
    with home.run() as daemon:
        daemon.ready().write("warm-up")
        eventually(lambda: daemon.sent() and daemon.sent(AGENT), "the first one is answered")
        daemon.write("second")
        written = time.monotonic()
        eventually(lambda: len(daemon.sent()) == 2, "the second one is answered")
        # Well under a second on a quiet machine; without the bells it would be a loop's whole rest.
        assert time.monotonic() - written < LONGEST_REST
        eventually(lambda: len(daemon.sent(AGENT)) == 2, "the team hears of it")
        assert daemon.stop() == 0


def test_in_shadow_mode_only_the_operator_gets_mail(home: Home):
    with home.run(MAILBOT_SHADOW__TO="operator@example.test") as daemon:
        daemon.ready().write()
        eventually(lambda: len(daemon.sent("operator@example.test")) == 2, "the operator gets both notices")
        assert b"meant for jane@customer.test" in b"".join(daemon.sent("operator@example.test"))
        assert daemon.stop() == 0
        assert "every notice goes to the address in shadow.to" in daemon.log()
        assert "shadow mode: all of it to operator@example.test" in daemon.greeting().decode()
        assert daemon.sent() == daemon.sent(AGENT) == []


def test_it_says_where_mail_comes_in_and_goes_and_how_to_send_a_first_one_that_works(home: Home):
    with home.run() as daemon:
        said = daemon.ready().greeting().decode()
        assert f"SMTP on 127.0.0.1 port {home.port}" in said
        assert f"the Maildir {home.folder}/outgoing" in said
        command = next(line for line in said.splitlines() if "smtplib" in line)
        subprocess.run(["sh", "-c", command], check=True, timeout=30)
        eventually(lambda: daemon.sent("jane@customer.example"), "the first mail is answered")
        environ = dict(os.environ, MAILBOT_LISTEN__PORT=str(home.port))
        case = [sys.executable, "-m", "mailbot", "case", "HD-1", "--json", "-c", str(home.folder / "mailbot.toml")]
        shown = json.loads(subprocess.run(case, check=True, capture_output=True, env=environ).stdout)
        assert shown["requester"] == "jane@customer.example"


def test_readiness_watchdog_and_stop_are_told_on_the_notification_socket(home: Home, tmp_path: Path):
    with ear(tmp_path) as listener, home.run(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="4000000") as daemon:
        listener.listen("READY")
        daemon.write()
        before = listener.count("WATCHDOG")
        eventually(lambda: listener.count("WATCHDOG") > before + 2, "the watchdog is fed")
        assert "SMTP on 127.0.0.1" in next(message["STATUS"] for message in listener.told if "READY" in message)
        assert daemon.stop() == 0
        listener.listen("STOPPING")
        assert daemon.greeting() == b""


@pytest.mark.parametrize("role", ["ingest", "work", "send"])
def test_a_loop_on_its_own_tells_the_same(home: Home, tmp_path: Path, role: str):
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
    with ear(tmp_path) as listener, home.run("--only", role, **environ) as daemon:
        listener.listen("READY")
        before = listener.count("WATCHDOG")
        eventually(lambda: listener.count("WATCHDOG") > before + 2, "the watchdog is fed")
        assert daemon.stop() == 0
        listener.listen("STOPPING")


def test_sigterm_ends_it_in_time_while_a_client_is_in_mid_mail(home: Home):
    with home.run() as daemon:
        daemon.ready()
        with socket.create_connection(("127.0.0.1", home.port), 10) as client:
            client.sendall(
                b"EHLO a.test\r\nMAIL FROM:<jane@customer.test>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n"
            )
            client.sendall(b"Subject: half\r\n\r\n")
            loops = daemon.children()
            began = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - began < 20
            assert not any(map(alive, loops.values()))


def test_kill_9_of_the_supervisor_leaves_no_loop_and_the_next_start_works_at_once(home: Home):
    with home.run() as daemon:
        loops = daemon.ready().children()
        assert set(loops) == {"ingest", "work", "send"}
        daemon.process.kill()
        eventually(lambda: not any(map(alive, loops.values())), "no loop is left")
    with home.run() as daemon:
        daemon.ready().write()
        eventually(daemon.sent, "the mail is answered")


@pytest.mark.parametrize("role", ["ingest", "work", "send"])
def test_a_loop_that_is_killed_is_replaced_and_mail_goes_through_again(home: Home, role: str):
    with home.run() as daemon:
        loops = daemon.ready().children()
        os.kill(loops[role], signal.SIGKILL)
        eventually(lambda: daemon.children().get(role, loops[role]) != loops[role], "it lives again")
        assert {name: pid for name, pid in daemon.children().items() if name != role} == {
            name: pid for name, pid in loops.items() if name != role
        }

        def accepted() -> bool:
            try:
                daemon.write()
            except OSError:
                return False
            return True

        eventually(accepted, "mail is taken")
        eventually(daemon.sent, "the mail is answered")


def test_a_work_loop_that_hangs_is_replaced_while_mail_is_still_taken(home: Home):
    with home.run(MAILBOT_LIMITS__WORK_SECONDS="6") as daemon:
        loops = daemon.ready().children()
        os.kill(loops["work"], signal.SIGSTOP)
        daemon.write()
        eventually(daemon.sent, "the mail is answered by the next work loop")
        assert daemon.children()["work"] != loops["work"]
        assert daemon.children()["ingest"] == loops["ingest"]
        assert "loop-hung" in daemon.log()


def test_a_second_daemon_on_the_same_folder_is_refused_in_one_line(home: Home):
    with home.run() as daemon:
        daemon.ready()
        second = [sys.executable, "-m", "mailbot", "run", "-c", str(home.folder / "mailbot.toml")]
        refused = subprocess.run(second, check=False, capture_output=True, timeout=30)
        assert refused.returncode == 2
        (line,) = refused.stderr.decode().splitlines()
        assert f"another mailbot already runs on this state folder (process {daemon.process.pid})" in line
        daemon.write()
        eventually(daemon.sent, "the first one still works")


def taken_port(home: Home) -> socket.socket:
    return socket.create_server(("127.0.0.1", home.port))


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        pytest.param(taken_port, "listen.port: port", id="taken-port"),
        pytest.param(
            lambda home: (home.folder / "secrets" / "key").chmod(0o604), "secrets.key: can be read", id="open-secret"
        ),
        pytest.param(
            lambda home: (home.folder / "secrets" / "passwords").unlink(), "secrets.passwords: does", id="no-secret"
        ),
        pytest.param(
            lambda home: (home.folder / "mailbot.toml").write_text("[desk"), "is no valid TOML", id="broken-toml"
        ),
        pytest.param(
            lambda home: (home.folder / "processes" / "modera.toml").write_text("schema = 1\nname = 'x'"),
            "modera.toml: start: is missing",
            id="broken-process",
        ),
        pytest.param(
            lambda home: (home.folder / "directory.json").write_text("{"), "directory.json: line 1", id="no-directory"
        ),
    ],
)
def test_what_keeps_it_from_running_is_said_without_a_traceback_and_ends_with_2(
    home: Home, break_it: Callable[[Home], object], words: str
):
    held = break_it(home)
    with home.run() as daemon:
        assert daemon.process.wait(60) == 2
        assert words in daemon.log()
        assert "Traceback" not in daemon.log()
        assert daemon.greeting() == b""
    if isinstance(held, socket.socket):
        held.close()


def test_a_reload_takes_up_a_new_process_and_refuses_a_broken_one(home: Home):
    process = home.folder / "processes" / "modera.toml"
    good = process.read_text()
    with home.run() as daemon:
        daemon.ready()
        process.write_text(good.replace('priority = "P3"', 'priority = "P9"', 1))
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: "reload-refused" in daemon.log(), "the broken one is refused")
        assert "start.priority" in daemon.log()
        daemon.write("before")
        eventually(lambda: len(daemon.sent(AGENT)) == 1, "it works on by the last good one")
        assert b"P3" in daemon.sent(AGENT)[0]
        process.write_text(good.replace('priority = "P3"', 'priority = "P2"', 1))
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: '"loop": "work"' in daemon.log() and '"reloaded"' in daemon.log(), "the good one is taken")
        eventually(lambda: daemon.log().count('"reloaded", "loop": "work"') == 1, "the work loop has it")
        daemon.write("after")
        eventually(lambda: any(b"P2" in mail for mail in daemon.sent(AGENT)), "a new case has the new priority")


def test_secrets_handed_over_by_systemd_are_enough(home: Home, tmp_path: Path):
    # As the service finds them: the folder of the originals is root's, the copies show the access list as a mode.
    credentials = tmp_path / "credentials"
    (home.folder / "secrets").rename(credentials)
    for file in credentials.iterdir():
        file.chmod(0o440)
    with home.run(CREDENTIALS_DIRECTORY=str(credentials)) as daemon:
        daemon.ready().write()
        eventually(daemon.sent, "the mail is answered")


def test_ctrl_c_on_the_terminal_ends_it_in_order(home: Home):
    with home.run() as daemon:
        loops = daemon.ready().children()
        # The terminal tells the whole group; here each is told, the loops first.
        for pid in (*loops.values(), daemon.process.pid):
            os.kill(pid, signal.SIGINT)
        assert daemon.process.wait(25) == 0
        assert "loop-ended" not in daemon.log()
        assert not any(map(alive, loops.values()))


def test_nobody_else_reads_the_mails_and_the_log_names_no_address_and_no_secret(home: Home):
    with home.run() as daemon:
        daemon.ready().write("canary-subject", "canary-text")
        eventually(daemon.sent, "the mail is answered")
        assert daemon.stop() == 0
        lines = [json.loads(line) for line in daemon.log().splitlines()]
        assert any(line["event"] == "mail.decided" for line in lines)
        private = [home.folder / "state", *(home.folder / "state").rglob("*"), *(home.folder / "outgoing").rglob("*")]
        assert [path for path in private if path.stat().st_mode & 0o077 and not path.is_socket()] == []
        secret = (home.folder / "secrets" / "key").read_text().strip()
        for word in (CUSTOMER, "canary", secret):
            assert word not in daemon.log()
