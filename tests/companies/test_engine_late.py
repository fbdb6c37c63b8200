"""What an outage or a jump of the clock does to deadlines: each once, none early, no flood (`semantics.md` 1, 5)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mailbot.engine.engine import Engine
from mailbot.engine.pace import Pace, Patience, TooMany
from mailbot.model import Deadline
from mailbot.rules import deadlines
from mailbot.rules.case.draft import Draft
from tests.builders import at
from tests.companies.rehearsal import ANNA, MARI, Rehearsal, _arrival, answer, mail

#: What forty cases do is the engine's: the lines of the rules are held by others.
many_cases = pytest.mark.no_cover
MINUTE = timedelta(minutes=1)
NOON = at("2026-03-02 12:00")
CASES = 40


class Daemon:
    """The engine as the daemon has it, at a pace; ticks once a second, or when something is due."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal, self.store = rehearsal, rehearsal.store
        self.engine = self.started()

    def started(self) -> Engine:
        engine = self.rehearsal.engine
        engine._pace = engine._settling._pace = Pace(60)
        return engine

    def run(self, begin: datetime, minutes: int) -> None:
        """Let it work from an instant on, for so many minutes."""
        for now in (begin + n * timedelta(seconds=10) for n in range(minutes * 6 + 1)):
            while self.engine.step(now):
                pass

    def letters(self) -> Iterator[datetime]:
        """When those were made that were not made at noon."""
        return (letter.created for letter in self.store.queue_list() if letter.created > NOON)


def many(count: int = CASES) -> Daemon:
    """Cases that wait for pick-up since Monday noon, whose acknowledgements and notices are out."""
    rehearsal = Rehearsal("modera")
    rehearsal.play(*(mail("2026-03-02 12:00", f"c{n}@customer.test", f"It fails {n}.") for n in range(count)))
    return Daemon(rehearsal)


def rules_fired(rehearsal: Rehearsal) -> Counter[tuple[str, str]]:
    return Counter(
        (line["case"], line["event"]) for line in rehearsal.told.lines if line.get("event", "").startswith("Clock")
    )


@many_cases
@pytest.mark.parametrize("jump", [timedelta(days=2, hours=1), timedelta(days=7), timedelta(days=400)], ids=str)
def test_jump_of_the_clock_floods_nobody_and_loses_nothing(jump: timedelta):
    daemon = many()
    # Each case warns and breaches, and three members hear of each: two hundred and forty notices.
    daemon.run(NOON + jump, 6)
    minutes = sorted(daemon.letters())
    most = max(sum(one <= other < one + MINUTE for other in minutes) for one in minutes)
    assert 0 < most <= 60
    fired = rules_fired(daemon.rehearsal)
    assert set(fired.values()) == {1}
    assert sum(name == "ClockBreached" for _, name in fired) == CASES
    assert {line["at"] for line in daemon.rehearsal.told.events("ClockBreached")} == {"2026-03-04T12:00:00Z"}


@many_cases
def test_restarts_on_the_way_fire_nothing_twice():
    daemon = many(30)
    for minute in range(8):
        daemon.engine = daemon.started()
        daemon.run(NOON + timedelta(days=3, minutes=minute), 1)
    assert set(rules_fired(daemon.rehearsal).values()) == {1}


@many_cases
def test_what_is_late_keeps_no_mail_waiting():
    daemon = many()
    back = NOON + timedelta(days=3)
    daemon.store.receive([_arrival(answer("2026-03-05 12:00", MARI, "take", case=CASES))])
    daemon.run(back, 0)
    case = daemon.store.case(CASES)
    assert case is not None
    assert case.assignee == MARI
    # It was taken a day too late, though its turn to be called late had not come.
    assert case.clocks[0].breached_at == at("2026-03-04 12:00")


def test_answer_that_came_in_time_during_an_outage_is_never_called_late():
    daemon = many(1)
    daemon.store.receive([_arrival(answer("2026-03-04 11:59:59", MARI, "take"))])
    daemon.run(at("2026-03-09 09:00"), 0)
    told = daemon.rehearsal.told
    assert told.at("ClockMet") == ["2026-03-04T11:59:59Z"]
    assert told.at("ClockWarned") == ["2026-03-03T16:00:00Z"]
    assert told.events("ClockBreached") == []


