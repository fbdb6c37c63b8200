"""`mailbot doctor` on this machine: configuration, state folder, secrets, store, directory, clock, shadow mode."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.app.doctor_part import Surroundings
from mailbot.login.passwords import password_line
from mailbot.ports.records import InboxMail
from mailbot.store.sql import SqlStore, open_store
from tests.cli.conftest import ANNA, MONDAY, Said, receive
from tests.doctor.conftest import Hand, Names, Try
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres

Mailbot = Callable[..., Said]


def tree(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def _port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_LISTEN__PORT", str(free_port()))


def test_a_new_desk_is_well_and_stays_as_it_is(home: Path, mailbot: Mailbot):
    before = tree(home)
    said = mailbot("doctor")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line[10:28].strip() for line in lines[:-1] if not line.startswith("warning   configuration")] == [
        *("configuration", "state folder", "secrets", "store", "directory", "daemon", "listener"),
        "lmtp",
        *("mailboxes", "relay", "names", "clock", "shadow mode"),
    ]
    assert lines[-1].startswith("Everything works, with ")
    assert "well      store             sqlite: nothing there yet, the first start makes the tables" in lines
    assert tree(home) == before


@pytest.mark.usefixtures("burning")
def test_a_desk_with_cases_stays_as_it_is(home: Path, store: SqlStore, mailbot: Mailbot):
    store.close()
    before = tree(home)
    assert mailbot("doctor").code == 0
    assert tree(home) == before


def test_a_program_gets_one_document(mailbot: Mailbot):
    said = mailbot("doctor", "--json")
    document = json.loads(said.out)
    assert said.code == 0
    assert document["faults"] == []
    assert {tuple(part) for part in document["parts"]} == {("part", "state", "found", "advice", "lines")}
    assert {part["state"] for part in document["parts"]} == {"well", "warning", "not used"}
    (relay,) = (part for part in document["parts"] if part["part"] == "relay")
    assert relay["advice"] == 'for customers set relay.kind = "smtp"'


def test_a_part_that_failed_is_a_no(mailbot: Mailbot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAILBOT_LIMITS__DISK_FLOOR_BYTES", str(10**18))
    said = mailbot("doctor")
    assert said.code == 1
    assert "\nfailed    state folder      " in said.out
    assert said.err.startswith("1 failed, ")
    assert mailbot("doctor", "--json").code == 1


def test_faults_of_the_configuration_come_first_and_end_it(home: Path, mailbot: Mailbot):
    (home / "mailbot.toml").write_text("[desk]\naddress = 'support@example.com'\ncolour = 'red'\n[relay]\nport = 0\n")
    said = mailbot("doctor")
    assert (said.code, said.out) == (2, "")
    assert [line.split(": ")[1] for line in said.err.splitlines()] == ["desk.colour", "relay.port"]
    assert mailbot("check").err.startswith(said.err)
    document = json.loads(mailbot("doctor", "--json").out)
    assert [fault["key"] for fault in document["faults"]] == ["desk.colour", "relay.port"]
    assert document["parts"] == []


def test_a_secret_that_others_can_read_is_a_fault_of_the_configuration(home: Path, mailbot: Mailbot):
    (home / "secrets" / "key").chmod(0o644)
    said = mailbot("doctor")
    assert (said.code, said.out) == (2, "")
    assert "secrets.key: can be read by others (mode 0644)" in said.err


def test_on_a_terminal_it_speaks_in_colours_while_it_goes(home: Path):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mailbot", "doctor", "-c", str(home / "mailbot.toml")]
    with subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "90"}
    ) as process:
        os.close(theirs)
        said = bytearray()
        # The last read of a pseudo-terminal whose other end is closed raises.
        while piece := _read(ours):
            said += piece
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b[32mwell" in said
    assert b"\x1b[33mwarning" in said
    # The advice stands under what was found, and what is being tried is shown meanwhile.
    assert b"\n                            \x1b[36m-> " in said
    assert "\N{BRAILLE PATTERN DOTS-124}\x1b[0m directory".encode() in said


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_what_check_warns_of_is_said(attempt: Try):
    configured, *doubts = attempt("configuration")
    assert configured.endswith("mailbot.toml, with the process modera (6 statuses)")
    assert [doubt.partition("mailbot.toml: ")[2] for doubt in doubts] == [
        "desk.address: support@example.com is an example, nobody can write there -> put in yours"
    ]


def test_a_state_folder_that_others_can_read_is_told(home: Path, attempt: Try):
    (home / "state").mkdir(mode=0o755)
    (home / "state").chmod(0o755)
    first, second = attempt("state folder")
    assert first == f"warning: {home}/state can be read by others (mode 0755) -> chmod 700 {home}/state"
    assert second.startswith(f"well: {home}/state: ")


def test_a_state_folder_that_cannot_be_is_told(home: Path, attempt: Try):
    (home / "state").write_text("a file")
    (said,) = attempt("state folder")
    assert said.startswith(f"failed: {home}/state cannot be written by ")
    assert "-> run this as " in said


@pytest.mark.parametrize(
    ("free", "told"),
    [
        (99_999_999, "failed: 100 MB are free and limits.disk_floor_bytes is 100 MB: mail is refused -> make room"),
        (150_000_000, "warning: 150 MB are free; under 100 MB mail is refused -> make room there"),
        (2**40, "well: "),
    ],
)
def test_free_space_is_held_against_the_floor(attempt: Try, free: int, told: str):
    around = Surroundings(free_space=lambda _folder: free)
    (said,) = attempt("state folder", around=around, limits__disk_floor_bytes="100000000")
    assert said.startswith(told)


def test_secrets_are_counted_and_their_folder_is_looked_at(home: Path, attempt: Try):
    (well,) = attempt("secrets")
    assert well.startswith("well: 2 secrets, for ")
    (home / "secrets").chmod(0o777)
    assert attempt("secrets")[1].startswith(f"warning: others can exchange what lies in {home}/secrets (mode 0777) ->")


def test_secrets_that_systemd_hands_over_are_its_own_to_keep(home: Path, attempt: Try):
    (home / "secrets").rename(home / "credentials")
    (said,) = attempt("secrets")
    assert said.endswith(" alone, 2 from systemd")


def test_the_store_tells_what_lies_in_it(attempt: Try, burning: InboxMail):
    (said,) = attempt("store")
    assert burning.id == 1
    assert said == "well: sqlite, schema 0009: 1 case, 0 mails undecided, 1 letter not out"


def test_mail_that_waits_too_long_is_told(store: SqlStore, attempt: Try):
    receive(store, b"Subject: x\n\nx\n", MONDAY)
    assert attempt("store")[1].startswith("warning: a mail waits for its decision since 2020-03-02 09:00 UTC -> ")


@pytest.mark.usefixtures("burning")
def test_letters_that_failed_are_told(home: Path, attempt: Try):
    change(home, "UPDATE outbox SET state = 'failed'")
    assert attempt("store")[1] == "warning: 1 letter failed for good -> `mailbot queue` shows why"


def change(home: Path, statement: str, *values: str) -> None:
    with sqlite3.connect(home / "state" / "mailbot.db") as connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("9999", "failed: the store has schema 9999, which this mailbot does not know -> run the mailbot that made it"),
        ("0001", "warning: the store has the older schema 0001 -> back it up; the next start changes it"),
    ],
)
@pytest.mark.usefixtures("burning")
def test_another_schema_is_told_and_left_alone(home: Path, attempt: Try, revision: str, told: str):
    change(home, "UPDATE alembic_version SET version_num = ?", revision)
    assert attempt("configuration")
    (said,) = attempt("store")
    assert said.startswith(told)
    assert attempt("store") == [said]


@pytest.mark.parametrize("content", [b"this is no database" * 100, None], ids=["broken", "a-folder"])
def test_a_store_that_does_not_open_is_told(home: Path, attempt: Try, content: bytes | None):
    (home / "state").mkdir(mode=0o700)
    file = home / "state" / "mailbot.db"
    file.mkdir() if content is None else file.write_bytes(content)
    (said,) = attempt("store")
    assert said.startswith("failed: sqlite: ")
    assert said.endswith("a broken one comes back with `mailbot restore` from a backup")
    # The clock goes by the store too, and leaves the telling to it.
    assert [line.partition(":")[0] for line in attempt("clock")] == ["well"]


def test_a_database_server_is_asked(postgres: Postgres, home: Path, attempt: Try):
    name = postgres.create()
    url = postgres.url(name)
    assert attempt("store", store__url=url) == ["well: postgresql: nothing there yet, the first start makes the tables"]
    open_store(url, home / "state").close()
    (used,) = attempt("store", store__url=url)
    assert used.startswith("well: postgresql, schema ")
    postgres.drop(name)
    (gone,) = attempt("store", store__url=url)
    assert gone == (
        f'failed: postgresql: database "{name}" does not exist -> '
        "make it: createdb --owner=USER --encoding=UTF8 --template=template0 NAME"
    )
    (away,) = attempt("store", store__url=url.replace(str(postgres.port), str(free_port())))
    assert away.startswith("failed: postgresql: ")
    assert "Connection refused" in away
    assert away.endswith("-> start it, or correct store.url")


def test_a_broken_directory_is_told(home: Path, attempt: Try):
    (home / "directory.json").write_text('{"people": {"1": {"address": "nobody", "role": "agent"}}}')
    (said,) = attempt("directory")
    assert said.startswith(f"failed: {home}/directory.json: ")
    (home / "directory.json").unlink()
    (gone,) = attempt("directory")
    assert gone.startswith(f"failed: {home}/directory.json: ")


def test_a_directory_without_an_agent_is_told(home: Path, attempt: Try):
    (home / "directory.json").write_text('{"people": {"1": {"address": "jane@customer.test"}}}')
    first, second = attempt("directory")
    assert first.startswith(f"warning: {home}/directory.json names no agent: nobody hears of new cases -> add one")
    assert second.startswith("warning: a password, and no member: anna@example.com -> take their lines out of ")


def test_agents_without_a_password_are_named(home: Path, attempt: Try):
    names = [f"a{number}@example.com" for number in range(5)]
    people = {str(n): {"address": name, "role": "agent"} for n, name in enumerate([ANNA, *names])}
    (home / "directory.json").write_text(json.dumps({"people": people}))
    first, second = attempt("directory")
    assert first == "well: 6 members of the team, 0 other entries"
    assert second.startswith(
        "warning: no password, so no log-in to send mail: a0@example.com, a1@example.com, a2@example.com and 2 more"
    )
    with (home / "secrets" / "passwords").open("a") as file:
        file.writelines(f"{password_line(name, 'pw', bytes(16))}\n" for name in names)
    assert attempt("directory") == [first]


def test_passwords_are_not_asked_for_where_nobody_logs_in(home: Path, attempt: Try):
    people = {"1": {"address": "new@example.com", "role": "agent"}}
    (home / "directory.json").write_text(json.dumps({"people": people}))
    assert attempt("directory", listen__auth="never") == ["well: 1 member of the team, 0 other entries"]


def test_the_clock_is_shown_in_the_desks_zone(attempt: Try):
    assert attempt("clock", desk__timezone="Europe/Berlin") == [
        "well: 2026-03-02 10:00 in Europe/Berlin, steered by NTP"
    ]


@pytest.mark.parametrize(
    ("steered", "told"),
    [
        (
            False,
            "warning: 2026-03-02 09:00 in UTC; nothing steers the machine's clock, and deadlines go by it -> `timed",
        ),
        (None, "well: 2026-03-02 09:00 in UTC, the kernel does not tell whether by NTP"),
    ],
)
def test_a_clock_that_nobody_steers_is_told(attempt: Try, steered: bool | None, told: str):
    around = Surroundings(clock=Hand(), resolver=Names(), synchronised=lambda: steered)
    (said,) = attempt("clock", around=around)
    assert said.startswith(told)


@pytest.mark.usefixtures("burning")
def test_events_that_are_still_to_come_are_told(attempt: Try):
    behind = Surroundings(clock=Hand(MONDAY - timedelta(days=1)), synchronised=lambda: True)
    said = attempt("clock", around=behind)
    assert said[1].startswith(
        "failed: the store's newest event is of 2020-03-02 10:00 UTC, which is still to come -> set the clock right"
    )
    assert len(attempt("clock")) == 1


def test_shadow_mode_is_told(attempt: Try):
    assert attempt("shadow mode") == ["not used: off: notices go to the people they are for"]
    assert attempt("shadow mode", shadow__to="me@example.com") == [
        "warning: on: every notice goes to me@example.com and to nobody else -> empty shadow.to for ordinary work"
    ]
