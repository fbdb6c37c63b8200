"""How mail fares to addresses, what went to whom, which alarms go on; in each store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.decision import AutoSubmitted, Happened
from mailbot.event import AddressCleared, AddressStopped, AlarmEnded, AlarmRaised, DeliveryFailed, Event
from mailbot.facts import ALL_HOUR, CASES_HOUR
from mailbot.ports import Conflict
from mailbot.ports.records import Commit
from mailbot.standing import Alarm, Recipient, Sent, Standing
from mailbot.store.schema import cases, counters
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, MINUTE, NOON, letter, opening

HOUR = timedelta(hours=1)


def happens(store: SqlStore, *events: Event) -> None:
    store.commit(Commit(at=NOON, happened=tuple(Happened(case=None, event=event) for event in events)))


def a_failure(score: int = 2, kind: str = "hard", **keys: object) -> DeliveryFailed:
    values = {"at": NOON, "to": ANNA, "status": "5.1.1", "reason": "unknown-address"} | keys
    return DeliveryFailed(**values, kind=kind, score=score)  # type: ignore[arg-type]


def test_how_mail_fares_to_an_address_is_kept_until_it_is_cleared(store: SqlStore):
    assert store.standings([ANNA, "eve@example.com"]) == {}
    happens(store, a_failure())
    known = Standing(score=2, failed=NOON, status="5.1.1", reason="unknown-address")
    assert store.standings([ANNA, "eve@example.com"]) == {ANNA: known}
    happens(store, a_failure(4), AddressStopped(at=NOON, to=ANNA, since=NOON))
    assert store.standings([ANNA])[ANNA] == replace(known, score=4, stopped=NOON)
    happens(store, a_failure(6, at=NOON + HOUR))
    assert store.standings([ANNA])[ANNA] == replace(known, score=6, failed=NOON + HOUR, stopped=NOON)
    happens(store, AddressCleared(at=NOON, to=ANNA, reason="a mail came"))
    assert store.standings([ANNA]) == {}


def test_a_failure_that_says_nothing_of_the_address_is_not_kept(store: SqlStore):
    happens(store, a_failure(0, kind=""))
    assert store.standings([ANNA]) == {}


def test_what_went_to_somebody_of_late_is_counted_by_case(store: SqlStore):
    sent = [
        letter(1, key="now", at=NOON),
        letter(1, key="half", at=NOON - 30 * MINUTE),
        letter(None, key="hours", at=NOON - 9 * HOUR),
        letter(1, key="long", at=NOON - 11 * HOUR),
        letter(1, key="words", at=NOON, auto_submitted=AutoSubmitted.NO),
        letter(1, key="other", at=NOON, to="eve@example.com"),
    ]
    store.commit(opening(None, letters=tuple(sent)))
    known = store.recipients([ANNA, "nobody@example.com"], NOON)
    assert known == {
        ANNA: Recipient(sent={1: Sent(1, 2, 2), None: Sent(0, 0, 1)}),
        "nobody@example.com": Recipient(),
    }


def test_an_alarm_goes_on_until_it_is_ended_once(store: SqlStore):
    happens(store, AlarmRaised(at=NOON, kind="answers", said="300", since=NOON))
    happens(store, AlarmRaised(at=NOON + HOUR, kind="answers", said="300", since=NOON))
    happens(store, AlarmRaised(at=NOON + MINUTE, kind="sender", said="20", since=NOON))
    known = [Alarm(kind="sender", since=NOON, raised=NOON + MINUTE)]
    known += [Alarm(kind="answers", since=NOON, raised=NOON + HOUR)]
    assert store.alarms() == known
    ended = AlarmEnded(at=NOON, kind="answers", since=NOON)
    happens(store, ended)
    assert store.alarms() == known[:1]
    with pytest.raises(Conflict, match="over already"):
        happens(store, ended)


def test_the_new_cases_of_a_sender_are_counted(store: SqlStore):
    for number, ago in enumerate((0, 0.5, 1, 23, 24), start=1):
        store.commit(opening(None, number, letters=()))
        with store.writing() as connection:
            connection.execute(cases.update().where(cases.c.number == number).values(opened=NOON - ago * HOUR))
    counted = store.counters(ANNA, None, NOON)
    assert (counted.new_by_sender_hour, counted.new_by_sender_day) == (2, 4)
    assert store.counters("eve@example.com", None, NOON).new_by_sender_day == 0
    assert store.counters("", None, NOON).new_by_sender_day == 0


@pytest.mark.parametrize(("ago", "flooded"), [(0.5, True), (1, False)])
def test_whether_so_many_cases_began_within_an_hour_is_read_from_one_row(store: SqlStore, ago: float, flooded: bool):
    store.commit(opening(None, 1, letters=()))
    assert not store.counters(ANNA, None, NOON).is_flooded
    with store.writing() as connection:
        connection.execute(cases.update().values(opened=NOON - ago * HOUR))
        connection.execute(counters.update().values(value=1 + CASES_HOUR))
    assert store.counters(ANNA, None, NOON).is_flooded is flooded


def test_what_is_usual_is_looked_up_once_an_hour_has_many_answers(store: SqlStore):
    # Two answers in each hour of the last four days, then a burst.
    usual = [letter(1, key=f"u{n}", at=NOON - (n // 2 + 1) * HOUR, auto_submitted="auto-replied") for n in range(192)]
    store.commit(opening(None, letters=tuple(usual)))
    assert store.counters(ANNA, None, NOON).usual_hour == 0
    burst = [letter(1, key=f"b{n}", auto_submitted="auto-replied") for n in range(ALL_HOUR)]
    store.commit(Commit(at=NOON, letters=tuple(burst)))
    counted = store.counters(ANNA, None, NOON)
    assert (counted.all_hour, counted.usual_hour) == (ALL_HOUR, 2)


def test_an_operator_lets_an_address_be_written_to_again(store: SqlStore):
    happens(store, a_failure(4), AddressStopped(at=NOON, to=ANNA, since=NOON))
    assert store.deliver(ANNA, NOON)
    assert store.standings([ANNA]) == {}
    assert not store.deliver(ANNA, NOON)
