"""Which addresses letters did not reach, what went to whom of late, and which alarms go on. Decides nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from mailbot.decision import AutoSubmitted, Happened
from mailbot.event import AddressCleared, AddressStopped, AlarmEnded, AlarmRaised, DeliveryFailed
from mailbot.ports import Conflict
from mailbot.standing import Alarm, Recipient, Sent, Standing
from mailbot.store.column import AnyRow
from mailbot.store.database import Database
from mailbot.store.schema import addresses, alarms, outbox

_OF = sa.select(addresses).where(addresses.c.address.in_(sa.bindparam("people", expanding=True)))
_SENT = (
    sa.select(
        outbox.c.recipient,
        outbox.c.case,
        *(
            sa.func.sum(sa.case((outbox.c.created > sa.bindparam(name), 1), else_=0)).label(name)
            for name in ("ten_minutes", "hour", "ten_hours")
        ),
    )
    .where(
        outbox.c.recipient.in_(sa.bindparam("people", expanding=True)),
        outbox.c.created > sa.bindparam("ten_hours"),
        outbox.c.auto_submitted != AutoSubmitted.NO,
    )
    .group_by(outbox.c.recipient, outbox.c.case)
)
_ALARMS = sa.select(alarms).order_by(alarms.c.raised, alarms.c.kind)


class Addresses(Database):
    """Implements what `mailbot.ports.Store` has for addresses and alarms."""

    def standings(self, named: Collection[str]) -> Mapping[str, Standing]:
        """Return how mail fared to these addresses, for those that a letter did not reach."""
        with self.reading() as connection:
            return _standings(connection, named)

    def recipients(self, named: Collection[str], now: datetime) -> Mapping[str, Recipient]:
        """Return what went to these addresses automatically of late, and how mail fared to them."""
        ago = {"ten_minutes": timedelta(minutes=10), "hour": timedelta(hours=1), "ten_hours": timedelta(hours=10)}
        sent: dict[str, dict[int | None, Sent]] = {address: {} for address in named}
        with self.reading() as connection:
            for row in connection.execute(_SENT, {"people": list(named), **{k: now - v for k, v in ago.items()}}):
                sent[row.recipient][row.case] = Sent(int(row.ten_minutes), int(row.hour), int(row.ten_hours))
            known = _standings(connection, named)
        return {one: Recipient(sent=sent[one], standing=known.get(one)) for one in sent}

    def alarms(self) -> Sequence[Alarm]:
        """Return the alarms that go on, the one that was raised longest ago first."""
        with self.reading() as connection:
            return [Alarm(kind=row.kind, since=row.since, raised=row.raised) for row in connection.execute(_ALARMS)]


def put_standings(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Keep how mail fares to addresses, in the transaction of what says so."""
    for event in (line.event for line in happened):
        if isinstance(event, DeliveryFailed) and event.kind:
            known = _standings(connection, [event.to]).get(event.to)
            row = {"score": event.score, "failed": event.at, "status": event.status, "reason": event.reason}
            _put(connection, event.to, {"stopped": known.stopped if known else None, **row})
        elif isinstance(event, AddressStopped):
            wanted = sa.update(addresses).where(addresses.c.address == event.to)
            connection.execute(wanted.values(stopped=event.since))
        elif isinstance(event, AddressCleared):
            connection.execute(sa.delete(addresses).where(addresses.c.address == event.to))


def put_alarms(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Keep which alarms go on. Raises Conflict where one that ends is there no more."""
    for event in (line.event for line in happened):
        if isinstance(event, AlarmRaised | AlarmEnded):
            gone = connection.execute(sa.delete(alarms).where(alarms.c.kind == event.kind)).rowcount
            if isinstance(event, AlarmRaised):
                row = {"kind": event.kind, "since": event.since, "raised": event.at}
                connection.execute(sa.insert(alarms), row)
            elif not gone:
                raise Conflict(f"the alarm {event.kind} is over already")


def _put(connection: sa.Connection, address: str, values: Mapping[str, object]) -> None:
    connection.execute(sa.delete(addresses).where(addresses.c.address == address))
    connection.execute(sa.insert(addresses), {"address": address, **values})


def _standings(connection: sa.Connection, named: Collection[str]) -> dict[str, Standing]:
    return {row.address: _standing(row) for row in connection.execute(_OF, {"people": list(named)})}


def _standing(row: AnyRow) -> Standing:
    return Standing(score=row.score, failed=row.failed, status=row.status, reason=row.reason, stopped=row.stopped)
