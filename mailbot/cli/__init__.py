"""The command line: one module per command, put together here. Reads, prints, and calls `app`; decides nothing.

Every command takes `-c FILE`, and `--json` where it has a result, anywhere after its name.
"""

import gc
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated

import typer
from typer import TyperException

from mailbot import __version__
from mailbot.cli.options import DONE, NO, WRONG, complain
from mailbot.faults import Faults
from mailbot.ports import StoreAway

#: Where each command's function lies, in the order in which help lists them; the function has the command's name.
COMMANDS = {
    "init": "init",
    "check": "check",
    "doctor": "doctor",
    "run": "run",
    "demo": "demo",
    "case": "case",
    "cases": "case",
    "queue": "queue",
    "quarantine": "quarantine",
    "trace": "trace",
    "backup": "copies",
    "restore": "copies",
    "rehearse": "rehearse",
    "do": "do",
    "verify": "copies",
    "directory": "directory",
    "agent": "agent",
    "why": "why",
    "read": "read",
}


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Put the commands together; only what these import is imported, and that is most of the time of a start."""
    # What is imported stays: to look through it for garbage again and again would be a fifth of that time.
    gc.disable()
    app = typer.Typer(
        name="mailbot",
        help="A support desk that lives by mail: a customer's mail becomes a case, agents work it by mail.\n\n"
        "Begin with `mailbot init DIR`, then `mailbot run -c DIR/mailbot.toml`. "
        "`mailbot COMMAND --help` explains each command.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
    )
    app.callback()(mailbot)
    for name in names:
        app.command(name)(getattr(import_module(f"mailbot.cli.{COMMANDS[name]}"), name))
    gc.freeze()
    gc.enable()
    return app


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mailbot {__version__}")
        raise typer.Exit


def mailbot(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Stand for the program itself; its words are in `app`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the answer is no, 2 wrong use or configuration."""
    try:
        words = list(sys.argv[1:] if arguments is None else arguments)
        # The first word names the command, unless it asks for help or is a mistake: then all are there to choose from.
        app = application(words[:1] if set(words[:1]) & {*COMMANDS} else COMMANDS)
        code = app(args=words, prog_name="mailbot", standalone_mode=False)
    except Faults as faults:
        complain(*str(faults).splitlines())
        return WRONG
    except StoreAway as away:
        complain(f"The store cannot be reached just now: {away}. Try again later.")
        return NO
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "mailbot"
        # typer hands on what pydantic says, with the name of the exception before it.
        said = error.format_message().replace("Value error, ", "")
        complain(f"{command}: {said} (`{command} --help` shows what there is)")
        return WRONG
    except BrokenPipeError:
        # Whoever read the results has seen enough; the interpreter must not complain when it flushes.
        sys.stderr.close()
        return NO
    return code if isinstance(code, int) else DONE
