"""The command line: one module per command, put together here. Reads, prints, and calls `app`; decides nothing.

Every command takes `-c FILE`, and `--json` where it has a result, anywhere after its name.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer import TyperException

from mailbot import __version__
from mailbot.cli import (
    case,
    check,
    copies,
    demo,
    directory,
    do,
    init,
    quarantine,
    queue,
    read,
    rehearse,
    run,
    trace,
    why,
)
from mailbot.cli.options import DONE, NO, WRONG, complain
from mailbot.faults import Faults
from mailbot.ports import StoreAway

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

app.command("init")(init.init)
app.command("check")(check.check)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("case")(case.case)
app.command("cases")(case.cases)
app.command("queue")(queue.queue)
app.command("quarantine")(quarantine.quarantine)
app.command("trace")(trace.trace)
app.command("backup")(copies.backup)
app.command("restore")(copies.restore)
app.command("rehearse")(rehearse.rehearse)
app.command("do")(do.do)
app.command("verify")(copies.verify)
app.command("directory")(directory.directory)
app.command("why")(why.why)
app.command("read")(read.read)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mailbot {__version__}")
        raise typer.Exit


@app.callback()
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
        complain(f"{command}: {error.format_message()} (`{command} --help` shows what there is)")
        return WRONG
    except BrokenPipeError:
        # Whoever read the results has seen enough; the interpreter must not complain when it flushes.
        sys.stderr.close()
        return NO
    return code if isinstance(code, int) else DONE
