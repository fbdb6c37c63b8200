"""`mailbot directory`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot.decision import Happened
from mailbot.event import AddressStopped, DeliveryFailed, Event
from mailbot.ports.records import Commit
from mailbot.store.sql import SqlStore
from tests.cli.conftest import ANNA, Said

Mailbot = Callable[..., Said]

CSV = """address,name,role,organisation,contract_until
@customer.test,,,Customer Ltd,2026-12-31
bob@customer.test,"Bob, the [bold]builder[/bold]",customer,Customer Ltd,
"""


@pytest.fixture
def imported(mailbot: Mailbot, tmp_path: Path) -> Said:
    (tmp_path / "people.csv").write_text(CSV)
    return mailbot("directory", "import", str(tmp_path / "people.csv"))


def test_people_are_imported_and_listed(home: Path, mailbot: Mailbot, imported: Said):
    assert imported == Said(0, f"2 people imported into {home / 'directory.json'}.\n", "")
    people = json.loads(mailbot("directory", "--json").out)
    assert [one["address"] for one in people] == [ANNA, "@customer.test", "bob@customer.test"]
    assert people[1]["contract_until"] == "2026-12-31"
    assert people[0]["role"] == "agent"
    out = mailbot("directory", "list").out
    assert "Bob, the [bold]builder[/bold]" in out
    assert len(out.splitlines()) == 5


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("Bob@Customer.test", "bob@customer.test", id="person"),
        pytest.param("new@customer.test", "@customer.test", id="by-domain"),
    ],
)
def test_one_person_is_shown(mailbot: Mailbot, address: str, found: str):
    assert json.loads(mailbot("directory", "show", address, "--json").out)["address"] == found
    assert f"{found}\n" in mailbot("directory", "show", address).out


@pytest.mark.usefixtures("imported")
def test_an_organisation_is_shown_by_its_name(mailbot: Mailbot):
    shown = json.loads(mailbot("directory", "show", "customer LTD", "--json").out)
    assert shown == {
        "name": "Customer Ltd",
        "language": "",
        "contact": "",
        "contact_hears": False,
        "people": ["@customer.test", "bob@customer.test"],
    }
    assert "@customer.test, bob@customer.test" in mailbot("directory", "show", "Customer Ltd").out
    assert mailbot("directory", "show", "Nobody Ltd") == Said(
        1, "", "No organisation of the directory has the name Nobody Ltd.\n"
    )


@pytest.mark.usefixtures("imported")
def test_what_was_exported_can_be_imported(mailbot: Mailbot, tmp_path: Path):
    before = mailbot("directory", "export")
    assert before.code == 0
    assert before.out.startswith("address,name,role,organisation,team,plan,contract_until,language,timezone,manager\n")
    (tmp_path / "again.csv").write_text(before.out)
    assert mailbot("directory", "import", str(tmp_path / "again.csv"), "--json").out == '{"imported": 3}\n'
    assert mailbot("directory", "export") == before


def test_an_empty_directory_says_so(home: Path, mailbot: Mailbot):
    (home / "directory.json").write_text("{}")
    assert mailbot("directory") == Said(0, "Nobody is in the directory.\n", "")


def test_somebody_unknown_is_a_no(mailbot: Mailbot):
    said = mailbot("directory", "show", "eve@elsewhere.test")
    assert said == Said(1, "", "Nobody in the directory has the address eve@elsewhere.test.\n")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(["show"], "mailbot directory show ADDRESS", id="show-whom"),
        pytest.param(["import"], "mailbot directory import FILE.csv", id="import-what"),
        pytest.param(["import", "away.csv"], "away.csv: cannot be read", id="no-such-file"),
        pytest.param(["forget"], "forget", id="unknown-action"),
    ],
)
def test_wrong_use_is_said(mailbot: Mailbot, words: list[str], fault: str):
    said = mailbot("directory", *words)
    assert (said.code, said.out) == (2, "")
    assert fault in said.err


def test_a_wrong_row_is_named_and_nothing_is_imported(home: Path, mailbot: Mailbot, tmp_path: Path):
    before = (home / "directory.json").read_bytes()
    (tmp_path / "people.csv").write_text(CSV + "no address,x,customer,,\nc@x.test,,wizard,,\n")
    said = mailbot("directory", "import", str(tmp_path / "people.csv"))
    assert (said.code, said.out) == (2, "")
    assert "people.csv: line 4, column address" in said.err
    assert "people.csv: line 5, column role" in said.err
    assert (home / "directory.json").read_bytes() == before


def test_a_broken_directory_is_a_fault_with_its_line(home: Path, mailbot: Mailbot):
    (home / "directory.json").write_text('{"people": {"1": {"address": "x"},}}\n')
    said = mailbot("directory")
    assert (said.code, said.out) == (2, "")
    assert f"{home / 'directory.json'}: line 1" in said.err


@pytest.mark.usefixtures("home")
def test_an_address_to_which_letters_get_is_not_let_free(mailbot: Mailbot):
    said = mailbot("directory", "deliver", "Anna@Example.com")
    assert (said.code, said.out) == (1, "")
    assert "Letters reach anna@example.com, as far as is known: nothing changed." in said.err


def failed(store: SqlStore, to: str, *, score: int, at: datetime, stops: bool = False) -> None:
    why = {"status": "5.1.1", "reason": "unknown-address"}
    events: list[Event] = [DeliveryFailed(at=at, to=to, **why, kind="hard", score=score)]
    if stops:
        events.append(AddressStopped(at=at, to=to, **why, since=at))
    store.commit(Commit(at=at, cause="test", happened=tuple(Happened(case=None, event=one) for one in events)))


def test_an_address_that_letters_did_not_reach_is_shown_with_why_and_how_to_write_again(
    mailbot: Mailbot, store: SqlStore
):
    today = datetime.now(UTC)
    failed(store, ANNA, score=2, at=today)
    shown = json.loads(mailbot("directory", "show", ANNA, "--json").out)
    assert (shown["role"], shown["standing"]["score"], shown["standing"]["stopped"]) == ("agent", 2, None)
    assert "its failures count" in mailbot("directory", "show", ANNA).out
    assert "deliver" not in mailbot("directory", "show", ANNA).out

    failed(store, ANNA, score=4, at=today, stops=True)
    out = mailbot("directory", "show", ANNA.upper()).out
    for words in ("5.1.1 unknown-address", "nothing is written to it since", f"mailbot directory deliver {ANNA}"):
        assert words in out
    assert mailbot("directory", "deliver", ANNA).code == 0
    assert json.loads(mailbot("directory", "show", ANNA, "--json").out)["standing"] is None


def test_the_standing_of_an_address_in_no_directory_is_shown_until_it_counts_no_more(mailbot: Mailbot, store: SqlStore):
    failed(store, "eve@elsewhere.test", score=4, at=datetime.now(UTC), stops=True)
    failed(store, "old@elsewhere.test", score=4, at=datetime.now(UTC) - timedelta(days=31), stops=True)
    shown = json.loads(mailbot("directory", "show", "eve@elsewhere.test", "--json").out)
    assert (shown["address"], shown["standing"]["reason"]) == ("eve@elsewhere.test", "unknown-address")
    assert mailbot("directory", "show", "old@elsewhere.test").code == 1
