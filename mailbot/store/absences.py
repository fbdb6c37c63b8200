"""Who of the team is away, and who is back and has not read yet what happened meanwhile. Decides nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from mailbot.decision import Happened
from mailbot.digest import Absence, MemberReturned
from mailbot.event import AbsenceChanged
from mailbot.ports import Conflict
from mailbot.store.column import EPOCH, AnyRow
from mailbot.store.database import Database
from mailbot.store.schema import absences

_AWAY = sa.select(absences).where(absences.c.until > sa.bindparam("now"))
_UNTOLD = sa.select(absences).where(absences.c.since > EPOCH).order_by(absences.c.until, absences.c.person)
_OF = sa.select(absences).where(absences.c.person == sa.bindparam("who"))


class Absences(Database):
    """Implements what `mailbot.ports.Store` has for absences."""

    def absences(self, now: datetime) -> Mapping[str, datetime]:
        """Return until when people are away, for those who are at this instant."""
        with self.reading() as connection:
            return {row.person: row.until for row in connection.execute(_AWAY, {"now": now})}

    def untold(self) -> Sequence[Absence]:
        """Return the absences of which nobody was told at the return, those that go on too, the first to end first."""
        with self.reading() as connection:
            return [_absence(row) for row in connection.execute(_UNTOLD)]


def end_absence(connection: sa.Connection, returned: MemberReturned) -> None:
    """Forget an absence, in the transaction of what is told of it. Raises Conflict where it is another one by now."""
    ended = returned.absence
    same = (absences.c.person == ended.person, absences.c.since == ended.since, absences.c.until == ended.until)
    if connection.execute(sa.delete(absences).where(*same)).rowcount != 1:
        raise Conflict(f"the absence of {ended.person} is told already, or goes on")


def put_absences(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Keep until when people are away now, in the transaction of what they said."""
    for event in (line.event for line in happened):
        if isinstance(event, AbsenceChanged):
            known = connection.execute(_OF, {"who": event.person}).first()
            connection.execute(sa.delete(absences).where(absences.c.person == event.person))
            if row := _row(event, _absence(known) if known else None):
                connection.execute(sa.insert(absences), row)


def _row(event: AbsenceChanged, before: Absence | None) -> dict[str, object] | None:
    """Return what is kept: an absence that is said again, or ended, goes on from when it began; None for nothing."""
    untold = before if before and before.since > EPOCH else None
    if event.until is None and untold is None:
        return None
    return {
        "person": event.person,
        "until": event.until or event.at,
        "since": untold.since if untold else event.at,
        "is_said": event.until is None,
        "cases": sorted({*(untold.cases if untold else ()), *event.cases}),
    }


def _absence(row: AnyRow) -> Absence:
    return Absence(person=row.person, since=row.since, until=row.until, is_said=row.is_said, cases=tuple(row.cases))
