"""Letters of an answer that its author takes back: all of them before one has left, or none. Decides nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from mailbot.ports import Conflict
from mailbot.ports.records import OutboxState
from mailbot.store.database import Database
from mailbot.store.schema import decisions, history, outbox, steps, threads

_OF_MAILS = (
    sa.select(decisions.c.inbox_id, outbox.c.id, outbox.c.message_id)
    .join(history, history.c.decision == decisions.c.id)
    .join(outbox, history.c.key == outbox.c.key)
    .where(decisions.c.inbox_id.in_(sa.bindparam("mails", expanding=True)), outbox.c.state == OutboxState.WAITING)
)
#: What a sender has leased meanwhile is not changed: PostgreSQL looks at the state again once it has the row.
_RECALL = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)), outbox.c.state == OutboxState.WAITING)
    .values(state=OutboxState.RECALLED)
)
#: A letter that nobody gets is named by none that follow.
_UNTHREAD = sa.delete(threads).where(threads.c.message_id.in_(sa.bindparam("message_ids", expanding=True)))


class Recalls(Database):
    """Implements `mailbot.ports.Store.unsent`."""

    def unsent(self, mails: Collection[int]) -> Mapping[int, int]:
        """Return how many letters of each of these mails wait and can be recalled; see `Commit.recalled`."""
        found = dict.fromkeys(mails, 0)
        with self.reading() as connection:
            for row in connection.execute(_OF_MAILS, {"mails": list(mails)}):
                found[row.inbox_id] += 1
        return found


def recall(connection: sa.Connection, mail: int, letters: int, now: datetime) -> None:
    """Let no letter of a mail's answer go out. Raises Conflict where not all of them wait any more."""
    waiting = connection.execute(_OF_MAILS, {"mails": [mail]}).all()
    ids = [row.id for row in waiting]
    if len(ids) != letters or connection.execute(_RECALL, {"ids": ids}).rowcount != letters:
        raise Conflict(f"a letter of mail {mail} has left")
    connection.execute(_UNTHREAD, {"message_ids": [row.message_id for row in waiting]})
    what = "its author recalled it before it left"
    connection.execute(sa.insert(steps), [{"at": now, "outbox_id": number, "what": what} for number in ids])
