"""Amounts of time as people write them."""

import pytest

from mailbot.amount import Amount, Target, Unit, amount, target


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("4 hours", 4, Unit.HOURS),
        ("1 hour", 1, Unit.HOURS),
        ("4h", 4, Unit.HOURS),
        ("1.5 Hours", 1.5, Unit.HOURS),
        ("30 minutes", 30, Unit.MINUTES),
        ("30 min", 30, Unit.MINUTES),
        ("30m", 30, Unit.MINUTES),
        ("2 business days", 2, Unit.BUSINESS_DAYS),
        ("1 business day", 1, Unit.BUSINESS_DAYS),
        (" 30 days ", 30, Unit.DAYS),
        ("1 d", 1, Unit.DAYS),
    ],
)
def test_amount_is_read(text: str, number: float, unit: Unit):
    assert amount(text) == Amount(number, unit)


@pytest.mark.parametrize(
    "text", ["", "4", "hours", "-4 hours", "4 moons", "four hours", "4 hours 5 minutes", "1e3 days"]
)
def test_what_is_no_amount_says_what_would_be(text: str):
    with pytest.raises(ValueError, match=r"is no amount of time; write it like '4 hours', '30 minutes'"):
        amount(text)


@pytest.mark.parametrize(
    ("text", "upper", "lower", "said"),
    [
        ("4 hours", Amount(4, Unit.HOURS), None, "4 hours"),
        ("1 day", Amount(1, Unit.DAYS), None, "1 day"),
        ("1.5 business days", Amount(1.5, Unit.BUSINESS_DAYS), None, "1.5 business days"),
        ("3-4 days", Amount(4, Unit.DAYS), Amount(3, Unit.DAYS), "3 to 4 days"),
        ("3 to 4 days", Amount(4, Unit.DAYS), Amount(3, Unit.DAYS), "3 to 4 days"),
    ],
)
def test_target_is_read_and_said(text: str, upper: Amount, lower: Amount | None, said: str):
    assert target(text) == Target(upper, lower)
    assert str(target(text)) == said


@pytest.mark.parametrize("text", ["best effort", "At discretion"])
def test_target_without_a_number_is_said_as_it_is(text: str):
    assert target(text) == Target(None, words=text.lower())
    assert str(target(text)) == text.lower()


@pytest.mark.parametrize("text", ["4-3 days", "3-3 days", "3-4 moons"])
def test_what_is_no_range_says_what_would_be(text: str):
    with pytest.raises(ValueError, match="is no range; write it like '3-4 days', the lower number first"):
        target(text)
