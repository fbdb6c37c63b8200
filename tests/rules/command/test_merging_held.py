"""A case that is merged while it is put aside, and taken out again: it comes back as it would have."""

from dataclasses import replace

import pytest

from mailbot.event import StatusChanged
from tests.builders import ANNA, CUSTOMER, Story, at
from tests.rules.clock.test_clocks_causes import quadrotech


def merged_on_hold(said: str) -> Story:
    """HD-1, which a member put aside, went on in HD-2 on Tuesday."""
    story = quadrotech()
    story.mail(CUSTOMER, "The restore fails.", case=2, subject="Restore")
    story.mail(ANNA, f"take\nstatus In Progress\n{said}", "2026-03-02 12:00")
    story.mail(ANNA, "merge HD-2", "2026-03-03 10:00")
    return story


@pytest.mark.parametrize(
    ("said", "taken_out", "then", "back"),
    [
        pytest.param(
            "hold until 2026-03-10",
            "2026-03-04 10:00",
            ("On Hold", "2026-03-10 09:00"),
            ("In Progress", "2026-03-10 09:00"),
            id="the hold goes on to its end",
        ),
        pytest.param(
            "hold until 2026-03-10",
            "2026-03-12 10:00",
            ("In Progress", ""),
            ("In Progress", "2026-03-12 10:00"),
            id="a hold whose date passed meanwhile is over",
        ),
        pytest.param(
            "status Pending fix\nhold until 2026-03-10",
            "2026-03-04 10:00",
            ("On Hold", "2026-03-10 09:00"),
            ("Pending", "2026-03-10 09:00"),
            id="it comes back to where it stood before, with its cause",
        ),
        pytest.param(
            "hold until 2026-03-10\nhold until 2026-03-11",
            "2026-03-04 10:00",
            ("On Hold", "2026-03-11 09:00"),
            ("In Progress", "2026-03-11 09:00"),
            id="a hold that was put off",
        ),
    ],
)
def test_a_hold_ends_as_if_there_had_been_no_merge(
    said: str, taken_out: str, then: tuple[str, str], back: tuple[str, str]
):
    story = merged_on_hold(said)
    story.mail(ANNA, "unmerge HD-1", taken_out, case=2)
    status, until = then
    assert (story.case.status, story.case.hold_until) == (status, at(until) if until else None)
    story.until("2026-03-13 10:00")
    moves = [one for one in story.events[1] if isinstance(one, StatusChanged)]
    assert (moves[-1].new, moves[-1].at) == (back[0], at(back[1]))
    assert story.folded() == story.cases


def test_a_hold_after_it_comes_back_to_work_and_does_not_close_the_case():
    story = merged_on_hold("hold until 2026-03-10")
    story.mail(ANNA, "unmerge HD-1", "2026-03-04 10:00", case=2)
    story.mail(ANNA, "hold until 2026-03-06", "2026-03-04 11:00")
    story.until("2026-03-06 10:00")
    assert story.case.status == "In Progress"


def test_a_case_that_was_merged_before_this_was_kept_comes_back_to_work():
    story = merged_on_hold("hold until 2026-03-10")
    story.cases[1] = replace(story.case, merged_held_from="", merged_hold_until=None)
    story.mail(ANNA, "unmerge HD-1", "2026-03-04 10:00", case=2)
    assert (story.case.status, story.case.previous_status) == ("On Hold", "In Progress")


def test_nothing_of_the_hold_is_kept_once_it_is_a_case_of_its_own():
    story = merged_on_hold("hold until 2026-03-10")
    assert (story.case.merged_held_from, story.case.merged_hold_until) == ("In Progress", at("2026-03-10 09:00"))
    story.mail(ANNA, "unmerge HD-1", "2026-03-04 10:00", case=2)
    assert (story.case.merged_held_from, story.case.merged_hold_until) == ("", None)
