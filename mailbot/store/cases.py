"""What a decision rests on: cases, their history, threads and deadlines. Only reads."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.decision import Happened
from mailbot.event import Kind, Visibility
from mailbot.model import Case, Deadline
from mailbot.ports.records import HistoryLine, OutboxState
from mailbot.store.codec import case_from_json, event_from_json, hits_from_json
from mailbot.store.column import AnyRow
from mailbot.store.database import Database
from mailbot.store.dialect import insert_new
from mailbot.store.finding import load
from mailbot.store.schema import cases, counters, deadlines, decisions, history, outbox, snapshots, threads

#: Lines of history read at once: no connection is held while the caller looks at them.
_PAGE = 500

_FIRST_DUE = sa.select(sa.func.min(deadlines.c.due))
_DUE = (
    sa.select(deadlines)
    .where(deadlines.c.due <= sa.bindparam("until"))
    .order_by(deadlines.c.due, deadlines.c.case, deadlines.c.rank, deadlines.c.rule, deadlines.c.cycle)
    .limit(sa.bindparam("at_most"))
)
_STALE = (
    sa.select(cases.c.state)
    .where(cases.c.kind != Kind.CLOSED, cases.c.ground != sa.bindparam("ground"))
    .order_by(cases.c.number)
    .limit(sa.bindparam("at_most"))
)
_THREAD = (
    sa.select(threads.c.message_id)
    .where(threads.c.case == sa.bindparam("which"), threads.c.person == sa.bindparam("who"))
    .order_by(threads.c.id)
)
#: What people wrote, and what of it nobody got.
_WRITTEN = sa.or_(history.c.name == "MessageAdded", history.c.name == "AnswerRecalled")
_SAID = (
    sa.select(history.c.body)
    .where(history.c.case == sa.bindparam("which"), _WRITTEN)
    .order_by(history.c.seq.desc())
    .limit(_PAGE)
)
_NUMBER = sa.select(counters.c.value).where(counters.c.name == "case")
_LETTERS = (
    sa.select(outbox.c.text)
    .where(outbox.c.case == sa.bindparam("which"), outbox.c.visibility == sa.bindparam("seen_by"))
    .where(outbox.c.state != OutboxState.RECALLED)
    .order_by(outbox.c.id)
)
_MESSAGES = (
    sa.select(history.c.body).where(history.c.case == sa.bindparam("which"), _WRITTEN).order_by(history.c.seq.desc())
)
_LINES = (
    sa.select(history, decisions.c.hits)
    .join(decisions, history.c.decision == decisions.c.id)
    .where(history.c.seq > sa.bindparam("after"))
    .order_by(history.c.seq)
    .limit(_PAGE)
)
_CASE_LINES = _LINES.where(history.c.case == sa.bindparam("which"))


class CaseRows(Database):
    """Implements the reading part of `mailbot.ports.Store`."""

    def first_due(self) -> datetime | None:
        """Return the earliest deadline's instant."""
        with self.reading() as connection:
            first: datetime | None = connection.execute(_FIRST_DUE).scalar()
        return first

    def due(self, until: datetime, limit: int) -> Sequence[Deadline]:
        """Return deadlines at or before `until`: by instant, then case number, then the order of `semantics.md` 2."""
        with self.reading() as connection:
            rows = connection.execute(_DUE, {"until": until, "at_most": limit}).all()
        return [Deadline(case=row.case, rule=row.rule, cycle=row.cycle, due=row.due) for row in rows]

    def case(self, number: int) -> Case | None:
        """Return the case, None if there is none."""
        with self.reading() as connection:
            return load(connection, [number]).get(number)

    def cases(
        self, *, status: str = "", assignee: str = "", requester: str = "", open_only: bool = False
    ) -> Sequence[Case]:
        """Return cases by number."""
        wanted = sa.select(cases.c.state).order_by(cases.c.number)
        if status:
            wanted = wanted.where(cases.c.status == status)
        if assignee:
            wanted = wanted.where(cases.c.assignee == assignee)
        if requester:
            wanted = wanted.where(cases.c.requester == requester)
        if open_only:
            wanted = wanted.where(cases.c.kind != Kind.CLOSED)
        with self.reading() as connection:
            return [case_from_json(state) for state in connection.execute(wanted).scalars()]

    def stale(self, ground: str, limit: int) -> Sequence[Case]:
        """Return open cases whose deadlines were computed on other ground than this, by number."""
        with self.reading() as connection:
            rows = connection.execute(_STALE, {"ground": ground, "at_most": limit}).scalars()
            return [case_from_json(state) for state in rows]

    def next_number(self) -> int:
        """Return the number that the next new case gets; `commit` raises Conflict if it was taken meanwhile."""
        with self.reading() as connection:
            used: int = connection.execute(_NUMBER).scalar_one()
        return used + 1

    def internal_texts(self, case: int) -> Sequence[str]:
        """Return the texts of the internal notices and notes of the case."""
        return self._texts(case, Visibility.INTERNAL)

    def public_texts(self, case: int) -> Sequence[str]:
        """Return the texts that the customer wrote or was sent: no secret from them."""
        return self._texts(case, Visibility.PUBLIC)

    def _texts(self, case: int, visibility: Visibility) -> Sequence[str]:
        with self.reading() as connection:
            letters = list(connection.execute(_LETTERS, {"which": case, "seen_by": visibility}).scalars())
            messages = [*_with_readers(connection.execute(_MESSAGES, {"which": case}).scalars())]
            return letters + [body["text"] for body in reversed(messages) if body["visibility"] == visibility]

    def said(self, case: int) -> str:
        """Return the words of a member that went to the customer last, "" where none did of late."""
        with self.reading() as connection:
            bodies = _with_readers(connection.execute(_SAID, {"which": case}).scalars())
            return next((str(body["text"]) for body in bodies if body.get("answers")), "")

    def thread(self, case: int, person: str) -> Sequence[str]:
        """Return the msg-ids that this person has seen or written about the case, oldest first."""
        with self.reading() as connection:
            return list(connection.execute(_THREAD, {"which": case, "who": person}).scalars())

    def history(self, case: int | None = None) -> Iterator[HistoryLine]:
        """Yield the history of a case, or of everything (None), in order."""
        after = 0
        while True:
            with self.reading() as connection:
                rows = connection.execute(
                    _LINES if case is None else _CASE_LINES, {"after": after, "which": case}
                ).all()
            yield from map(_line, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1].seq

    def snapshot(self, kind: str, version: str, body: str) -> None:
        """Keep a version of the `process` or the `directory` that decisions cite; one that is there stays."""
        with self.writing() as connection:
            connection.execute(insert_new(connection, snapshots), {"kind": kind, "version": version, "body": body})

    def last_snapshot(self, kind: str) -> str | None:
        """Return the text of the `process` or `directory` that the latest decision cites, None before the first."""
        cited = decisions.c[kind]
        wanted = (
            sa.select(snapshots.c.body)
            .join(decisions, cited == snapshots.c.version)
            .where(snapshots.c.kind == kind)
            .order_by(decisions.c.id.desc())
            .limit(1)
        )
        with self.reading() as connection:
            body: str | None = connection.execute(wanted).scalar()
        return body


def _with_readers(bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the messages that were not recalled; what is given and yielded begins with the latest."""
    recalled = set()
    for body in bodies:
        if body["event"] == "AnswerRecalled":
            recalled.add(body["message"])
        elif body["inbox_id"] not in recalled:
            yield body


def _line(row: AnyRow) -> HistoryLine:
    body: dict[str, Any] = row.body
    return HistoryLine(
        seq=row.seq,
        case=row.case,
        at=row.at,
        body={"at": body["at"], "case": row.case, **body},
        hits=hits_from_json(row.hits),
        happened=Happened(case=row.case, event=event_from_json(body)) if row.name else None,
    )
