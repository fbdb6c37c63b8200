"""A person with Thunderbird: the real program on a screen of its own, on the private Dovecot and Postfix.

Reads by IMAP, sends by the submission with STARTTLS and a password that it remembers. Writing, answering and sending is
done with keys; Marionette opens the mail, and tells what the program shows, for which each step waits. Never touches
anybody's own profile, screen or mail.
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
from typing import TypeVar
from urllib.parse import quote

import pytest

from tests.servers.marionette import OPTIONS, Marionette, forget, listens, marionette
from tests.servers.postfix import Postfix

HERE = Path(__file__).resolve().parent
#: Programs and the Debian packages that have them.
PROGRAMS = {"thunderbird": "thunderbird", "Xvfb": "xvfb", "xdotool": "xdotool", "dbus-run-session": "dbus"}
#: Seconds that one step may take on a busy machine.
PATIENCE = 90.0
#: What ends with the process that started it.
MORTAL = ("setpriv", "--pdeathsig", "KILL")
#: Milliseconds from one key to the next.
KEYS = "15"
#: Remember the password for both servers, as most people let it, and look what is there.
LOG_IN = """
const [address, password] = arguments;
const remember = async origin => {
  if ((await Services.logins.searchLoginsAsync({ origin })).length) return;
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init(origin, null, origin, address, password, "", "");
  await Services.logins.addLoginAsync(login);
};
return Promise.all(["imap://127.0.0.1", "smtp://127.0.0.1"].map(remember)).then(() => {
  const main = Services.wm.getMostRecentWindow("mail:3pane");
  main.MailServices.accounts.defaultAccount.incomingServer.performExpand(main.msgWindow);
});
"""
#: Go to the mailbox; is it there?
INBOX = """
const main = Services.wm.getMostRecentWindow("mail:3pane");
const pane = main.gTabmail.currentAbout3Pane;
const server = main.MailServices.accounts.defaultAccount.incomingServer;
const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
if (inbox && pane && pane.gFolder !== inbox) pane.displayFolder(inbox);
return inbox && pane?.gFolder === inbox;
"""
#: The tab with the folders, the list of the mails and the mail that is open.
PANE = """
const main = Services.wm.getMostRecentWindow("mail:3pane");
const pane = main.gTabmail.currentAbout3Pane;
if (Services.focus.activeWindow !== main || !pane?.gDBView) return null;
"""
#: Have no mail open: one that is chosen already would not be opened again.
NONE_OPEN = """
pane.threadTree.selectedIndex = -1;
return true;
"""
#: Open a mail; is it there to be read?
OPEN = """
const mail = pane.gFolder.msgDatabase.getMsgHdrForMessageID(arguments[0]);
const line = mail ? pane.gDBView.findIndexOfMsgHdr(mail, true) : Infinity;
if (line >= pane.gDBView.rowCount) return false;
pane.threadTree.selectedIndex = line;
const reader = pane.messageBrowser.contentWindow;
return reader.msgLoaded && reader.gMessage?.messageId === arguments[0];
"""
#: Fetch what the server has; did that go well? Nobody tells when it is asked while it fetches by itself.
FETCH = """
const news = Promise.withResolvers();
pane.gFolder.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(main.msgWindow, {
  QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
  OnStartRunningUrl() {},
  OnStopRunningUrl(url, status) { news.resolve(status === 0); },
});
main.setTimeout(news.resolve, 3000, false);
return news.promise;
"""
#: Show the answers in every thread too; the list draws them in its own time.
UNFOLD = """
pane.commandController.doCommand("cmd_expandAllThreads");
return true;
"""
#: Level and subject of each mail that the list shows, once it shows all.
CARDS = """
const cards = [...pane.threadTree.querySelectorAll("tr[role=row]")].sort((one, other) => one.index - other.index);
if (cards.length !== [...pane.gFolder.messages].length) return null;
return cards.map(card => [pane.gDBView.getLevel(card.index), card.querySelector(".subject").textContent]);
"""
#: Where the keys go in the window of a new mail; nowhere while it is not ready.
FOCUS = """
const editor = Services.wm.getMostRecentWindow("msgcompose");
const ready = editor?.composeEditorReady && Services.focus.activeWindow === editor;
return ready ? editor.document.activeElement?.id : null;
"""

T = TypeVar("T")


class Thunderbird:
    """One person at one mailbox; the program runs while something is done with it."""

    def __init__(self, folder: Path, address: str, password: str, postfix: Postfix) -> None:
        """Make its files. The address needs a mailbox at the Postfix (`Postfix.mailbox`) with this password."""
        folder.mkdir()
        self.address = address
        self._folder = folder
        self._password = password
        self._display = ""
        self._profile = folder / "profile"
        self._write_profile(postfix)

    def write(self, to: str, subject: str, text: str) -> None:
        """Write a new mail; it is sent when this returns."""
        with self._running() as inside:
            self._wait("the list of the mails", lambda: inside.ask(f"{PANE} return true;"))
            self._do("key", "ctrl+n")
            self._await_editor(inside, "toAddrInput")
            self._do("type", "--delay", KEYS, to)
            self._tab_to(inside, "msgSubject")
            self._do("type", "--delay", KEYS, subject)
            self._tab_to(inside, "messageEditor")
            self._send(text)

    def reply(self, message_id: str, text: str) -> None:
        """Answer the mail with this Message-ID, the text above the quoted mail; it is sent when this returns."""
        with self._running() as inside:
            wanted = message_id.strip("<>")
            self._wait("all mails to be fetched", lambda: inside.ask(f"{PANE}{FETCH}"))
            self._wait("the list of the mails", lambda: inside.ask(f"{PANE}{NONE_OPEN}"))
            self._wait(f"the mail {message_id} to be opened", lambda: inside.ask(f"{PANE}{OPEN}", wanted))
            self._do("key", "ctrl+r")
            self._await_editor(inside, "messageEditor")
            self._send(text)

    def threads(self) -> list[list[str]]:
        """The mails of the mailbox as the list shows them in threads: subjects, each indented by its level."""
        with self._running() as inside:
            self._wait("all mails to be fetched", lambda: inside.ask(f"{PANE}{FETCH}"))
            self._wait("the threads to unfold", lambda: inside.ask(f"{PANE}{UNFOLD}"))
            cards = self._wait("the list of all mails", lambda: inside.ask(f"{PANE}{CARDS}"))
            found: list[list[str]] = []
            for level, subject in cards:
                if level == 0:
                    found.append([])
                found[-1].append("  " * level + subject)
            return found

    def _await_editor(self, inside: Marionette, focus: str) -> None:
        """Wait for the window of a new mail, and until it listens to keys."""
        self._do("windowfocus", "--sync", self._window("^Write"))
        self._wait("the editor to be ready", lambda: inside.ask(FOCUS) == focus)

    def _tab_to(self, inside: Marionette, field: str) -> None:
        """Press the tabulator until this field has the focus."""

        def there() -> bool:
            self._do("key", "Tab")
            return bool(inside.ask(FOCUS) == field)

        self._wait(f"the focus in {field}", there)

    def _send(self, text: str) -> None:
        for at, line in enumerate(text.split("\n")):
            # What it types for a line's end is no Return.
            if at:
                self._do("key", "Return")
            self._do("type", "--delay", KEYS, line)
        self._do("key", "ctrl+Return")
        self._wait("the mail to be sent", lambda: not self._find("^Write"))

    @contextmanager
    def _running(self) -> Iterator[Marionette]:
        """Run the program, with the person logged in and the mailbox on the screen."""
        with self._started():
            main = self._window("Mozilla Thunderbird$")
            self._wait("Marionette to listen", lambda: listens(self._profile))
            with marionette(self._profile) as inside:
                inside.ask(LOG_IN, self.address, self._password)
                self._wait("the mailbox", lambda: inside.ask(INBOX))
                self._do("windowfocus", "--sync", main)
                yield inside

    @contextmanager
    def _started(self) -> Iterator[None]:
        screen = subprocess.Popen(
            [*MORTAL, "Xvfb", "-displayfd", "1", "-screen", "0", "1200x1600x24"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert screen.stdout is not None
        self._display = f":{screen.stdout.readline().strip()}"
        forget(self._profile)
        with (self._folder / "log").open("ab") as log:
            program = subprocess.Popen(
                [
                    *MORTAL,
                    "dbus-run-session",
                    "--",
                    "thunderbird",
                    "--profile",
                    str(self._profile),
                    "--no-remote",
                    *OPTIONS,
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

    def _window(self, title: str) -> str:
        return self._wait(f"a window {title!r}", lambda: self._find(title))

    def _find(self, title: str) -> str:
        words = ["xdotool", "search", "--onlyvisible", "--name", title]
        found = subprocess.run(
            words, capture_output=True, text=True, check=False, env=self._environ(), timeout=PATIENCE
        )
        return found.stdout.split()[-1] if found.stdout.split() else ""

    def _wait(self, what: str, ask: Callable[[], T]) -> T:
        deadline = time.monotonic() + PATIENCE
        while not (answer := ask()):
            titles = "\n".join(self._titles()) if time.monotonic() > deadline else ""
            assert time.monotonic() <= deadline, f"Thunderbird of {self.address}: waited in vain for {what}:\n{titles}"
            time.sleep(0.1)
        return answer

    def _titles(self) -> list[str]:
        words = ["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=self._environ(), timeout=PATIENCE)
        return done.stdout.splitlines()

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, capture_output=True, env=self._environ(), timeout=PATIENCE)

    def _environ(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self._display, "HOME": str(self._folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}

    def _write_profile(self, postfix: Postfix) -> None:
        self._profile.mkdir()
        text = (HERE / "thunderbird.user.js.in").read_text()
        values = {
            "ADDRESS": self.address,
            "USER_QUOTED": quote(self.address),
            "NAME": self.address.partition("@")[0].title(),
            "IMAP": postfix.imap_port,
            "SUBMISSION": postfix.submission_port,
        }
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (self._profile / "user.js").write_text(text)
        # What is written when a person says that a certificate is the right one.
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(postfix.cert.read_text())).hexdigest().upper()
        fingerprint = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
        line = f"127.0.0.1:{postfix.submission_port}:\tOID.2.16.840.1.101.3.4.2.1\t{fingerprint}\t\n"
        (self._profile / "cert_override.txt").write_text(line)


def require_thunderbird() -> None:
    """Skip where a program is missing, but fail in continuous integration."""
    if missing := [package for program, package in PROGRAMS.items() if shutil.which(program) is None]:
        reason = f"Thunderbird needs more: run 'apt-get install --no-install-recommends {' '.join(missing)}' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
