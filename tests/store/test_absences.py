"""Who is away, and who is back and has not read of it yet, in each store."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mailbot.decision import Happened
from mailbot.digest import Absence, MemberReturned
from mailbot.event import AbsenceChanged
from mailbot.ports import Conflict
from mailbot.ports.records import Commit
from mailbot.store.column import EPOCH
from mailbot.store.schema import absences
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, NOON, letter

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def says(store: SqlStore, at: datetime, until: datetime | None, *cases: int) -> None:
    event = AbsenceChanged(at=at, person=ANNA, until=until, cases=cases)
    store.commit(Commit(at=at, happened=(Happened(case=None, event=event),)))


def tells(store: SqlStore, absence: Absence) -> None:
    told = letter(None, key=f"return {absence.until}")
    store.commit(Commit(at=NOON, digest=MemberReturned(absence=absence, due=absence.until), letters=(told,)))


def test_an_absence_is_told_about_once(store: SqlStore):
    says(store, NOON, NOON + DAY, 7, 3)
    (absence,) = store.untold()
    assert absence == Absence(person=ANNA, since=NOON, until=NOON + DAY, cases=(3, 7))
    assert store.absences(NOON) == {ANNA: NOON + DAY}
    tells(store, absence)
    assert (store.untold(), store.absences(NOON)) == ([], {})
    with pytest.raises(Conflict, match="told already, or goes on"):
        tells(store, absence)
    assert len(store.queue_list()) == 1


def test_who_says_to_be_back_is_and_what_is_told_goes_back_to_when_they_went(store: SqlStore):
    says(store, NOON, NOON + DAY, 3)
    says(store, NOON + HOUR, None)
    assert store.absences(NOON + HOUR) == {}
    assert store.untold() == [Absence(person=ANNA, since=NOON, until=NOON + HOUR, is_said=True, cases=(3,))]


def test_who_says_it_again_is_away_since_the_first_time(store: SqlStore):
    says(store, NOON, NOON + DAY, 3)
    (before,) = store.untold()
    says(store, NOON + HOUR, NOON + 2 * DAY, 7)
    assert store.untold() == [Absence(person=ANNA, since=NOON, until=NOON + 2 * DAY, cases=(3, 7))]
    with pytest.raises(Conflict):
        tells(store, before)


def test_who_was_not_away_is_not_back(store: SqlStore):
    says(store, NOON, None)
    assert store.untold() == []


def test_of_an_absence_from_before_this_was_kept_nothing_is_told(store: SqlStore):
    with store.writing() as connection:
        connection.execute(sa.insert(absences), {"person": ANNA, "until": NOON + DAY, "since": EPOCH, "cases": []})
    assert (store.absences(NOON), store.untold()) == ({ANNA: NOON + DAY}, [])
    says(store, NOON + HOUR, None)
    assert store.absences(NOON + HOUR) == {}
    assert store.untold() == []
