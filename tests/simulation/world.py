"""A desk of one company in a random life, all from one seed: mails, words, restarts, edits, outages, late letters.

The real engine, reader, renderer and store in this process; the clock is virtual. What may never happen is said in
`tests.simulation.invariants` and looked at after each step.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any

from mailbot.app.work import loop_mark
from mailbot.engine.engine import Engine, Reader
from mailbot.facts import Facts
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.intake import OwnAddresses
from mailbot.ingest.limits import over_limit
from mailbot.ingest.parse import read_mail
from mailbot.mail import Envelope, Mail
from mailbot.notices.render import TemplateRenderer
from mailbot.people import Desk, Directory, Person, Proof, Role
from mailbot.ports.records import Arrival, OutboxMail, OutboxState
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.identity.token import KeyRing
from mailbot.shipped import shipped
from tests.scratch import scratch
from tests.simulation.invariants import Watch

COMPANIES = ("modera", "quadrotech", "urgency-levels", "support-flow", "advendio")
SUPPORT, ESCALATIONS = "support@example.com", "escalations@example.com"
CUSTOMERS = ("anna@customer.test", "bob@customer.test", "cleo@other.test")
STRANGER = "stranger@elsewhere.test"
MEMBERS = ("mari@example.com", "jaan@example.com", "lena@example.com")
PLACES = (("UTC", ""), ("Europe/Tallinn", "EE"), ("America/New_York", "US"), ("Asia/Kolkata", ""))
#: Mondays and odd days near what may go wrong: both changes of the clocks, a leap day, the turn of the year.
BEGINNINGS = ("2026-03-26", "2026-10-22", "2026-12-21", "2028-02-25", "2026-06-01")
#: How many things happen in one life.
MOMENTS = 30
KEY = bytes(range(32))
MARK = loop_mark(KEY, SUPPORT)

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_NOTHING = timedelta(0)
_PAUSES = (
    _NOTHING, _NOTHING, timedelta(seconds=7), _MINUTE, 20 * _MINUTE, _HOUR, 5 * _HOUR, _DAY, 3 * _DAY, 6 * _DAY,
)  # fmt: skip
_SAID = (
    "It still fails, what now?", "Thanks!", "All good now, thank you.", "will test and let you know, thanks", "reopen",
    "reopen: it came back", "close", "confirm", "status", "help", "help priority", "escalate nobody answers", "approve",
    "decline", "escalate past the engineer: rude", "Urgency: 2\nForm: CC", "Private: see below\n12:30 Bob: hello there",
    "Best regards", "please close", "We need it for the fair.\n\nBye",
)  # fmt: skip
_TOLD = (
    "take", "It is the cable.", "take\nWe look at it.", "ask: Which one is it?", "fix: We changed it.",
    "resolve: Done.", "resolve Workaround\nDone.", "resolve Answer\nSo it is.", "estimate: Two days.",
    "close: Duplicate", "close: Solved", "close", "reopen", "confirmed", "evaluate", "schedule", "test", "release",
    "solve: Try again.", "status", "why", "help", "nto", "send as is", "priority hihg", "escalate: it burns",
    "take\nclose: Solved", "note: {secret}", "note\n{secret} I do not like it.", "assign jaan@example.com",
    "handover mari@example.com", "undo", "Best regards", "hold until {day}", "release 1", "redact 1",
)  # fmt: skip


@cache
def company(name: str) -> Process:
    return load_process(shipped(f"processes/{name}.toml"))


@cache
def renderer() -> TemplateRenderer:
    return TemplateRenderer(None)


class Loud:
    """The engine's log: a failure that it would live with is one here."""

    def exception(self, _event: str, **_words: object) -> None:
        raise  # noqa: PLE0704 - the failure that is being handled

    def info(self, _event: str, **_words: object) -> None:
        """Nothing to see."""

    warning = error = info


