"""The only module that reads the time or randomness; everything else is handed what it needs.

Nothing here waits: loops wait on their doorbell, which a signal or another loop can ring.
"""

import ctypes
import random
import secrets
import time
from datetime import UTC, datetime

#: Letters and digits that cannot be taken for one another when a password is read out or copied by hand.
_CLEAR = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ34679"

#: adjtimex(2): a clock that nobody steers has this error at least, in microseconds; timedatectl draws the same line.
_UNSTEERED = 16_000_000


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 512),
    )


class SystemClock:
    """The machine's clock, as the port `Clock`."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only ever grow, for measuring how long something takes."""
    return time.monotonic()


def synchronised() -> bool | None:
    """Say whether something such as NTP steers the machine's clock; None where the kernel does not tell."""
    timex = _Timex()
    # Modes 0 asks and sets nothing.
    if ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) < 0:
        return None
    return bool(timex.maxerror < _UNSTEERED)


def random_bytes(length: int) -> bytes:
    """Return random bytes that are fit for keys and salts."""
    return secrets.token_bytes(length)


def new_password() -> str:
    """Return a password of four groups of five clear characters: 113 bits."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(5)) for _ in range(4))


def fraction() -> float:
    """Return a random fraction from 0 up to 1, for the jitter of retries."""
    return random.random()  # noqa: S311 - jitter spreads load, it keeps no secret
