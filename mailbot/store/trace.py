"""Where a mail is, and why: every step from the door to the relay's answer, and the sums over all mails. Only reads."""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.decision import Ending
from mailbot.ports.records import Step
from mailbot.store.column import AnyRow
from mailbot.store.inbox import InboxRows
from mailbot.store.inbox_row import COLUMNS
from mailbot.store.schema import decisions, history, inbox, outbox, steps

_UNREAD = (inbox.c.message_id == "", inbox.c.ending.is_(None) | (inbox.c.ending == Ending.QUARANTINED))
_ACCOUNT = (
    sa.select(inbox.c.ending, sa.func.count())
    .where(inbox.c.received_at >= sa.bindparam("start"), inbox.c.received_at < sa.bindparam("end"))
    .group_by(inbox.c.ending)
)


class Traces(InboxRows):
    """What `mailbot trace` shows, and the account that must add up."""

    def trace(self, query: str) -> Sequence[Step]:
        """Return the steps of all mails that a Message-ID, an address or a case's number names, in order of time."""
        with self.reading() as connection:
            if query.isdigit():
                decided = _column(connection, sa.select(history.c.decision).where(history.c.case == int(query)))
                mails = _column(connection, sa.select(inbox.c.id).where(inbox.c.case == int(query)))
                letters = _column(connection, sa.select(outbox.c.id).where(outbox.c.case == int(query)))
                caused = sa.select(decisions.c.inbox_id).where(
                    decisions.c.id.in_(decided), decisions.c.inbox_id.is_not(None)
                )
                mails |= _column(connection, caused)
            else:
                names = (query, f"<{query.strip('<>')}>")
                mails = self._mails_named(connection, names)
                letters = _column(
                    connection,
                    sa.select(outbox.c.id).where(
                        outbox.c.message_id.in_(names) | (outbox.c.recipient == query.lower())
                    ),
                )
                decided = set()
            decided |= _column(connection, sa.select(decisions.c.id).where(decisions.c.inbox_id.in_(mails)))
            letters |= _column(
                connection,
                sa.select(outbox.c.id)
                .join(history, history.c.key == outbox.c.key)
                .where(history.c.decision.in_(decided)),
            )
            found = [
                *_of_mails(connection, mails),
                *_of_decisions(connection, decided),
                *_of_letters(connection, letters),
            ]
        return sorted(found, key=lambda step: step.at)

    def account(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Count the mails that arrived from `start` until before `end`: `received` is the sum of all others."""
        with self.reading() as connection:
            rows = connection.execute(_ACCOUNT, {"start": start, "end": end})
            counted: dict[str | None, int] = {ending: count for ending, count in rows}  # noqa: C416 - typed
        ended = {ending.value: counted.get(ending.value, 0) for ending in Ending}
        return {"received": sum(counted.values()), **ended, "waiting": counted.get(None, 0)}

    def _mails_named(self, connection: sa.Connection, names: tuple[str, str]) -> set[int]:
        """Find mails by Message-ID or sender; those never read through are looked at as bytes."""
        address = names[0].lower()
        known = inbox.c.message_id.in_(names) | (inbox.c.sender == address) | (inbox.c.reverse_path == address)
        found = _column(connection, sa.select(inbox.c.id).where(known))
        wanted = names[1].encode()
        unread = connection.execute(sa.select(*COLUMNS).where(*_UNREAD))
        return found | {row.id for row in unread if self._holds(row, wanted, connection)}

    def _holds(self, row: AnyRow, wanted: bytes, connection: sa.Connection) -> bool:
        """Look for words in a mail's bytes; one that cannot be read holds nothing."""
        with suppress(OSError, zlib.error):
            return wanted in self.bytes_of(row, connection)
        return False


def _column(connection: sa.Connection, wanted: sa.Select[*tuple[Any, ...]]) -> set[int]:
    return set(connection.execute(wanted).scalars())


def _of_mails(connection: sa.Connection, mails: Collection[int]) -> Iterator[Step]:
    for row in connection.execute(sa.select(inbox).where(inbox.c.id.in_(mails)).order_by(inbox.c.id)):
        peer = f" from {row.peer}" if row.peer else ""
        came = f"mail {row.id}: came by {row.source}{peer} for {row.purpose}, {row.size} bytes"
        yield Step(at=row.received_at, what=came)
        if row.ending is None:
            yield Step(at=row.received_at, what=f"mail {row.id}: {row.state}, attempts so far {row.attempts}")
    for row in connection.execute(sa.select(steps).where(steps.c.inbox_id.in_(mails)).order_by(steps.c.id)):
        yield Step(at=row.at, what=f"mail {row.inbox_id}: {row.what}")


def _of_decisions(connection: sa.Connection, decided: Collection[int]) -> Iterator[Step]:
    lines: dict[int, list[AnyRow]] = {number: [] for number in decided}
    for row in connection.execute(sa.select(history).where(history.c.decision.in_(decided)).order_by(history.c.seq)):
        lines[row.decision].append(row)
    for row in connection.execute(sa.select(decisions).where(decisions.c.id.in_(decided)).order_by(decisions.c.id)):
        ended = f" ended as {row.ending}" if row.ending else ""
        reason = f": {row.reason}" if row.reason else ""
        yield Step(at=row.at, what=f"{row.cause}:{ended or ' decided'}{reason}")
        for hit in row.hits:
            yield Step(at=row.at, what=f"{row.cause}: rule {hit['rule']}: {hit['reason']}")
        for line in lines[row.id]:
            about = "" if line.case is None else f" in case {line.case}"
            what = line.name or f"notice {line.body['notice']} to {', '.join(line.body['to'])}"
            yield Step(at=line.at, what=f"{row.cause}: {what}{about}")


def _of_letters(connection: sa.Connection, letters: Collection[int]) -> Iterator[Step]:
    for row in connection.execute(sa.select(outbox).where(outbox.c.id.in_(letters)).order_by(outbox.c.id)):
        what = f"letter {row.id}: {row.template} to {row.recipient} as {row.message_id}, now {row.state}"
        yield Step(at=row.created, what=what)
    for row in connection.execute(sa.select(steps).where(steps.c.outbox_id.in_(letters)).order_by(steps.c.id)):
        yield Step(at=row.at, what=f"letter {row.outbox_id}: {row.what}")
