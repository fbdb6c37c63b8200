"""`mailbot quarantine`: mail that was not taken in, held mail included; look at it, let it in, drop it."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from mailbot.app.shell import Shell, open_shell
from mailbot.cli.letters import incoming, incoming_list, incoming_page
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json
from mailbot.cli.tables import show
from mailbot.cli.turns import Numbers, named, turn


class Action(StrEnum):
    """What to do with it."""

    LIST = "list"
    SHOW = "show"
    ADMIT = "admit"
    RELEASE = "release"
    DROP = "drop"


_DONE = {
    Action.ADMIT: "is let in and worked on next",
    Action.RELEASE: "is worked on again, as if it had just come",
    Action.DROP: "is left out for good",
}

Wanted = Annotated[Action, typer.Argument(metavar="[ACTION]", help="list, show, admit, release or drop.")]


def quarantine(
    action: Wanted = Action.LIST, numbers: Numbers = None, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Show mail that waits for a human's word or could not be taken in; `show ID` one of them.

    `admit ID` lets it in although proof was missing, `release ID` has it judged anew, `drop ID` leaves it out.
    """
    with open_shell(configuration(config), os.environ) as shell:
        if action is Action.LIST:
            _list(shell, as_json=as_json)
        elif action is Action.SHOW:
            _show(shell, named(numbers, "mailbot quarantine show"), as_json=as_json)
        else:
            chosen = named(numbers, f"mailbot quarantine {action}")
            act, now = _acts(shell)[action], shell.clock.now()
            turn(chosen, lambda n: act(n, now), lambda n: _refused(shell, n), _DONE[action], as_json=as_json)
            shell.ring("work")


def _acts(shell: Shell) -> dict[Action, Callable[[int, datetime], bool]]:
    store = shell.store
    return {
        Action.ADMIT: store.quarantine_admit,
        Action.RELEASE: store.quarantine_release,
        Action.DROP: store.quarantine_drop,
    }


def _list(shell: Shell, *, as_json: bool) -> None:
    mails = shell.store.quarantine_list()
    if as_json:
        print_json([incoming(mail) for mail in mails])
    else:
        show(incoming_list(mails, shell.zone))


def _show(shell: Shell, numbers: Sequence[int], *, as_json: bool) -> None:
    for number in numbers:
        mail = shell.store.quarantine_show(number)
        if mail is None:
            raise no(_refused(shell, number))
        if as_json:
            print_json({**incoming(mail), "raw": mail.raw.decode("utf-8", "replace")})
        else:
            show(incoming_page(mail, shell.zone))


def _refused(shell: Shell, number: int) -> str:
    """Say why nothing was done."""
    mail = shell.store.quarantine_show(number)
    return f"There is no mail {number}." if mail is None else f"Mail {number} is {mail.state}: nothing changed."
