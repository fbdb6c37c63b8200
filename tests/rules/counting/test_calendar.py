"""Service time, as tables that a support manager can check: local times of the calendar's zone, `Z` for UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailbot.amount import Amount, Unit
from mailbot.rules.counting.calendar import OFFICE_HOURS, Calendar, Hours
from mailbot.rules.counting.hours import later

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(**weekdays: str) -> tuple[Hours, ...]:
    """hours(mon="09:00-12:00 13:00-17:00"): the other weekdays are closed."""

    def interval(text: str) -> tuple[time, time]:
        start, end = text.replace("24:00", "00:00").split("-")
        return time.fromisoformat(start), time.fromisoformat(end)

    return tuple(tuple(map(interval, weekdays.get(day, "").split())) for day in WEEK)


def every_day(text: str) -> tuple[Hours, ...]:
    return hours(**dict.fromkeys(WEEK, text))


OFFICE = Calendar("Europe/Tallinn")
ESTONIA = Calendar("Europe/Tallinn", country="EE")
BAVARIA = Calendar("Europe/Berlin", country="DE-BY")
PRUSSIA = Calendar("Europe/Berlin", country="DE-BE")
NEW_YORK = Calendar("America/New_York", country="US")
KOLKATA = Calendar("Asia/Kolkata")
BREAK = Calendar(
    "Europe/Berlin", hours(mon="09:00-12:00 13:00-17:00", tue="09:00-12:00 13:00-17:00", sat="09:00-12:00")
)
INVENTORY = Calendar("Europe/Tallinn", closed=frozenset({date(2026, 6, 30), date(2026, 7, 1)}))
NIGHT = Calendar("Europe/Tallinn", every_day("00:00-06:00 22:00-24:00"))
SMALL_HOURS = Calendar("Europe/Tallinn", every_day("03:30-05:00"))
EVENING = Calendar("America/New_York", every_day("18:00-22:00"))
UNTIL_UTC_MIDNIGHT = Calendar("America/New_York", every_day("18:00-19:00"))
WHOLE_DAYS = Calendar("Africa/Cairo", every_day("00:00-24:00"))
APIA = Calendar("Pacific/Apia")
ALWAYS = Calendar("Europe/Tallinn", always=True)
BY_DATE = Calendar("Europe/Tallinn", by_date=True)


def at(calendar: Calendar, text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(calendar.zone))).astimezone(UTC)


def amount(text: str) -> timedelta:
    values = dict(zip(("hours", "minutes", "seconds"), map(int, text.split(":")), strict=False))
    return timedelta(**values)


@pytest.mark.parametrize(
    ("calendar", "start", "target", "due"),
    [
        pytest.param(OFFICE, "2026-06-01 10:00", "4", "2026-06-01 14:00", id="within-a-day"),
        pytest.param(OFFICE, "2026-06-01 16:00", "2", "2026-06-02 10:00", id="over-a-night"),
        pytest.param(OFFICE, "2026-06-05 16:00", "2", "2026-06-08 10:00", id="over-a-weekend"),
        pytest.param(OFFICE, "2026-06-01 07:00", "1", "2026-06-01 10:00", id="before-opening-counts-from-opening"),
        pytest.param(OFFICE, "2026-06-01 20:00", "1", "2026-06-02 10:00", id="after-closing-counts-from-next-opening"),
        pytest.param(OFFICE, "2026-06-06 12:00", "1", "2026-06-08 10:00", id="on-saturday-counts-from-monday"),
        pytest.param(OFFICE, "2026-06-01 09:00", "8", "2026-06-01 17:00", id="used-up-at-closing-is-due-then"),
        pytest.param(OFFICE, "2026-06-05 09:00", "8", "2026-06-05 17:00", id="used-up-at-closing-on-friday"),
        pytest.param(OFFICE, "2026-12-31 09:00", "8", "2026-12-31 17:00", id="used-up-at-the-last-closing-of-the-year"),
        pytest.param(OFFICE, "2026-06-01 09:00", "8:00:01", "2026-06-02 09:00:01", id="one-second-beyond-closing"),
        pytest.param(OFFICE, "2026-06-01 17:00", "1", "2026-06-02 10:00", id="starts-at-closing"),
        pytest.param(
            OFFICE, "2026-06-01 16:59:59", "0:00:02", "2026-06-02 09:00:01", id="starts-a-second-before-closing"
        ),
        pytest.param(OFFICE, "2026-06-06 12:00", "0", "2026-06-06 12:00", id="nothing-is-used-up-at-once"),
        pytest.param(OFFICE, "2026-06-01 09:00", "80", "2026-06-12 17:00", id="two-weeks-of-work"),
        pytest.param(BREAK, "2026-06-01 11:30", "1", "2026-06-01 13:30", id="over-a-break"),
        pytest.param(BREAK, "2026-06-01 12:20", "1", "2026-06-01 14:00", id="starts-in-a-break"),
        pytest.param(BREAK, "2026-06-01 11:00", "1", "2026-06-01 12:00", id="used-up-when-the-break-begins"),
        pytest.param(BREAK, "2026-06-02 16:00", "2", "2026-06-06 10:00", id="saturday-morning"),
        pytest.param(ESTONIA, "2026-04-30 16:00", "2", "2026-05-04 10:00", id="holiday-before-a-weekend"),
        pytest.param(OFFICE, "2026-04-30 16:00", "2", "2026-05-01 10:00", id="no-country-no-holidays"),
        pytest.param(ESTONIA, "2026-02-23 16:00", "2", "2026-02-25 10:00", id="holiday-in-the-week"),
        pytest.param(ESTONIA, "2026-12-31 16:00", "2", "2027-01-04 10:00", id="new-year-before-a-weekend"),
        pytest.param(BAVARIA, "2026-01-05 16:00", "2", "2026-01-07 10:00", id="holiday-of-the-region"),
        pytest.param(PRUSSIA, "2026-01-05 16:00", "2", "2026-01-06 10:00", id="no-holiday-in-the-other-region"),
        pytest.param(NEW_YORK, "2026-07-02 16:00", "2", "2026-07-06 10:00", id="holiday-observed-on-friday"),
        pytest.param(NEW_YORK, "2027-12-30 16:00", "2", "2028-01-03 10:00", id="new-year-observed-in-the-old-year"),
        pytest.param(INVENTORY, "2026-06-29 16:00", "2", "2026-07-02 10:00", id="own-closing-days"),
        pytest.param(KOLKATA, "2026-06-01T11:00:00Z", "1", "2026-06-02 09:30", id="zone-with-a-half-hour"),
        pytest.param(OFFICE, "2028-02-28 16:00", "10", "2028-03-01 10:00", id="leap-day"),
        pytest.param(OFFICE, "2027-02-26 16:00", "2", "2027-03-01 10:00", id="no-leap-day"),
        pytest.param(OFFICE, "2026-03-27 16:00", "2", "2026-03-30 10:00", id="weekend-of-spring"),
        pytest.param(OFFICE, "2026-10-23 16:00", "2", "2026-10-26 10:00", id="weekend-of-autumn"),
        pytest.param(NIGHT, "2026-03-24 22:00", "8", "2026-03-25 06:00", id="night-shift"),
        pytest.param(NIGHT, "2026-03-28 22:00", "8", "2026-03-29 23:00", id="night-shift-with-an-hour-less"),
        pytest.param(NIGHT, "2026-10-24 22:00", "8", "2026-10-25 05:00", id="night-shift-with-an-hour-more"),
        pytest.param(SMALL_HOURS, "2026-03-28 12:00", "1", "2026-03-29 05:00", id="opening-time-that-is-skipped"),
        pytest.param(
            SMALL_HOURS, "2026-10-25T00:00:00Z", "0:30", "2026-10-25T01:00:00Z", id="opening-time-first-coming"
        ),
        pytest.param(
            SMALL_HOURS, "2026-10-25T00:00:00Z", "0:31", "2026-10-25T01:31:00Z", id="opening-time-second-coming"
        ),
        pytest.param(EVENING, "2026-12-31 18:00", "3", "2026-12-31 21:00", id="over-the-new-year-of-utc"),
        pytest.param(EVENING, "2026-12-31 18:00", "5", "2027-01-01 19:00", id="beyond-the-new-year-of-utc"),
        pytest.param(WHOLE_DAYS, "2026-04-23 22:00", "3", "2026-04-24 02:00", id="midnight-that-is-skipped"),
        pytest.param(APIA, "2011-12-29 16:00", "2", "2012-01-02 10:00", id="date-that-is-skipped"),
        pytest.param(ALWAYS, "2026-03-28 12:00", "24", "2026-03-29 13:00", id="plain-hours-in-spring"),
        pytest.param(ALWAYS, "2026-10-24 12:00", "24", "2026-10-25 11:00", id="plain-hours-in-autumn"),
        pytest.param(BY_DATE, "2026-03-28 12:00", "24", "2026-03-29 12:00", id="calendar-day-of-23-hours"),
        pytest.param(BY_DATE, "2026-10-24 12:00", "24", "2026-10-25 12:00", id="calendar-day-of-25-hours"),
        pytest.param(BY_DATE, "2026-03-28 03:30", "24", "2026-03-29 04:00", id="calendar-day-to-a-skipped-time"),
        pytest.param(BY_DATE, "2026-10-24 03:30", "24", "2026-10-25T00:30:00Z", id="calendar-day-to-a-time-twice"),
        pytest.param(BY_DATE, "2026-10-25T01:30:00Z", "24", "2026-10-26 04:00", id="calendar-day-from-a-time-twice"),
    ],
)
def test_a_target_is_due(calendar: Calendar, start: str, target: str, due: str):
    assert calendar.add(at(calendar, start), amount(target)) == at(calendar, due)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "passed"),
    [
        pytest.param(OFFICE, "2026-06-01 10:00", "2026-06-01 14:30", "4:30", id="within-a-day"),
        pytest.param(OFFICE, "2026-06-05 16:00", "2026-06-08 10:00", "2", id="over-a-weekend"),
        pytest.param(OFFICE, "2026-06-05 17:00", "2026-06-08 09:00", "0", id="nothing-on-a-weekend"),
        pytest.param(OFFICE, "2026-06-01 14:00", "2026-06-01 10:00", "0", id="nothing-backwards"),
        pytest.param(
            OFFICE, "2025-12-31 16:00", "2028-01-03 10:00", "4178", id="over-the-522-working-days-of-two-years"
        ),
        pytest.param(BREAK, "2026-06-01 09:00", "2026-06-01 17:00", "7", id="day-with-a-break"),
        pytest.param(NIGHT, "2026-03-28 12:00", "2026-03-29 12:00", "7", id="night-with-an-hour-less"),
        pytest.param(NIGHT, "2026-10-24 12:00", "2026-10-25 12:00", "9", id="night-with-an-hour-more"),
        pytest.param(SMALL_HOURS, "2026-03-29 00:00", "2026-03-30 00:00", "1", id="half-an-hour-is-skipped"),
        pytest.param(SMALL_HOURS, "2026-10-25 00:00", "2026-10-26 00:00", "2", id="half-an-hour-comes-twice"),
        pytest.param(ALWAYS, "2026-03-28 12:00", "2026-03-29 12:00", "23", id="plain-hours"),
        pytest.param(BY_DATE, "2026-03-28 12:00", "2026-03-29 12:00", "24", id="calendar-day"),
        pytest.param(
            BY_DATE, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", "1", id="hour-that-comes-twice-counts-once"
        ),
    ],
)
def test_service_time_between_two_instants(calendar: Calendar, start: str, end: str, passed: str):
    assert calendar.measure(at(calendar, start), at(calendar, end)) == amount(passed)


@pytest.mark.parametrize(
    ("calendar", "instant", "opening"),
    [
        pytest.param(OFFICE, "2026-06-01 09:00", "2026-06-01 09:00", id="opening-second-is-inside"),
        pytest.param(OFFICE, "2026-06-01 08:59:59", "2026-06-01 09:00", id="second-before-is-not"),
        pytest.param(OFFICE, "2026-06-01 17:00", "2026-06-01 17:00", id="closing-second-is-inside"),
        pytest.param(OFFICE, "2026-06-01 17:00:00.999", "2026-06-01 17:00:00.999", id="to-its-end"),
        pytest.param(OFFICE, "2026-06-01 17:00:01", "2026-06-02 09:00", id="second-after-is-not"),
        pytest.param(OFFICE, "2026-06-05 18:00", "2026-06-08 09:00", id="friday-evening"),
        pytest.param(BREAK, "2026-06-01 12:30", "2026-06-01 13:00", id="break"),
        pytest.param(BREAK, "2026-06-02 18:00", "2026-06-06 09:00", id="days-without-service"),
        pytest.param(ESTONIA, "2026-12-24 12:00", "2026-12-28 09:00", id="christmas"),
        pytest.param(NIGHT, "2026-06-01 00:00", "2026-06-01 00:00", id="midnight-of-a-night-shift"),
        pytest.param(EVENING, "2026-12-31 23:00", "2027-01-01 18:00", id="new-year"),
        pytest.param(OFFICE, "2026-12-31 18:00", "2027-01-01 09:00", id="next-opening-is-in-another-year"),
        pytest.param(
            UNTIL_UTC_MIDNIGHT, "2026-12-31 19:00", "2026-12-31 19:00", id="closing-second-at-the-new-year-of-utc"
        ),
        pytest.param(SMALL_HOURS, "2026-03-29 02:00", "2026-03-29 04:00", id="opening-time-that-is-skipped"),
        pytest.param(ALWAYS, "2026-06-07 03:00", "2026-06-07 03:00", id="always"),
        pytest.param(BY_DATE, "2026-06-07 03:00", "2026-06-07 03:00", id="calendar-days"),
    ],
)
def test_next_opening_is_now_or_later(calendar: Calendar, instant: str, opening: str):
    assert calendar.next_opening(at(calendar, instant)) == at(calendar, opening)
    assert calendar.is_open(at(calendar, instant)) is (instant == opening)


@pytest.mark.parametrize(
    ("calendar", "day", "opening"),
    [
        pytest.param(OFFICE, "2026-06-01", "2026-06-01 09:00", id="service-day"),
        pytest.param(OFFICE, "2026-06-06", "2026-06-08 09:00", id="weekend"),
        pytest.param(ESTONIA, "2026-06-23", "2026-06-25 09:00", id="midsummer"),
        pytest.param(NIGHT, "2026-06-01", "2026-06-01 00:00", id="open-over-midnight"),
        pytest.param(Calendar("UTC", hours(mon="20:00-24:00", tue="08:00-09:00")), "2026-06-02", "2026-06-02 08:00",
                     id="closing-second-of-the-day-before-does-not-count"),
        pytest.param(ALWAYS, "2026-06-06", "2026-06-06 00:00", id="always"),
        pytest.param(WHOLE_DAYS, "2026-04-24", "2026-04-24 01:00", id="midnight-that-is-skipped"),
    ],
)  # fmt: skip
def test_service_begins_on_a_date_or_the_next_service_day(calendar: Calendar, day: str, opening: str):
    assert calendar.opening_on(date.fromisoformat(day)) == at(calendar, opening)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param("2026-06-05 16:00", 2, "2026-06-07 16:00", id="ends-on-a-weekend"),
        pytest.param("2026-03-28 12:00", 1, "2026-03-29 12:00", id="23-hours"),
        pytest.param("2026-10-24 12:00", 1, "2026-10-25 12:00", id="25-hours"),
        pytest.param("2026-03-01 03:30", 28, "2026-03-29 04:00", id="time-that-is-skipped"),
        pytest.param("2026-10-24 03:30", 1, "2026-10-25T00:30:00Z", id="first-of-a-time-that-comes-twice"),
        pytest.param("2026-10-25T01:30:00Z", 0, "2026-10-25T01:30:00Z", id="no-day-is-no-time"),
        pytest.param("2026-10-25T01:30:00Z", 1, "2026-10-26 03:30", id="from-the-second-coming"),
        pytest.param("2028-02-28 10:00", 2, "2028-03-01 10:00", id="leap-day"),
        pytest.param("2026-12-20 10:00", 30, "2027-01-19 10:00", id="thirty-days"),
    ],
)
def test_calendar_days_end_at_the_same_local_time(start: str, days: int, end: str):
    assert OFFICE.add_days(at(OFFICE, start), days) == at(OFFICE, end)


@pytest.mark.parametrize(
    ("calendar", "start", "days", "end"),
    [
        pytest.param(OFFICE, "2026-06-01 10:00", 2, "2026-06-03 10:00", id="same-time-two-days-on"),
        pytest.param(OFFICE, "2026-06-01 09:00", 1, "2026-06-01 17:00", id="from-opening-to-closing"),
        pytest.param(ESTONIA, "2026-04-30 10:00", 2, "2026-05-05 10:00", id="over-a-holiday-and-a-weekend"),
        pytest.param(BREAK, "2026-06-01 09:00", 1, "2026-06-02 10:00", id="a-day-of-8-hours-takes-more-than-one-of-7"),
    ],
)
def test_a_business_day_is_the_standard_working_day(calendar: Calendar, start: str, days: int, end: str):
    assert later(at(calendar, start), Amount(days, Unit.BUSINESS_DAYS), calendar) == at(calendar, end)


def test_a_business_day_may_be_shorter():
    seven_hours = Calendar("Europe/Berlin", BREAK.hours, day=timedelta(hours=7))
    one = Amount(1, Unit.BUSINESS_DAYS)
    assert later(at(BREAK, "2026-06-01 09:00"), one, seven_hours) == at(BREAK, "2026-06-01 17:00")


@pytest.mark.parametrize("calendar", [OFFICE, ALWAYS, BY_DATE], ids=["service", "always", "by-date"])
def test_results_are_in_utc_whatever_zone_the_instants_are_in(calendar: Calendar):
    start = datetime(2026, 6, 1, 10, tzinfo=ZoneInfo("America/New_York"))
    results = calendar.add(start, amount("1")), calendar.next_opening(start), calendar.add_days(start, 1)
    assert {result.tzinfo for result in (*results, calendar.add(start, timedelta(0)))} == {UTC}
    assert results[2] == start + timedelta(days=1)


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        pytest.param({"zone": "Mars/Olympus"}, "zone: 'Mars/Olympus' is no IANA time zone", id="unknown-zone"),
        pytest.param({"zone": "../etc/passwd"}, "zone: ", id="zone-that-is-a-path"),
        pytest.param({"zone": "Europe"}, "zone: 'Europe'", id="zone-that-is-a-folder"),
        pytest.param({"country": "XX"}, "country: 'XX' has no known public holidays", id="unknown-country"),
        pytest.param({"country": "Estonia"}, "write EE, or DE-BY", id="country-by-its-name"),
        pytest.param({"country": "DE-XX"}, "country: 'DE-XX'", id="unknown-region"),
        pytest.param({"day": timedelta(0)}, "day: a working day of 0:00:00", id="day-without-time"),
        pytest.param({"hours": ()}, "hours: 0 weekdays are given", id="no-weekdays"),
        pytest.param({"hours": OFFICE_HOURS[:5]}, "hours: 5 weekdays are given", id="five-weekdays"),
        pytest.param({"hours": hours()}, "hours: no weekday is ever open", id="never-open"),
        pytest.param({"hours": hours(tue="17:00-09:00")}, "Tuesday 17:00-09:00 closes before", id="backwards"),
        pytest.param({"hours": hours(tue="09:00-09:00")}, "Tuesday 09:00-09:00 closes before", id="empty"),
        pytest.param({"hours": hours(sat="09:00-12:00 11:00-13:00")}, "Saturday 11:00 opens before", id="overlap"),
        pytest.param({"hours": hours(sun="09:00-24:00 10:00-11:00")}, "Sunday 10:00 opens before", id="after-24:00"),
    ],
)
def test_a_calendar_that_cannot_work_is_refused_by_its_field(faulty: dict[str, object], fault: str):
    with pytest.raises(ValueError, match=fault):
        Calendar(**{"zone": "UTC", **faulty})  # type: ignore[arg-type]  # the faults are the point


def test_hours_do_not_matter_round_the_clock():
    assert Calendar("UTC", (), always=True).is_open(datetime(2026, 6, 6, tzinfo=UTC))
    assert Calendar("UTC", (), by_date=True).is_open(datetime(2026, 6, 6, tzinfo=UTC))


def test_a_day_may_be_open_from_midnight_to_midnight():
    assert Calendar("UTC", every_day("00:00-24:00")).measure(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    ) == timedelta(days=365)


def test_time_does_not_go_backwards():
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(datetime(2026, 6, 1, tzinfo=UTC), timedelta(seconds=-1))


def test_a_local_time_without_a_zone_is_no_instant():
    with pytest.raises(ValueError, match="without a zone"):
        OFFICE.is_open(datetime(2026, 6, 1))  # noqa: DTZ001 - the missing zone is the point


def test_what_lies_beyond_all_years_is_an_error_not_a_hang():
    with pytest.raises(ValueError, match="year"):
        OFFICE.add(datetime(9990, 1, 1, tzinfo=UTC), timedelta(days=3650))
