"""`mailbot doctor`: tries each part for real, one after the other, and says what to do. Changes nothing."""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from mailbot.app.doctor import ground_of, parts
from mailbot.app.doctor_part import Finding, Ground, Part, State, counted
from mailbot.app.doctor_probe import Wanted, probe_parts
from mailbot.cli.options import NO, WRONG, AsJson, ConfigFile, complain, console, print_json, wrong
from mailbot.cli.words import clean
from mailbot.faults import Faults

COLOURS = {State.WELL: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.UNUSED: "dim"}
#: Columns of the state and of the part's name.
_STATE, _PART = 10, 18


def doctor(
    *,
    probe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only see what the border wrote into this saved mail.")
    ] = None,
    probe_from: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The same with the newest mail from there, in each mailbox.")
    ] = "",
    send_probe: Annotated[
        bool, typer.Option("--send-probe", help="Only send the desk a mail with a forged result, to be looked at then.")
    ] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Try each part that mailbot is configured to use, and say what to do about what does not work.

    State folder, secrets, store, directory, daemon, listener, mailboxes (with a log-in), relay (as far as the
    recipient: nothing is sent), names, clock. Changes nothing. Ends with 1 when a part failed; warnings alone are 0.

    A probe is a genuine mail that you wrote to the desk from an account elsewhere: it shows what the server before the
    mailbox writes about senders, whether that can be believed, and what to put into the configuration.
    """
    wanted = Wanted(file=probe, sender=probe_from, send=send_probe)
    if sum((probe is not None, bool(probe_from), send_probe)) > 1:
        raise wrong("Give one of --probe, --probe-from and --send-probe.")
    try:
        ground = ground_of(config, os.environ)
    except Faults as faults:
        if as_json:
            found = [{"file": fault.file, "key": fault.key, "wrong": fault.wrong} for fault in faults.faults]
            print_json({"faults": found, "parts": []})
        else:
            complain(*str(faults).splitlines())
        raise typer.Exit(WRONG) from None
    tried = list(probe_parts(ground.config, wanted)) or list(parts(ground))
    states = _document(ground, tried) if as_json else _told(ground, tried)
    if State.FAILED in states:
        raise typer.Exit(NO)


def _document(ground: Ground, tried: Iterable[Part]) -> list[State]:
    found = [(part.name, finding) for part in tried for finding in part.findings(ground)]
    lines = [
        {
            "part": name,
            "state": one.state.value,
            "found": clean(one.found, one_line=True),
            "advice": clean(one.advice, one_line=True),
            "lines": list(one.lines),
        }
        for name, one in found
    ]
    print_json({"faults": [], "parts": lines})
    return [finding.state for _, finding in found]


def _told(ground: Ground, tried: Iterable[Part]) -> list[State]:
    """Print each finding as it comes."""
    out, states = console(), list[State]()
    for part in tried:
        with _trying(out, part.name):
            for finding in part.findings(ground):
                out.print(line(part.name, finding, folded=out.is_terminal))
                for text in finding.lines:
                    out.print(Text(f"{'':{_STATE + _PART}}{clean(text, one_line=True)}"))
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
