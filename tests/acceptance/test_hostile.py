"""Ten hostile clients against the whole running daemon: what they cost, who else is served meanwhile, what they hear.

Each loop is a real process and is measured as the kernel does it; a second client keeps writing from another address.
"""

import contextlib
import re
import smtplib
import socket
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.daemon.desk import AGENT, CUSTOMER, DESK, Daemon, Home
from tests.daemon.loops import PATIENCE, eventually

#: What one loop may hold in memory at its worst, in bytes.
MOST = 300 * 2**20
#: Seconds in which everybody else must have their 250.
SERVED = 2.0
#: Where the other client writes from: the hostile ones have the addresses before it.
OTHER = "127.0.0.99"
OPENING = f"EHLO there\r\nMAIL FROM:<{CUSTOMER}>\r\nRCPT TO:<{DESK}>\r\nDATA\r\n".encode()
HEAD = f"From: {CUSTOMER}\r\nTo: {DESK}\r\nMessage-ID: <%s@hostile.test>\r\nSubject: %s\r\n"
REPLY = re.compile(rb"[2-5][0-9][0-9][ -][ -~]*\r\n")
INSIDE = re.compile(rb"(?i)traceback|exception|\.py\b|mailbot/|site-packages")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Home(tmp_path_factory.mktemp("hostile") / "desk").run() as running:
        yield running.ready()


