"""Sums: how many mails came in and what became of each, how many cases are in which status. Never changes anything."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from mailbot.ports import InboxState
from mailbot.store.database import Database
from mailbot.store.schema import cases, inbox

#: States that say by themselves what became of a mail; the others are told by their ending, or wait still.
_TOLD = (InboxState.HELD, InboxState.QUARANTINED, InboxState.DROPPED)


def tally(store: Database, since: datetime, until: datetime) -> Mapping[str, int]:
    """Count the mails that came from `since` to before `until`: `received`, and by what became of them."""
    sums = (
        sa.select(inbox.c.state, inbox.c.ending, sa.func.count())
        .where(inbox.c.received_at >= since, inbox.c.received_at < until)
        .group_by(inbox.c.state, inbox.c.ending)
    )
    found: dict[str, int] = {"received": 0}
    with store.reading() as connection:
        for state, ending, count in connection.execute(sums):
            name = str(state) if state in _TOLD else "waiting" if state != InboxState.DONE else str(ending)
            found[name] = found.get(name, 0) + count
            found["received"] += count
    return found


def statuses_in_use(store: Database) -> Mapping[str, int]:
    """Count the cases of each status that there is."""
    sums = sa.select(cases.c.status, sa.func.count()).group_by(cases.c.status)
    with store.reading() as connection:
        return {str(status): count for status, count in connection.execute(sums)}
