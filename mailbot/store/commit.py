"""One decision in one transaction: cases, history, outbox, deadlines, threads, the cause's end, the number.

Every guard is a statement that must change one row; if it does not, a Conflict undoes everything. Decides nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailbot.decision import Ending, Happened
from mailbot.event import CaseOpened, MailHeld, MailQuarantined
from mailbot.model import Deadline
from mailbot.ports import Conflict
from mailbot.ports.records import Changed, Commit, InboxMail, InboxState, Letter
from mailbot.store.absences import put_absences
from mailbot.store.addresses import put_alarms, put_standings
from mailbot.store.aside import turn_aside
from mailbot.store.bundle_rows import let_earlier_go, put_together
from mailbot.store.codec import case_to_json, event_to_json, hits_to_json, notice_to_json
from mailbot.store.database import Database
from mailbot.store.dialect import insert_new
from mailbot.store.digests import end_digest, named, put_wishes
from mailbot.store.inbox import end_row, take_out
from mailbot.store.inbox_row import FREE
from mailbot.store.outbox import outbox_row
from mailbot.store.recall import recall
from mailbot.store.schema import (
    AWAITED,
    cases,
    counters,
    deadlines,
    decisions,
    history,
    inbox,
    outbox,
    signatures,
    threads,
)

_STATES = {Ending.HELD: InboxState.HELD, Ending.QUARANTINED: InboxState.QUARANTINED}
#: `semantics.md` 2: within a case warning, breach, reminder, close, end of a hold.
_RANKS = {"warning": 0, "breach": 1, "ladder": 2, "close": 3, "end-of-hold": 4}

_ASIDE = {InboxState.HELD: (Ending.HELD, MailHeld), InboxState.QUARANTINED: (Ending.QUARANTINED, MailQuarantined)}

_DECIDE = sa.insert(decisions).returning(decisions.c.id)
_TELL = sa.update(outbox).where(outbox.c.id == sa.bindparam("row"), outbox.c.told.is_(False)).values(told=True)
_UPDATE_CASE = sa.update(cases).where(cases.c.number == sa.bindparam("which"), cases.c.version == sa.bindparam("was"))
_FORGET_DEADLINES = sa.delete(deadlines).where(deadlines.c.case == sa.bindparam("which"))
_FIRE = sa.delete(deadlines).where(
    deadlines.c.case == sa.bindparam("which"),
    deadlines.c.rule == sa.bindparam("named"),
    deadlines.c.cycle == sa.bindparam("turn"),
    deadlines.c.due == sa.bindparam("instant"),
)
_MADE = sa.select(outbox.c.key).where(outbox.c.key.in_(sa.bindparam("keys", expanding=True)))
_ADMIT = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("row"), inbox.c.state == InboxState.HELD)
    .values(state=InboxState.WAITING, attempts=0, ending=None, reason="", admitted=True, **FREE)
)
_COUNT = (
    sa.update(counters)
    .where(counters.c.name == "case", counters.c.value == sa.bindparam("before"))
    .values(value=counters.c.value + 1)
)


class Commits(Database):
    """Implements the writing part of `mailbot.ports.Store`."""

    def commit(self, commit: Commit) -> None:
        """Store one decision whole. Raises Conflict and stores nothing when it no longer fits."""
        with self.writing() as connection:
            _end_cause(connection, commit)
            for changed in commit.changed:
                _put_case(connection, changed, commit.ground)
            decision = _put_decision(connection, commit)
            letters = _new_letters(connection, commit.letters)
            _put_history(connection, commit.happened, letters, decision)
            if letters:
                if commit.bundles and not commit.bundled:
                    let_earlier_go(connection, letters)
                connection.execute(sa.insert(outbox), [outbox_row(letter) for letter in letters])
            if commit.bundled:
                put_together(connection, commit.bundled, letters, commit.at)
            _put_threads(connection, commit)
            put_absences(connection, commit.happened)
            put_wishes(connection, commit.happened)
            put_standings(connection, commit.happened)
            put_alarms(connection, commit.happened)
            if commit.signed and commit.mail:
                # A copy that another node decided meanwhile makes this a Conflict.
                connection.execute(sa.insert(signatures), {"digest": commit.signed, "inbox_id": commit.mail.id})
            if commit.recalled:
                recall(connection, *commit.recalled, commit.at)
            if commit.admitted:
                connection.execute(_ADMIT, {"row": commit.admitted})
            turn_aside(connection, commit.turned, commit.at)
            for number in commit.redacted:
                take_out(connection, number)
            _count_cases(connection, commit.happened)

    def renew(self, changed: Sequence[Changed], ground: str) -> None:
        """Put the deadlines of cases anew, to which nothing happened; one that changed meanwhile is left alone."""
        with self.writing() as connection:
            for one in changed:
                values = {"which": one.case.number, "was": one.was, "ground": ground}
                if connection.execute(_UPDATE_CASE, values).rowcount == 1:
                    connection.execute(_FORGET_DEADLINES, {"which": one.case.number})
                    _put_deadlines(connection, one.deadlines)

    def set_aside(self, mail: InboxMail, state: InboxState, reason: str, now: datetime) -> None:
        """End a mail without a decision, under its lease. Raises Conflict when the lease was lost."""
        ending, event = _ASIDE[state]
        happened = Happened(case=None, event=event(at=now, reason=reason, sender=mail.sender))
        # What was read of it by an earlier decision stays.
        told = Commit(
            at=now,
            mail=mail,
            ending=ending,
            reason=reason,
            sender=mail.sender,
            subject=mail.subject,
            happened=(happened,),
        )
        self.commit(told)


def _end_cause(connection: sa.Connection, commit: Commit) -> None:
    """End what caused the decision, so that it never causes another; also the check that it is still ours."""
    if commit.mail:
        assert commit.ending is not None, "a decision on a mail says how the mail ends"  # fmt: skip
        values = {
            "state": _STATES.get(commit.ending, InboxState.DONE),
            "ending": commit.ending,
            "reason": commit.reason,
            "case": _case_of(commit),
            "sender": commit.sender,
            "subject": commit.subject,
            "message_id": commit.message_id,
        }
        end_row(connection, commit.mail, values)
    if commit.letter and connection.execute(_TELL, {"row": commit.letter.id}).rowcount != 1:
        raise Conflict(f"letter {commit.letter.id} was told already")
    if commit.digest:
        end_digest(connection, commit.digest)
    if commit.deadline:
        fired = commit.deadline
        key = {"which": fired.case, "named": fired.rule, "turn": fired.cycle, "instant": fired.due}
        if connection.execute(_FIRE, key).rowcount != 1:
            raise Conflict(f"the deadline {fired.rule} of case {fired.case} is there no more")


def _case_of(commit: Commit) -> int | None:
    """Return the case that the mail ended in.

    A mail that only asks (`status`, `help`) changes no case: its answer names the case.
    """
    named = [happened.case for happened in commit.happened]
    named += [changed.case.number for changed in commit.changed]
    named += [letter.notice.case for letter in commit.letters]
    return next((number for number in named if number is not None), commit.case)


def _put_case(connection: sa.Connection, changed: Changed, ground: str) -> None:
    case = changed.case
    row: dict[str, Any] = {
        "version": case.version,
        "status": case.status,
        "kind": case.kind,
        "assignee": case.assignee,
        "requester": case.requester,
        "opened": case.opened,
        "closed": case.closed,
        "state": case_to_json(case),
        "ground": ground,
    }
    if changed.was == 0:
        connection.execute(sa.insert(cases), {"number": case.number, **row})
    elif connection.execute(_UPDATE_CASE, {"which": case.number, "was": changed.was, **row}).rowcount != 1:
        raise Conflict(f"case {case.number} is no longer at version {changed.was}")
    else:
        connection.execute(_FORGET_DEADLINES, {"which": case.number})
    _put_deadlines(connection, changed.deadlines)


def _put_deadlines(connection: sa.Connection, rows: Sequence[Deadline]) -> None:
    if rows:
        connection.execute(sa.insert(deadlines), [_deadline_row(deadline) for deadline in rows])


def _deadline_row(deadline: Deadline) -> dict[str, Any]:
    rank = _RANKS.get(deadline.rule.partition(":")[0], len(_RANKS))
    return {
        "case": deadline.case,
        "rule": deadline.rule,
        "cycle": deadline.cycle,
        "due": deadline.due,
        "rank": rank,
    }


def _put_decision(connection: sa.Connection, commit: Commit) -> int:
    row = {
        "at": commit.at,
        "inbox_id": commit.mail.id if commit.mail else None,
        "cause": _cause(commit),
        "ending": commit.ending,
        "reason": commit.reason,
        "hits": hits_to_json(commit.hits),
        "process": commit.process,
        "directory": commit.directory,
    }
    made: int = connection.execute(_DECIDE, row).scalar_one()
    return made


def _cause(commit: Commit) -> str:
    if commit.mail:
        return f"mail {commit.mail.id}"
    if commit.letter:
        return f"letter {commit.letter.id}"
    if commit.digest:
        return named(commit.digest)
    return commit.deadline.rule if commit.deadline else commit.cause or "word"


def _new_letters(connection: sa.Connection, letters: Sequence[Letter]) -> list[Letter]:
    """Return those whose key was never used: the same notice is not made twice."""
    if not letters:
        return []
    by_key: dict[str, Letter] = {}
    for letter in letters:
        by_key.setdefault(letter.key, letter)
    made = set(connection.execute(_MADE, {"keys": list(by_key)}).scalars())
    return [letter for key, letter in by_key.items() if key not in made]


def _put_history(
    connection: sa.Connection, happened: Sequence[Happened], letters: Sequence[Letter], decision: int
) -> None:
    lines: list[dict[str, Any]] = [
        {
            "case": line.case,
            "at": line.event.at,
            "name": type(line.event).__name__,
            "body": event_to_json(line.event),
            "decision": decision,
            "key": None,
        }
        for line in happened
    ]
    lines += [
        {
            "case": letter.notice.case,
            "at": letter.notice.at,
            "name": "",
            "body": notice_to_json(letter.notice, letter.subject),
            "decision": decision,
            "key": letter.key,
        }
        for letter in letters
    ]
    if lines:
        connection.execute(sa.insert(history), lines)


def _put_threads(connection: sa.Connection, commit: Commit) -> None:
    """Index msg-ids: a letter's is what its recipient has seen, any other is the sender's own."""
    seen_by = {letter.message_id: letter.to for letter in commit.letters}
    rows = [
        {"message_id": message_id, "case": case, "person": seen_by.get(message_id, commit.sender)}
        for message_id, case in commit.threads.items()
    ]
    own = commit.threads.get(commit.message_id, 0)
    rows += [{"message_id": message_id, "case": own, "person": AWAITED} for message_id in commit.overtaken if own]
    if rows:
        connection.execute(insert_new(connection, threads), rows)


def _count_cases(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Use up a number for each new case; last, because every other writer waits for this row until the commit."""
    for line in happened:
        if isinstance(line.event, CaseOpened):
            assert line.case is not None, "a case that opens has a number"
            if connection.execute(_COUNT, {"before": line.case - 1}).rowcount != 1:
                raise Conflict(f"number {line.case} was taken meanwhile")
