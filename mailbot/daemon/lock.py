"""One daemon per state folder: a lock per role, held as long as the process lives and freed by the kernel when it dies.

An SQLite database that lies elsewhere has a lock beside it as well; a database server's nodes each have a folder.
Also ties a loop's life to its supervisor's. Never waits long, never removes a lock file.
"""

import ctypes
import fcntl
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from mailbot.daemon.supervisor import PARENT
from mailbot.faults import Fault, Faults

#: prctl(2): the signal that the kernel sends when the parent dies.
_PR_SET_PDEATHSIG = 1


class RoleLock:
    """The right to be this role on this state folder, or on a database of its own."""

    def __init__(self, folder: Path, role: str, database: Path | None = None) -> None:
        """Name the lock; it is taken by `take`."""
        self.role = role
        self._what, self._whose = ("database", database) if database else ("state folder", folder)
        self._path = database.with_name(f"{database.name}.{role}.lock") if database else folder / "run" / f"{role}.lock"
        self._folders = () if database else (folder, self._path.parent)
        self._descriptor = -1

    def take(self, wait: Callable[[float], None], patience: float = 0.0) -> None:
        """Take the lock; try for `patience` seconds while a predecessor dies. Raises Faults when somebody has it."""
        try:
            for folder in self._folders:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            key = "store.url" if self._what == "database" else "store.folder"
            wrong = f"cannot be used ({error.strerror}); mailbot needs to write in {self._path.parent}"
            raise Faults([Fault(file=str(self._path), key=key, wrong=wrong)]) from None
        while not self._locked():
            if patience <= 0:
                raise Faults([Fault(file=str(self._whose), key="", wrong=self._taken())])
            wait(0.1)
            patience -= 0.1
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _taken(self) -> str:
        holder = self._path.read_text().strip()
        what = "mailbot" if self.role == "supervisor" else f"mailbot's {self.role}"
        who = f" (process {holder})" if holder else ""
        another = self._what.rpartition(" ")[2]
        return f"another {what} already runs on this {self._what}{who}; stop it first, or name another {another}"


def holder(folder: Path, role: str) -> int | None:
    """Return the process that is this role on the state folder, 0 where it cannot be told, None when nobody is.

    Raises OSError when the lock cannot be looked at.
    """
    path = folder / "run" / f"{role}.lock"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        written = path.read_text().strip()
        return int(written) if written.isdecimal() else 0
    finally:
        os.close(descriptor)
    return None


def die_with_parent(environ: Mapping[str, str]) -> bool:
    """Let the kernel end this process when its supervisor dies; False when the supervisor is gone already."""
    if not (parent := environ.get(PARENT)):
        return True
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # It may have died before the kernel was told.
    return os.getppid() == int(parent)
