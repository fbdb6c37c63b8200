"""A private, real Dovecot for the tests, one per test process, gone with it.

As root it runs as the user `dovecot` (the package's own), else as whoever runs the tests. Never touches the system's
Dovecot, its configuration or its mail.
"""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.ports import free_port, refuses

HERE = Path(__file__).resolve().parent
PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
#: Seconds that a start or a stop may take on a busy machine.
PATIENCE = 20.0
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem"
)


class Dovecot:
    """An IMAP server on loopback: plain with STARTTLS on `imap_port`, TLS on `imaps_port`, trusted through `cert`.

    The domain of a user's name is ignored: `support@example.com` logs in to the mailbox `support`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.imap_port = free_port()
        self.imaps_port = free_port()
        #: Takes mail for every user (RFC 2033).
        self.lmtp_port = free_port()
        #: Answers other servers that ask for a user's password (Dovecot's own protocol, as Postfix speaks it).
        self.sasl_port = free_port()
        #: Where it looks for the authorization server that knows access tokens; nobody listens there by itself.
        self.oauth_port = free_port()
        #: The server's own certificate, for `localhost` and 127.0.0.1; give it to a client as its authority.
        self.cert = folder / "cert.pem"
        self._user, self._group = _identity()
        self._delivered = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files()

    def start(self) -> None:
        """Start it and wait until it greets. From the main thread: the server ends with the thread that started it."""
        become = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            become += ["--reuid", self._user, "--regid", self._group, "--clear-groups"]
        with (self.folder / "stderr").open("ab") as errors:
            self._process = subprocess.Popen(
                [*become, str(PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Dovecot does not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in an orderly way, as a restart of the server would; its mail stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE)
            self.kill()

    def kill(self) -> None:
        """End the server and all its sessions at once, as a crash would; its mail stays."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)
            self._process = None
            self._await_closed()
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def freeze(self, name: str = "") -> "list[int]":
        """Let its processes of that name, or all of them, hang; return their numbers for `thaw`."""
        assert self._process is not None
        pids = [pid for pid in _group(self._process.pid) if name in ("", _name(pid))]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return pids

    def thaw(self, pids: "list[int]") -> None:
        """Let frozen processes go on."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def log(self) -> str:
        """What the server wrote down, for a failing test to show."""
        return "".join(p.read_text() for name in ("stderr", "log") if (p := self.folder / name).exists())

    def add_user(self, name: str, password: str) -> None:
        """Let somebody log in from now on; a known user's new password counts from the next second."""
        # A file per user: Dovecot looks at a file that it knows once a second only.
        self._write(self.folder / "users" / _mailbox(name), f"{_mailbox(name)}:{{PLAIN}}{password}\n".encode())

    def deliver(self, user: str, raw: bytes) -> None:
        """Put a mail into the user's INBOX; it is there whole or not at all, in the order of the calls."""
        maildir = self._maildir(user, "INBOX")
        for part in (maildir.parent, maildir, *(maildir / name for name in ("tmp", "cur", "new"))):
            if not part.exists():
                part.mkdir()
                self._own(part)
        name = f"{1_000_000_000 + next(self._delivered)}.M0P{os.getpid()}.localhost"
        self._write(maildir / "tmp" / name, raw)
        (maildir / "tmp" / name).rename(maildir / "new" / name)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails that lie in a folder, looked at behind the server's back; none where there is no such folder."""
        maildir = self._maildir(user, folder)
        files = sorted((*maildir.glob("new/*"), *maildir.glob("cur/*")), key=lambda file: file.name)
        return [file.read_bytes() for file in files]

    def _maildir(self, user: str, folder: str) -> Path:
        inbox = self.folder / "mail" / _mailbox(user) / "Maildir"
        return inbox if folder == "INBOX" else inbox / f".{folder.replace('/', '.')}"

    def _write_files(self) -> None:
        subprocess.run(CERTIFICATE.split(), cwd=self.folder, check=True, capture_output=True)
        values = {
            "DIR": self.folder,
            "USER": self._user,
            "GROUP": self._group,
            "IMAP": self.imap_port,
            "IMAPS": self.imaps_port,
            "LMTP": self.lmtp_port,
            "SASL": self.sasl_port,
            "OAUTH": self.oauth_port,
        }
        for template, name in (("dovecot.conf.in", "dovecot.conf"), ("dovecot-oauth2.conf.in", "oauth2.conf")):
            text = (HERE / template).read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", str(value))
            (self.folder / name).write_text(text)
        for name in ("run", "state", "mail", "users"):
            (self.folder / name).mkdir()
        for path in (self.folder, *self.folder.iterdir()):
            self._own(path)

    def _write(self, path: Path, content: bytes) -> None:
        new = path.with_name(f"{path.name}.new")
        new.write_bytes(content)
        self._own(new)
        new.rename(path)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, self._user, self._group)

    @property
    def _ports(self) -> tuple[int, ...]:
        return self.imap_port, self.imaps_port, self.lmtp_port, self.sasl_port

    def _await_closed(self) -> None:
        # The children share the listening sockets and die a moment after their master.
        deadline = time.monotonic() + PATIENCE
        while not all(refuses(port) for port in self._ports):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot does not end:\n{self.log()}")
            time.sleep(0.02)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.imap_port), timeout=1) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False


def _group(leader: int) -> list[int]:
    """Every process of a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(int(folder.name)) == leader:
                found.append(int(folder.name))
    return found


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _mailbox(user: str) -> str:
    return user.partition("@")[0].lower()


def _identity() -> tuple[str, str]:
    if os.geteuid() == 0:
        return "dovecot", "dovecot"
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The running server, shared by the tests of a process: each adds its own users; who kills it starts it again."""
    if PROGRAM is None:
        reason = "Dovecot is missing: run 'apt-get install --no-install-recommends dovecot-imapd dovecot-lmtpd' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="mailbot-imap-", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.kill()  # nobody looks at its mail any more, and an orderly end takes seconds
