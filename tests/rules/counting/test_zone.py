"""When a zone's offset changes, to the second, wherever one looks from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.counting.zone import change, stretches

ONE_CHANGE = pytest.mark.parametrize(
    ("zone", "instant"),
    [
        pytest.param("Europe/Tallinn", "2026-03-29T01:00:00Z", id="spring"),
        pytest.param("Europe/Tallinn", "2026-10-25T01:00:00Z", id="autumn"),
        pytest.param("America/New_York", "2026-03-08T07:00:00Z", id="west-of-greenwich"),
        pytest.param("Australia/Lord_Howe", "2026-04-04T15:00:00Z", id="half-an-hour"),
        pytest.param("America/St_Johns", "2010-03-14T03:31:00Z", id="a-minute-after-midnight"),
        pytest.param("Pacific/Apia", "2011-12-30T10:00:00Z", id="a-whole-day"),
        pytest.param("Africa/Monrovia", "1972-01-07T00:44:30Z", id="an-offset-with-seconds"),
    ],
)
moments = st.timedeltas(timedelta(microseconds=1), timedelta(days=9))


@ONE_CHANGE
@given(before=moments, after=moments)
def test_a_change_is_found_from_either_side(zone: str, instant: str, before: timedelta, after: timedelta):
    turn = datetime.fromisoformat(instant)
    assert change(ZoneInfo(zone), turn - before, turn + after - timedelta(microseconds=1)) == turn


@ONE_CHANGE
def test_two_stretches_meet_at_a_change(zone: str, instant: str):
    turn = datetime.fromisoformat(instant)
    begin = turn.replace(hour=0, minute=0, second=0) - timedelta(days=5)
    first, second = stretches(ZoneInfo(zone), begin, begin + timedelta(days=10))
    assert (first[0], first[1], second[0], second[1]) == (begin, turn, turn, begin + timedelta(days=10))
    assert first[2] != second[2]


def test_a_zone_without_changes_is_one_stretch():
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert list(stretches(ZoneInfo("Asia/Kolkata"), begin, end)) == [(begin, end, timedelta(hours=5, minutes=30))]
