"""`mailbot quarantine`: mail that was not taken in, held mail included; look at it, let it in, drop it."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from mailbot.app.read import reader_of
from mailbot.app.shell import Shell, open_shell
from mailbot.cli import read_page
from mailbot.cli.letters import incoming, incoming_list, incoming_page
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json, wrong
from mailbot.cli.read import reports
from mailbot.cli.tables import show
from mailbot.cli.turns import Numbers, named, turn
from mailbot.ports.records import InboxMail
from mailbot.sources import SourceMail


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


Every = Annotated[bool, typer.Option("--all", help="With admit, release or drop: every mail that the list shows.")]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="WORD", help="Only mails whose reason begins so: crash, limit, spam, ..."),
]
Raw = Annotated[bool, typer.Option("--raw", help="With show: the bytes of one mail as they came, and nothing else.")]


def quarantine(
    action: Wanted = Action.LIST,
    numbers: Numbers = None,
    config: ConfigFile = None,
    *,
    every: Every = False,
    reason: Reason = "",
    raw: Raw = False,
    as_json: AsJson = False,
) -> None:
    """Show mail that waits for a human's word or could not be taken in; `show ID` one of them.

    `admit ID` lets it in although proof was missing, `release ID` has it judged anew, `drop ID` leaves it out.
    """
    with open_shell(configuration(config), os.environ) as shell:
        if action is Action.LIST:
            _list(shell, reason, as_json=as_json)
        elif action is Action.SHOW and raw:
            _write(shell, named(numbers, "mailbot quarantine show --raw"))
        elif action is Action.SHOW:
            _show(shell, named(numbers, "mailbot quarantine show"), as_json=as_json)
        else:
            chosen = _chosen(shell, action, numbers, reason, every=every)
            act, now = _acts(shell)[action], shell.clock.now()
            turn(chosen, lambda n: act(n, now), lambda n: _refused(shell, n), _DONE[action], as_json=as_json)
            shell.ring("work")


def _chosen(shell: Shell, action: Action, numbers: Sequence[int] | None, reason: str, *, every: bool) -> Sequence[int]:
    """Give the mails that are named, or all that the list shows."""
    if not every:
        if reason:
            raise wrong(f"--reason chooses among all: write `mailbot quarantine {action} --all --reason {reason}`")
        return named(numbers, f"mailbot quarantine {action}")
    if numbers:
        raise wrong(f"name the mails, or write `mailbot quarantine {action} --all`, not both")
    return [mail.id for mail in _aside(shell, reason)]


def _aside(shell: Shell, reason: str) -> Sequence[InboxMail]:
    return [mail for mail in shell.store.quarantine_list() if reason in ("", mail.cause)]


def _acts(shell: Shell) -> dict[Action, Callable[[int, datetime], bool]]:
    store = shell.store
    return {
        Action.ADMIT: store.quarantine_admit,
        Action.RELEASE: store.quarantine_release,
        Action.DROP: store.quarantine_drop,
    }


def _list(shell: Shell, reason: str, *, as_json: bool) -> None:
    mails = _aside(shell, reason)
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
            source = SourceMail(name=f"mail {number}, as it is read", raw=mail.raw)
            (report,) = reports([source], reader_of(shell.config))
            show(incoming_page(mail, shell.zone, read_page.page(report)))


def _write(shell: Shell, numbers: Sequence[int]) -> None:
    """Write the bytes of one mail."""
    mail = shell.store.quarantine_show(numbers[0])
    if mail is None:
        raise no(_refused(shell, numbers[0]))
    sys.stdout.buffer.write(mail.raw)
    sys.stdout.flush()


def _refused(shell: Shell, number: int) -> str:
    """Say why nothing was done."""
    mail = shell.store.quarantine_show(number)
    return f"There is no mail {number}." if mail is None else f"Mail {number} is {mail.state}: nothing changed."
