"""A case that begins out of another one: `clone`."""

from dataclasses import replace

import pytest

from mailbot.event import CommandRefused, Kind
from tests.builders import ANNA, BEN, CUSTOMER, LEA, VERIFIED, Story, a_story, names, told


def refusal(story: Story) -> str:
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    return refused.reason


def cloned() -> Story:
    story = a_story("In progress")
    story.mail(ANNA, "priority P2\ntag: printer")
    story.cases[1] = replace(story.cases[1], fields={"Impact": "high"})
    story.mail(ANNA, "clone", "2026-03-02 15:00")
    return story


def test_a_clone_has_the_matter_of_the_case_and_a_life_of_its_own():
    story = cloned()
    one, two = story.cases[1], story.cases[2]
    same = [(c.requester, c.subject, c.type, c.priority, c.tags, c.fields, c.language) for c in (one, two)]
    assert same[0] == same[1]
    assert (two.kind, two.assignee, two.opened, two.messages) == (Kind.NEW, "", story.now, 0)
    assert [clock.spans[0].start for clock in two.clocks if clock.open] != []
    assert (one.links, two.links) == ((2,), (1,))


def test_its_number_stands_in_the_receipt_and_in_what_the_customer_and_the_team_hear():
    story = cloned()
    assert told(story.last) == {
        (CUSTOMER, "case_received"),
        *((colleague, "case_new") for colleague in (BEN, LEA)),
        (ANNA, "command_result"),
    }
    assert {n.case for n in story.last.notices if n.template != "command_result"} == {2}
    assert "HD-2 is a case of its own" in str([n for n in story.last.notices if n.to == ANNA])


def test_the_events_fold_to_both_cases():
    story = a_story("In progress")
    story.mail(ANNA, "clone")
    assert story.folded() == story.cases


def test_who_is_in_copy_of_the_case_is_not_in_the_clone():
    story = a_story("In progress")
    story.mail(ANNA, "cc add friend@customer.test")
    story.mail(ANNA, "clone")
    assert story.cases[2].watchers == ()


def test_two_clones_in_one_mail_have_two_numbers():
    story = a_story("In progress")
    story.mail(ANNA, "clone\nclone")
    assert story.cases[1].links == (2, 3)
    assert story.cases[3].links == (1,)


def test_the_mail_s_words_are_about_the_case_that_it_answers():
    story = a_story("In progress")
    decision = story.mail(ANNA, "clone\n\nWe look at the smoke separately.")
    assert [n.case for n in decision.notices if n.words and n.to == CUSTOMER] == [1]
    assert decision.case == 1


def test_from_the_shell_too():
    story = a_story("In progress")
    story.word(ANNA, "clone")
    assert "HD-2 is a case of its own" in story.last.reason


def test_a_refused_line_below_takes_the_clone_back():
    story = a_story("In progress")
    story.mail(ANNA, "clone\npriority P17")
    assert 2 not in story.cases
    assert told(story.last) == {(ANNA, "command_result")}


def test_undo_names_the_case_that_stays():
    story = a_story("In progress")
    story.mail(ANNA, "clone")
    story.mail(ANNA, "undo")
    assert "HD-2 was opened by it, and stays" in refusal(story)
    assert story.cases[1].links == (2,)


def test_a_case_with_all_its_links_has_no_clone():
    story = a_story("In progress")
    story.cases[1] = replace(story.cases[1], links=tuple(range(2, 52)))
    story.mail(ANNA, "clone")
    assert "50 links at most" in refusal(story)


def test_a_dry_run_opens_nothing():
    story = a_story("In progress")
    decision = story.mail(ANNA, "dry-run\nclone")
    assert (names(decision), set(story.cases)) == (["CommandsTried"], {1})


@pytest.mark.parametrize("line", ["clone", "#clone"])
def test_a_customer_has_no_such_word(line: str):
    story = a_story("In progress")
    story.mail(CUSTOMER, line, proofs=VERIFIED)
    assert set(story.cases) == {1}
