"""The outbox: letters are leased from here, sent, and their relay's answer is written down.

Letters to one person about one case leave in the order in which they were decided. Never builds or sends a mail.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.event import Visibility
from mailbot.ports import Conflict
from mailbot.ports.patience import LETTER_LEASE
from mailbot.ports.queue import WANTED
from mailbot.ports.records import Letter, OutboxMail, OutboxState
from mailbot.store.bundle_rows import take_apart
from mailbot.store.codec import carried_from_json, carried_to_json
from mailbot.store.column import AnyRow
from mailbot.store.database import Database
from mailbot.store.schema import outbox, steps

#: Letters that a sender still has to do with.
PENDING = (OutboxState.QUEUED, OutboxState.WAITING, OutboxState.SENDING, OutboxState.DEFERRED)

_earlier = outbox.alias("earlier")
_FIRST_IN_LINE = ~sa.exists(
    sa.select(1).where(
        _earlier.c.recipient == outbox.c.recipient,
        _earlier.c.case == outbox.c.case,
        _earlier.c.state.in_(PENDING),
        # A colleague's copy that may be recalled keeps no warning back.
        sa.or_(_earlier.c.state != OutboxState.WAITING, _earlier.c.visibility == Visibility.PUBLIC),
        _earlier.c.id < outbox.c.id,
    )
)
#: What is queued is due at once, also when the clock has been set back since.
_DUE = sa.or_(
    outbox.c.state == OutboxState.QUEUED,
    sa.and_(outbox.c.state.in_(PENDING), outbox.c.next_attempt_at <= sa.bindparam("now")),
)
_READY = (
    sa.select(outbox.c.id, outbox.c.state, outbox.c.attempts)
    .where(_DUE, _FIRST_IN_LINE)
    # What an operator wants now goes first. A letter on which senders die or hang stands behind those that were tried
    # less often.
    .order_by(sa.case((outbox.c.next_attempt_at <= WANTED, 0), else_=1), outbox.c.attempts, outbox.c.id)
    .limit(sa.bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=OutboxState.SENDING,
        attempts=outbox.c.attempts + 1,
        fence=outbox.c.fence + 1,
        lease=sa.bindparam("holder", type_=sa.Text) + sa.cast(outbox.c.fence + 1, sa.Text),
        owner=sa.bindparam("by"),
        next_attempt_at=sa.bindparam("end"),
    )
)
_ROWS = sa.select(outbox).where(outbox.c.id.in_(sa.bindparam("ids", expanding=True))).order_by(outbox.c.id)
_FIRST = sa.select(sa.func.min(outbox.c.next_attempt_at)).where(outbox.c.state.in_(PENDING), _FIRST_IN_LINE)
_UNDER_LEASE = sa.update(outbox).where(
    outbox.c.id == sa.bindparam("row"), outbox.c.lease == sa.bindparam("held"), outbox.c.state == OutboxState.SENDING
)
#: Whoever holds it: the relay has it.
_SENT_AFTER_ALL = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.state.in_((*PENDING, OutboxState.HELD)))
    .values(state=OutboxState.SENT, lease="", owner="")
)
_UNDELIVERED = (
    sa.select(outbox)
    .where(outbox.c.state == OutboxState.FAILED, outbox.c.told.is_(False), outbox.c.case.is_not(None))
    .order_by(outbox.c.id)
    .limit(sa.bindparam("at_most"))
)
_TOLD = sa.update(outbox).where(outbox.c.id == sa.bindparam("row")).values(told=True)
_FREE = (
    sa.update(outbox)
    .where(outbox.c.owner == sa.bindparam("dead"), outbox.c.state == OutboxState.SENDING)
    .values(state=OutboxState.QUEUED, lease="", owner="", next_attempt_at=outbox.c.created)
)


class OutboxRows(Database):
    """Implements `mailbot.ports.Outbox`, but for `raw`, which is the inbox's."""

    def claim_letters(self, now: datetime, limit: int) -> Sequence[OutboxMail]:
        """Lease letters whose next attempt is due, at most one per recipient and case at a time.

        The least tried go first, of these the oldest. One whose last attempt was cut short comes alone.
        """
        with self.writing() as connection:
            chosen = _batch(connection.execute(_READY, {"now": now, "at_most": limit}).all())
            if not chosen:
                return []
            ids = [row.id for row in chosen]
            lease = {"holder": f"{self.owner}#", "by": self.owner, "end": now + LETTER_LEASE}
            connection.execute(_TAKE, {"ids": ids, **lease})
            rows = connection.execute(_ROWS, {"ids": ids}).all()
        # One that was cut short comes alone.
        return [replace(letter_of(row), cut_short=_cut_short(chosen[0])) for row in rows]

    def first_letter(self) -> datetime | None:
        """Return the instant of the earliest next attempt; of a letter being sent, the end of its lease."""
        with self.reading() as connection:
            first: datetime | None = connection.execute(_FIRST).scalar()
        return first

    def finish_letter(
        self, letter: OutboxMail, state: OutboxState, reply: str, now: datetime, next_attempt_at: datetime | None = None
    ) -> None:
        """Record the relay's answer under the lease. Raises Conflict when the lease was lost.

        A letter that becomes QUEUED is put back: it was not tried, and that is no attempt. One that is SENT is so also
        without the lease, unless it has ended otherwise: it must not go out again.
        """
        untried = state is OutboxState.QUEUED
        attempts = letter.attempts - untried
        values = {
            # Queued with attempts is how a letter looks that was cut short.
            "state": OutboxState.DEFERRED if untried and attempts else state,
            "attempts": attempts,
            "last_reply": reply,
            "lease": "",
            "owner": "",
            "next_attempt_at": next_attempt_at or now,
        }
        what = "put back, not tried" if untried else f"{state} after attempt {letter.attempts}: {reply}"
        with self.writing() as connection:
            ended = connection.execute(_UNDER_LEASE, {"row": letter.id, "held": letter.lease, **values})
            if ended.rowcount != 1:
                sent = state is OutboxState.SENT
                late = {"row": letter.id, "last_reply": reply, "next_attempt_at": now}
                if not sent or connection.execute(_SENT_AFTER_ALL, late).rowcount != 1:
                    raise Conflict(f"letter {letter.id} is not leased to {letter.lease} any more")
                what = f"{what} (its lease had run out)"
            if state is OutboxState.FAILED and take_apart(connection, letter.id, now):
                # Each of its parts goes out now, and is told by itself where it fails.
                connection.execute(_TOLD, {"row": letter.id})
            connection.execute(sa.insert(steps), {"at": now, "outbox_id": letter.id, "what": what})

    def undelivered(self, limit: int) -> Sequence[OutboxMail]:
        """Return letters that failed for good and whose case was not told yet, oldest first."""
        with self.reading() as connection:
            return [letter_of(row) for row in connection.execute(_UNDELIVERED, {"at_most": limit})]

    def free_letters(self, owner: str) -> int:
        """Give back at once what a dead sender of this name had leased; return how many letters."""
        with self.writing() as connection:
            freed: int = connection.execute(_FREE, {"dead": owner}).rowcount
        return freed


