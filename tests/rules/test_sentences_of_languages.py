"""More sentences of customers in one language each, `sentences_fr.toml` and its like: most are read as meant."""

from functools import cache
from pathlib import Path

import pytest

from tests.builders import modera
from tests.rules.measure_sentences import Measured, measured, said

SETS = sorted(Path(__file__).parent.glob("sentences_??.toml"))
of_each_set = pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)


@cache
def sentences(file: Path) -> list[Measured]:
    return measured(file, modera())


def test_there_are_such_sets():
    assert SETS


@of_each_set
def test_nineteen_in_twenty_of_a_language_are_read_as_meant(file: Path):
    right = sum(one.right for one in sentences(file))
    assert right >= 0.95 * len(sentences(file)), "\n".join(said(sentences(file)))


@of_each_set
def test_no_sentence_of_a_language_closes_that_does_not_wish_it(file: Path):
    assert [one.text for one in sentences(file) if one.wrong_close] == []
