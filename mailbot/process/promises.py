"""Can what a process promises be kept and counted? Targets, plans, service hours, patterns. Knows no calendar."""

import re
from collections.abc import Callable, Iterator
from datetime import time

from mailbot.amount import Amount, Target, Unit
from mailbot.process import ClockRule, Hours, Process, phrase
from mailbot.process.mail import LANGUAGES
from mailbot.process.names import Wrong


def faulty_targets(process: Process) -> Wrong:
    """Every clock has a target at every priority, and no target is for a clock that does not run."""
    for priority in process.priorities:
        key = f"priority.{priority.name}.targets"
        for clock in priority.targets.keys() - process.clocks.keys():
            yield key, f"there is no clock '{clock}'; declare [clocks.{clock}]"
        for clock in process.clocks:
            if clock not in priority.targets:
                yield key, f"has no target for {clock}; give one, or 'best effort'"
    for plan in process.plans:
        clocks = {clock for targets in plan.targets.values() for clock in targets}
        for clock in sorted(clocks - process.clocks.keys()):
            yield f"plan.{plan.name}.targets", f"there is no clock '{clock}'; declare [clocks.{clock}]"
    for key, target, rule in _targets(process):
        yield from _unfit(key, target, rule, process.hours)


def _targets(process: Process) -> Iterator[tuple[str, Target, ClockRule]]:
    """Yield every target with its key and its clock."""
    for priority in process.priorities:
        for clock, target in priority.targets.items():
            if rule := process.clocks.get(clock):
                yield f"priority.{priority.name}.targets.{clock}", target, rule
    for plan in process.plans:
        for name, targets in plan.targets.items():
            for clock, target in targets.items():
                if rule := process.clocks.get(clock):
                    yield f"plan.{plan.name}.targets.{name}.{clock}", target, rule


def _unfit(key: str, target: Target, rule: ClockRule, hours: Hours) -> Wrong:
    """Say what a target cannot be."""
    if target.upper is None:
        return
    if target.upper.number == 0:
        yield key, "is used up at once; give an amount above 0, or 'best effort'"
    elif target.lower is not None and target.lower.number == 0:
        yield key, "warns at once; give a range that begins above 0, or the upper bound alone"
    elif _takes_years(target.upper, rule, hours):
        yield key, "would take more than ten years of your service hours; write a shorter one, or 'best effort'"
    elif target.lower is None and _seconds(target.upper) * rule.warn_at < 60:
        yield key, f"is shorter than its warning: {rule.warn_at:.0%} of {target} is less than a minute; make it longer"
    if target.upper.unit is Unit.BUSINESS_DAYS and rule.around_the_clock:
        wrong = "counts business days on a clock that runs around the clock"
        yield key, f"{wrong}; write days or hours, or leave around_the_clock out"


def _takes_years(amount: Amount, rule: ClockRule, hours: Hours) -> bool:
    """Would the amount take more than ten years of service? A day of the calendar never does."""
    one = {Unit.BUSINESS_DAYS: _seconds(hours.business_day), Unit.HOURS: 3600, Unit.MINUTES: 60}.get(amount.unit, 0)
    return not rule.around_the_clock and amount.number * one > 522 * _week(hours) > 0


def _week(hours: Hours) -> int:
    """Return the seconds of service that a week has; an interval that ends at 00:00 ends with the day."""
    spans = ((_minute(end) or 24 * 60) - _minute(start) for day in hours.week() for start, end in day)
    return 60 * sum(spans)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _seconds(amount: Amount) -> float:
    """Return about how long an amount is; a day is at least an hour, whatever it counts on."""
    return amount.number * (60 if amount.unit is Unit.MINUTES else 3600)


def faulty_plans(process: Process) -> Wrong:
    """One plan at most is for customers without one."""
    default = [plan.name for plan in process.plans if plan.default]
    if len(default) > 1:
        yield "plan", f"{' and '.join(default)} are all the default; one can be"


def faulty_hours(process: Process) -> Wrong:
    """Something must be open, and a business day is an amount of service hours."""
    hours = process.hours
    if not any(hours.week()):
        yield "hours", "every day is closed, so nothing would ever be due; open at least one, such as '09:00-17:00'"
    if hours.business_day.unit not in (Unit.HOURS, Unit.MINUTES) or hours.business_day.number == 0:
        yield "hours.business_day", "is how many hours one business day has; write it like '8 hours'"
    elif _seconds(hours.business_day) > 24 * 3600:
        yield "hours.business_day", "is longer than a day; write it like '8 hours'"


def faulty_patterns(process: Process) -> Wrong:
    """A pattern must be a regular expression, and must not match everything."""
    if process.privacy is None:
        return
    for key, patterns in (("patterns", process.privacy.patterns), ("files", process.privacy.files)):
        for pattern in patterns:
            try:
                found = re.compile(pattern).search("")
            except (re.error, OverflowError, RecursionError) as error:
                yield f"privacy.{key}", f"{pattern!r} is no regular expression ({error}); mend it, or escape the sign"
            else:
                if found:
                    yield f"privacy.{key}", f"{pattern!r} matches everything, even nothing; say what it must find"
    if not (process.privacy.patterns or process.privacy.files or process.privacy.marks):
        yield "privacy", "holds nothing back; give patterns, files or marks, or remove the section"


def faulty_people(process: Process) -> Wrong:
    """What the process says of people must be usable."""
    address = process.escalation.address if process.escalation else ""
    if address and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", address):
        wrong = f"{address!r} is no local part of an address; write it like 'escalations', without @ and domain"
        yield "escalation.address", wrong
    for alarm in process.alarms:
        if alarm.clock not in process.clocks:
            yield f"alarm.{alarm.clock}.clock", f"there is no clock '{alarm.clock}'; declare [clocks.{alarm.clock}]"


def faulty_phrases(process: Process) -> Wrong:
    """Languages must be known, and phrases such that they can be found."""
    for language in process.understands:
        if language not in LANGUAGES:
            yield "understands", f"there are no phrases in {language!r}; name some of {', '.join(LANGUAGES)}"
    for name, phrases in process.phrases.items():
        if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", name):
            yield f"phrases.{name}", "is no language; write its short name, such as [phrases.en]"
        for key, sentences in phrases.model_dump().items():
            for sentence in sentences:
                if fault := phrase.wrong(sentence):
                    yield f"phrases.{name}.{key}", f"{sentence!r} {fault}"


#: In the order in which the faults are told.
def faulty_survey(process: Process) -> Wrong:
    """A low number must be lower than the best one."""
    if process.survey is not None and process.survey.low >= process.survey.scale:
        yield "survey.low", f"must be below scale, which is {process.survey.scale}: the best number is no low one"


CHECKS: tuple[Callable[[Process], Wrong], ...] = (
    faulty_targets,
    faulty_plans,
    faulty_hours,
    faulty_patterns,
    faulty_people,
    faulty_phrases,
    faulty_survey,
)


def falling_back(process: Process) -> Wrong:
    """Warn of plans that are promised and have no targets of their own: theirs are those of the priorities."""
    for plan in process.plans:
        if plan.default and not plan.targets:
            continue
        for clock in process.clocks:
            without = [p for p in process.priorities if clock not in plan.targets.get(p.name, {})]
            if without:
                instead = ", ".join(dict.fromkeys(str(p.targets[clock]) for p in without))
                names = ", ".join(p.name for p in without)
                wrong = f"has no {clock} target for {names}: it falls back to {instead} until the table is filled in"
                yield f"plan.{plan.name}.targets", wrong
