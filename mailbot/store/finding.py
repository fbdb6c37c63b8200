"""What the store knows of a mail's thread keys: which cases they name, and what the mail answers. Only reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from mailbot.facts import Found, Reported, ThreadKeys
from mailbot.model import Case
from mailbot.ports.records import InboxState
from mailbot.store.codec import case_from_json
from mailbot.store.column import AnyRow
from mailbot.store.database import Database
from mailbot.store.schema import AWAITED, cases, decisions, history, inbox, outbox, signatures, threads

_THREADS = (
    sa.select(threads.c.message_id, threads.c.case)
    .where(threads.c.message_id.in_(sa.bindparam("ids", expanding=True)))
    .where(threads.c.person != AWAITED)
    .order_by(threads.c.id.desc())
)
_AWAITED = (
    sa.select(threads.c.message_id, threads.c.case)
    .where(threads.c.message_id.in_(sa.bindparam("ids", expanding=True)), threads.c.person == AWAITED)
    .order_by(threads.c.id)
)
_CAME = sa.select(threads.c.id).where(threads.c.message_id == sa.bindparam("own"), threads.c.person != AWAITED).limit(1)
_named = outbox.c.message_id == sa.bindparam("named")
#: The letter that has this return path or this Message-ID; its own return path is nobody else's.
_REPORTED = (
    sa.select(outbox.c.case, outbox.c.recipient, outbox.c.template, outbox.c.message_id)
    .where(sa.or_(outbox.c.reverse_path.in_(sa.bindparam("returned", expanding=True)), _named))
    .order_by(_named, outbox.c.id)
    .limit(1)
)
#: One that speaks of a mail with notices about several cases speaks of the first of them.
_part, _whole = outbox.alias("part"), outbox.alias("whole")
_REPORTED_PART = (
    sa.select(_part.c.case, _part.c.recipient, _part.c.template, _whole.c.message_id)
    .join(_whole, _part.c.bundled_into == _whole.c.id)
    .where(_whole.c.message_id == sa.bindparam("named"))
    .order_by(_part.c.id)
    .limit(1)
)
_TOLD_OF = (
    sa.select(decisions.c.id, decisions.c.inbox_id, outbox.c.template)
    .join(history, history.c.decision == decisions.c.id)
    .join(outbox, history.c.key == outbox.c.key)
    .where(outbox.c.message_id == sa.bindparam("named"))
)
_CHANGED_BY = sa.select(history.c.case).where(
    history.c.decision == sa.bindparam("decided"), history.c.name == "CommandsRun", history.c.case.is_not(None)
)
_LETTER_READ = sa.select(sa.func.max(outbox.c.created)).where(
    outbox.c.message_id.in_(sa.bindparam("ids", expanding=True))
)
_MAIL_READ = sa.select(sa.func.max(inbox.c.received_at)).where(
    inbox.c.message_id.in_(sa.bindparam("ids", expanding=True))
)
_HELD = sa.select(inbox.c.id, inbox.c.message_id, inbox.c.reason).where(
    inbox.c.message_id.in_(sa.bindparam("ids", expanding=True)), inbox.c.state == InboxState.HELD
)
_SIGNED = sa.select(signatures.c.inbox_id).where(signatures.c.digest == sa.bindparam("signed"))
_CASES = sa.select(cases.c.state).where(cases.c.number.in_(sa.bindparam("numbers", expanding=True)))


class Findings(Database):
    """Implements `mailbot.ports.Store.find`."""

    def find(self, keys: ThreadKeys, report_of: str = "") -> Found:
        """Return what is known of a mail's keys, the successors of merged cases among the cases."""
        with self.reading() as connection:
            known = _known(connection, keys)
            awaited = _awaited(connection, keys, known)
            reported = _reported(connection, report_of, keys.returned)
            told_of = _told_of(connection, keys)
            receipt = told_of if told_of and told_of.template == "command_result" else None
            named = {*keys.numbers, *known.values(), *awaited}
            named |= {reported.case} if reported and reported.case else set()
            named |= set(connection.execute(_CHANGED_BY, {"decided": receipt.id}).scalars()) if receipt else set()
            held = _held(connection, keys)
            letter, read_until = _read(connection, keys)
            return Found(
                cases=_with_successors(connection, frozenset(named)),
                by_message_id=known,
                awaited=awaited,
                reported=reported,
                held=held.id if held else 0,
                held_for=held.reason if held else "",
                read_until=read_until,
                names_notice=letter is not None,
                signed_before=_signed_before(connection, keys),
                receipt_of=receipt.inbox_id or 0 if receipt else 0,
                about=told_of.inbox_id or 0 if told_of else 0,
            )


