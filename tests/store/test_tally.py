"""The day's sums, and the statuses that are in use."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from mailbot.mail import Envelope
from mailbot.ports.records import Arrival, InboxState
from mailbot.store.schema import cases
from mailbot.store.sql import SqlStore
from mailbot.store.tally import names_in_use, tally
from tests.scratch import scratch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    store = scratch()
    yield store
    store.close()


def receive(store: SqlStore, name: str, at: datetime) -> None:
    envelope = Envelope(received_at=at, source="smtp", reverse_path="a@b.test", forward_paths=("s@b.test",))
    store.receive([Arrival(envelope=envelope, raw=name.encode(), digest=name, purpose="s@b.test")])


def test_an_empty_day_has_received_nothing(store: SqlStore):
    assert tally(store, NOW - DAY, NOW) == {"received": 0}


def test_every_mail_of_the_day_is_counted_once_by_what_became_of_it(store: SqlStore):
    for number in range(4):
        receive(store, f"mail-{number}", NOW - timedelta(hours=number + 1))
    receive(store, "yesterday", NOW - DAY - timedelta(seconds=1))
    receive(store, "today", NOW)
    first, second, *_ = store.claim_mails(until=NOW - timedelta(hours=3), now=NOW, limit=3)[1:]
    store.set_aside(first, InboxState.QUARANTINED, "limit: too large", NOW)
    store.set_aside(second, InboxState.HELD, "unproven", NOW)
    assert tally(store, NOW - DAY, NOW) == {"received": 4, "quarantined": 1, "held": 1, "waiting": 2}


def test_names_that_cases_stand_on_are_told_once_each(store: SqlStore):
    row = {"version": 1, "kind": "new", "assignee": "", "requester": "a@b.test", "opened": NOW}
    state = {"priority": "P3", "type": "Fault", "previous_status": "Gone"}
    with store.writing() as connection:
        rows = [
            row | {"number": n, "status": status, "state": state} for n, status in enumerate(("Open", "Closed", "Open"))
        ]
        connection.execute(sa.insert(cases), [*rows, rows[0] | {"number": 9, "state": state | {"priority": ""}}])
    assert names_in_use(store) == {"status": {"Open", "Closed"}, "priority": {"P3", ""}, "type": {"Fault"}}


def test_a_case_that_is_put_aside_stands_on_the_status_before_too(store: SqlStore):
    row = {"version": 1, "kind": "on-hold", "assignee": "", "requester": "a@b.test", "opened": NOW}
    state = {"priority": "P3", "type": "Fault", "previous_status": "Working"}
    with store.writing() as connection:
        connection.execute(sa.insert(cases), [row | {"number": 1, "status": "Parked", "state": state}])
    assert names_in_use(store)["status"] == {"Parked", "Working"}
