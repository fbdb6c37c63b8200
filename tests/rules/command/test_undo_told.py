"""`undo` of what changed who hears of a case: whoever was told of the change is told that it does not hold."""

from dataclasses import replace

import pytest

from tests.builders import ANNA, BEN, CUSTOMER, Story, told

OTHER = "olev@other.test"
FRIEND = "friend@customer.test"
MAIL = 41


def two_cases(second: str) -> Story:
    """HD-1 is the customer's, HD-2 somebody's, both in work with Anna."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", case=1)
    story.mail(second, "Smoke comes out of the printer.", case=2, subject="Smoke")
    for number in (1, 2):
        story.mail(ANNA, "take", case=number)
    return story


def undone(story: Story, said: str, case: int = 2) -> set[tuple[str, str, int | None, bool]]:
    """Anna says it and takes it back. Returns who beside her hears what of which case, and whether that is the last."""
    story.mail(ANNA, said, case=case, inbox_id=MAIL)
    decision = story.mail(ANNA, "undo", case=case, receipt_of=MAIL)
    assert story.folded() == story.cases
    return {(n.to, n.template, n.case, "parted" in n.data) for n in decision.notices if n.to != ANNA}


@pytest.mark.parametrize(
    ("second", "said", "hear"),
    [
        pytest.param(OTHER, "merge HD-1", {(OTHER, "unmerged", 2, False)}, id="a merge into somebody else's case"),
        pytest.param(CUSTOMER, "merge HD-1", {(CUSTOMER, "unmerged", 2, False)}, id="a merge into the same person's"),
        pytest.param(OTHER, f"cc add {FRIEND}", {(FRIEND, "taken_back", 2, True)}, id="a watcher"),
        pytest.param(OTHER, f"requester {FRIEND}", {(FRIEND, "taken_back", 2, True)}, id="another customer"),
        pytest.param(
            OTHER,
            f"cc add {FRIEND}\nfix: The cable.",
            {(FRIEND, "taken_back", 2, True), (OTHER, "taken_back", 2, False)},
            id="a watcher, and what the customer was told",
        ),
        pytest.param(OTHER, "priority P1", set(), id="what nobody was told of"),
    ],
)
def test_who_was_told_hears_that_it_does_not_hold(second: str, said: str, hear: set[tuple[str, str, int, bool]]):
    assert undone(two_cases(second), said) == hear


def test_the_receipt_says_that_the_customer_hears_of_it():
    story = two_cases(OTHER)
    undone(story, "merge HD-1")
    (receipt,) = [n for n in story.last.notices if n.to == ANNA]
    assert "the customer, who had been told, hears of it" in str(receipt.data["lines"])


def test_a_colleague_hears_of_it_once():
    story = two_cases(OTHER)
    story.mail(ANNA, f"assign {BEN}", case=1)
    assert {one[:2] for one in undone(story, "merge HD-1")} == {(OTHER, "unmerged"), (BEN, "taken_back")}


def test_who_heard_of_a_status_of_the_other_case_hears_of_both():
    story = two_cases(CUSTOMER)
    hear = undone(story, "merge HD-1\nHD-1 fix: The cable.")
    assert {one[:3] for one in hear} == {(CUSTOMER, "unmerged", 2), (CUSTOMER, "taken_back", 1)}


def test_an_unmerge_that_is_undone_tells_its_customer():
    story = two_cases(OTHER)
    story.mail(ANNA, "merge HD-1", case=2)
    story.mail(ANNA, "unmerge HD-2", case=1, inbox_id=MAIL)
    assert (OTHER, "taken_back") in told(story.mail(ANNA, "undo", case=1, receipt_of=MAIL))


def test_who_is_neither_one_of_us_nor_was_with_the_case_hears_nothing():
    story = two_cases(OTHER)
    story.mail(ANNA, "priority P1", case=2, inbox_id=MAIL)
    taken = story.cases[2].undo
    assert taken is not None
    story.cases[2] = replace(story.cases[2], undo=replace(taken, told=("nobody@elsewhere.test",)))
    assert told(story.mail(ANNA, "undo", case=2, receipt_of=MAIL)) == {(ANNA, "command_result")}
