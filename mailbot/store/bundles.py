"""Letters that wait to go out together with others, and what became of them. Decides nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.store.bundle_rows import GATHERING, LEAVE
from mailbot.store.database import Database
from mailbot.store.outbox import letter_of
from mailbot.store.schema import outbox

_FIRST = sa.select(sa.func.min(outbox.c.next_attempt_at)).where(GATHERING)
_WHOSE = (
    sa.select(outbox.c.recipient)
    .where(GATHERING, outbox.c.next_attempt_at <= sa.bindparam("now"))
    .order_by(outbox.c.next_attempt_at, outbox.c.id)
    .limit(1)
)
_THEIRS = sa.select(outbox).where(GATHERING, outbox.c.recipient == sa.bindparam("who")).order_by(outbox.c.id)


class Bundles(Database):
    """Implements what `mailbot.ports.Store` has for letters that wait for others."""

    def first_bundle(self) -> datetime | None:
        """Return when the letter that waits longest for others has waited enough; None where none waits."""
        with self.reading() as connection:
            first: datetime | None = connection.execute(_FIRST).scalar()
        return first

    def bundle(self, now: datetime) -> Sequence[OutboxMail]:
        """Return all waiting letters to the person one of whose letters has waited enough, in order; none: nobody."""
        with self.reading() as connection:
            whose = connection.execute(_WHOSE, {"now": now}).scalar()
            rows = connection.execute(_THEIRS, {"who": whose}).all() if whose else []
        return [letter_of(row) for row in rows]

    def let_go(self, numbers: Collection[int]) -> None:
        """Let letters wait no longer: each goes out by itself."""
        with self.writing() as connection:
            connection.execute(LEAVE.values(state=OutboxState.QUEUED), {"ids": list(numbers)})
