"""Open cases whose deadlines were computed on other ground are found, and put anew."""

from dataclasses import replace

from mailbot.event import Kind
from mailbot.ports.records import Changed
from mailbot.store.sql import SqlStore
from tests.store.values import MINUTE, NOON, arrival, case, deadline, opening


def opened(store: SqlStore, ground: str) -> None:
    store.receive([arrival("one")])
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=1)
    store.commit(replace(opening(mail), ground=ground))


def test_a_case_on_other_ground_is_stale(store: SqlStore):
    opened(store, "old")
    assert list(store.stale("old", 9)) == []
    assert list(store.stale("new", 9)) == [case(1)]
    assert list(store.stale("new", 0)) == []


def test_its_deadlines_are_put_anew_and_the_case_stays_as_it_is(store: SqlStore):
    opened(store, "old")
    later = deadline(1, due=NOON + 5 * MINUTE)
    store.renew([Changed(case=case(1), was=case(1).version, deadlines=(later,))], "new")
    assert list(store.due(NOON + 9 * MINUTE, 9)) == [later]
    assert list(store.stale("new", 9)) == []
    assert store.case(1) == case(1)


def test_a_case_that_changed_meanwhile_is_left_alone(store: SqlStore):
    opened(store, "old")
    store.renew([Changed(case=case(1), was=case(1).version + 1, deadlines=())], "new")
    assert list(store.due(NOON + 9 * MINUTE, 9)) == [deadline(1)]
    assert list(store.stale("new", 9)) == [case(1)]


def test_a_closed_case_is_never_stale(store: SqlStore):
    store.receive([arrival("one")])
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=1)
    commit = replace(opening(mail), ground="old")
    [changed] = commit.changed
    closed = replace(changed, case=replace(changed.case, kind=Kind.CLOSED), deadlines=())
    store.commit(replace(commit, changed=(closed,)))
    assert list(store.stale("new", 9)) == []
