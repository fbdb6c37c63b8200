"""The bell: what happens by the clock on the wall, apart from deadlines, rung by `schedule`.

A scheduler of its own, so that nothing else in the process can add to it; a job that fails is logged and rung again the
next time. No deadline of a case lives here: those are in the store and survive a restart.
"""

from collections.abc import Callable, Mapping

import schedule
import structlog

log = structlog.get_logger("mailbot.bell")


class Bell:
    """Rings the jobs that are due when it is asked."""

    def __init__(self) -> None:
        self._scheduler = schedule.Scheduler()

    def daily(self, at: str, name: str, job: Callable[[], object]) -> None:
        """Ring a job every day at HH:MM, local time of the machine."""
        self._scheduler.every().day.at(at).do(_guarded, name, job)

    def every_minutes(self, minutes: int, name: str, job: Callable[[], object]) -> None:
        """Ring a job again and again."""
        self._scheduler.every(minutes).minutes.do(_guarded, name, job)

    def ring(self) -> None:
        """Do what is due; quick when nothing is."""
        self._scheduler.run_pending()


def _guarded(name: str, job: Callable[[], object]) -> None:
    """`schedule` forgets a job that raises; this one does not let it."""
    try:
        job()
    except Exception:
        log.exception("job-failed", job=name)


def tell(tally: Mapping[str, int]) -> None:
    """Write the daily report: what came in, what became of it, and whether the numbers add up."""
    ended = ("threaded", "new", "held", "quarantined", "ignored", "dropped", "waiting")
    missing = tally.get("received", 0) - sum(tally.get(name, 0) for name in ended)
    line = {name: tally.get(name, 0) for name in ("received", *ended)}
    if missing:
        log.error("daily-report", **line, unaccounted=missing, alarm="the numbers do not add up: run `mailbot verify`")
    else:
        log.info("daily-report", **line)
