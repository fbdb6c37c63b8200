"""The files that a log-in takes its secret from: were they changed since a server refused it?

Looks at the files and reads none of them. A change counts once the file has been the same for two looks, so that one
which is just being written is not tried half.
"""

from collections.abc import Iterable
from pathlib import Path

#: What tells a file from the one that was there before: when it was written, its size, its number, who may read it.
_State = tuple[int, int, int, int] | None


class SecretFiles:
    """Some files, and how they were when their secrets were read."""

    def __init__(self, read: Iterable[Path], used: Iterable[Path] = ()) -> None:
        """`read` were read just now and are not again; `used` are read anew for each log-in, and written at times."""
        self._used = tuple(used)
        self._known = {file: _state(file) for file in (*read, *self._used)}
        self._seen = dict(self._known)

    def refused(self) -> None:
        """Take in that what lies there now was refused; what we wrote ourselves on the way is no change."""
        self._known |= {file: _state(file) for file in self._used}
        self._seen = dict(self._known)

    def changed(self) -> bool:
        """Look once; is there another secret than the one that was refused, and does its file rest?"""
        before, self._seen = self._seen, {file: _state(file) for file in self._known}
        return before == self._seen != self._known


def _state(file: Path) -> _State:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode
