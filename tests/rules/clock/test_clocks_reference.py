"""The clocks of all five companies against counting minutes: random status changes go through `settle`.

The reference knows nothing of ledgers: it is told when time counts, and counts open minutes (`counting/naive.py`).
"""

import random
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from mailbot.event import CaseAssigned, CaseOpened, ClockName, Kind, MessageAdded, PriorityChanged, Visibility
from mailbot.facts import Facts
from mailbot.model import Case, Clock
from mailbot.people import Desk, Directory
from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.evolve import evolve
from mailbot.rules.case.place import stands_in
from mailbot.rules.clock.clocks import settle
from mailbot.rules.counting import ledger
from mailbot.rules.counting.calendar import Calendar
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target
from tests.builders import ANNA, CUSTOMER, MODERA_FILE, a_desk
from tests.rules.counting.naive import Minutes

COMPANIES = ("modera", "quadrotech", "urgency-levels", "support-flow", "advendio")
PLACES = (("UTC", ""), ("Europe/Tallinn", "EE"), ("America/New_York", "US"), ("Asia/Kolkata", ""))
BEGINNINGS = ("2026-03-16", "2026-10-12", "2026-12-14", "2028-02-14")


@cache
def company(name: str) -> Process:
    return load_process(MODERA_FILE.parent / f"{name}.toml")


@cache
def minutes(calendar: Calendar, begin: datetime) -> Minutes:
    return Minutes(calendar, begin, 28)


def opened(process: Process, at: datetime) -> Case:
    start = process.start
    event = CaseOpened(
        at=at, number=1, status=start.status, kind=Kind.NEW, priority=start.priority, type=start.type,
        requester=CUSTOMER, subject="x", opened=at,
    )  # fmt: skip
    return evolve(None, event)


class Naive:
    """When each clock counted, as somebody with a watch would have written it down."""

    def __init__(self) -> None:
        self.spans: dict[ClockName, list[tuple[datetime, bool]]] = {}
        self.met: set[ClockName] = set()

    def look(self, case: Case, process: Process, now: datetime) -> None:
        for name, rule in process.clocks.items():
            if name not in self.spans:
                begun = {"opened": True, "picked-up": case.picked_up_at is not None}.get(
                    rule.starts, case.status == rule.starts
                )
                if not begun or not case.priority or (case.kind is Kind.CLOSED and not self.done(case, name)):
                    continue
                self.spans[name] = []
            done = self.done(case, name)
            rests = any(stands_in(case, where) for where in rule.paused_in)
            counts = not done and not rests and case.kind is not Kind.CLOSED
            self.spans[name].append((now, counts))

    def done(self, case: Case, name: ClockName) -> bool:
        return {
            ClockName.PICKUP: case.picked_up_at is not None,
            ClockName.RESPONSE: case.answered_at is not None,
            ClockName.RESOLUTION: case.kind is Kind.RESOLVED or (case.kind is Kind.CLOSED and case.solved),
        }[name]

    def used(self, name: ClockName, counted: Minutes, until: datetime) -> timedelta:
        spans = self.spans[name]
        ends = [*(start for start, _ in spans[1:]), until]
        return sum(
            (counted.measure(start, end) for (start, on), end in zip(spans, ends, strict=True) if on), timedelta(0)
        )


def something_happens(draft: Draft, dice: random.Random, process: Process) -> None:
    """A random change, as the words of members and customers make them; flows are none of the clocks' business."""
    now, case = draft.now, draft.open_case
    match dice.randrange(6):
        case 0:
            draft.happen(CaseAssigned(at=now, assignee=dice.choice([ANNA, "second line"]), actor=ANNA))
        case 1:
            message = MessageAdded(at=now, sender=ANNA, visibility=Visibility.PUBLIC, answers=dice.random() < 1 / 2)
            draft.happen(message)
        case 2:
            new = dice.choice(process.priorities).name
            draft.happen(PriorityChanged(at=now, old=case.priority, new=new, actor=ANNA))
        case _:
            places = [f"{s.name}: {c}" if c else s.name for s in process.statuses for c in s.causes or [""]]
            draft.move(dice.choice(places), reason="x", actor=ANNA, solved=dice.random() < 1 / 2)


def check_a_random_case(dice: random.Random) -> None:
    name, (zone, country) = dice.choice(COMPANIES), dice.choice(PLACES)
    begin = datetime.fromisoformat(dice.choice(BEGINNINGS)).replace(tzinfo=UTC)
    process, desk = company(name), a_desk(timezone=zone, holidays=country)
    facts = Facts(desk=desk, directory=Directory())
    grid = dice.choice([timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=7)])
    instants = sorted(begin + grid * dice.randrange(timedelta(days=20) // grid) for _ in range(dice.randint(2, 9)))
    case, naive = opened(process, instants[0]), Naive()
    for now in instants:
        draft = Draft(facts=facts, process=process, now=now, case=case, before=case)
        if now != instants[0]:
            something_happens(draft, dice, process)
        settle(draft)
        case = draft.open_case
        naive.look(case, process, now)
    until = instants[-1] + timedelta(minutes=dice.randrange(5000))
    assert {clock.name for clock in case.clocks} == set(naive.spans)
    for clock in case.clocks:
        agree(case, clock, naive, (name, begin, until), desk)


def agree(case: Case, clock: Clock, naive: Naive, where: tuple[str, datetime, datetime], desk: Desk) -> None:
    """Used time and due instant are those of counting minutes."""
    company_, begin, until = where
    process, name = company(company_), clock.name
    target = clock_target(process, case, name)
    calendar = clock_calendar(process, desk, process.clocks[name], target)
    if calendar.by_date:
        return  # days of the calendar are no sum of minutes: tests.rules.counting.test_calendar holds them
    counted = minutes(calendar, begin)
    story = (where, case)
    assert ledger.used(clock, calendar, until) == naive.used(name, counted, until), story
    limit = budget(target, calendar)
    spans = naive.spans[name]
    left, due = limit, None
    ends = [*(start for start, _ in spans[1:]), None]
    for (start, on), end in zip(spans, ends, strict=True) if limit is not None else ():
        if on and due is None and left is not None:
            reached = counted.add(start, left)
            if reached is not None and (end is None or reached <= end):
                due = reached
            left -= min(left, counted.measure(start, end)) if end is not None else timedelta(0)
    found = ledger.due(clock, calendar, limit)
    if due is None and found is not None and clock.running:
        assert found > counted.end, story  # nobody counted further than these weeks
    else:
        assert found == due, story
    if clock.open:
        assert clock.due == found, "what was told last is what is true"


# The tables of test_clocks.py hold each line: counting minutes takes twice as long while it is traced.
@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_clocks_of_all_companies_agree_with_counting_minutes(seed: int):
    dice = random.Random(f"clocks/{seed}")
    for _ in range(200):
        check_a_random_case(dice)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [*range(4, 10), *range(100, 120)])
def test_a_hundred_thousand_random_cases_agree_with_counting_minutes(seed: int):
    dice = random.Random(f"clocks/{seed}")
    for _ in range(5_000):
        check_a_random_case(dice)
