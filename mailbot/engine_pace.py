"""How many notices may go out for what is late: after an outage or a jump of the clock nobody is flooded.

Knows nothing of what is late; counts what was said in the last minute.
"""

from collections import deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


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
