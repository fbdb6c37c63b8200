"""The table of organisations: what is said of those whose rows name it, checked. It may be missing.

Knows nothing of files and databases.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mailbot.faults import Fault, Faults
from mailbot.people import Directory, Organisation, Person, Role
from mailbot.store.directory_row import Text, address_or_nothing, language_tag, row_faults

#: The table in the document.
ORGANISATIONS = "organisations"
#: How it is written elsewhere: other tables are left alone, and this one is not meant to be.
MISSPELT = frozenset({"organizations", "organisation", "organization"})


class _Row(BaseModel):
    """What stands in the document; every key but the name may be left out."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[Text, Field(min_length=1)]
    language: Annotated[Text, AfterValidator(language_tag)] = ""
    contact: Annotated[Text, AfterValidator(address_or_nothing)] = ""
    contact_hears: Annotated[bool, Field(strict=True)] = False


def organisations(
    tables: Mapping[str, Mapping[str, Any]], people: Sequence[Person] | None, file: str
) -> tuple[Organisation, ...]:
    """Return the organisations of a document. Raises Faults that name row and key, all at once.

    `people` are None where their own rows are wrong.
    """
    rows = [(f"{ORGANISATIONS} {number}", row) for number, row in tables.get(ORGANISATIONS, {}).items()]
    wrong = f"is no table; name it {ORGANISATIONS}"
    found = [Fault(file=file, key=name, wrong=wrong) for name in sorted(MISSPELT & tables.keys())]
    known: list[Organisation] = []
    for place, row in rows:
        faults = list(_wrong(row, known, people))
        found += row_faults(file, place, faults)
        known += [] if faults else [Organisation(**_Row.model_validate(row).model_dump())]
    if found:
        raise Faults(found)
    return tuple(known)


def _wrong(row: Any, before: Sequence[Organisation], people: Sequence[Person] | None) -> Iterator[tuple[str, str]]:
    """Yield for each fault of a row the key and what is wrong with it."""
    if not isinstance(row, dict):
        yield "", 'is no row; write {"name": "Customer Ltd"}'
        return
    try:
        checked = _Row.model_validate(row)
    except ValidationError as error:
        yield from map(_said, error.errors())
        return
    name = checked.name.casefold()
    if name in (one.name.casefold() for one in before):
        yield "name", f"{checked.name!r} has a row already; an organisation has one"
    if people is not None and name not in (person.organisation.casefold() for person in people):
        yield "name", f"no row of people names {checked.name!r}; write it as the organisation of its people"
    elif people is not None and checked.contact and (wrong := _no_contact(checked, Directory(people=tuple(people)))):
        yield "contact", f"{checked.contact} {wrong}"
    if checked.contact_hears and not checked.contact:
        yield "contact_hears", "is for a contact, and there is none; name one, or take it out"


def _no_contact(row: _Row, directory: Directory) -> str:
    """Say why somebody cannot be the contact, "" if they can: a slip would let a stranger into other people's cases."""
    person = directory.person(row.contact)
    if person is None or person.organisation.casefold() != row.name.casefold():
        return f"is not of {row.name!r} by any row of people; give them one, or their domain"
    if person.role != Role.CUSTOMER:
        return f"has the role {person.role}, and only a customer can be a contact"
    if directory.canonical(row.contact) != row.contact:
        return f"is a further address of {person.address}; write that one"
    return ""


def _said(error: Any) -> tuple[str, str]:
    """Put a fault that pydantic found into our words."""
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return key, "is missing; every organisation needs a name"
    if error["type"] == "string_too_short":
        return key, "is empty; every organisation needs a name"
    if error["type"] == "extra_forbidden":
        return key, f"is no key of an organisation; there are {', '.join(_Row.model_fields)}"
    if error["type"] == "value_error":
        return key, f"{error['input']!r} {error['ctx']['error']}"
    if error["type"] == "bool_type":
        return key, f"{error['input']!r} is neither true nor false"
    return key, f"{error['input']!r} is no text; write it in quotes"
