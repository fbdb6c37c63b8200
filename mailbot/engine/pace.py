"""When a late or a waiting deadline has its turn: nobody is flooded after an outage, no answer in time is called late.

Knows nothing of what is due; counts what was said in the last minute, and how long a mail is waited for.
"""

from collections import deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
#: How long a deadline waits for an earlier mail that is not done.
PATIENCE = timedelta(minutes=15)


class TooMany(Exception):
    """Enough went out in this minute for what is late."""


class Pace:
    """At most so many notices in any minute; None is no limit, for a rehearsal."""

    def __init__(self, per_minute: int | None) -> None:
        """Begin with nothing said."""
        self._per_minute = per_minute
        self._said: deque[datetime] = deque()
        #: When to ask again after a no, None after a yes.
        self.again: datetime | None = None

    def ask(self, notices: int, now: datetime) -> None:
        """Ask for so many; more than fit into a minute go out when nothing else did. Raises TooMany."""
        while self._said and not self._said[0] <= now < self._said[0] + MINUTE:
            self._said.popleft()  # older than a minute; or the clock went back behind it
        self.again = None
        if self._per_minute and notices and self._said and len(self._said) + notices > self._per_minute:
            self.again = self._said[0] + MINUTE
            raise TooMany

    def spend(self, notices: int, now: datetime) -> None:
        """Count what went out."""
        if self._per_minute:
            self._said.extend([now] * notices)


class Patience:
    """A deadline waits for every mail that came at or before it, but not for ever for one that nothing moves."""

    def __init__(self) -> None:
        """Begin with nothing to wait for."""
        #: When the mail came that is waited for, and since when it is.
        self._stuck: tuple[datetime, datetime] | None = None

    def ended(self, due: datetime, waiting: datetime | None, now: datetime) -> bool:
        """Need the deadline wait no longer for the mail that came at `waiting`?"""
        if waiting is None or due < waiting:
            return True
        if self._stuck is None or self._stuck[0] != waiting or now < self._stuck[1]:
            self._stuck = (waiting, now)
        return now - self._stuck[1] > PATIENCE
