"""An operator's hand on mail that waits: letters on their way out, and mail that was held or quarantined.

Every change is a step that `mailbot trace` shows. Never touches what a worker has leased, never removes a row.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.ports.queue import WANTED
from mailbot.ports.records import InboxMail, InboxState, OutboxMail, OutboxState
from mailbot.store.aside import FRESH, IS_ASIDE, put
from mailbot.store.dialect import insert_new
from mailbot.store.inbox import InboxRows
from mailbot.store.inbox_row import COLUMNS, mail_of
from mailbot.store.outbox import OutboxRows, letter_of
from mailbot.store.schema import inbox, outbox, snapshots, steps

#: Letters that are not out yet and did not end.
_NOT_OUT = (
    OutboxState.QUEUED,
    OutboxState.GATHERING,
    OutboxState.WAITING,
    OutboxState.SENDING,
    OutboxState.DEFERRED,
    OutboxState.HELD,
    OutboxState.FAILED,
)


class Queue(OutboxRows):
    """What `mailbot queue` does. Each change returns False when no letter of that number may be changed so."""

    def queue_list(self) -> Sequence[OutboxMail]:
        """Return the letters that are not out yet, failed ones too, oldest first."""
        rows = sa.select(outbox).where(outbox.c.state.in_(_NOT_OUT)).order_by(outbox.c.id)
        with self.reading() as connection:
            return [letter_of(row) for row in connection.execute(rows)]

    def queue_show(self, number: int) -> OutboxMail | None:
        """Return one letter, whatever became of it."""
        with self.reading() as connection:
            row = connection.execute(sa.select(outbox).where(outbox.c.id == number)).first()
        return letter_of(row) if row else None

    def queue_retry(self, number: int, now: datetime) -> bool:
        """Try a letter at once that was put off, held or failed, as if it had never been tried.

        A new failure is told again.
        """
        changeable = (
            OutboxState.QUEUED,
            OutboxState.GATHERING,
            OutboxState.WAITING,
            OutboxState.DEFERRED,
            OutboxState.HELD,
            OutboxState.FAILED,
        )
        values = {"state": OutboxState.QUEUED, "attempts": 0, "next_attempt_at": WANTED, "told": False}
        return self._turn(number, changeable, values, now, "an operator wants it tried again")

    def queue_hold(self, number: int, now: datetime) -> bool:
        """Keep a letter from going out until `queue_retry`."""
        changeable = (OutboxState.QUEUED, OutboxState.GATHERING, OutboxState.WAITING, OutboxState.DEFERRED)
        values = {"state": OutboxState.HELD, "next_attempt_at": now}
        return self._turn(number, changeable, values, now, "an operator holds it back")

    def queue_drop(self, number: int, now: datetime) -> bool:
        """Let a letter never go out."""
        changeable = (
            OutboxState.QUEUED,
            OutboxState.GATHERING,
            OutboxState.WAITING,
            OutboxState.DEFERRED,
            OutboxState.HELD,
            OutboxState.FAILED,
        )
        values = {"state": OutboxState.DROPPED, "next_attempt_at": now}
        return self._turn(number, changeable, values, now, "an operator dropped it")

    def _turn(
        self, number: int, changeable: Collection[OutboxState], values: Mapping[str, Any], now: datetime, what: str
    ) -> bool:
        turn = sa.update(outbox).where(outbox.c.id == number, outbox.c.state.in_(changeable)).values(**values)
        with self.writing() as connection:
            if connection.execute(turn).rowcount != 1:
                return False
            connection.execute(sa.insert(steps), {"at": now, "outbox_id": number, "what": what})
        return True


class Quarantine(InboxRows):
    """What `mailbot quarantine` does. Each change returns False when no mail of that number was set aside."""

    def quarantine_list(self) -> Sequence[InboxMail]:
        """Return the mails that were held or quarantined, oldest first, without their bytes."""
        return self._listed(sa.select(*COLUMNS).where(IS_ASIDE).order_by(inbox.c.received_at, inbox.c.id))

    def quarantine_latest(self, limit: int) -> Sequence[InboxMail]:
        """Return at most so many mails that are held or quarantined, the newest first, without their bytes."""
        newest = (inbox.c.received_at.desc(), inbox.c.id.desc())
        return self._listed(sa.select(*COLUMNS).where(IS_ASIDE).order_by(*newest).limit(limit))

    def quarantine_named(self, numbers: Collection[int]) -> Sequence[InboxMail]:
        """Return those of these mails that are held or quarantined, without their bytes."""
        return self._listed(sa.select(*COLUMNS).where(IS_ASIDE, inbox.c.id.in_(numbers)).order_by(inbox.c.id))

    def quarantine_show(self, number: int) -> InboxMail | None:
        """Return one mail of the inbox, whatever became of it."""
        with self.reading() as connection:
            row = connection.execute(sa.select(*COLUMNS).where(inbox.c.id == number)).first()
            return mail_of(row, self.bytes_of(row, connection)) if row else None

    def quarantine_release(self, number: int, now: datetime) -> bool:
        """Let a mail be worked on again as if it had just come; it may be set aside again."""
        return self._again(number, now, {}, "an operator released it")

    def quarantine_admit(self, number: int, now: datetime) -> bool:
        """Let a mail in: the proof that was missing does not count any more."""
        return self._again(number, now, {"admitted": True}, "an operator admitted it")

    def quarantine_drop(self, number: int, now: datetime) -> bool:
        """Leave a mail out for good; it stays counted as what it ended as, its bytes stay until retention."""
        return self._put(number, now, {"state": InboxState.DROPPED}, "an operator dropped it")

    def replay(self, version: str, now: datetime) -> int:
        """Let what crashed an older mailbot, or was too much for it, be worked on again; each version does so once.

        Return how many mails that are.
        """
        too_much = sa.or_(*(inbox.c.reason.like(f"{cause}:%") for cause in ("crash", "limit")))
        these = sa.and_(inbox.c.state == InboxState.QUARANTINED, too_much)
        with self.writing() as connection:
            known = insert_new(connection, snapshots).returning(snapshots.c.version)
            if connection.execute(known, {"kind": "version", "version": version, "body": ""}).first() is None:
                return 0
            again = connection.execute(sa.select(inbox.c.id).where(these)).scalars().all()
            if again:
                connection.execute(sa.update(inbox).where(these).values(**FRESH))
                what = f"tried again by mailbot {version}"
                connection.execute(sa.insert(steps), [{"at": now, "inbox_id": one, "what": what} for one in again])
        return len(again)

    def _again(self, number: int, now: datetime, more: Mapping[str, Any], what: str) -> bool:
        return self._put(number, now, {**FRESH, **more}, what)

    def _put(self, number: int, now: datetime, values: Mapping[str, Any], what: str) -> bool:
        with self.writing() as connection:
            return put(connection, number, now, values, what)

    def _listed(self, rows: sa.Select[Any]) -> Sequence[InboxMail]:
        with self.reading() as connection:
            return [mail_of(row, b"") for row in connection.execute(rows)]
