"""When the opening digest of a working day is due: by service hours, closing days and holidays, in the desk's zone."""

from datetime import date

import pytest

from mailbot.digest import OpeningCame
from mailbot.rules.counting.working_day import next_digest
from tests.builders import a_desk, at, changed, modera

#: Modera's service hours are Monday to Friday, 9 to 17; 24 February is a holiday in Estonia. 2026-03-02 is a Monday.
TALLINN = a_desk(timezone="Europe/Tallinn", holidays="EE", opening_digest="opening")
NIGHTS = changed(
    modera(),
    hours={"monday": "22:00-24:00", "tuesday": "00:00-06:00", **dict.fromkeys(("wednesday", "thursday", "friday"), "")},
)


@pytest.mark.parametrize(
    ("now", "told", "due"),
    [
        pytest.param("2026-03-02 08:59", None, "2026-03-02 09:00", id="before service opens"),
        pytest.param("2026-03-02 09:00", None, "2026-03-02 09:00", id="when it opens"),
        pytest.param("2026-03-02 16:59", "2026-02-27", "2026-03-02 09:00", id="late on the same day"),
        pytest.param("2026-03-02 17:00", None, "2026-03-03 09:00", id="after the day: the next one's"),
        pytest.param("2026-03-02 11:00", "2026-03-02", "2026-03-03 09:00", id="once a day"),
        pytest.param("2026-02-28 12:00", "2026-02-27", "2026-03-02 09:00", id="not on a Saturday"),
        pytest.param("2026-02-23 18:00", "2026-02-23", "2026-02-25 09:00", id="not on a holiday"),
        pytest.param("2026-03-27 18:00", None, "2026-03-30 09:00", id="by the wall clock after its change"),
        pytest.param("2026-03-02 11:00", "2026-03-09", "2026-03-10 09:00", id="a clock that was set back"),
    ],
)
def test_the_digest_is_due_when_service_opens_on_a_working_day(now: str, told: str | None, due: str):
    before = date.fromisoformat(told) if told else None
    found = next_digest(modera(), TALLINN, before, at(f"{now} Europe/Tallinn"))
    assert found == OpeningCame(day=date.fromisoformat(due[:10]), due=at(f"{due} Europe/Tallinn"))


@pytest.mark.parametrize(
    ("time", "now", "due"),
    [
        pytest.param("07:30", "2026-03-02 06:00", "2026-03-02 07:30", id="before service opens"),
        pytest.param("07:30", "2026-03-02 12:00", "2026-03-02 07:30", id="late"),
        pytest.param("18:00", "2026-03-02 18:30", "2026-03-02 18:00", id="after service, for an hour"),
        pytest.param("18:00", "2026-03-02 19:00", "2026-03-03 18:00", id="not later"),
    ],
)
def test_a_desk_may_name_a_time_of_its_own(time: str, now: str, due: str):
    found = next_digest(modera(), a_desk(opening_digest=time), None, at(now))
    assert found is not None
    assert found.due == at(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param("2026-03-02 23:59", "2026-03-02 22:00", id="until midnight"),
        pytest.param("2026-03-03 00:00", "2026-03-03 00:00", id="then it is the next day's"),
        pytest.param("2026-03-03 06:00", "2026-03-09 22:00", id="which ends in the morning"),
    ],
)
def test_a_night_shift_has_a_digest_on_each_of_its_dates(now: str, due: str):
    found = next_digest(NIGHTS, a_desk(opening_digest="opening"), None, at(now))
    assert found is not None
    assert found.due == at(due)


def test_a_desk_that_says_nothing_has_none():
    assert next_digest(modera(), a_desk(), None, at("2026-03-02 09:00")) is None


def test_a_desk_that_is_closed_for_more_than_a_year_has_none_to_come():
    told = date(2030, 1, 1)
    assert next_digest(modera(), a_desk(opening_digest="opening"), told, at("2026-03-02 09:00")) is None
