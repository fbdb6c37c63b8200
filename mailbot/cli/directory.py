"""`mailbot directory`: people, organisations, contracts, teams; look at them, bring them in, give them out."""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from mailbot.app.shell import directory_of
from mailbot.cli.options import AsJson, ConfigFile, configuration, no, print_json, wrong
from mailbot.cli.tables import pairs, show, table
from mailbot.cli.words import clean
from mailbot.config import Config
from mailbot.people import Person


class Action(StrEnum):
    """What to do with it."""

    LIST = "list"
    SHOW = "show"
    IMPORT = "import"
    EXPORT = "export"


#: The columns of the contract, then what only the document has.
KEYS = tuple(field.name for field in fields(Person))

Wanted = Annotated[Action, typer.Argument(metavar="[ACTION]", help="list, show, import or export.")]
What = Annotated[str, typer.Argument(metavar="[ADDRESS|FILE.csv]", help="Whom to show, or what to import.")]


def directory(
    action: Wanted = Action.LIST, what: What = "", config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """List the people of the desk; `show ADDRESS` one of them, or who speaks for their domain.

    `import FILE.csv` adds people and changes those who are there already, all or none. Its header names the columns:
    address, name, role, organisation, team, plan, contract_until, language, timezone, manager. `export` prints such
    a file.
    """
    settings = configuration(config)
    match action:
        case Action.LIST:
            _list(directory_of(settings).load().people, as_json=as_json)
        case Action.SHOW:
            _show(settings, _needed(what, "show ADDRESS"), as_json=as_json)
        case Action.IMPORT:
            _import(settings, Path(_needed(what, "import FILE.csv")), as_json=as_json)
        case Action.EXPORT:
            print(directory_of(settings).export_csv(), end="")


def _needed(what: str, usage: str) -> str:
    if not what:
        raise wrong(f"say which: mailbot directory {usage}")
    return what


def _row(person: Person) -> dict[str, object]:
    """Give a person as the document has them, each key there."""
    row = {key: getattr(person, key) for key in KEYS}
    row["contract_until"] = person.contract_until.isoformat() if person.contract_until else None
    return {**row, "also": list(person.also)}


def _list(people: Sequence[Person], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(person) for person in people])
    elif not people:
        show(Text("Nobody is in the directory."))
    else:
        rows = [(p.address, p.name, p.role, p.organisation, p.team, p.plan, p.contract_until or "") for p in people]
        show(table(("address", "name", "role", "organisation", "team", "plan", "contract until"), rows))


def _show(settings: Config, address: str, *, as_json: bool) -> None:
    person = directory_of(settings).load().person(address.strip().lower())
    if person is None:
        raise no(f"Nobody in the directory has the address {clean(address, one_line=True)}.")
    if as_json:
        print_json(_row(person))
        return
    row = {**_row(person), "also": ", ".join(person.also)}
    show(pairs((key.replace("_", " "), value) for key, value in row.items() if value))


def _import(settings: Config, file: Path, *, as_json: bool) -> None:
    try:
        count = directory_of(settings).import_csv(file)
    except OSError as error:
        raise wrong(f"{error.filename or file}: cannot be read or written: {error.strerror}") from None
    if as_json:
        print_json({"imported": count})
    else:
        print(f"{count} {'person' if count == 1 else 'people'} imported into {settings.directory.file}.")
