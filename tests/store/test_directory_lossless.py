"""What `directory export` prints, `directory import` brings back: every field of every person."""

from dataclasses import fields
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.people import Person
from mailbot.store.directory import DirectoryFile
from mailbot.store.directory_csv import read_csv, write_csv
from mailbot.store.directory_row import COLUMNS, EXPORTED, HIGHEST_EPOCH, check_row

#: What a person may write into a document as a name: no lone half of a character, no blank at its ends.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12).map(str.strip)
LOCAL = st.text("abcxyz0189.'!#$%&*+-/=?^_`{|}~", min_size=1, max_size=8)
ADDRESSES = st.builds("{}@{}.test".format, LOCAL, st.sampled_from(["one", "two"]))
PEOPLE = st.builds(
    Person,
    address=ADDRESSES,
    name=TEXTS,
    role=st.sampled_from(["customer", "agent", "lead", "manager", "consul, of old"]),
    organisation=TEXTS,
    team=TEXTS,
    plan=TEXTS,
    contract_until=st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    language=st.sampled_from(["", "de", "de-at"]),
    timezone=st.sampled_from(["", "Europe/Vienna"]),
    manager=st.just("") | ADDRESSES,
    also=st.lists(st.builds("a-{}".format, ADDRESSES), max_size=3, unique=True).map(tuple),
    address_epoch=st.integers(0, HIGHEST_EPOCH),
)
ROLES = ("consul, of old",)
ANNA = Person(address="anna@one.test", also=("a@home.test", "a@club.test"), address_epoch=3)


def test_every_field_of_a_person_is_a_column():
    assert tuple(field.name for field in fields(Person)) == EXPORTED


@settings(max_examples=60, deadline=None)
@given(person=PEOPLE)
def test_whatever_stands_there_comes_back(person: Person):
    checked, faults = check_row({**_plain(person)}, ROLES)
    assert (checked, faults) == (person, [])
    assert read_csv(write_csv([person]).encode(), "people.csv", ROLES, {}) == [person]


def _plain(person: Person) -> dict[str, object]:
    row = {field.name: getattr(person, field.name) for field in fields(Person)}
    return {**row, "also": list(person.also), "contract_until": str(person.contract_until or "")}


def test_the_further_columns_stand_there_only_where_somebody_has_something_in_them():
    header, row = write_csv([ANNA]).splitlines()
    assert header == ",".join((*COLUMNS, "also", "address_epoch"))
    assert row == "anna@one.test,,customer,,,,,,,,a@home.test a@club.test,3"
    assert write_csv([Person(address="bo@one.test")]).splitlines()[0] == ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        pytest.param("a@home.test; b@home.test,4", (("a@home.test", "b@home.test"), 4), id="other-signs-between"),
        pytest.param(",", ((), 3), id="nothing"),
        pytest.param("a@home.test,1", (("a@home.test",), 3), id="an-older-file"),
    ],
)
def test_an_import_gives_other_addresses_and_brings_no_revoked_one_back(cells: str, kept: tuple[object, int]):
    text = f"address,also,address_epoch\nanna@one.test,{cells}\n"
    (anna,) = read_csv(text.encode(), "people.csv", (), {ANNA.address: ANNA})
    assert (anna.also, anna.address_epoch) == kept


def test_without_their_columns_both_stay():
    assert read_csv(b"address\nanna@one.test\n", "people.csv", (), {ANNA.address: ANNA}) == [ANNA]


def test_a_whole_directory_goes_into_another_file():
    with TemporaryDirectory() as folder:
        one, other, csv = (Path(folder) / name for name in ("one.json", "other.json", "people.csv"))
        csv.write_text("address\nbo@one.test\n" + "\n")
        DirectoryFile(one).import_csv(csv)
        DirectoryFile(one).revoke("bo@one.test")
        csv.write_text(DirectoryFile(one).export_csv())
        DirectoryFile(other).import_csv(csv)
        assert DirectoryFile(other).load().people == DirectoryFile(one).load().people
        assert DirectoryFile(other).load().people[0].address_epoch == 1
