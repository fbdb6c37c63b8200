"""Mails that were set aside, on their way back to work or out for good: by the shell, or by a decision on a mail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.decision import Turned
from mailbot.ports import Conflict
from mailbot.ports.records import InboxState
from mailbot.store.inbox_row import FREE
from mailbot.store.schema import inbox, steps

#: What a row holds that is to be worked on as if it had just come.
FRESH: Mapping[str, Any] = {"state": InboxState.WAITING, "attempts": 0, "ending": None, "reason": "", **FREE}
#: Is a row held or quarantined?
IS_ASIDE = inbox.c.state.in_((InboxState.HELD, InboxState.QUARANTINED))


def put(connection: sa.Connection, number: int, now: datetime, values: Mapping[str, Any], what: str) -> bool:
    """Change the row of a mail that was set aside, with a step that says so; False where it is not set aside now."""
    turn = sa.update(inbox).where(inbox.c.id == number, IS_ASIDE).values(**values)
    if connection.execute(turn).rowcount != 1:
        return False
    connection.execute(sa.insert(steps), {"at": now, "inbox_id": number, "what": what})
    return True


def turn_aside(connection: sa.Connection, turned: Iterable[Turned], now: datetime) -> None:
    """Do with mails what a decision says of them. Raises Conflict when one is not set aside any more.

    What is released has its sender judged afresh, also where somebody let it in before.
    """
    for one in turned:
        values = {"state": InboxState.DROPPED} if one.is_dropped else {**FRESH, "admitted": False}
        if not put(connection, one.inbox_id, now, values, one.said):
            raise Conflict(f"mail {one.inbox_id} is not set aside any more")
