"""`mailbot read`: how mailbot reads a mail, without touching any store. One report per mail, however odd the mail."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mailbot.app.read import Reader, reader_of
from mailbot.cli import read_page
from mailbot.cli.options import AsJson, ConfigFile, complain, configuration, print_json, wrong
from mailbot.cli.tables import show
from mailbot.cli.words import clean
from mailbot.config import Config
from mailbot.config.file import PLACES
from mailbot.sources import SUFFIXES, SourceMail, mails

Report = Mapping[str, Any]

#: What a report says of a mail that could not be read at all.
UNREAD: Report = {
    "message_id": "",
    "subject": "",
    "from": None,
    "to": [],
    "cc": [],
    "date": None,
    "text": "",
    "new_text": "",
    "quoted": "",
    "signature": "",
    "html": None,
    "attachments": [],
    "forwarded": [],
    "automatic": None,
    "answerable": False,
    "report": None,
    "spam": None,
}

MailFiles = Annotated[
    list[Path], typer.Argument(metavar="MAIL...", help="mbox files, Maildirs, .eml files or folders of them.")
]


def read(files: MailFiles, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show how mailbot reads mails, without touching any store: who, what, the author's own words, what was odd.

    Without a configuration it works as well; with one, its border's word on the sender is believed.
    """
    if faults := missing(files):
        raise wrong(*faults)
    reader = reader_of(settings(config))
    report = None
    try:
        for report in reports(counted(mails(files)), reader):
            print_report(report, as_json=as_json)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise wrong(f"{error.filename}: cannot be read: {error.strerror}") from None
    if report is None:
        complain(f"No mail found; a folder is searched for {' and '.join(SUFFIXES)} files and Maildirs.")


def settings(file: Path | None) -> Config | None:
    """Read the configuration if one is named or lies where it is looked for; None without one."""
    if file or os.environ.get("MAILBOT_CONFIG") or any(place.exists() for place in PLACES):
        return configuration(file)
    return None


def missing(paths: Iterable[Path]) -> list[str]:
    """Say which of the files are not there or cannot be opened, one line each."""
    return [
        f"{path}: " + ("cannot be read; may you read it?" if path.exists() else "no such file or folder")
        for path in paths
        if not os.access(path, os.R_OK)
    ]


def reports(found: Iterable[SourceMail], reader: Reader) -> Iterator[Report]:
    """Read each mail; one that breaks the reader is a report that says so, and the next one follows."""
    for mail in found:
        try:
            yield reader(mail.raw, mail.name)
        except Exception as error:  # noqa: BLE001 - the worst mail of thousands must not hide the others
            defect = f"could not be read: {type(error).__name__}: {error}"
            yield {"file": mail.name, **UNREAD, "defects": [defect]}


def print_report(report: Report, *, as_json: bool) -> None:
    """Print one report, as a line of JSON or for people."""
    if as_json:
        print_json(report)
    else:
        show(read_page.page(report))


def counted(found: Iterable[SourceMail]) -> Iterator[SourceMail]:
    """Show on the terminal how far it is, when the results go elsewhere; the bar is gone when all is done."""
    screen = Console(stderr=True)
    hidden = not screen.is_terminal or sys.stdout.isatty()
    told = TextColumn("{task.completed} mails, {task.description}", markup=False)
    bar = Progress(
        SpinnerColumn(),
        told,
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=hidden,
        # The results go their own way: the bar must not take them for the terminal.
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar as progress:
        task = progress.add_task("", total=None)
        for mail in found:
            progress.update(task, advance=1, description=clean(mail.name.rpartition("/")[2], one_line=True))
            yield mail
