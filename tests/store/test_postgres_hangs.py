"""A PostgreSQL that stands still: nobody waits for it for ever, and it loses and doubles nothing when it goes on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailbot.ports import Conflict, StoreAway
from mailbot.store import postgres as words
from mailbot.store.sql import SqlStore, open_store
from tests.daemon.loops import eventually
from tests.servers.postgres import Postgres
from tests.store.values import NOON, arrival, evolve, opening


def claim(store: SqlStore):
    return store.claim_mails(until=NOON, now=NOON, limit=9)


def takes_its_turn(store: SqlStore) -> bool:
    with store.turn() as mine:
        return mine


@pytest.fixture
def hasty(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A store that finds out sooner than in earnest that its server hangs."""
    monkeypatch.setattr(words, "CONNECT", 2)
    monkeypatch.setattr("mailbot.store.postgres_connection.ANSWER", 1.0)
    monkeypatch.setattr("mailbot.store.postgres_connection.SILENT", 0.5)
    opened = open_store(database, tmp_path, owner="work@here")
    yield opened
    opened.close()


@contextmanager
def hanging(postgres: Postgres) -> Iterator[None]:
    postgres.freeze()
    try:
        yield
    finally:
        postgres.thaw()


def test_a_hanging_server_is_the_store_away_and_nothing_is_lost_when_it_goes_on(postgres: Postgres, hasty: SqlStore):
    hasty.receive([arrival("before")])
    with hanging(postgres):
        with pytest.raises(StoreAway):
            hasty.receive([arrival("meanwhile")])
        with pytest.raises(StoreAway), hasty.turn():
            pytest.fail("nobody gives a turn")
    assert hasty.receive([arrival("before"), arrival("after")]) == 1
    assert len(claim(hasty)) == 2
    assert hasty.verify(evolve) == []


def test_a_server_that_hangs_while_somebody_has_the_turn_lets_the_turn_go_when_it_goes_on(
    postgres: Postgres, hasty: SqlStore
):
    held = hasty.turn()
    assert held.__enter__()
    with hanging(postgres), pytest.raises(StoreAway, match="the database server does not answer, for 1 seconds"):
        held.__exit__(None, None, None)
    eventually(lambda: takes_its_turn(hasty), "the turn is free")


def test_a_server_that_hangs_in_the_middle_of_a_commit_has_done_it_once_when_it_goes_on(
    postgres: Postgres, hasty: SqlStore
):
    hasty.receive([arrival("one")])
    [mail] = claim(hasty)
    with ExitStack() as hung:

        @sa.event.listens_for(hasty.engine, "commit", once=True)
        def _hang(_connection: sa.Connection):
            hung.enter_context(hanging(postgres))

        with pytest.raises(StoreAway, match="does not answer"):
            hasty.commit(opening(mail))
    # It was told to commit, and did so once it could; we cannot know, and a second time changes nothing.
    eventually(lambda: list(hasty.cases()), "the case is there")
    with pytest.raises(Conflict):
        hasty.commit(opening(mail))
    assert hasty.verify(evolve) == []


def test_only_a_new_version_of_the_tables_may_take_longer(hasty: SqlStore):
    nap = "SELECT pg_sleep(1.6)"
    with hasty.writing() as connection:
        words.lock_schema(connection)
        connection.exec_driver_sql(nap)
    with pytest.raises(StoreAway, match="does not answer"), hasty.reading() as connection:
        connection.exec_driver_sql(nap)
    # It has said something since: it is believed again.
    assert hasty.receive([arrival("one")]) == 1
