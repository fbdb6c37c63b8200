"""Organisations: whose people are whose, how their cases are found, and what the team sees of it."""

import pytest

from mailbot.facts import Query
from mailbot.people import Directory, Organisation, Person, Role
from mailbot.rules.command.words_asking import query_of
from mailbot.rules.reading.word import Given
from tests.builders import ANNA

EK = Organisation(name="Ek AB", language="sv")
PEOPLE = (
    Person(address=ANNA, role=Role.AGENT),
    Person(address="siri@ek.test", organisation="Ek AB", language="de"),
    Person(address="@ek.test", organisation="ek ab"),
    Person(address="guest@ek.test"),
    Person(address="olev@other.test", organisation="Other Ek Ltd"),
)
DIRECTORY = Directory(people=PEOPLE, organisations=(EK,))


@pytest.mark.parametrize(
    ("address", "organisation", "language"),
    [
        pytest.param("siri@ek.test", "Ek AB", "de", id="a row of their own"),
        pytest.param("new@ek.test", "Ek AB", "sv", id="by the domain"),
        pytest.param("guest@ek.test", "", "", id="a row of their own that names none"),
        pytest.param("olev@other.test", "Other Ek Ltd", "", id="one that only people name"),
        pytest.param("nobody@elsewhere.test", "", "", id="a stranger"),
    ],
)
def test_who_is_of_which_organisation_and_in_which_language(address: str, organisation: str, language: str):
    found = DIRECTORY.organisation(address)
    assert (found.name if found else "") == organisation
    assert DIRECTORY.language(address) == language


@pytest.mark.parametrize(
    ("words", "among", "but"),
    [
        pytest.param("Ek AB", ("siri@ek.test", "@ek.test"), ("guest@ek.test",), id="its name"),
        pytest.param("  eK   ab ", ("siri@ek.test", "@ek.test"), ("guest@ek.test",), id="in any letter case"),
        pytest.param("other", ("olev@other.test",), (), id="a word of the name"),
        pytest.param("ek", ("siri@ek.test", "@ek.test", "olev@other.test"), ("guest@ek.test",), id="of two names"),
        pytest.param("oth", (), (), id="a part of a word"),
        pytest.param("ab ek", (), (), id="the words in another order"),
        pytest.param("printer", (), (), id="no name"),
    ],
)
def test_a_list_or_search_of_a_name_finds_the_cases_of_its_people_too(
    words: str, among: tuple[str, ...], but: tuple[str, ...]
):
    for word, open_only in (("list", True), ("search", False)):
        query = query_of(Given(word=word, argument=words, line=""), DIRECTORY, ANNA)
        assert query == Query(words=tuple(words.split()), among=among, but=but, open_only=open_only)


def test_a_search_without_words_names_nobody():
    assert query_of(Given(word="search", argument=" ", line=""), DIRECTORY, ANNA).among == ()
