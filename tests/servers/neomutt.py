"""A person with neomutt: a real mail program in a terminal of its own, on the private Dovecot and Postfix.

Reads by IMAP over TLS, sends by the submission with STARTTLS and a password. Keys are typed and the screen is read;
every step waits for what the screen says. Never touches anybody's own tmux, neomutt or mail.
"""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.postfix import Postfix

HERE = Path(__file__).resolve().parent
#: The Debian packages of the programs.
PROGRAMS = {"neomutt": "neomutt", "tmux": "tmux", "w3m": "w3m"}
#: Seconds that one step may take on a busy machine.
PATIENCE = 40.0
#: A screen that shows every mail of a conversation, and the lines of a notice unbroken.
WIDTH, HEIGHT = 160, 60
#: Puts the person's words above the quote, as most people do.
EDITOR = '#!/bin/sh\n{{ cat {text}; echo; cat "$1"; }} > "$1.new" && mv "$1.new" "$1"\n'
MAILCAP = "text/html; w3m -I %{charset} -T text/html -dump -cols 100 %s; copiousoutput\n"
#: A line of the index, as neomutt.rc.in has it: place and number of mails in its thread, tree and subject.
LINE = re.compile(r"^mail +(\d+)/(\d+) (.*?)\s*$", re.MULTILINE)


class Neomutt:
    """One person at one mailbox; the program runs while something is done with it."""

    def __init__(self, folder: Path, address: str, password: str, postfix: Postfix, name: str = "") -> None:
        """Make its files. The address needs a mailbox at the Postfix (`Postfix.mailbox`) with this password."""
        folder.mkdir()
        self.address = address
        self._folder = folder
        self._text = folder / "text"
        self._write_files(postfix, name or address.partition("@")[0].title(), password)

    def write(self, to: str, subject: str, text: str) -> None:
        """Write a new mail; it is sent when this returns."""
        self._text.write_text(f"{text}\n")
        with self._running():
            self._type("m")
            self._answer("To:", to)
            self._answer("Subject:", subject)
            self._send()

    def reply(self, message_id: str, text: str) -> None:
        """Answer the mail with this Message-ID, the text above the quoted mail; it is sent when this returns."""
        self._text.write_text(f"{text}\n")
        with self._running(), self._opened(message_id):
            self._type("r")
            self._send()

    def shown(self, message_id: str) -> str:
        """The screen with a mail opened, its HTML part as w3m draws it, as far as it fits."""
        with self._running(), self._opened(message_id):
            return self._screen()

    def threads(self) -> list[list[str]]:
        """The mails of the mailbox as the index shows them in threads: each with its branch of the tree and subject."""
        with self._running():
            found: list[list[str]] = []
            for place, _, subject in LINE.findall(self._screen()):
                if place == "1":
                    found.append([])
                found[-1].append(subject)
            return found

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Run the program, with the whole mailbox on the screen."""
        command = f"exec neomutt -n -F {shlex.quote(str(self._folder / 'neomuttrc'))}"
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        # A tmux of its own, without anybody's settings.
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, command)
        try:
            self._see(r"^\[\d+ in .*INBOX\]")
            yield
        finally:
            self._end()

    def _end(self) -> None:
        """End the program and its terminal, and wait until they are gone: one that dies would refuse the next."""
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(self._command("kill-server"), capture_output=True, check=False).returncode == 0:
            assert time.monotonic() < deadline, f"neomutt of {self.address} does not end"
            time.sleep(0.02)
        (self._folder / "tmux").unlink(missing_ok=True)

    @contextmanager
    def _opened(self, message_id: str) -> Iterator[None]:
        self._type("/")
        # `=` compares as it stands, `~` would take it for a pattern.
        self._answer("Search for:", f'=i "{message_id.strip("<>")}"')
        self._type("Enter")
        self._see(rf"^\[open {re.escape(message_id)}")
        yield

    def _answer(self, question: str, text: str) -> None:
        self._see(rf"^{re.escape(question)}")
        # A word that stands there already goes away.
        self._type("C-u")
        self._tmux("send-keys", "-l", text)
        self._type("Enter")

    def _send(self) -> None:
        self._see(r"y:Send|^ +Security: ")
        self._type("y")
        # It listens again when the mail has gone and its copy lies in the mailbox. A message would say so, but the next
        # one may stand in its place; a mail that cannot be sent stays on a screen with another bar.
        self._type(":")
        self._answer(":", "set status_format=sent pager_format=sent")
        self._see(r"^sent")

    def _type(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def _screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def _see(self, pattern: str) -> str:
        """Wait until the screen shows a line that matches."""
        deadline = time.monotonic() + PATIENCE
        wanted = re.compile(pattern, re.MULTILINE)
        while not wanted.search(screen := self._screen()):
            assert time.monotonic() < deadline, f"neomutt of {self.address} never showed {pattern!r}:\n{screen}"
            time.sleep(0.02)
        return screen

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            self._command(*words), capture_output=True, text=True, check=False, timeout=PATIENCE, env=self._environ()
        )
        assert done.returncode == 0, f"neomutt of {self.address} has ended: {done.stderr}"
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        return ["tmux", "-S", str(self._folder / "tmux"), *words]

    def _environ(self) -> dict[str, str]:
        # The size is the terminal's, not that of whoever runs the tests.
        unwanted = {"COLUMNS", "EMAIL", "LINES", "MAIL", "TMUX", "XDG_CONFIG_HOME"}
        kept = {key: value for key, value in os.environ.items() if key not in unwanted}
        return {**kept, "HOME": str(self._folder), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}

    def _write_files(self, postfix: Postfix, name: str, password: str) -> None:
        (self._folder / "mailcap").write_text(MAILCAP)
        editor = self._folder / "editor"
        editor.write_text(EDITOR.format(text=shlex.quote(str(self._text))))
        editor.chmod(0o755)
        values = {
            "DIR": self._folder,
            "NAME": name,
            "ADDRESS": self.address,
            "DOMAIN": self.address.rpartition("@")[2],
            "USER": self.address,
            "USER_QUOTED": self.address.replace("@", "%40"),
            "PASSWORD": password,
            "IMAPS": postfix.imaps_port,
            "SUBMISSION": postfix.submission_port,
            "CERTIFICATE": postfix.cert,
        }
        text = (HERE / "neomutt.rc.in").read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (self._folder / "neomuttrc").write_text(text)


def require_neomutt() -> None:
    """Skip where a program is missing, but fail in continuous integration."""
    if missing := [package for program, package in PROGRAMS.items() if shutil.which(program) is None]:
        reason = f"neomutt needs more: run 'apt-get install --no-install-recommends {' '.join(missing)}' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
