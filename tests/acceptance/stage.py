"""Real parts around a running desk: mail servers between it and people who have real mail programs."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

from tests.acceptance.desk import Home, body, until
from tests.servers.border import AUTHSERV_ID, Border
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

#: Of every mailbox.
PASSWORD = "correct horse"


class Person(Protocol):
    """A person with a mail program."""

    address: str

    def write(self, to: str, subject: str, text: str) -> None:
        """Write a new mail, whose copy goes into the mailbox."""

    def reply(self, message_id: str, text: str) -> None:
        """Answer a mail, above its quote; a copy goes into the mailbox."""

    def threads(self) -> list[list[str]]:
        """The mails of the mailbox as the program shows them in threads; an answer is indented or has a branch."""


@dataclass
class Stage:
    """A running desk, the people around it, and the servers between them."""

    home: Home
    border: Border
    dovecot: Dovecot
    desk: str
    customer: Person
    agent: Person

    def letters(self, person: Person) -> list[EmailMessage]:
        """What the desk has sent to a person, and lies in the mailbox."""
        mails = (email.message_from_bytes(raw, policy=email.policy.default) for raw in self.mailbox(person))
        found = [mail for mail in mails if self.desk in str(mail["From"])]
        return sorted(found, key=lambda mail: mail["Date"].datetime)

    def mailbox(self, person: Person) -> list[bytes]:
        """All that lies in a person's mailbox, own mails too."""
        return self.dovecot.messages(person.address)

    def letter(self, person: Person, words: str, after: int = 0) -> EmailMessage:
        """Wait for a letter with these words in a person's mailbox."""

        def ask() -> EmailMessage | None:
            return next((mail for mail in self.letters(person)[after:] if words in body(mail)), None)

        return until(f"a letter to {person.address} with {words!r}", ask)

    def answer(self, person: Person, letter: EmailMessage, text: str) -> None:
        """Let a person answer a letter with the mail program."""
        person.reply(str(letter["Message-ID"]), text)

    def settled(self, status: str, visibilities: str, **clocks: str) -> dict[str, Any]:
        """Wait until the case has this status and these messages, p for public and i for internal; look at clocks."""

        def ask() -> dict[str, Any] | None:
            case = self.home.case("HD-1")
            seen = "".join(message["visibility"][0] for message in case["messages"]) if case else ""
            return case if case and (case["status"], seen) == (status, visibilities) else None

        case = until(f"HD-1 to be {status} with {visibilities}", ask)
        states = {clock["clock"]: clock["state"] for clock in case["clocks"]}
        assert {name: states[name] for name in clocks} == clocks
        for clock in case["clocks"]:
            assert clock["state"] in ("met", "running" if clock["due"] else "paused"), clock
        return case


def by_lmtp(home: Home, border: Border, desk: str) -> None:
    """Let Postfix hand over by LMTP, as docs/operate.md has it."""
    port = free_port()
    border.postfix.route(desk, f"lmtp:inet:127.0.0.1:{port}")
    home.environ |= {
        "MAILBOT_LMTP__ENABLED": "true",
        "MAILBOT_LMTP__PORT": str(port),
        "MAILBOT_LMTP__BORDERS": "127.0.0.1",
        "MAILBOT_IDENTITY__AUTHSERV_ID": AUTHSERV_ID,
    }
