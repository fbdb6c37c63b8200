"""`mailbot trace`: where is this mail, and why: every step from the connection to the relay's answer."""

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from mailbot.app.shell import Shell, open_shell
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json
from mailbot.cli.tables import show, table
from mailbot.cli.words import case_number, clean, instant, moment
from mailbot.ports.records import Step

Query = Annotated[
    str, typer.Argument(metavar="MESSAGE-ID|ADDRESS|NUMBER", help="A mail's Message-ID, a person's address or a case.")
]


def trace(query: Query, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show every step of the mails that a Message-ID, an address or a case's number names, in order of time."""
    with open_shell(configuration(config), os.environ) as shell:
        steps = _steps(shell, query.strip())
        if not steps:
            raise no(f"No mail is known by {clean(query, one_line=True)}.")
        if as_json:
            print_json([{"at": instant(step.at), "what": step.what} for step in steps])
        else:
            rows = ((moment(step.at, shell.zone), step.what) for step in steps)
            show(table(("when", "what"), rows, whole=("when",)))


def _steps(shell: Shell, query: str) -> Sequence[Step]:
    number = case_number(query, shell.desk.tag)
    if number is not None:
        return shell.store.trace(str(number))
    # Digits that are no case's number name nothing.
    return [] if not query or query.isdigit() else shell.store.trace(query)
