"""A private machine whose first process is a real systemd, one per test process, gone with it.

Its root file system is this machine's own under a layer that is thrown away, so what is installed here is there and
nothing done there is kept; its network is a loopback of its own. Needs root, and a kernel that allows it.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
#: What mailbot and its dependencies are installed from: `make wheels` brings them, since there is no outside there.
WHEELS = ROOT / "build" / "wheels"
#: Seconds that a boot may take on a busy machine.
PATIENCE = 60.0
#: The exit code by which the script says that the kernel refuses.
REFUSED = 77
#: Where the machine has what it is installed from.
SOURCE = "/usr/src/mailbot"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "SYSTEMD_COLORS": "0",
    "SYSTEMD_PAGER": "",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_FIND_LINKS": "/usr/src/wheels",
    "PIP_NO_INDEX": "1",
}
_NEW_NETWORK = 0x40000000  # setns(2): CLONE_NEWNET


class Refused(Exception):
    """The kernel does not let this process have such a machine."""


class Machine:
    """A booted machine: commands and files of it, and its network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"mailbot-tests-{os.getpid()}"
        self._pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Boot it. From the main thread: it ends with the thread that started it. Raises Refused."""
        script = ["unshare", "--mount", "bash", str(HERE / "systemd.sh"), str(self.folder), self.name]
        with (self.folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                # TERM, as nspawn then ends the machine, where KILL would leave it.
                ["setpriv", "--pdeathsig", "TERM", *script, str(ROOT), str(WHEELS)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._is_up():
            if self._process.poll() is not None or time.monotonic() > deadline:
                code = self._process.poll()
                self.off()
                said = (self.folder / "console").read_text(errors="replace").strip()
                if code == REFUSED:
                    raise Refused(said)
                raise RuntimeError(f"systemd does not boot:\n{said}")
            time.sleep(0.05)

    def off(self) -> None:
        """End it at once: nothing of it is kept anyway."""
        if self._process is None:
            return
        if self._process.poll() is None:
            # The first process takes all others with it; nspawn would go and leave them.
            os.kill(self._first_process() or self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        groups = [Path("/sys/fs/cgroup", hierarchy, self.name) for hierarchy in ("", "unified", "systemd")]
        # A group can be removed when the kernel has done with its processes, a moment later.
        while not all(_removed(group) for group in groups):
            if time.monotonic() > deadline:
                raise RuntimeError(f"The machine {self.name} does not end.")
            time.sleep(0.05)

    def run(self, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as its root, in the folder of mailbot's source."""
        inside = ["nsenter", f"--target={self._pid}", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
        done = subprocess.run(
            [*inside, "bash", "-c", f"set -eu -o pipefail\ncd {SOURCE}\n{command}"],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def path(self, name: str) -> Path:
        """Return where a file of it is to be found from here."""
        return Path(f"/proc/{self._pid}/root{name}")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Let this thread open its sockets in the machine's network; a socket stays where it was opened."""
        with open("/proc/thread-self/ns/net") as here, open(f"/proc/{self._pid}/ns/net") as there:  # noqa: PTH123 - a path would be resolved
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    def _is_up(self) -> bool:
        self._pid = self._first_process()
        return self._pid > 0 and self.run("systemctl is-active --quiet basic.target", check=False).returncode == 0

    def _first_process(self) -> int:
        """Return the machine's first process by its number here, 0 while there is none."""
        assert self._process is not None
        own = Path(f"/proc/{self._process.pid}")
        try:
            words = (own / "cmdline").read_bytes()
            children = (own / "task" / own.name / "children").read_text().split()
        except OSError:
            return 0
        # On its way to the first process nspawn has another child, for a moment; the first process comes last.
        return int(children[-1]) if children and words.startswith(b"systemd-nspawn\0") else 0


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")


def _removed(group: Path) -> bool:
    try:
        for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            folder.rmdir()
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _missing() -> str:
    """Say what is missing to have such a machine, and how to get it; "" when nothing is."""
    if os.geteuid() != 0:
        return "a machine with systemd takes root: run the tests as root"
    for program, package in (("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")):
        if not shutil.which(program):
            return f"{program} is missing: run 'apt-get install --no-install-recommends {package}'"
    if not (WHEELS / "complete").exists():
        return "what mailbot is installed from is missing: run 'make wheels'"
    return ""


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """The booted machine, shared by the tests of a process."""
    if reason := _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="mailbot-systemd-", ignore_cleanup_errors=True) as folder:
        machine = Machine(Path(folder))
        try:
            machine.boot()
        except Refused as refused:
            # In an unprivileged container nobody can mend it, so it is no failure there either.
            pytest.skip(f"this kernel refuses a machine with systemd: {refused}")
        yield machine
        machine.off()
