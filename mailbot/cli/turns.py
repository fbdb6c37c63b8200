"""What `queue` and `quarantine` have in common: an action on mails that are named by their numbers. Opens no store."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from mailbot.cli.options import complain, no, print_json, wrong

Numbers = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]...", help="The mails' numbers, as the list shows them.", min=1, max=10**18),
]


def named(numbers: Sequence[int] | None, action: str) -> Sequence[int]:
    """Give the numbers that an action needs; ends the command when there are none."""
    if not numbers:
        raise wrong(f"{action}: name the mails by the numbers that the list shows, such as `{action} 3`")
    return numbers


def turn(
    numbers: Sequence[int], act: Callable[[int], bool], refused: Callable[[int], str], done: str, *, as_json: bool
) -> None:
    """Do something to each mail and say what was done; ends the command with 1 when one could not be changed so."""
    changed = {number: act(number) for number in numbers}
    if as_json:
        print_json(
            {"done": [n for n, did in changed.items() if did], "refused": [n for n, did in changed.items() if not did]}
        )
    else:
        for number in (n for n, did in changed.items() if did):
            print(f"Mail {number} {done}.")
    if faults := [refused(number) for number, did in changed.items() if not did]:
        complain(*faults[:-1])
        raise no(faults[-1])