def peak(pid: int) -> int:
    """The most memory that a process has held so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@dataclass
class Attack:
    """What hostile clients do and hear, and what the other client meets meanwhile."""

    daemon: Daemon
    heard: list[bytes] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def connect(self, number: int = 1) -> socket.socket:
        """Connect as a hostile client does, from one of its addresses."""
        return socket.create_connection(("127.0.0.1", self.daemon.port), PATIENCE, (f"127.0.0.{number}", 0))

    def listen(self, client: socket.socket) -> bytes:
        """Read to the end of the connection and keep what was said."""
        said = b""
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                said += piece
        self.heard.append(said)
        return said

    def throw(self, *pieces: bytes, number: int = 1) -> bytes:
        """Send all of it whatever is said, unless the connection is closed over it, and return what was said."""
        with self.connect(number) as client:
            listener = threading.Thread(target=lambda: said.append(self.listen(client)))
            said: list[bytes] = []
            listener.start()
            with contextlib.suppress(OSError):
                for piece in pieces:
                    client.sendall(piece)
                client.sendall(b"QUIT\r\n")
            listener.join(PATIENCE)
        assert said, "the server neither answers nor closes"
        return said[0]

    def serve_others(self) -> None:
        """Write a mail now and then, and note how long its 250 took."""
        while not self._over.wait(0.1):
            began = time.monotonic()
            self._write(f"probe-{began}")
            self.waits.append(time.monotonic() - began)

    def _write(self, name: str) -> None:
        mail = (HEAD % (name, "Please help")).encode() + b"\r\nThe printer burns.\r\n"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # A busy server may ask to come again; the wait goes on meanwhile.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                with smtplib.SMTP("127.0.0.1", self.daemon.port, "c.test", PATIENCE, (OTHER, 0)) as smtp:
                    smtp.sendmail(CUSTOMER, [DESK], mail)
                return
            time.sleep(0.1)

    def watched(self, attack: Callable[["Attack"], None]) -> None:
        """Run the attack while the other client writes."""
        other = threading.Thread(target=self.serve_others)
        other.start()
        try:
            eventually(lambda: self.waits, "the other client is served before the attack")
            attack(self)
            served = len(self.waits)
            eventually(lambda: len(self.waits) > served + 1, "the other client is served after the attack")
        finally:
            self._over.set()
            other.join()

    def rows(self) -> list[tuple[str, str, str]]:
        """The inbox: state, reason and peer of each mail, in the order of their coming."""
        with contextlib.closing(sqlite3.connect(self.daemon.home / "state" / "mailbot.db")) as store:
            return store.execute("select state, reason, peer from inbox order by id").fetchall()

    def settle(self) -> None:
        """Wait until every mail has come to its end."""
        eventually(
            lambda: not any(state in ("waiting", "working") for state, *_ in self.rows()), "every mail has its end", 60
        )

    def judge(self) -> None:
        """Hold what every attack must leave true."""
        self.settle()
        assert max(self.waits) < SERVED, self.waits
        for said in self.heard:
            lines = said.splitlines(keepends=True)
            assert all(REPLY.fullmatch(line) for line in lines), lines[-3:]
            assert not INSIDE.search(said), lines[-3:]
        loops = self.daemon.children()
        assert set(loops) == {"ingest", "work", "send"}
        for name, pid in loops.items():
            assert peak(pid) < MOST, f"{name}: {peak(pid) / 2**20:.0f} MB"
        assert '"level": "error"' not in self.daemon.log()
        assert "Traceback" not in self.daemon.log()


def no_line_end(attack: Attack) -> None:
    said = attack.throw(OPENING, *[b"a" * 2**20] * 100)
    assert b"421 5.3.4" in said or b"552 5.3.4" in said or said.endswith(b"<CR><LF>.<CR><LF>\r\n")


def empty_lines(attack: Attack) -> None:
    said = attack.throw(OPENING, (HEAD % ("empty", "x")).encode(), *[b"\r\n" * 2**19] * 32, b".\r\n")
    assert b"250 2.0.0" in said


def many_recipients(attack: Attack) -> None:
    rcpt = f"RCPT TO:<{DESK}>\r\n".encode()
    said = attack.throw(b"EHLO there\r\n", f"MAIL FROM:<{CUSTOMER}>\r\n".encode(), *[rcpt * 1000] * 20)
    assert said.count(b"250 2.1.5") == 20
    assert b"452 4.5.3" in said


def bare_line_ends(attack: Attack) -> None:
    for wrong in (b"a\nb", b"a\rb", b"\n.\n", b"\r.\r", b"\n.\r\n"):
        said = attack.throw(OPENING, (HEAD % ("bare", "x")).encode(), b"\r\n" + wrong + b"\r\n.\r\n")
        assert b"550 5.6.11" in said


def slow_bytes(attack: Attack) -> None:
    clients = [attack.connect(1 + number // 10) for number in range(60)]
    for number, client in enumerate(clients):
        client.sendall(OPENING if number % 2 else b"EHLO there\r\n")
    for letter in b"From: a slow and steady sender wears the server down" * 2:
        for client in clients:
            client.sendall(bytes([letter]))
        time.sleep(0.02)
    for client in clients:
        client.shutdown(socket.SHUT_WR)
        attack.listen(client)
        client.close()


def many_connections(attack: Attack) -> None:
    clients = [attack.connect(1 + number // 10) for number in range(200)]
    served = len(attack.waits)
    eventually(lambda: len(attack.waits) > served + 3, "others are served while all connections are taken")
    for client in clients:
        client.shutdown(socket.SHUT_WR)
        attack.listen(client)
        client.close()
    assert sum(b"421 4." in said for said in attack.heard) >= 100


def hang_up_in_data(attack: Attack) -> None:
    for number in range(60):
        client = attack.connect(1 + number % 6)
        client.sendall(OPENING + (HEAD % ("gone", "x")).encode() + b"a\r\n" * 30_000)
        if number % 2:
            # RST instead of FIN.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()


def deep_mail(attack: Attack) -> None:
    levels = [f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3000)]
    said = attack.throw(OPENING, (HEAD % ("deep", "x") + "".join(levels) + "\r\ntext\r\n.\r\n").encode())
    assert b"250 2.0.0" in said


def semicolons(attack: Attack) -> None:
    field = "Content-Type: text/plain" + ";" * 14_000
    said = attack.throw(OPENING, (HEAD % ("semicolons", "x") + field + "\r\n\r\ntext\r\n.\r\n").encode())
    assert b"250 2.0.0" in said


def encoded_words(attack: Attack) -> None:
    words = " =?utf-8?q?a?=\r\n" * 100_000
    said = attack.throw(OPENING, (HEAD % ("words", "x") + "X-Long:\r\n" + words + "\r\ntext\r\n.\r\n").encode())
    assert b"250 2.0.0" in said


ATTACKS = (
    no_line_end,
    empty_lines,
    many_recipients,
    bare_line_ends,
    slow_bytes,
    many_connections,
    hang_up_in_data,
    deep_mail,
    semicolons,
    encoded_words,
)
#: How the mail of an attack ends that was taken: its state, and the beginning of the reason.
ENDS: dict[Callable[[Attack], None], list[tuple[str, str]]] = {
    empty_lines: [("quarantined", "limit: 16777")],
    deep_mail: [("quarantined", "limit: containers 31 deep")],
    semicolons: [("done", "")],
    encoded_words: [("quarantined", "limit: a header of")],
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_hostile_client_costs_little_memory_keeps_nobody_out_and_hears_nothing_of_our_inside(
    daemon: Daemon, attack: Callable[[Attack], None]
):
    under = Attack(daemon)
    before = len(under.rows())
    under.watched(attack)
    under.judge()
    new = under.rows()[before:]
    assert sum(peer == OTHER for *_, peer in new) == len(under.waits)
    ended = [(state, reason) for state, reason, peer in new if peer != OTHER]
    assert len(ended) == len(ENDS.get(attack, []))
    for (state, reason), (meant, begins) in zip(ended, ENDS.get(attack, []), strict=True):
        assert (state, reason[: len(begins)]) == (meant, begins)


def large_mail(name: str, size: int = 34_900_000) -> bytes:
    """Write a mail of nearly the largest size that is taken: text, and a file in base64."""
    head = HEAD % (name, "Large") + 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
    text = "--=_b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
    file = "--=_b\r\nContent-Type: application/octet-stream; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    row = b"TWFpbGJvdCByZWFkcyBsYXJnZSBtYWlscyBpbiBzbWFsbCBwaWVjZXMgb2YgbWVtb3J5LCB5ZXMh\r\n"
    return (head + text + file).encode() + row * (size // len(row)) + b"--=_b--\r\n"


def listening(port: int) -> bool:
    """Is the port open?"""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        return client.recv(4) == b"220 "
    return False


def hand_over(port: int, mail: bytes, replies: list[int]) -> None:
    with smtplib.SMTP("127.0.0.1", port, "c.test", 120) as smtp:
        smtp.ehlo()
        smtp.mail(CUSTOMER)
        smtp.rcpt(DESK)
        replies.append(smtp.data(mail)[0])


def side_by_side(port: int, mails: list[bytes]) -> list[int]:
    """Send them side by side; return the replies."""
    replies: list[int] = []
    senders = [threading.Thread(target=hand_over, args=(port, mail, replies)) for mail in mails]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return replies


@pytest.mark.timeout(180)
def test_six_of_the_largest_mails_at_once_are_all_taken_in_little_memory(tmp_path: Path):
    with Home(tmp_path / "desk").run("--only", "ingest") as ingest:
        eventually(lambda: listening(ingest.port), "it listens")
        mails = [large_mail(f"large-{number}") for number in range(6)]
        assert side_by_side(ingest.port, mails) == [250] * 6
        assert peak(ingest.process.pid) < MOST
        assert list((tmp_path / "desk" / "state").glob("tmp*")) == []


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(large_mail("file"), id="file"),
        pytest.param(
            (HEAD % ("text", "Text")).encode() + b"\r\n" + b"It burns, and nobody comes to help us.\r\n" * 560_000,
            id="text",
        ),
        pytest.param(
            (HEAD % ("html", "Html") + "Content-Type: text/html\r\n\r\n").encode()
            + b"<p>It <b>burns</b>, and nobody comes to help us &amp; you.</p>\r\n" * 540_000,
            id="html",
        ),
        pytest.param((HEAD % ("short", "Short lines")).encode() + b"\r\n" + b"a\r\n" * 599_000, id="short-lines"),
        pytest.param((HEAD % ("one", "One line")).encode() + b"\r\n" + b"a " * 17_000_000 + b"\r\n", id="one-line"),
    ],
)
def test_the_largest_mails_are_read_and_sent_on_in_little_memory(tmp_path: Path, mail: bytes):
    with Home(tmp_path / "desk").run() as daemon:
        under = Attack(daemon.ready())
        mails = [mail.replace(b"@hostile", b"@%d.hostile" % number, 1) for number in range(2)]
        assert side_by_side(daemon.port, mails) == [250] * 2
        under.settle()
        assert [state for state, *_ in under.rows()] == ["done", "done"]
        eventually(lambda: len(daemon.sent(AGENT)) == 2, "the team has both", 90)
        for name, pid in daemon.children().items():
            assert peak(pid) < MOST, f"{name}: {peak(pid) / 2**20:.0f} MB"
