"""A private, real PostgreSQL for the tests, one per test process, gone with it.

As root it runs as the user `postgres` (the package's own), else as whoever runs the tests. Never touches the system's
clusters. Nothing is brought to the disk: what a test kills is the server, never the machine.
"""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.servers.ports import free_port

#: Seconds that a start or a stop may take on a busy machine.
PATIENCE = 30.0
INITDB = "--auth=trust --username=postgres --no-sync --encoding=UTF8 --locale=C.UTF-8"
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 100
"""
#: Whoever is called so must know a password; all others are believed.
GUARDED = "guarded"
ACCESS = f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"


def _programs() -> Path | None:
    """Where the newest version's programs lie: Debian keeps them off PATH, one folder for each version."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found = shutil.which("postgres")
    return max(folders, key=lambda one: int(one.parent.name), default=Path(found).parent if found else None)


PROGRAMS = _programs()


class Postgres:
    """A database server on loopback, at `port`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(folder / "data"), *INITDB.split())
        (folder / "data" / "postgresql.auto.conf").write_text(SETTINGS.format(port=self.port))
        (folder / "data" / "pg_hba.conf").write_text(ACCESS)

    def start(self) -> None:
        """Start it and wait until it answers. From the main thread: the server ends with the thread that started it."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_become("--pdeathsig", "INT"), str(_program("postgres")), "-D", str(self.folder / "data")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"PostgreSQL does not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it in an orderly way, whoever is connected; what it keeps stays."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End the server and all its sessions at once, as a crash would; what was committed stays."""
        if self._process is None:
            return
        family = [self._process.pid, *self._children()]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._process = None
        # The next start is refused as long as one of them holds the shared memory.
        deadline = time.monotonic() + PATIENCE
        while any(map(_runs, family)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not end:\n{self.log()}")
            time.sleep(0.02)

    def freeze(self) -> None:
        """Stop every process of it where it stands, as a machine that hangs does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """What the server wrote down, for a failing test to show."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def url(self, database: str, user: str = "postgres") -> str:
        """The address of a database, as an operator writes it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of another one, and return its name."""
        name = f"test{next(self._numbers)}"
        self.tell(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever uses it."""
        self.tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def tell(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the server's owner and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        try:
            return self.tell("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def _children(self) -> Sequence[int]:
        if self._process is None or self._process.poll() is not None:
            return ()
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "it runs"
        for pid in (self._process.pid, *self._children()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _run(self, program: str, *words: str) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        # Its working folder must be one that it may enter.
        command = [*_become(), str(_program(program)), *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _runs(pid: int) -> bool:
    """Does a process live? One that is dead and not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _become(*words: str) -> list[str]:
    own = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *words, *own] if words or own else []


def _program(name: str) -> Path:
    assert PROGRAMS is not None, "the fixture looked"
    return PROGRAMS / name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The running server, shared by the tests of a process: each makes its databases; who kills it starts it again."""
    if PROGRAMS is None:
        reason = "PostgreSQL is missing: run 'apt-get install --no-install-recommends postgresql' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="mailbot-sql-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        server.start()
        yield server
        server.stop(signal.SIGQUIT)  # nobody looks at what it keeps any more