def _known(connection: sa.Connection, keys: ThreadKeys) -> dict[str, int]:
    """Return the case of each msg-id that is known."""
    if not keys.message_ids:
        return {}
    # The oldest row comes last and wins: nobody turns a known msg-id to another case.
    return {row.message_id: row.case for row in connection.execute(_THREADS, {"ids": list(keys.message_ids)})}


def _reported(connection: sa.Connection, named: str, returned: Sequence[str]) -> Reported | None:
    """Return which letter of ours a mail speaks of, by the letter's return path or else by its Message-ID."""
    if not (named or returned):
        return None
    # A letter without a Message-ID of its own there is not: "" names none.
    found = connection.execute(_REPORTED, {"named": named, "returned": list(returned)}).first()
    whole = found.message_id if found else named
    part = connection.execute(_REPORTED_PART, {"named": whole}).first() if not (found and found.case) else None
    row = part or found
    return Reported(row.case, row.recipient, row.template, row.message_id) if row else None


def _told_of(connection: sa.Connection, keys: ThreadKeys) -> AnyRow | None:
    """Return the decision whose notice the mail answers."""
    answered = next(iter(keys.message_ids), "")
    return connection.execute(_TOLD_OF, {"named": answered}).first() if answered else None


def _held(connection: sa.Connection, keys: ThreadKeys) -> AnyRow | None:
    """Return the held mail that is named, the nearest first."""
    rows = connection.execute(_HELD, {"ids": list(keys.message_ids)})
    waiting = {row.message_id: row for row in rows}
    return next((waiting[one] for one in keys.message_ids if one in waiting), None)


def _read(connection: sa.Connection, keys: ThreadKeys) -> tuple[datetime | None, datetime | None]:
    """Return when the newest of the notices that are named was written, and of notices and mails."""
    ids = {"ids": list(keys.message_ids)}
    letter: datetime | None = connection.execute(_LETTER_READ, ids).scalar()
    mail: datetime | None = connection.execute(_MAIL_READ, ids).scalar()
    return letter, max((one for one in (letter, mail) if one is not None), default=None)


def _signed_before(connection: sa.Connection, keys: ThreadKeys) -> bool:
    return bool(keys.signed) and connection.execute(_SIGNED, {"signed": keys.signed}).first() is not None


def load(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Case]:
    """Return the cases of these numbers that there are."""
    found = (case_from_json(state) for state in connection.execute(_CASES, {"numbers": list(numbers)}).scalars())
    return {case.number: case for case in found}


def _awaited(connection: sa.Connection, keys: ThreadKeys, known: Mapping[str, int]) -> tuple[int, ...]:
    """Return the cases that wait for this mail, or for one that it names; not for one that came."""
    wanted = [named for named in keys.message_ids if named not in known]
    if keys.own and connection.execute(_CAME, {"own": keys.own}).first() is None:
        wanted.append(keys.own)
    rows = connection.execute(_AWAITED, {"ids": wanted}).all() if wanted else []
    return tuple(dict.fromkeys(row.case for row in rows))


def _with_successors(connection: sa.Connection, numbers: frozenset[int]) -> dict[int, Case]:
    """Load cases, those in which they go on after a merge, and the others that go on there: who hears hangs on them."""
    found: dict[int, Case] = {}
    wanted = numbers
    while wanted:
        more = load(connection, sorted(wanted))
        found |= more
        beside = (number for case in more.values() for number in (case.merged_into, *case.absorbed))
        wanted = frozenset(beside) - found.keys() - {0}
    return found
