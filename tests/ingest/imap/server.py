"""An IMAP server that answers what a test tells it to, for the replies that no real server would give."""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

#: Gets the match of the command's pattern, returns the untagged lines and the tagged line's text; None hangs up.
Answer = Callable[[re.Match[str]], bytes | None]


@dataclass
class ScriptedServer:
    """Serves these mails by UID, well; `broken` replaces the answers to commands that match a pattern."""

    mails: dict[int, bytes]
    uid_validity: str = "[UIDVALIDITY 7]"
    uid_next: str = ""
    capabilities: str = "IMAP4rev1 UIDPLUS MOVE"
    broken: dict[str, Answer] = field(default_factory=dict)
    #: Every command without its tag.
    commands: list[str] = field(default_factory=list)
    greeting: bytes = b"* OK ready\r\n"
    #: Connections so far.
    calls: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(20)
        self._listening.close()
        self.hang_up()
        for thread in self._threads[1:]:
            thread.join(20)
            assert not thread.is_alive()

    def hang_up(self) -> None:
        """End all connections; it goes on listening, and who comes back at once is not cut again."""
        for connection in [*self._connections]:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.calls += 1
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                connection.sendall(self.greeting)
                last = b""
                for line in lines:
                    tag, _, command = line.decode("latin-1").rstrip().partition(" ")
                    if not command:
                        # DONE is a word without a tag; it ends the command before (RFC 2177).
                        command = tag
                    self.commands.append(command)
                    answer = self._answer(command)
                    if answer is None:
                        return
                    connection.sendall(answer.replace(b"TAG ", tag.encode() + b" ").replace(b"LAST ", last + b" "))
                    last = tag.encode()
            except OSError:
                return

    def _answer(self, command: str) -> bytes | None:
        for pattern, answer in self.broken.items():
            if found := re.match(pattern, command):
                return answer(found)
        if command.startswith("CAPABILITY"):
            return f"* CAPABILITY {self.capabilities}\r\nTAG OK done\r\n".encode()
        if command.startswith(("SELECT", "EXAMINE")):
            lines = [f"* {len(self.mails)} EXISTS"]
            lines += [f"* OK {code}" for code in (self.uid_validity, self.uid_next) if code]
            return "".join(f"{line}\r\n" for line in lines).encode() + b"TAG OK [READ-WRITE]\r\n"
        if found := re.match(r"UID SEARCH UID (\d+):", command):
            uids = [uid for uid in self.mails if uid >= int(found[1])] or sorted(self.mails)[-1:]
            return f"* SEARCH {' '.join(map(str, uids))}\r\nTAG OK done\r\n".encode()
        if found := re.match(r"UID FETCH ([\d,]+) \(UID RFC822", command):
            return b"".join(self.listing(int(uid)) for uid in found[1].split(",")) + b"TAG OK done\r\n"
        if found := re.match(r"UID FETCH (\d+) \(UID BODY.PEEK\[\]<(\d+)\.(\d+)>", command):
            return self.piece(*(int(number) for number in found.groups())) + b"TAG OK done\r\n"
        return b"TAG OK done\r\n"

    def place(self, uid: int) -> int:
        return sorted(self.mails).index(uid) + 1

    def listing(self, uid: int) -> bytes:
        if uid not in self.mails:
            return b""
        date = '"02-Mar-2026 10:00:00 +0100"'
        size = len(self.mails[uid])
        return f"* {self.place(uid)} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE {date})\r\n".encode()

    def piece(self, uid: int, start: int, length: int) -> bytes:
        if uid not in self.mails:
            return b""
        part = self.mails[uid][start : start + length]
        head = f"* {self.place(uid)} FETCH (UID {uid} BODY[]<{start}> {{{len(part)}}}\r\n"
        return head.encode() + part + b")\r\n"
