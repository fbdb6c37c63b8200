"""The cases that somebody asks for by mail: whose they are, what stands in them. Only reads.

What it costs: whose a case is stands in an index. Words are looked for by LIKE in subject, requester and messages of
the 5,000 newest cases, each by the index of its history: time grows with these cases' texts, not with the store's age.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import sqlalchemy as sa

from mailbot.event import Kind
from mailbot.facts import Query
from mailbot.model import END_OF_SNOOZE, Case
from mailbot.store.codec import case_from_json
from mailbot.store.database import Database
from mailbot.store.schema import cases, deadlines, history

#: In so many of the newest cases words are looked for.
MOST_SEARCHED = 5_000


class Lookups(Database):
    """Implements `mailbot.ports.Store.matching`."""

    def matching(self, query: Query, limit: int) -> Sequence[Case]:
        """Return at most `limit` cases that a query wants: open ones the oldest first, else the newest first."""
        wanted = sa.select(cases.c.state).where(*_conditions(query))
        wanted = wanted.order_by(cases.c.number if query.open_only else cases.c.number.desc())
        if not query.overdue:
            wanted = wanted.limit(limit)
        with self.reading() as connection:
            found = (case_from_json(state) for state in connection.execute(wanted).scalars())
            return list(islice((case for case in found if case.overdue or not query.overdue), limit))


def _conditions(query: Query) -> Iterator[sa.ColumnElement[bool]]:
    if query.open_only:
        yield cases.c.kind != Kind.CLOSED
    if query.assignees is not None:
        yield cases.c.assignee.in_(query.assignees)
    if query.requester:
        yield cases.c.requester == query.requester
    if query.since is not None:
        yield sa.or_(cases.c.kind != Kind.CLOSED, cases.c.closed >= query.since)
    if query.overdue:
        yield _history("ClockBreached")
    if query.snoozed is not None:
        waits = sa.exists().where(deadlines.c.case == cases.c.number, deadlines.c.rule == END_OF_SNOOZE)
        yield waits if query.snoozed else ~waits
    if query.words:
        newest = sa.select(sa.func.max(cases.c.number)).scalar_subquery()
        said = sa.and_(cases.c.number > newest - MOST_SEARCHED, *(_has(word) for word in query.words))
        yield sa.or_(said, _is_among(query)) if query.among else said


def _is_among(query: Query) -> sa.ColumnElement[bool]:
    """Is the case one of these people's? They stand in an index; whole domains are looked for in all cases."""
    domains = [one for one in query.among if one.startswith("@")]
    own = cases.c.requester.in_([one for one in query.among if one not in domains])
    theirs = (cases.c.requester.endswith(domain, autoescape=True) for domain in domains)
    return sa.or_(own, sa.and_(sa.or_(*theirs), cases.c.requester.not_in(query.but))) if domains else own


def _has(word: str) -> sa.ColumnElement[bool]:
    """Does the word stand in the case? SQLite knows upper and lower case of ASCII only: common spellings are tried."""
    spellings = sorted({word, word.lower(), word.upper(), word.capitalize()})
    places = (cases.c.state["subject"].as_string(), cases.c.requester)
    text = history.c.body["text"].as_string()
    here = (place.icontains(one, autoescape=True) for place in places for one in spellings)
    said = sa.or_(*(text.icontains(one, autoescape=True) for one in spellings))
    return sa.or_(*here, _history("MessageAdded", said))


def _history(name: str, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Is there an event of this name in the case's history?"""
    return sa.exists().where(history.c.case == cases.c.number, history.c.name == name, *conditions)
