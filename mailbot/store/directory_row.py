"""One row of the people table, checked: what a person may write into it, and what is said when it is wrong.

Knows nothing of files and databases.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mailbot.faults import Fault
from mailbot.people import Person, Role

#: The columns of `contract.md`, in their order.
COLUMNS = (
    "address",
    "name",
    "role",
    "organisation",
    "team",
    "plan",
    "contract_until",
    "language",
    "timezone",
    "manager",
)

#: What an export has a column for, the last two where somebody has something in them.
EXPORTED = (*COLUMNS, "also", "address_epoch")

#: A person's own address can be revoked so often.
HIGHEST_EPOCH = 255
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_DOMAIN_ROW = re.compile(r"@[^\s@<>,;:\"()\[\]\\]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("is no mail address; write one such as anna@example.com")
    return value.lower()


def _address_or_domain(value: str) -> str:
    return value.lower() if _DOMAIN_ROW.fullmatch(value) else _address(value)


def address_or_nothing(value: str) -> str:
    """Return an address in lower case, "" for none. Raises ValueError for what is none."""
    return _address(value) if value else ""


def _zone(value: str) -> str:
    if value and value not in available_timezones():
        raise ValueError("is no time zone; write a name such as Europe/Vienna")
    return value


def language_tag(value: str) -> str:
    """Return a language tag in lower case. Raises ValueError for what is none."""
    if value and not _LANGUAGE.fullmatch(value):
        raise ValueError("is no language; write a tag such as en or de-at")
    return value.lower()


def _day(value: object) -> object:
    if value in ("", None):
        return None
    try:
        # Python takes other forms of ISO 8601 too, and what stands after them.
        return date.fromisoformat(str(value) if _DAY.fullmatch(str(value)) else "")
    except ValueError:
        raise ValueError("is no date; write the last valid day as 2026-12-31") from None


#: A text that nothing else is taken for.
Text = Annotated[str, Field(strict=True)]


class _Row(BaseModel):
    """What stands in the document; every key but the address may be left out."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    address: Annotated[Text, AfterValidator(_address_or_domain)]
    name: Text = ""
    role: Text = Role.CUSTOMER
    organisation: Text = ""
    team: Text = ""
    plan: Text = ""
    contract_until: Annotated[date | None, BeforeValidator(_day)] = None
    language: Annotated[Text, AfterValidator(language_tag)] = ""
    timezone: Annotated[Text, AfterValidator(_zone)] = ""
    manager: Annotated[Text, AfterValidator(address_or_nothing)] = ""
    also: tuple[Annotated[Text, AfterValidator(_address)], ...] = ()
    address_epoch: Annotated[int, Field(strict=True, ge=0, le=HIGHEST_EPOCH)] = 0


def check_row(row: Mapping[str, Any], roles: Collection[str]) -> tuple[Person | None, list[tuple[str, str]]]:
    """Return the person, or None and for each fault the key and what is wrong with it.

    `roles` are names that the process declares beside customer, agent, lead and manager.
    """
    try:
        checked = _Row.model_validate(row)
    except ValidationError as error:
        return None, [_said(one) for one in error.errors()]
    known = (*Role, *sorted(roles))
    role = checked.role or Role.CUSTOMER
    if role not in known:
        return None, [("role", f"{role!r} is no role; write one of {', '.join(known)}")]
    if role in {Role.AGENT, Role.LEAD, Role.MANAGER} and checked.address.startswith("@"):
        return None, [("role", f"a whole domain cannot be {role}; give each person a row of their own")]
    return Person(**{**checked.model_dump(), "role": role}), []


def doubles(people: Iterable[tuple[str, Person]]) -> Iterator[tuple[str, str]]:
    """Yield where an address stands that another row has already, and what is wrong."""
    seen: dict[str, str] = {}
    for place, person in people:
        for address in (person.address, *person.also):
            first = seen.setdefault(address, place)
            if first != place:
                yield place, f"{address} stands in {first} already; an address belongs to one person"


def document(person: Person) -> dict[str, Any]:
    """Return the row as it stands in the document: only what says something."""
    row: dict[str, Any] = {key: getattr(person, key) for key in COLUMNS if getattr(person, key)}
    if person.contract_until:
        row["contract_until"] = person.contract_until.isoformat()
    if person.also:
        row["also"] = list(person.also)
    if person.address_epoch:
        row["address_epoch"] = person.address_epoch
    return row


def row_faults(file: str, place: str, found: Iterable[tuple[str, str]]) -> list[Fault]:
    """Name file, row and key of each fault."""
    return [Fault(file=file, key=f"{place}, {key}" if key else place, wrong=wrong) for key, wrong in found]


def _said(error: Any) -> tuple[str, str]:
    """Put a fault that pydantic found into our words."""
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return key, "is missing; every row needs an address"
    if error["type"] == "extra_forbidden":
        return key, f"is no key of a person; there are {', '.join(EXPORTED)}"
    if key == "address_epoch":
        return key, f"{error['input']!r} is no whole number from 0 to {HIGHEST_EPOCH}"
    if error["type"] == "value_error":
        return key, f"{error['input']!r} {error['ctx']['error']}"
    if error["type"] == "tuple_type":
        return key, "is no list; write addresses as a list"
    return key, f"{error['input']!r} is no text; write it in quotes"
