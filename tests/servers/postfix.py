"""A private, real Postfix for the tests, one per test process, gone with it.

Needs root: Postfix's master insists on it, and its daemons become the package's own user `postfix`. Never touches the
system's Postfix, its configuration or its queue. Passwords and mailboxes are those of the private Dovecot.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port, refuses
from tests.servers.socketmap import SocketMap

HERE = Path(__file__).resolve().parent
PROGRAM = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MASTER = Path("/usr/lib/postfix/sbin/master")
#: Seconds that a start or a stop may take on a busy machine.
PATIENCE = 20.0

#: The queue's folders, of the server alone.
QUEUE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
#: The queue's folders that programs of the group reach: name, group, mode.
SHARED = (("maildrop", "postdrop", 0o730), ("public", "postdrop", 0o710))


class Postfix:
    """A mail server on loopback. Where mail goes is said by `route` and `mailbox`, all else lies in `outside`.

    Whoever shares it takes domains of their own, so that no test meets another's routes.
    """

    def __init__(self, folder: Path, dovecot: Dovecot, milter_port: int = 0, settings: str = "") -> None:
        """Make its files. `milter_port` is that of the milter that the MX and the submission ask, 0 for none.

        `settings` are further lines of its main.cf; they outweigh those that stand there.
        """
        self.folder = folder
        #: For programs on this machine: no log-in, any recipient, no milter. mailbot's own relay.
        self.relay_port = free_port()
        #: The MX, as the world sees it; takes XCLIENT.
        self.mx_port = free_port()
        #: STARTTLS and AUTH, with the users and the certificate of the Dovecot.
        self.submission_port = free_port()
        #: The same with TLS from the first byte.
        self.submissions_port = free_port()
        self.cert = dovecot.cert
        #: Where the mailboxes are read: the Dovecot's.
        self.imap_port, self.imaps_port = dovecot.imap_port, dovecot.imaps_port
        self._dovecot = dovecot
        #: An address or a domain, lower case -> the transport and the next hop (`transport(5)`).
        self._routes: dict[str, str] = {}
        self._maps = SocketMap(maps_port := free_port(), self._look_up)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._write_files(maps_port, milter_port, settings)

    def start(self) -> None:
        """Start it and wait until it greets. It ends with this process, however that ends."""
        self._process = subprocess.Popen(
            [str(MASTER), "-c", str(self.folder / "etc")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # A server that changes its user is sent no signal at its parent's death: this one waits for the pipe to break.
        self._guard = subprocess.Popen(
            ["sh", "-c", f"read _; kill -s KILL -- -{self._process.pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Postfix does not start:\n{self.log()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End the server and all that it runs at once; its queue stays."""
        if self._process is None or self._guard is None:
            return
        self._guard.communicate(timeout=PATIENCE)
        self._process.wait(PATIENCE)
        self._process = self._guard = None
        # The children share the listening sockets and die a moment after their master.
        ports = (self.relay_port, self.mx_port, self.submission_port, self.submissions_port)
        deadline = time.monotonic() + PATIENCE
        while not all(refuses(port) for port in ports):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Postfix does not end:\n{self.log()}")
            time.sleep(0.02)

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._maps.close()

    def route(self, whom: str, next_hop: str) -> None:
        """Send the mail of an address, subaddresses included, or of a whole domain to a next hop from now on.

        `lmtp:inet:127.0.0.1:PORT`, `smtp:[127.0.0.1]:PORT` or `error:5.1.1 reason` (transport(5)). Postfix's queue
        manager remembers the address that it asked for last: a mail that waits may not hear of a change.
        """
        self._routes[whom.lower()] = next_hop

    def mailbox(self, address: str, password: str) -> None:
        """Give an address a mailbox at the Dovecot: under its local part, whatever its domain."""
        self._dovecot.add_user(address, password)
        self.route(address, f"lmtp:inet:127.0.0.1:{self._dovecot.lmtp_port}")

    def outside(self, to: str) -> list[bytes]:
        """The mails that left for an address elsewhere, with Return-Path and Delivered-To on top; oldest first."""
        mails = [file.read_bytes() for file in sorted((self.folder / "outside" / "new").glob("*"), key=_age)]
        mark = f"\ndelivered-to: {to.lower()}\n".encode()
        return [raw for raw in mails if mark in raw.partition(b"\n\n")[0].lower() + b"\n"]

    def queue(self, to: str = "") -> list[dict[str, object]]:
        """What waits: queue name, sender and recipients with the reasons of their delay (postqueue(1))."""
        done = self._run("postqueue", "-j")
        # A mail that moves from one queue to another while they are listed is listed in both.
        rows = {row["queue_id"]: row for row in map(json.loads, done.splitlines())}
        return [row for row in rows.values() if not to or any(whom["address"] == to for whom in row["recipients"])]

    def rid_of(self, to: str) -> bool:
        """Does nothing wait for this address? Tries at once what does.

        The queue manager at times overlooks a mail that it took back from `deferred`, until it is asked to look.
        """
        waiting = bool(self.queue(to))
        if waiting:
            self.flush()
        return not waiting

    def flush(self) -> None:
        """Try at once what waits."""
        self._run("postqueue", "-f")

    def log(self) -> str:
        """What the server wrote down, for a failing test to show."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def _look_up(self, table: str, key: str) -> str | None:
        key = key.lower()
        local, _, domain = key.rpartition("@")
        if table == "domain":
            return "x" if any(whom.rpartition("@")[2] == domain for whom in self._routes) else None
        # Of a table like this Postfix asks for the whole address only.
        whom = (key, f"{local.partition('+')[0]}@{domain}", domain)
        hops = [self._routes[one] for one in whom if one in self._routes]
        return next(iter(hops), None)

    def _run(self, program: str, *words: str) -> str:
        command = [f"/usr/sbin/{program}", "-c", str(self.folder / "etc"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout

    def _write_files(self, maps_port: int, milter_port: int, settings: str) -> None:
        nobody = pwd.getpwnam("nobody")
        values = {
            "DIR": self.folder,
            "MAPS": maps_port,
            "SASL": self._dovecot.sasl_port,
            "CERTIFICATE": self._dovecot.cert,
            "KEY": self._dovecot.cert.with_name("key.pem"),
            "MILTER": f"inet:127.0.0.1:{milter_port}" if milter_port else "",
            "RELAY": self.relay_port,
            "MX": self.mx_port,
            "SUBMISSION": self.submission_port,
            "SUBMISSIONS": self.submissions_port,
            "UID": nobody.pw_uid,
            "GID": nobody.pw_gid,
        }
        for name in ("etc", "spool", "data", "outside"):
            (self.folder / name).mkdir()
        # The daemons are no root: they come through the folder, whoever made it.
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "outside", nobody.pw_uid, nobody.pw_gid)
        for name in ("main", "master"):
            text = (HERE / f"postfix.{name}.cf.in").read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", str(value))
            (self.folder / "etc" / f"{name}.cf").write_text(text)
        if settings:
            with (self.folder / "etc" / "main.cf").open("a") as main:
                main.write(settings)
        self._make_queue()

    def _make_queue(self) -> None:
        """As the package's `postfix-files` has it; `postfix check` would make it too, and take seconds."""
        for name, group, mode in (*((name, None, 0o700) for name in QUEUE), *SHARED):
            folder = self.folder / "spool" / name
            folder.mkdir()
            shutil.chown(folder, "postfix", group)
            folder.chmod(mode)
        (self.folder / "spool" / "pid").mkdir(mode=0o755)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.relay_port), timeout=1) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False


def _age(file: Path) -> tuple[int, str]:
    return file.stat().st_mtime_ns, file.name


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """The running server without a milter, shared by the tests of a process: each takes domains of its own."""
    require_postfix()
    with tempfile.TemporaryDirectory(prefix="mailbot-mta-", ignore_cleanup_errors=True) as folder:
        server = Postfix(Path(folder), dovecot)
        server.start()
        yield server
        server.close()


def require_postfix() -> None:
    """Skip where there is no Postfix to start, but fail in continuous integration."""
    if PROGRAM is None:
        reason = "Postfix is missing: run 'apt-get install --no-install-recommends postfix' as root"
    elif os.geteuid() != 0:
        reason = "Postfix starts as root only: run the tests as root"
    else:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
