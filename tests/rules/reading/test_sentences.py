"""Nine hundred sentences of customers, written without sight of the phrases: read as meant, none closes wrongly."""

from functools import cache
from pathlib import Path

import pytest

from mailbot.process.mail import LANGUAGES
from mailbot.rules.reading.phrases import ALL_CLEAR_LENGTH, Meaning
from tests.builders import modera
from tests.rules.reading.measure_sentences import CLOSES, MEANINGS, Measured, measured, said

SLOW = (pytest.mark.slow, pytest.mark.timeout(120))
SETS = ("sentences.toml", *(pytest.param(f"sentences_{one}.toml", marks=SLOW) for one in ("more", "third")))
pytestmark = pytest.mark.no_cover  # Twice as fast.
of_each_set = pytest.mark.parametrize("name", SETS)


@cache
def sentences(name: str) -> list[Measured]:
    return measured(Path(__file__).with_name(name), modera())


def share(of: list[Measured]) -> float:
    return sum(one.right for one in of) / len(of)


@of_each_set
def test_nineteen_in_twenty_are_read_as_meant(name: str):
    assert share(sentences(name)) >= 0.95, "\n".join(said(sentences(name)))


@of_each_set
@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_are_read_as_meant_in_each_language(name: str, language: str):
    of = [one for one in sentences(name) if one.language == language]
    assert len(of) == 60
    assert share(of) >= 0.9, "\n".join(said(of))


@of_each_set
def test_no_sentence_closes_that_does_not_wish_it(name: str):
    assert [one.text for one in sentences(name) if one.wrong_close] == []


@of_each_set
def test_no_long_all_clear_closes(name: str):
    long = [one for one in sentences(name) if one.meant is Meaning.ALL_CLEAR and len(one.text) > ALL_CLEAR_LENGTH]
    assert len(long) > 10
    assert [one.text for one in long if one.acted in CLOSES] == []


@of_each_set
def test_the_set_has_every_meaning_in_every_language(name: str):
    assert {(one.language, one.meant) for one in sentences(name)} == {
        (language, meaning) for language in LANGUAGES for meaning in MEANINGS.values()
    }
    assert len({one.text for one in sentences(name)}) == 300


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_the_rounds_stay_read_as_meant(language: str):
    of = [one for one in sentences("sentences_rounds.toml") if one.language == language]
    assert len(of) > 300
    assert share(of) >= 0.95, "\n".join(said(of))
    assert [one.text for one in of if one.wrong_close] == []
