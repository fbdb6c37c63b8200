"""`mailbot init`: a complete desk, all of it or nothing of it."""

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from mailbot.app.init import KEY_LENGTH, Wishes, filled_in, make_home, shipped_processes
from mailbot.cli import main
from mailbot.config.file import load_config
from mailbot.faults import Faults
from mailbot.login.passwords import Passwords
from mailbot.process.file import load_process

FILES = {"mailbot.toml", "processes/modera.toml", "directory.json", "secrets/key", "secrets/passwords"}


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_desk_has_the_defaults_of_the_contract(tmp_path: Path):
    assert main(["init", str(tmp_path / "desk")]) == 0
    assert set(files(tmp_path / "desk")) == FILES
    config = load_config(tmp_path / "desk" / "mailbot.toml", {})
    assert (config.desk.address, config.desk.tag, config.desk.timezone) == ("support@example.com", "HD", "UTC")
    assert (config.desk.holidays, config.identity.authserv_id) == ("", "mx.example.com")
    assert (config.listen.host, config.listen.port, config.listen.auth) == ("127.0.0.1", 2525, "loopback")
    assert config.database_url().startswith("sqlite:///")
    assert config.relay.kind == "maildir"
    assert config.relay.folder.is_relative_to(tmp_path / "desk")
    assert load_process(config.desk.process).name == "modera"
    assert json.loads((tmp_path / "desk" / "directory.json").read_text()) == {"people": {}}


def test_every_wish_is_in_the_files(tmp_path: Path):
    wishes = ["--domain", "Help.Example.org", "--timezone", "Europe/Tallinn", "--holidays", "EE", "--prefix", "ACME"]
    agents = ["--agent", "Kim@example.org", "--agent", "lou@example.org"]
    assert main(["init", *wishes, *agents, "--process", "modera", str(tmp_path)]) == 0
    config = load_config(tmp_path / "mailbot.toml", {})
    assert (config.desk.address, config.desk.tag) == ("support@help.example.org", "ACME")
    assert (config.desk.timezone, config.desk.holidays) == ("Europe/Tallinn", "EE")
    assert config.identity.authserv_id == "mx.help.example.org"
    people = json.loads(config.directory.file.read_text())["people"].values()
    assert [(one["address"], one["role"]) for one in people] == [
        ("kim@example.org", "agent"),
        ("lou@example.org", "agent"),
    ]


@pytest.mark.parametrize("name", ["advendio", "modera", "quadrotech", "support-flow", "urgency-levels"])
def test_each_of_the_five_companies_is_a_desk_without_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
):
    assert main(["init", str(tmp_path), "--process", name, "--agent", "kim@example.com"]) == 0
    assert load_process(load_config(tmp_path / "mailbot.toml", {}).desk.process).name == name
    capsys.readouterr()
    assert main(["check", "-c", str(tmp_path / "mailbot.toml")]) == 0
    assert capsys.readouterr().out == "Everything is in order: mailbot can run.\n"


def test_there_are_five_companies():
    assert list(shipped_processes()) == ["advendio", "modera", "quadrotech", "support-flow", "urgency-levels"]


def test_each_agents_password_is_shown_once_and_opens_the_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["init", str(tmp_path), "--agent", "kim@example.com", "--agent", "lou@example.com"]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  kim@")]
    assert len(shown) == 1
    address, password = shown[0]
    logins = Passwords.read(tmp_path / "secrets" / "passwords")
    assert logins.addresses == {"kim@example.com", "lou@example.com"}
    assert logins.check(address, password.encode())
    assert not logins.check("lou@example.com", password.encode())
    assert not any(password.encode() in content for content in files(tmp_path).values())


def test_json_gives_the_same_to_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["init", "--json", str(tmp_path), "--agent", "kim@example.com"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert {str(Path(path).relative_to(tmp_path)) for path in made["files"]} == FILES
    assert list(made["passwords"]) == ["kim@example.com"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_keys_and_hashes_are_the_owners_alone(tmp_path: Path, umask: int):
    before = os.umask(umask)
    try:
        make_home(tmp_path / "desk", Wishes(agents=("kim@example.com",)))
    finally:
        os.umask(before)
    for name in ("key", "passwords"):
        assert stat.S_IMODE((tmp_path / "desk" / "secrets" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "desk" / "secrets").stat().st_mode) == 0o700


def test_two_desks_have_different_keys(tmp_path: Path):
    keys = {make_home(tmp_path / name, Wishes()).config.parent.joinpath("secrets/key").read_text() for name in "ab"}
    assert len(keys) == 2
    assert all(len(bytes.fromhex(key)) == KEY_LENGTH for key in keys)


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_existing_file_is_a_fault_and_nothing_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert files(tmp_path) == {name: b"mine"}
    assert capsys.readouterr().err.startswith(f"{tmp_path / name}: exists already")


def test_a_second_init_names_every_file_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["init", str(tmp_path)]) == 0
    before = files(tmp_path)
    capsys.readouterr()
    assert main(["init", str(tmp_path), "--prefix", "NEW"]) == 2
    assert files(tmp_path) == before
    assert len(capsys.readouterr().err.splitlines()) == len(FILES)


def test_a_dangling_link_is_not_written_through(tmp_path: Path):
    (tmp_path / "directory.json").symlink_to(tmp_path / "elsewhere")
    assert main(["init", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["directory.json"]


def test_when_one_file_cannot_be_written_none_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "secrets").write_text("a file where the folder should be")
    assert main(["init", str(tmp_path / "desk")]) == 2
    assert set(files(tmp_path / "desk")) == {"secrets"}
    assert [path.name for path in (tmp_path / "desk").iterdir()] == ["secrets"]
    assert "nothing was changed" in capsys.readouterr().err


def test_an_empty_folder_and_strangers_files_are_no_fault(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_wrong_wishes_are_told_all_at_once_and_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wishes = ["--process", "chaos", "--domain", "a b", "--timezone", "Mars", "--holidays", "X", "--prefix", "7"]
    assert main(["init", str(tmp_path / "desk"), *wishes, "--agent", "kim"]) == 2
    told = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert sorted(told) == ["--agent", "--domain", "--holidays", "--prefix", "--process", "--timezone"]
    assert not (tmp_path / "desk").exists()


def test_without_a_folder_the_use_is_wrong(capsys: pytest.CaptureFixture[str]):
    assert main(["init"]) == 2
    assert (
        capsys.readouterr().err == "mailbot init: Missing argument 'DIR'. (`mailbot init --help` shows what there is)\n"
    )


@pytest.mark.parametrize("process", shipped_processes())
def test_every_shipped_process_makes_a_desk_that_is_in_order(tmp_path: Path, process: str):
    home = make_home(tmp_path, Wishes(process=process, agents=("kim@example.test",), domain="example.test"))
    assert main(["check", "-c", str(home.config)]) == 0


def test_values_are_put_in_without_touching_comments_or_other_keys():
    reference = '[desk]\nname = "old"    # why\n[other]\nname = "old"    # why\n'
    filled = filled_in(reference, {("desk", "name"): 'a "b" \\ #c'})
    assert tomllib.loads(filled) == {"desk": {"name": 'a "b" \\ #c'}, "other": {"name": "old"}}
    assert filled.count("# why") == 2


def test_a_folder_that_may_not_be_written_is_a_fault():
    with pytest.raises(Faults, match="cannot be written"):
        make_home(Path("/proc/nowhere"), Wishes())
