"""The digests of a desk: when the next one is due, and what it rests on. Decides nothing."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.digest import Digest, MemberReturned, OpeningCame, Overview
from mailbot.event import Event
from mailbot.facts import Facts, Query
from mailbot.model import Case
from mailbot.people import Desk, Directory
from mailbot.ports import Store
from mailbot.process import Process
from mailbot.rules.counting.working_day import next_digest, returned
from mailbot.rules.mail.asking import MOST_COUNTED
from mailbot.rules.notice.report import is_ours


class Digests:
    """Knows the desk's next digest."""

    def __init__(self, store: Store, process: Process, desk: Desk) -> None:
        self._store = store
        self._process = process
        self._desk = desk
        self._looked: datetime | None = None
        self._opening: OpeningCame | None = None
        self._next: Digest | None = None

    def next(self, now: datetime) -> Digest | None:
        """Return the digest that is due, or else the next one; None where there is none to come."""
        opening = self._next_opening(now)
        # At one instant the day goes first: it leaves those to themselves who are back.
        coming: list[Digest] = [opening] if opening else []
        coming += [returned(self._process, self._desk, absence) for absence in self._store.untold()]
        self._next = min(coming, key=lambda one: one.due, default=None)
        return self._next

    def instant(self) -> datetime | None:
        """Return when the next digest is due, as far as was looked; None for none."""
        return self._next.due if self._next else None

    def is_untold(self, digest: Digest) -> bool:
        """Has nobody told it yet?"""
        if isinstance(digest, MemberReturned):
            return digest.absence in self._store.untold()
        told = self._store.opening_told()
        return told is None or told < digest.day

    def facts(self, digest: Digest, directory: Directory, now: datetime) -> tuple[Facts, Mapping[int, Case]]:
        """Return what a digest rests on, and the cases that were somebody's who is back, by number."""
        store, own, meanwhile = self._store, dict[int, Case](), dict[int, tuple[Event, ...]]()
        if isinstance(digest, MemberReturned):
            own = {number: case for number in digest.absence.cases if (case := store.case(number))}
            meanwhile = {number: _since(store, number, digest.absence.since) for number in own}
        found = store.matching(Query(), MOST_COUNTED + 1)
        cases = tuple(found[:MOST_COUNTED])
        overview = Overview(
            cases=cases,
            more=len(found) > MOST_COUNTED,
            latest=store.latest_words([case.number for case in (*cases, *own.values()) if is_ours(case)]),
            wishes=store.wishes(),
            returning=frozenset(absence.person for absence in store.untold() if absence.until <= now),
            meanwhile=meanwhile,
        )
        return Facts(desk=self._desk, directory=directory, away=store.absences(now), overview=overview), own

    def _next_opening(self, now: datetime) -> OpeningCame | None:
        """Look into the store only when a day has begun, or may have."""
        known = self._looked is not None and self._looked <= now
        if not known or (self._opening is not None and self._opening.due <= now):
            told = self._store.opening_told() if self._desk.opening_digest else None
            self._looked, self._opening = now, next_digest(self._process, self._desk, told, now)
        return self._opening


def _since(store: Store, number: int, instant: datetime) -> tuple[Event, ...]:
    """Return what happened to a case after an instant."""
    events = (line.happened.event for line in store.history(number) if line.happened)
    return tuple(event for event in events if event.at > instant)


def named(digest: Digest) -> str:
    """Return what tells a digest from any other."""
    if isinstance(digest, MemberReturned):
        return f"return {digest.absence.person} {digest.absence.since.isoformat()}"
    return f"opening {digest.day.isoformat()}"
