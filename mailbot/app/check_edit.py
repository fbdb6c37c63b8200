"""What an edit of the process, of the directory or of the holidays would do to the open cases, told in words.

Each case that stands on other ground is decided anew, as the daemon would when it is started with the edit, and what
comes of it is held against what is planned for the case now: clock by clock, deadline by deadline. Changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.app.check_cases import named
from mailbot.decision import GroundChanged
from mailbot.event import ClockBreached, ClockName
from mailbot.facts import Facts
from mailbot.model import Case, Clock
from mailbot.people import Desk, Directory
from mailbot.process import Process
from mailbot.rules.case.evolve import evolve
from mailbot.rules.case.place import ladder_of
from mailbot.rules.counting.hours import clock_target
from mailbot.rules.deadlines import deadlines
from mailbot.rules.decide import decide

#: When each rule is planned to speak, by case number.
Planned = Mapping[int, Mapping[str, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The new ground, and what is known of the old one."""

    process: Process
    directory: Directory
    desk: Desk
    now: datetime
    planned: Planned
    #: The process of the latest decision; None where it cannot be read any more.
    before: Process | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A case as it is and as the edit leaves it."""

    case: Case
    after: Case
    now: datetime


@dataclass(slots=True)
class _Told:
    """Which cases each thing is to be said of, and for which of them it happens at once."""

    desk: Desk
    cases: dict[tuple[str, str], list[Case]] = field(default_factory=lambda: defaultdict(list))
    at_once: dict[tuple[str, str], list[Case]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: str, what: str, case: Case, *, at_once: bool = False) -> None:
        self.cases[key, what].append(case)
        if at_once:
            self.at_once[key, what].append(case)

    def lines(self) -> Iterator[tuple[str, str]]:
        for (key, what), those in self.cases.items():
            late = self.at_once.get((key, what), [])
            word = "late at once" if key.startswith("clocks.") else "at once"
            yield (
                key,
                f"the edit {what} for {named(those, self.desk)}"
                + (f"; {word}: {named(late, self.desk)}" if late else ""),
            )


def effects(cases: Sequence[Case], edit: Edit) -> Iterator[tuple[str, str]]:
    """Yield (key of the process, what the edit would do, with the number of cases and their numbers)."""
    told = _Told(edit.desk)
    for case in cases:
        seen = _Seen(case=case, after=_renewed(case, edit), now=max(edit.now, case.latest))
        moved = {name for name in ClockName if _clock(told, seen, name, edit)}
        planned = edit.planned.get(case.number, {})
        then = {deadline.rule: deadline.due for deadline in deadlines(seen.after, edit.process, edit.desk)}
        changed = [rule for rule in sorted({*planned, *then}) if planned.get(rule) != then.get(rule)]
        for rule in changed:
            # What follows from a clock is told with it.
            if rule.partition(":")[2].partition("/")[0] not in moved:
                _deadline(told, seen, rule, planned.get(rule), then.get(rule))
        if not any(rule.startswith("ladder:") for rule in changed):
            _ladder_ahead(told, case, edit)
    yield from told.lines()


def _renewed(case: Case, edit: Edit) -> Case:
    """Return the case as the new ground leaves it; that time ran out meanwhile is no work of the edit."""
    facts = Facts(desk=edit.desk, directory=edit.directory)
    now = max(edit.now, case.latest)
    for one in decide({case.number: case}, GroundChanged(case=case.number), facts, edit.process, now).happened:
        if not isinstance(one.event, ClockBreached):
            case = evolve(case, one.event)
    return case


def _clock(told: _Told, seen: _Seen, name: ClockName, edit: Edit) -> bool:
    """Tell what becomes of a clock; say whether its due instant is another one, from which more follows."""
    case, now = seen.case, seen.now
    clock, new = case.clock(name), seen.after.clock(name)
    key = f"clocks.{name}"
    if clock is None or new is None:
        if new is not None and new.open:
            told.add(key, f"starts a {name} clock", case, at_once=_is_late(new, now))
        return new is not None
    if not clock.open:
        return False
    if name not in edit.process.clocks:
        told.add(key, f"takes the {name} clock away", case)
    elif clock.running and not new.running:
        told.add(key, f"lets {name} rest, which counts now,", case)
    elif new.running and not clock.running:
        told.add(key, f"lets {name} count, which rests now,", case, at_once=_is_late(new, now))
    elif clock.due != new.due:
        told.add(key, f"makes {name} due at another instant", case, at_once=_is_late(new, now))
    else:
        _paused_target(told, seen, name, edit)
        return False
    return True


def _is_late(clock: Clock, now: datetime) -> bool:
    return clock.due is not None and clock.due < now and clock.breached_at is None


def _paused_target(told: _Told, seen: _Seen, name: ClockName, edit: Edit) -> None:
    """Tell another target of a clock that rests: it has no due instant that could be another one."""
    case = seen.case
    clock = case.clock(name)
    if edit.before is None or clock is None or clock.running:
        return
    if name not in edit.before.clocks or case.priority not in {p.name for p in edit.before.priorities}:
        return
    old, new = clock_target(edit.before, case, name), clock_target(edit.process, seen.after, name)
    if old != new:
        told.add(f"clocks.{name}", f"makes the {name} target {new} instead of {old}, while it rests,", case)


def _deadline(told: _Told, seen: _Seen, rule: str, old: datetime | None, new: datetime | None) -> None:
    """Tell what becomes of a deadline; a breach is the clock's, and the end of a hold no edit can move."""
    case, (kind, _, name) = seen.case, rule.partition(":")
    at_once = new is not None and new < seen.now
    how = "at another instant" if old and new else "where it did not before" if new else "no more"
    match kind:
        case "warning":
            told.add(f"clocks.{name}.warn_at", f"warns of {name} {how}", case, at_once=at_once)
        case "alarm":
            told.add("alarm", f"raises the alarm {name} {how}", case, at_once=at_once)
        case "ladder":
            what = f"takes the next step of the ladder {name} {how}" if old and new else f"begins the ladder {name}"
            told.add(f"ladder.{name}", what if new else f"ends the ladder {name}", case, at_once=at_once)
        case "contract-ending" | "contract-ended":
            told.add("entitlement", f"tells of the contract's end {how}", case, at_once=at_once)
        case _:
            return


def _ladder_ahead(told: _Told, case: Case, edit: Edit) -> None:
    """Tell of steps behind the next one that are other ones; where the next one is, that is told already."""
    old = ladder_of(edit.before, case) if edit.before else None
    new = ladder_of(edit.process, case)
    if old and new and old.steps[case.reminders :] != new.steps[case.reminders :] and not case.ladder_ended:
        told.add(f"ladder.{new.name}", f"gives the ladder {new.name} other steps ahead", case)
