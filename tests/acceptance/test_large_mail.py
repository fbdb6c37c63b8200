"""Many large mails that wait in mailboxes: what each loop of the running daemon holds in memory at its worst."""

import base64
import random
from contextlib import closing
from pathlib import Path

import pytest

from mailbot.store.sql import SqlStore, open_store
from tests.acceptance.test_hostile import HEAD, MOST, peak
from tests.daemon.desk import AGENT, Home
from tests.daemon.loops import eventually
from tests.daemon.test_mailbox import add_mailbox
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres

#: Bytes: the largest mail that is taken has 35,000,000.
SIZE = 29_000_000


def large_mail(name: str) -> bytes:
    """Write a mail with a file that no compression makes smaller than it is."""
    head = HEAD % (name, "Large") + 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
    text = "--=_b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
    file = "--=_b\r\nContent-Type: application/octet-stream; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    # 57 bytes make a line of 78.
    lines = base64.encodebytes(random.Random(name).randbytes(SIZE // 78 * 57)).replace(b"\n", b"\r\n")
    return (head + text + file).encode() + lines + b"--=_b--\r\n"


def ended(store: SqlStore) -> int:
    with store.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state = 'done'").scalar_one())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("boxes", "mails", "database"),
    [
        pytest.param(1, 6, "sqlite", id="one-mailbox"),
        pytest.param(4, 2, "sqlite", id="four-mailboxes"),
        pytest.param(4, 2, "postgresql", id="four-mailboxes-postgresql"),
    ],
)
def test_large_mails_in_mailboxes_cost_little_memory_in_every_loop(
    request: pytest.FixtureRequest, tmp_path: Path, boxes: int, mails: int, database: str
):
    dovecot: Dovecot = request.getfixturevalue("dovecot")
    home = Home(tmp_path / "desk")
    for box in range(boxes):
        user = f"large-{tmp_path.name}-{box}"
        dovecot.add_user(user, "pw")
        add_mailbox(home, dovecot, f"box{box}", user, "pw")
        for mail in range(mails):
            dovecot.deliver(user, large_mail(f"{box}-{mail}"))
    state = home.folder / "state"
    url = f"sqlite:///{state / 'mailbot.db'}"
    if database == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.create())
    with home.run(MAILBOT_LISTEN__ENABLED="false", MAILBOT_STORE__URL=url) as daemon:
        daemon.ready()
        with closing(open_store(url, state)) as store:
            eventually(lambda: ended(store) == boxes * mails, "every mail is decided", 240)
        eventually(lambda: len(daemon.sent(AGENT)) == boxes * mails, "the team has them all", 240)
        loops = daemon.children()
        assert set(loops) == {"ingest", "work", "send"}
        for name, pid in loops.items():
            assert peak(pid) < MOST, f"{name}: {peak(pid) / 2**20:.0f} MB"
