"""The work loop: one decision after the other, as fast as they are due, under limits of memory and processor time.

Never ends because of one mail: what a mail breaks is counted before it is parsed, so the next life of this loop takes
that mail alone, and sets it aside the third time.
"""

import math
import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from mailbot.config import LimitsSection
from mailbot.daemon.bell import Bell
from mailbot.daemon.outage import Outage
from mailbot.daemon.presence import TROUBLED_REST, Presence
from mailbot.faults import Faults
from mailbot.ports import Clock, StoreAway

log = structlog.get_logger("mailbot.work")


class Worker(Protocol):
    """What the loop needs of the engine."""

    def step(self, now: datetime) -> bool:
        """Do one batch of work that is due; True when there was some."""

    def next_instant(self) -> datetime | None:
        """Return when the next work is due, None when nothing is planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkParts:
    """What the composition root hands to the loop."""

    #: Makes a worker from the files as they are now, which gives a sign of life before each mail. Raises Faults.
    worker: Callable[[Callable[[], None]], Worker]
    clock: Clock
    bell: Bell
    #: Frees what a dead predecessor had taken; returns how much.
    free: Callable[[], int]
    limits: LimitsSection
    #: Wakes the send loop.
    ring: Callable[[], None]


def run_work(presence: Presence, parts: WorkParts) -> None:
    """Work until the end is asked for. Raises Faults when the files do not even allow a beginning."""
    bound_memory(parts.limits.work_memory_bytes)

    def alive() -> None:
        bound_time(parts.limits.work_cpu_seconds)
        presence.beat()

    worker = parts.worker(alive)
    _free(parts)
    outage = Outage()
    presence.ready("waiting for mail")
    while not presence.stopping:
        if presence.reload_wanted():
            worker = _reloaded(worker, partial(parts.worker, alive))
        bound_time(parts.limits.work_cpu_seconds)
        pause = _turn(worker, parts, presence, outage)
        if pause:
            presence.rest(pause)
    presence.leave()


def _turn(worker: Worker, parts: WorkParts, presence: Presence, outage: Outage) -> float:
    """Do one batch and return for how long nothing is due, in seconds."""
    try:
        parts.bell.ring()
        busy = worker.step(parts.clock.now())
        following = None if busy else worker.next_instant()
    except StoreAway as away:
        outage.begun(away)
        # No work was done, but the loop is sound: a restart would not bring the store back.
        presence.beat("the store is away")
        return TROUBLED_REST
    except Exception:
        # A bug outside of any one mail; the batch's attempts are counted, so it cannot go round for ever.
        log.exception("work-failed")
        presence.beat("trouble")
        return TROUBLED_REST
    outage.over()
    presence.beat("working" if busy else "waiting for mail")
    if busy:
        parts.ring()
        return 0.0
    if following is None:
        return math.inf
    # What is due and could not be done waits for an earlier mail: looking again at once would change nothing.
    seconds = (following - parts.clock.now()).total_seconds()
    return seconds if seconds > 0 else TROUBLED_REST


def _reloaded(worker: Worker, make: Callable[[], Worker]) -> Worker:
    """Return a worker of the files as they are now, or the old one when they are broken."""
    try:
        fresh = make()
    except (Faults, StoreAway, OSError) as error:
        log.error("reload-refused", faults=str(error).splitlines(), alarm="going on with what was loaded before")  # noqa: TRY400 - the operator's mistake needs no traceback
        return worker
    log.info("reloaded")
    return fresh


def _free(parts: WorkParts) -> None:
    try:
        if freed := parts.free():
            log.warning("leases-freed", count=freed)
    except StoreAway as away:
        # They run out by themselves.
        log.warning("store-away", reason=str(away))


def bound_memory(size: int) -> None:
    """Let a mail that eats memory hit a wall here instead of the whole machine."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def bound_time(seconds: int) -> None:
    """Allow so much processor time from now on; the kernel ends a process that takes more (SIGXCPU)."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
