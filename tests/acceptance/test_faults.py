"""What is wrong is said with its place, ends as it should, and changes nothing; what is away is waited for."""

import hashlib
import json
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from mailbot.app.work import _built
from mailbot.cli import main
from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.sending.outbox import PAUSES, SendLoop
from mailbot.sending.relay import Smarthost, SmtpRelay
from tests.acceptance.bench import Bench, mail_of
from tests.acceptance.desk import PATIENCE, SUPPORT, Home, running, until
from tests.servers.ports import free_port

MARI, ANNA = "mari@example.com", "anna@customer.test"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.init(tmp_path / "desk", MARI)


def everything_in(folder: Path) -> dict[str, tuple[int, str]]:
    """Each file and folder with its mode and its content's digest."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1
    # At once, as careful editors do: half a file would be another fault, and a running daemon may look at any time.
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text.replace(old, new, 1))
    beside.chmod(path.stat().st_mode)
    beside.replace(path)


def test_a_second_init_in_the_same_folder_changes_nothing(home: Home) -> None:
    before = everything_in(home.folder)
    done = home.mailbot("init", str(home.folder), "--domain", "other.test", configured=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{home.config}: exists already" in done.stderr
    assert everything_in(home.folder) == before


def three_faults(home: Home) -> list[str]:
    process = home.folder / "processes" / "modera.toml"
    replaced(process, 'priority = "P3"', 'priority = "P9"')
    replaced(process, 'type = "IT Help"', 'type = "Tea"')
    replaced(process, 'taken = "In progress"', 'taken = "Taken"')
    return [f"{process}: {key}:" for key in ("start.priority", "start.type", "moves.taken")]


def broken_directory(home: Home) -> list[str]:
    directory = home.folder / "directory.json"
    replaced(directory, '"role"', '"role')
    line = next(n for n, text in enumerate(directory.read_text().splitlines(), 1) if '"role:' in text)
    return [f"{directory}: line {line}, column"]


def group_readable_key(home: Home) -> list[str]:
    key = home.folder / "secrets" / "key"
    key.chmod(0o640)
    return [f"{key}: secrets.key: can be read by others (mode 0640)"]


def missing_passwords(home: Home) -> list[str]:
    (home.folder / "secrets" / "passwords").unlink()
    return [f"{home.folder / 'secrets' / 'passwords'}: secrets.passwords: does not exist"]


def unreadable_relay_password(home: Home) -> list[str]:
    secret = home.folder / "secrets" / "relay"
    secret.write_text("hidden-word")
    secret.chmod(0o644)
    replaced(home.config, 'kind = "maildir"', 'kind = "smtp"')
    config = home.config.read_text()
    section, relay = config.split("[relay]", 1)
    relay = relay.replace('user = ""', 'user = "desk"', 1).replace(
        'password_file = ""', 'password_file = "secrets/relay"', 1
    )
    home.config.write_text(f"{section}[relay]{relay}")
    return [f"{secret}: relay.password_file: can be read by others (mode 0644)"]


@pytest.mark.parametrize(
    "break_it",
    [three_faults, broken_directory, group_readable_key, missing_passwords, unreadable_relay_password],
    ids=lambda break_it: break_it.__name__,
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_desk_that_cannot_begin_says_why_and_changes_nothing(
    home: Home, capsys: pytest.CaptureFixture[str], command: str, break_it: Callable[[Home], list[str]]
) -> None:
    told = break_it(home)
    before = everything_in(home.folder)
    assert main([command, "-c", str(home.config)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for place in told:
        assert place in said.err
    assert "hidden-word" not in said.err
    assert everything_in(home.folder) == before


def test_a_taken_port_is_said_with_its_key_and_ends_the_start(home: Home) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        before = everything_in(home.folder)
        done = home.mailbot("run")
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "listen.port" in line]
    assert str(home.port) in line
    assert "mailbot works" not in done.stdout
    assert everything_in(home.folder) == before


def test_a_directory_that_breaks_while_mailbot_runs_keeps_its_last_good_state(home: Home) -> None:
    directory = home.folder / "directory.json"
    with running(home):
        home.send(mail_of(ANNA, SUPPORT, "The pump", "It hums."))
        home.letter(MARI, "It hums")
        good = directory.read_text()
        (place,) = broken_directory(home)
        home.send(mail_of(ANNA, SUPPORT, "The door", "It creaks."))
        home.letter(MARI, "It creaks")
        log = until("the alarm", lambda: alarms(home, "directory-broken"))
        assert place in json.dumps(log[0], ensure_ascii=False)
        assert len(log) == 1, "one alarm for one broken state"
        jaan = {"address": "jaan@example.com", "role": "agent"}
        directory.write_text(json.dumps({"people": {**json.loads(good)["people"], "9": jaan}}))
        home.send(mail_of(ANNA, SUPPORT, "The roof", "It leaks."))
        home.letter("jaan@example.com", "It leaks")
        assert home.stop() == 0


def alarms(home: Home, event: str) -> list[dict[str, Any]]:
    """The lines of the daemon's log about one thing."""
    lines = (home.folder / "log").read_text().splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in found if line.get("event") == event]


class Sink:
    """Keeps every mail that it is handed."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - its name is aiosmtpd's
        self.taken.append(envelope)
        return "250 2.0.0 kept"


def waiting(bench: Bench) -> list[OutboxMail]:
    return list(bench.store.queue_list())


def test_notices_wait_for_a_relay_that_is_away_and_go_out_once(tmp_path: Path) -> None:
    bench, port = Bench(tmp_path / "desk", MARI), free_port()
    relay = SmtpRelay(Smarthost(host="127.0.0.1", port=port, tls="none", timeout=PATIENCE))
    bench.sender = SendLoop(bench.store, relay, partial(_built, bench.store), lambda: bench.now, lambda: 0.0)
    bench.write(mail_of(ANNA, SUPPORT, "The pump", "It hums."))
    assert bench.case().status == "Open", "the work goes on"
    assert {letter.to for letter in waiting(bench)} == {ANNA, MARI}
    assert [letter.state for letter in waiting(bench) if "4.4.1" in letter.last_reply] == [OutboxState.DEFERRED]
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        # An operator who knows that the relay is back need not wait for the letters' own times.
        assert all(bench.store.queue_retry(letter.id, bench.now) for letter in waiting(bench))
        bench.rest(until=bench.now + PAUSES[0])
        assert waiting(bench) == []
        bench.rest(until=bench.now + timedelta(hours=1))
    finally:
        relay.close()
        controller.stop()
        bench.close()
    assert sorted(envelope.rcpt_tos[0] for envelope in sink.taken) == [ANNA, MARI]
