"""What digests rest on: the latest words in each case, who wants a digest, and which days had one. Decides nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from mailbot.decision import Happened
from mailbot.digest import Digest, MemberReturned
from mailbot.event import DigestWished, Visibility
from mailbot.store.absences import end_absence
from mailbot.store.database import Database
from mailbot.store.schema import digests, history, wishes

#: Cases whose words are looked up by one statement: below what a database takes as parameters.
_AT_ONCE = 500

_TOLD = sa.select(sa.func.max(digests.c.day))
_recalled = history.alias("recalled")
_LATEST = (
    sa.select(sa.func.max(history.c.seq))
    .where(
        history.c.case.in_(sa.bindparam("numbers", expanding=True)),
        history.c.name == "MessageAdded",
        history.c.body["visibility"].as_string() == Visibility.PUBLIC,
        # What a machine wrote is nobody's word.
        sa.func.coalesce(history.c.body["automatic"].as_string(), "") == "",
        # Nobody got these.
        ~sa.exists().where(
            _recalled.c.case == history.c.case,
            _recalled.c.name == "AnswerRecalled",
            _recalled.c.body["message"].as_integer() == history.c.body["inbox_id"].as_integer(),
        ),
    )
    .group_by(history.c.case)
)
_WORDS = sa.select(history.c.case, history.c.at, history.c.body).where(history.c.seq.in_(_LATEST))


class Digests(Database):
    """Implements what `mailbot.ports.Store` has for digests."""

    def opening_told(self) -> date | None:
        """Return the latest working day of the desk whose opening digest is done, None before the first."""
        with self.reading() as connection:
            day: str | None = connection.execute(_TOLD).scalar()
        return date.fromisoformat(day) if day else None

    def wishes(self) -> Mapping[str, bool]:
        """Return who wants the opening digest, or does not, of those who said so."""
        with self.reading() as connection:
            return {row.person: row.wanted for row in connection.execute(sa.select(wishes))}

    def latest_words(self, numbers: Collection[int]) -> Mapping[int, tuple[str, datetime]]:
        """Return who wrote the latest message of each case that its customer can see, and when."""
        wanted, found = sorted(numbers), {}
        with self.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                rows = connection.execute(_WORDS, {"numbers": wanted[start : start + _AT_ONCE]})
                found.update({row.case: (str(row.body["from"]), row.at) for row in rows})
        return found


def end_digest(connection: sa.Connection, digest: Digest) -> None:
    """Note that a digest is done, in the transaction of its letters: a second one is a Conflict."""
    if isinstance(digest, MemberReturned):
        end_absence(connection, digest)
    else:
        connection.execute(sa.insert(digests), {"day": digest.day.isoformat()})


def named(digest: Digest) -> str:
    """Return what a decision was caused by, as `mailbot trace` shows it."""
    if isinstance(digest, MemberReturned):
        return f"return of {digest.absence.person}"
    return f"opening {digest.day.isoformat()}"


def put_wishes(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Keep who wants the opening digest, in the transaction of what they said."""
    for event in (line.event for line in happened):
        if isinstance(event, DigestWished):
            connection.execute(sa.delete(wishes).where(wishes.c.person == event.person))
            connection.execute(sa.insert(wishes), {"person": event.person, "wanted": event.wanted})
