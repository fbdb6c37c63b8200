"""The configuration file: which one, what overrides it, and each fault said for its reason."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.config import SECTIONS, Config
from mailbot.config.file import load_config
from mailbot.config.mail import MailboxSection
from mailbot.faults import Faults
from mailbot.shipped import shipped

BAD = Path(__file__).resolve().parent.parent / "bad_config"
GOOD = '[desk]\naddress = "support@example.com"\n'


@pytest.fixture
def good(tmp_path: Path):
    file = tmp_path / "mailbot.toml"
    file.write_text(GOOD)
    return file


@pytest.mark.parametrize("folder", sorted(BAD.iterdir()), ids=lambda folder: folder.name)
def test_a_bad_configuration_is_refused_with_every_fault_by_file_and_key(folder: Path):
    file = folder / "mailbot.toml"
    with pytest.raises(Faults) as caught:
        load_config(file, {})
    expected = (folder / "expected-error").read_text().splitlines()
    assert str(caught.value).splitlines() == [f"{file}: {line}" for line in expected]
    assert "canary" not in str(caught.value)


def test_the_reference_names_every_key_with_its_default(tmp_path: Path):
    reference = shipped("mailbot.toml").read_text()
    uncommented = tomllib.loads(re.sub(r"(?m)^# (?=\[\[|\w+ = )", "", reference))
    config = load_config(shipped("mailbot.toml"), {})
    for section in SECTIONS:
        assert set(uncommented[section]) == set(type(getattr(config, section)).model_fields), section
    assert set(uncommented["mailbox"][0]) == set(MailboxSection.model_fields)
    (tmp_path / "least.toml").write_text(GOOD + '[identity]\nauthserv_id = "mx.example.com"\n')
    (tmp_path / "reference.toml").write_text(reference)
    least, whole = (load_config(tmp_path / f"{name}.toml", {}) for name in ("least", "reference"))
    assert whole.model_copy(update={"file": least.file}) == least


def test_relative_paths_are_relative_to_the_file(good: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir("/")
    config = load_config(good, {})
    assert config.store.folder == good.parent / "state"
    assert config.database_url() == f"sqlite:///{good.parent}/state/mailbot.db"
    assert config.desk.process == good.parent / "processes/modera.toml"


def test_the_first_place_that_names_a_file_wins(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other, third = tmp_path / "other.toml", tmp_path / "here"
    other.write_text(GOOD.replace("support", "other"))
    third.mkdir()
    (third / "mailbot.toml").write_text(GOOD.replace("support", "third"))
    monkeypatch.chdir(third)
    assert load_config(good, {"MAILBOT_CONFIG": str(other)}).desk.address == "support@example.com"
    assert load_config(None, {"MAILBOT_CONFIG": str(other)}).desk.address == "other@example.com"
    assert load_config(None, {}).desk.address == "third@example.com"


def test_without_any_file_it_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Faults, match=r"mailbot\.toml or /etc/mailbot/mailbot\.toml: no configuration found"):
        load_config(None, {})


@pytest.mark.parametrize("content", [pytest.param(None, id="missing"), pytest.param(b"\xff\xfe", id="no-text")])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, content: bytes | None):
    file = tmp_path / "mailbot.toml"
    if content:
        file.write_bytes(content)
    with pytest.raises(Faults, match=r"cannot be read|is not UTF-8"):
        load_config(file, {})


@pytest.mark.parametrize(
    ("variable", "value", "of", "expected"),
    [
        pytest.param("MAILBOT_LISTEN__PORT", "2526", lambda c: c.listen.port, 2526, id="number"),
        pytest.param("MAILBOT_LISTEN__ENABLED", "false", lambda c: c.listen.enabled, False, id="truth"),
        pytest.param("MAILBOT_DESK__TAG", "ACME", lambda c: c.desk.tag, "ACME", id="text"),
        pytest.param("MAILBOT_STORE__FOLDER", "/var/lib/x", lambda c: c.store.folder, Path("/var/lib/x"), id="path"),
        pytest.param(
            "MAILBOT_LISTEN__BORDERS",
            '["192.0.2.1", "10.0.0.0/8"]',
            lambda c: c.listen.borders,
            ("192.0.2.1", "10.0.0.0/8"),
            id="list",
        ),
        pytest.param(
            "MAILBOT_LISTEN__BORDERS", "192.0.2.1, ::1", lambda c: c.listen.borders, ("192.0.2.1", "::1"), id="commas"
        ),
    ],
)
def test_the_environment_overrides_a_key(
    good: Path, variable: str, value: str, of: Callable[[Config], object], expected: object
):
    assert of(load_config(good, {variable: value, "PATH": "/bin", "MAILBOT_OTHER": "x"})) == expected


def test_a_mailbox_is_overridden_by_its_number(tmp_path: Path):
    file = tmp_path / "mailbot.toml"
    box = '[[mailbox]]\nname = "{}"\nhost = "imap.example.com"\nuser = "u"\npassword_file = "p"\n'
    file.write_text(GOOD + box.format("one") + box.format("two"))
    config = load_config(file, {"MAILBOT_MAILBOX__2__HOST": "other.example.com"})
    assert [mailbox.host for mailbox in config.mailboxes] == ["imap.example.com", "other.example.com"]
    with pytest.raises(Faults, match="there is no mailbox 3"):
        load_config(file, {"MAILBOT_MAILBOX__3__HOST": "x"})


def test_a_fault_of_the_environment_names_the_variable(good: Path):
    with pytest.raises(Faults) as caught:
        load_config(
            good, {"MAILBOT_LISTEN__PORT": "0", "MAILBOT_NONSENSE__KEY": "x", "MAILBOT_RELAY__PASSWORD": "canary"}
        )
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in sorted(lines)] == [
        "$MAILBOT_LISTEN__PORT",
        "$MAILBOT_NONSENSE__KEY",
        "$MAILBOT_RELAY__PASSWORD",
    ]
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "public"),
    [
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("::1", False, id="loopback-6"),
        pytest.param("localhost", False, id="by-name"),
        pytest.param("0.0.0.0", True, id="everywhere"),  # noqa: S104 - nothing is bound
        pytest.param("192.0.2.1", True, id="an-interface"),
    ],
)
def test_a_listener_beyond_loopback_is_public(good: Path, host: str, public: bool):
    assert load_config(good, {"MAILBOT_LISTEN__HOST": host}).listen.public is public
