"""`mailbot doctor` beside a running daemon: its loops, its listeners, its certificate."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.app.doctor import ground_of, parts
from mailbot.app.doctor_part import Surroundings
from mailbot.clock import SystemClock
from mailbot.daemon.lock import RoleLock, holder
from mailbot.daemon.loops import Role
from tests.daemon.desk import Home
from tests.daemon.loops import eventually
from tests.doctor.conftest import Names, Try
from tests.sending.conftest import Script
from tests.servers.ports import free_port


def hold(home: Path, *roles: str) -> list[RoleLock]:
    """Be these roles on the desk's state folder; the kernel takes the locks back with the descriptors."""
    locks = [RoleLock(home / "state", role) for role in roles]
    for lock in locks:
        lock.take(lambda _seconds: None)
    return locks


def test_a_daemon_that_does_not_run_is_told(home: Path, attempt: Try):
    assert attempt("daemon") == [
        f"warning: none runs on {home}/state -> start it: `systemctl start mailbot`, or `mailbot run`"
    ]
    port = free_port()
    assert attempt("listener", listen__port=port) == [
        f"well: mailbot does not run; port {port} on 127.0.0.1 is free for it"
    ]


def test_loops_that_are_missing_are_told(home: Path, attempt: Try):
    hold(home, "supervisor")
    assert attempt("daemon")[0].startswith("failed: mailbot runs without ingest, work and send -> it is starting anew")
    hold(home, "ingest", "send")
    assert attempt("daemon") == [
        "failed: mailbot runs without work -> it is starting anew, or see the log: `journalctl -u mailbot`"
    ]
    hold(home, "work")
    assert attempt("daemon")[0].startswith("well: it runs, under one supervisor (processes: ingest ")


def test_loops_that_run_apart_are_seen(home: Path, attempt: Try):
    hold(home, "ingest", "work")
    assert attempt("daemon")[0].startswith("failed: mailbot runs without send -> start it, `mailbot run --only send`,")
    hold(home, "send")
    assert attempt("daemon")[0].startswith("well: it runs, each loop alone (processes: ingest ")


def test_a_look_at_a_lock_says_who_has_it_and_keeps_nobody_out(tmp_path: Path):
    assert holder(tmp_path, "work") is None
    lock = RoleLock(tmp_path, "work")
    lock.take(lambda _seconds: None)
    assert holder(tmp_path, "work") == os.getpid()
    (tmp_path / "run" / "work.lock").write_text("")
    assert holder(tmp_path, "work") == 0
    (tmp_path / "run" / "send.lock").touch()
    assert holder(tmp_path, "send") is None
    RoleLock(tmp_path, "send").take(lambda _seconds: None)


@pytest.mark.parametrize("part", ["listener", "lmtp"])
def test_a_port_that_another_program_has_is_told(attempt: Try, part: str):
    section = "listen" if part == "listener" else "lmtp"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (said,) = attempt(part, **{f"{section}__enabled": "true", f"{section}__port": port})
    assert said.startswith(f"failed: port {port} on 127.0.0.1 is taken by another program")
    assert said.endswith(f"-> see which program has it, `ss -tlnp`, or choose another {section}.port")


def test_listeners_that_are_switched_off_are_not_used(attempt: Try):
    assert attempt("lmtp") == ["not used: nothing listens for LMTP (lmtp.enabled = false)"]
    settings = {"listen__enabled": "false", "lmtp__enabled": "true"}
    assert attempt("listener", **settings) == ["not used: nothing listens for SMTP (listen.enabled = false)"]


@pytest.mark.parametrize("part", ["listener", "lmtp"])
def test_a_listener_that_does_not_greet_is_told(home: Path, scripts: Callable[..., Script], attempt: Try, part: str):
    locks = hold(home, "ingest")
    section = "listen" if part == "listener" else "lmtp"
    enabled = {f"{section}__enabled": "true"}
    closed = free_port()
    (silent,) = attempt(part, **enabled, **{f"{section}__port": closed})
    assert silent.startswith(
        f"failed: mailbot runs and does not greet on port {closed} on 127.0.0.1 (Connection refused)"
    )
    busy = scripts(CONNECT=["421 4.3.2 too many"])
    (full,) = attempt(part, **enabled, **{f"{section}__port": busy.port})
    assert full.startswith(
        f"failed: port {busy.port} on 127.0.0.1 answers 421 instead of a greeting -> restart mailbot"
    )
    assert locks


