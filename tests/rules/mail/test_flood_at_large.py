"""Five thousand forged senders in an hour, in the pure core: every mail is a case, few are answered, and it is over."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from mailbot.decision import AutoSubmitted, Decision, Ending
from mailbot.event import AlarmRaised, CaseOpened, Visibility
from mailbot.facts import ALL_HOUR, CASES_HOUR, Counters
from mailbot.standing import Alarm
from tests.builders import CUSTOMER, LEA, a_directory, modera
from tests.rules.desk_in_memory import Life, Memory

HOUR = timedelta(hours=1)


class Counting(Memory):
    """A store that also knows what went out and came in of late, as the real one counts it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[datetime] = deque()
        self.opened: deque[datetime] = deque()
        self.raised: dict[str, Alarm] = {}

    def counters(self, sender: str, case: int | None, now: datetime) -> Counters:
        del sender, case
        for instants in (self.answers, self.opened):
            while instants and instants[0] <= now - HOUR:
                instants.popleft()
        return Counters(all_hour=len(self.answers), is_flooded=len(self.opened) >= CASES_HOUR)

    def alarms(self) -> Sequence[Alarm]:
        return tuple(self.raised.values())

    def keep(self, decision: Decision) -> None:
        for notice in decision.notices:
            if notice.auto_submitted is AutoSubmitted.REPLIED and notice.visibility is Visibility.PUBLIC:
                self.answers.append(notice.at)
        for event in (happened.event for happened in decision.happened):
            if isinstance(event, CaseOpened):
                self.opened.append(event.at)
            elif isinstance(event, AlarmRaised):
                self.raised[event.kind] = Alarm(kind=event.kind, since=event.since, raised=event.at)


def is_answered(life: Life, store: Counting, sender: str, *, proven: bool = False) -> bool:
    decision = life.write(sender, "Cheap watches.", None, proven=proven)
    store.keep(decision)
    assert decision.ending is Ending.NEW
    return sender in {notice.to for notice in decision.notices}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_five_thousand_forged_senders_three_hundred_are_answered_and_who_leads_hears_of_each_limit_once():
    store = Counting()
    life = Life(modera(), a_directory(), store)
    answered = 0
    for number in range(5_000):
        life.now += HOUR / 5_001
        answered += is_answered(life, store, f"{number}@victim.test")
        if number == ALL_HOUR + 100:
            assert is_answered(life, store, CUSTOMER, proven=True)
    assert answered == ALL_HOUR
    assert len(store.known) == 5_001
    assert [one.to for one in life.notices if one.template == "alarm"] == [LEA] * 2
    assert store.raised.keys() == {"answers", "cases"}
    assert not is_answered(life, store, "anna@known.test", proven=True), "2,000 cases in an hour: nobody is"
    life.now += HOUR
    assert is_answered(life, store, "anna@known.test", proven=True)
    assert is_answered(life, store, "ben@new.test")
