"""Ledgers: what a clock has used and when it is due, whatever moves made it and whatever changed since."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from mailbot.event import ClockName
from mailbot.model import Clock, ClockState
from mailbot.rules.counting import ledger
from mailbot.rules.counting.calendar import Calendar
from tests.rules.counting.naive import CALENDARS, FOUR_WEEKS, Minutes

OFFICE = Calendar("UTC")
ALWAYS = Calendar("UTC", always=True)
EIGHT = timedelta(hours=8)


def at(text: str) -> datetime:
    """at("1 10:00") is on the first of June 2026, a Monday."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"2026-06-{int(day):02} {clock}").replace(tzinfo=UTC)


def a_clock(*moves: str) -> Clock:
    """a_clock("run 1 10:00", "pause 1 12:00"): the first move starts it."""
    clock: Clock | None = None
    for move in moves:
        word, _, when = move.partition(" ")
        if clock is None:
            clock = ledger.started(ClockName.RESOLUTION, at(when), running=word == "run", cause="opened")
        else:
            clock = moved(clock, word, at(when))
    assert clock is not None
    return clock


def moved(clock: Clock, word: str, when: datetime) -> Clock:
    match word:
        case "run":
            return ledger.resumed(clock, when, "answered")
        case "pause":
            return ledger.paused(clock, when, "waiting")
        case "meet":
            return ledger.met(clock, when)
        case _:
            return ledger.ended(clock, when)


@pytest.mark.parametrize(
    ("moves", "used", "due"),
    [
        pytest.param(["run 1 10:00"], 5, "2 10:00", id="runs"),
        pytest.param(["run 1 20:00"], 0, "2 17:00", id="started-after-closing"),
        pytest.param(["pause 1 10:00"], 0, None, id="stands-from-the-start"),
        pytest.param(["run 1 10:00", "pause 1 12:00"], 2, None, id="stands-with-time-left"),
        pytest.param(["run 1 10:00", "pause 1 12:00", "pause 1 13:00"], 2, None, id="stands-for-another-cause"),
        pytest.param(["run 1 10:00", "pause 1 12:00", "run 1 14:00"], 3, "2 12:00", id="goes-on-with-what-was-used"),
        pytest.param(["run 1 10:00", "pause 1 10:00", "run 1 10:00"], 5, "2 10:00", id="pause-without-length"),
        pytest.param(["run 1 10:00", "meet 1 12:00"], 2, None, id="met"),
        pytest.param(["run 1 10:00", "end 1 12:00"], 2, None, id="ended"),
        pytest.param(["run 1 10:00", "meet 1 12:00", "run 1 14:00"], 3, "2 12:00", id="reopened"),
    ],
)
def test_used_time_at_three_on_monday_and_when_eight_hours_are_due(moves: list[str], used: int, due: str | None):
    clock = a_clock(*moves)
    assert ledger.used(clock, OFFICE, at("1 15:00")) == timedelta(hours=used)
    assert ledger.due(clock, OFFICE, EIGHT) == (at(due) if due else None)


@pytest.mark.parametrize(
    ("moves", "due"),
    [
        pytest.param(["run 1 09:00", "pause 3 12:00"], "1 17:00", id="stands-since-long-after"),
        pytest.param(["run 1 09:00", "pause 1 17:00"], "1 17:00", id="stands-since-exactly-then"),
        pytest.param(["run 1 09:00", "pause 1 16:59"], None, id="stands-since-a-minute-before"),
        pytest.param(["run 1 09:00", "pause 1 12:00", "run 2 12:00", "pause 3 12:00"], "2 17:00", id="in-a-later-span"),
        pytest.param(["run 1 09:00", "pause 3 12:00", "run 4 12:00"], "1 17:00", id="goes-on-since"),
        pytest.param(["run 1 09:00", "meet 3 12:00"], "1 17:00", id="met-too-late"),
        pytest.param(["run 1 09:00", "end 3 12:00"], "1 17:00", id="ended-too-late"),
    ],
)
def test_a_target_that_is_used_up_stays_due_at_the_past_instant(moves: list[str], due: str | None):
    assert ledger.due(a_clock(*moves), OFFICE, EIGHT) == (at(due) if due else None)


