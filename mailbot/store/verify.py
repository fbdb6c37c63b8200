"""Is the store whole?

Every case's events fold to its row, every mail and every notice is accounted for, every byte is readable. Only reads,
and in one transaction, so that a running daemon does no harm to the answer.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields

import sqlalchemy as sa

from mailbot.decision import Ending
from mailbot.event import Event
from mailbot.model import Case
from mailbot.ports.records import InboxState
from mailbot.store.codec import case_from_json, event_from_json
from mailbot.store.dialect import check_integrity
from mailbot.store.inbox import InboxRows
from mailbot.store.inbox_row import COLUMNS
from mailbot.store.schema import cases, counters, decisions, history, inbox, outbox

#: `mailbot.rules.case.evolve`: adapters do not know the rules, so it is handed in.
Evolve = Callable[[Case | None, Event], Case]

_EVENTS = sa.select(history.c.case, history.c.seq, history.c.body).where(
    history.c.case.is_not(None), history.c.name != ""
)
_IN_CASES = (Ending.NEW, Ending.THREADED)
_ENDS = {InboxState.HELD: Ending.HELD, InboxState.QUARANTINED: Ending.QUARANTINED}


class Verification(InboxRows):
    """What `mailbot verify` does."""

    def verify(self, evolve: Evolve) -> list[str]:
        """Return one line per fault, none for a store that is whole."""
        with self.reading() as connection:
            found = [
                *check_integrity(connection),
                *_case_faults(connection, evolve),
                *_number_faults(connection),
                *_mail_faults(connection),
                *_notice_faults(connection),
                *self._byte_faults(connection),
            ]
        return found + (list(self.files.faults()) if self.files else [])

    def _byte_faults(self, connection: sa.Connection) -> Iterator[str]:
        for row in connection.execution_options(yield_per=100).execute(sa.select(*COLUMNS)):
            try:
                raw = self.bytes_of(row, connection)
            except (OSError, zlib.error) as error:
                yield f"mail {row.id}: its bytes cannot be read: {error}"
                continue
            if len(raw) != row.size or hashlib.sha256(raw).hexdigest() != row.sha256:
                yield f"mail {row.id}: its bytes are not those that came"


def _case_faults(connection: sa.Connection, evolve: Evolve) -> Iterator[str]:
    folded: dict[int, Case] = {}
    count: dict[int, int] = {}
    for row in connection.execute(_EVENTS.order_by(history.c.seq)):
        count[row.case] = count.get(row.case, 0) + 1
        try:
            folded[row.case] = evolve(folded.get(row.case), event_from_json(row.body))
        except (KeyError, ValueError) as error:
            yield f"case {row.case}: line {row.seq} of the history does not fold: {error}"
    for row in connection.execute(sa.select(cases).order_by(cases.c.number)):
        case = case_from_json(row.state)
        if case.number not in folded:
            yield f"case {row.number}: has no history"
            continue
        if differs := _differing(case, folded.pop(row.number)):
            yield f"case {row.number}: the row differs from the folded history in {', '.join(differs)}"
        if case.version != count[row.number]:
            yield f"case {row.number}: version {case.version}, but {count[row.number]} events"
        columns = ("number", "version", "status", "kind", "assignee", "requester", "opened", "closed")
        if wrong := [name for name in columns if getattr(case, name) != getattr(row, name)]:
            yield f"case {row.number}: the columns {', '.join(wrong)} differ from the state"
    yield from (f"case {number}: has a history but no row" for number in folded)


def _differing(case: Case, folded: Case) -> list[str]:
    return [one.name for one in fields(Case) if getattr(case, one.name) != getattr(folded, one.name)]


def _number_faults(connection: sa.Connection) -> Iterator[str]:
    used = connection.execute(sa.select(counters.c.value).where(counters.c.name == "case")).scalar_one()
    count, highest = connection.execute(sa.select(sa.func.count(), sa.func.max(cases.c.number))).one()
    if not used == count == (highest or 0):
        yield f"numbers: {used} used up, but {count} cases and the highest is {highest or 0}"


def _mail_faults(connection: sa.Connection) -> Iterator[str]:
    decided = sa.exists(sa.select(1).where(decisions.c.inbox_id == inbox.c.id))
    there = sa.exists(sa.select(1).where(cases.c.number == inbox.c.case))
    rows = sa.select(inbox.c.id, inbox.c.state, inbox.c.ending, decided.label("decided"), there.label("there"))
    for row in connection.execute(rows.order_by(inbox.c.id)):
        unfinished = row.state in {InboxState.WAITING, InboxState.WORKING}
        if unfinished != (row.ending is None) or _ENDS.get(row.state, row.ending) != row.ending:
            yield f"mail {row.id}: state {row.state} with ending {row.ending}"
        if row.ending and not row.decided:
            yield f"mail {row.id}: ended as {row.ending} without a decision"
        if row.ending in _IN_CASES and not row.there:
            yield f"mail {row.id}: ended as {row.ending}, but its case is not there"


def _notice_faults(connection: sa.Connection) -> Iterator[str]:
    unsent = sa.select(history.c.seq).where(
        history.c.name == "", ~sa.exists(sa.select(1).where(outbox.c.key == history.c.key))
    )
    for seq in connection.execute(unsent).scalars():
        yield f"line {seq} of the history: a notice without a letter in the outbox"
    unsaid = sa.select(outbox.c.id).where(~sa.exists(sa.select(1).where(history.c.key == outbox.c.key)))
    for number in connection.execute(unsaid).scalars():
        yield f"letter {number}: not in the history of any case"
