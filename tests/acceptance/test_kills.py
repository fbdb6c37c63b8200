"""Nothing is lost: the daemon, and each loop alone, dies at random moments while mails arrive.

The ledger is kept on the sender's side: a mail counts once the server has answered 250 for it.
"""

import contextlib
import os
import random
import signal
import smtplib
import sqlite3
import subprocess
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.desk import SUPPORT, Home, running, until

SENDERS, SEED = 4, 20260302
LOOPS = ("ingest", "work", "send")


class Ledger:
    """What the senders were promised."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.accepted: set[str] = set()
        self.tries = 0
        self._lock = threading.Lock()

    def has_more_than(self, number: int) -> bool:
        """Were more mails than this accepted?"""
        return len(self.accepted) > number

    def send_all(self, numbers: range) -> None:
        """Send mails until each was accepted, as a mail server does; over a new connection when one breaks."""
        waiting = list(numbers)
        while waiting:
            with (
                contextlib.suppress(OSError, smtplib.SMTPException),
                smtplib.SMTP("127.0.0.1", self.home.port, local_hostname="sender.test", timeout=20) as client,
            ):
                while waiting:
                    self._send(client, waiting[0])
                    waiting.pop(0)

    def _send(self, client: smtplib.SMTP, number: int) -> None:
        message_id = f"<kill-{number}@sender.test>"
        raw = (
            f"From: customer{number}@sender.test\r\nTo: {SUPPORT}\r\nSubject: Matter {number}\r\n"
            f"Message-ID: {message_id}\r\n\r\nThis is matter {number}.\r\n"
        )
        with self._lock:
            self.tries += 1
        client.sendmail(f"customer{number}@sender.test", [SUPPORT], raw)
        with self._lock:
            self.accepted.add(message_id)


def loop_process(home: Home, loop: str) -> int | None:
    """Return the process of one loop of the daemon, None while there is none."""
    assert home.daemon is not None
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, parent, arguments = line.split(None, 2)
        if int(parent) == home.daemon.pid and f"--only {loop}" in arguments:
            return int(pid)
    return None


def kill_something(home: Home, what: str) -> None:
    if what == "all":
        home.kill()
        home.start()
        return
    if process := loop_process(home, what):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize(
    ("mails", "kills"),
    [
        pytest.param(120, 4, marks=pytest.mark.timeout(300)),
        # Thirty new starts on a machine that does something else too take longer than other tests may.
        pytest.param(1000, 30, marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
def test_kills_while_mails_arrive_lose_and_double_nothing(tmp_path: Path, mails: int, kills: int) -> None:
    chance = random.Random(SEED)
    home = Home.init(tmp_path / "desk", "mari@example.com", options=("--timezone", "UTC"))
    home.environ["MAILBOT_LIMITS__CONNECTIONS_PER_ADDRESS"] = "50"
    ledger = Ledger(home)
    with running(home):
        share = mails // SENDERS
        senders = [
            threading.Thread(target=ledger.send_all, args=(range(i * share, (i + 1) * share),)) for i in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        victims = [what for what in ("all", *LOOPS) for _ in range(kills // 4 + 1)][:kills]
        chance.shuffle(victims)
        for place, what in enumerate(victims):
            # The moment is random in the stream of mails, not in time: it comes however fast the machine is.
            moment = min(mails - 1, place * mails // kills + chance.randrange(mails // kills))
            until(f"mail {moment}", partial(ledger.has_more_than, moment), patience=120)
            kill_something(home, what)
        for sender in senders:
            sender.join(timeout=300)
            assert not sender.is_alive()
        assert len(ledger.accepted) == mails
        until("every mail to be decided", lambda: undone(home) == 0, patience=300)
        until("every notice to be sent", lambda: unsent(home) == 0, patience=300)
        verified = home.mailbot("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert home.stop() == 0
    each_mail_is_one_message(home, ledger)
    no_notice_is_lost(home, mails, kills)


def undone(home: Home) -> int:
    return count(home, "SELECT count(*) FROM inbox WHERE state NOT IN ('done', 'held', 'quarantined')")


def unsent(home: Home) -> int:
    return count(home, "SELECT count(*) FROM outbox WHERE state != 'sent'")


def count(home: Home, statement: str) -> int:
    return int(str(rows(home, statement)[0][0]))


def rows(home: Home, statement: str) -> list[tuple[Any, ...]]:
    """Look into the store without mailbot's help."""
    with contextlib.closing(sqlite3.connect(home.folder / "state" / "mailbot.db", timeout=30)) as store:
        return list(store.execute(statement))


def each_mail_is_one_message(home: Home, ledger: Ledger) -> None:
    ids = Counter(
        str(row[0])
        for row in rows(home, "SELECT json_extract(body, '$.message_id') FROM history WHERE name = 'MessageAdded'")
    )
    assert set(ids) == ledger.accepted
    assert max(ids.values()) == 1
    assert count(home, "SELECT count(*) FROM cases") == len(ledger.accepted)
    numbers = [row[0] for row in rows(home, "SELECT number FROM cases ORDER BY number")]
    assert numbers == list(range(1, len(ledger.accepted) + 1))


def no_notice_is_lost(home: Home, mails: int, kills: int) -> None:
    """Every notice was delivered at least once; a copy after a kill carries the same Message-ID."""
    made = {str(row[0]) for row in rows(home, "SELECT message_id FROM outbox")}
    delivered = Counter(str(mail["Message-ID"]) for mail in home.outgoing())
    assert set(delivered) == made
    assert sum(delivered.values()) <= len(made) + kills * 50
    assert count(home, "SELECT count(*) FROM outbox WHERE template = 'case_new'") == mails
