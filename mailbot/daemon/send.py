"""The send loop: takes letters to the relay as they come due. Decides nothing about a letter."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from mailbot.daemon.outage import Outage
from mailbot.daemon.presence import TROUBLED_REST, Presence
from mailbot.ports import Clock, StoreAway

log = structlog.get_logger("mailbot.send")


class Sender(Protocol):
    """What the loop needs of the outbox's worker."""

    def step(self) -> int:
        """Take the letters that are due to the relay; return how many were tried."""

    def first_letter(self) -> datetime | None:
        """Return when there is something to do next, None when no letter waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendParts:
    """What the composition root hands to the loop."""

    sender: Sender
    clock: Clock
    #: Frees what a dead predecessor had taken.
    free: Callable[[], int]
    #: Ends the connection to the relay.
    close: Callable[[], None]


def run_send(presence: Presence, parts: SendParts) -> None:
    """Send until the end is asked for."""
    presence.ready("nothing to send")
    freed, outage = False, Outage()
    while not presence.stopping:
        # There is nothing to load anew: a letter is fixed when it is written.
        presence.reload_wanted()
        try:
            freed = freed or parts.free() >= 0
            tried = parts.sender.step()
            following = None if tried else parts.sender.first_letter()
        except StoreAway as away:
            outage.begun(away)
            presence.beat("the store is away")
            presence.rest(TROUBLED_REST)
            continue
        except Exception:
            log.exception("send-failed")
            presence.beat("trouble")
            presence.rest(TROUBLED_REST)
            continue
        outage.over()
        presence.beat("sending" if tried else "nothing to send")
        if not tried:
            # The connection to the relay is kept while there is something to do, not over a rest.
            parts.close()
            presence.rest(_pause(following, parts.clock))
    parts.close()
    presence.leave()


def _pause(following: datetime | None, clock: Clock) -> float:
    if following is None:
        return math.inf
    # What is due and could not be taken waits for an earlier letter: looking again at once would change nothing.
    seconds = (following - clock.now()).total_seconds()
    return seconds if seconds > 0 else TROUBLED_REST
