"""PostgreSQL: its outages and refusals, and what several nodes on it may rely on."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailbot.ports import Conflict, StoreAway
from mailbot.ports.records import Bookmark
from mailbot.store import postgres as words
from mailbot.store.database import StoreRefused
from mailbot.store.schema import cases
from mailbot.store.sql import SqlStore, has_tables, open_store
from mailbot.store.upgrade import SchemaUnknown
from tests.servers.postgres import GUARDED, Postgres
from tests.store.conftest import EMPTY
from tests.store.test_cost import KNOWN, STATEMENTS
from tests.store.values import MINUTE, NOON, arrival, evolve, letter, moving, opening


@pytest.fixture
def here(database: str, tmp_path: Path):
    opened = open_store(database, tmp_path, owner="work@here")
    yield opened
    opened.close()


@pytest.fixture
def there(database: str, tmp_path: Path):
    opened = open_store(database, tmp_path, owner="work@there")
    yield opened
    opened.close()


def claim(store: SqlStore, limit: int = 9):
    return store.claim_mails(until=NOON, now=NOON, limit=limit)


def test_one_node_has_the_turn_and_the_other_stands_in_line(here: SqlStore, there: SqlStore):
    with here.turn() as mine:
        assert mine
        with there.turn() as its:
            assert not its
    with there.turn() as its:
        assert its


def test_who_stands_in_line_gets_the_turn_when_it_is_free(
    here: SqlStore, there: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(words, "QUEUE", 30)
    has_it, done = threading.Event(), threading.Event()

    def hold():
        with here.turn() as mine:
            has_it.set()
            done.wait(30)
            return mine

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        has_it.wait(30)
        second = pool.submit(_taken, there)
        assert not second.done()
        done.set()
        assert (first.result(30), second.result(30)) == (True, True)


def _taken(store: SqlStore) -> bool:
    with store.turn() as mine:
        return mine


def test_what_a_dead_node_had_in_hand_is_free_with_the_turn_and_its_late_word_counts_for_nothing(
    here: SqlStore, there: SqlStore
):
    here.receive([arrival("one"), arrival("two")])
    with here.turn():
        [lost] = claim(here, limit=1)
    assert [mail.attempts for mail in claim(there)] == [1]
    with there.turn():
        [again, *_] = claim(there)
    assert (again.id, again.attempts) == (lost.id, 2)
    with pytest.raises(Conflict):
        here.commit(opening(lost))
    there.commit(opening(again))
    assert there.verify(evolve) == []


def test_the_server_takes_the_turn_from_who_stands_still(
    there: SqlStore, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(words, "IDLE", 1)
    slow = open_store(database, tmp_path, owner="slow")
    monkeypatch.setattr(words, "QUEUE", 30)
    held = slow.turn()
    assert held.__enter__()
    assert _taken(there)
    with pytest.raises(StoreAway, match="terminat"):
        held.__exit__(None, None, None)
    assert _taken(slow)
    slow.close()


def test_an_error_within_the_turn_stays_what_it_is(here: SqlStore, there: SqlStore):
    with pytest.raises(PermissionError), here.turn():
        raise PermissionError("directory.json")
    assert _taken(there)


def test_two_that_wait_for_each_other_are_a_conflict_and_one_goes_on(here: SqlStore, there: SqlStore):
    here.commit(opening(None, 1))
    here.commit(opening(None, 2))
    both = threading.Barrier(2)

    def cross(store: SqlStore, first: int, second: int):
        try:
            with store.writing() as connection:
                for number in (first, second):
                    connection.execute(sa.update(cases).where(cases.c.number == number).values(assignee="bo"))
                    if number == first:
                        both.wait(30)
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(cross, here, 1, 2), pool.submit(cross, there, 2, 1)]
        assert sorted(end.result(30) for end in ends) == ["conflict", "done"]


def test_two_nodes_open_a_mailbox_for_the_first_time_at_once(here: SqlStore, there: SqlStore):
    place = Bookmark(mailbox="desk", uid_validity=7, uid=4)
    both = threading.Barrier(2)

    def read(store: SqlStore):
        both.wait(30)
        return store.receive([arrival(source="imap:desk", uid=4)], place)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(read, (here, there))) == 1
    assert here.bookmark("desk") == place


def test_a_killed_server_is_the_store_away_and_nothing_is_lost_when_it_is_back(postgres: Postgres, here: SqlStore):
    here.receive([arrival("before")])
    postgres.kill()
    try:
        with pytest.raises(StoreAway):
            here.receive([arrival("meanwhile")])
        with pytest.raises(StoreAway), here.turn():
            pytest.fail("nobody gives a turn")
        with pytest.raises(StoreAway):
            here.first_waiting(NOON)
    finally:
        postgres.start()
    assert here.receive([arrival("before"), arrival("after")]) == 1
    assert len(claim(here)) == 2
    assert here.verify(evolve) == []


def test_a_server_killed_in_the_middle_of_a_commit_has_all_of_it_or_nothing(postgres: Postgres, here: SqlStore):
    here.receive([arrival("one")])
    [mail] = claim(here)

    ends: list[str] = []

    @sa.event.listens_for(here.engine, "commit")
    def _kill(_connection: sa.Connection):
        if not ends:
            ends.append("killed")
            postgres.kill()

    try:
        with pytest.raises(StoreAway):
            here.commit(opening(mail))
    finally:
        postgres.start()
    assert list(here.cases()) == []
    here.commit(opening(mail))
    assert here.verify(evolve) == []


def test_a_row_that_another_one_holds_for_too_long_is_the_store_away(
    here: SqlStore, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mailbot.store.dialect.BUSY_SECONDS", 0.05)
    hasty = open_store(database, tmp_path)
    here.commit(opening(None))
    with here.writing() as connection:
        connection.exec_driver_sql("SELECT * FROM cases FOR UPDATE")
        with pytest.raises(StoreAway, match="lock timeout"):
            hasty.commit(moving())
    hasty.commit(moving())
    hasty.close()


@pytest.fixture
def guarded(postgres: Postgres):
    postgres.tell(f"CREATE USER {GUARDED} PASSWORD 'right'")
    yield f"postgresql://{GUARDED}:{{}}@127.0.0.1:{postgres.port}"
    postgres.tell(f"DROP OWNED BY {GUARDED}; DROP USER {GUARDED}")


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("{guarded}/postgres", r"password authentication failed for user \"guarded\"; put the right password into"),
        ("{open}/nowhere", r"database \"nowhere\" does not exist; make it: createdb"),
        ("{stranger}/postgres", r"role \"stranger\" does not exist; make the user: createuser"),
        ("{silent}/postgres", "no password supplied; it wants a password: name the file"),
    ],
)
def test_a_refusal_says_what_to_do(postgres: Postgres, guarded: str, tmp_path: Path, path: str, advice: str):
    places = {
        "guarded": guarded.format("wrong"),
        "silent": guarded.replace(":{}@", "@"),
        "open": postgres.url("").rstrip("/"),
        "stranger": postgres.url("", "stranger").rstrip("/"),
    }
    with pytest.raises(StoreRefused, match=advice) as caught:
        open_store(path.format(**places), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_away_or_still_starts_is_no_refusal(postgres: Postgres, tmp_path: Path):
    for said in ("FATAL:  the database system is starting up", "FATAL:  sorry, too many clients already"):
        orig = Exception(f"connection failed: connection to server at 127.0.0.1 failed: {said}")
        assert words.refusal(sa.exc.OperationalError("", {}, orig)) == ""
    with pytest.raises(StoreAway, match="Connection refused") as caught:
        open_store("postgresql://postgres@127.0.0.1:1/mailbot", tmp_path)
    assert not isinstance(caught.value, StoreRefused)
    assert postgres.log()


@pytest.mark.parametrize("look", [open_store, lambda url, _: has_tables(url)], ids=["open", "look"])
@pytest.mark.parametrize(
    "unfit",
    [
        ("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", "is in LATIN1, which cannot hold every mail"),
        ("", "the user may not make tables in the database; make it the owner"),
    ],
    ids=["encoding", "rights"],
)
def test_a_database_that_cannot_hold_a_store_is_refused(
    postgres: Postgres, guarded: str, tmp_path: Path, look: Any, unfit: tuple[str, str]
):
    options, fault = unfit
    postgres.tell(f"CREATE DATABASE unfit {options}")
    try:
        with pytest.raises(SchemaUnknown, match=fault):
            look(f"{guarded.format('right')}/unfit", tmp_path)
    finally:
        postgres.drop("unfit")


def test_looking_for_a_store_makes_none(bare: str, tmp_path: Path):
    assert not has_tables(bare)
    assert not has_tables(bare)
    open_store(bare, tmp_path).close()
    assert has_tables(bare)


def test_large_mails_lie_in_the_database_where_every_node_finds_them(here: SqlStore, there: SqlStore, tmp_path: Path):
    raw = random.Random(2).randbytes(5_000_000)
    here.receive([arrival(raw=raw)])
    assert [mail.raw for mail in claim(there)] == [raw]
    assert list(tmp_path.iterdir()) == []
    assert there.sweep() == 0


def test_a_large_mail_without_its_end_is_set_aside(here: SqlStore):
    here.receive([arrival(raw=random.Random(1).randbytes(5_000_000))])
    with here.writing() as connection:
        connection.exec_driver_sql("UPDATE inbox SET raw = substr(raw, 1, 4000000)")
    assert claim(here) == []
    [aside] = here.quarantine_list()
    assert aside.reason == "unreadable: its end is missing"
    assert here.verify(evolve) == ["mail 1: its bytes cannot be read: its end is missing"]


def test_a_nul_in_what_a_mail_says_becomes_the_sign_for_what_cannot_be_shown(here: SqlStore):
    here.receive([arrival("one")])
    [mail] = claim(here)
    commit = replace(opening(mail), subject="a\0b", message_id="<a\0b@x>", sender="a\0@x.test", reason="\0")
    event = replace(commit.happened[1].event, text="said\0so")
    sent = letter(key="k", data={"text": "x\0y"})
    happened = (commit.happened[0], replace(commit.happened[1], event=event))
    here.commit(replace(commit, letters=(replace(sent, text="1\0x", subject="\0"),), happened=happened))
    [queued] = here.queue_list()
    assert (queued.text, queued.subject) == ("1\ufffdx", "\ufffd")
    # JSON has a way to write it, and keeps it.
    assert [line.happened for line in here.history(1)][:2] == [*happened]
    assert here.trace("a\0@x.test") != []
    assert here.verify(evolve) == []


def test_the_clocks_are_compared(here: SqlStore, disk: SqlStore):
    now = datetime.now(UTC)
    assert abs(here.ahead(now)) < timedelta(seconds=30)
    assert timedelta(minutes=59) < here.ahead(now + timedelta(hours=1)) < timedelta(minutes=61)
    assert disk.ahead(now + timedelta(hours=1)) == timedelta()


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_no_table_is_read_through(here: SqlStore, statement: Any):
    compiled = statement.compile(dialect=here.engine.dialect)
    given = {name: KNOWN.get(name, value or 1) for name, value in compiled.params.items()}
    whole = compiled.construct_expanded_state(given)
    with here.engine.connect() as connection:
        # Small tables are read through unless that is forbidden, and then only where no index serves.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        # Texts take the type that is wanted where they stand.
        found = connection.exec_driver_sql(f"EXPLAIN {whole.statement}", dict.fromkeys(whole.parameters, "1"))
        plan = [row[0] for row in found]
    assert [line for line in plan if "Scan" in line] != []
    assert [line for line in plan if "Seq Scan" in line] == [], "\n".join(plan)


def test_a_test_leaves_the_tables_as_a_new_store_has_them(
    postgres: Postgres, here: SqlStore, bare: str, tmp_path: Path
):
    new = open_store(bare, tmp_path)
    here.receive([arrival("one")])
    here.commit(opening(*claim(here)))
    postgres.tell(EMPTY, here.engine.url.database or "")
    assert here.next_number() == new.next_number() == 1
    for store in (here, new):
        assert store.receive([arrival("one", at=NOON - MINUTE)]) == 1
    assert [mail.id for mail in claim(here)] == [mail.id for mail in claim(new)] == [1]
    new.close()
