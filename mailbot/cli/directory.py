"""`mailbot directory`: people, organisations, contracts, teams; look at them, bring them in, give them out."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from mailbot.app.check_keys import key_faults, keys_of_people
from mailbot.app.shell import directory_of, open_shell
from mailbot.cli.options import AsJson, ConfigFile, complain, configuration, no, print_json, wrong
from mailbot.cli.tables import pairs, show, table
from mailbot.cli.words import clean, moment
from mailbot.config import Config
from mailbot.people import Directory, Person
from mailbot.standing import Standing


class Action(StrEnum):
    """What to do with it."""

    LIST = "list"
    SHOW = "show"
    IMPORT = "import"
    EXPORT = "export"
    DELIVER = "deliver"


#: The columns of the contract, then what only the document has.
KEYS = tuple(field.name for field in fields(Person))

Wanted = Annotated[Action, typer.Argument(metavar="[ACTION]", help="list, show, import, export or deliver.")]
What = Annotated[str, typer.Argument(metavar="[ADDRESS|NAME|FILE.csv]", help="Whom to show, or what to import.")]


def directory(
    action: Wanted = Action.LIST, what: What = "", config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """List the people of the desk; `show ADDRESS` one of them, or who speaks for their domain.

    `show NAME` gives an organisation: its language, and its people.

    `import FILE.csv` adds people and changes those who are there already, all or none. Its header names the columns:
    address, name, role, organisation, team, plan, contract_until, language, timezone, manager; also (further
    addresses, with blanks between them) and address_epoch. `export` prints such a file, the last two where somebody has
    something in them.

    `show` tells of an address, too, how letters fare that did not reach it, whether it is in the directory or not.
    `deliver ADDRESS` writes to an address again to which nothing goes, because too much did not arrive.
    """
    settings = configuration(config)
    match action:
        case Action.LIST:
            _list(settings, directory_of(settings).load().people, as_json=as_json)
        case Action.SHOW:
            _show(settings, _needed(what, "show ADDRESS or show NAME"), as_json=as_json)
        case Action.IMPORT:
            _import(settings, Path(_needed(what, "import FILE.csv")), as_json=as_json)
        case Action.EXPORT:
            print(directory_of(settings).export_csv(), end="")
        case Action.DELIVER:
            _deliver(settings, _needed(what, "deliver ADDRESS").strip().lower(), as_json=as_json)


def _needed(what: str, usage: str) -> str:
    if not what:
        raise wrong(f"say which: mailbot directory {usage}")
    return what


def _row(person: Person, keys: Sequence[str]) -> dict[str, object]:
    """Give a person as the document has them, each key there, and their OpenPGP keys."""
    row = {key: getattr(person, key) for key in KEYS}
    row["contract_until"] = person.contract_until.isoformat() if person.contract_until else None
    return {**row, "also": list(person.also), "openpgp": list(keys)}


def _list(settings: Config, people: Sequence[Person], *, as_json: bool) -> None:
    complain(*map(str, key_faults(settings)))
    keys = keys_of_people(settings, people)
    if as_json:
        print_json([_row(person, keys[person.address]) for person in people])
    elif not people:
        show(Text("Nobody is in the directory."))
    else:
        names = ("address", "name", "role", "organisation", "team", "plan", "contract until", "openpgp")
        rows = [
            (*(getattr(p, key) for key in KEYS[:6]), p.contract_until or "", ", ".join(keys[p.address])) for p in people
        ]
        show(table(names, rows))


def _show(settings: Config, address: str, *, as_json: bool) -> None:
    directory = directory_of(settings).load()
    if "@" not in address:
        _show_organisation(directory, address, as_json=as_json)
        return
    address = address.strip().lower()
    person = directory.person(address)
    with open_shell(settings, os.environ) as shell:
        standing, zone = shell.standing(address, member=directory.member(address) is not None), shell.zone
    if person is None and standing is None:
        raise no(f"Nobody in the directory has the address {clean(address, one_line=True)}.")
    complain(*map(str, key_faults(settings)))
    keys = keys_of_people(settings, [person])[person.address] if person else ()
    # Letters go to people who are in no directory, too.
    row = _row(person, keys) if person else {"address": address}
    if as_json:
        print_json({**row, "standing": asdict(standing) if standing else None})
        return
    flat = {key: ", ".join(value) if isinstance(value, list) else value for key, value in row.items()}
    shown = [(key.replace("_", " "), value) for key, value in flat.items() if value]
    show(pairs([*shown, *(_fared(address, standing, zone) if standing else ())]))


def _fared(address: str, standing: Standing, zone: ZoneInfo) -> Iterator[tuple[str, object]]:
    """Say how letters to the address fare, and who can do what about it."""
    why = " ".join(filter(None, (standing.status, standing.reason)))
    yield "last letter that did not arrive", ", ".join(filter(None, (moment(standing.failed, zone), why)))
    yield "its failures count", standing.score
    if standing.stopped:
        yield "nothing is written to it since", moment(standing.stopped, zone)
        yield "to write again", f"mailbot directory deliver {address}, or a mail from it that is proven"


def _deliver(settings: Config, address: str, *, as_json: bool) -> None:
    with open_shell(settings, os.environ) as shell:
        done = shell.store.deliver(address, shell.clock.now())
    if not done:
        raise no(f"Letters reach {clean(address, one_line=True)}, as far as is known: nothing changed.")
    if as_json:
        print_json({"delivered": address})
    else:
        print(f"{address} is written to again.")


def _show_organisation(directory: Directory, name: str, *, as_json: bool) -> None:
    people = directory.people_of(name.strip())
    organisation = directory.organisation(people[0].address) if people else None
    if organisation is None:
        raise no(f"No organisation of the directory has the name {clean(name, one_line=True)}.")
    addresses = [person.address for person in people]
    if as_json:
        print_json({**asdict(organisation), "people": addresses})
        return
    row = {**asdict(organisation), "people": ", ".join(addresses)}
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