@pytest.fixture
def pair(home: Path) -> Callable[[int], Path]:
    """Give the desk a certificate that is good for so many days."""

    def make(days: int) -> Path:
        key, request = home / "secrets" / "tls.key", home / "request.pem"
        options = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=desk.example.com"
        for command in (
            f"openssl req -new {options} -keyout {key} -out {request}",
            f"openssl x509 -req -in {request} -signkey {key} -days {days} -out {home}/cert.pem",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        key.chmod(0o600)
        return home / "cert.pem"

    return make


CERTIFIED = {"listen__tls_certificate": "cert.pem", "listen__tls_key": "secrets/tls.key"}


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (90, "well: the certificate is good until "),
        (5, "warning: the certificate ends on "),
        (-1, "failed: the certificate {file} does not serve: certificate has expired -> renew it, and restart mailbot"),
    ],
)
def test_the_end_of_the_certificate_is_told(pair: Callable[[int], Path], attempt: Try, days: int, told: str):
    file = pair(days)
    around = Surroundings(clock=SystemClock(), resolver=Names())
    _, said = attempt("listener", around=around, **CERTIFIED, listen__port=free_port())
    assert said.startswith(told.format(file=file))


def test_a_listener_without_the_tls_that_is_configured_is_told(
    home: Path, pair: Callable[[int], Path], scripts: Callable[..., Script], attempt: Try
):
    pair(90)
    locks = hold(home, "ingest")
    server = scripts()
    said = attempt("listener", **CERTIFIED, listen__port=server.port)
    place = f"port {server.port} on 127.0.0.1"
    assert said[0].startswith(f"warning: {place} greets and offers no TLS, though a certificate is configured -> ")
    assert locks


def test_a_running_daemon_is_met(tmp_path: Path, certificate: Path):
    desk = Home(tmp_path / "desk")
    for name, place in (("cert.pem", "cert.pem"), ("key.pem", "secrets/tls.key")):
        shutil.copy(certificate / name, desk.folder / place)
    (desk.folder / "secrets" / "tls.key").chmod(0o600)
    settings = {f"MAILBOT_{key.upper()}": value for key, value in CERTIFIED.items()}
    settings |= {"MAILBOT_LISTEN__PORT": str(desk.port)}
    settings |= {"MAILBOT_LMTP__ENABLED": "true", "MAILBOT_LMTP__PORT": str(free_port())}

    def tried(name: str) -> list[str]:
        around = Surroundings(clock=SystemClock(), resolver=Names())
        ground = ground_of(desk.folder / "mailbot.toml", settings, around)
        (part,) = (part for part in parts(ground) if part.name == name)
        return [f"{one.state}: {one.found}" for one in part.findings(ground)]

    with desk.run(**settings) as daemon:
        daemon.ready()
        numbers = ", ".join(f"{role} {daemon.children()[role]}" for role in Role)
        assert tried("daemon") == [f"well: it runs, under one supervisor (processes: {numbers})"]
        greeted, good = tried("listener")
        assert greeted == f"well: mailbot greets on port {desk.port} on 127.0.0.1 with TLS"
        assert good.startswith("warning: the certificate ends on ")
        assert tried("lmtp") == [f"well: mailbot greets on port {settings['MAILBOT_LMTP__PORT']} on 127.0.0.1"]
        # A renewed certificate lies in the file; the daemon has the old one still.
        renew = "openssl x509 -in cert.pem -signkey secrets/tls.key -days 90 -out cert.pem"
        subprocess.run(renew.split(), cwd=desk.folder, check=True, capture_output=True)
        _, other, good = tried("listener")
        assert other == f"warning: the running listener shows another certificate than {desk.folder}/cert.pem holds"
        assert good.startswith("well: the certificate is good until ")
        assert daemon.stop() == 0
    eventually(lambda: holder(desk.folder / "state", "supervisor") is None, "its lock is free")
    assert tried("daemon")[0].startswith("warning: none runs on ")
