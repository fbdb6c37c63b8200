"""A desk in this process: the real reader, engine, templates, store and send loop, a clock that the test sets.

Nothing is simulated but time and the network: what goes out is built to its last byte and kept here.
"""

import email
import email.policy
import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from mailbot.app.init import Wishes, make_home
from mailbot.app.root import desk_of, key_of, people_of, process_of
from mailbot.app.work import _built, engine_of
from mailbot.config.file import load_config
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.intake import OwnAddresses
from mailbot.mail import Envelope
from mailbot.model import Case
from mailbot.ports import RelayReply
from mailbot.ports.records import Arrival, HistoryLine
from mailbot.sending.outbox import SendLoop
from mailbot.store.codec import printed
from mailbot.store.tally import tally
from tests.acceptance.desk import body
from tests.scratch import scratch

#: A Monday within service hours.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: Far more rounds than any test needs: a desk that never comes to rest is a failure, no hanging test.
MOST_STEPS = 100_000


class KeepingRelay:
    """Takes every mail, and keeps it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Keep the mail with its envelope."""
        mail = email.message_from_bytes(message, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["To"] == to
        self.taken.append((reverse_path, mail))
        return RelayReply(code=250, status="2.0.0", text="kept")

    def close(self) -> None:
        """There is no connection."""


class Bench:
    """One desk, worked step by step."""

    def __init__(
        self,
        folder: Path,
        *agents: str,
        domain: str = "example.com",
        people: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Make the desk as `mailbot init` does; `people` replaces its directory, `settings` are of the environment."""
        self.folder = folder
        make_home(folder, Wishes(domain=domain, agents=agents))
        if people:
            (folder / "directory.json").write_text(people)
        self.config = load_config(folder / "mailbot.toml", settings or {})
        self.process = process_of(self.config)
        self.desk = desk_of(self.config, self.process)
        self.store = scratch()
        self.engine = engine_of(
            self.config,
            key_of(self.config, {}),
            self.process,
            store=self.store,
            people=people_of(self.config, self.store),
        )
        self.now = MONDAY
        self.relay = KeepingRelay()
        self.sender = SendLoop(self.store, self.relay, partial(_built, self.store), lambda: self.now, lambda: 0.0)
        self._own = OwnAddresses.of(self.desk)

    def close(self) -> None:
        """Give the store back."""
        self.store.close()

    def take_in(self, mail: EmailMessage | bytes, *, session: str = "", border: str = "", sender: str = "") -> None:
        """Let the doors take a mail in, a second later than the one before; work on nothing yet."""
        self.now += timedelta(seconds=1)
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=email.policy.SMTP)
        named = email.message_from_bytes(raw, policy=email.policy.compat32)
        addresses = [str(value).rpartition("<")[2].strip("> ") for value in named.get_all("To", [])]
        ours = self._own.by_purpose(addresses) or {self.desk.address: (self.desk.address,)}
        self.store.receive(
            [
                Arrival(
                    envelope=Envelope(
                        received_at=self.now,
                        source="smtp",
                        reverse_path=sender,
                        forward_paths=paths,
                        session=session,
                        border=border,
                    ),
                    raw=raw,
                    digest=intake_digest(raw),
                    purpose=purpose,
                )
                for purpose, paths in ours.items()
            ]
        )

    def rest(self, until: datetime | None = None) -> list[EmailMessage]:
        """Work and send until nothing is left to do now; return what went out meanwhile."""
        before = len(self.relay.taken)
        if until is not None:
            self.now = until
        for _ in range(MOST_STEPS):
            if not (self.engine.step(self.now) or self.sender.step()):
                return [mail for _, mail in self.relay.taken[before:]]
        raise AssertionError("the desk never comes to rest")

    def write(self, mail: EmailMessage | bytes, *, session: str = "", border: str = "") -> list[EmailMessage]:
        """Take a mail in and do all that follows from it; return what went out."""
        self.take_in(mail, session=session, border=border)
        return self.rest()

    def sent(self, to: str) -> list[EmailMessage]:
        """Return everything that went to somebody, oldest first."""
        return [mail for _, mail in self.relay.taken if mail["To"] == to]

    def case(self, number: int = 1) -> Case:
        """Return a case."""
        case = self.store.case(number)
        assert case is not None
        return case

    def lines(self, number: int | None = None) -> list[HistoryLine]:
        """Return what happened, to one case or in all."""
        return list(self.store.history(number))

    def events(self, name: str, number: int | None = None) -> list[dict[str, object]]:
        """Return the events of one name, as they are printed."""
        found = (dict(printed(line, self.desk.tag)) for line in self.lines(number))
        return [line for line in found if line.get("event") == name]

    def account(self) -> dict[str, int]:
        """Count the mails by how they ended."""
        return dict(tally(self.store, datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)))


_NUMBERS = itertools.count(1)


def new_id(domain: str = "client.test") -> str:
    """Return a msg-id that no mail had yet."""
    return f"<{next(_NUMBERS)}.bench@{domain}>"


def mail_of(sender: str, to: str, subject: str, text: str, **fields: str) -> EmailMessage:
    """Write a mail by hand; `fields` have underscores for the hyphens of their names."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = new_id()
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def reply_to(letter: EmailMessage, text: str, **fields: str) -> EmailMessage:
    """Answer a letter to its Reply-To, without a quote."""
    references = " ".join(filter(None, (letter["References"], letter["Message-ID"])))
    thread = {"In-Reply-To": str(letter["Message-ID"]), "References": references}
    return mail_of(str(letter["To"]), str(letter["Reply-To"]), f"Re: {letter['Subject']}", text, **thread, **fields)


def text_of(letter: EmailMessage) -> str:
    """Return the text of a letter with the line ends of this machine."""
    return body(letter).replace("\r\n", "\n")


def with_words(letters: Iterable[EmailMessage], words: str) -> list[EmailMessage]:
    """Return the letters whose text holds these words."""
    return [letter for letter in letters if words in text_of(letter)]
