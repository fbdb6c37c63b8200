"""Three hundred sentences of customers, written without sight of the phrases: read as meant, none closes wrongly."""

from functools import cache
from pathlib import Path

import pytest

from mailbot.process.mail import LANGUAGES
from mailbot.rules.phrases import ALL_CLEAR_LENGTH, Meaning
from tests.builders import modera
from tests.rules.measure_sentences import CLOSES, MEANINGS, Measured, measured, said

SENTENCES = Path(__file__).with_name("sentences.toml")


@cache
def sentences() -> list[Measured]:
    return measured(SENTENCES, modera())


def share(of: list[Measured]) -> float:
    return sum(one.right for one in of) / len(of)


def test_nineteen_in_twenty_are_read_as_meant():
    assert share(sentences()) >= 0.95, "\n".join(said(sentences()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_are_read_as_meant_in_each_language(language: str):
    of = [one for one in sentences() if one.language == language]
    assert len(of) == 60
    assert share(of) >= 0.9, "\n".join(said(of))


def test_no_sentence_closes_that_does_not_wish_it():
    assert [one.text for one in sentences() if one.wrong_close] == []


def test_no_long_all_clear_closes():
    long = [one for one in sentences() if one.meant is Meaning.ALL_CLEAR and len(one.text) > ALL_CLEAR_LENGTH]
    assert len(long) > 10
    assert [one.text for one in long if one.acted in CLOSES] == []


def test_the_set_has_every_meaning_in_every_language():
    assert {(one.language, one.meant) for one in sentences()} == {
        (language, meaning) for language in LANGUAGES for meaning in MEANINGS.values()
    }
    assert len({one.text for one in sentences()}) == 300
