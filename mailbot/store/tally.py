"""Sums: how many mails came in and what became of each, how many cases are in which status. Never changes anything."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from mailbot.event import Kind
from mailbot.ports.records import InboxState
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


def names_in_use(store: Database) -> Mapping[str, frozenset[str]]:
    """Return each name of the process that a case stands on, by its key: `status`, `priority`, `type`.

    A case that is put aside stands on the status before too: it goes back there by itself.
    """
    named = {
        "status": (cases.c.status, sa.true()),
        "priority": (cases.c.state["priority"].as_string(), sa.true()),
        "type": (cases.c.state["type"].as_string(), sa.true()),
        "before": (cases.c.state["previous_status"].as_string(), cases.c.kind == Kind.ON_HOLD),
    }
    with store.reading() as connection:
        found = {
            key: frozenset(connection.execute(sa.select(name).where(which, name.is_not(None)).distinct()).scalars())
            for key, (name, which) in named.items()
        }
    before = found.pop("before")
    return {**found, "status": found["status"] | before}
