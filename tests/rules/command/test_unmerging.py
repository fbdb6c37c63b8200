"""Who belongs to a case that was merged and is one of its own again: as in between, and not as before."""

from mailbot.event import Escalated
from mailbot.rules.case.evolve import evolve
from tests.builders import ANNA, BEN, CUSTOMER, LEA, WATCHER, Story


def two_cases() -> Story:
    """HD-1 and HD-2, both in work with Anna."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", case=1)
    story.mail(CUSTOMER, "Smoke comes out of the printer.", case=2, subject="Smoke")
    for number in (1, 2):
        story.mail(ANNA, "take", case=number)
    return story


def told_in_confidence(story: Story, number: int, *people: str) -> None:
    """Let these have been told of a complaint past the engineer."""
    for one in people:
        called = Escalated(at=story.now, level=1, to=one, reason="", in_confidence=True)
        story.cases[number] = evolve(story.cases[number], called)


def test_a_confidant_of_a_case_that_is_taken_out_is_none_of_the_others_any_more():
    story = two_cases()
    told_in_confidence(story, 1, BEN)
    told_in_confidence(story, 2, LEA, BEN)
    story.mail(ANNA, "merge HD-1", case=2)
    assert story.cases[1].confidants == (BEN, LEA)
    story.mail(ANNA, "unmerge HD-2")
    assert [set(story.cases[number].confidants) for number in (1, 2)] == [{BEN}, {LEA, BEN}]


def test_who_was_told_in_both_cases_stays_a_confidant_of_both():
    story = two_cases()
    told_in_confidence(story, 2, LEA)
    story.mail(ANNA, "merge HD-1", case=2)
    told_in_confidence(story, 1, LEA)
    story.mail(ANNA, "unmerge HD-2")
    assert story.cases[1].confidants == (LEA,)


def test_who_left_the_case_in_which_their_own_went_on_has_left_their_own_too():
    story = two_cases()
    story.mail(ANNA, f"cc add {WATCHER}", case=2)
    story.mail(ANNA, "merge HD-1", case=2)
    story.mail(WATCHER, "unwatch")
    assert WATCHER not in story.cases[1].watchers
    story.mail(ANNA, "unmerge HD-2")
    assert WATCHER not in story.cases[1].watchers + story.cases[2].watchers
    assert story.folded() == story.cases


def test_who_did_not_leave_hears_of_their_own_case_again():
    story = two_cases()
    story.mail(ANNA, f"cc add {WATCHER}", case=2)
    story.mail(ANNA, "merge HD-1", case=2)
    story.mail(ANNA, "unmerge HD-2")
    assert (story.cases[1].watchers, story.cases[2].watchers) == ((), (WATCHER,))
