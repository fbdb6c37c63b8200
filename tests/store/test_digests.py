"""What digests rest on, in each store: once a day, who wrote last, who wants none."""

from datetime import date, timedelta

import pytest

from mailbot.decision import Happened
from mailbot.digest import OpeningCame
from mailbot.event import DigestWished, MessageAdded, Visibility
from mailbot.ports import Conflict
from mailbot.ports.records import Changed, Commit
from mailbot.store import digests
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, NOON, case, letter, opening

BEN = "ben@example.com"


def opens(day: int) -> Commit:
    told = letter(None, key=f"digest {day}")
    return Commit(at=NOON, digest=OpeningCame(day=date(2026, 1, day), due=NOON), letters=(told,))


def test_a_working_day_begins_once_and_the_second_telling_leaves_nothing_behind(store: SqlStore):
    assert store.opening_told() is None
    store.commit(opens(5))
    assert store.opening_told() == date(2026, 1, 5)
    with pytest.raises(Conflict):
        store.commit(opens(5))
    store.commit(opens(7))
    assert store.opening_told() == date(2026, 1, 7)
    assert len(store.queue_list()) == 2


def test_the_latest_words_of_a_case_are_those_that_its_customer_can_see(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(digests, "_AT_ONCE", 2)
    for number in (1, 2, 3, 4):
        store.commit(opening(None, number))
    said = [(1, ANNA, "public"), (1, BEN, "public"), (2, BEN, "public"), (2, ANNA, "internal"), (4, ANNA, "public")]
    for place, (number, sender, visibility) in enumerate(said):
        then = NOON + timedelta(minutes=place)
        event = MessageAdded(at=then, sender=sender, visibility=Visibility(visibility))
        was = sum(one == number for one, _, _ in said[:place]) + 2
        store.commit(
            Commit(
                at=then,
                changed=(Changed(case=case(number, version=was + 1), was=was, deadlines=()),),
                happened=(Happened(case=number, event=event),),
            )
        )
    latest = store.latest_words([1, 2, 3])
    assert {number: sender for number, (sender, _) in latest.items() if number != 3} == {1: BEN, 2: BEN}
    assert latest[1][1] == NOON + timedelta(minutes=1)
    assert store.latest_words([]) == {}


def test_the_last_word_of_a_member_says_whether_a_digest_is_wanted(store: SqlStore):
    for person, wanted in ((ANNA, True), (BEN, False), (ANNA, False), (BEN, True)):
        event = DigestWished(at=NOON, person=person, wanted=wanted)
        store.commit(Commit(at=NOON, happened=(Happened(case=None, event=event),)))
    assert store.wishes() == {ANNA: False, BEN: True}
