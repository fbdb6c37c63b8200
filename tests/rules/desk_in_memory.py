"""A desk whose store is a few mappings: the pure core through time, on the facts that the engine really gathers.

People answer the notices that they got, at the reply addresses that those really have.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from mailbot.decision import Cause, DeadlineCame, Decision, Happened, MailArrived, Notice, WordGiven
from mailbot.engine.facts import NO_ANSWERS, Gathering, no_assumption
from mailbot.event import Event, Kind, MessageAdded, Visibility
from mailbot.facts import Counters, Found, Query, ThreadKeys, Token
from mailbot.mail import Mail
from mailbot.model import Case
from mailbot.people import Directory
from mailbot.ports import Store
from mailbot.ports.records import HistoryLine, InboxMail
from mailbot.process import Process
from mailbot.rules.case.evolve import evolve
from mailbot.rules.deadlines import deadlines
from mailbot.rules.decide import decide
from mailbot.rules.identity.token import KeyRing, principal, reply_address
from mailbot.standing import Alarm, Recipient, Standing
from tests.builders import DESK, NOON, a_desk, a_mail, an_envelope

RING = KeyRing("example.com", (bytes(range(32)),))
#: Deadlines that one pause may bring.
MOST_DEADLINES = 60


class Memory:
    """The reading part of a store, as far as facts are gathered from it."""

    def __init__(self) -> None:
        self.known: dict[int, Case] = {}
        self.events: dict[int, list[Event]] = {}
        self.mails: dict[int, Mail] = {}
        #: Until when letters of a mail wait.
        self.waiting: dict[int, list[datetime]] = {}
        self.now = NOON

    def case(self, number: int) -> Case | None:
        return self.known.get(number)

    def cases(self, *, requester: str = "", open_only: bool = False) -> Sequence[Case]:
        mine = (case for case in self.known.values() if case.requester == requester)
        return [case for case in mine if not (open_only and case.kind is Kind.CLOSED)]

    def matching(self, query: Query, limit: int) -> Sequence[Case]:
        wanted = (case for case in self.known.values() if query.requester in ("", case.requester))
        return list(wanted)[:limit]

    def find(self, keys: ThreadKeys, report_of: str = "") -> Found:
        del report_of
        wanted = sorted(keys.numbers)
        for number in wanted:
            wanted += [one for one in self._of(number) if one not in wanted]
        return Found(cases={number: self.known[number] for number in wanted if number in self.known})

    def _of(self, number: int) -> list[int]:
        """The cases that the store finds with this one."""
        case = self.known.get(number)
        return [one for one in (case.merged_into, *case.absorbed) if one] if case else []

    def next_number(self) -> int:
        return max(self.known, default=0) + 1

    def counters(self, sender: str, case: int | None, now: datetime) -> Counters:
        del sender, case, now
        return Counters()

    def standings(self, named: Collection[str]) -> Mapping[str, Standing]:
        """Every letter reaches whom it is for."""
        del named
        return {}

    def recipients(self, named: Collection[str], now: datetime) -> Mapping[str, Recipient]:
        del named, now
        return {}

    def alarms(self) -> Sequence[Alarm]:
        return ()

    def absences(self, now: datetime) -> Mapping[str, datetime]:
        """Nobody stays away: `away` is said, and forgotten."""
        del now
        return {}

    def quarantine_latest(self, limit: int) -> Sequence[InboxMail]:
        """Nothing is ever set aside."""
        del limit
        return ()

    def quarantine_named(self, numbers: Collection[int]) -> Sequence[InboxMail]:
        del numbers
        return ()

    def unsent(self, mails: Collection[int]) -> Mapping[int, int]:
        return {mail: sum(leaves > self.now for leaves in self.waiting.get(mail, ())) for mail in mails}

    def history(self, case: int) -> Iterator[HistoryLine]:
        for event in self.events.get(case, ()):
            yield HistoryLine(seq=0, case=case, at=event.at, body={}, happened=Happened(case=case, event=event))

    def said(self, case: int) -> str:
        added = (event for event in self.events.get(case, ()) if isinstance(event, MessageAdded) and event.answers)
        return next((event.text for event in reversed([*added])), "")

    def internal_texts(self, case: int) -> Sequence[str]:
        return self._texts(case, Visibility.INTERNAL)

    def public_texts(self, case: int) -> Sequence[str]:
        return self._texts(case, Visibility.PUBLIC)

    def _texts(self, case: int, visibility: Visibility) -> Sequence[str]:
        added = (event for event in self.events.get(case, ()) if isinstance(event, MessageAdded))
        return [event.text for event in added if event.visibility is visibility]

    def raw(self, inbox_id: int) -> bytes:
        return str(inbox_id).encode()


class Life:
    """One desk: who writes, what it decides, what goes out."""

    def __init__(self, process: Process, directory: Directory, store: Memory | None = None) -> None:
        self.process, self.directory, self.now = process, directory, NOON
        self.desk = replace(a_desk(), purposes={"escalations@example.com": "escalation"})
        self.store = store or Memory()
        self.notices: list[Notice] = []
        self.gathering = Gathering(
            store=cast("Store", self.store),
            people=self,
            read=lambda raw, _: self.store.mails[int(raw)],
            desk=self.desk,
            ring=RING,
            assume=no_assumption,
            answers=NO_ANSWERS,
            process=process,
        )

    def load(self) -> Directory:
        return self.directory

    def write(
        self, sender: str, text: str, answered: Notice | None, *, subject: str = "Printer", proven: bool
    ) -> Decision:
        """Somebody writes to the desk, or to the reply address of a notice that they got."""
        to = DESK
        if answered is not None and answered.case is not None:
            who = principal(RING, answered.to)
            to = reply_address(RING, self.desk, Token(case=answered.case, visibility=answered.reply, principal=who))
        number = len(self.store.mails) + 1
        mail = a_mail(text, sender=sender, subject=subject, message_id=f"<{number}@client.test>")
        self.store.mails[number] = mail
        envelope = an_envelope(self.now, forward_paths=(to,), session=sender if proven else "")
        return self._happens(MailArrived(mail=mail, envelope=envelope, inbox_id=number))

    def say(self, actor: str, text: str, case: int) -> Decision:
        """Somebody with a shell says something."""
        return self._happens(WordGiven(case=case, text=text, actor=actor))

    def until(self, end: datetime) -> Iterator[Decision]:
        """Let time pass: every deadline fires at its instant."""
        for _ in range(MOST_DEADLINES):
            waiting = [d for case in self.store.known.values() for d in deadlines(case, self.process, self.desk)]
            first = min(waiting, key=lambda d: (d.due, d.case), default=None)
            if first is None or first.due > end:
                break
            self.now = max(first.due, self.now)
            yield self._happens(DeadlineCame(deadline=first))
        self.now = max(end, self.now)

    def _happens(self, cause: Cause) -> Decision:
        self.store.now = self.now
        facts, cases = self.gathering.facts(cause, self.now)
        decision = decide(cases, cause, facts, self.process, self.now)
        for happened in decision.happened:
            if happened.case is not None:
                known = self.store.known
                known[happened.case] = evolve(known.get(happened.case), happened.event)
                self.store.events.setdefault(happened.case, []).append(happened.event)
        if isinstance(cause, MailArrived):
            self.store.waiting[cause.inbox_id] = [one.leaves for one in decision.notices if one.leaves]
        if decision.recalled:
            mail, letters = decision.recalled
            assert len(self.store.waiting.pop(mail)) == letters
        self.notices += decision.notices
        return decision
