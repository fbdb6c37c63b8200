"""The cases that somebody asks for by mail: whose they are, what stands in them, how many at most."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Happened
from mailbot.event import AbsenceChanged, ClockBreached, ClockName, Kind, MessageAdded, Visibility
from mailbot.facts import Query
from mailbot.ports.records import Changed, Commit
from mailbot.rules.command import snooze
from mailbot.store import lookup
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, NOON, case, opening

BEN = "ben@example.com"


def put(store: SqlStore, number: int, *, text: str = "", late: bool = False, **keys: Any) -> None:
    """A case as it stands after one more commit, with a message of that text."""
    store.commit(opening(None, number))
    there = replace(case(number, version=3), **keys)
    events: list[Any] = [MessageAdded(at=NOON, sender=ANNA, visibility=Visibility.INTERNAL, text=text)] if text else []
    if late:
        (clock,) = there.clocks
        there = replace(there, clocks=(replace(clock, breached_at=NOON),))
        events.append(ClockBreached(at=NOON, clock=ClockName.PICKUP, due=NOON))
    happened = tuple(Happened(case=number, event=event) for event in events)
    changed = (Changed(case=there, was=2, deadlines=tuple(snooze.deadlines(there))),)
    store.commit(Commit(at=NOON + timedelta(minutes=number), changed=changed, happened=happened))


@pytest.fixture
def desk(store: SqlStore) -> SqlStore:
    put(store, 1, assignee=ANNA, subject="Printer in room 4")
    put(store, 2, assignee=BEN, subject="The lift", text="The PRINTER of 100% cotton")
    put(store, 3, assignee="", requester="jürgen@example.com", late=True)
    put(store, 4, assignee=ANNA, status="Closed", kind=Kind.CLOSED, closed=NOON, text="Ülo's printer", late=True)
    put(store, 5, assignee="second line", late=True, snoozed_until=NOON + timedelta(days=7))
    return store


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        pytest.param(Query(), [1, 2, 3, 5], id="open ones, the oldest first"),
        pytest.param(Query(open_only=False), [5, 4, 3, 2, 1], id="closed ones too, the newest first"),
        pytest.param(Query(assignees=(ANNA,)), [1], id="with one person"),
        pytest.param(Query(assignees=(BEN, "second line", "")), [2, 3, 5], id="with a team or nobody"),
        pytest.param(Query(assignees=()), [], id="with none of nobody"),
        pytest.param(Query(requester="jürgen@example.com"), [3], id="of one customer"),
        pytest.param(Query(since=NOON, open_only=False), [5, 4, 3, 2, 1], id="open, or closed since"),
        pytest.param(Query(since=NOON + timedelta(1), open_only=False), [5, 3, 2, 1], id="closed before"),
        pytest.param(Query(overdue=True), [3, 5], id="past a due instant and still open"),
        pytest.param(Query(overdue=True, assignees=("",)), [3], id="late and with nobody"),
        pytest.param(Query(snoozed=False), [1, 2, 3], id="in sight"),
        pytest.param(Query(snoozed=True), [5], id="out of sight"),
        pytest.param(Query(snoozed=True, assignees=(ANNA,)), [], id="with one person, out of sight"),
        pytest.param(Query(words=("printer",)), [1, 2], id="a word, in subject or message, in any letter case"),
        pytest.param(Query(words=("printer",), open_only=False), [4, 2, 1], id="in closed ones too"),
        pytest.param(Query(words=("printer", "room")), [1], id="all words"),
        pytest.param(Query(words=("lift", "cotton")), [2], id="in different places of a case"),
        pytest.param(Query(words=("ülo",), open_only=False), [4], id="letters beyond ASCII"),
        pytest.param(Query(words=("Jürgen",)), [3], id="the customer's address"),
        pytest.param(Query(words=("Acme",), among=("jürgen@example.com",)), [3], id="an organisation's, by address"),
        pytest.param(Query(words=("cotton",), among=("jürgen@example.com",)), [2, 3], id="its name is a word, too"),
        pytest.param(
            Query(words=("Acme",), among=("@example.com",), but=(ANNA,)), [3], id="a domain's, but for who is not"
        ),
        pytest.param(
            Query(words=("Acme",), among=("@example.com", ANNA), but=("jürgen@example.com",)), [1, 2, 5], id="both"
        ),
        pytest.param(Query(words=("Acme",), among=("@xample.com",)), [], id="the end of another domain is none of it"),
        pytest.param(Query(words=("100%",)), [2], id="a percent sign is itself"),
        pytest.param(Query(words=("_",), open_only=False), [], id="an underscore is itself"),
        pytest.param(Query(words=("'; drop table cases --",)), [], id="words are no SQL"),
    ],
)
def test_a_query_finds_what_it_wants(desk: SqlStore, query: Query, numbers: list[int]):
    assert [found.number for found in desk.matching(query, 10)] == numbers


@pytest.mark.parametrize("query", [Query(), Query(overdue=True)])
def test_no_more_are_returned_than_wanted(desk: SqlStore, query: Query):
    assert len(desk.matching(query, 1)) == 1


def test_words_are_looked_for_in_the_newest_cases_only(desk: SqlStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lookup, "MOST_SEARCHED", 4)
    assert [found.number for found in desk.matching(Query(words=("printer",)), 10)] == [2]


def away(store: SqlStore, until: Any, person: str = ANNA) -> None:
    event = AbsenceChanged(at=NOON, person=person, until=until)
    store.commit(Commit(at=NOON, happened=(Happened(case=None, event=event),)))


def test_who_is_away_is_known_until_they_are_back(store: SqlStore):
    day = timedelta(days=1)
    away(store, NOON + day)
    away(store, NOON + day, BEN)
    away(store, NOON + 2 * day)
    assert store.absences(NOON) == {ANNA: NOON + 2 * day, BEN: NOON + day}
    assert store.absences(NOON + day) == {ANNA: NOON + 2 * day}
    away(store, None)
    assert store.absences(NOON) == {BEN: NOON + day}
