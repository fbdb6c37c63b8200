"""A private, real Rspamd for the tests: the milter that checks DKIM, SPF and DMARC before a Postfix.

Its names come from a `NameServer`, so that test domains have keys and policies. Never touches the system's Rspamd.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.servers.dns import NameServer
from tests.servers.ports import free_port

HERE = Path(__file__).resolve().parent
PROGRAM = shutil.which("rspamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
#: Seconds that a start or a stop may take on a busy machine.
PATIENCE = 60.0
#: What its section `milter_headers` holds: results for everybody, and none that came along.
MILTER_HEADERS = """use = ["authentication-results"];
skip_local = false;
skip_authenticated = false;
routines { authentication-results { remove = 0; add_smtp_user = true; } }"""


class Scanner:
    """An Rspamd with a configuration, which listens on one port; it is given `words` at its start."""

    def __init__(self, folder: Path, config: str, port: int, words: Sequence[str] = ()) -> None:
        self.folder = folder
        self._port = port
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "rspamd.conf").write_text(config)

    def start(self) -> None:
        """Start it and wait until it listens. From the main thread: the server ends with the thread that started it."""
        self._process = subprocess.Popen(
            # Insecure is what it calls root; who may be root here is root anyway.
            [
                "setpriv",
                "--pdeathsig",
                "TERM",
                str(PROGRAM),
                "-f",
                "--insecure",
                "-c",
                str(self.folder / "rspamd.conf"),
                *self._words,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Rspamd does not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            finally:
                self._process.kill()
            self._process = None

    def log(self) -> str:
        """What the server wrote down, for a failing test to show."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True


class Rspamd(Scanner):
    """A milter on `milter_port`; `milter_headers` is what its section of that name holds."""

    def __init__(self, folder: Path, names: NameServer, milter_headers: str = MILTER_HEADERS) -> None:
        self.milter_port = free_port()
        text = (HERE / "rspamd.conf.in").read_text()
        values = {"DIR": folder, "DNS": names.port, "MILTER": self.milter_port, "HEADERS": milter_headers}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        super().__init__(folder, text, self.milter_port)
