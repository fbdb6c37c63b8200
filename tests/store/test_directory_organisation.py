"""The table of organisations in the directory's document."""

import json
from pathlib import Path
from typing import Any

import pytest

from mailbot.faults import Faults
from mailbot.people import Organisation
from mailbot.store.directory import DirectoryFile

PEOPLE = {
    "1": {"address": "anna@ek.test", "organisation": "Ek AB"},
    "2": {"address": "@ek.test", "organisation": "EK AB"},
    "3": {"address": "bo@other.test"},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "directory.json"


def write(path: Path, *rows: Any, **tables: Any) -> None:
    organisations = {str(number): row for number, row in enumerate(rows, 1)}
    path.write_text(json.dumps({"people": PEOPLE, "organisations": organisations, **tables}))


def test_an_organisation_says_what_its_people_do_not(path: Path):
    write(path, {"name": "ek ab", "language": "SV"})
    directory = DirectoryFile(path).load()
    assert directory.organisation("anna@ek.test") == Organisation(name="ek ab", language="sv")
    assert directory.language("new@ek.test") == "sv"


def test_without_the_table_people_have_organisations_all_the_same(path: Path):
    path.write_text(json.dumps({"people": PEOPLE}))
    assert DirectoryFile(path).load().organisation("new@ek.test") == Organisation(name="EK AB")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param("Ek AB", 'organisations 2: is no row; write {"name": "Customer Ltd"}', id="no row"),
        pytest.param({}, "organisations 2, name: is missing; every organisation needs a name", id="no name"),
        pytest.param({"name": " "}, "organisations 2, name: is empty", id="an empty name"),
        pytest.param({"name": 7}, "organisations 2, name: 7 is no text; write it in quotes", id="a number"),
        pytest.param({"name": "EK ab"}, "'EK ab' has a row already", id="twice"),
        pytest.param({"name": "Elk"}, "no row of people names 'Elk'; write it as the organisation of", id="nobody's"),
        pytest.param({"name": "Ek AB", "language": "Swedish!"}, "'Swedish!' is no language", id="no language"),
        pytest.param(
            {"name": "Ek AB", "domain": "x"}, "domain: is no key of an organisation; there are name", id="key"
        ),
    ],
)
def test_a_wrong_row_is_named_by_file_row_and_key(path: Path, row: Any, fault: str):
    write(path, {"name": "Ek AB"}, row)
    with pytest.raises(Faults) as caught:
        DirectoryFile(path).load()
    assert f"{path}: " in str(caught.value)
    assert fault in str(caught.value)


def test_a_contact_is_one_of_its_people(path: Path):
    write(path, {"name": "Ek AB", "contact": "Boss@Ek.test", "contact_hears": True})
    found = DirectoryFile(path).load().organisation("anna@ek.test")
    assert found == Organisation(name="Ek AB", contact="boss@ek.test", contact_hears=True)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        pytest.param({"contact": "boss"}, "contact: 'boss' is no mail address", id="no address"),
        pytest.param({"contact": "bo@other.test"}, "contact: bo@other.test is not of 'Ek AB' by any row", id="others"),
        pytest.param({"contact": "x@elk.test"}, "x@elk.test is not of 'Ek AB' by any row of people", id="a stranger"),
        pytest.param({"contact": "kim@ek.test"}, "kim@ek.test has the role agent, and only a customer", id="a member"),
        pytest.param({"contact": "eva@ek.test"}, "is a further address of eva@home.test; write that one", id="further"),
        pytest.param({"contact_hears": True}, "contact_hears: is for a contact, and there is none", id="nobody hears"),
        pytest.param({"contact_hears": "yes"}, "contact_hears: 'yes' is neither true nor false", id="no flag"),
    ],
)
def test_a_wrong_contact_is_named_with_what_would_be_right(path: Path, keys: dict[str, Any], fault: str):
    kim = {"address": "kim@ek.test", "organisation": "Ek AB", "role": "agent"}
    eva = {"address": "eva@home.test", "organisation": "Ek AB", "also": ["eva@ek.test"]}
    write(path, {"name": "Ek AB"} | keys, people=PEOPLE | {"4": kim, "5": eva})
    with pytest.raises(Faults) as caught:
        DirectoryFile(path).load()
    assert fault in str(caught.value)


def test_faults_of_both_tables_are_said_at_once(path: Path):
    write(path, {"name": ""}, {"name": "Nobody's"}, people={"1": {"address": "x"}}, organizations={})
    with pytest.raises(Faults) as caught:
        DirectoryFile(path).load()
    wrong = [fault.key for fault in caught.value.faults]
    assert wrong == ["people 1, address", "organizations", "organisations 1, name"], "who is in it is not known yet"


def test_an_import_leaves_the_table_and_what_would_break_it_changes_nothing(path: Path, tmp_path: Path):
    write(path, {"name": "Ek AB", "language": "sv"})
    csv = tmp_path / "people.csv"
    csv.write_text("address,organisation\nnew@ek.test,Ek AB\n")
    DirectoryFile(path).import_csv(csv)
    before = path.read_text()
    assert DirectoryFile(path).load().language("new@ek.test") == "sv"
    csv.write_text("address,organisation\nnew@ek.test,\nanna@ek.test,\n@ek.test,\n")
    with pytest.raises(Faults, match="no row of people names 'Ek AB'"):
        DirectoryFile(path).import_csv(csv)
    assert path.read_text() == before
