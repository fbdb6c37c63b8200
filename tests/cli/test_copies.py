"""`mailbot trace`, `backup`, `restore` and `verify`."""

import json
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from mailbot.ports.records import InboxMail
from mailbot.store.sql import SqlStore
from tests.cli.conftest import ALICE, Said

Mailbot = Callable[..., Said]


@pytest.mark.usefixtures("burning")
@pytest.mark.parametrize("query", ["HD-1", "1", "<m1@customer.test>", "m1@customer.test", ALICE, "ALICE@customer.test"])
def test_a_mail_is_traced_from_the_door_to_the_relay(mailbot: Mailbot, query: str):
    said = mailbot("trace", query, "--json")
    assert said.code == 0
    steps = [step["what"] for step in json.loads(said.out)]
    assert any("came by smtp" in step for step in steps)
    assert any("rule open: names no case" in step for step in steps)
    assert any("letter 1: received to alice@customer.test" in step for step in steps)
    assert mailbot("trace", query).out.count("\n") == len(steps) + 2


@pytest.mark.usefixtures("burning")
@pytest.mark.parametrize("query", ["HD-2", "2", "<none@customer.test>", "bob@customer.test", "9" * 30, "\u00b2", " "])
def test_what_names_no_mail_is_a_no(mailbot: Mailbot, query: str):
    said = mailbot("trace", query)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("No mail is known by ")


@pytest.mark.usefixtures("burning", "quarantined")
def test_a_whole_store_adds_up(mailbot: Mailbot):
    said = mailbot("verify")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "2 mails received = 0 threaded + 1 new + 0 held + 1 quarantined + 0 ignored + 0 waiting\nThe store is whole.\n"
    )
    document = json.loads(mailbot("verify", "--json").out)
    assert (document["whole"], document["faults"], document["account"]["received"]) == (True, [], 2)


@pytest.mark.usefixtures("burning")
def test_a_row_that_is_not_what_its_history_says_is_found(home: Path, mailbot: Mailbot):
    with sqlite3.connect(home / "state" / "mailbot.db") as database:
        database.execute("UPDATE cases SET assignee = 'eve@elsewhere.test'")
    database.close()
    said = mailbot("verify")
    assert said.code == 1
    assert "case 1: the columns assignee differ from the state\n" in said.out
    assert said.err == "The store is not whole: 1 fault.\n"
    assert json.loads(mailbot("verify", "--json").out)["whole"] is False


