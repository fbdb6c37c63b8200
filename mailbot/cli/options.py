"""What every command of the shell shares: `-c` and `--json`, and how results and faults are written.

Results go to standard output, faults to standard error, one line each. Never decides anything.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from mailbot.config import Config
from mailbot.config.file import load_config

#: Exit codes of the contract: 0 done, 1 the answer is no, 2 wrong use or configuration.
DONE, NO, WRONG = 0, 1, 2

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration file. Without it: $MAILBOT_CONFIG, ./mailbot.toml, /etc/mailbot/mailbot.toml.",
        show_default=False,
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def configuration(file: Path | None) -> Config:
    """Read the configuration that a command works with. Raises Faults, which end the command with 2."""
    return load_config(file, os.environ)


def console() -> Console:
    """The console for results: tables and colour on a terminal, plain text anywhere else."""
    # A pipe has no width: lines are not folded there, so that scripts find each result on one line.
    return Console(width=None if sys.stdout.isatty() else 10_000, highlight=False, soft_wrap=True)


def print_json(document: Mapping[str, Any] | list[Any]) -> None:
    """Print one JSON document, or one line of several, in UTF-8; in ASCII where the output cannot take it."""
    text = json.dumps(document, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        # A terminal of another character set, or the surrogates of a file name that is no UTF-8.
        text = json.dumps(document, default=str)
    print(text)


def complain(*lines: str) -> None:
    """Write faults to standard error, one line each."""
    for line in lines:
        print(line, file=sys.stderr)


def no(*lines: str) -> typer.Exit:
    """Write why the answer is no, and give what ends the command with exit code 1: to be raised."""
    complain(*lines)
    return typer.Exit(NO)


def wrong(*lines: str) -> typer.Exit:
    """Write what is wrong, and give what ends the command with exit code 2: to be raised."""
    complain(*lines)
    return typer.Exit(WRONG)
