"""What the tests of the functional core are made of: mails, people, cases and the modera process, said in few words.

Everything has a plain default, so that a test says only what it is about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.decision import Cause, DeadlineCame, Decision, MailArrived, Notice, WordGiven
from mailbot.event import CaseOpened, Event, Kind, MessageAdded, Visibility
from mailbot.facts import Answers, Counters, Facts, Found, ThreadKeys, Token
from mailbot.mail import Attachment, Envelope, Mail, Mailbox
from mailbot.model import Case, Deadline
from mailbot.people import Desk, Directory, Person, Proof, Role
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.evolve import evolve, fold
from mailbot.rules.deadlines import deadlines
from mailbot.rules.decide import decide
from mailbot.rules.reading.naming import spoken_numbers

MODERA_FILE = Path(__file__).parent.parent / "config" / "processes" / "modera.toml"

DESK = "support@example.com"
CUSTOMER, WATCHER, STRANGER = "mari@customer.test", "jaan@customer.test", "nobody@elsewhere.test"
ANNA, BEN, LEA, MAX = "anna@example.com", "ben@example.com", "lea@example.com", "max@example.com"

#: Proofs that suffice for a member, and for a customer.
SESSION = frozenset({Proof.CLAIMED, Proof.SESSION})
VERIFIED = frozenset({Proof.CLAIMED, Proof.VERIFIED})
CLAIMED = frozenset({Proof.CLAIMED})


def _over(keys: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    return {**defaults, **keys}


def at(text: str) -> datetime:
    """Read `2026-03-02 09:00 Europe/Tallinn`; without a zone it is UTC. Seconds may be given."""
    day, time, *zone = text.split()
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=ZoneInfo(zone[0]) if zone else UTC).astimezone(UTC)


NOON = at("2026-03-02 10:00")


@cache
def modera() -> Process:
    return load_process(MODERA_FILE)


def changed(process: Process, **keys: object) -> Process:
    """The process with other keys, checked as the file would be."""
    return Process.model_validate(_over(keys, **process.model_dump(by_alias=True)))


def with_targets(**targets: str) -> list[dict[str, Any]]:
    """Modera's priorities with other targets beside their own, as the file would have them."""
    own = ((p, {str(name): target for name, target in p.targets.items()}) for p in modera().priorities)
    return [{**p.model_dump(), "targets": {**known, **targets}} for p, known in own]


def a_desk(**keys: Any) -> Desk:
    return Desk(**_over(keys, address=DESK, tag="HD", timezone="UTC", name="Example Support"))


def a_directory(*more: Person) -> Directory:
    people = (
        Person(address=CUSTOMER, name="Mari Maasikas"),
        Person(address=ANNA, name="Anna Agent", role=Role.AGENT, also=("anna.agent@home.test",)),
        Person(address=BEN, name="Ben Berg", role=Role.AGENT, team="second line"),
        Person(address=LEA, name="Lea Lead", role=Role.LEAD),
        Person(address=MAX, name="Max Manager", role=Role.MANAGER),
    )
    return Directory(version="1", people=(*people, *more))


def a_mail(said: str = "The printer is on fire.", **keys: Any) -> Mail:
    sender = keys.pop("sender", CUSTOMER)
    values: dict[str, Any] = {"digest": "d", "message_id": "<m1@customer.test>", "subject": "Printer"}
    values |= {"from_": Mailbox(address=sender) if sender else None, "text": said, "new_text": said}
    return Mail(**values | keys)


def an_attachment(name: str = "photo.png", index: int = 0) -> Attachment:
    return Attachment(name=name, type="image/png", size=3, sha256="00", index=index)


def an_envelope(now: datetime = NOON, **keys: Any) -> Envelope:
    return Envelope(**_over(keys, received_at=now, source="smtp", forward_paths=(DESK,)))


def who(address: str) -> bytes:
    """The principal of a person: any digest will do where no key is involved."""
    return address.encode()


def a_token(case: int = 1, person: str = CUSTOMER, **keys: Any) -> Token:
    return Token(**_over(keys, case=case, visibility=Visibility.PUBLIC, principal=who(person)))