def test_used_time_counts_to_the_instant_asked_for_and_no_further():
    clock = a_clock("run 1 10:00", "pause 1 12:00", "run 1 14:00")
    hours = [ledger.used(clock, OFFICE, at(f"1 {hour}:00")) // timedelta(hours=1) for hour in range(10, 20)]
    assert hours == [0, 1, 2, 2, 2, 3, 4, 5, 5, 5]


@pytest.mark.parametrize(
    "clock",
    [
        pytest.param(replace(a_clock("run 1 10:00"), met_at=at("1 12:00")), id="met"),
        pytest.param(replace(a_clock("run 1 10:00"), ended_at=at("1 12:00")), id="ended"),
    ],
)
def test_nothing_counts_after_the_end_however_it_was_written_down(clock: Clock):
    assert ledger.used(clock, OFFICE, at("2 12:00")) == timedelta(hours=2)
    assert ledger.due(clock, OFFICE, EIGHT) is None


def test_a_clock_without_a_target_is_never_due():
    clock = a_clock("run 1 10:00")
    assert ledger.due(clock, OFFICE, None) is None
    assert ledger.at_share(clock, OFFICE, None, 0.75) is None


@pytest.mark.parametrize(
    ("moves", "share", "warning"),
    [
        pytest.param(["run 1 10:00"], 0.75, "1 16:00", id="three-quarters"),
        pytest.param(["run 1 10:00"], Fraction(1, 8), "1 11:00", id="lower-bound-of-a-range"),
        pytest.param(["run 1 10:00"], 0.1, "1 10:48", id="a-tenth-is-exact"),
        pytest.param(["run 1 10:00"], 1, "2 10:00", id="all-of-it"),
        pytest.param(["run 1 10:00", "pause 1 12:00"], 0.75, None, id="stands"),
        pytest.param(["run 1 10:00", "pause 1 16:30"], 0.75, "1 16:00", id="stands-after-it"),
        pytest.param(["run 1 10:00", "pause 1 12:00", "run 2 12:00"], 0.75, "2 16:00", id="went-on"),
    ],
)
def test_a_warning_comes_at_a_share_of_the_target(moves: list[str], share: Fraction | float, warning: str | None):
    assert ledger.at_share(a_clock(*moves), OFFICE, EIGHT, share) == (at(warning) if warning else None)


def test_a_share_that_is_no_whole_microsecond_is_not_early():
    start = at("1 10:00")
    assert ledger.at_share(a_clock("run 1 10:00"), ALWAYS, timedelta(seconds=1), Fraction(1, 3)) == start + timedelta(
        microseconds=333_334
    )


@pytest.mark.parametrize(
    ("moves", "breached", "target", "state"),
    [
        pytest.param(["run 1 10:00"], "", EIGHT, ClockState.RUNNING, id="running"),
        pytest.param(["run 1 10:00", "pause 1 12:00"], "", EIGHT, ClockState.PAUSED, id="paused"),
        pytest.param(["run 1 10:00", "meet 1 12:00"], "", EIGHT, ClockState.MET, id="met"),
        pytest.param(["run 1 10:00", "meet 1 12:00", "run 1 13:00"], "", EIGHT, ClockState.RUNNING, id="reopened"),
        pytest.param(["run 1 10:00", "end 1 12:00"], "", EIGHT, ClockState.ENDED, id="ended"),
        pytest.param(["run 1 10:00", "end 1 12:00", "pause 1 13:00", "run 2 10:00"], "", EIGHT, ClockState.RUNNING,
                     id="reopened-after-it-ended"),
        pytest.param(["run 1 10:00"], "", None, ClockState.UNLIMITED, id="unlimited"),
        pytest.param(["run 1 10:00", "pause 1 12:00"], "", None, ClockState.PAUSED, id="unlimited-can-be-paused"),
        pytest.param(["run 1 10:00", "meet 1 12:00"], "", None, ClockState.MET, id="unlimited-can-be-met"),
        pytest.param(["run 1 10:00"], "2 10:00", EIGHT, ClockState.BREACHED, id="breached"),
        pytest.param(["run 1 10:00", "meet 3 10:00"], "2 10:00", EIGHT, ClockState.BREACHED,
                     id="breached-and-met-later"),
        pytest.param(["run 1 10:00", "end 3 10:00"], "2 10:00", EIGHT, ClockState.BREACHED,
                     id="breached-and-ended-later"),
        pytest.param(["run 1 10:00", "pause 3 10:00"], "2 10:00", None, ClockState.BREACHED,
                     id="breached-and-unlimited-since"),
    ],
)  # fmt: skip
def test_the_state_of_a_clock(moves: list[str], breached: str, target: timedelta | None, state: ClockState):
    assert ledger.state(replace(a_clock(*moves), breached_at=at(breached) if breached else None), target) == state


def test_every_move_is_written_down_with_its_cause():
    clock = a_clock("run 1 10:00", "pause 1 11:00", "run 1 12:00", "meet 1 13:00", "run 1 14:00", "end 1 15:00")
    assert [(span.start.hour, span.running, span.cause) for span in clock.spans] == [
        (10, True, "opened"),
        (11, False, "waiting"),
        (12, True, "answered"),
        (13, False, "met"),
        (14, True, "answered"),
        (15, False, "ended"),
    ]
    assert (clock.name, clock.met_at, clock.ended_at) == (ClockName.RESOLUTION, None, at("1 15:00"))


def test_a_longer_target_or_another_calendar_loses_no_pause():
    clock = a_clock("run 1 10:00", "pause 1 12:00", "run 3 14:00")
    assert ledger.due(clock, OFFICE, EIGHT) == at("4 12:00")
    assert ledger.due(clock, OFFICE, 2 * EIGHT) == at("5 12:00")
    assert ledger.due(clock, ALWAYS, EIGHT) == at("3 20:00")
    assert ledger.used(clock, ALWAYS, at("3 15:00")) == ledger.used(clock, OFFICE, at("3 15:00")) == timedelta(hours=3)


def counted(
    minutes: Minutes, moves: list[tuple[str, datetime]], until: datetime, target: timedelta
) -> tuple[timedelta, datetime | None]:
    """Go along the moves and count open minutes: what is used, and when the target was or will be used up."""
    used, due = timedelta(0), None
    for (word, start), (_, end) in zip(moves, [*moves[1:], ("", None)], strict=True):
        if word == "run":
            used_up = minutes.add(start, max(target - used, timedelta(0)))
            if due is None and used_up is not None and (end is None or used_up <= end):
                due = used_up
            used += minutes.measure(start, end or until)
    return used, due


def random_moves(dice: random.Random, begin: datetime) -> list[tuple[str, datetime]]:
    """Up to nine moves within three weeks, some at the same instant, many at full hours."""
    grid = dice.choice([timedelta(hours=1), timedelta(minutes=1), timedelta(milliseconds=1)])
    instants = sorted(begin + grid * dice.randrange(timedelta(days=21) // grid) for _ in range(dice.randint(1, 9)))
    instants = [dice.choice([before, now]) for before, now in zip([instants[0], *instants], instants, strict=False)]
    return [(dice.choice(["run", "run", "pause", "meet", "end"]), when) for when in sorted(instants)]


def check_a_random_ledger(dice: random.Random) -> None:
    """Hold the same moves against counting, under one target, under another, and under another calendar."""
    calendar, begin = dice.choice(FOUR_WEEKS)
    target = timedelta(minutes=dice.randint(1, 4000))
    (first, start), *rest = moves = random_moves(dice, begin)
    until = moves[-1][1] + timedelta(minutes=dice.randint(0, 2000))
    clock = ledger.started(ClockName.RESPONSE, start, running=first == "run", cause="opened")
    for word, when in rest:
        clock = moved(clock, word, when)
    for name, now in ((calendar, target), (calendar, 2 * target), ("always", target)):
        minutes, story = Minutes.of(name, begin), (name, now, moves, until)
        used, due = counted(minutes, moves, until, now)
        assert ledger.used(clock, CALENDARS[name], until) == used, story
        found = ledger.due(clock, CALENDARS[name], now)
        if due is None and moves[-1][0] == "run":
            # Nobody counted further than these weeks.
            assert found is not None, story
            assert found > minutes.end, story
        else:
            assert found == due, story


# The tables above hold each line: counting minutes takes twice as long while it is traced.
@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_random_ledgers_agree_with_counting_minutes(seed: int):
    dice = random.Random(seed)
    for _ in range(200):
        check_a_random_ledger(dice)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [*range(4, 10), *range(100, 120)])
def test_a_hundred_thousand_random_ledgers_agree_with_counting_minutes(seed: int):
    dice = random.Random(seed)
    for _ in range(5_000):
        check_a_random_ledger(dice)
