"""Mail servers that bring very many mails: several connections at once, commands pipelined, every answer kept."""

import re
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRWPair

from tests.daemon.loops import PATIENCE

#: As many as one address may have open, with room for a test that looks in.
CONNECTIONS = 6
#: Fewer than a stranger may bring on one connection.
MAILS_PER_CONNECTION = 90

_RETURN_PATH = re.compile(rb"(?im)^return-path:[ \t]*<?([!-;=?-~]*@[!-;=?-~]+)?>?[ \t]*\r?$")
_LINE_END = re.compile(rb"\r\n|\n")
_STUFFED = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Posted:
    """A mail as its sender's server hands it over."""

    name: str
    sender: str
    #: Lines end in CRLF, as every server's do; a CR that stands alone is the mail's own.
    raw: bytes


def posted(name: str, raw: bytes, author: str) -> Posted:
    """Return the mail with the envelope sender of its trace, else its author, else the null path."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    traced = _RETURN_PATH.search(head)
    sender = (traced[1] or b"").decode("ascii") if traced else author if author.isascii() else ""
    return Posted(name, sender, _LINE_END.sub(b"\r\n", raw))


def bring(port: int, to: str, mails: Sequence[Posted]) -> dict[str, str]:
    """Bring all of them, and return the last answer to each by its name; what is put off is brought again."""
    waiting = deque(mails)
    answers: dict[str, str] = {}

    def work() -> None:
        while waiting:
            with _connection(port) as line:
                for mail in _some(waiting):
                    answer = _bring(line, to, mail)
                    if answer.startswith("4"):
                        waiting.append(mail)
                        break
                    answers[mail.name] = answer

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(work) for _ in range(CONNECTIONS)]:
            done.result()
    return answers


def _some(waiting: deque[Posted]) -> Iterator[Posted]:
    for _ in range(MAILS_PER_CONNECTION):
        # Another connection may take the last one meanwhile.
        try:
            yield waiting.popleft()
        except IndexError:
            return


@contextmanager
def _connection(port: int) -> Iterator[BufferedRWPair]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line, line.makefile("rwb") as file:
        assert _answer(file).startswith("220")
        _say(file, b"EHLO mx.sender.test\r\n")
        assert _answer(file).startswith("250")
        yield file
        _say(file, b"QUIT\r\n")
        _answer(file)


def _bring(line: BufferedRWPair, to: str, mail: Posted) -> str:
    """Hand one mail over, and return what was said to it: its end, or the first no."""
    _say(line, f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode())
    envelope = [_answer(line) for _ in range(3)]
    if not envelope[2].startswith("354"):
        return next(answer for answer in envelope if not answer.startswith("2"))
    _say(line, _STUFFED.sub(b"..", mail.raw) + (b"" if mail.raw.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    return _answer(line)


def _say(line: BufferedRWPair, words: bytes) -> None:
    line.write(words)
    line.flush()


def _answer(line: BufferedRWPair) -> str:
    """Read an answer to its last line (RFC 5321 section 4.2.1)."""
    while (said := line.readline())[3:4] == b"-":
        pass
    return said.decode().rstrip()
