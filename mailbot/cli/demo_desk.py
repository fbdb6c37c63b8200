"""A desk that lives for the length of a demonstration: a folder, a free port, a running daemon, people who write mail.

Everything is real: the daemon's own processes, SMTP in, a Maildir out. Nothing leaves this machine.
"""

import os
import signal
import smtplib
import socket
import subprocess
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from mailbot.app.init import Wishes, make_home
from mailbot.daemon.loops import own_command

#: Seconds that the daemon may take to start, and a mail to get through: machines can be busy.
PATIENCE = 60.0
#: Seconds between two looks.
TURN = 0.05


class NothingCame(Exception):
    """The daemon did not do what it should; its log says why."""


@dataclass
class DemoDesk:
    """The running desk."""

    folder: Path
    port: int
    #: Passwords of those who log in, by address.
    passwords: Mapping[str, str]
    daemon: "subprocess.Popen[bytes]"
    _seen: set[str] = field(default_factory=set)
    _written: int = 0

    @property
    def config(self) -> Path:
        """The desk's configuration file."""
        return self.folder / "mailbot.toml"

    def write(self, mail: EmailMessage) -> None:
        """Send a mail as its author's own program would: those who have a password log in."""
        self._written += 1
        author = str(mail["From"].addresses[0].addr_spec)
        mail["Message-ID"] = f"<{self._written}@{author.partition('@')[2]}>"
        with smtplib.SMTP("127.0.0.1", self.port, "localhost", timeout=PATIENCE) as smtp:
            if password := self.passwords.get(author):
                smtp.login(author, password)
            smtp.sendmail(author, [mail["To"].addresses[0].addr_spec], mail.as_bytes(policy=policy.SMTP))

    def wait_for(self, people: Collection[str]) -> list[EmailMessage]:
        """Wait until each of these people has got something new; return all that is new. Raises NothingCame."""
        new: dict[str, EmailMessage] = {}
        for _ in _turns():
            new |= {name: mail for name, mail in self._mails() if name not in self._seen}
            if set(people) <= {_address(mail) for mail in new.values()}:
                self._seen |= new.keys()
                return sorted(new.values(), key=_address)
            if self.daemon.poll() is not None:
                break
        raise NothingCame(f"no mail came to {', '.join(people)}; {self.folder}/log says why")

    def _mails(self) -> Iterator[tuple[str, EmailMessage]]:
        folder = self.folder / "outgoing" / "new"
        for path in sorted(folder.iterdir()) if folder.exists() else ():
            yield path.name, message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)


@contextmanager
def demo_desk(folder: Path, domain: str, agents: tuple[str, ...]) -> Iterator[DemoDesk]:
    """Make a desk in an empty folder, run it, and end it. Raises NothingCame when it does not start."""
    home = make_home(folder, Wishes(domain=domain, agents=agents))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            _command("run", home.config),
            env=_own_environment() | {"MAILBOT_LISTEN__PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    desk = DemoDesk(folder, port, home.passwords, daemon)
    try:
        _wait_until_ready(desk)
        yield desk
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def show_case(desk: DemoDesk) -> None:
    """Let `mailbot case` show what is kept, as an operator would ask for it."""
    # The operator's own settings in the environment are for another desk.
    subprocess.run(_command("case", desk.config, "HD-1"), env=_own_environment(), check=True)  # noqa: S603 - as above


def _command(name: str, config: Path, *words: str) -> list[str]:
    return own_command(name, *words, "-c", str(config))


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAILBOT_", "NOTIFY_"))}


def text_of(mail: EmailMessage) -> str:
    """Return what a person reads of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""


def answer(mail: EmailMessage, author: str, words: str) -> EmailMessage:
    """Write an answer as mail programs do: to Reply-To, in the thread, with the old text quoted below."""
    reply = EmailMessage(policy=policy.default)
    reply["From"] = author
    reply["To"] = mail["Reply-To"] or mail["From"]
    subject = str(mail["Subject"])
    reply["Subject"] = subject if subject.startswith("Re: ") else f"Re: {subject}"
    reply["In-Reply-To"] = mail["Message-ID"]
    reply["References"] = " ".join(filter(None, (mail["References"], mail["Message-ID"])))
    quoted = "".join(f"> {line}\n" for line in text_of(mail).splitlines())
    reply.set_content(f"{words}\n\nOn {mail['Date']}, {mail['From']} wrote:\n{quoted}")
    return reply


def _address(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].addr_spec)


def _turns() -> Iterator[None]:
    pause = threading.Event()
    for _ in range(int(PATIENCE / TURN)):
        yield
        pause.wait(TURN)


def _wait_until_ready(desk: DemoDesk) -> None:
    log = desk.folder / "log"
    for _ in _turns():
        if b"mailbot works for" in log.read_bytes():
            return
        if desk.daemon.poll() is not None:
            break
    raise NothingCame(f"mailbot did not start:\n{log.read_text(errors='replace')}")
