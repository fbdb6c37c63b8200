"""How fast service time is computed, beside counting minutes in the same run: python -m benchmarks.service_time.

The figure to watch is the ratio, which hardly depends on the machine. Both must give the same answer, else it stops.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from rich.console import Console
from rich.table import Table

from mailbot.event import ClockName
from mailbot.rules.counting import ledger
from mailbot.rules.counting.calendar import Calendar
from tests.rules.counting.naive import CALENDARS, MINUTE, is_service_minute

START = datetime(2026, 3, 26, 9, 17, tzinfo=UTC)
#: Twenty service hours: over a weekend on which the clocks change.
TARGET = timedelta(hours=20)
#: A run of this length is long enough to be told from noise.
LONG_ENOUGH = 0.2


def count_minutes(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return when the amount is used up, by asking every minute whether it is open."""
    at, left = start, amount
    while left:
        left -= MINUTE * is_service_minute(calendar, at)
        at += MINUTE
    return at


def rate(work: Callable[[], object]) -> float:
    """Return how often a second the work can be done."""
    times, took = 1, 0.0
    while took < LONG_ENOUGH:
        begin = perf_counter()
        for _ in range(times):
            work()
        took = perf_counter() - begin
        times *= 2
    return times / 2 / took


def ledger_rate(calendar: Calendar) -> float:
    """Return how many due instants a second are computed from a ledger with two pauses."""
    clock = ledger.started(ClockName.RESOLUTION, START, running=True, cause="opened")
    for day in (1, 2):
        clock = ledger.paused(clock, START + timedelta(days=day), "waiting")
        clock = ledger.resumed(clock, START + timedelta(days=day, hours=3), "answered")
    return rate(lambda: ledger.due(clock, calendar, TARGET))


def row(name: str, calendar: Calendar) -> tuple[str, ...]:
    """Return a calendar's line of the table."""
    due = calendar.add(START, TARGET)
    if due != count_minutes(calendar, START, TARGET):
        raise SystemExit(f"{name}: {due} is wrong")
    add = rate(lambda: calendar.add(START, TARGET))
    measure = rate(lambda: calendar.measure(START, due))
    naive = rate(lambda: count_minutes(calendar, START, TARGET))
    return (name, *(f"{figure:,.0f}" for figure in (add, measure, ledger_rate(calendar), naive, add / naive)))


def main() -> None:
    """Print the table."""
    table = Table("calendar", title="a second; the last column is add : naive")
    for heading in ("add", "measure", "ledger.due", "naive add", "ratio"):
        table.add_column(heading, justify="right")
    for name, calendar in CALENDARS.items():
        table.add_row(*row(name, calendar))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
