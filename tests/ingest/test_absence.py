"""Until when an absence notice says that its writer is away."""

import sys
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Any

import pytest

from mailbot.ingest.kind.absence import READ, away_until
from mailbot.ingest.parse import read_mail

SENT = date(2026, 3, 2)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until 13 March 2026.", date(2026, 3, 13)),
        ("I am away until 2026-03-13 and read no mail.", date(2026, 3, 13)),
        ("I'll be back on March 13th.", date(2026, 3, 13)),
        ("I will return on Friday, 13th of March.", date(2026, 3, 13)),
        ("Out of office from 2 March through 13 March.", date(2026, 3, 13)),
        ("On leave 2 March - 13 March.", date(2026, 3, 13)),
        ("Back 3/13/2026.", date(2026, 3, 13)),
        ("Back 13/03/2026.", date(2026, 3, 13)),
        ("I am back on 3/4.", date(2026, 4, 3)),
        ("I am away until 13 March. Our fair is on 20 May 2026.", date(2026, 3, 13)),
        ("Ich bin bis zum 13.03.2026 nicht im Büro.", date(2026, 3, 13)),
        ("Ich bin ab dem 16.3. wieder erreichbar.", date(2026, 3, 16)),
        ("Ich bin bis einschließlich 13. März abwesend.", date(2026, 3, 13)),
        ("Je suis absent jusqu'au 13 mars 2026.", date(2026, 3, 13)),
        ("Estaré fuera hasta el 13 de marzo de 2026.", date(2026, 3, 13)),
        ("Sono assente fino al 13 marzo.", date(2026, 3, 13)),
        ("Estou ausente até 13 de março de 2026.", date(2026, 3, 13)),
        ("Ik ben afwezig tot en met 13 maart.", date(2026, 3, 13)),
        ("Olen puhkusel kuni 13. märtsini. Tagasi 16. märtsil.", date(2026, 3, 16)),
        ("Olen lomalla 13. maaliskuuta asti, palaan 16.3.2026.", date(2026, 3, 16)),
        ("Jag är tillbaka den 13 mars.", date(2026, 3, 13)),
        ("Jestem nieobecny do 13 marca 2026.", date(2026, 3, 13)),
        ("Меня не будет до 13 марта 2026.", date(2026, 3, 13)),
        ("I am back on Monday.", date(2026, 3, 9)),
        ("Ich bin am Freitag zurück, bis Freitag also.", date(2026, 3, 6)),
        ("Olen puhkusel kuni 13. märtsini 2026.", date(2026, 3, 13)),
        ("2026年3月13日まで不在にしております。", date(2026, 3, 13)),
        ("我在3月13日之前不在办公室。会议在4月20日。", date(2026, 3, 13)),
        ("2026년 3월 13일까지 부재중입니다.", date(2026, 3, 13)),
        ("13 Mart 2026 tarihine kadar ofis dışındayım.", date(2026, 3, 13)),  # noqa: RUF001
        ("2026. március 13-ig szabadságon vagyok.", date(2026, 3, 13)),
        ("Sunt plecat până pe 13 martie.", date(2026, 3, 13)),
        ("Είμαι εκτός γραφείου μέχρι τις 13 Μαρτίου.", date(2026, 3, 13)),
        ("Away to 2026/03/13.", date(2026, 3, 13)),
        ("I am away until 5 January.", None),
        ("I am away until further notice.", None),
        ("I was away until 13 March 2025.", None),
        ("I am away until 31 February.", None),
        ("I am away until 13 March 2031.", None),
        ("Until 17:30 today I am in a meeting; call +372 5512 3456.", None),
        ("On Monday there was snow.", None),
        ("", None),
    ],
)
def test_the_date_on_which_somebody_is_back(text: str, day: date | None):
    assert away_until(text, SENT) == day


def test_a_date_without_a_year_is_the_next_one():
    assert away_until("I am back on 7 January.", date(2026, 12, 20)) == date(2027, 1, 7)


@pytest.mark.parametrize("sent", [date(9999, 12, 31), date(9999, 12, 15), date(9999, 7, 2), date(1, 1, 1)])
@pytest.mark.parametrize(
    "text",
    [
        "I am away until 20 December.",
        "I am away until 5 January.",
        "I am back on Monday.",
        "Until 2026-03-01.",
        "13/03",
    ],
)
def test_a_notice_of_any_date_is_read(sent: date, text: str):
    day = away_until(text, sent)
    assert day is None or sent <= day


def test_a_notice_at_the_end_of_the_calendar_stays_an_automatic_one():
    mail = (
        b"From: mari@customer.test\nDate: Wed, 15 Dec 9999 10:00:00 +0000\nAuto-Submitted: auto-replied\n"
        b"Subject: Automatic reply: Printer\n\nI am away until 20 December."
    )
    assert read_mail(mail).automatic == "vacation"


def test_a_notice_that_comes_every_day_names_today():
    assert away_until("I am away until 2 March 2026.", SENT) == SENT


@pytest.mark.parametrize(
    ("header", "day"),
    [
        (
            "Subject: Automatic reply: Printer\nAuto-Submitted: auto-replied\nDate: Mon, 2 Mar 2026 09:00:00 +0000",
            date(2026, 3, 13),
        ),
        ("Subject: Printer\nDate: Mon, 2 Mar 2026 09:00:00 +0000", None),
        ("Subject: Automatic reply: Printer\nAuto-Submitted: auto-replied", None),
    ],
    ids=["absence notice", "a person's mail", "no date of its own"],
)
def test_only_an_absence_notice_is_read_for_its_date(header: str, day: date | None):
    raw = f"From: anna@customer.test\n{header}\n\nI am away until 13 March 2026.\n".encode()
    assert read_mail(raw).away_until == day


@pytest.mark.parametrize("line", ["back on 5 March\n", "until ", "5.3. ", "back on Monday ", "1. ", "March \n"])
def test_a_notice_of_any_length_costs_no_more_than_its_beginning(line: str):
    beginning = (line * READ)[:READ]
    # What is made once and remembered is made before anything is counted.
    executed(beginning)
    calls = [executed(beginning + line * more) for more in (0, 100_000)]
    assert calls[0] == calls[1]
    assert away_until(beginning, SENT) == away_until(beginning + line * 100_000, SENT)


@pytest.mark.parametrize("line", ["back on 5 March\n", "until Monday, ", "5.3. "])
def test_twice_as_many_dates_are_twice_the_work(line: str):
    executed(line)
    once, twice = (executed(line * (size // len(line))) for size in (READ // 2, READ))
    assert once < twice < 2.2 * once


def executed(text: str) -> int:
    """Return how many lines of Python reading the notice takes, without what the collector of garbage does."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line" and frame.f_code.co_filename == away_until.__code__.co_filename
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        away_until(text, SENT)
    finally:
        sys.settrace(before)
    return count
