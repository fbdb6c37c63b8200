"""What a loop asks over and over costs by what it finds, not by what there is."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from mailbot.store import addresses, cases, commit, counting, finding, inbox, outbox, recall
from mailbot.store.sql import SqlStore
from tests.store.values import NOON

STATEMENTS = {
    "waiting mails": inbox._READY,
    "the oldest waiting mail": inbox._FIRST,
    "the end of a mail": inbox._UNDER_LEASE.values(state="done"),
    "leases of the dead": inbox._FREE,
    "due letters": outbox._READY,
    "the next letter": outbox._FIRST,
    "failed letters": outbox._UNDELIVERED,
    "the next deadline": cases._FIRST_DUE,
    "due deadlines": cases._DUE,
    "cases by number": finding._CASES,
    "cases by msg-id": finding._THREADS,
    "a person's thread": cases._THREAD,
    "the notice of a report": finding._REPORTED,
    "answers to a sender": counting._TO_SENDER,
    "mails about a case": counting._ABOUT_CASE,
    "answers to all": counting._TO_ALL,
    "answers to all by the hour": counting._TO_ALL_BY_HOUR,
    "new cases of a sender": counting._NEW_BY,
    "when a case began": counting._OPENED,
    "what went to people": addresses._SENT,
    "how mail fared": addresses._OF,
    "a case's history": cases._CASE_LINES,
    "a case's messages": cases._MESSAGES,
    "what a member said last": cases._SAID,
    "letters that can be recalled": recall._OF_MAILS,
    "used keys": commit._MADE,
    "a case's deadlines": commit._FORGET_DEADLINES,
}


KNOWN = {
    "now": NOON,
    "until": NOON,
    "at_most": 9,
    "ids": [1, 2],
    "numbers": [1, 2],
    "keys": ["a", "b"],
    "mails": [1, 2],
    "named": "a",
    "people": ["a", "b"],
    "ten_minutes": NOON,
    "hour": NOON,
    "ten_hours": NOON,
    "returned": ["a", "b"],
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_no_table_is_read_through(disk: SqlStore, statement: Any):
    given = statement.params(KNOWN) if isinstance(statement, sa.Select) else statement
    compiled = given.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    with disk.reading() as connection:
        plan = [
            row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {str(compiled).replace('?', '1')}")
        ]
    assert plan
    # The least of an index is its first entry: that is no reading through.
    least = statement is STATEMENTS["the next deadline"]
    assert [line for line in plan if line.startswith("SCAN") and not least] == [], plan