def facts(*cases: Case, sender: str = CUSTOMER, proofs: Iterable[Proof] = VERIFIED, **keys: Any) -> Facts:
    """What is known when `sender` writes; with cases, the subject's number leads to the first."""
    known = {case.number: case for case in cases}
    values: dict[str, Any] = {
        "desk": a_desk(),
        "directory": a_directory(),
        "proofs": frozenset(proofs),
        "principal": who(sender),
        "found": Found(cases=known),
        "keys": ThreadKeys(number=cases[0].number if cases else 0),
        "next_number": max(known, default=0) + 1,
    }
    return Facts(**values | keys)


def a_case(status: str = "Open", **keys: Any) -> Case:
    """A case of modera's, opened at noon; clocks only where they are given."""
    process = modera()
    opened = CaseOpened(
        at=NOON,
        number=1,
        status="Open",
        kind=Kind.NEW,
        priority="P3",
        type="IT Help",
        requester=CUSTOMER,
        subject="Printer",
        opened=NOON,
    )
    values: dict[str, Any] = {"status": status, "kind": process.status(status).kind}
    if values["kind"] is Kind.CLOSED:
        values |= {"closed": NOON, "reason": "Confirmed", "solved": True}
    if status != "Open":
        values |= {"assignee": ANNA, "picked_up_at": NOON}
    return replace(evolve(None, opened), **values | keys)


def a_draft(case: Case | None = None, *, now: datetime = NOON, **keys: Any) -> Draft:
    return Draft(
        facts=keys.pop("facts", None) or facts(*([case] if case else [])),
        process=keys.pop("process", None) or modera(),
        now=now,
        case=case,
        before=case,
        **keys,
    )


#: What a mail of a story may be found to answer.
FOUND = ("receipt_of", "held", "held_for", "read_until", "names_notice")