class World:
    """One life of one desk."""

    def __init__(self, name: str, seed: int) -> None:
        self.dice = random.Random(f"{name}/{seed}")
        self.story: list[str] = []
        self.process = company(name)
        zone, holidays = self.dice.choice(PLACES)
        self.desk = self._desk(zone, holidays)
        self.now = datetime.fromisoformat(self.dice.choice(BEGINNINGS)).replace(tzinfo=UTC) + self._some(_DAY)
        self.store = scratch()
        self.directory = self._people()
        self.count = 0
        self.secrets: set[str] = set()
        self.sent: list[OutboxMail] = []
        self.watch = Watch(self)
        self.restart()

    def load(self) -> Directory:
        """Be `mailbot.ports.People`."""
        return self.directory

    def live(self) -> None:
        """Let one thing after the other happen, and a long silence in the end."""
        things: list[tuple[Callable[[], None], int]] = [
            (self.customer_writes, 10), (self.customer_answers, 10), (self.member_answers, 22), (self.member_opens, 2),
            (self.stranger_answers, 1), (self.forger_writes, 1), (self.machine_answers, 2), (self.word, 5),
            (self.restart, 3), (self.edit_process, 3), (self.edit_people, 2), (self.letters_go, 3), (self.admit, 2),
            (self.outage, 2), (self.clock_goes_back, 1), (self.again, 1),
        ]  # fmt: skip
        for _ in range(MOMENTS):
            (thing,) = self.dice.choices([t for t, _ in things], [w for _, w in things])
            thing()
            self.pass_time(self.dice.choice(_PAUSES))
        self.tell("three months of silence")
        self.pass_time(90 * _DAY)

    # --- Time ------------------------------------------------------------------------------------------------------

    def pass_time(self, amount: timedelta) -> None:
        """Every mail and deadline has its exact instant, up to the amount from now."""
        until = self.now + amount
        while True:
            while self.engine.step(self.now):
                self.watch.step()
            waiting, due = self.store.first_waiting(until), self.engine.next_instant()
            following = min((i for i in (waiting, due) if i is not None), default=None)
            if following is None or following > until:
                break
            assert following > self.now, f"the engine stands still at {self.now}: {waiting=} {due=}"
            self.now = following
        self.now = max(self.now, until)
        self.watch.rest()

    def outage(self) -> None:
        """Nothing runs for a while, and mail comes in meanwhile."""
        begin, amount = self.now, self.dice.choice([5 * _MINUTE, 3 * _HOUR, 4 * _DAY, 400 * _DAY])
        for _ in range(self.dice.randrange(3)):
            self.now = begin + self._some(amount)
            self.dice.choice([self.customer_writes, self.customer_answers, self.member_answers])()
        self.now = begin + amount
        self.restart()
        self.tell(f"an outage of {amount}")

    def clock_goes_back(self) -> None:
        amount = self.dice.choice([timedelta(seconds=3), _HOUR])
        self.tell(f"the clock goes back by {amount}")
        self.engine.step(self.now - amount)

    def restart(self) -> None:
        """The engine as it starts now: nothing of an earlier one is left."""

        def read(raw: bytes, border: str) -> Mail:
            return read_mail(raw, border=border, own_domain="example.com", loop_mark=MARK)

        self.engine = Engine(
            store=self.store,
            people=self,
            renderer=renderer(),
            reader=Reader(read=read, over_limit=over_limit),
            process=self.process,
            desk=self.desk,
            ring=KeyRing("example.com", (KEY,)),
            loop_mark=MARK,
            assume=self.believe,
            late_per_minute=60,
        )
        self.tell("a restart")

    def believe(self, facts: Facts, mail: Mail) -> Facts:
        """Members are logged in, customers verified by their border; forgers and strangers are neither."""
        sender = mail.from_.address if mail.from_ else ""
        if "forged" in mail.message_id or sender == STRANGER or not sender:
            return facts
        proof = Proof.SESSION if self.directory.member(sender) else Proof.VERIFIED
        return replace(facts, proofs=facts.proofs | {Proof.CLAIMED, proof})

    # --- Mails -----------------------------------------------------------------------------------------------------

    def customer_writes(self) -> None:
        sender = self.dice.choice((*CUSTOMERS, STRANGER))
        lines = ["It does not work.", "Urgency: Level 1\n\nNobody can send.", "Type: Fault\nPriority: P1\n\nIt burns.",
                 "Form: PS\nUrgency: whenever", "subscriber +372 5555 1234 wrote"]  # fmt: skip
        self.mail(sender, self.dice.choice(lines), to=self.dice.choice((SUPPORT, SUPPORT, SUPPORT, ESCALATIONS)))

    def customer_answers(self) -> None:
        self._answer(CUSTOMERS, self.dice.choice(_SAID))

    def member_answers(self) -> None:
        self._answer(self.members, self.command())

    def machine_answers(self) -> None:
        until = (self.now + self._some(20 * _DAY)).date()
        self._answer(CUSTOMERS, f"I am away until {until}.", fields={"Auto-Submitted": "auto-replied"})

    def stranger_answers(self) -> None:
        """Somebody got hold of another's mail."""
        self._answer((*CUSTOMERS, *self.members), "Me too!", sender=self.dice.choice((STRANGER, *CUSTOMERS)))

    def forger_writes(self) -> None:
        number = self.dice.randint(1, 4)
        self.mail(self.dice.choice(MEMBERS), "close: Solved", subject=f"Re: [HD-{number}] x", name="forged")

    def member_opens(self) -> None:
        day = (self.now - self._some(3 * _DAY)).strftime("%Y-%m-%d %H:%M")
        first = self.dice.choice([f"for {CUSTOMERS[0]}", f"for {CUSTOMERS[2]} opened {day}Z"])
        second = self.dice.choice(["", "take", self.priority()])
        self.mail(self.dice.choice(MEMBERS), f"{first}\n{second}\nThey phoned.")

    def again(self) -> None:
        """A mail comes a second time, through another door perhaps."""
        if self.watch.arrivals:
            arrival = self.dice.choice(self.watch.arrivals)
            self.store.receive([arrival])
            self.tell("the same mail again")

    def word(self) -> None:
        cases = self.store.cases()
        if cases:
            case, actor = self.dice.choice(cases), self.dice.choice((*MEMBERS, *CUSTOMERS))
            text = self.command() if actor in MEMBERS else self.dice.choice(_SAID)
            self.tell(f"{actor} says {text!r} in {case.number}")
            self.engine.say(case.number, text, actor, self.now)

    def command(self) -> str:
        """Something that a member writes."""
        self.count += 1
        secret = f"canary{self.count:04}x"
        day = (self.now + self._some(10 * _DAY)).date().isoformat()
        said = [*_TOLD, *(f"{c.word}: Said" for c in self.process.commands), *[self.priority()] * 4]
        said += [f"status {s.name} {cause}".strip() for s in self.process.statuses for cause in s.causes or [""]]
        said += [f"type {t.name}" for t in self.process.types]
        said += [f"consult {one.name}: {{secret}} is it ours?" for one in self.process.consultations]
        text = self.dice.choice(said)
        if "{secret}" in text:
            self.secrets.add(secret)
        if self.dice.random() < 0.2 and "{secret}" not in text:
            text = f"{self.priority()}\n{text}"
        return text.replace("{secret}", secret).replace("{day}", day)

    def priority(self) -> str:
        return f"priority {self.dice.choice(self.process.priorities).name}"

    def _answer(
        self, whose: tuple[str, ...], text: str, *, sender: str = "", fields: dict[str, str] | None = None
    ) -> None:
        """Somebody answers a letter that they got."""
        letters = [letter for letter in self.watch.letters if letter.to in whose]
        if not letters:
            self.mail(sender or self.dice.choice(whose), text)
            return
        letter = self.dice.choice(letters[-8:])
        fields = {"In-Reply-To": letter.message_id, **(fields or {})}
        to = dict(letter.fields).get("Reply-To", SUPPORT)
        self.mail(sender or letter.to, text, to=to, subject=f"Re: {letter.subject}", fields=fields)

    def mail(
        self, sender: str, text: str, *, to: str = SUPPORT, subject: str = "It fails", name: str = "m",
        fields: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.count += 1
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, " ".join(subject.split())
        message["Date"], message["Message-ID"] = self.now, f"<{name}{self.count}@{sender.partition('@')[2]}>"
        for key, value in (fields or {}).items():
            message[key] = value
        message.set_content(text + "\n")
        raw = message.as_bytes()
        own = OwnAddresses((SUPPORT, ESCALATIONS)).by_purpose([to])
        purpose, addresses = next(iter(own.items()), (SUPPORT, (SUPPORT,)))
        envelope = Envelope(received_at=self.now, source="smtp", forward_paths=addresses, reverse_path=sender)
        arrival = Arrival(envelope=envelope, raw=raw, digest=intake_digest(raw), purpose=purpose)
        self.watch.arrivals.append(arrival)
        self.store.receive([arrival])
        self.tell(f"{sender} writes {text!r} ({subject})")

    def admit(self) -> None:
        held = self.store.quarantine_list()
        if held:
            row = self.dice.choice(held)
            self.tell(f"mail {row.id} is let in")
            self.watch.admitted[row.id] += self.store.quarantine_admit(row.id, self.now)

    def letters_go(self) -> None:
        """The send loop takes some letters; one in eight fails for good."""
        for letter in self.store.claim_letters(self.now, 20):
            failed = self.dice.random() < 1 / 8
            state, reply = (OutboxState.FAILED, "550 5.1.1 no such user") if failed else (OutboxState.SENT, "250 ok")
            self.store.finish_letter(letter, state, reply, self.now)
        self.tell("letters go out")

    # --- Edits -----------------------------------------------------------------------------------------------------

    def edit_process(self) -> None:
        """The operator edits the file and the engine is made anew: a target, the hours, a closing day, a priority."""
        keys: dict[str, Any] = self.process.model_dump(by_alias=True)
        match self.dice.randrange(4):
            case 0:
                one = self.dice.choice(keys["priority"])
                hours = self.dice.choice(["30 minutes", "6 hours", "3 business days", "best effort", "2-5 days"])
                one["targets"] = dict.fromkeys(one["targets"], hours)
            case 1:
                friday = self.dice.choice(["", "09:00-12:00, 13:00-15:00"])
                keys["hours"] |= {"friday": friday, "saturday": "10:00-14:00"}
            case 2:
                days = tuple((self.now + n * _DAY).date() for n in (1, 2))
                keys["hours"]["closed"] = (*keys["hours"]["closed"], *days)
            case _:
                new = dict(keys["priority"][-1]) | {"name": f"Extra {self.count}", "title": ""}
                keys["priority"] = (new, *keys["priority"])
        self.count += 1
        self.process = Process.model_validate(keys | {"version": f"edited-{self.count}"})
        self.restart()
        self.tell(f"the process is edited: {self.process.version}")

    def edit_people(self) -> None:
        self.count += 1
        people = list(self.directory.people)
        index = self.dice.randrange(3)
        last = self.now.date() + timedelta(days=self.dice.randint(-5, 60))
        plan = self.dice.choice(["", "basic", "premium"])
        people[index] = replace(people[index], contract_until=last, plan=plan)
        self.directory = Directory(version=f"edit {self.count}", people=tuple(people))
        self.tell(f"{people[index].address} has plan {plan!r} and a contract until {last}")

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(p.address for p in self.directory.people if p.role != Role.CUSTOMER)

    def _people(self) -> Directory:
        until = [self.now.date() + timedelta(days=self.dice.randint(1, 200)) for _ in range(2)]
        others = sorted(self.process.roles)
        return Directory(
            version="first",
            people=(
                Person(address=CUSTOMERS[0], name="Anna", organisation="Acme", contract_until=until[0], plan="premium"),
                Person(address=CUSTOMERS[1], name="Bob", organisation="Acme", contract_until=until[1]),
                Person(address=CUSTOMERS[2], name="Cleo", contract_until=date(2026, 1, 1)),
                Person(address=MEMBERS[0], name="Mari", role=Role.AGENT),
                Person(address=MEMBERS[1], name="Jaan", role=Role.AGENT, team="second line"),
                Person(address=MEMBERS[2], name="Lena", role=Role.LEAD),
                *(Person(address=f"{role}@example.com", role=role) for role in others),
            ),
        )

    def _desk(self, zone: str, holidays: str) -> Desk:
        escalation = self.process.escalation
        purposes = {ESCALATIONS: "escalation"} if escalation and escalation.address else {}
        return Desk(
            address=SUPPORT, tag="HD", timezone=zone, name="Example Support", holidays=holidays, purposes=purposes
        )

    def _some(self, most: timedelta) -> timedelta:
        return timedelta(seconds=self.dice.randrange(max(1, int(most.total_seconds()))))

    def tell(self, what: str) -> None:
        self.story.append(f"{getattr(self, 'now', None)} {what}")
