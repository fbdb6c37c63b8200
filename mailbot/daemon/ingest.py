"""The ingest loop: keeps the doors open, the SMTP listener and the IMAP pollers, and shows that they are alive.

The doors have their own threads; this loop starts, watches and stops them. Never touches a mail.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from mailbot.daemon.presence import Presence
from mailbot.faults import Faults

log = structlog.get_logger("mailbot.ingest")

#: Seconds in which a door must show that it is alive.
ANSWER = 5.0
#: Seconds that doors may take to finish what is in hand at the end.
FINISH = 10.0


class Door(Protocol):
    """Something that takes in mail on threads of its own."""

    def start(self) -> None:
        """Begin to take in mail; it does when this returns."""

    def responds(self, timeout: float) -> bool:
        """Does it still do its work?"""

    def stop(self, timeout: float) -> None:
        """Take in no more and finish what is in hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestParts:
    """What the composition root hands to the loop."""

    #: By name, in the order of their start; they stop in reverse, so the intake, which all need, stands first.
    doors: Sequence[tuple[str, Door]]
    #: Reads again what the doors know of passwords and people. Raises Faults.
    reload: Callable[[], None]
    #: What the doors are, for people.
    status: str


def run_ingest(presence: Presence, parts: IngestParts) -> None:
    """Keep the doors open until the end is asked for. Raises Faults when one cannot be opened."""
    opened: list[tuple[str, Door]] = []
    try:
        for name, door in parts.doors:
            door.start()
            opened.append((name, door))
        presence.ready(parts.status)
        while not presence.stopping:
            if presence.reload_wanted():
                _reload(parts)
            silent = [name for name, door in opened if not door.responds(ANSWER)]
            if silent:
                # Without signs of life the supervisor replaces this process; until then they may recover.
                log.error("door-silent", doors=silent)
            else:
                presence.beat(parts.status)
            presence.rest()
    finally:
        presence.leave()
        for _, door in reversed(opened):
            door.stop(FINISH / len(opened))


def _reload(parts: IngestParts) -> None:
    try:
        parts.reload()
    except Faults as faults:
        log.error("reload-refused", faults=str(faults).splitlines(), alarm="going on with what was loaded before")  # noqa: TRY400 - the operator's mistake needs no traceback
    else:
        log.info("reloaded")
