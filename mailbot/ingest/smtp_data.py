"""The bytes after DATA: found to their end in chunks, with a bound on memory whatever the client sends.

Reads no socket and sends no reply: it is fed and says what it has found. Never believes any end of data but
CRLF.CRLF (RFC 5321 section 4.1.1.4), and never repairs a mail that has other line ends.
"""

import threading
from enum import Enum

_END = b"\r\n.\r\n"
#: What may stand before the end in an earlier chunk.
_OVERLAP = len(_END) - 1


class DataFault(Enum):
    """Why a mail cannot be taken, with the reply to give (RFC 5321 section 4.2, RFC 3463)."""

    TOO_LARGE = "552 5.3.4 This mail is larger than we take"
    BARE_LINE_END = "550 5.6.11 This mail has a CR or LF that is not part of a CRLF line end"
    NUL = "550 5.6.0 This mail holds a NUL byte"
    #: All the mails that are coming in just now are too much together.
    NO_ROOM = "452 4.3.1 Too much mail is coming in just now; please try again in a minute"


class DataRoom:
    """The memory that all mails in hand share, in bytes; listeners on several threads may share it."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """Reserve room for so many bytes, or say that there is none."""
        with self._lock:
            if size > self._free:
                return False
            self._free -= size
            return True

    def give_back(self, size: int) -> None:
        """Free what was taken."""
        with self._lock:
            self._free += size


class DataReader:
    """One mail on its way in."""

    def __init__(self, limit: int, room: DataRoom) -> None:
        self._limit = limit
        self._room = room
        self._taken = 0
        #: The line end of the DATA command counts as the first of the end mark.
        self._body = bytearray(b"\r\n")
        self._tail = b"\r\n"
        self._count = 0
        #: Was the end of the data seen?
        self.complete = False
        #: What came behind the end: further commands, sent without waiting (RFC 2920).
        self.rest = b""
        self.fault: DataFault | None = None

    @property
    def flooded(self) -> bool:
        """Has the client sent more than twice the limit? It is not worth waiting for its end."""
        return self._count > 2 * self._limit

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; call it no more once `complete`."""
        seen = self._tail + chunk
        end = seen.find(_END)
        if end >= 0:
            self.complete = True
            self.rest = seen[end + len(_END) :]
            # The last line's own end stays; it may lie in the part that was kept before.
            chunk = seen[len(self._tail) : end + 2]
            surplus = len(self._tail) - (end + 2)
        else:
            surplus = 0
            self._tail = seen[-_OVERLAP:]
        self._count += len(chunk)
        self._keep(chunk)
        if surplus > 0 and self.fault is None:
            # Part of the end mark came with an earlier chunk.
            del self._body[-surplus:]

    def message(self) -> bytes:
        """Return the mail as it was meant, without transparency dots; empty when there is a fault."""
        if self.fault is None:
            self.fault = self._line_fault()
        if self.fault is not None:
            self.close()
            return b""
        body, self._body = self._body, bytearray()
        if b"\r\n." in body:
            # RFC 5321 section 4.5.2: a dot that begins a line goes, whatever follows it.
            body = body.replace(b"\r\n.", b"\r\n")
        del body[:2]
        return bytes(body)

    def close(self) -> None:
        """Give the room back; the mail is stored, refused or gone."""
        self._body = bytearray()
        self._room.give_back(self._taken)
        self._taken = 0

    def _keep(self, chunk: bytes) -> None:
        if self.fault is not None:
            return
        if self._count > self._limit:
            self.fault = DataFault.TOO_LARGE
        elif not self._room.take(len(chunk)):
            self.fault = DataFault.NO_ROOM
        else:
            self._taken += len(chunk)
            self._body += chunk
            return
        self.close()

    def _line_fault(self) -> DataFault | None:
        """Refuse what another server could read as another mail: SMTP smuggling lives on lenient line ends."""
        lines = self._body.count(b"\r\n")
        if self._body.count(b"\r") != lines or self._body.count(b"\n") != lines:
            return DataFault.BARE_LINE_END
        return DataFault.NUL if b"\0" in self._body else None
