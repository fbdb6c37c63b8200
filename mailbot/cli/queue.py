"""`mailbot queue`: mail that is not out yet; look at it, try it again, hold it, drop it."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from mailbot.app.shell import Shell, open_shell
from mailbot.cli.letters import outgoing, outgoing_list, outgoing_page
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json
from mailbot.cli.tables import show
from mailbot.cli.turns import Numbers, named, turn


class Action(StrEnum):
    """What to do with it."""

    LIST = "list"
    SHOW = "show"
    RETRY = "retry"
    HOLD = "hold"
    DROP = "drop"


_DONE = {
    Action.RETRY: "goes out with the next try",
    Action.HOLD: "is held until it is retried",
    Action.DROP: "will never go out",
}

Wanted = Annotated[Action, typer.Argument(metavar="[ACTION]", help="list, show, retry, hold or drop.")]


def queue(
    action: Wanted = Action.LIST, numbers: Numbers = None, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Show mail that is not out yet, failed mail too; `show ID` one of them.

    `retry ID` tries at once, `hold ID` keeps it back, `drop ID` gives it up for good.
    """
    with open_shell(configuration(config), os.environ) as shell:
        if action is Action.LIST:
            _list(shell, as_json=as_json)
        elif action is Action.SHOW:
            _show(shell, named(numbers, "mailbot queue show"), as_json=as_json)
        else:
            chosen = named(numbers, f"mailbot queue {action}")
            act, now = _acts(shell)[action], shell.clock.now()
            turn(chosen, lambda n: act(n, now), lambda n: _refused(shell, n), _DONE[action], as_json=as_json)
            shell.ring("send")


def _acts(shell: Shell) -> dict[Action, Callable[[int, datetime], bool]]:
    store = shell.store
    return {Action.RETRY: store.queue_retry, Action.HOLD: store.queue_hold, Action.DROP: store.queue_drop}


def _list(shell: Shell, *, as_json: bool) -> None:
    letters = shell.store.queue_list()
    if as_json:
        print_json([outgoing(letter) for letter in letters])
    else:
        show(outgoing_list(letters, shell.zone))


def _show(shell: Shell, numbers: Sequence[int], *, as_json: bool) -> None:
    for number in numbers:
        letter = shell.store.queue_show(number)
        if letter is None:
            raise no(_refused(shell, number))
        if as_json:
            print_json({**outgoing(letter), "text": letter.text, "html": letter.html, "fields": list(letter.fields)})
        else:
            show(outgoing_page(letter, shell.zone))


def _refused(shell: Shell, number: int) -> str:
    """Say why nothing was done."""
    letter = shell.store.queue_show(number)
    return (
        f"There is no outgoing mail {number}."
        if letter is None
        else f"Mail {number} is {letter.state}: nothing changed."
    )
