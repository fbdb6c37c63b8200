"""`mailbot check`: every fault of everything that is configured, at once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path, Wishes(agents=("kim@example.test",), domain="example.test"))
    return tmp_path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_new_desk_is_in_order(home: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    said = capsys.readouterr()
    assert said.out == "Everything is in order: mailbot can run.\n"
    assert [line for line in said.err.splitlines() if not line.startswith("warning: ")] == []


def test_a_check_changes_nothing(home: Path):
    before = sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*"))
    main(["check", "-c", str(home / "mailbot.toml")])
    assert sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*")) == before


def three_faults(home: Path) -> None:
    process = home / "processes" / "modera.toml"
    replaced(process, 'priority = "P3"', 'priority = "P9"')
    replaced(process, 'type = "IT Help"', 'type = "Tea"')
    replaced(process, 'taken = "In progress"', 'taken = "Taken"')


def broken_template(home: Path) -> None:
    (home / "templates" / "en").mkdir(parents=True)
    (home / "templates" / "en" / "case_new.txt.j2").write_text("Subject\n{{ case.")


def empty_template(home: Path) -> None:
    (home / "templates" / "en").mkdir(parents=True)
    (home / "templates" / "en" / "question.txt.j2").write_text("\n")


@pytest.mark.parametrize(
    ("break_it", "expected"),
    [
        pytest.param(
            three_faults,
            ["modera.toml: moves.taken:", "modera.toml: start.priority:", "modera.toml: start.type:"],
            id="process-with-three-faults",
        ),
        pytest.param(
            lambda home: (home / "processes" / "modera.toml").unlink(),
            ["mailbot.toml: desk.process:"],
            id="process-missing",
        ),
        pytest.param(
            lambda home: (home / "directory.json").write_text('{"people": {"1": {"address": }}}'),
            ["directory.json: line 1, column 30: is no JSON"],
            id="directory-with-a-broken-line",
        ),
        pytest.param(
            lambda home: (home / "directory.json").unlink(), ["directory.json: cannot be read"], id="directory-missing"
        ),
        pytest.param(
            lambda home: (home / "secrets" / "key").chmod(0o644),
            ["secrets/key: secrets.key: can be read by others (mode 0644)"],
            id="key-open-to-others",
        ),
        pytest.param(
            lambda home: (home / "secrets" / "key").write_text("tea\n"),
            ["secrets/key: secrets.key: holds no key"],
            id="key-that-is-none",
        ),
        pytest.param(
            lambda home: (home / "secrets" / "passwords").unlink(),
            ["secrets/passwords: secrets.passwords: does not exist"],
            id="passwords-missing",
        ),
        pytest.param(
            lambda home: (home / "secrets" / "passwords").write_text("kim@example.test:plain\n"),
            ["secrets/passwords:1: the hash of kim@example.test"],
            id="password-not-hashed",
        ),
        pytest.param(broken_template, ["templates: "], id="template-broken"),
        pytest.param(empty_template, ["question: gives no subject and no text; write one"], id="template-empty"),
        pytest.param(
            lambda home: replaced(home / "mailbot.toml", 'holidays = ""', 'holidays = "XX"'),
            ["mailbot.toml: desk.holidays: 'XX' has no known public holidays"],
            id="country-without-holidays",
        ),
        pytest.param(
            lambda home: replaced(home / "mailbot.toml", "enabled = true", "enabled = false"),
            ["mailbot.toml: listen.enabled: nothing takes in mail"],
            id="no-way-in",
        ),
    ],
)
def test_each_fault_is_told_with_its_file_and_key(
    home: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[Path], object], expected: list[str]
):
    break_it(home)
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    said = capsys.readouterr()
    faults = sorted(line for line in said.err.splitlines() if not line.startswith("warning: "))
    assert len(faults) == len(expected)
    for line, words in zip(faults, expected, strict=True):
        assert words in line
        assert line.startswith(str(home))
    assert said.out == ""


def test_faults_of_different_files_are_told_together(home: Path, capsys: pytest.CaptureFixture[str]):
    three_faults(home)
    (home / "directory.json").unlink()
    (home / "secrets" / "key").chmod(0o640)
    assert main(["check", "--json", "-c", str(home / "mailbot.toml")]) == 2
    found = json.loads(capsys.readouterr().out)
    assert len(found["faults"]) == 5
    assert all(fault["file"] and fault["wrong"] for fault in found["faults"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param('host = "127.0.0.1"', 'host = "0.0.0.0"', "listen.host: everyone can reach", id="public-no-tls"),
        pytest.param('kind = "maildir"', 'kind = "maildir"', "relay.kind: mails go nowhere", id="no-mail-server"),
        pytest.param("support@example.test", "support@example.com", "desk.address:", id="example-domain"),
        pytest.param("support@example.test", "support+x@example.test", "delivers to 'support'", id="delimiter"),
    ],
)
def test_what_is_allowed_but_not_wise_is_a_warning(
    home: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
):
    replaced(home / "mailbot.toml", old, new)
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    assert any(line.startswith("warning: ") and expected in line for line in capsys.readouterr().err.splitlines())


def test_shadow_mode_is_a_warning_and_so_is_a_mailbox_that_it_would_empty(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    replaced(home / "mailbot.toml", '[shadow]\nto = ""', '[shadow]\nto = "operator@example.test"')
    (home / "secrets" / "imap").write_text("secret")
    (home / "secrets" / "imap").chmod(0o600)
    with (home / "mailbot.toml").open("a") as file:
        file.write('\n[[mailbox]]\nname = "in"\nhost = "127.0.0.1"\nuser = "in"\nafter = "seen"\n')
        file.write('password_file = "secrets/imap"\n')
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    said = capsys.readouterr().err
    assert "shadow.to: shadow mode: every notice goes to operator@example.test and to nobody else" in said
    assert "mailbox[1].after: is 'seen': in shadow mode others answer this mailbox" in said


def test_the_files_of_a_log_in_with_tokens_are_looked_at(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / "secrets" / "client").write_text("secret")
    (home / "secrets" / "client").chmod(0o644)
    with (home / "mailbot.toml").open("a") as file:
        file.write('\n[[mailbox]]\nname = "in"\nhost = "imap.example.test"\nuser = "in"\n')
        file.write('oauth_token_url = "https://login.example.test/token"\noauth_client_id = "mailbot"\n')
        file.write('oauth_client_secret_file = "secrets/client"\noauth_grant = "refresh_token"\n')
        file.write('oauth_refresh_token_file = "secrets/refresh"\n')
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    said = capsys.readouterr().err
    assert "mailbox[1].oauth_client_secret_file: can be read by others (mode 0644)" in said
    assert "mailbox[1].oauth_refresh_token_file: does not exist" in said


def test_a_desk_without_agents_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    make_home(tmp_path, Wishes())
    assert main(["check", "-c", str(tmp_path / "mailbot.toml")]) == 0
    assert "directory.json: names no agent" in capsys.readouterr().err


def test_a_configuration_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "-c", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'none.toml'}: cannot be read")


@pytest.mark.parametrize(
    ("process", "told"),
    [
        ("advendio", "plan.premium.targets: has no response target for Level 1, Level 2, Level 3, Level 4"),
        ("advendio", "escalation.level.COO.role: nobody in the directory has the role 'coo'"),
        ("advendio", "consultation.Development.role: nobody in the directory has the role 'development'"),
        ("quadrotech", "alarm.resolution.to: nobody in the directory has the role 'director'"),
        ("quadrotech", "entitlement.contract: nobody in the directory has a contract_until"),
    ],
)
def test_what_a_process_wants_of_the_directory_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], process: str, told: str
):
    make_home(tmp_path, Wishes(process=process, agents=("kim@example.test",), domain="example.test"))
    assert main(["check", "-c", str(tmp_path / "mailbot.toml")]) == 0
    assert f"warning: {tmp_path}/processes/{process}.toml: {told}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('notice = "question"', 'notice = "questoin"', "command.ask.notice: must be 'answer', 'estimate', 'evaluated'"),
        ('address = "escalations"', 'address = "support"', "escalation.address: is the desk's own address"),
    ],
)
def test_what_a_process_wants_of_the_desk_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
):
    make_home(tmp_path, Wishes(process="quadrotech", agents=("kim@example.test",), domain="example.test"))
    replaced(tmp_path / "processes" / "quadrotech.toml", old, new)
    assert main(["check", "-c", str(tmp_path / "mailbot.toml")]) == 2
    assert f"{tmp_path}/processes/quadrotech.toml: {told}" in capsys.readouterr().err


def test_teams_and_plans_that_do_not_fit_are_warnings(home: Path, capsys: pytest.CaptureFixture[str]):
    text = (home / "processes" / "modera.toml").read_text()
    text = text.replace('team = ""', 'team = "north"') + '\n[[plan]]\nname = "basic"\ndefault = true\n'
    for team in ("nowhere", "kim@example.test"):
        text += f'\n[[filter]]\nname = "for {team}"\nwhen = {{ spam = false }}\nteam = "{team}"\n'
    (home / "processes" / "modera.toml").write_text(text)
    people = {"1": {"address": "kim@example.test", "role": "agent"}, "2": {"address": "a@b.test", "plan": "gold"}}
    (home / "directory.json").write_text(json.dumps({"people": people}))
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    said = capsys.readouterr().err
    assert "modera.toml: team: no agent or lead is in the team 'north'" in said
    assert "modera.toml: filter.for nowhere.team: no agent or lead is in the team 'nowhere'" in said
    assert "filter.for kim" not in said
    assert "modera.toml: plan: the directory has customers on 'gold', which is no plan here" in said
