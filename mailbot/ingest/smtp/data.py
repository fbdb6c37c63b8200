"""The bytes after DATA: found to their end in chunks, with a bound on memory whatever the client sends.

Reads no socket and sends no reply: it is fed and says what it has found. A mail that grows large waits for its end on
the disk, in a file without a name, so that many slow ones cost little memory. Never believes any end of data but
CRLF.CRLF (RFC 5321 section 4.1.1.4), and never repairs a mail that has other line ends.
"""

import threading
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

_END = b"\r\n.\r\n"
#: Bytes of one mail that stay in memory; a larger one goes to the disk until its end is there.
IN_MEMORY = 256 * 1024


class DataFault(Enum):
    """Why a mail cannot be taken, with the reply to give (RFC 5321 section 4.2, RFC 3463)."""

    TOO_LARGE = "552 5.3.4 This mail is larger than we take"
    BARE_LINE_END = "550 5.6.11 This mail has a CR or LF that is not part of a CRLF line end"
    NUL = "550 5.6.0 This mail holds a NUL byte"
    #: All the mails that are coming in just now are too much together, or the disk is full.
    NO_ROOM = "452 4.3.1 Too much mail is coming in just now; please try again in a minute"


class DataRoom:
    """The space that all mails in hand share, in bytes; listeners on several threads may share it."""

    def __init__(self, size: int, folder: Path | None = None) -> None:
        """Files go to `folder`, None for the system's folder for such files."""
        self._free = size
        self._lock = threading.Lock()
        self.folder = folder

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
        self._kept = bytearray()
        self._file: IO[bytes] | None = None
        #: What may turn out to be part of the end; the line end of the DATA command counts as the first of it.
        self._carry = b"\r\n"
        #: Bytes of that line end that are not yet behind us: they are not the mail's.
        self._lead = len(self._carry)
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

    @property
    def large(self) -> bool:
        """Does the mail wait on the disk?"""
        return self._file is not None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; call it no more once `complete`."""
        seen = self._carry + chunk
        end = seen.find(_END)
        if end >= 0:
            self.complete = True
            self.rest = seen[end + len(_END) :]
            # The last line's own end stays.
            end += 2
        else:
            end = len(seen) - _begun(seen)
            self._carry = seen[end:]
        self._keep(seen[:end])

    def message(self) -> bytes:
        """Return the mail as it was meant, without transparency dots; empty when there is a fault."""
        if self._file is None:
            return bytes(self._kept)
        try:
            self._file.seek(0)
            return self._file.read()
        except OSError:
            self.fault = DataFault.NO_ROOM
            return b""

    def close(self) -> None:
        """Give the room back; the mail is stored, refused or gone."""
        self._kept.clear()
        if self._file is not None:
            self._file.close()
        self._file = None
        self._room.give_back(self._taken)
        self._taken = 0

    def _keep(self, lines: bytes) -> None:
        """Keep what is surely the mail's; a CR or LF in it stands beside all that can belong to it."""
        self._count += len(lines) - min(len(lines), self._lead)
        if self.fault is None:
            self.fault = self._fault(lines)
            if self.fault is not None:
                self.close()
        self._lead -= min(len(lines), self._lead)

    def _fault(self, lines: bytes) -> DataFault | None:
        if self._count > self._limit:
            return DataFault.TOO_LARGE
        if fault := _line_fault(lines):
            return fault
        # RFC 5321 section 4.5.2: a dot that begins a line goes, whatever follows it.
        mail = lines.replace(b"\r\n.", b"\r\n")[self._lead :]
        if not self._room.take(len(mail)):
            return DataFault.NO_ROOM
        self._taken += len(mail)
        self._kept += mail
        try:
            self._overflow()
        except OSError:
            return DataFault.NO_ROOM
        return None

    def _overflow(self) -> None:
        """Take to the disk what is too much for the memory. Raises OSError."""
        if self._file is None and len(self._kept) > IN_MEMORY:
            self._file = TemporaryFile(buffering=0, dir=self._room.folder)  # noqa: SIM115 - `close` closes it
        if self._file is not None:
            self._file.write(self._kept)
            self._kept.clear()


def _begun(seen: bytes) -> int:
    """Return how many of the last bytes may be the beginning of the end mark."""
    return next((size for size in range(len(_END) - 1, 0, -1) if seen.endswith(_END[:size])), 0)


def _line_fault(lines: bytes) -> DataFault | None:
    """Refuse what another server could read as another mail: SMTP smuggling lives on lenient line ends."""
    ends = lines.count(b"\r\n")
    if lines.count(b"\r") != ends or lines.count(b"\n") != ends:
        return DataFault.BARE_LINE_END
    return DataFault.NUL if b"\0" in lines else None
