"""The port Outbox."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.ports import Conflict
from mailbot.ports.patience import LETTER_LEASE
from mailbot.ports.records import Commit, OutboxState
from mailbot.store.sql import SqlStore
from tests.store.conftest import Opens
from tests.store.values import ANNA, MINUTE, NOON, letter, opening, there

BO = "bo@desk.test"


def put(store: SqlStore, *letters: Any, number: int = 1):
    store.commit(opening(None, number, letters=letters))


def keys(letters: Any):
    return [one.message_id.strip("<>").partition("@")[0] for one in letters]


def test_letters_are_leased_when_they_are_due_oldest_first(store: SqlStore):
    put(store, letter(key="later", to="cy@x.test"), letter(key="a"), letter(key="b", to=BO))
    [later] = store.claim_letters(NOON, 1)
    store.finish_letter(later, OutboxState.DEFERRED, "451 later", NOON, NOON + MINUTE)
    assert store.first_letter() == NOON
    assert keys(store.claim_letters(NOON, 9)) == ["a", "b"]
    assert store.claim_letters(NOON, 9) == []
    assert store.first_letter() == NOON + MINUTE
    assert keys(store.claim_letters(NOON + MINUTE, 9)) == ["later"]


def test_a_letter_from_before_the_clock_was_set_back_goes_out_at_once(store: SqlStore):
    put(store, letter(key="future", at=NOON + timedelta(days=400)))
    assert keys(store.claim_letters(NOON, 9)) == ["future"]
    assert store.claim_letters(NOON, 9) == []


def test_a_letter_on_which_senders_die_comes_alone_and_behind_the_others(store: SqlStore):
    put(store, *(letter(key=key, to=f"{key}@x.test") for key in ("deadly", "second", "third")))
    assert keys(store.claim_letters(NOON, 9)) == ["deadly", "second", "third"]
    store.free_letters(store.owner)
    assert keys(store.claim_letters(NOON, 9)) == ["deadly"]
    store.free_letters(store.owner)
    put(store, letter(2, key="new", to=BO), number=2)
    assert [keys(store.claim_letters(NOON, 9)) for _ in range(4)] == [["new"], ["second"], ["third"], ["deadly"]]


def test_a_letter_that_is_put_back_was_not_tried(store: SqlStore):
    put(store, letter(key="first"))
    [leased] = store.claim_letters(NOON, 9)
    store.finish_letter(leased, OutboxState.QUEUED, "", NOON)
    [again] = store.claim_letters(NOON, 9)
    assert again.attempts == 1


def test_no_more_are_taken_than_were_asked_for(store: SqlStore):
    put(store, *(letter(key=str(n), to=f"{n}@x.test") for n in range(3)))
    assert [keys(store.claim_letters(NOON, 2)) for _ in range(3)] == [["0", "1"], ["2"], []]


def test_letters_to_a_person_about_a_case_leave_one_after_the_other(store: SqlStore):
    put(store, letter(key="first"), letter(key="second"))
    put(store, letter(2, key="other-case"), number=2)
    [first, other] = store.claim_letters(NOON, 9)
    assert keys([first, other]) == ["first", "other-case"]
    assert store.claim_letters(NOON, 9) == []
    store.finish_letter(first, OutboxState.DEFERRED, "451 later", NOON, NOON + 5 * MINUTE)
    store.finish_letter(other, OutboxState.SENT, "250 ok", NOON)
    assert store.claim_letters(NOON, 9) == []
    assert store.first_letter() == NOON + 5 * MINUTE
    [again] = store.claim_letters(NOON + 5 * MINUTE, 9)
    assert (keys([again]), again.attempts, again.last_reply) == (["first"], 2, "451 later")
    store.finish_letter(again, OutboxState.SENT, "250 ok", NOON)
    assert keys(store.claim_letters(NOON + 5 * MINUTE, 9)) == ["second"]


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.FAILED, OutboxState.HELD, OutboxState.DROPPED])
def test_what_has_ended_is_never_taken_again_and_stops_nobody(store: SqlStore, state: Any):
    put(store, letter(key="first"), letter(key="second"))
    [first] = store.claim_letters(NOON, 9)
    store.finish_letter(first, state, "said", NOON)
    assert keys(store.claim_letters(NOON + timedelta(days=9), 9)) == ["second"]


def test_a_lease_runs_out_and_then_its_answer_comes_too_late(store: SqlStore):
    put(store, letter(key="first"))
    [lost] = store.claim_letters(NOON, 9)
    assert store.first_letter() == NOON + LETTER_LEASE
    [held] = store.claim_letters(NOON + LETTER_LEASE, 9)
    assert held.attempts == 2
    with pytest.raises(Conflict):
        store.finish_letter(lost, OutboxState.DEFERRED, "451", NOON)
    store.finish_letter(held, OutboxState.SENT, "250", NOON)
    with pytest.raises(Conflict):
        store.finish_letter(held, OutboxState.FAILED, "550", NOON)
    assert store.first_letter() is None


@pytest.mark.parametrize("then", ["waits", "is held by another", "is deferred", "is kept back"])
def test_a_letter_that_the_relay_took_is_sent_also_when_its_lease_was_lost(store: SqlStore, then: str):
    put(store, letter(key="first"))
    [lost] = store.claim_letters(NOON, 9)
    store.free_letters(store.owner)
    if then != "waits":
        [held] = store.claim_letters(NOON, 9)
        ended = {"is deferred": OutboxState.DEFERRED, "is kept back": OutboxState.HELD}.get(then)
        if ended:
            store.finish_letter(held, ended, "451 later", NOON)
    store.finish_letter(lost, OutboxState.SENT, "250 taken", NOON)
    now = there(store.queue_show(1))
    assert (now.state, now.last_reply, now.lease) == (OutboxState.SENT, "250 taken", "")
    assert store.claim_letters(NOON + timedelta(days=1), 9) == []
    assert any(step.what.endswith("250 taken (its lease had run out)") for step in store.trace("1"))


@pytest.mark.parametrize("ended", [OutboxState.SENT, OutboxState.FAILED])
def test_what_has_ended_already_stays_as_it_ended(store: SqlStore, ended: OutboxState):
    put(store, letter(key="first"))
    [lost] = store.claim_letters(NOON, 9)
    [held] = store.claim_letters(NOON + LETTER_LEASE, 9)
    store.finish_letter(held, ended, "by the other", NOON)
    with pytest.raises(Conflict):
        store.finish_letter(lost, OutboxState.SENT, "250 taken", NOON)
    assert there(store.queue_show(1)).last_reply == "by the other"


def test_who_claims_a_letter_learns_whether_its_last_attempt_was_cut_short(store: SqlStore):
    put(store, letter(key="first"))
    [new] = store.claim_letters(NOON, 9)
    [run_out] = store.claim_letters(NOON + LETTER_LEASE, 9)
    store.free_letters(store.owner)
    [freed] = store.claim_letters(NOON, 9)
    store.finish_letter(freed, OutboxState.DEFERRED, "451 later", NOON)
    [deferred] = store.claim_letters(NOON, 9)
    store.finish_letter(deferred, OutboxState.QUEUED, "451 later", NOON)
    [put_back] = store.claim_letters(NOON, 9)
    assert put_back.attempts == deferred.attempts
    taken = (new, run_out, freed, deferred, put_back)
    assert [one.cut_short for one in taken] == [False, True, True, False, False]


def test_a_letter_that_fails_again_after_an_operator_wanted_it_tried_is_told_again(store: SqlStore):
    put(store, letter(key="first"))
    for _ in range(2):
        [taken] = store.claim_letters(NOON, 9)
        store.finish_letter(taken, OutboxState.FAILED, "550 5.1.1 no", NOON)
        [failed] = store.undelivered(9)
        store.commit(Commit(at=NOON, letter=failed))
        assert store.undelivered(9) == []
        assert store.queue_retry(1, NOON)


def test_a_dead_senders_letters_are_free_at_once(shared: Opens):
    worker, sender = shared("work"), shared("send")
    put(worker, letter(key="first"))
    sender.claim_letters(NOON, 9)
    assert worker.free("work") == 0
    assert worker.free("send") == 1
    assert keys(worker.claim_letters(NOON, 9)) == ["first"]


def test_two_senders_share_out_what_is_due_and_keep_a_persons_order(shared: Opens):
    here, there = shared("send"), shared("elsewhere")
    put(here, letter(key="a"), letter(key="b"), letter(key="c", to=BO), letter(key="d", to="cy@x.test"))
    taken = [keys(one.claim_letters(NOON, 1)) for one in (here, there, here, there)]
    assert taken == [["a"], ["c"], ["d"], []]


def turned(store: SqlStore, verb: str, number: int = 1):
    return getattr(store, f"queue_{verb}")(number, NOON + MINUTE)


@pytest.mark.parametrize(
    ("ended", "verb", "then"),
    [
        (None, "hold", OutboxState.HELD),
        (None, "drop", OutboxState.DROPPED),
        (OutboxState.DEFERRED, "retry", OutboxState.QUEUED),
        (OutboxState.FAILED, "retry", OutboxState.QUEUED),
        (OutboxState.HELD, "retry", OutboxState.QUEUED),
        (OutboxState.FAILED, "drop", OutboxState.DROPPED),
        (OutboxState.SENT, "retry", None),
        (OutboxState.SENT, "drop", None),
        (OutboxState.SENDING, "hold", None),
        (OutboxState.SENDING, "drop", None),
        (OutboxState.DROPPED, "retry", None),
    ],
)
def test_an_operator_turns_what_is_not_under_way_and_not_over(store: SqlStore, ended: Any, verb: str, then: Any):
    put(store, letter(key="first"))
    if ended:
        [taken] = store.claim_letters(NOON, 9)
        if ended is not OutboxState.SENDING:
            store.finish_letter(taken, ended, "said", NOON, NOON + 60 * MINUTE)
    before = there(store.queue_show(1))
    assert turned(store, verb) is (then is not None)
    assert there(store.queue_show(1)).state == (then or before.state)
    if then is OutboxState.QUEUED:
        assert keys(store.claim_letters(NOON + MINUTE, 9)) == ["first"]


def test_the_queue_lists_what_is_not_out_yet(store: SqlStore):
    put(store, *(letter(key=str(n), to=f"{n}@x.test") for n in range(3)))
    first, second, third = store.claim_letters(NOON, 9)
    store.finish_letter(first, OutboxState.SENT, "250", NOON)
    store.finish_letter(second, OutboxState.FAILED, "550", NOON)
    assert [one.id for one in store.queue_list()] == [second.id, third.id]
    assert there(store.queue_show(first.id)).to == "0@x.test"
    assert store.queue_show(99) is None
    assert not turned(store, "hold", 99)


def test_a_letter_of_no_case_goes_out_too(store: SqlStore):
    put(store, letter(None, key="a", to=ANNA), letter(None, key="b", to=ANNA))
    assert keys(store.claim_letters(NOON, 9)) == ["a", "b"]
