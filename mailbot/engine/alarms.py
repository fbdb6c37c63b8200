"""The alarms of a desk that go on: when the next one is over. Decides nothing."""

from datetime import datetime

from mailbot.ports import Store
from mailbot.rules.notice.alarms import over_at
from mailbot.standing import Alarm


class Alarms:
    """Knows the desk's next alarm that is over."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next(self) -> Alarm | None:
        """Return the alarm that is over next, None where none goes on."""
        return next(iter(self._store.alarms()), None)

    def instant(self) -> datetime | None:
        """Return when the next alarm is over; None where none goes on."""
        alarm = self.next()
        return over_at(alarm) if alarm else None


def named(alarm: Alarm) -> str:
    """Return what tells the end of an alarm from any other."""
    return f"alarm {alarm.kind} {alarm.raised.isoformat()}"
