"""What a letter says of amounts of time, and how much of a long text."""

from datetime import timedelta
from html import escape

import pytest

from mailbot.notices.language import Language
from mailbot.notices.reader import LONGEST_WORDS, bounded
from mailbot.rules.telling import service

ENGLISH = Language("en")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        pytest.param(timedelta(0), "nothing", id="none"),
        pytest.param(timedelta(minutes=1), "1 minute", id="minute"),
        pytest.param(timedelta(hours=1, minutes=30), "1 hour 30 minutes", id="hour"),
        pytest.param(timedelta(hours=26), "26 hours", id="no-days-of-24-hours"),
    ],
)
def test_used_time_is_said_in_the_hours_of_the_targets(amount: timedelta, said: str):
    assert service(amount) == said


@pytest.mark.parametrize("line", ["It burns.", "<&>" * 30, "é" * 40, ""])
def test_a_text_that_no_letter_can_hold_is_cut_at_a_line_and_says_so(line: str):
    words = "\n".join([line] * 200_000)
    told = bounded(words, ENGLISH)
    kept, _, last = told.rpartition("\n\n")
    assert words.startswith(kept)
    missing = 200_000 - len(kept.split("\n"))
    assert last == f"[The text goes on: {missing:,} more lines, kept with the mail.]"
    size = sum(len(escape(one).encode()) + 6 for one in kept.split("\n"))
    assert LONGEST_WORDS // 2 < size <= LONGEST_WORDS


def test_a_text_that_fits_is_left_as_it_is():
    for words in ("", "It burns.\n", "x" * 60_000, "\n" * 10_000):
        assert bounded(words, ENGLISH) == words
