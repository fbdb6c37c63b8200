"""Events, cases and notices survive the way to JSON and back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from mailbot import event as events
from mailbot.decision import Hit, Notice
from mailbot.event import CasesMerged, ClockMet, ClockName, Event, MessageAdded, Visibility
from mailbot.model import Case
from mailbot.ports.records import HistoryLine
from mailbot.store import codec
from mailbot.store.column import EPOCH, Instant
from tests.store.values import NOON

DIALECT = sqlite.dialect()
KINDS = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind not in {Event, events.ClockEvent}
]
INSTANTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(Mapping, st.dictionaries(st.text(), st.text()))


def through_json(value: Any):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_event_comes_back_as_it_went(kind: Any, data: st.DataObject):
    event = data.draw(st.from_type(kind))
    body = through_json(codec.event_to_json(event))
    assert list(body)[:2] == ["at", "event"]
    assert codec.event_from_json(body) == event


@given(case=st.from_type(Case))
def test_every_case_comes_back_as_it_went(case: Any):
    assert codec.case_from_json(through_json(codec.case_to_json(case))) == case


def test_a_field_that_is_younger_than_a_stored_event_takes_its_default():
    body = codec.event_to_json(MessageAdded(at=NOON, sender="a@x.test", visibility=Visibility.PUBLIC))
    del body["automatic"]
    assert codec.event_from_json(body) == MessageAdded(at=NOON, sender="a@x.test", visibility=Visibility.PUBLIC)


def test_an_event_that_nobody_knows_is_a_key_error():
    with pytest.raises(KeyError):
        codec.event_from_json({"at": "2026-01-01T00:00:00Z", "event": "Vanished"})


def test_a_message_is_printed_with_from():
    body = codec.event_to_json(MessageAdded(at=NOON, sender="a@x.test", visibility=Visibility.INTERNAL))
    assert (body["from"], body["visibility"]) == ("a@x.test", "internal")
    assert "sender" not in body


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 1, 5, 12, tzinfo=UTC), "2026-01-05T12:00:00Z"),
        (NOON, "2026-01-05T12:00:00.000007Z"),
    ],
)
def test_instants_are_printed_in_utc_with_z(instant: datetime, text: Any):
    assert codec.instant_to_json(instant) == text
    assert codec.event_to_json(ClockMet(at=instant, clock=ClockName.PICKUP, due=None))["at"] == text


@given(instant=INSTANTS, hours=st.integers(-12, 14))
def test_instants_are_stored_exactly(instant: datetime, hours: int):
    column = Instant()
    stored = column.process_bind_param(instant.astimezone(timezone(timedelta(hours=hours))), DIALECT)
    assert isinstance(stored, int)
    back = column.process_result_value(stored, DIALECT)
    assert back == instant
    assert back.tzinfo is UTC
    assert column.process_bind_param(EPOCH, DIALECT) == 0


def line(body: Any, case: Any = 3):
    return HistoryLine(seq=1, case=case, at=NOON, body={"at": body["at"], "case": case, **body})


def test_a_line_is_printed_with_the_desks_tag():
    merged = codec.event_to_json(CasesMerged(at=NOON, into=12))
    assert codec.printed(line(merged), "HD") == {
        "at": "2026-01-05T12:00:00.000007Z",
        "case": "HD-3",
        "event": "CasesMerged",
        "into": "HD-12",
        "actor": "",
        "held_from": "",
        "hold_until": None,
        "joined": [],
    }


def test_a_line_without_a_case_is_printed_with_null():
    notice = Notice(at=NOON, template="held", to="bo@x.test", case=None, visibility=Visibility.INTERNAL)
    assert codec.printed(line(codec.notice_to_json(notice, "Held"), None), "HD") == {
        "at": "2026-01-05T12:00:00.000007Z",
        "case": None,
        "notice": "held",
        "to": ["bo@x.test"],
        "subject": "Held",
        "visibility": "internal",
    }


def test_printing_leaves_the_stored_line_alone():
    stored = line(codec.event_to_json(CasesMerged(at=NOON, into=12)))
    codec.printed(stored, "HD")
    assert (stored.body["case"], stored.body["into"]) == (3, 12)


@given(hits=st.lists(st.builds(Hit, rule=st.text(), reason=st.text())).map(tuple))
def test_hits_come_back_as_they_went(hits: Any):
    assert codec.hits_from_json(through_json(codec.hits_to_json(hits))) == hits