def _batch(ready: Sequence[AnyRow]) -> Sequence[AnyRow]:
    """Choose from the letters that are ready what one sender may take at once."""
    for place, row in enumerate(ready):
        # It may be what ended or hung the sender: it takes no other letter along.
        if _cut_short(row):
            return ready[: place or 1]
    return ready


def _cut_short(row: AnyRow) -> bool:
    """Has nobody written down what came of its last attempt?"""
    return bool(row.attempts) and row.state != OutboxState.DEFERRED


def _first_state(letter: Letter) -> OutboxState:
    if letter.waits_until:
        return OutboxState.GATHERING
    return OutboxState.WAITING if letter.notice.leaves else OutboxState.QUEUED


def outbox_row(letter: Letter) -> dict[str, Any]:
    """Return the row of a new letter: due at once, or when it may leave."""
    notice = letter.notice
    return {
        "key": letter.key,
        "case": notice.case,
        "template": notice.template,
        "visibility": notice.visibility,
        "auto_submitted": notice.auto_submitted,
        "created": notice.at,
        "recipient": letter.to,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "message_id": letter.message_id,
        "fields": [list(field) for field in letter.fields],
        "reverse_path": letter.reverse_path,
        "carried": carried_to_json(letter.carried),
        "calendar": letter.calendar,
        "state": _first_state(letter),
        "attempts": 0,
        "next_attempt_at": letter.waits_until or notice.leaves or notice.at,
        "fence": 0,
        "lease": "",
        "owner": "",
        "last_reply": "",
        "told": False,
    }


def letter_of(row: AnyRow) -> OutboxMail:
    """Return the outbox mail that a row holds."""
    return OutboxMail(
        id=row.id,
        case=row.case,
        template=row.template,
        visibility=Visibility(row.visibility),
        created=row.created,
        to=row.recipient,
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.message_id,
        fields=tuple((name, value) for name, value in row.fields),
        reverse_path=row.reverse_path,
        carried=carried_from_json(row.carried),
        calendar=row.calendar,
        bundled_into=row.bundled_into or 0,
        state=OutboxState(row.state),
        attempts=row.attempts,
        # Nobody is shown a mark: it has been due from the beginning.
        next_attempt_at=max(row.next_attempt_at, row.created),
        lease=row.lease,
        last_reply=row.last_reply,
    )