def test_reminder_that_was_late_counts_the_next_step_from_when_it_was_sent():
    rehearsal = Rehearsal("modera")
    rehearsal.play(
        mail("2026-03-02 12:00", ANNA, "It fails."), answer("2026-03-02 12:30", MARI, "take\nask: Which version?")
    )
    daemon = Daemon(rehearsal)
    daemon.run(at("2026-04-14 12:00"), 0)
    assert rehearsal.told.reminders() == [(1, "2026-04-14T12:00:00Z")]
    assert daemon.engine.next_instant() == at("2026-04-16 12:00")


@many_cases
def test_next_turn_of_what_is_late_is_known():
    daemon = many(60)
    back = NOON + timedelta(days=3)
    daemon.run(back, 0)
    assert daemon.engine.next_instant() == back + MINUTE


def test_notices_of_what_was_late_are_dated_when_they_are_made():
    daemon = many(1)
    daemon.run(NOON + timedelta(days=10), 0)
    assert set(daemon.letters()) == {NOON + timedelta(days=10)}


def test_deadline_that_cannot_be_decided_is_put_aside_and_the_others_fire(monkeypatch: pytest.MonkeyPatch):
    daemon = many(3)
    sound = deadlines.fire

    def broken(draft: Draft, deadline: Deadline, now: datetime) -> None:
        if draft.open_case.number == 2:
            raise ZeroDivisionError
        sound(draft, deadline, now)

    monkeypatch.setattr(deadlines, "fire", broken)
    daemon.run(NOON + timedelta(days=1, hours=4), 1)
    warned = [line["case"] for line in daemon.rehearsal.told.events("ClockWarned")]
    assert warned == ["HD-1", "HD-3"]
    assert daemon.engine.next_instant() == at("2026-03-04 12:00")


# --- The pace itself ------------------------------------------------------------------------------------------------


def test_pace_allows_so_many_in_any_minute():
    pace = Pace(3)
    for second in (0, 20, 40):
        pace.ask(1, NOON + timedelta(seconds=second))
        pace.spend(1, NOON + timedelta(seconds=second))
    with pytest.raises(TooMany):
        pace.ask(1, NOON + timedelta(seconds=59))
    assert pace.again == NOON + MINUTE
    pace.ask(1, NOON + MINUTE)
    assert pace.again is None


def test_more_than_a_minutes_worth_goes_out_alone():
    pace = Pace(3)
    pace.ask(7, NOON)
    pace.spend(7, NOON)
    with pytest.raises(TooMany):
        pace.ask(1, NOON)
    pace.ask(0, NOON)


def test_clock_that_went_back_does_not_silence():
    pace = Pace(1)
    pace.spend(1, NOON)
    pace.ask(1, NOON - timedelta(hours=1))


def test_rehearsal_has_no_pace():
    pace = Pace(None)
    pace.spend(1000, NOON)
    pace.ask(1000, NOON)
    assert pace.again is None


def test_deadline_waits_for_a_mail_that_nothing_moves_for_a_quarter_of_an_hour_only():
    patience, due = Patience(), NOON
    stuck = NOON - MINUTE
    late = NOON + timedelta(days=3)
    assert [patience.ended(due, stuck, late + n * MINUTE) for n in (0, 15, 16)] == [False, False, True]
    # Another mail is waited for anew.
    assert not patience.ended(due, NOON, late + 17 * MINUTE)
    assert patience.ended(due, NOON + MINUTE, late + 17 * MINUTE)


def test_a_reminder_that_comes_late_on_a_weekend_waits_for_the_opening():
    rehearsal = Rehearsal("modera", zone="Europe/Tallinn", holidays="EE")
    rehearsal.play(
        mail("2026-03-02 08:00", ANNA, "It fails."),
        answer("2026-03-02 09:00", MARI, "take"),
        answer("2026-03-02 10:00", MARI, "ask: Which one?"),
    )
    # Away from Tuesday 31 March, the day before the reminder, to the night of Saturday 4 April.
    engine = rehearsal.engine
    while engine.step(at("2026-04-04 00:10")):
        pass
    told = rehearsal.told
    assert told.reminders() == []
    assert [(e["at"], e["until"]) for e in told.events("StepPutOff")] == [
        ("2026-04-04T00:10:00Z", "2026-04-06T06:00:00Z")
    ]
    rehearsal.now = at("2026-04-04 00:10")
    told = rehearsal.until("2026-04-09 00:00").told
    # Two business days after the reminder was really sent, the next: at the closing of the second.
    assert told.reminders() == [(1, "2026-04-06T06:00:00Z"), (2, "2026-04-07T14:00:00Z")]
