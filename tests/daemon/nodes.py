"""Two nodes of one desk: daemons with a state folder each, on one PostgreSQL, behind one Postfix."""

import shutil
import smtplib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mailbot.event import MessageAdded
from mailbot.store.sql import SqlStore, open_store
from tests.daemon.desk import AGENT, Daemon, Home
from tests.daemon.loops import eventually
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres

DESK = "support@nodes.test"
#: Mails that may wait for a decision before the next ones are sent: they come all the time, as they do in life.
AHEAD = 30


class Node:
    """One machine of the desk, as far as a test has several: it is started and killed as a whole."""

    def __init__(self, home: Home, environ: dict[str, str]) -> None:
        self.home = home
        self._environ = environ
        self._life = ExitStack()
        self._daemon: Daemon

    def start(self) -> "Node":
        """Run it."""
        self._daemon = self._life.enter_context(self.home.run(**self._environ))
        return self

    def ready(self) -> None:
        """Wait until it takes mail."""
        eventually(lambda: b"mailbot works" in self._daemon.greeting(), "the node is ready", 120)

    def kill(self) -> None:
        """End all of it at once."""
        self._life.close()

    @property
    def hop(self) -> str:
        """Where Postfix finds it."""
        return f"[127.0.0.1]:{self.home.port}"

    def sent(self) -> Iterator[str]:
        """The Message-IDs of the letters that it took to its relay."""
        for file in (self.home.folder / "outgoing").glob("*/*"):
            head = file.read_text().partition("\n\n")[0]
            yield from (line[12:].strip() for line in head.splitlines() if line.startswith("Message-ID: "))


class Desk:
    """A desk of two nodes with its store open."""

    def __init__(self, folder: Path, postgres: Postgres, postfix: Postfix) -> None:
        self.database = postgres.create()
        self.store: SqlStore = open_store(postgres.url(self.database), folder)
        self._postfix = postfix
        first = Home(folder / "node-0")
        shutil.copytree(first.folder, folder / "copy")
        second = Home(folder / "node-1")
        shutil.copytree(folder / "copy", second.folder, dirs_exist_ok=True)
        environ = {
            "MAILBOT_DESK__ADDRESS": DESK,
            "MAILBOT_STORE__URL": postgres.url(self.database),
            "MAILBOT_LISTEN__BORDERS": '["127.0.0.1"]',
            # What Postfix calls itself.
            "MAILBOT_IDENTITY__AUTHSERV_ID": "mx.example.com",
        }
        self.nodes = [Node(home, environ) for home in (first, second)]
        # Some mail comes to the one first, some to the other; and to the other one when that does not answer.
        for extension, order in (("east", self.nodes), ("west", self.nodes[::-1])):
            postfix.route(f"support+{extension}@nodes.test", f"smtp:{', '.join(node.hop for node in order)}")
        postfix.route("nodes.test", "error:5.1.1 only with one of the two")

    def close(self) -> None:
        """Leave nothing of it."""
        for node in self.nodes:
            node.kill()
        self.store.close()

    def rows(self, statement: str) -> Sequence[Any]:
        """Ask the store."""
        with self.store.reading() as connection:
            return connection.exec_driver_sql(statement).all()

    def rests(self) -> bool:
        """Is nothing left to do, at the mail server, in the inbox and in the outbox?"""
        return not (self._postfix.queue() or self.rows("SELECT 1 FROM inbox WHERE ending IS NULL") or self._unsent())

    def decided(self) -> int:
        """How many mails have ended."""
        return int(self.rows("SELECT count(*) FROM inbox WHERE ending IS NOT NULL")[0][0])

    def send(self, threads: int, mails: int) -> None:
        """Let customers write so many mails in each of so many threads, never far ahead of the desk."""
        with smtplib.SMTP("127.0.0.1", self._postfix.relay_port, "customers.test", timeout=60) as client:
            for turn in range(mails):
                for thread in range(threads):
                    sent = turn * threads + thread
                    eventually(lambda sent=sent: sent - self.decided() < AHEAD, "the desk keeps up", 100)  # type: ignore[misc]  # mypy cannot tell a default from a parameter
                    client.sendmail(_customer(thread), [_desk(thread + turn)], _mail(thread, turn))

    def faults(self, threads: int, mails: int) -> list[str]:
        """What is not as it should be when all is done."""
        named = {_id(thread, turn): thread for thread in range(threads) for turn in range(mails)}
        came = Counter(row.message_id for row in self.rows("SELECT message_id FROM inbox"))
        found = [f"mail {one} came {came[one]} times" for one in named.keys() | came.keys() if came[one] != 1]
        if found:
            found += [line for line in self._postfix.log().splitlines() if "@nodes.test" in line and "bounce" in line]
        cases: dict[int, set[int]] = {thread: set() for thread in range(threads)}
        for row in self.rows('SELECT message_id, ending, "case" FROM inbox'):
            cases[named[row.message_id]].add(row.case)
            if row.ending not in {"new", "threaded"}:
                found.append(f"mail {row.message_id} ended as {row.ending}")
        found += [f"thread {thread} is in the cases {those}" for thread, those in cases.items() if len(those) != 1]
        numbers = sorted(case.number for case in self.store.cases())
        if numbers != list(range(1, threads + 1)):
            found.append(f"the cases are {numbers}")
        return found + list(self._notice_faults(threads, mails))

    def _notice_faults(self, threads: int, mails: int) -> Iterator[str]:
        events = (line.happened.event for line in self.store.history() if line.happened)
        added = sum(isinstance(event, MessageAdded) for event in events)
        if added != threads * mails:
            yield f"{added} messages were added"
        told = Counter(row[0] for row in self.rows(_TOLD.format(AGENT)))
        yield from (f"mail {mail} was told {count} times" for mail, count in told.items() if count != 1)
        if len(told) != threads * mails:
            yield f"the agent heard of {len(told)} mails"
        made = {row.message_id for row in self.rows("SELECT message_id FROM outbox")}
        sent = {one for node in self.nodes for one in node.sent()}
        if made != sent:
            yield f"made and never sent: {sorted(made - sent)}; sent and never made: {sorted(sent - made)}"

    def _unsent(self) -> Sequence[Any]:
        return self.rows("SELECT 1 FROM outbox WHERE state != 'sent'")


#: For each letter to the agent the mail of whose decision it comes.
_TOLD = (
    "SELECT d.inbox_id FROM outbox o JOIN history h ON h.key = o.key JOIN decisions d ON d.id = h.decision"
    " WHERE o.recipient = '{}' AND d.inbox_id IS NOT NULL"
)


def _customer(thread: int) -> str:
    return f"c{thread}@customer.test"


def _desk(number: int) -> str:
    return f"support+{'east' if number % 2 else 'west'}@nodes.test"


def _id(thread: int, turn: int) -> str:
    return f"<{thread}.{turn}@customer.test>"


def _mail(thread: int, turn: int) -> str:
    """A mail with the border's word on its sender; each after the first names all before it."""
    earlier = "\r\n ".join(_id(thread, one) for one in range(turn))
    fields = [
        "Authentication-Results: mx.example.com; dmarc=pass header.from=customer.test",
        f"From: {_customer(thread)}",
        f"To: {DESK}",
        f"Subject: {'Re: ' if turn else ''}The lift of house {thread}",
        f"Message-ID: {_id(thread, turn)}",
        *([f"In-Reply-To: {_id(thread, turn - 1)}", f"References: {earlier}"] if turn else []),
    ]
    return "\r\n".join([*fields, "", f"It stands still in floor {turn} now.", ""])
