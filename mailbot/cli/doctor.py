"""`mailbot doctor`: tries each part for real, one after the other, and says what to do. Changes nothing."""

import os
from contextlib import AbstractContextManager, nullcontext

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from mailbot.app_doctor import ground_of, parts
from mailbot.app_doctor_part import Finding, Ground, State, counted
from mailbot.cli.options import NO, WRONG, AsJson, ConfigFile, complain, console, print_json
from mailbot.cli.words import clean
from mailbot.faults import Faults

COLOURS = {State.WELL: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.UNUSED: "dim"}
#: Columns of the state and of the part's name.
_STATE, _PART = 10, 18


def doctor(*, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Try each part that mailbot is configured to use, and say what to do about what does not work.

    State folder, secrets, store, directory, daemon, listener, mailboxes (with a log-in), relay (as far as the
    recipient: nothing is sent), names, clock. Changes nothing. Ends with 1 when a part failed; warnings alone are 0.
    """
    try:
        ground = ground_of(config, os.environ)
    except Faults as faults:
        if as_json:
            wrong = [{"file": fault.file, "key": fault.key, "wrong": fault.wrong} for fault in faults.faults]
            print_json({"faults": wrong, "parts": []})
        else:
            complain(*str(faults).splitlines())
        raise typer.Exit(WRONG) from None
    states = _document(ground) if as_json else _told(ground)
    if State.FAILED in states:
        raise typer.Exit(NO)


def _document(ground: Ground) -> list[State]:
    found = [(part.name, finding) for part in parts(ground) for finding in part.findings(ground)]
    lines = [
        {"part": name, "state": one.state.value, "found": clean(one.found, one_line=True), "advice": one.advice}
        for name, one in found
    ]
    print_json({"faults": [], "parts": lines})
    return [finding.state for _, finding in found]


def _told(ground: Ground) -> list[State]:
    """Print each finding as it comes."""
    out, states = console(), list[State]()
    for part in parts(ground):
        with _trying(out, part.name):
            for finding in part.findings(ground):
                out.print(line(part.name, finding, folded=out.is_terminal))
                states.append(finding.state)
    failures, warnings = states.count(State.FAILED), states.count(State.WARNING)
    doubts = counted(warnings, "warning")
    if failures:
        complain(f"{failures} failed, {doubts}.")
    else:
        print(f"Everything works{f', with {doubts}' if warnings else ''}.")
    return states


def _trying(out: Console, name: str) -> AbstractContextManager[object]:
    """Show on a terminal what is being tried: a server that does not answer takes its time."""
    return out.status(name) if out.is_terminal else nullcontext()


def line(part: str, finding: Finding, *, folded: bool) -> RenderableType:
    """Say one finding: on a terminal with the advice under it, elsewhere on one line for scripts."""
    found = Text(clean(finding.found, one_line=True))
    if finding.advice:
        found.append("\n" if folded else "  ").append(f"-> {clean(finding.advice, one_line=True)}", style="cyan")
    state = Text(f"{finding.state:<{_STATE}}", style=COLOURS[finding.state])
    if not folded:
        return Text.assemble(state, f"{part:<{_PART}}", found)
    grid = Table.grid()
    grid.add_column(width=_STATE)
    grid.add_column(width=_PART, overflow="fold")
    grid.add_column(overflow="fold")
    grid.add_row(state, part, found)
    return grid
