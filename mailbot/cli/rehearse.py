"""`mailbot rehearse`: what would have happened with these mails, under a virtual clock, sending nothing."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mailbot.app.log import start_log
from mailbot.app.rehearse import rehearsed
from mailbot.cli.options import AsJson, ConfigFile, configuration, print_json, wrong
from mailbot.cli.read import MailFiles, missing
from mailbot.cli.story import tell
from mailbot.cli.tables import show, table
from mailbot.cli.words import moment
from mailbot.engine.rehearse import Trust

Until = Annotated[
    str,
    typer.Option("--until", metavar="INSTANT", help="Let the clock run on to this, such as 2026-05-01T00:00:00Z."),
]
Level = Annotated[
    Trust | None,
    typer.Option("--trust", help="Take every sender for who they say they are, at this level of proof."),
]


def rehearse(
    files: MailFiles, config: ConfigFile = None, until: Until = "", trust: Level = None, as_json: AsJson = False
) -> None:
    """Show what would have happened with these mails, every deadline at its instant, sending nothing.

    Old mail carries no tokens of ours: `--trust verified` or `--trust session` takes its senders at their word.
    """
    if faults := missing(files):
        raise wrong(*faults)
    settings = configuration(config)
    start_log(settings.log.model_copy(update={"level": "error"}))
    zone = ZoneInfo(settings.desk.timezone)
    with (
        _bar() as progress,
        rehearsed(
            settings, os.environ, list(map(Path, files)), until=_instant(until, zone), trust=trust, progress=progress
        ) as lines,
    ):
        _print(lines, zone, as_json=as_json)


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Read an instant; one without a zone is in the desk's."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise wrong(f"--until: {text!r} is no instant; write it like 2026-05-01T00:00:00Z or 2026-05-01") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def _print(lines: Iterator[Mapping[str, Any]], zone: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        for line in lines:
            print_json(line)
        return
    rows = ((moment(line["at"], zone), line["case"] or "", tell(line, zone)) for line in lines)
    show(table(("when", "case", "what"), rows, whole=("when", "case")))


@contextmanager
def _bar() -> Iterator["_Report"]:
    """Show on the terminal how many mails are done, when the results go elsewhere."""
    screen = Console(stderr=True)
    hidden = not screen.is_terminal or sys.stdout.isatty()
    columns = (TextColumn("rehearsing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # The results go their own way: the bar must not take them for the terminal.
    bar = Progress(
        *columns, console=screen, transient=True, disable=hidden, redirect_stdout=False, redirect_stderr=False
    )
    with bar as progress:
        yield _Report(progress)


class _Report:
    """Moves the bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def __call__(self, done: int, total: int) -> None:
        """So many of so many mails are done."""
        self._progress.update(self._task, completed=done, total=total)
