"""Large mails as files: named by the SHA-256 of their bytes, kept as they came, so that one can look at them.

A file is on the disk, and its folder entry too, before any row names it. Files that no row names are swept under a
lock that nobody holds who is about to name one. Never decides which mail is large.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.store.durable import fsync_folder, write_durably


class RawFiles:
    """The folder of the large mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the mail with this digest lies or would lie."""
        return self.folder / sha256[:2] / f"{sha256}.eml"

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Hold the sweeper off while files are written whose rows are not there yet."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def add(self, sha256: str, raw: bytes) -> None:
        """Write the bytes durably; only inside `adding`."""
        path = self.path(sha256)
        path.parent.mkdir(exist_ok=True)
        # Also where it is there already: another process may have made it a moment ago and not yet have come so far.
        fsync_folder(self.folder)
        if path.exists():
            fsync_folder(path.parent)
        else:
            write_durably(path, raw)

    def read(self, sha256: str) -> bytes:
        """Return the bytes. Raises OSError."""
        return self.path(sha256).read_bytes()

    def all(self) -> Iterator[tuple[str, Path]]:
        """Yield the digest in each file's name, and the file."""
        for path in sorted(self.folder.glob("??/*.eml")):
            yield path.stem, path

    def sweep(self, named: Callable[[str], bool]) -> int:
        """Remove files that no row names, and what a crash left half written; return how many."""
        with self._locked(fcntl.LOCK_EX):
            unnamed = [path for sha256, path in self.all() if not named(sha256)]
            unnamed += self.folder.glob("??/*.part")
            for path in unnamed:
                path.unlink()
        return len(unnamed)

    def faults(self) -> Iterator[str]:
        """Yield one line per file whose bytes are not those that its name promises."""
        for sha256, path in self.all():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    yield f"{path}: the bytes are not those of its name; bring the file back from a backup"

    @contextmanager
    def _locked(self, mode: int) -> Iterator[None]:
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            fsync_folder(self.folder.parent)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, mode)
            yield
        finally:
            os.close(descriptor)