@pytest.mark.usefixtures("burning")
def test_a_backup_comes_back_elsewhere_with_its_directory(
    home: Path, mailbot: Mailbot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    archive = tmp_path / "copy.tar"
    said = mailbot("backup", str(archive))
    assert (said.code, said.err) == (0, "")
    assert "are not in it" in said.out
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    other = tmp_path / "other"
    make_home(other, Wishes())
    (other / "directory.json").unlink()
    before = mailbot("case", "1", "--json").out
    config = str(other / "mailbot.toml")
    assert main(["restore", str(archive), "-c", config]) == 0
    assert stat.S_IMODE((other / "state").stat().st_mode) == 0o700
    assert (other / "directory.json").read_bytes() == (home / "directory.json").read_bytes()
    capsys.readouterr()
    assert main(["case", "1", "--json", "-c", config]) == 0
    after = capsys.readouterr().out
    # Both clocks ran on between the two.
    assert _still(after) == _still(before)
    assert main(["verify", "-c", config]) == 0


def _still(case: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(case)
    return {key: value for key, value in document.items() if key != "clocks"}


@pytest.mark.usefixtures("burning")
def test_copies_say_as_json_where_they_are(home: Path, store: SqlStore, mailbot: Mailbot, tmp_path: Path):
    archive = tmp_path / "copy.tar"
    said = json.loads(mailbot("backup", str(archive), "--json").out)
    assert said == {"file": str(archive), "size": archive.stat().st_size}
    store.close()
    (home / "state").rename(home / "old")
    (home / "directory.json").rename(home / "old.json")
    said = json.loads(mailbot("restore", str(archive), "--json").out)
    assert said == {
        "store": f"sqlite:///{home / 'state' / 'mailbot.db'}",
        "directory": str(home / "directory.json"),
    }


def test_a_desk_without_a_directory_can_be_copied(home: Path, mailbot: Mailbot, tmp_path: Path):
    (home / "directory.json").unlink()
    archive = tmp_path / "copy.tar"
    assert mailbot("backup", str(archive)).code == 0
    for file in (home / "state").glob("mailbot.db*"):
        file.unlink()
    said = mailbot("restore", str(archive))
    assert (said.code, said.err) == (0, "")
    assert not (home / "directory.json").exists()


def test_another_database_is_brought_back_with_its_own_tools(
    mailbot: Mailbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "copy.tar").write_bytes(b"")
    monkeypatch.setenv("MAILBOT_STORE__URL", "postgresql+psycopg://mailbot@localhost/mailbot")
    said = mailbot("restore", str(tmp_path / "copy.tar"))
    assert (said.code, said.out) == (2, "")
    assert "store.url: is not SQLite" in said.err


@pytest.mark.usefixtures("burning")
def test_nothing_is_overwritten_by_a_restore(home: Path, mailbot: Mailbot, tmp_path: Path):
    archive = tmp_path / "copy.tar"
    mailbot("backup", str(archive))
    database = home / "state" / "mailbot.db"
    said = mailbot("restore", str(archive))
    assert (said.code, said.out) == (2, "")
    assert f"{database}: is there already" in said.err
    assert mailbot("verify").code == 0


def test_a_directory_that_is_there_stays(
    home: Path, store: SqlStore, mailbot: Mailbot, tmp_path: Path, burning: InboxMail
):
    assert burning.id
    archive = tmp_path / "copy.tar"
    mailbot("backup", str(archive))
    store.close()
    for file in (home / "state").glob("mailbot.db*"):
        file.unlink()
    (home / "directory.json").write_text("{}")
    said = mailbot("restore", str(archive))
    assert said.code == 0
    assert "is there already and stays" in said.err
    assert (home / "directory.json").read_text() == "{}"
    assert "anna@example.com" in (home / "state" / "directory.json").read_text()
    assert mailbot("case", "1").code == 0


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(["restore", "away.tar"], "away.tar: no such file", id="no-backup-there"),
        pytest.param(["restore", "mailbot.toml"], "mailbot.toml", id="no-tar-file"),
        pytest.param(["backup", "away/copy.tar"], "nothing can be written into away: No such", id="no-folder-for-it"),
        pytest.param(["backup", "/proc/copy.tar"], "/proc/copy.tar: nothing can be written", id="no-place-to-write"),
        pytest.param(["backup"], "FILE", id="no-name"),
    ],
)
def test_what_cannot_be_copied_is_wrong_use(mailbot: Mailbot, words: list[str], fault: str):
    said = mailbot(*words)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err


def test_an_unknown_schema_is_a_fault_of_the_configuration(home: Path, store: SqlStore, mailbot: Mailbot):
    store.close()
    with sqlite3.connect(home / "state" / "mailbot.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = mailbot("cases")
    assert (said.code, said.out) == (2, "")
    assert "store.url: the store has schema 9999" in said.err


def test_a_store_folder_that_cannot_be_made_is_said(home: Path, mailbot: Mailbot):
    (home / "state").write_text("in the way")
    said = mailbot("cases")
    assert (said.code, said.out) == (2, "")
    assert "store.folder" in said.err


def test_a_process_file_that_is_away_is_said(home: Path, mailbot: Mailbot):
    (home / "processes" / "modera.toml").unlink()
    said = mailbot("cases")
    assert (said.code, said.out) == (2, "")
    assert "desk.process" in said.err
