"""Further sentences of customers, a file `sentences_LANGUAGE.toml` for each language that has some; and of trouble."""

from functools import cache
from pathlib import Path

import pytest

from tests.builders import modera
from tests.rules.reading.measure_sentences import Measured, measured, said

#: Hundreds of sentences for each language.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

FILES = [*sorted(Path(__file__).parent.glob("sentences_??.toml")), Path(__file__).with_name("sentences_trouble.toml")]
of_each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@cache
def sentences(file: Path) -> list[Measured]:
    return measured(file, modera())


@of_each_file
def test_nineteen_in_twenty_of_a_language_are_read_as_meant(file: Path):
    right = sum(one.right for one in sentences(file))
    assert right >= 0.95 * len(sentences(file)), "\n".join(said(sentences(file)))


@of_each_file
def test_no_sentence_of_a_language_closes_that_does_not_wish_it(file: Path):
    assert [one.text for one in sentences(file) if one.wrong_close] == []
