"""After `undo` the case is as if the commands had never been, whatever its history was."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.event import CommandsRun, MessageAdded, Visibility
from mailbot.model import Case, Clock
from tests.builders import ANNA, BEN, LEA, NOON, Story, a_desk, a_story, at, names
from tests.lives import LIVES
from tests.rules.test_fold import MEMBER_LINES, STEP, play

MAIL = 4711
LINES = (
    *(line for line in MEMBER_LINES if line not in ("nto", "#urgent", "send as is", "Best regards")),
    "tag: red, green",
    "subject: Another",
    "cc add friend@customer.test",
    "requester friend@customer.test",
    "handover ben@example.com",
    "escalate: it burns",
    "status Waiting for customer",
    "snooze until 2030-04-01",
    "snooze until 2026-03-03",
    "unsnooze",
)
COMMANDS = st.lists(st.sampled_from(LINES), min_size=1, max_size=3).map("\n".join)
#: What stands below the commands; more than a greeting.
WORDS = st.sampled_from(("It was the cable.", "We look at it tomorrow.\n\nBest regards", ""))
MEMBER = st.sampled_from((ANNA, BEN, LEA))
HISTORY = st.lists(STEP, max_size=6)
#: A law: steps before, who gives which commands, and what it takes besides. Was there anything to compare?
Law = Callable[..., bool]
#: Minutes until the commands are taken back: within the working day, or over the night and the weekend.
GAP = st.one_of(st.just(0), st.integers(1, 90), st.integers(90, 6000))


def without(case: Case) -> Case:
    """The case but for its history, and for when exactly it was told that a clock ran out."""
    clocks = tuple(_told_once(clock) for clock in case.clocks)
    return replace(case, version=0, latest=NOON, undo=None, recall=None, clocks=clocks)


def _told_once(clock: Clock) -> Clock:
    return replace(clock, warned_at=clock.warned_at and NOON, breached_at=clock.breached_at and NOON)


def another(story: Story) -> Story:
    """The same world, which goes its own way from here."""
    other = copy(story)
    other.cases, other.events = dict(story.cases), {number: list(e) for number, e in story.events.items()}
    other.notices, other.decisions = list(story.notices), list(story.decisions)
    return other


def undone_like_never_done(
    steps: list[tuple[tuple[str, str], int, str]], who: str, text: str, minutes: int, *, opened: str
) -> bool:
    """Take commands back and compare with a world in which only the words of their mail were written.

    Returns False where there was nothing to compare: no commands ran, or something else came in between.
    """
    story = a_story(opened, desk=a_desk(undo_within=timedelta(days=700)))
    play(story, steps)
    never = another(story)
    then, before = story.now, story.case
    done = story.mail(who, text, inbox_id=MAIL)
    if not any(isinstance(h.event, CommandsRun) for h in done.happened):
        return False
    spoken = [h.event for h in done.happened if isinstance(h.event, MessageAdded)]
    gives = any(line.startswith(("take", "assign")) for line in text.split("\n"))
    if gives and "@" not in before.assignee and any(one.visibility is Visibility.PUBLIC for one in spoken):
        return False  # the words alone would have taken the case, and who had it was said by a command
    for added in spoken:
        never.mail(who, added.text, reply=added.visibility, inbox_id=MAIL)
    later = f"{then + timedelta(minutes=minutes):%Y-%m-%d %H:%M}"
    if any(other.until(later) for other in (story, never)):
        return False  # what deadlines did is part of one world's history only
    undone = story.mail(who, "undo", receipt_of=MAIL)
    assert "CommandsUndone" in names(undone)
    assert without(story.case) == without(never.case)
    assert story.folded() == story.cases
    receipts = [notice for notice in undone.notices if notice.template == "command_result"]
    assert [notice.to for notice in receipts] == [who], "one receipt, to its author"
    told = {n.to for n in done.notices if n.visibility is Visibility.PUBLIC}
    taken_back = {n.to for n in undone.notices if n.visibility is Visibility.PUBLIC}
    assert taken_back == told, "whoever had been told hears of it, and nobody else"
    return True


def recalled_like_never_written(
    steps: list[tuple[tuple[str, str], int, str]], who: str, text: str, words: str, *, opened: str
) -> bool:
    """Recall an answer with all that its mail did, and compare with the case as it was before that mail."""
    story = a_story(opened, desk=a_desk(send_delay=timedelta(minutes=15)))
    play(story, steps)
    before = story.case
    done = story.mail(who, f"{text}\n\n{words}", inbox_id=MAIL)
    waits = [notice for notice in done.notices if notice.leaves]
    if "AnswerDelayed" not in names(done):
        assert waits == []
        return False
    public = {notice.to for notice in done.notices if notice.visibility is Visibility.PUBLIC and not notice.leaves}
    undone = story.mail(who, "undo", receipt_of=MAIL)
    assert undone.recalled == (MAIL, len(waits))
    assert without(story.case) == without(replace(before, recall=None))
    assert story.folded() == story.cases
    told = {notice.to for notice in undone.notices if notice.visibility is Visibility.PUBLIC}
    assert told == public, "who got nothing hears nothing"
    return True


#: The statuses that a history begins in; all of them together go through `LIVES` histories.
OPENED = ("Open", "In progress", "Waiting for customer", "Fixed", "Closed")
EXAMPLES = LIVES // len(OPENED)
#: In how many of them there must be something to compare. Of 200 it was 66 and more; in a closed case, where most
#: commands are refused, 21 and more.
ENOUGH = {opened: EXAMPLES // (20 if opened == "Closed" else 5) for opened in OPENED}


def compared(law: Law, last: st.SearchStrategy[Any], *, opened: str, examples: int) -> int:
    """Hold a law against so many histories, each with its last argument; return in how many it had to compare."""
    count = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(HISTORY, MEMBER, COMMANDS, last)
    def hold(steps, who, text, chosen):
        nonlocal count
        count += law(steps, who, text, chosen, opened=opened)

    hold()
    return count


@pytest.mark.no_cover  # Twice as fast; it holds no line that no table holds.
def test_after_undo_the_case_is_as_if_the_commands_had_never_been():
    assert compared(undone_like_never_done, GAP, opened="In progress", examples=120)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("opened", OPENED)
def test_after_undo_ten_thousand_histories_are_as_if_the_commands_had_never_been(opened: str):
    assert compared(undone_like_never_done, GAP, opened=opened, examples=EXAMPLES) >= ENOUGH[opened]


def test_a_recalled_answer_was_never_written():
    assert compared(recalled_like_never_written, WORDS, opened="In progress", examples=30)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("opened", OPENED)
def test_of_ten_thousand_histories_a_recalled_answer_was_never_written(opened: str):
    assert compared(recalled_like_never_written, WORDS, opened=opened, examples=EXAMPLES) >= ENOUGH[opened]


def test_the_law_compares_something():
    assert recalled_like_never_written([], ANNA, "priority P1", "It was the cable.", opened="In progress")
    assert undone_like_never_done([], ANNA, "fix: It was the cable.", 30, opened="In progress")
    assert at("2026-03-02 10:00") == NOON
