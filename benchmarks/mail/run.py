"""All that strangers wrote through a whole desk, twice: what became of each, and who was answered."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.mail.machines import bounces_of, says_machine
from benchmarks.mail.table import whole
from mailbot.decision import Ending
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.parse import read_mail
from mailbot.mail import Mail
from mailbot.store.schema import inbox
from tests.acceptance.bench import Bench

_AGENT = "mari@example.com"


@dataclass(frozen=True)
class Came:
    """A mail, and what became of it."""

    name: str
    raw: bytes
    mail: Mail
    #: None where it is lost.
    ending: Ending | None
    reason: str
    answered: bool


@dataclass(frozen=True)
class Run:
    """What became of all mails, and what there was more of after they came a second time."""

    came: tuple[Came, ...]
    more: Mapping[str, int] = field(default_factory=dict)


@cache
def run(folder: Path) -> Run:
    """Give every mail to a desk once, machines first: a limit on answers would hide that one of them got any."""
    # A line for each mail would bury the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    names: dict[bytes, str] = {}
    for name, raw in whole(folder):
        names.setdefault(raw, name)
    read = {raw: read_mail(raw) for raw in names}
    bounced = bounces_of(folder)
    machines = {raw for raw, name in names.items() if name in bounced or says_machine(raw) or not read[raw].answerable}
    ordered = sorted(names, key=lambda raw: raw not in machines)
    with TemporaryDirectory() as place:
        bench = Bench(Path(place) / "desk", _AGENT)
        try:
            _give(bench, ordered, "the first time")
            ended, answered, before = _ended(bench), _answered(bench), _counted(bench)
            _give(bench, ordered, "the second time")
            more = {what: count - before[what] for what, count in _counted(bench).items()}
        finally:
            bench.close()
    came = []
    for raw in ordered:
        ending, reason = ended.get(intake_digest(raw), (None, ""))
        came.append(Came(names[raw], raw, read[raw], ending, reason, read[raw].message_id in answered))
    return Run(tuple(came), more)


def _give(bench: Bench, raws: list[bytes], told: str) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for raw in progress.track(raws, description=f"a desk works on mail, {told}"):
            bench.write(raw)


def _ended(bench: Bench) -> dict[str, tuple[Ending, str]]:
    rows = sa.select(inbox.c.digest, inbox.c.ending, inbox.c.reason).where(inbox.c.ending.is_not(None))
    with bench.store.reading() as connection:
        return {row.digest: (Ending(row.ending), row.reason) for row in connection.execute(rows)}


def _answered(bench: Bench) -> set[str]:
    """The ids of the mails in answer to which a letter went to somebody else than the team."""
    return {str(letter["In-Reply-To"]) for _, letter in bench.relay.taken if letter["To"] != _AGENT}


def _counted(bench: Bench) -> dict[str, int]:
    return {
        "mails": bench.account()["received"],
        "cases": len(bench.store.cases()),
        "letters": len(bench.relay.taken),
        "lines of history": len(bench.lines()),
    }


def by_set(came: tuple[Came, ...]) -> Iterator[tuple[str, list[Came]]]:
    """Yield the mails of each set by its name."""
    for name in sorted({one.name.partition("/")[0] for one in came}):
        yield name, [one for one in came if one.name.partition("/")[0] == name]
