"""The digests of a desk: when the next one is due, and what it rests on. Decides nothing."""

from datetime import datetime

from mailbot.digest import OpeningCame, Overview
from mailbot.facts import Facts, Query
from mailbot.people import Desk, Directory
from mailbot.ports import Store
from mailbot.process import Process
from mailbot.rules.counting.working_day import next_digest
from mailbot.rules.mail.asking import MOST_COUNTED
from mailbot.rules.notice.report import is_ours


class Digests:
    """Knows the desk's next digest; looks into the store only when one is due."""

    def __init__(self, store: Store, process: Process, desk: Desk) -> None:
        self._store = store
        self._process = process
        self._desk = desk
        self._looked: datetime | None = None
        self._next: OpeningCame | None = None

    def next(self, now: datetime) -> OpeningCame | None:
        """Return the digest that is due, or else the next one; None where the desk has none."""
        known = self._looked is not None and self._looked <= now
        if not known or (self._next is not None and self._next.due <= now):
            told = self._store.opening_told() if self._desk.opening_digest else None
            self._looked, self._next = now, next_digest(self._process, self._desk, told, now)
        return self._next

    def instant(self) -> datetime | None:
        """Return when the next digest is due, as far as was looked; None for none."""
        return self._next.due if self._next else None


def facts_of(store: Store, desk: Desk, directory: Directory, now: datetime) -> Facts:
    """Return what a digest rests on."""
    found = store.matching(Query(), MOST_COUNTED + 1)
    cases = tuple(found[:MOST_COUNTED])
    overview = Overview(
        cases=cases,
        more=len(found) > MOST_COUNTED,
        latest=store.latest_words([case.number for case in cases if is_ours(case)]),
        wishes=store.wishes(),
    )
    return Facts(desk=desk, directory=directory, away=store.absences(now), overview=overview)
