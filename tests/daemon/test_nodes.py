"""Several nodes on one PostgreSQL, and what they do when it, or one of them, dies."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from tests.daemon.loops import eventually
from tests.daemon.nodes import Desk
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres

#: Seconds for what many real processes do on a busy machine.
LONG = 200.0


@pytest.fixture
def desk(tmp_path: Path, postgres: Postgres, postfix: Postfix) -> Iterator[Desk]:
    desk = Desk(tmp_path, postgres, postfix)
    yield desk
    desk.close()
    postgres.drop(desk.database)


@pytest.mark.parametrize(
    ("threads", "mails", "every"),
    [
        pytest.param(10, 6, 20, id="60 mails", marks=pytest.mark.timeout(300)),
        pytest.param(100, 10, 60, id="1000 mails", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
def test_mails_that_come_while_nodes_are_killed_are_all_there_once_in_their_cases_and_told_once(
    desk: Desk, threads: int, mails: int, every: int
):
    chance = random.Random(2525)
    wanted = threads * mails
    for node in desk.nodes:
        node.start()
    with ThreadPoolExecutor(1) as customers:
        sending = customers.submit(desk.send, threads, mails)
        for node in desk.nodes:
            node.ready()
        for goal in range(every, wanted, every):
            eventually(lambda goal=goal: desk.decided() >= goal or sending.done(), "mail is decided", LONG)  # type: ignore[misc]  # mypy cannot tell a default from a parameter
            node = chance.choice(desk.nodes)
            node.kill()
            # One is always there; with none at all it would be the sender's patience that is measured.
            node.start().ready()
        sending.result(LONG)
    # What a node had in hand when it died goes out when it is back.
    eventually(desk.rests, "all is done", LONG)
    assert desk.faults(threads, mails) == []
    assert desk.store.verify(evolve) == []


@pytest.mark.timeout(300)
def test_a_database_that_is_killed_under_two_nodes_costs_nothing_but_time(desk: Desk, postgres: Postgres):
    for node in desk.nodes:
        node.start()
    with ThreadPoolExecutor(1) as customers:
        sending = customers.submit(desk.send, 6, 5)
        eventually(lambda: desk.decided() >= 10 or sending.done(), "mail is decided", LONG)
        postgres.kill()
        postgres.start()
        sending.result(LONG)
    eventually(desk.rests, "all is done", LONG)
    assert desk.faults(6, 5) == []
    assert desk.store.verify(evolve) == []
