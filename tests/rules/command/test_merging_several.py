"""Several cases that go on in one, and whoever takes part in more than one of them."""

import pytest

from mailbot.decision import MailArrived
from mailbot.facts import ThreadKeys
from tests.builders import ANNA, CUSTOMER, SESSION, Story, a_mail, an_envelope, facts

OTHER = "olev@other.test"
FRIEND = "friend@customer.test"


def three_cases() -> Story:
    """HD-1 and HD-2 are the customer's, HD-3 is somebody else's."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", case=1)
    story.mail(CUSTOMER, "Smoke comes out of the printer.", case=2, subject="Smoke")
    story.mail(OTHER, "The fire alarm rings.", case=3, subject="Alarm")
    for number in (1, 2, 3):
        story.mail(ANNA, "take", case=number)
    return story


def to_the_desk(story: Story, text: str) -> None:
    both = facts(*story.cases.values(), sender=ANNA, proofs=SESSION, keys=ThreadKeys(spoken=tuple(story.cases)))
    story.happens(MailArrived(mail=a_mail(text, sender=ANNA), envelope=an_envelope(), inbox_id=9), both, story.now)


@pytest.mark.parametrize(
    ("before", "said", "hear"),
    [
        pytest.param((), ("unmerge HD-1",), (CUSTOMER,), id="the other case of theirs goes on there"),
        pytest.param((), ("unmerge HD-2",), (CUSTOMER,), id="the first of theirs goes on there"),
        pytest.param((), ("unmerge HD-1", "unmerge HD-2"), (), id="none of theirs goes on there"),
        pytest.param((), ("unmerge HD-2", "unmerge HD-1"), (), id="none, taken out the other way round"),
        pytest.param(
            ((2, f"cc add {FRIEND}"),), ("unmerge HD-2",), (CUSTOMER,), id="who watched only what was taken out goes"
        ),
        pytest.param(
            ((3, f"cc add {CUSTOMER}"),), ("unmerge HD-2", "unmerge HD-1"), (CUSTOMER,), id="who heard of it before"
        ),
    ],
)
def test_who_hears_of_a_case_after_one_was_taken_out_of_it(
    before: tuple[tuple[int, str], ...], said: tuple[str, ...], hear: tuple[str, ...]
):
    story = three_cases()
    for number, line in before:
        story.mail(ANNA, line, case=number)
    for number in (1, 2):
        story.mail(ANNA, "merge HD-3", case=number)
    for line in said:
        story.mail(ANNA, line, case=3)
    assert story.cases[3].watchers == hear
    assert story.folded() == story.cases


def test_a_case_that_is_not_known_keeps_nobody():
    story = three_cases()
    for number in (1, 2):
        story.mail(ANNA, "merge HD-3", case=number)
    del story.cases[2]
    story.mail(ANNA, "unmerge HD-1", case=3)
    assert story.cases[3].watchers == ()


def test_two_merges_into_one_case_in_one_mail_are_both_told():
    story = three_cases()
    to_the_desk(story, "HD-1 merge HD-3\nHD-2 merge HD-3")
    told = [(n.case, n.data["reference"]) for n in story.last.notices if (n.to, n.template) == (CUSTOMER, "merged")]
    assert told == [(3, "HD-1"), (3, "HD-2")]
