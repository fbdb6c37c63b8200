"""A whole daemon on a PostgreSQL that hangs, or is restarted, while customers write."""

import smtplib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mailbot.rules.case.evolve import evolve
from mailbot.store.sql import SqlStore, open_store
from tests.daemon.desk import Daemon, Home
from tests.daemon.loops import eventually
from tests.servers.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

#: Seconds in which a sender must have an answer: RFC 5321 section 4.5.3.2.6 lets it wait for ten minutes.
ANSWERED = 60.0
#: Seconds within which all goes on when the database does.
BACK = 60.0


def hang(postgres: Postgres) -> Callable[[], None]:
    postgres.freeze()
    return postgres.thaw


def hang_and_die(postgres: Postgres) -> Callable[[], None]:
    postgres.freeze()

    def restart() -> None:
        postgres.kill()
        postgres.start()

    return restart


def stop(postgres: Postgres) -> Callable[[], None]:
    postgres.stop()
    return postgres.start


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


def refused(daemon: Daemon, subject: str) -> float:
    """Write a mail and return the seconds until it was refused for now."""
    began = time.monotonic()
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        daemon.write(subject)
    return time.monotonic() - began


def ended(store: SqlStore) -> Counter[str]:
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT subject FROM inbox WHERE state = 'done'")
        return Counter(str(row.subject) for row in rows)


def written(store: SqlStore) -> list[str]:
    """The Message-IDs of all letters that the decisions made."""
    with store.reading() as connection:
        return sorted(row[0] for row in connection.exec_driver_sql("SELECT message_id FROM outbox"))


def sent(home: Home) -> list[str]:
    """The Message-IDs of the mails that went out."""
    mails = [file.read_text() for file in (home.folder / "outgoing" / "new").iterdir()]
    return sorted(mail.partition("Message-ID: ")[2].partition("\n")[0].strip() for mail in mails)


def told(daemon: Daemon) -> list[str]:
    """The events that the loops gave with an alarm, in order."""
    return [line for line in daemon.log().splitlines() if '"alarm"' in line and "store-away" in line]


@pytest.mark.parametrize("trouble", [hang, hang_and_die, stop])
def test_a_database_that_does_not_answer_costs_nothing_but_time(
    tmp_path: Path, postgres: Postgres, database: str, trouble: Callable[[Postgres], Callable[[], None]]
):
    home = Home(tmp_path / "desk")
    with home.run(MAILBOT_STORE__URL=database) as daemon, closing(open_store(database, tmp_path)) as store:
        daemon.ready().write("before")
        eventually(lambda: len(daemon.sent()) == 1, "the first mail is answered")
        loops = daemon.children()
        mend = trouble(postgres)
        try:
            assert refused(daemon, "one") < ANSWERED
            assert refused(daemon, "two") < ANSWERED
            eventually(lambda: len(told(daemon)) == 3, "each loop tells it", ANSWERED)
        finally:
            mend()
        began = time.monotonic()
        for subject in ("one", "two", "three"):
            daemon.write(subject)
        wanted = Counter(["before", "one", "two", "three"])
        eventually(lambda: ended(store) == wanted, "every mail is decided once", BACK)
        eventually(lambda: written(store) == sent(home), "every letter went out", BACK)
        assert time.monotonic() - began < BACK
        assert daemon.children() == loops, "no loop had to be replaced"
        assert len(told(daemon)) == 3
        assert "Traceback" not in daemon.log()
        assert store.verify(evolve) == []
        assert daemon.stop() == 0
