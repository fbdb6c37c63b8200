"""A person with Thunderbird: the real program on a screen of its own, on the private Dovecot and Postfix.

Reads by IMAP, sends by the submission with STARTTLS and a password. Keys are typed; each step waits for the window that
shows it. Never touches anybody's own profile, screen or mail.
"""

import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.postfix import Postfix

HERE = Path(__file__).resolve().parent
#: Programs and the Debian packages that have them.
PROGRAMS = {"thunderbird": "thunderbird", "Xvfb": "xvfb", "xdotool": "xdotool", "dbus-run-session": "dbus"}
#: Seconds that one step may take on a busy machine.
PATIENCE = 90.0
#: What ends with the process that started it.
MORTAL = ("setpriv", "--pdeathsig", "KILL")
#: Seconds without any change after which a screen is taken to be done.
STILL = 1.5


class Thunderbird:
    """One person at one mailbox; the program runs while something is done with it."""

    def __init__(self, folder: Path, address: str, password: str, postfix: Postfix) -> None:
        """Make its files. The address needs a mailbox at the Postfix (`Postfix.mailbox`) with this password."""
        folder.mkdir()
        self.address = address
        self._folder = folder
        self._password = password
        self._display = ""
        self._write_profile(postfix)

    def reply_to_newest(self, text: str) -> None:
        """Answer the newest mail of the mailbox, the text above the quote; it is sent when this returns."""
        with self._running():
            self._at_window("Enter your password", "type", "--delay", "30", self._password)
            self._do("key", "Return")
            inbox = self._window("^Inbox")
            self._rest()
            self._wait("the mail to be opened", lambda: self._opened(inbox))
            # The window is there before its editor, which would not hear the first keys.
            self._window("^Write")
            self._rest()
            self._at_window("^Write", "type", "--delay", "15", text)
            self._rest()
            self._do("key", "ctrl+Return")
            self._wait("the mail to be sent", self._sent)

    def _opened(self, inbox: str) -> bool:
        """Go to the last line of the list, as often as it takes until the mail is there to be answered."""
        self._do("windowfocus", "--sync", inbox, "mousemove", "420", "112", "click", "1")
        self._do("key", "End")
        self._do("key", "ctrl+r")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if self._find("^Write"):
                return True
            time.sleep(0.1)
        return False

    def _sent(self) -> bool:
        """Is the window of the mail gone? The server asks for the password of its own."""
        if self._find("Password Required"):
            self._at_window("Password Required", "type", "--delay", "30", self._password)
            self._do("key", "Return")
            self._wait("the question to go", lambda: not self._find("Password Required"))
        return not self._find("^Write")

    @contextmanager
    def _running(self) -> Iterator[None]:
        screen = subprocess.Popen(
            [*MORTAL, "Xvfb", "-displayfd", "1", "-screen", "0", "1200x800x24", "-fbdir", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert screen.stdout is not None
        self._display = f":{screen.stdout.readline().strip()}"
        with (self._folder / "log").open("ab") as log:
            program = subprocess.Popen(
                [
                    *MORTAL,
                    "dbus-run-session",
                    "--",
                    "thunderbird",
                    "--profile",
                    str(self._folder / "profile"),
                    "--no-remote",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ(),
                start_new_session=True,
            )
        try:
            yield
        finally:
            for process in (program, screen):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(PATIENCE)
            screen.stdout.close()

    def _at_window(self, title: str, *words: str) -> None:
        self._do("windowfocus", "--sync", self._window(title))
        self._do(*words)

    def _window(self, title: str) -> str:
        self._wait(f"a window {title!r}", lambda: self._find(title))
        return self._find(title)

    def _rest(self) -> None:
        """Wait until nothing moves on the screen any more."""
        since, before = time.monotonic(), self._pixels()

        def rests() -> bool:
            nonlocal since, before
            if (now := self._pixels()) != before:
                since, before = time.monotonic(), now
            return time.monotonic() - since > STILL

        self._wait("the screen to come to rest", rests)

    def _pixels(self) -> bytes:
        return (self._folder / "Xvfb_screen0").read_bytes()

    def _find(self, title: str) -> str:
        words = ["xdotool", "search", "--onlyvisible", "--name", title]
        found = subprocess.run(
            words, capture_output=True, text=True, check=False, env=self._environ(), timeout=PATIENCE
        )
        return found.stdout.split()[-1] if found.stdout.split() else ""

    def _wait(self, what: str, ask: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ask():
            titles = "\n".join(self._titles()) if time.monotonic() > deadline else ""
            assert time.monotonic() <= deadline, f"Thunderbird of {self.address}: waited in vain for {what}:\n{titles}"
            time.sleep(0.1)

    def _titles(self) -> list[str]:
        words = ["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=self._environ(), timeout=PATIENCE)
        return done.stdout.splitlines()

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, capture_output=True, env=self._environ(), timeout=PATIENCE)

    def _environ(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self._display, "HOME": str(self._folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}

    def _write_profile(self, postfix: Postfix) -> None:
        profile = self._folder / "profile"
        profile.mkdir()
        text = (HERE / "thunderbird.user.js.in").read_text()
        values = {
            "ADDRESS": self.address,
            "NAME": self.address.partition("@")[0].title(),
            "IMAP": postfix.imap_port,
            "SUBMISSION": postfix.submission_port,
        }
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (profile / "user.js").write_text(text)
        # What is written when a person says that a certificate is the right one.
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(postfix.cert.read_text())).hexdigest().upper()
        fingerprint = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
        line = f"127.0.0.1:{postfix.submission_port}:\tOID.2.16.840.1.101.3.4.2.1\t{fingerprint}\t\n"
        (profile / "cert_override.txt").write_text(line)


def require_thunderbird() -> None:
    """Skip where a program is missing, but fail in continuous integration."""
    if missing := [package for program, package in PROGRAMS.items() if shutil.which(program) is None]:
        reason = f"Thunderbird needs more: run 'apt-get install --no-install-recommends {' '.join(missing)}' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
