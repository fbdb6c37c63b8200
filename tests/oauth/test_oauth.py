"""Access tokens: when a new one is asked for, what is kept, and what is said when there is none."""

import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mailbot.login.oauth import AccessTokens, Registration
from mailbot.login.oauth_endpoint import Granted
from mailbot.ports.login import TokenAway, TokenRefused

HOUR = 3600.0


@dataclass
class Endpoint:
    """Gives out t1, t2, ... or raises what is wrong with it."""

    now: float = 1000.0
    trouble: Exception | None = None
    lifetime: float = HOUR
    refresh_token: str = ""
    asked: list[Mapping[str, str]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def ask(self, _url: str, fields: Mapping[str, str], _trust: Path | None) -> Granted:
        self.asked.append(fields)
        if self.trouble:
            raise self.trouble
        return Granted(access_token=f"t{len(self.asked)}", lifetime=self.lifetime, refresh_token=self.refresh_token)

    def tokens(self, **settings: Any) -> AccessTokens:
        defaults: dict[str, Any] = {"token_url": "https://login.test/token", "client_id": "mailbot"}
        registration = Registration(**{**defaults, "client_secret": "s3cret", "scope": "mail", **settings})
        return AccessTokens(registration, monotonic=lambda: self.now, alarm=self.alarms.append, ask=self.ask)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def refresh(tmp_path: Path) -> Path:
    file = tmp_path / "refresh"
    file.write_text("r1\n")
    file.chmod(0o600)
    return file


def test_a_daemons_own_credentials_are_asked_for_as_microsoft_wants_them(endpoint: Endpoint):
    assert endpoint.tokens()() == "t1"
    assert endpoint.asked == [
        {"grant_type": "client_credentials", "client_id": "mailbot", "client_secret": "s3cret", "scope": "mail"}
    ]


def test_a_refresh_token_is_asked_with_as_google_wants_it(endpoint: Endpoint, refresh: Path):
    tokens = endpoint.tokens(grant="refresh_token", refresh_token_file=refresh, client_secret="", scope="")
    assert tokens() == "t1"
    assert endpoint.asked == [{"grant_type": "refresh_token", "client_id": "mailbot", "refresh_token": "r1"}]
    assert refresh.read_text() == "r1\n"


@pytest.mark.parametrize(
    ("lifetime", "kept"), [pytest.param(HOUR, HOUR - 300, id="an-hour"), pytest.param(100, 80, id="a-short-life")]
)
def test_a_token_is_kept_and_renewed_ahead_of_its_end(endpoint: Endpoint, lifetime: float, kept: float):
    endpoint.lifetime = lifetime
    tokens = endpoint.tokens()
    tokens()
    endpoint.now += kept - 1
    assert tokens() == "t1"
    endpoint.now += 1
    assert tokens() == "t2"


def test_while_the_endpoint_is_away_the_old_token_serves_to_its_end(endpoint: Endpoint):
    tokens = endpoint.tokens()
    tokens()
    endpoint.trouble = TokenAway("login.test is away")
    endpoint.now += HOUR - 1
    assert tokens() == "t1"
    endpoint.now += 1
    with pytest.raises(TokenAway, match=r"login\.test is away"):
        tokens()
    endpoint.trouble = None
    endpoint.now += 60
    assert tokens() == "t4"


@pytest.mark.parametrize("kind", [TokenAway, TokenRefused])
def test_an_endpoint_without_tokens_is_asked_less_and_less_often(endpoint: Endpoint, kind: type[Exception]):
    tokens = endpoint.tokens()
    endpoint.trouble = kind("no")
    asked_at = []
    for second in range(600):
        before = len(endpoint.asked)
        with pytest.raises(kind, match="no"):
            tokens()
        if len(endpoint.asked) > before:
            asked_at.append(second)
        endpoint.now += 1
    assert asked_at[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert len(asked_at) == 15
    endpoint.trouble, endpoint.now = None, endpoint.now + 60
    assert tokens() == "t16"


def test_a_refused_token_is_forgotten_and_a_newer_one_stays(endpoint: Endpoint):
    tokens = endpoint.tokens()
    first = tokens()
    tokens.refused(first)
    assert tokens() == "t2"
    tokens.refused(first)
    assert tokens() == "t2"


def test_those_who_ask_at_the_same_time_share_one_renewal(endpoint: Endpoint):
    gate, got = threading.Barrier(8), []
    tokens = endpoint.tokens()

    def ask() -> None:
        gate.wait(20)
        got.append(tokens())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == ["t1"] * 8
    assert len(endpoint.asked) == 1


def test_a_new_refresh_token_takes_the_place_of_the_old_one(endpoint: Endpoint, refresh: Path):
    tokens = endpoint.tokens(grant="refresh_token", refresh_token_file=refresh)
    endpoint.refresh_token = "r2"
    tokens()
    assert refresh.read_text() == "r2\n"
    assert stat.S_IMODE(refresh.stat().st_mode) == 0o600
    assert list(refresh.parent.iterdir()) == [refresh]
    tokens.refused("t1")
    tokens()
    assert endpoint.asked[-1]["refresh_token"] == "r2"
    assert endpoint.alarms == []


def test_a_new_refresh_token_that_cannot_be_written_is_used_told_once_and_written_later(
    endpoint: Endpoint, refresh: Path, monkeypatch: pytest.MonkeyPatch
):
    tokens = endpoint.tokens(grant="refresh_token", refresh_token_file=refresh)
    endpoint.refresh_token = "r2"
    full = OSError(28, "No space left on device")

    def fsync(_descriptor: int) -> None:
        raise full

    monkeypatch.setattr("mailbot.login.oauth.os.fsync", fsync)
    for number in (1, 2):
        assert tokens() == f"t{number}"
        tokens.refused(f"t{number}")
    assert endpoint.asked[-1]["refresh_token"] == "r2"
    (alarm,) = endpoint.alarms
    assert alarm.startswith(f"{refresh}: the new refresh token cannot be written (No space left on device)")
    assert refresh.read_text() == "r1\n"
    assert list(refresh.parent.iterdir()) == [refresh]
    monkeypatch.undo()
    endpoint.refresh_token = ""
    tokens()
    assert refresh.read_text() == "r2\n"


def test_two_loops_with_one_refresh_token_do_not_use_it_up_for_each_other(endpoint: Endpoint, refresh: Path):
    used: list[str] = []

    def ask(_url: str, fields: Mapping[str, str], _trust: Path | None) -> Granted:
        # Each counts once only.
        assert fields["refresh_token"] == f"r{len(used) + 1}"
        used.append(fields["refresh_token"])
        return Granted(access_token="t", lifetime=HOUR, refresh_token=f"r{len(used) + 1}")

    registration = Registration(
        token_url="https://login.test/token", client_id="m", grant="refresh_token", refresh_token_file=refresh
    )

    def renew() -> None:
        tokens = AccessTokens(registration, monotonic=lambda: 0.0, alarm=endpoint.alarms.append, ask=ask)
        for _ in range(10):
            tokens()
            tokens.refused("t")

    threads = [threading.Thread(target=renew) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(used) == 40
    assert refresh.read_text() == "r41\n"


def make_missing(file: Path) -> None:
    file.unlink()


def make_open(file: Path) -> None:
    file.chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(make_missing, "does not exist", id="missing"),
        pytest.param(make_open, "can be read by others", id="open"),
        pytest.param(lambda file: (file.unlink(), file.parent.rmdir()), "No such file", id="no-folder"),
    ],
)
def test_a_refresh_token_that_cannot_be_read_is_told_and_taken_when_it_is_well(
    endpoint: Endpoint, refresh: Path, spoil: Callable[[Path], object], words: str
):
    tokens = endpoint.tokens(grant="refresh_token", refresh_token_file=refresh)
    spoil(refresh)
    with pytest.raises(TokenRefused, match=words):
        tokens()
    refresh.parent.mkdir(exist_ok=True)
    refresh.write_text("r1")
    refresh.chmod(0o600)
    endpoint.now += 60
    assert tokens() == "t1"


def test_no_secret_is_shown():
    registration = Registration(token_url="https://login.test/token", client_id="m", client_secret="canary")
    assert "canary" not in repr(registration)
    assert "canary" not in repr(Granted(access_token="canary", lifetime=1, refresh_token="canary"))
