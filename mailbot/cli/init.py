"""`mailbot init`: a complete desk in a folder, ready to run. Never overwrites."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mailbot.app.init import Home, Wishes, make_home
from mailbot.cli.options import AsJson, ConfigFile, print_json


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; it is made if it is not there.")],
    *,
    process: Annotated[str, typer.Option(metavar="NAME", help="The support process to begin with.")] = "modera",
    domain: Annotated[str, typer.Option(metavar="DOMAIN", help="The desk becomes support@DOMAIN.")] = "example.com",
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Service hours count here: Europe/Berlin.")] = "UTC",
    holidays: Annotated[
        str, typer.Option(metavar="COUNTRY", help="Public holidays close the desk: DE, or DE-BY. Without it: none.")
    ] = "",
    prefix: Annotated[str, typer.Option(metavar="TAG", help="Cases are called TAG-1, TAG-2, ...")] = "HD",
    agent: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Somebody who works on cases, with a password to log in. Repeatable."),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Make a new desk in DIR: configuration, process, directory, keys. `mailbot run` then runs it at once.

    It listens for SMTP on 127.0.0.1:2525, keeps cases in SQLite and puts outgoing mail into a Maildir, all under DIR.
    An existing file is a fault, and then nothing is written. Each agent's password is shown once, here.
    """
    # -c is taken as everywhere; there is nothing to read before the first configuration is made.
    del config
    wishes = Wishes(
        process=process, domain=domain, timezone=timezone, holidays=holidays, tag=prefix, agents=tuple(agent or ())
    )
    home = make_home(folder, wishes)
    if as_json:
        print_json(
            {
                "config": str(home.config),
                "files": [str(file) for file in home.files],
                "passwords": dict(home.passwords),
            }
        )
    else:
        _tell(home)


def _tell(home: Home) -> None:
    print("Made:")
    for file in home.files:
        print(f"  {file}")
    if home.passwords:
        print("\nPasswords for SMTP AUTH, shown only now:")
        for address, password in home.passwords.items():
            print(f"  {address}  {password}")
    print(f"\nStart it with: mailbot run -c {shlex.quote(str(home.config))}")
