"""How the shell says instants, lengths and strangers' texts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mailbot.cli.words import case_number, clean, instant, length, moment, printable, size

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Grüße 🖨 שלום\n\tTab", "Grüße 🖨 שלום\n\tTab", id="honest-text-stays"),
        pytest.param("\x1b[2Jgone", "\ufffd[2Jgone", id="escape"),
        pytest.param("\x9b2J", "\ufffd2J", id="eight-bit-escape"),
        pytest.param("a\rb\x00\x07\x7f", "a\ufffdb\ufffd\ufffd\ufffd", id="controls"),
        pytest.param("gpj.\u202eexe", "gpj.\ufffdexe", id="reordering"),
        pytest.param("\udcff", "\ufffd", id="lone-surrogate"),
    ],
)
def test_a_strangers_text_cannot_steer_the_terminal(text: str, shown: str):
    assert clean(text) == shown


def test_a_text_for_one_line_has_one():
    assert clean(" a\n b\u2028c ", one_line=True) == "a b c"


def test_an_instant_is_written_in_utc_for_programs():
    assert instant(NINE.astimezone(ZoneInfo("Europe/Berlin"))) == "2026-03-02T09:00:00Z"
    assert instant(NINE.replace(microsecond=5)) == "2026-03-02T09:00:00.000005Z"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        pytest.param(NINE, "Mon 02 Mar 2026 10:00 CET", id="instant"),
        pytest.param("2026-07-01T22:30:00Z", "Thu 02 Jul 2026 00:30 CEST", id="as-printed"),
        pytest.param(None, "-", id="none"),
        pytest.param("", "-", id="empty"),
    ],
)
def test_an_instant_is_said_in_the_desks_zone(at: object, said: str):
    assert moment(at, ZoneInfo("Europe/Berlin")) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h 00 min"), (288_059, "80 h 00 min"), (None, "-")],
)
def test_a_length_of_time_is_said_in_hours_and_minutes(seconds: object, said: str):
    assert length(seconds) == said


@pytest.mark.parametrize(("octets", "said"), [(999, "999 B"), (1000, "1.0 kB"), (35_500_000, "35.5 MB")])
def test_a_size_is_said_in_decimal_units(octets: int, said: str):
    assert size(octets) == said


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("12", 12, id="bare"),
        pytest.param("HD-12", 12, id="tagged"),
        pytest.param("[hd-12]", 12, id="as-in-a-subject"),
        pytest.param("XY-12", None, id="another-desk"),
        pytest.param("twelve", None, id="prose"),
        pytest.param("9" * 19, None, id="beyond-any-number"),
        pytest.param("-12", None, id="negative"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_case_is_named_as_people_write_it(text: str, number: int | None):
    assert case_number(text, "HD") == number


def test_a_document_holds_instants_as_text_however_deep():
    assert printable({"a": [{"at": NINE}, None, 1]}) == {"a": [{"at": "2026-03-02T09:00:00Z"}, None, 1]}
