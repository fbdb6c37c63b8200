"""A customer's long mail costs no more than its beginning."""

import pytest

from mailbot.rules.reading.clauses import lists
from mailbot.rules.reading.phrases import LONG, heard, meaning
from tests.builders import modera


@pytest.mark.parametrize(
    "text", ["it works not " * 40_000, "a " * 200_000, ", ? . " * 100_000], ids=["prose", "a", "signs"]
)
def test_of_a_long_mail_the_beginning_alone_is_read(text: str):
    """So the time that a mail takes is bounded, whatever stands in it."""
    known = lists(tuple(modera().phrases.values()))
    said = heard(text, known, ())
    assert said.words == heard(text[:LONG], known, ()).words
    assert len(said.words) <= LONG
    assert meaning(text, modera()) is meaning(text[:LONG], modera())
