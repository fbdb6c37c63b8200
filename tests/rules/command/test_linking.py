"""Cases that have to do with each other: `link` and `unlink`."""

import pytest

from mailbot.event import CommandRefused
from tests.builders import ANNA, CUSTOMER, SESSION, VERIFIED, Story, told


def two_cases() -> Story:
    story = Story()
    for number in (1, 2):
        story.mail(CUSTOMER, "The printer is on fire.", case=number)
    return story


def test_a_link_stands_in_both_cases_and_no_customer_hears_of_it():
    story = two_cases()
    decision = story.mail(ANNA, "link HD-2")
    assert (story.cases[1].links, story.cases[2].links) == ((2,), (1,))
    assert told(decision) == {(ANNA, "command_result")}
    assert story.folded() == story.cases


def test_it_may_be_taken_away_from_either():
    story = two_cases()
    story.mail(ANNA, "link HD-2")
    story.mail(ANNA, "unlink HD-1", case=2)
    assert (story.cases[1].links, story.cases[2].links) == ((), ())


def test_a_second_link_changes_nothing():
    story = two_cases()
    story.mail(ANNA, "link HD-2")
    decision = story.mail(ANNA, "link HD-2")
    assert "linked already" in str(decision.notices)
    assert story.cases[1].links == (2,)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("link", "needs to say which case", id="none"),
        pytest.param("link HD-1", "this case itself", id="itself"),
        pytest.param("link HD-9", "there is no case HD-9", id="unknown"),
        pytest.param("unlink HD-9", "there is no case HD-9", id="an unknown one taken away"),
        pytest.param("unlink HD-2", "is not linked", id="what was not linked"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(line: str, reason: str):
    story = two_cases()
    story.mail(ANNA, line)
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    assert reason in refused.reason
    assert story.cases[1].links == ()


def test_a_case_has_so_many_links():
    story = two_cases()
    for number in range(3, 54):
        story.mail(CUSTOMER, "The printer is on fire.", case=number)
        story.mail(ANNA, f"link HD-{number}")
    assert "50 links at most" in str(story.last.happened)
    assert len(story.cases[1].links) == 50


def test_an_address_behind_the_word_is_prose():
    story = two_cases()
    decision = story.mail(ANNA, "Link: https://example.com/printers\nIt tells how to put it out.")
    assert (CUSTOMER, "answer") in told(decision)


@pytest.mark.parametrize("line", ["link HD-2", "unlink HD-2"])
@pytest.mark.parametrize(
    ("proofs", "changes"),
    [
        pytest.param(SESSION, True, id="logged in"),
        pytest.param(VERIFIED, False, id="known by the reply address of this case alone"),
    ],
)
def test_another_case_is_changed_only_by_who_is_sure_enough_for_it(line: str, proofs: frozenset[str], *, changes: bool):
    story = two_cases()
    if line.startswith("un"):
        story.mail(ANNA, "link HD-2")
    before = story.cases[2].links
    decision = story.mail(ANNA, line, proofs=proofs)
    assert (story.cases[2].links != before) is changes
    assert ("sent logged in or signed" in str(decision.notices)) is not changes
