"""A look at a store that changes nothing: is it there, which schema has it, what lies in it and what waits.

Makes no database, migrates none, takes no lease. What is away is StoreAway, as everywhere.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mailbot.ports import StoreAway
from mailbot.ports.records import InboxState, OutboxState
from mailbot.store.database import Database
from mailbot.store.dialect import make_engine
from mailbot.store.schema import REVISION, cases, history, inbox, outbox
from mailbot.store.upgrade import KNOWN, revision_of

#: The newest of so many lines of the history stands for all of it: what was written last is where a clock went wrong.
_LAST_LINES = 1000

_FIRST_WAITING = sa.select(sa.func.min(inbox.c.received_at), sa.func.count()).where(
    inbox.c.state.in_((InboxState.WAITING, InboxState.WORKING))
)
_LETTERS = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
_LAST = sa.select(history.c.at).order_by(history.c.seq.desc()).limit(_LAST_LINES).subquery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a store."""

    #: None for a database without tables.
    revision: str | None
    cases: int = 0
    #: Mails that are not decided yet, and when the first of them arrived.
    waiting: int = 0
    first_waiting: datetime | None = None
    #: Letters that are not out yet, failed ones apart.
    letters: int = 0
    failed_letters: int = 0
    #: The latest instant of the history, None for an empty one.
    newest: datetime | None = None

    @property
    def is_older(self) -> bool:
        """Is it a schema that the next start brings to this version?"""
        return self.revision in KNOWN and self.revision != REVISION

    @property
    def is_foreign(self) -> bool:
        """Was it made by a newer mailbot, or by another program?"""
        return self.revision is not None and self.revision not in KNOWN


def visit(url: str) -> Sight | None:
    """Look at a store; None where an SQLite file was never made. Raises StoreAway."""
    place = sa.make_url(url)
    if place.get_backend_name() == "sqlite" and place.database:
        if not Path(place.database).exists():
            return None
        if not os.access(place.database, os.R_OK | os.W_OK):
            raise StoreAway(f"{place.database} cannot be read and written by this user")
    database = Database(make_engine(url), None, "visit")
    try:
        with database.reading() as connection:
            revision = revision_of(connection)
            return Sight(revision=revision, **(_contents(connection) if revision == REVISION else {}))
    finally:
        database.close()


def _contents(connection: sa.Connection) -> dict[str, Any]:
    first, waiting = connection.execute(_FIRST_WAITING).one()
    letters = {row[0]: row[1] for row in connection.execute(_LETTERS)}
    out = (OutboxState.SENT, OutboxState.BUNDLED, OutboxState.DROPPED, OutboxState.RECALLED, OutboxState.FAILED)
    return {
        "cases": connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one(),
        "waiting": waiting,
        "first_waiting": first,
        "letters": sum(count for state, count in letters.items() if state not in out),
        "failed_letters": letters.get(OutboxState.FAILED, 0),
        "newest": connection.execute(sa.select(sa.func.max(_LAST.c.at))).scalar(),
    }
