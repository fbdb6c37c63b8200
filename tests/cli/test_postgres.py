"""A desk on PostgreSQL from the shell: what is said when the database cannot be used, and what it leaves alone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.app.node import owner
from mailbot.config.file import load_config
from tests.cli.conftest import Said
from tests.servers.postgres import GUARDED, Postgres

Mailbot = Callable[..., Said]


@pytest.fixture
def database(postgres: Postgres, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database whose owner must know a password, which the desk has in a file."""
    postgres.tell(f"CREATE USER {GUARDED} PASSWORD 'right'")
    name = postgres.create()
    postgres.tell(f"ALTER DATABASE {name} OWNER TO {GUARDED}")
    secret = home / "secrets" / "database"
    secret.write_text("right\n")
    secret.chmod(0o600)
    monkeypatch.setenv("MAILBOT_STORE__URL", postgres.url(name, GUARDED))
    monkeypatch.setenv("MAILBOT_STORE__PASSWORD_FILE", str(secret))
    yield name
    postgres.drop(name)
    postgres.tell(f"DROP USER {GUARDED}")


def test_a_check_finds_the_database_fit_and_makes_no_table(mailbot: Mailbot, postgres: Postgres, database: str):
    assert mailbot("check").code == 0
    assert postgres.tell("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database) == [(0,)]
    assert mailbot("cases").code == 0
    assert mailbot("check").code == 0
    assert mailbot("verify").out.endswith("The store is whole.\n")


def wrong_password(_postgres: Postgres, home: Path, _name: str):
    (home / "secrets" / "database").write_text("wrong\n")


def gone(postgres: Postgres, _home: Path, name: str):
    postgres.drop(name)


def newer(postgres: Postgres, _home: Path, name: str):
    postgres.tell("CREATE TABLE alembic_version AS SELECT '0999' AS version_num", name)
    postgres.tell("GRANT ALL ON alembic_version TO PUBLIC", name)


HARMS: dict[str, tuple[Callable[[Postgres, Path, str], None], str]] = {
    "password": (wrong_password, 'password authentication failed for user "guarded"; put the right password into'),
    "gone": (gone, "does not exist; make it: createdb"),
    "newer": (newer, "the store has schema 0999, this mailbot knows schemas up to"),
}


@pytest.fixture(params=HARMS)
def harmed(request: pytest.FixtureRequest, postgres: Postgres, home: Path, database: str) -> str:
    """A database that cannot be used; what is to be said of it."""
    harm, words = HARMS[request.param]
    harm(postgres, home, database)
    return words


def test_a_database_that_cannot_be_used_is_said_in_one_line_by_check_and_run(mailbot: Mailbot, home: Path, harmed: str):
    checked = mailbot("check")
    assert checked.code == 2
    assert [line for line in checked.err.splitlines() if "mailbot.toml: store.url: " in line and harmed in line] != []
    run = [sys.executable, "-m", "mailbot", "run", "-c", str(home / "mailbot.toml")]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))
    assert done.returncode == 2
    assert harmed in done.stderr
    assert "Traceback" not in done.stderr
    assert "right" not in done.stderr.replace("the right password", "")


def test_a_server_that_is_away_is_said_by_check_and_is_no_fault_of_the_configuration_to_others(
    mailbot: Mailbot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MAILBOT_STORE__URL", "postgresql://desk@127.0.0.1:1/desk")
    checked = mailbot("check")
    assert checked.code == 2
    assert "store.url: the store cannot be reached" in checked.err
    listed = mailbot("cases")
    assert listed.code == 1
    assert "Connection refused" in listed.err
    assert len(listed.err.splitlines()) == 1


def test_a_backup_is_left_to_the_databases_own_tools(mailbot: Mailbot, tmp_path: Path, database: str):
    said = mailbot("backup", str(tmp_path / "copy.tar"))
    assert (said.code, said.out) == (2, "")
    assert "copied whole, mails and all, by pg_dump" in said.err
    assert database
    assert not (tmp_path / "copy.tar").exists()


def test_a_node_is_called_the_same_every_time_and_like_no_copy_of_it(tmp_path: Path):
    environ = {"MAILBOT_STORE__URL": "postgresql://desk@127.0.0.1/desk"}
    names = []
    for folder in ("one", "other"):
        (tmp_path / folder / "state").mkdir(parents=True)
        (tmp_path / folder / "mailbot.toml").write_text('[desk]\naddress = "support@example.com"\n')
        config = load_config(tmp_path / folder / "mailbot.toml", environ)
        names.append(owner(config, "work"))
        assert owner(config, "work") == names[-1]
    assert len({name.partition("#")[2] for name in names}) == 2
    plain = load_config(tmp_path / "one" / "mailbot.toml", {})
    assert "#" not in owner(plain, "work")
