"""Service time agrees with counting minutes, and what is added can be measured again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.counting.calendar import Calendar, Hours
from tests.rules.counting.naive import CALENDARS, FOUR_WEEKS, Minutes, shown

ZONES = ("UTC", "Europe/Tallinn", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe")
# What is counted by the minute takes twice as long while it is traced; the tables of test_calendar.py hold each line.
pytestmark = pytest.mark.no_cover
EVERYWHERE = pytest.mark.parametrize(("calendar", "begin"), FOUR_WEEKS)

calendars = st.sampled_from(list(CALENDARS.values()))
instants = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as asked for
amounts = st.timedeltas(timedelta(0), timedelta(days=60))
short_amounts = st.timedeltas(timedelta(0), timedelta(hours=30))


@EVERYWHERE
def test_every_quarter_of_an_hour_is_open_or_closed_as_its_minute_says(calendar: str, begin: datetime):
    minutes, this = Minutes.of(calendar, begin), CALENDARS[calendar]
    for index in range(15, len(minutes.open), 15):
        minute = minutes.begin + timedelta(minutes=index)
        # The closing second counts as inside.
        assert this.is_open(minute) == bool(minutes.open[index] or minutes.open[index - 1]), minute
        assert this.is_open(minute + timedelta(seconds=1)) == bool(minutes.open[index]), minute


@EVERYWHERE
@given(data=st.data())
def test_add_and_measure_agree_with_counting_minutes(calendar: str, begin: datetime, data: st.DataObject):
    minutes, this = Minutes.of(calendar, begin), CALENDARS[calendar]
    start = minutes.begin + data.draw(st.timedeltas(timedelta(0), timedelta(days=16)))
    end = start + data.draw(st.timedeltas(timedelta(0), timedelta(days=11)))
    amount = data.draw(short_amounts)
    assert this.measure(start, end) == minutes.measure(start, end)
    counted, due = minutes.add(start, amount), this.add(start, amount)
    assert due == counted if counted else due > minutes.end


@st.composite
def days_of_hours(draw: st.DrawFn) -> Hours:
    """Up to three intervals, the last perhaps until 24:00."""
    borders = sorted(draw(st.sets(st.integers(0, 24 * 12), min_size=0, max_size=6)))
    times = [time(border * 5 // 60 % 24, border * 5 % 60) for border in borders]
    return tuple(zip(times[::2], times[1::2], strict=False))


@given(
    zone=st.sampled_from(ZONES),
    week=st.lists(days_of_hours(), min_size=7, max_size=7).filter(any).map(tuple),
    closed=st.frozensets(st.sampled_from([date(2026, 3, 8), date(2026, 3, 29), date(2026, 11, 2)])),
    begin=st.sampled_from(
        [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (10, 24), (10, 31))]
    ),
    start_and_amount=st.tuples(st.timedeltas(timedelta(0), timedelta(hours=40)), short_amounts),
)
def test_any_hours_agree_with_counting_minutes(
    zone: str,
    week: tuple[Hours, ...],
    closed: frozenset[date],
    begin: datetime,
    start_and_amount: tuple[timedelta, timedelta],
):
    calendar = Calendar(zone, week, closed)
    minutes = Minutes(calendar, begin, 4)
    start, amount = begin + start_and_amount[0], start_and_amount[1]
    assert calendar.measure(start, start + timedelta(days=2)) == minutes.measure(start, start + timedelta(days=2))
    counted, due = minutes.add(start, amount), calendar.add(start, amount)
    assert due == counted if counted else due > minutes.end


@given(calendars, instants, amounts)
def test_what_is_added_is_measured_again(calendar: Calendar, start: datetime, amount: timedelta):
    assert calendar.measure(start, calendar.add(start, amount)) == amount


@given(calendars, instants, amounts, st.timedeltas(timedelta(microseconds=1), timedelta(days=9)))
def test_a_target_is_due_at_the_first_instant_that_uses_it_up(
    calendar: Calendar, start: datetime, amount: timedelta, earlier: timedelta
):
    due = calendar.add(start, amount)
    if due - earlier >= start:
        assert calendar.measure(start, due - earlier) < amount
    assert not amount or calendar.is_open(due)


@given(calendars, st.lists(instants, min_size=3, max_size=3))
def test_parts_make_the_whole(calendar: Calendar, three: list[datetime]):
    start, middle, end = sorted(three)
    assert calendar.measure(start, middle) + calendar.measure(middle, end) == calendar.measure(start, end)


@given(calendars, instants)
def test_nothing_passes_before_the_next_opening(calendar: Calendar, start: datetime):
    opening = calendar.next_opening(start)
    assert opening >= start
    assert calendar.is_open(opening)
    assert calendar.measure(start, opening) == timedelta(0)


@given(calendars, st.dates(date(2025, 1, 1), date(2028, 12, 1)))
def test_service_begins_on_the_date_or_later_and_there_was_none_since_midnight(calendar: Calendar, day: date):
    opening = calendar.opening_on(day)
    assert shown(calendar, opening).date() >= day
    assert calendar.is_open(opening)
    midnight = datetime.combine(day, time(0), ZoneInfo(calendar.zone))
    assert calendar.measure(midnight, opening) == timedelta(0)


BY_DATE = st.sampled_from([Calendar(zone, by_date=True) for zone in ZONES])


@given(BY_DATE, st.lists(instants, min_size=3, max_size=3))
def test_parts_of_calendar_days_make_the_whole(calendar: Calendar, three: list[datetime]):
    start, middle, end = sorted(three)
    assert calendar.measure(start, middle) + calendar.measure(middle, end) == calendar.measure(start, end)


@given(BY_DATE, instants, amounts, st.timedeltas(timedelta(microseconds=1), timedelta(days=2)))
def test_calendar_days_are_due_when_the_wall_clock_first_shows_it(
    calendar: Calendar, start: datetime, amount: timedelta, earlier: timedelta
):
    due = calendar.add(start, amount)
    assert calendar.measure(start, due) >= amount
    if due - earlier >= start:
        assert calendar.measure(start, due - earlier) < amount


@given(BY_DATE, instants, st.integers(0, 60))
def test_calendar_days_count_as_on_the_wall_calendar(calendar: Calendar, start: datetime, days: int):
    end = calendar.add_days(start, days)
    assert shown(calendar, end).date() == shown(calendar, start).date() + timedelta(days=days)
    assert abs(end - start - timedelta(days=days)) <= timedelta(hours=1)
