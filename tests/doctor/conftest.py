"""A desk in a folder of its own, whose parts are tried one by one, and surroundings to be chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.app.doctor import ground_of, parts
from mailbot.app.doctor_part import Surroundings
from mailbot.resolver import NameUnknown, Resolver
from tests.cli.conftest import burning, config, home, mailbot, store
from tests.sending.conftest import certificate, scripts, sinks

__all__ = ["burning", "certificate", "config", "home", "mailbot", "scripts", "sinks", "store"]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Names(Resolver):
    """Name servers that know what a test says, and `localhost`."""

    known: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    #: What they raise instead of any answer about anybody else.
    otherwise: type[Exception] = NameUnknown

    def addresses(self, host: str) -> tuple[str, ...]:
        return ("127.0.0.1",) if host in {"localhost", "127.0.0.1"} else self._answer(host, "A")

    def records(self, domain: str, kind: str) -> tuple[str, ...]:
        return self._answer(domain, kind)

    def _answer(self, name: str, kind: str) -> tuple[str, ...]:
        if not any(domain == name for domain, _ in self.known):
            raise self.otherwise(name)
        return tuple(self.known.get((name, kind), ()))


@dataclass
class Hand:
    """A clock that stands."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


#: From a part's name, and what is set in the environment, one line for each finding: state, what was found, advice.
Try = Callable[..., list[str]]


@pytest.fixture
def attempt(home: Path) -> Try:
    def attempt(name: str, *, around: Surroundings | None = None, **environ: object) -> list[str]:
        settings = {f"MAILBOT_{key.upper()}": str(value) for key, value in environ.items()}
        settings |= {"CREDENTIALS_DIRECTORY": str(home / "credentials")}
        around = around or Surroundings(clock=Hand(), resolver=Names(), synchronised=lambda: True)
        ground = ground_of(home / "mailbot.toml", settings, around)
        (part,) = (part for part in parts(ground) if part.name == name)
        return [f"{one.state}: {one.found} -> {one.advice}".removesuffix(" -> ") for one in part.findings(ground)]

    return attempt
