"""`mailbot check` on whose word counts: what cannot be meant, or lets strangers vouch, is a warning with its key."""

from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from mailbot.config.file import load_config
from mailbot.mail import Border, BorderKind

MAILBOX = '\n[[mailbox]]\nname = "one"\nhost = "imap.example.test"\nuser = "one"\npassword_file = "secrets/one"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path, Wishes(agents=("kim@example.test",), domain="example.test"))
    secret = tmp_path / "secrets" / "one"
    secret.write_text("word\n")
    secret.chmod(0o600)
    return tmp_path / "mailbot.toml"


def identity(file: Path, **keys: str) -> None:
    """Set keys of [identity]; values are TOML."""
    lines = file.read_text().splitlines()
    for key, value in keys.items():
        number = next(n for n, line in enumerate(lines) if line.startswith(f"{key} = "))
        lines[number] = f"{key} = {value}"
    file.write_text("\n".join(lines) + "\n")


def warnings(file: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", "-c", str(file)]) == 0
    said = capsys.readouterr().err.splitlines()
    return [
        line.partition("mailbot.toml: ")[2]
        for line in said
        if "identity" in line or "borders" in line or "mailbox" in line
    ]


@pytest.mark.parametrize(
    ("keys", "box", "expected"),
    [
        pytest.param({}, "", [], id="as-init-makes-it"),
        pytest.param({"borders": '["192.0.2.1"]'}, "", [], id="a-border-with-an-id"),
        pytest.param({"borders": '["192.0.2.1"]', "authserv_id": '""'}, "", ["identity.authserv_id"], id="without"),
        pytest.param(
            {"border_hosts": '["a.example.test"]', "authserv_id": '""'},
            "",
            ["identity.authserv_id"],
            id="hosts-of-none",
        ),
        pytest.param({"borders": '["0.0.0.0/0"]'}, "", ["listen.borders"], id="everybody-is-a-border"),
        pytest.param({"border": '"microsoft365"'}, "", ["identity.authserv_id"], id="microsoft365-with-an-id"),
        pytest.param(
            {"border": '"microsoft365"', "authserv_id": '""', "borders": '["192.0.2.1"]'},
            "",
            ["listen.borders"],
            id="microsoft365-by-address",
        ),
        pytest.param({"border": '"gmail"'}, "", ["identity.authserv_id"], id="gmail-with-another-id"),
        pytest.param({"border": '"gmail"', "authserv_id": '"mx.google.com"'}, "", [], id="gmail-with-its-own"),
        pytest.param({"border": '"exchange"'}, "", ["identity.border_hosts"], id="exchange-without-its-servers"),
        pytest.param({"border": '"exchange"', "border_hosts": '["*.corp.example.test"]'}, "", [], id="exchange"),
        pytest.param({"internal_domains": '["a.test"]'}, "", ["identity.internal_domains"], id="domains-of-none"),
        pytest.param({}, 'border = "microsoft365"\n', [], id="mailbox-microsoft365"),
        pytest.param(
            {}, 'border = "gmail"\nborder_results = "all"\n', ["mailbox[1].border_results"], id="mailbox-gmail-all"
        ),
        pytest.param(
            {},
            'border = "microsoft365"\nborder_results = "all"\nauthserv_id = "x"\n',
            ["mailbox[1].authserv_id", "mailbox[1].border_results"],
            id="mailbox-microsoft365-all",
        ),
        pytest.param({}, 'border_results = "all"\n', ["mailbox[1].authserv_id"], id="mailbox-all-of-nobody"),
    ],
)
def test_what_cannot_be_meant_is_a_warning(
    home: Path, capsys: pytest.CaptureFixture[str], keys: dict[str, str], box: str, expected: list[str]
):
    identity(home, **keys)
    if box:
        home.write_text(home.read_text() + MAILBOX + box)
    assert [line.partition(":")[0] for line in warnings(home, capsys)] == expected


@pytest.mark.parametrize("kind", ["microsoft365", "gmail"])
def test_a_provider_that_others_send_from_is_nobody_at_the_listener(home: Path, kind: str):
    identity(home, border=f'"{kind}"', authserv_id='""')
    section = load_config(home, {}).identity
    assert section.border_of_listener("example.test") == Border()
    assert section.border_of("example.test").kind is BorderKind(kind)


def test_the_desk_s_own_domain_is_inside_and_others_are_named(home: Path):
    home.write_text(home.read_text() + MAILBOX + 'border = "microsoft365"\ninternal_domains = ["Other.test"]\n')
    (mailbox,) = load_config(home, {}).mailboxes
    assert mailbox.border_of("example.test") == Border(
        kind=BorderKind.MICROSOFT365, domains=("example.test", "other.test")
    )
