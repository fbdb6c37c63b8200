"""What a text seems to mean, by weights that were learnt: deterministic, sure or silent, and never acted on."""

from pathlib import Path

import pytest

from mailbot.process.file import LEARNT
from mailbot.process.mail import LANGUAGES
from mailbot.rules.reading.impression import MEANINGS, SURE, impression, pieces, probabilities, unpacked
from mailbot.rules.reading.phrases import Meaning, understand
from tests.builders import modera
from tests.rules.reading.learn_impressions import examples, learnt
from tests.rules.reading.measure_sentences import Measured, measured, said

OCTETS = LEARNT.read_bytes()
#: What no phrase says.
KITTEN = "Der Aufzug schnurrt wieder wie ein Kätzchen"


@pytest.fixture(scope="module")
def unseen() -> list[Measured]:
    """Sentences that neither the phrases nor the weights were made from."""
    return measured(Path(__file__).with_name("unseen.toml"), modera())


def test_nineteen_in_twenty_unseen_sentences_are_read_as_meant(unseen: list[Measured]):
    assert sum(one.right for one in unseen) >= 0.95 * len(unseen), "\n".join(said(unseen))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_unseen_sentences_of_a_language_are(language: str, unseen: list[Measured]):
    of = [one for one in unseen if one.language == language]
    assert sum(one.right for one in of) >= 0.9 * len(of) == 54, "\n".join(said(of))


def test_no_unseen_sentence_closes_that_does_not_wish_it(unseen: list[Measured]):
    assert [one.text for one in unseen if one.wrong_close] == []


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        pytest.param(KITTEN, "all-clear", id="no phrase says so"),
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 1200, "", id="nothing like anything"),
        pytest.param("12345", "answer", id="a number"),
        pytest.param("...", "", id="no word"),
    ],
)
def test_what_a_text_seems_to_mean(text: str, seems: str):
    found, probable = impression(text, OCTETS)
    assert (found if probable >= SURE else "") == seems


def test_where_nothing_was_learnt_nothing_seems():
    assert impression("It works again.", b"") == ("", 0)


def test_the_meanings_share_all_of_the_probability():
    found = probabilities(pieces("Thanks a lot, it works again!"), unpacked(OCTETS))
    assert sum(found) == pytest.approx(1)
    assert max(found) >= SURE
    assert MEANINGS[found.index(max(found))] == "all-clear"


def test_what_was_learnt_is_packed_as_it_was_read():
    assert unpacked(OCTETS).packed() == OCTETS


def test_an_impression_changes_no_meaning():
    process = modera()
    text = KITTEN
    bare = process.model_copy(update={"learnt": b""})
    assert understand(text, process).seems is Meaning.ALL_CLEAR
    assert understand(text, process).meaning is understand(text, bare).meaning is Meaning.OTHER


def test_what_one_word_objects_to_is_an_answer_where_all_of_them_say_so():
    process = modera()
    text = "Wir sind 3 Leute in der Werkstatt, aber nur ich hab das Passwort. Ruf am besten nach 17 Uhr an 0176 5550192"
    assert understand(text, process.model_copy(update={"learnt": b""})).meaning is Meaning.OBJECTION
    assert understand(text, process).meaning is Meaning.OTHER


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_weights_are_those_that_the_sentences_teach():
    """Powers and logarithms of another machine may round a few of them to the next number."""
    new = learnt(examples()).packed()
    assert len(new) == len(OCTETS)
    assert sum(one != other for one, other in zip(new, OCTETS, strict=True)) < 0.01 * len(OCTETS)
