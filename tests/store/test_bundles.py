"""Letters that wait for others, in each store: nobody sends them alone, and each is accounted for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.event import Visibility
from mailbot.facts import Reported, ThreadKeys
from mailbot.ports import Conflict
from mailbot.ports.records import Commit, OutboxState
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, MINUTE, NOON, letter, opening

BO = "bo@desk.test"


def waits(key: str, number: int = 1, *, to: str = ANNA, until: Any = NOON + MINUTE) -> Any:
    return replace(letter(number, key=key, to=to, visibility=Visibility.INTERNAL), waits_until=until)


def put(store: SqlStore, *letters: Any, number: int = 1) -> None:
    store.commit(opening(None, number, letters=letters))


def together(store: SqlStore, *numbers: int, key: str = "whole") -> None:
    store.commit(Commit(at=NOON + MINUTE, letters=(letter(None, key=key),), bundled=numbers, bundles=True))


def states(store: SqlStore, *numbers: int) -> list[tuple[OutboxState, int]]:
    rows = [store.queue_show(number) for number in numbers]
    return [(row.state, row.bundled_into) for row in rows if row]


def test_what_waits_is_claimed_by_nobody_and_handed_out_by_person_when_one_has_waited_enough(store: SqlStore):
    later = NOON + 5 * MINUTE
    put(store, waits("a"), waits("b", to=BO, until=later), waits("c", until=later), letter(key="now", to="cy@x.test"))
    assert [one.to for one in store.claim_letters(later, 9)] == ["cy@x.test"]
    assert store.first_bundle() == NOON + MINUTE
    assert store.bundle(NOON) == []
    assert [one.id for one in store.bundle(NOON + MINUTE)] == [1, 3]
    store.let_go([1, 3])
    assert [one.id for one in store.bundle(later)] == [2]
    assert [one.id for one in store.claim_letters(NOON, 9)] == [1]
    assert len(store.queue_list()) == 4


def test_what_is_put_together_is_one_letter_and_each_part_says_of_which(store: SqlStore):
    put(store, waits("a"), waits("b"))
    together(store, 1, 2)
    assert states(store, 1, 2, 3) == [(OutboxState.BUNDLED, 3), (OutboxState.BUNDLED, 3), (OutboxState.QUEUED, 0)]
    assert store.first_bundle() is None
    assert [one.id for one in store.claim_letters(NOON, 9)] == [3]
    assert [one.id for one in store.queue_list()] == [3]
    assert "letter 2: goes out in the mail of letter 3" in [step.what for step in store.trace("1")]


def test_what_went_out_by_itself_meanwhile_is_not_put_together(store: SqlStore):
    put(store, waits("a"), waits("b"))
    assert store.queue_retry(1, NOON)
    with pytest.raises(Conflict, match="went out by itself"):
        together(store, 1, 2)
    assert states(store, 1, 2) == [(OutboxState.QUEUED, 0), (OutboxState.GATHERING, 0)]


@pytest.mark.parametrize(
    ("to", "case", "state"),
    [
        pytest.param(ANNA, 1, OutboxState.QUEUED, id="to the same person about the same case"),
        pytest.param(ANNA, 2, OutboxState.GATHERING, id="about another case"),
        pytest.param(BO, 1, OutboxState.GATHERING, id="to another person"),
    ],
)
def test_what_does_not_wait_lets_go_what_is_before_it(store: SqlStore, to: str, case: int, state: OutboxState):
    put(store, waits("a"))
    put(store, number=2)
    urgent = letter(case, key="urgent", to=to, visibility=Visibility.INTERNAL)
    store.commit(Commit(at=NOON, letters=(urgent,), bundles=True))
    assert states(store, 1) == [(state, 0)]


def test_where_the_mail_of_several_fails_each_goes_out_by_itself(store: SqlStore):
    put(store, waits("a"), waits("b"))
    together(store, 1, 2)
    (whole,) = store.claim_letters(NOON, 9)
    store.finish_letter(whole, OutboxState.DEFERRED, "451 later", NOON, NOON + MINUTE)
    assert states(store, 1)[0][0] is OutboxState.BUNDLED
    (again,) = store.claim_letters(NOON + MINUTE, 9)
    store.finish_letter(again, OutboxState.FAILED, "552 too large", NOON + timedelta(hours=1))
    assert [state for state, _ in states(store, 1, 2, 3)] == [
        OutboxState.QUEUED,
        OutboxState.QUEUED,
        OutboxState.FAILED,
    ]
    assert store.undelivered(9) == []
    (first,) = store.claim_letters(NOON + timedelta(hours=1), 9)
    assert first.id == 1


def test_a_report_on_the_mail_of_several_speaks_of_the_first(store: SqlStore):
    put(store, waits("a"), waits("b"))
    together(store, 1, 2)
    for named in ("<whole@desk.test>", "<b@desk.test>"):
        assert store.find(ThreadKeys(), report_of=named).reported == Reported(1, ANNA, "received", named)


@pytest.mark.parametrize("turn", ["queue_hold", "queue_drop"])
def test_an_operator_may_hold_or_drop_what_waits(store: SqlStore, turn: str):
    put(store, waits("a"))
    assert getattr(store, turn)(1, NOON)
    assert store.first_bundle() is None
