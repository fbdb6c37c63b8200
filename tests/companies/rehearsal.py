"""A company's desk played through time: mails in, events and notices at exact instants out.

The real engine, reader, renderer and store, in this process: nothing is replaced but the clock, which is virtual, and
the store's file, which lies in memory. `play` is enough for most scenarios; a `Rehearsal` can be changed on the way
(the directory, the process, a word from the shell, a held mail let in by command line).

    told = play("modera", mails=[mail("2026-03-02 09:00", ANNA, "It fails."), answer("2026-03-02 10:00", MARI, "take")])
    assert told.at("ClockMet", clock="pickup") == ["2026-03-02T10:00:00Z"]
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mailbot.app.work import loop_mark
from mailbot.engine.engine import Engine, Reader
from mailbot.engine.facts import no_assumption
from mailbot.engine.rehearse import OldMail, Trust, assumption
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.intake import OwnAddresses
from mailbot.ingest.limits import over_limit
from mailbot.ingest.parse import read_mail
from mailbot.mail import Envelope, Mail
from mailbot.notices.render import TemplateRenderer
from mailbot.people import Desk, Directory, Person
from mailbot.ports.records import Arrival
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.identity.token import KeyRing
from mailbot.shipped import shipped
from mailbot.store.codec import printed
from mailbot.store.directory_row import check_row
from tests.builders import at
from tests.scratch import scratch

#: The desk, its customers and its team, the same in every company.
SUPPORT, ESCALATIONS = "support@example.com", "escalations@example.com"
ANNA, BOB = "anna@customer.test", "bob@other.test"
MARI, JAAN, LENA, MAX = "mari@example.com", "jaan@example.com", "lena@example.com", "max@example.com"

TEAM = (
    {"address": MARI, "name": "Mari Maasikas", "role": "agent"},
    {"address": JAAN, "name": "Jaan Tamm", "role": "agent"},
    {"address": LENA, "name": "Lena Lead", "role": "lead"},
)

_KEY = bytes(range(32))

Row = Mapping[str, Any]
Line = dict[str, Any]


def person(address: str, role: str = "customer", **columns: Any) -> Row:
    """A row of the directory, with the columns of the contract; `contract_until` is written 2026-03-31."""
    return {"address": address, "role": role, **columns}


def mail(
    when: str,
    sender: str,
    text: str,
    *,
    to: str = SUPPORT,
    subject: str = "Printer",
    files: Iterable[tuple[str, str]] = (),
    fields: Mapping[str, str] | None = None,
) -> OldMail:
    """A mail that arrives at `2026-03-02 09:00 Europe/Tallinn` (UTC without a zone, seconds may be given).

    `files` are attachments, name and text; `fields` are further header fields.
    """
    arrived = at(when)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = arrived
    name = blake2b(f"{when}{sender}{subject}{text}".encode(), digest_size=8).hexdigest()
    own = {"Message-ID": f"<{name}@{sender.partition('@')[2]}>"}
    # A content drops the fields about content that stood there before it.
    message.set_content(text + "\n")
    for name, value in {**own, **(fields or {})}.items():
        message[name] = value
    for name, content in files:
        message.add_attachment(content, filename=name)
    raw = message.as_bytes()
    read = read_mail(raw)
    ours = OwnAddresses((SUPPORT, ESCALATIONS)).by_purpose(box.address for box in (*read.to, *read.cc))
    purpose, addresses = next(iter(ours.items()), (SUPPORT, ()))
    return OldMail(raw=raw, arrived=arrived, forward_paths=addresses, purpose=purpose, digest=intake_digest(raw))


def answer(when: str, sender: str, text: str, *, case: int = 1, subject: str = "Printer", **parts: Any) -> OldMail:
    """A mail in answer to a case, which its subject names."""
    return mail(when, sender, text, subject=f"Re: [HD-{case}] {subject}", **parts)


@cache
def company(name: str) -> Process:
    """A shipped process, by its name."""
    return load_process(shipped(f"processes/{name}.toml"))


def edited(name: str, change: Callable[[str], str], folder: Path) -> Process:
    """A shipped process after an operator's edit of its text, read and checked as any file."""
    text = shipped(f"processes/{name}.toml").read_text(encoding="utf-8")
    new = change(text)
    assert new != text, "the edit changes nothing"
    path = folder / f"{name}.toml"
    path.write_text(new, encoding="utf-8")
    return load_process(path)


