"""Domain values to JSON and back, spelt as `contract.md` prints them.

Instants are RFC 3339 in UTC with `Z`, exact to the microsecond; case numbers stay integers until `printed` puts the
desk's tag before them. Never queries.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter

from mailbot import event as events
from mailbot.decision import Carried, Hit, Notice
from mailbot.event import Event
from mailbot.model import Case
from mailbot.ports.records import HistoryLine

#: Keys that are no name of a field, because the contract's word is taken in Python.
_PRINTED = {"MessageAdded": {"sender": "from"}}
#: Fields that name a case; printed with the desk's tag.
_REFERENCES = ("case", "into", "related", "parent")
#: Fields that name several.
_SEVERAL_REFERENCES = ("cases",)

_NAMES: dict[str, type[Event]] = {
    name: value for name, value in vars(events).items() if isinstance(value, type) and issubclass(value, Event)
}

_EVENTS: dict[str, TypeAdapter[Event]] = {name: TypeAdapter(kind) for name, kind in _NAMES.items()}
_CASE = TypeAdapter(Case)
_HITS = TypeAdapter(tuple[Hit, ...])
_CARRIED = TypeAdapter(tuple[Carried, ...])
_INSTANT = TypeAdapter(datetime)


def event_to_json(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object: `at`, `event`, then its fields in their order."""
    name = type(event).__name__
    renamed = _PRINTED.get(name, {})
    fields = _EVENTS[name].dump_python(event, mode="json")
    at = fields.pop("at")
    return {"at": at, "event": name, **{renamed.get(key, key): value for key, value in fields.items()}}


def event_from_json(body: Mapping[str, Any]) -> Event:
    """Return the event that `event_to_json` wrote. Raises KeyError for a name that is no event's."""
    name = body["event"]
    fields = {key: value for key, value in body.items() if key != "event"}
    for field, key in _PRINTED.get(name, {}).items():
        fields[field] = fields.pop(key)
    return _EVENTS[name].validate_python(fields)


def case_to_json(case: Case) -> Any:
    """Return the whole folded state."""
    return _CASE.dump_python(case, mode="json")


def case_from_json(state: Any) -> Case:
    """Return the case that `case_to_json` wrote."""
    return _CASE.validate_python(state)


def hits_to_json(hits: tuple[Hit, ...]) -> Any:
    """Return the rules that spoke, in order."""
    return _HITS.dump_python(hits, mode="json")


def hits_from_json(hits: Any) -> tuple[Hit, ...]:
    """Return the hits that `hits_to_json` wrote."""
    return _HITS.validate_python(hits)


def carried_to_json(carried: tuple[Carried, ...]) -> Any:
    """Return which attachments go along."""
    return _CARRIED.dump_python(carried, mode="json")


def carried_from_json(carried: Any) -> tuple[Carried, ...]:
    """Return what `carried_to_json` wrote."""
    return _CARRIED.validate_python(carried)


def notice_to_json(notice: Notice, subject: str) -> dict[str, Any]:
    """Return a notice as the history lists it; `subject` is the rendered one."""
    return {
        "at": instant_to_json(notice.at),
        "notice": notice.template,
        "to": [notice.to],
        "subject": subject,
        "visibility": notice.visibility.value,
    }


def instant_to_json(instant: datetime) -> str:
    """Return an instant as RFC 3339 in UTC."""
    return str(_INSTANT.dump_python(instant, mode="json"))


def printed(line: HistoryLine, tag: str) -> dict[str, Any]:
    """Return a line of history as `rehearse --json` and `case --json` print it: cases are written `HD-1`."""
    body = dict(line.body)
    for key in _REFERENCES:
        if key in body:
            body[key] = f"{tag}-{body[key]}" if body[key] else None
    for key in _SEVERAL_REFERENCES:
        if key in body:
            body[key] = [f"{tag}-{number}" for number in cast("list[int]", body[key])]
    return body
