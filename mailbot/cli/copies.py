"""`mailbot backup`, `restore` and `verify`: a copy while it runs, back from it, and whether all is whole."""

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer

from mailbot.app.copies import back_up, bring_back
from mailbot.app.shell import open_shell
from mailbot.cli.options import AsJson, ConfigFile, complain, configuration, no, print_json, wrong
from mailbot.cli.words import size
from mailbot.rules.case.evolve import evolve

Archive = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a tar file.")]


def backup(file: Archive, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Write a consistent copy of the store and the directory to FILE, while the daemon runs or not.

    Keys and passwords are not in it: keep those apart. An older FILE is replaced once the new one is whole.
    """
    try:
        # The copy is made beside its place: better to hear of a wrong one before the work than after it.
        TemporaryFile(dir=file.absolute().parent).close()
    except OSError as error:
        raise wrong(f"{file}: nothing can be written into {file.parent}: {error.strerror}") from None
    settings = configuration(config)
    with open_shell(settings, os.environ) as shell:
        back_up(shell, file)
    octets = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "size": octets})
    else:
        print(f"{file}: {size(octets)}. The secrets ({settings.secrets.key.parent}) are not in it.")


def restore(file: Archive, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Bring a backup back to where the configuration says. What is there already is never overwritten."""
    if not file.is_file():
        raise wrong(f"{file}: no such file")
    settings = configuration(config)
    directory = bring_back(settings, file)
    if as_json:
        print_json({"store": settings.database_url(), "directory": str(directory) if directory else None})
        return
    print(f"The store is back in {settings.store.folder}.")
    if directory == settings.directory.file:
        print(f"The directory is back as {directory}.")
    elif directory:
        complain(f"{settings.directory.file} is there already and stays; the backup's directory lies in {directory}.")


def verify(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Say whether the store is whole: every case's history folds to its row, every mail is accounted for."""
    with open_shell(configuration(config), os.environ) as shell:
        faults = shell.store.verify(evolve)
        account = dict(shell.account())
    if as_json:
        print_json({"whole": not faults, "faults": faults, "account": account})
    else:
        print(*faults, sep="\n", end="\n" if faults else "")
        rest = " + ".join(f"{count} {name}" for name, count in account.items() if name != "received")
        print(f"{account['received']} mails received = {rest}")
    if faults:
        raise no(f"The store is not whole: {len(faults)} fault{'s' if len(faults) > 1 else ''}.")
    if not as_json:
        print("The store is whole.")
