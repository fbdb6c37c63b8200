"""The private PostgreSQL does for the tests what a company's database server does."""

import psycopg
import pytest

from tests.servers.postgres import GUARDED, Postgres


def test_a_database_is_made_as_a_copy_and_removed(postgres: Postgres):
    first = postgres.create()
    postgres.tell("CREATE TABLE pets AS SELECT 'cat' AS name", first)
    second = postgres.create(template=first)
    postgres.drop(first)
    assert postgres.tell("SELECT name FROM pets", second) == [("cat",)]
    postgres.drop(second)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres.tell("SELECT 1", second)


def test_who_is_guarded_must_know_the_password(postgres: Postgres):
    postgres.tell(f"CREATE USER {GUARDED} PASSWORD 'right'")
    url = postgres.url("postgres", GUARDED)
    psycopg.connect(url, password="right").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url, password="wrong")
    postgres.tell(f"DROP USER {GUARDED}")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_committed_is_there_after_an_end(postgres: Postgres, end: str):
    name = postgres.create()
    with psycopg.connect(postgres.url(name)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.commit()
        connection.execute("INSERT INTO kept VALUES (8)")
        getattr(postgres, end)()
        try:
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        finally:
            postgres.start()
    assert postgres.tell("SELECT number FROM kept", name) == [(7,)]
    postgres.drop(name)
