"""What must hold whatever happens: checked after each step of the engine, and more of it whenever it rests.

I1 to I8 are those of the reliability plan: no mail without an end, one effect per mail, no event without its notices
or a reason, no letter without a decision, none to outsiders, no note in a customer's mail, a store that is whole.
"""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailbot.event import (
    CaseOpened,
    ClockBreached,
    ClockEvent,
    ClockMet,
    ClockName,
    ClockStarted,
    ClockWarned,
    Event,
    Kind,
    MessageAdded,
    ReminderSent,
    TextReleased,
    Visibility,
)
from mailbot.model import Case
from mailbot.people import Role
from mailbot.ports.records import Arrival, HistoryLine, OutboxMail
from mailbot.rules.case.evolve import evolve
from mailbot.rules.deadlines import deadlines
from mailbot.store import cases as cases_module
from mailbot.store.outbox import letter_of
from mailbot.store.schema import deadlines as rows
from mailbot.store.schema import decisions, history, inbox, outbox

if TYPE_CHECKING:
    from tests.simulation.world import World

_LINES = sa.select(history.c.seq).where(history.c.seq > sa.bindparam("after")).limit(1)


class Watch:
    """Looks at one world, and remembers what it has seen."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.seq = 0
        self.outbox = 0
        self.folded: dict[int, Case] = {}
        self.letters: list[OutboxMail] = []
        self.arrivals: list[Arrival] = []
        self.happened: Counter[tuple[int, str, str]] = Counter()
        #: How often each mail was let in by hand.
        self.admitted: Counter[int] = Counter()

    def step(self) -> None:
        """After each step of the engine."""
        lines = self._new_lines()
        letters = self._new_letters()
        for line in lines:
            if line.happened is not None and line.case is not None:
                self._event(line.case, line.happened.event)
        for number in {line.case for line in lines if line.case is not None}:
            assert self.world.store.case(number) == self.folded[number], "folding the events gives the row"
        for letter in letters:
            self._letter(letter)
        self._told(lines, letters)

    def rest(self) -> None:
        """When the engine has nothing to do."""
        self.step()
        store, now = self.world.store, self.world.now
        with store.reading() as connection:
            states = connection.execute(sa.select(inbox.c.id, inbox.c.state, inbox.c.attempts, inbox.c.reason)).all()
            said = connection.execute(sa.select(rows.c.case, rows.c.rule, rows.c.cycle, rows.c.due)).all()
            tried = connection.execute(
                sa.select(decisions.c.inbox_id, sa.func.count()).where(decisions.c.inbox_id.is_not(None)).group_by(
                    decisions.c.inbox_id)).all()  # fmt: skip
        assert len(states) == len({(a.digest, a.purpose) for a in self.arrivals}), "I1: each mail is there once"
        for row in states:
            assert row.state in ("done", "held", "quarantined", "dropped"), f"I1: mail {row.id} is {row.state}"
            assert not row.reason.startswith("crash"), f"mail {row.id}: {row.reason}"
        twice = [number for number, count in tried if count > 1 + self.admitted[number]]
        assert not twice, f"I2: a mail is decided once, and once more when it is let in: {twice}"
        wanted = {(d.case, d.rule, d.cycle, d.due) for case in self.folded.values() for d in self._deadlines(case)}
        assert {tuple(row) for row in said} == wanted, "the deadlines in the store are those of the cases"
        nothing_paced = self.world.engine.next_instant() == store.first_due()
        if nothing_paced:
            late = [row for row in said if row.due < now]
            assert not late, f"never fired: {late}"
        for case in self.folded.values():
            for clock in case.clocks if nothing_paced else ():
                if clock.open and clock.due is not None and clock.due < now:
                    assert clock.breached_at is not None, f"{clock.name} of {case.number} ran out at {clock.due}"

    def whole(self) -> None:
        """At the end: I3, I4, I7, I8 as `mailbot verify` sees them."""
        found = self.world.store.verify(evolve)
        assert not found, found

    def _event(self, number: int, event: Event) -> None:
        before = self.folded.get(number)
        case = self.folded[number] = evolve(before, event)
        assert event.at <= self.world.now, f"nothing happens before its time: {event}"
        earliest = before.latest if before is not None else event.at
        # The instant of a breach is its due one, however late it is told; a clock may begin after it was met.
        early = isinstance(event, ClockMet) and event.at in (case.picked_up_at, case.answered_at)
        if not isinstance(event, ClockBreached) and not early:
            assert event.at >= earliest, f"nothing happens before what happened: {event} in {before}"
        if isinstance(event, MessageAdded) and event.inbox_id:
            self._once(number, "mail", str(event.inbox_id), "I2: one effect per mail and case")
        if isinstance(event, TextReleased):
            # What was held back of a mail becomes part of its case, once more.
            self.happened[number, "mail", str(event.inbox_id)] = 0
        if isinstance(event, ClockEvent):
            self._clock(number, event, before or case)

    def _clock(self, number: int, event: ClockEvent, before: Case) -> None:
        clock = before.clock(event.clock)
        assert (clock is None) == isinstance(event, ClockStarted), f"a clock starts once, and first: {event}"
        assert event.at >= before.opened
        if isinstance(event, ClockWarned | ClockBreached):
            self._once(number, type(event).__name__, event.clock, "once per clock")
            assert clock is not None
            assert clock.open, f"only what is not met is late: {event}"
        if isinstance(event, ClockBreached):
            assert event.due is not None
            assert event.due <= event.at, "never early"
        if isinstance(event, ClockMet) and clock is not None and clock.breached_at is None:
            due = self._due(before, event.clock)
            assert due is None or event.at <= due, f"met late without being called late: {event}"

    def _once(self, number: int, what: str, which: str, rule: str) -> None:
        self.happened[number, what, which] += 1
        assert self.happened[number, what, which] == 1, f"{rule}: {what} {which} of case {number}"

    def _letter(self, letter: OutboxMail) -> None:
        directory, process = self.world.directory, self.world.process
        if letter.visibility is Visibility.INTERNAL:
            person = directory.person(letter.to)
            assert person is not None, f"I5: {letter.template} to {letter.to}"
            ours = process.roles | frozenset(Role) - {Role.CUSTOMER}
            assert person.role in ours, f"I5: {letter.template} to {letter.to}"
            return
        shown = f"{letter.subject}\n{letter.text}\n{letter.html}"
        leaked = [secret for secret in self.world.secrets if secret in shown]
        assert not leaked, f"I6: {leaked} in {letter.template} to {letter.to}:\n{letter.text}"
        case = self.folded.get(letter.case) if letter.case else None
        if case is not None:
            assert letter.to in case.participants, f"I5: {letter.template} of {case.number} to {letter.to}"

    def _told(self, lines: list[HistoryLine], letters: list[OutboxMail]) -> None:
        """I3: what somebody must hear of is told, in the same decision."""
        made = {(letter.case, letter.template) for letter in letters}
        for line in lines:
            if line.happened is None:
                continue
            explained = line.hits or line.case is None or line.body.get("reason")
            assert made or explained, f"neither told nor explained: {line}"
            match line.happened.event:
                case ReminderSent() if "ladder" in str(line.hits):
                    assert (line.case, "reminder") in made or "no reminder to" in str(line.hits)
                case ClockWarned():
                    team = self.world.directory.team(self.world.process.team)
                    withheld = str(line.hits).count("no clock_warned to")
                    assert (line.case, "clock_warned") in made or withheld >= len(team)
                case CaseOpened():
                    assert any(case == line.case for case, _ in made)
                case _:
                    pass

    def _deadlines(self, case: Case) -> Any:
        if case.kind is Kind.CLOSED:
            assert not deadlines(case, self.world.process, self.world.desk), "a closed case has no deadline"
        return deadlines(case, self.world.process, self.world.desk)

    def _due(self, case: Case, name: ClockName) -> datetime | None:
        clock = case.clock(name)
        return clock.due if clock else None

    def _new_lines(self) -> list[HistoryLine]:
        found: list[HistoryLine] = []
        with self.world.store.reading() as connection:
            if connection.execute(_LINES, {"after": self.seq}).first() is None:
                return found
            rows_ = connection.execute(cases_module._LINES, {"after": self.seq}).all()
        found = [cases_module._line(row) for row in rows_]
        self.seq = found[-1].seq if found else self.seq
        return found

    def _new_letters(self) -> list[OutboxMail]:
        with self.world.store.reading() as connection:
            query = sa.select(outbox).where(outbox.c.id > self.outbox).order_by(outbox.c.id)
            new = [letter_of(row) for row in connection.execute(query)]
        if new:
            self.outbox = new[-1].id
        self.letters += new
        return new