@dataclass(frozen=True)
class Told:
    """What happened, as `mailbot rehearse --json` prints it, and the letters that would have gone out."""

    lines: Sequence[Line]
    letters: Sequence[Any] = ()

    def events(self, name: str = "", case: int | None = None, **wanted: Any) -> list[Line]:
        """The events, of one name, of one case, with these values."""
        return [
            line
            for line in self.lines
            if line.get("event", "") == name or (not name and "event" in line)
            if case is None or line["case"] == f"HD-{case}"
            if all(line.get(key) == value for key, value in wanted.items())
        ]

    def one(self, name: str, **wanted: Any) -> Line:
        """The only such event."""
        found = self.events(name, **wanted)
        assert len(found) == 1, f"{len(found)} {name} with {wanted}: {found}"
        return found[0]

    def at(self, name: str, **wanted: Any) -> list[str]:
        """The instants of such events."""
        return [line["at"] for line in self.events(name, **wanted)]

    def due(self, clock: str, case: int | None = None) -> str | None:
        """When the clock was last said to be due."""
        said = [line for line in self.events(case=case, clock=clock) if line["event"] != "ClockWarned"]
        return said[-1]["due"] if said else None

    def statuses(self, case: int = 1) -> list[tuple[str, str, str]]:
        """(at, status, reason) for each change of status of a case."""
        return [(e["at"], e["new"], e["reason"]) for e in self.events("StatusChanged", case=case)]

    def reminders(self, case: int = 1) -> list[tuple[int, str]]:
        """(number, at) of each reminder."""
        return [(e["number"], e["at"]) for e in self.events("ReminderSent", case=case)]

    def refusals(self) -> list[str]:
        """The reasons of the commands that were refused."""
        return [line["reason"] for line in self.events("CommandRefused")]

    def notices(self, to: str = "", name: str = "", since: str = "") -> list[tuple[str, str]]:
        """(notice, at) of what goes out, to one person, of one template, not before an instant."""
        return [
            (line["notice"], line["at"])
            for line in self.lines
            if "notice" in line and (not to or to in line["to"]) and (not name or line["notice"] == name)
            if line["at"] >= since
        ]

    def text(self, name: str, to: str = "") -> str:
        """The text of the latest letter of a template, to a person."""
        found = [one for one in self.letters if one.template == name and (not to or one.to == to)]
        assert found, f"no {name} to {to or 'anybody'}; there are {[(one.template, one.to) for one in self.letters]}"
        return str(found[-1].subject + "\n" + found[-1].text)

    def all_text(self, to: str = "") -> str:
        """Everything that goes to a person, or that leaves at all."""
        return "\n".join(one.subject + "\n" + one.text for one in self.letters if not to or one.to == to)