class Story:
    """One desk through time: mails, words and deadlines go through `decide`, their events are folded."""

    def __init__(self, *, desk: Desk | None = None, process: Process | None = None, **keys: Any) -> None:
        self.desk = desk or a_desk()
        self.process = process or modera()
        self.directory: Directory = keys.get("directory") or a_directory()
        self.cases: dict[int, Case] = {}
        self.events: dict[int, list[Event]] = {}
        self.notices: list[Notice] = []
        self.decisions: list[Decision] = []
        self.internal_lines: frozenset[str] = frozenset()
        self.answers = Answers()
        self.answers_survey = False
        #: Until when letters of a mail's answer wait, by its number in the inbox.
        self.waiting: dict[int, list[datetime]] = {}
        self.now = NOON

    @property
    def case(self) -> Case:
        return self.cases[1]

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    def mail(self, sender: str, said: str, when: str = "", *, case: int = 1, **keys: Any) -> Decision:
        """`sender` writes, well proven, in answer to the case if it is there."""
        now = at(when) if when else self.now
        known = {case: self.cases[case]} if case in self.cases else {}
        proofs = keys.pop("proofs", SESSION if self.directory.member(sender) else VERIFIED)
        counters, visibility = keys.pop("counters", Counters()), keys.pop("reply", Visibility.PUBLIC)
        stepped_down = keys.pop("stepped_down", False)
        admitted, inbox_id = keys.pop("admitted", False), keys.pop("inbox_id", 7)
        token = (a_token(case, sender, visibility=visibility),) if keys.pop("keep_tokens", True) else ()
        tokens = token if known else ()
        received, decided = keys.pop("received_at", now), keys.pop("decided_at", None)
        given = Facts(
            desk=self.desk,
            directory=self.directory,
            proofs=proofs,
            principal=who(sender),
            found=Found(cases=self.found(case, said), **{name: keys.pop(name) for name in FOUND if name in keys}),
            said=keys.pop("said_before", {}),
            keys=ThreadKeys(tokens=tokens, number=case if known else 0),
            next_number=max(self.cases, default=0) + 1,
            counters=counters,
            internal_lines=self.internal_lines,
            answers=self.answers,
            answers_survey=self.answers_survey,
            stepped_down=stepped_down,
            unsent=self.unsent(now),
        )
        given = replace(given, about={inbox_id: keys.pop("about", 0)}, messages=self.messages())
        mail = a_mail(said, **{"sender": sender} | keys)
        cause = MailArrived(
            mail=mail, envelope=an_envelope(received), inbox_id=inbox_id, admitted=admitted, decided_at=decided
        )
        return self.happens(cause, given, now)

    def found(self, case: int, said: str) -> dict[int, Case]:
        """The cases that the store would find: the one that is answered, those that are named, where they go on."""
        wanted = [case, *spoken_numbers(said, self.desk.tag)]
        for number in wanted:
            here = self.cases.get(number)
            near = (here.merged_into, *here.absorbed, here.parent, *here.children) if here else ()
            wanted += [one for one in near if one and one not in wanted]
        known = [self.cases[number] for number in wanted if number in self.cases]
        taken = (kept for one in known for kept in (one.undo, one.recall))
        wanted += [number for one in tuple(taken) if one for number in one.others]
        return {number: self.cases[number] for number in wanted if number in self.cases}

    def unsent(self, now: datetime) -> dict[int, int]:
        """How many letters of each mail have not left."""
        return {mail: sum(leaves > now for leaves in waiting) for mail, waiting in self.waiting.items()}

    def messages(self) -> dict[int, tuple[MessageAdded, ...]]:
        """What the store has of each case's messages."""
        return {n: tuple(e for e in events if isinstance(e, MessageAdded)) for n, events in self.events.items()}

    def word(self, actor: str, text: str, when: str = "", *, case: int = 1) -> Decision:
        """Somebody with a shell says something."""
        cause = WordGiven(case=case, text=text, actor=actor)
        return self.happens(cause, self._plain_facts(), at(when) if when else self.now)

    def until(self, when: str) -> list[Deadline]:
        """Let time pass: every deadline fires at its instant. Returns those that did, in order."""
        end = at(when)
        fired: list[Deadline] = []
        while True:
            due = [d for case in self.cases.values() for d in deadlines(case, self.process, self.desk)]
            waiting = sorted((d for d in due if d.due <= end), key=lambda d: (d.due, d.case))
            if not waiting:
                self.now = end
                return fired
            fired.append(waiting[0])
            self.happens(DeadlineCame(deadline=waiting[0]), self._plain_facts(), max(waiting[0].due, self.now))

    def fires(self, deadline: Deadline, when: str) -> Decision:
        """A deadline fires, later than it was due."""
        return self.happens(DeadlineCame(deadline=deadline), self._plain_facts(), at(when))

    def happens(self, cause: Cause, given: Facts, now: datetime) -> Decision:
        decision = decide(self.cases, cause, given, self.process, now)
        for happened in decision.happened:
            if happened.case is not None:
                self.cases[happened.case] = evolve(self.cases.get(happened.case), happened.event)
                self.events.setdefault(happened.case, []).append(happened.event)
        if isinstance(cause, MailArrived) and (leaves := [one.leaves for one in decision.notices if one.leaves]):
            self.waiting[cause.inbox_id] = leaves
        if decision.recalled:
            assert len(self.waiting.pop(decision.recalled[0])) == decision.recalled[1]
        self.notices.extend(decision.notices)
        self.decisions.append(decision)
        self.now = now
        return decision

    def folded(self) -> Mapping[int, Case]:
        return {number: fold(events) for number, events in self.events.items()}

    def _plain_facts(self) -> Facts:
        number = max(self.cases, default=0) + 1
        return Facts(
            answers=self.answers,
            desk=self.desk,
            directory=self.directory,
            next_number=number,
            messages=self.messages(),
            unsent=self.unsent(self.now),
        )


def names(decision: Decision) -> list[str]:
    """The names of the events, in order."""
    return [type(happened.event).__name__ for happened in decision.happened]


def told(decision: Decision) -> set[tuple[str, str]]:
    """Who got which notice."""
    return {(notice.to, notice.template) for notice in decision.notices}


def to_customers(notices: Iterable[Notice]) -> list[Notice]:
    """The notices that leave the team."""
    return [notice for notice in notices if notice.visibility is Visibility.PUBLIC]


def a_story(status: str = "Open", **keys: Any) -> Story:
    """A story whose case was opened by the customer's mail and led to the status by Anna."""
    story = Story(**keys)
    story.mail(CUSTOMER, "The printer is on fire.")
    ways: dict[str, list[str]] = {
        "Open": [],
        "In progress": ["take"],
        "Waiting for customer": ["take", "ask: Which printer is it?"],
        "Waiting for approval": ["take", "estimate: Two days of work."],
        "Fixed": ["take", "fix: We changed the cable."],
        "Closed": ["take", "fix: We changed the cable.", "close"],
    }
    for line in ways[status]:
        story.mail(ANNA, line)
    return story
