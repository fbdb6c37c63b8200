"""`mailbot why`: for each clock of a case its target, start, pauses with their causes, what is used, when it is due."""

import os
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from mailbot.app.shell import open_shell
from mailbot.cli.case import Number, find
from mailbot.cli.case_page import STYLES
from mailbot.cli.options import AsJson, ConfigFile, configuration, print_json
from mailbot.cli.tables import heading, pairs, show
from mailbot.cli.words import length, moment, printable
from mailbot.rules.counting.why import clocks

Clock = Mapping[str, Any]


def why(number: Number, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Explain each clock of a case: target, start, every pause with its cause, what is used, when it is due and why."""
    with open_shell(configuration(config), os.environ) as shell:
        found = find(shell, number)
        told = clocks(found, shell.process, shell.desk, shell.clock.now())
        reference = shell.desk.reference(found.number)
        if as_json:
            print_json({"case": reference, "number": found.number, "clocks": printable(told)})
        else:
            show(page(reference, told, shell.zone))


def page(reference: str, told: list[dict[str, object]], zone: ZoneInfo) -> RenderableType:
    """Put the explanation of all clocks together."""
    if not told:
        return Text(f"{reference} has no clocks.")
    parts: list[RenderableType] = [Text(reference, style="bold")]
    for clock in told:
        parts += [heading(str(clock["clock"])), pairs(_facts(clock, zone))]
    return Group(*parts)


def _facts(clock: Clock, zone: ZoneInfo) -> Iterator[tuple[str, object]]:
    yield "state", Text(clock["state"], style=STYLES.get(clock["state"], ""))
    yield "target", clock["target"]
    yield "started", f"{moment(clock['started'], zone)} ({clock['start_cause']})"
    for pause in clock["pauses"]:
        end = moment(pause["to"], zone) if pause["to"] else "now"
        yield "paused", f"{moment(pause['from'], zone)} to {end} ({pause['cause']})"
    yield "counts", clock["counts"]
    limit = f" of {length(clock['limit_seconds'])}" if clock["limit_seconds"] is not None else ""
    yield "used", length(clock["used_seconds"]) + limit
    yield "due", moment(clock["due"], zone)
    yield "because", clock["because"]
