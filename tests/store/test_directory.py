"""The TinyDB directory: loading, checking, CSV, and what a broken edit does."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from mailbot.faults import Faults
from mailbot.people import Person, Role
from mailbot.store.directory import DirectoryFile, WholeFile
from tests.store.values import there

ANNA = {
    "address": "Anna@Example.com",
    "name": "Anna Ek",
    "role": "customer",
    "organisation": "Ek AB",
    "team": "",
    "plan": "gold",
    "contract_until": "2026-12-31",
    "language": "sv",
    "timezone": "Europe/Stockholm",
    "manager": "Boss@Example.com",
    "also": ["anna@home.test"],
}
BO = {"address": "bo@desk.test", "role": "agent", "team": "first"}
HEADER = "address,name,role,organisation,team,plan,contract_until,language,timezone,manager"


@pytest.fixture
def path(tmp_path: Path):
    return tmp_path / "directory.json"


def write(path: Path, *people: Any):
    path.write_text(json.dumps({"people": {str(n): row for n, row in enumerate(people, 1)}}), encoding="utf-8")


def faults(do: Any):
    with pytest.raises(Faults) as caught:
        do()
    return str(caught.value).splitlines()


def test_a_directory_is_loaded_whole(path: Path):
    write(path, ANNA, BO, {"address": "@example.org", "plan": "silver"})
    directory = DirectoryFile(path).load()
    assert directory.person("anna@home.test") == Person(
        address="anna@example.com",
        name="Anna Ek",
        role=Role.CUSTOMER,
        organisation="Ek AB",
        plan="gold",
        contract_until=date(2026, 12, 31),
        language="sv",
        timezone="Europe/Stockholm",
        manager="boss@example.com",
        also=("anna@home.test",),
    )
    assert there(directory.member("bo@desk.test")).team == "first"
    assert there(directory.person("anyone@example.org")).plan == "silver"


def test_other_tables_and_an_empty_directory_are_no_fault(path: Path):
    path.write_text('{"people": {}, "canned": {"1": {"name": "hello"}}}')
    assert DirectoryFile(path).load().people == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1, column 1: is no JSON: Expecting value"),
        ('{"people": {\n"1": {"address": "a@x.test"},\n}}', "line 3, column 1: is no JSON"),
        ('{"people": {"1": {"address": "a@x.test"}, "1": {"address": "b@x.test"}}}', "1: stands there twice"),
        ("[]", "is no document of tables"),
        ('{"people": []}', "is no document of tables"),
        ('{"persons": {}}', "has no table people, only persons"),
        ('{"people": {"one": {}}}', "people one: is no row's number"),
        ('{"people": {"1": "anna"}}', "people 1: is no row; write"),
    ],
)
def test_a_file_that_is_no_directory_is_said_to_be_none(path: Path, text: Any, fault: str):
    path.write_text(text)
    [line] = faults(DirectoryFile(path).load)
    assert line.startswith(f"{path}: {fault}")


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("address", "anna", "'anna' is no mail address; write one such as anna@example.com"),
        ("address", "a b@x.test", "'a b@x.test' is no mail address"),
        ("address", 7, "7 is no text"),
        ("name", None, "None is no text"),
        ("role", "agnet", "'agnet' is no role; write one of customer, agent, lead, manager"),
        ("contract_until", "31.12.2026", "'31.12.2026' is no date; write the last valid day as 2026-12-31"),
        ("contract_until", 20261231.5, "20261231.5 is no date"),
        ("language", "Swedish please", "'Swedish please' is no language; write a tag such as en"),
        ("timezone", "Stockholm", "'Stockholm' is no time zone; write a name such as Europe/Vienna"),
        ("manager", "the boss", "'the boss' is no mail address"),
        ("also", "anna@home.test", "is no list; write addresses as a list"),
        ("phone", "123", "is no key of a person; there are address, name, role"),
    ],
)
def test_a_wrong_value_is_named_by_file_row_and_key(path: Path, key: str, value: Any, fault: str):
    write(path, BO, {**ANNA, key: value})
    [line] = faults(DirectoryFile(path).load)
    assert line.startswith(f"{path}: people 2, {key}: {fault}")


def test_all_faults_are_said_at_once(path: Path):
    write(
        path,
        {"name": "nobody"},
        {**BO, "timezone": "Mars"},
        ANNA,
        {"address": "anna@home.test"},
        {**BO, "address": "@d.test"},
    )
    lines = [line.removeprefix(f"{path}: ") for line in faults(DirectoryFile(path).load)]
    assert lines == [
        "people 1, address: is missing; every row needs an address",
        "people 2, timezone: 'Mars' is no time zone; write a name such as Europe/Vienna",
        "people 5, role: a whole domain cannot be agent; give each person a row of their own",
        "people 4: anna@home.test stands in people 3 already; an address belongs to one person",
    ]


def test_a_role_of_the_process_is_known(path: Path):
    write(path, {**BO, "role": "expert"})
    assert DirectoryFile(path, roles=["expert"]).load().people[0].role == "expert"


def test_a_missing_file_is_a_fault(path: Path):
    assert faults(DirectoryFile(path).load) == [f"{path}: cannot be read: No such file or directory"]


class Watch:
    """Who is told of alarms and snapshots."""

    def __init__(self, path: Path, last: Any = None) -> None:
        self.alarms: list[str] = []
        self.kept: list[tuple[str, str]] = []
        self.directory = DirectoryFile(
            path,
            alarm=self.alarms.append,
            keep=lambda version, body: self.kept.append((version, body)),
            last=lambda: last,
        )

    def names(self):
        return [person.name for person in self.directory.load().people]


def test_an_edit_is_noticed_and_gets_a_version_of_its_own(path: Path):
    write(path, ANNA)
    watch = Watch(path)
    first = watch.directory.load()
    assert watch.directory.load() is first
    write(path, {**ANNA, "name": "Anna By"})
    second = watch.directory.load()
    assert [person.name for person in second.people] == ["Anna By"]
    assert [version for version, _ in watch.kept] == [first.version, second.version]
    assert watch.kept[1][1] == path.read_text()
    assert first.version != second.version
    assert watch.alarms == []


def test_a_file_that_was_only_touched_is_the_same_version(path: Path):
    write(path, ANNA)
    watch = Watch(path)
    first = watch.directory.load()
    os.utime(path, (1, 1))
    assert watch.directory.load() is first
    assert len(watch.kept) == 1


def test_a_broken_edit_keeps_the_last_good_one_and_alarms_once(path: Path):
    write(path, ANNA)
    watch = Watch(path)
    watch.directory.load()
    path.write_text('{"people": {')
    assert [watch.names() for _ in range(3)] == [["Anna Ek"]] * 3
    [alarm] = watch.alarms
    assert "the directory stays as it was" in alarm
    assert f"{path}: line 1, column 13: is no JSON" in alarm
    write(path, {**BO, "role": "agnet"})
    assert watch.names() == ["Anna Ek"]
    assert "agnet" in watch.alarms[1]
    write(path, {**ANNA, "name": "Anna By"})
    assert watch.names() == ["Anna By"]
    assert len(watch.alarms) == 2


def test_a_file_that_went_away_keeps_the_last_good_one_and_alarms_once(path: Path):
    write(path, ANNA)
    watch = Watch(path)
    watch.directory.load()
    path.unlink()
    assert [watch.names(), watch.names()] == [["Anna Ek"]] * 2
    assert len(watch.alarms) == 1
    write(path, ANNA)
    assert watch.names() == ["Anna Ek"]


def test_a_start_on_a_broken_file_goes_on_with_the_snapshot_that_was_used_last(path: Path):
    path.write_text("{")
    watch = Watch(path, last=json.dumps({"people": {"1": ANNA}}))
    assert watch.names() == ["Anna Ek"]
    assert len(watch.alarms) == 1


def test_a_snapshot_that_cannot_be_kept_is_not_used(path: Path):
    write(path, ANNA)
    watch = Watch(path)
    watch.directory.load()

    def fail(_version: Any, _body: Any):
        raise ConnectionError("the store is away")

    watch.directory._keep = fail
    write(path, BO)
    with pytest.raises(ConnectionError):
        watch.directory.load()
    watch.directory._keep = lambda _version, _body: None
    assert watch.directory.load().people[0].address == "bo@desk.test"


def test_csv_brings_new_people_and_changes_known_ones(path: Path, tmp_path: Path):
    path.write_text(json.dumps({"people": {"1": ANNA, "7": BO}, "canned": {"1": {"name": "hello"}}}))
    file = tmp_path / "people.csv"
    file.write_text(
        'address,name,plan\nANNA@example.com,"Ek, Anna",\n\ncy@example.com,Cy,silver\n', encoding="utf-8-sig"
    )
    directory = DirectoryFile(path)
    assert directory.import_csv(file) == 2
    anna, bo, cy = directory.load().people
    assert (anna.name, anna.plan, anna.organisation, anna.also) == ("Ek, Anna", "", "Ek AB", ("anna@home.test",))
    assert bo.role == "agent"
    assert (cy.address, cy.plan) == ("cy@example.com", "silver")
    written = json.loads(path.read_text())
    assert list(written["people"]) == ["1", "7", "8"]
    assert written["canned"] == {"1": {"name": "hello"}}


def test_what_was_imported_is_a_document_that_tinydb_reads(path: Path, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("address\nanna@example.com\n")
    DirectoryFile(path).import_csv(file)
    with TinyDB(path, access_mode="r") as database:
        assert [(row.doc_id, row["address"]) for row in database.table("people")] == [(1, "anna@example.com")]


def test_csv_goes_out_and_comes_back_the_same(path: Path, tmp_path: Path):
    write(path, {**ANNA, "also": []}, BO, {"address": "@example.org", "name": 'The "best", all'})
    text = DirectoryFile(path).export_csv()
    assert text.splitlines()[0] == HEADER
    file, other = tmp_path / "out.csv", DirectoryFile(tmp_path / "other.json")
    file.write_text(text)
    assert other.import_csv(file) == 3
    assert other.load().people == DirectoryFile(path).load().people


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: has no column address"),
        ("name\nAnna\n", "line 1: has no column address"),
        ("address,phone\na@x.test,1\n", "line 1: 'phone' is no column; there are address, name"),
        ("address,name,name\n", "line 1: 'name' stands there twice"),
        ("address;name\na@x.test;A\n", "line 1: 'address;name' is no column"),
        ("address,role\n\na@x.test,agnet\n", "line 3, column role: 'agnet' is no role"),
        ('address,name\n"a@x.test","two\nlines"\nanna,A\n', "line 4, column address: 'anna' is no mail address"),
        ("address,name\na@x.test,A,B\n", "line 2: has 3 cells, the header names 2"),
        ("address\na@x.test\nA@x.test\n", "line 3: a@x.test stands in line 2 already"),
        ("address\nanna@home.test\n", "people 2: anna@home.test stands in people 1 already"),
        ('address,name\na@x.test,"A\n', "line 2: is no CSV"),
        (b"address,name\na@x.test,\xe5\n", "line 2: is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column_and_nothing_changes(
    path: Path, tmp_path: Path, text: Any, fault: str
):
    write(path, ANNA)
    before = path.read_bytes()
    file = tmp_path / "people.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = faults(lambda: DirectoryFile(path).import_csv(file))
    assert any(line.partition(": ")[2].startswith(fault) for line in found), found
    assert path.read_bytes() == before


def test_a_broken_directory_is_not_imported_into(path: Path, tmp_path: Path):
    path.write_text('{"people": {"1": {"address": "anna"}}}')
    file = tmp_path / "people.csv"
    file.write_text("address\nb@x.test\n")
    [line] = faults(lambda: DirectoryFile(path).import_csv(file))
    assert line.startswith(f"{path}: people 1, address")


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_full_disk_leaves_the_old_directory(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str):
    write(path, ANNA)
    before = path.read_bytes()
    file = tmp_path / "people.csv"
    file.write_text("address\nb@x.test\n")

    def fail(*_: Any):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space left"):
            DirectoryFile(path).import_csv(file)
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []


def test_a_rewritten_directory_keeps_its_mode(path: Path, tmp_path: Path):
    write(path, ANNA)
    path.chmod(0o640)
    file = tmp_path / "people.csv"
    file.write_text("address\nb@x.test\n")
    DirectoryFile(path).import_csv(file)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_storage_serves_tinydb_for_single_changes_too(path: Path):
    with TinyDB(path, storage=WholeFile) as database:
        number = database.table("people").insert({"address": "anna@example.com"})
        database.table("people").update({"name": "Anna"}, doc_ids=[number])
    assert DirectoryFile(path).load().people[0].name == "Anna"
