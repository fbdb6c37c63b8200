"""`mailbot case` and `mailbot cases`: one case with its messages, clocks and history; the list."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mailbot.app.shell import Shell, open_shell
from mailbot.cli.case_document import document, row
from mailbot.cli.case_page import page
from mailbot.cli.clocks import ClockRow, clock_rows, next_due
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json, wrong
from mailbot.cli.tables import show, table
from mailbot.cli.words import NOTHING, case_number, moment
from mailbot.model import Case

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The case, written HD-12 or 12.")]


def case(number: Number, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show one case: what it is, its clocks, the conversation and its history."""
    with open_shell(configuration(config), os.environ) as shell:
        found = find(shell, number)
        lines = list(shell.store.history(found.number))
        reference = shell.desk.reference(found.number)
        made = document(found, reference, _clocks(shell, found), lines, shell.printed)
        if as_json:
            print_json(made)
        else:
            show(page(made, shell.zone))


def find(shell: Shell, number: str) -> Case:
    """Fetch the case that a person named; ends the command when there is none (1), or no number (2). Raises Faults."""
    wanted = case_number(number, shell.desk.tag)
    if wanted is None:
        raise wrong(f"{number} is no case number of this desk; write {shell.desk.reference(12)} or 12")
    found = shell.store.case(wanted)
    if found is None:
        raise no(f"There is no case {shell.desk.reference(wanted)}.")
    shell.known([found])
    return found


def cases(
    *,
    status: Annotated[str, typer.Option(help="Only cases of this status.", metavar="S")] = "",
    assignee: Annotated[str, typer.Option(help="Only cases of this person or team.", metavar="A")] = "",
    late: Annotated[bool, typer.Option("--overdue", help="Only open cases with a clock past its due instant.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List the cases, in the order of their numbers."""
    with open_shell(configuration(config), os.environ) as shell:
        found = shell.store.cases(status=_status(shell, status), assignee=_assignee(assignee), open_only=late)
        shell.known(found)
        if late:
            found = [one for one in found if _is_late(shell, _due(shell, one))]
        if as_json:
            print_json([row(one, shell.desk.reference(one.number), _clocks(shell, one)) for one in found])
        else:
            show(_list(found, shell))


def _clocks(shell: Shell, found: Case) -> list[ClockRow]:
    return clock_rows(found, shell.process, shell.desk, shell.clock.now())


def _status(shell: Shell, name: str) -> str:
    """Spell a status as the process does; one that it does not have ends the command."""
    if not name:
        return ""
    known = {status.name.casefold(): status.name for status in shell.process.statuses}
    if name.casefold() not in known:
        raise wrong(f"--status {name}: the process has no such status; it has {', '.join(known.values())}")
    return known[name.casefold()]


def _assignee(name: str) -> str:
    """Addresses are kept in lower case; the name of a team is what it is."""
    return name.lower() if "@" in name else name


def _list(found: Sequence[Case], shell: Shell) -> RenderableType:
    if not found:
        return Text("No cases.")
    rows = [
        (
            shell.desk.reference(one.number),
            one.status,
            one.priority,
            one.assignee or NOTHING,
            one.requester,
            one.subject,
            _next_due(shell, one),
        )
        for one in found
    ]
    columns = ("case", "status", "priority", "assignee", "requester", "subject", "due next")
    return table(columns, rows, whole=("case", "priority"))


def _next_due(shell: Shell, one: Case) -> Text:
    """Say what is due next in this case, marked once it is late."""
    due = _due(shell, one)
    late = _is_late(shell, due)
    return Text(moment(due, shell.zone) + (" LATE" if late else ""), style="bold red" if late else "")


def _due(shell: Shell, one: Case) -> datetime | None:
    return next_due(one, shell.process, shell.desk, shell.clock.now())


def _is_late(shell: Shell, due: datetime | None) -> bool:
    # A target met at its due instant is met (`semantics.md` 2).
    return due is not None and due < shell.clock.now()
