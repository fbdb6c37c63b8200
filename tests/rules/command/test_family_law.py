"""What `all` did in a parent and its children is taken back in every one of them, whatever it was."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.event import CommandsRun, MessageAdded, Visibility
from tests.builders import ANNA, BEN, CUSTOMER, STRANGER, Story, a_desk, names
from tests.lives import LIVES
from tests.rules.command.test_undo_law import COMMANDS, MAIL, MEMBER, WORDS, without

OTHER = "liis@other.test"
#: What brought each case to where it stands.
WAYS = st.tuples(
    *(
        st.sampled_from(
            (
                "",
                "take",
                "ask: Which one is it?",
                "take\nestimate: Two days of work.",
                "fix: We changed the cable.",
                "close: phoned",
                "snooze until 2030-04-01",
                "priority P1",
            )
        )
        for _ in range(3)
    )
)


def a_family(ways: tuple[str, ...]) -> Story:
    """Three cases of three customers; the second and the third are children of the first."""
    story = Story(desk=a_desk(send_delay=timedelta(minutes=15)))
    for number, (who, way) in enumerate(zip((CUSTOMER, OTHER, STRANGER), ways, strict=True), 1):
        story.mail(who, "The line is down.", case=number, subject=f"Line {number}")
        if way:
            story.mail(BEN, way, case=number)
    for number in (2, 3):
        story.mail(ANNA, "parent HD-1", case=number)
    return story


def undone_in_all(ways: tuple[str, ...], who: str, text: str, words: str) -> bool:
    """Let a mail go to all, and take it back. Returns False where none of it can be taken back whole."""
    story = a_family(ways)
    before = {number: without(case) for number, case in story.cases.items()}
    closed = {number for number, case in story.cases.items() if case.closed and number != 1}
    done = story.mail(who, f"all\n{text}\n\n{words}", inbox_id=MAIL)
    assert not closed & {happened.case for happened in done.happened}, "closed children are left alone"
    for notice in done.notices:
        if notice.visibility is Visibility.PUBLIC:
            assert notice.case is not None
            assert notice.to in story.cases[notice.case].participants, "each hears of their own case"
    ran = [h.event for h in done.happened if isinstance(h.event, CommandsRun)]
    said = any(isinstance(h.event, MessageAdded) for h in done.happened)
    if any(one.final for one in ran) or not ("AnswerDelayed" in names(done) or (ran and not said)):
        return False
    story.mail(who, "undo", receipt_of=MAIL)
    assert {number: without(case) for number, case in story.cases.items()} == before
    assert story.folded() == story.cases
    return True


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ways=WAYS, who=MEMBER, text=COMMANDS, words=WORDS)
def test_what_went_to_all_is_taken_back_in_all(ways: tuple[str, ...], who: str, text: str, words: str):
    undone_in_all(ways, who, text, words)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_ten_thousand_families_it_is_taken_back_in_all():
    compared = 0

    @settings(max_examples=LIVES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ways=WAYS, who=MEMBER, text=COMMANDS, words=WORDS)
    def law(ways: tuple[str, ...], who: str, text: str, words: str):
        nonlocal compared
        compared += undone_in_all(ways, who, text, words)

    law()
    assert compared >= LIVES // 10


def test_the_law_compares_something():
    assert undone_in_all(("", "", ""), ANNA, "take\nfix: It was the cable.", "")
