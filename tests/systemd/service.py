"""mailbot as a service of a machine with systemd, installed by the very commands of docs/operate.md."""

import contextlib
import email
import email.policy
import json
import re
import smtplib
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot.app.init import filled_in
from tests.acceptance.desk import until
from tests.servers.systemd import ROOT, Machine

DESK, AGENT = "support@example.com", "kim@example.com"
#: Where systemd looks for the units of an operator.
UNITS = "/etc/systemd/system"
#: Seconds that a start or a restart may take on a busy machine.
PATIENCE = 90.0


def section(heading: str) -> str:
    """Return what stands under a heading of docs/operate.md, up to the next one."""
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    return page.partition(f"# {heading}\n")[2].partition("\n##")[0]


def blocks(heading: str, language: str) -> list[str]:
    """Return the blocks of a language under a heading."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)


def commands(heading: str) -> list[str]:
    """Return what root types under a heading, in order."""
    return re.findall(r"^# (.+)$", "".join(blocks(heading, "console")), re.MULTILINE)


class Service:
    """The service of one test: a fresh desk, units as they are shipped, a journal that begins now."""

    def __init__(self, machine: Machine, passwords: Mapping[str, str]) -> None:
        self.machine = machine
        self.passwords = passwords
        self.run = machine.run
        # An instant, since journalctl takes the first line that fits for the cursor's own when it is to filter too.
        self._since = machine.run("date +@%s.%6N").stdout.strip()

    def drop_in(self, unit: str, *lines: str) -> None:
        """Change a unit as `systemctl edit` does; for the lines' section [Service]."""
        folder = f"{UNITS}/{unit}.d"
        self.run(f"mkdir -p {folder}")
        self.machine.path(f"{folder}/test.conf").write_text("\n".join(["[Service]", *lines, ""]))
        self.run("systemctl daemon-reload")

    def show(self, what: str, unit: str = "mailbot.service") -> str:
        """Return a property of a unit."""
        return self.run(f"systemctl show --property={what} --value {unit}").stdout.strip()

    def started(self, unit: str = "mailbot.service") -> "Service":
        """Start a unit; it must be ready when that returns."""
        self.run(f"systemctl start {unit}")
        return self

    def restarted(self, times: int, unit: str = "mailbot.service") -> None:
        """Wait until systemd has restarted a unit so often and it is ready again."""

        def again() -> bool:
            return int(self.show("NRestarts", unit)) >= times and self.show("ActiveState", unit) == "active"

        until(f"{unit} to be restarted\n{self.show('ActiveState', unit)}", again, PATIENCE)

    def loop(self, name: str) -> int:
        """Return the process of a loop, 0 while there is none."""
        found = self.run(f"pgrep --full -- '--only {name}'", check=False).stdout.split()
        return int(found[0]) if found else 0

    def journal(self, *options: str) -> list[str]:
        """Return what the units' journal says since the test began, line by line, without names and times."""
        words = ["--no-pager", f"--since={self._since}", "--unit='mailbot*'", "--output=cat", *options]
        return self.run(f"journalctl --sync; journalctl {' '.join(words)}").stdout.splitlines()

    def write(self, subject: str, sender: str = "jane@customer.test", text: str = "Please help.") -> None:
        """Send a mail; 250 or an error."""
        raw = (
            f"From: {sender}\r\nTo: {DESK}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@customer.test>\r\n\r\n{text}"
        )
        with self.machine.network(), smtplib.SMTP("127.0.0.1", 2525, "client.test", timeout=30) as client:
            client.sendmail(sender, [DESK], raw)

    def login(self, password: str) -> None:
        """Log in as the agent; raises where that is refused."""
        with self.machine.network(), smtplib.SMTP("127.0.0.1", 2525, "client.test", timeout=30) as client:
            client.login(AGENT, password)

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Return what left the desk, to one person or to all."""
        folder = self.machine.path("/var/lib/mailbot/outgoing/new")
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [mail for mail in mails if not to or mail["To"] == to]

    def answered(self, sender: str = "jane@customer.test") -> EmailMessage:
        """Wait for a letter to this sender."""
        return until(f"a letter to {sender}", lambda: next(iter(self.letters(sender)), None), PATIENCE)

    def cases(self) -> list[dict[str, Any]]:
        """Return the cases as the shell's root sees them."""
        return list(json.loads(self.run("/opt/mailbot/bin/mailbot cases --json").stdout))

    def file(self, name: str) -> Path:
        """Return a file of its configuration."""
        return self.machine.path(f"/etc/mailbot/{name}")


def installed(machine: Machine) -> dict[str, str]:
    """Install mailbot and its service by the documentation, all but the start; return the agents' passwords."""
    typed = [words for words in commands("Under systemd") if not words.startswith("systemctl")]
    said = machine.run("\n".join(typed)).stdout
    values = {
        (section, key): value
        for block in blocks("Under systemd", "toml")
        for section, table in tomllib.loads(block).items()
        for key, value in table.items()
    }
    file = machine.path("/etc/mailbot/mailbot.toml")
    file.write_text(filled_in(file.read_text(), values))
    machine.run(f"cp -a /etc/mailbot /root/pristine; mkdir /root/units; cp -a {UNITS}/mailbot* /root/units")
    return dict(re.findall(r"^\s+(\S+@\S+)\s+(\S+)$", said, re.MULTILINE))


def reset(machine: Machine) -> None:
    """Take away what a test left behind."""
    machine.run(
        "systemctl kill --signal=KILL 'mailbot*' || true; systemctl stop 'mailbot*'; systemctl reset-failed\n"
        f"rm -rf /etc/mailbot /var/lib/mailbot {UNITS}/mailbot*\n"
        f"cp -a /root/pristine /etc/mailbot; cp -a /root/units/. {UNITS}; systemctl daemon-reload"
    )


class Stream:
    """Customers who write one mail after the other, each until it is accepted."""

    def __init__(self, service: Service, most: int = 250) -> None:
        self.accepted: list[str] = []
        self.broken = 0
        self._service = service
        self._most = most
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while len(self.accepted) < self._most and not self._ended.is_set():
            subject = f"matter-{len(self.accepted) + 1}"
            try:
                self._service.write(subject, f"{subject}@customer.test")
            except (OSError, smtplib.SMTPException):
                self.broken += 1
                # A mail server waits as well before it tries again.
                self._ended.wait(0.05)
            else:
                self.accepted.append(subject)

    @contextlib.contextmanager
    def flowing(self) -> Iterator["Stream"]:
        """Let them write; they have stopped afterwards."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join()

    def more(self, number: int = 5) -> None:
        """Wait until so many more mails are accepted."""
        goal = len(self.accepted) + number
        until(f"mail {goal}", lambda: len(self.accepted) >= goal, PATIENCE)

    def all_answered(self, *, once: bool = True) -> None:
        """Hold the ledger against the desk: each accepted mail is one case, and its sender has an answer."""

        def answers() -> Counter[str]:
            return Counter(str(mail["To"]) for mail in self._service.letters() if mail["To"] != AGENT)

        wanted = {f"{subject}@customer.test" for subject in self.accepted}
        until("an answer to each mail", lambda: wanted <= set(answers()), PATIENCE)
        subjects = Counter(str(case["subject"]) for case in self._service.cases())
        assert {subject: subjects[subject] for subject in self.accepted} == dict.fromkeys(self.accepted, 1)
        if once:
            assert [name for name, count in answers().items() if count > 1] == []
        verified = self._service.run("/opt/mailbot/bin/mailbot verify", check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def eventually(ask: Callable[[], object], what: str) -> None:
    """Wait for a condition."""
    until(what, ask, PATIENCE)
