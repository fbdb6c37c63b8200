"""When a mailbox is looked at again, and what is told of its trouble: once each, and never in haste.

Counts rounds only; reads no clock and waits for nothing.
"""

from collections.abc import Callable

#: Seconds: a server that comes back is asked again within a minute.
_SHORTEST, _LONGEST = 1.0, 45.0
#: What a server counts against us, with the first and the longest wait in seconds: a refused log-in is tried three
#: times in the first ten minutes and then four times an hour, since servers lock accounts.
_COUNTED = {"password": (60.0, 900.0), "token": (60.0, 900.0), "limit": (60.0, 300.0)}
#: What only another secret mends.
REFUSED = frozenset({"password", "token"})
#: Seconds between two looks whether there is one.
LOOK = 5.0
#: Trouble that passes by itself is told when it has lasted for so many rounds, half a minute or more.
_PASSING = {"unavailable": 6, "token-away": 6, "limit": 2}

#: After so many IDLEs in a row that broke the mailbox is only polled, for so many rounds.
_BROKEN, POLLED = 3, 60
#: Seconds until the mailbox may be asked again after news that were no mail, and the longest of such pauses.
_NOISE, _LONGEST_NOISE = 0.25, 2.0


class Pace:
    """How the last rounds went, and what follows."""

    def __init__(self, fraction: Callable[[], float]) -> None:
        """`fraction` gives a random number from 0 up to 1."""
        self._fraction = fraction
        #: Rounds in a row that failed, and how many of them were counted against us.
        self._failed = 0
        self._counted = 0
        #: What was told since all was well.
        self._told: set[str] = set()
        #: The trouble of the last round, "" for none.
        self.kind = ""

    def trouble(self, kind: str) -> tuple[float, bool]:
        """Take in that a round failed; return the seconds to wait and whether it is to be told now."""
        self.kind = kind
        self._failed += 1
        tell = kind not in self._told and self._failed >= _PASSING.get(kind, 1)
        if tell:
            self._told.add(kind)
        if kind in _COUNTED:
            self._counted += 1
            first, last = _COUNTED[kind]
            return min(last, first * 3.0 ** min(self._counted - 1, 9)), tell
        longest = min(_LONGEST, _SHORTEST * 2.0 ** min(self._failed - 1, 16))
        # Half of it by chance, so that many mailboxes do not come back at the same moment.
        return max(_SHORTEST, longest * (1 + self._fraction()) / 2), tell

    def mended(self) -> None:
        """Take in that there is another secret: it is told anew when that is refused too, and tried as seldom."""
        self._told -= REFUSED

    def well(self) -> bool:
        """Take in that a round went well; return whether trouble had been told before."""
        told = bool(self._told)
        self._failed, self._counted, self.kind = 0, 0, ""
        self._told.clear()
        return told


class Idling:
    """Whether IDLE is worth while on this server."""

    def __init__(self) -> None:
        #: IDLEs in a row that broke.
        self._broken = 0
        #: Rounds for which the mailbox is only polled.
        self._polled = 0
        #: Times in a row that IDLE told news which were no mail.
        self._noise = 0
        self._woken = False

    def wanted(self) -> bool:
        """Say of the next rest whether it is to be an IDLE."""
        self._polled = max(0, self._polled - 1)
        return not self._polled

    def held(self, *, news: bool) -> None:
        """Take in that an IDLE ended as it should."""
        self._broken, self._woken = 0, news
        if not news:
            self._noise = 0

    def broke(self) -> tuple[float, bool]:
        """Take in that the connection died in IDLE; return the seconds to wait and whether IDLE is given up for now.

        Once is nothing: servers are restarted, and the next poll finds out.
        """
        self._broken += 1
        if self._broken < _BROKEN:
            return float(self._broken - 1), False
        self._broken, self._polled = 0, POLLED
        return _SHORTEST, True

    def pause(self, *, found: bool) -> float:
        """Return the seconds to wait after a poll: none, unless IDLE tells again and again what is no mail."""
        woken, self._woken = self._woken, False
        if found or not woken:
            self._noise = 0 if found else self._noise
            return 0.0
        self._noise += 1
        return min(_LONGEST_NOISE, _NOISE * 2.0 ** min(self._noise - 1, 9))
