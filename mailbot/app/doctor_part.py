"""What `mailbot doctor` says of a part, and what it looks at the parts with. Tries nothing itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage

from mailbot.app.root import CLOCK
from mailbot.clock import synchronised
from mailbot.config import Config
from mailbot.faults import Faults
from mailbot.ports import Clock
from mailbot.resolver import Resolver


class State(StrEnum):
    """How a part is."""

    WELL = "well"
    WARNING = "warning"
    FAILED = "failed"
    UNUSED = "not used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found."""

    state: State
    found: str
    #: What to do about it, "" where there is nothing to do.
    advice: str = ""
    #: Lines for `mailbot.toml`.
    lines: tuple[str, ...] = ()


def well(found: str) -> Finding:
    """Say that all is well."""
    return Finding(state=State.WELL, found=found)


def unused(found: str) -> Finding:
    """Say why there is nothing to try."""
    return Finding(state=State.UNUSED, found=found)


def warning(found: str, advice: str) -> Finding:
    """Say what works and should not stay so."""
    return Finding(state=State.WARNING, found=found, advice=advice)


def failed(found: str, advice: str) -> Finding:
    """Say what does not work, and what to do."""
    return Finding(state=State.FAILED, found=found, advice=advice)


def counted(number: int, what: str) -> str:
    """Say how many there are: `1 case`, `2 cases`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies around mailbot and cannot be put into its configuration."""

    clock: Clock = CLOCK
    resolver: Resolver = field(default_factory=Resolver)
    #: Does something steer the machine's clock? None where it cannot be told.
    synchronised: Callable[[], bool | None] = synchronised
    #: Free bytes where a folder lies.
    free_space: Callable[[Path], int] = lambda folder: disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that a part is tried with."""

    config: Config
    environ: Mapping[str, str]
    around: Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that mailbot is configured to use."""

    name: str
    attempt: Callable[[Ground], Iterator[Finding]]

    def findings(self, ground: Ground) -> Iterator[Finding]:
        """Try the part; what stands in its way is a finding, whatever it is."""
        try:
            yield from self.attempt(ground)
        except Faults as faults:
            for fault in faults.faults:
                place = ": ".join(filter(None, (fault.file, fault.key)))
                found, _, advice = fault.wrong.partition("; ")
                yield failed(f"{place}: {found}", advice or "mend it there; `mailbot check` says all of it")
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            yield failed(f"{place}{error.strerror or error}", "let mailbot's user read and write there")
