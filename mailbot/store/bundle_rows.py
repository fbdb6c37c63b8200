"""The rows of letters that wait for others, inside somebody else's transaction. Decides nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from mailbot.event import Visibility
from mailbot.ports import Conflict
from mailbot.ports.records import Letter, OutboxState
from mailbot.store.schema import outbox, steps

#: Does a letter wait for others?
GATHERING = outbox.c.state == OutboxState.GATHERING
#: Changes letters only while they wait for others.
LEAVE = sa.update(outbox).where(GATHERING, outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
_GO_FIRST = (
    sa.update(outbox)
    .where(GATHERING, outbox.c.recipient == sa.bindparam("who"), outbox.c.case == sa.bindparam("which"))
    .values(state=OutboxState.QUEUED)
)
_ROW = sa.select(outbox.c.id).where(outbox.c.key == sa.bindparam("named"))


def put_together(connection: sa.Connection, numbers: Collection[int], letters: Sequence[Letter], at: datetime) -> None:
    """Note that letters go out in the mail of another one, in the transaction that makes it. Raises Conflict."""
    (whole,) = letters
    into = connection.execute(_ROW, {"named": whole.key}).scalar_one()
    values = {"state": OutboxState.BUNDLED, "bundled_into": into}
    if connection.execute(LEAVE.values(**values), {"ids": list(numbers)}).rowcount != len(numbers):
        raise Conflict("a letter that waited for others went out by itself")
    what = f"goes out in the mail of letter {into}"
    connection.execute(sa.insert(steps), [{"at": at, "outbox_id": number, "what": what} for number in numbers])


def let_earlier_go(connection: sa.Connection, letters: Sequence[Letter]) -> None:
    """Let what waits go out before a letter that does not, to the same person about the same case: order is kept."""
    for letter in letters:
        if letter.waits_until is None and letter.notice.visibility is Visibility.INTERNAL:
            connection.execute(_GO_FIRST, {"who": letter.to, "which": letter.notice.case})


def take_apart(connection: sa.Connection, number: int, at: datetime) -> bool:
    """Let each letter go out by itself whose mail failed for good; return whether there were any."""
    parts = outbox.c.bundled_into == number, outbox.c.state == OutboxState.BUNDLED
    ids = connection.execute(sa.select(outbox.c.id).where(*parts)).scalars().all()
    if ids:
        connection.execute(sa.update(outbox).where(*parts).values(state=OutboxState.QUEUED, next_attempt_at=at))
        what = f"goes out by itself: letter {number} failed"
        connection.execute(sa.insert(steps), [{"at": at, "outbox_id": one, "what": what} for one in ids])
    return bool(ids)