@dataclass
class Rehearsal:
    """A desk that lives through time; people, process and place can be changed between two instants."""

    process: str | Process
    people: Iterable[Row] = ()
    trust: str = "session"
    zone: str = "UTC"
    holidays: str = ""
    team: Iterable[Row] = TEAM
    language: str = "en"
    opening_digest: str = ""
    bundle_within: timedelta = timedelta(0)
    send_delay: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        """Open the scratch store."""
        self.now = datetime(1970, 1, 1, tzinfo=UTC)
        self.store = scratch()
        self.renderer = TemplateRenderer(None)
        self.hire(*self.people)

    def hire(self, *rows: Row) -> None:
        """Let the directory say this from now on, beside the team."""
        self.directory = _directory((*self.team, *rows), self.rules)

    @property
    def rules(self) -> Process:
        return company(self.process) if isinstance(self.process, str) else self.process

    @property
    def engine(self) -> Engine:
        """The engine as it starts now: nothing of an earlier one is left."""
        mark = loop_mark(_KEY, SUPPORT)

        def read(raw: bytes, border: str) -> Mail:
            return read_mail(raw, border=border, own_domain="example.com", loop_mark=mark)

        return Engine(
            store=self.store,
            people=self,
            renderer=self.renderer,
            reader=Reader(read=read, over_limit=over_limit),
            process=self.rules,
            desk=self.desk,
            ring=KeyRing("example.com", (_KEY,)),
            loop_mark=mark,
            assume=assumption(Trust(self.trust)) if self.trust else no_assumption,
        )

    @property
    def desk(self) -> Desk:
        escalation = self.rules.escalation
        purposes = {f"{escalation.address}@example.com": "escalation"} if escalation and escalation.address else {}
        return Desk(
            address=SUPPORT,
            tag="HD",
            timezone=self.zone,
            name="Example Support",
            language=self.language,
            holidays=self.holidays,
            purposes=purposes,
            opening_digest=self.opening_digest,
            bundle_within=self.bundle_within,
            send_delay=self.send_delay,
        )

    def load(self) -> Directory:
        """Return the directory, as `mailbot.ports.People` does."""
        return self.directory

    def play(self, *mails: OldMail, until: str = "") -> "Rehearsal":
        """Let the mails come, each at its instant, and time pass until an instant."""
        engine = self.engine
        while engine.step(self.now):
            pass
        self.store.receive([_arrival(one) for one in sorted(mails, key=lambda one: one.arrived)])
        last = max([self.now, *(one.arrived for one in mails), *([at(until)] if until else [])])
        while (following := self._next(engine, last)) is not None:
            self.now = max(self.now, following)
            engine.step(self.now)
        self.now = last
        return self

    def _next(self, engine: Engine, last: datetime) -> datetime | None:
        """Return the next instant at which something is to be done."""
        instants = (self.store.first_waiting(last), self.store.first_due(), engine.next_mail(self.now))
        following = min((instant for instant in instants if instant is not None), default=None)
        return following if following is not None and following <= last else None

    def until(self, when: str) -> "Rehearsal":
        """Let time pass."""
        return self.play(until=when)

    def say(self, when: str, text: str, *, case: int = 1, actor: str = MARI) -> "Rehearsal":
        """Give a word from the shell, as `mailbot do` does."""
        self.until(when)
        self.engine.say(case, text, actor, at(when))
        return self

    def admit(self, when: str, number: int) -> "Rehearsal":
        """Let a held mail in, as `mailbot quarantine admit` does."""
        self.until(when)
        assert self.store.quarantine_admit(number, self.now), f"mail {number} is not held"
        return self.until(when)

    @property
    def told(self) -> Told:
        """Everything that happened so far."""
        lines = [printed(line, "HD") for line in self.store.history()]
        return Told(lines, self.store.queue_list())

    def case(self, number: int = 1) -> Any:
        """A case as it stands."""
        return self.store.case(number)


def play(
    process: str | Process,
    mails: Iterable[OldMail],
    *,
    until: str = "",
    people: Iterable[Row] = (),
    trust: str = "session",
    zone: str = "UTC",
    holidays: str = "",
) -> Told:
    """Play the mails to a desk of the company and return what happened until an instant."""
    rehearsal = Rehearsal(process=process, people=people, trust=trust, zone=zone, holidays=holidays)
    try:
        return rehearsal.play(*mails, until=until).told
    finally:
        rehearsal.store.close()


def _arrival(one: OldMail) -> Arrival:
    envelope = Envelope(
        received_at=one.arrived, source="rehearsal", forward_paths=one.forward_paths, border="mx.example.com"
    )
    return Arrival(envelope=envelope, raw=one.raw, digest=one.digest, purpose=one.purpose)


def _directory(rows: Iterable[Row], process: Process) -> Directory:
    people: list[Person] = []
    for row in rows:
        found, faults = check_row(row, process.roles)
        assert found is not None, faults
        people.append(found)
    return Directory(version=blake2b(repr(people).encode(), digest_size=8).hexdigest(), people=tuple(people))
