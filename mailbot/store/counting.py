"""How much went out of late, and how much came in: what the limits are measured on. Only reads."""

from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from mailbot.decision import AutoSubmitted
from mailbot.event import Visibility
from mailbot.facts import ALL_HOUR, CASES_HOUR, Counters
from mailbot.store.database import Database
from mailbot.store.schema import cases, counters, outbox

_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)


def _since(name: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((outbox.c.created > sa.bindparam(name), 1), else_=0)), 0)


_automatic = outbox.c.auto_submitted != AutoSubmitted.NO
_replied = outbox.c.auto_submitted == AutoSubmitted.REPLIED
_TO_SENDER = sa.select(_since("hour"), sa.func.count()).where(
    outbox.c.recipient == sa.bindparam("who"), outbox.c.created > sa.bindparam("day"), _replied
)
_ABOUT_CASE = sa.select(_since("ten_minutes"), _since("hour"), sa.func.count()).where(
    outbox.c.recipient == sa.bindparam("who"),
    outbox.c.created > sa.bindparam("ten_hours"),
    outbox.c.case == sa.bindparam("which"),
    _automatic,
)
_to_all = sa.and_(_replied, outbox.c.visibility == Visibility.PUBLIC)
_TO_ALL = sa.select(sa.func.count()).where(_to_all, outbox.c.created > sa.bindparam("hour"))
_HOUR_OF = sa.type_coerce(outbox.c.created, sa.BigInteger) // (_HOUR // timedelta(microseconds=1))
_TO_ALL_BY_HOUR = sa.select(sa.func.count()).where(_to_all, outbox.c.created > sa.bindparam("week")).group_by(_HOUR_OF)
_NEW_BY = sa.select(
    sa.func.coalesce(sa.func.sum(sa.case((cases.c.opened > sa.bindparam("hour"), 1), else_=0)), 0), sa.func.count()
).where(cases.c.requester == sa.bindparam("who"), cases.c.opened > sa.bindparam("day"))
#: When the case began that is so many before the next one: whether there are more in an hour costs one row to know.
_OPENED = sa.select(cases.c.opened).where(
    cases.c.number == sa.select(counters.c.value).where(counters.c.name == "case").scalar_subquery() - CASES_HOUR
)
_TOLD = (
    sa.select(outbox.c.template)
    .where(
        outbox.c.recipient == sa.bindparam("who"),
        outbox.c.created > sa.bindparam("day"),
        outbox.c.case.is_(None),
        _automatic,
    )
    .distinct()
)
_OTHER_SENDER = sa.select(sa.func.count()).where(
    outbox.c.recipient == sa.bindparam("who"),
    outbox.c.created > sa.bindparam("hour"),
    outbox.c.template == "other_sender",
)


class Counts(Database):
    """Implements `mailbot.ports.Store.counters`."""

    def counters(self, sender: str, case: int | None, now: datetime) -> Counters:
        """Count the automatic mail of late, for the limits."""
        ago = {
            "ten_minutes": now - timedelta(minutes=10),
            "hour": now - timedelta(hours=1),
            "ten_hours": now - timedelta(hours=10),
            "day": now - timedelta(days=1),
        }
        here = {"who": sender, "which": case, **ago}
        with self.reading() as connection:
            hour, day = connection.execute(_TO_SENDER, here).one()
            about = connection.execute(_ABOUT_CASE, here).one() if case is not None else (0, 0, 0)
            new_hour, new_day = connection.execute(_NEW_BY, here).one() if sender else (0, 0)
            opened: datetime | None = connection.execute(_OPENED).scalar()
            all_hour = connection.execute(_TO_ALL, here).scalar_one()
            return Counters(
                to_sender_hour=hour,
                to_sender_day=day,
                case_ten_minutes=about[0],
                case_hour=about[1],
                case_ten_hours=about[2],
                all_hour=all_hour,
                usual_hour=_usual(connection, now) if all_hour >= ALL_HOUR else 0,
                new_by_sender_hour=new_hour,
                new_by_sender_day=new_day,
                is_flooded=opened is not None and opened > ago["hour"],
                told_day=frozenset(connection.execute(_TOLD, here).scalars()),
                other_sender_hour=connection.execute(_OTHER_SENDER, here).scalar_one(),
            )


def _usual(connection: sa.Connection, now: datetime) -> int:
    """Return how many answers went to customers in an ordinary hour of the last week: the median."""
    hours = [*connection.execute(_TO_ALL_BY_HOUR, {"week": now - _WEEK}).scalars()]
    return int(median([*hours, *[0] * (_WEEK // _HOUR - len(hours))]))
