"""A case that begins out of another one: `clone` and `split`."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.event import CommandRefused, Kind
from mailbot.model import Withheld
from tests.builders import ANNA, BEN, CUSTOMER, LEA, VERIFIED, Story, a_story, an_attachment, at, names, told


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


def with_three_mails() -> Story:
    """HD-1: the printer (mail 1), then a lamp (mail 2), then a window (mail 3)."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", "2026-03-02 10:00", inbox_id=1)
    story.mail(ANNA, "take", "2026-03-02 10:30", inbox_id=10)
    story.mail(CUSTOMER, "The lamp flickers.", "2026-03-02 11:00", inbox_id=2, attachments=(an_attachment(),))
    story.mail(CUSTOMER, "The window does not shut.", "2026-03-02 12:00", inbox_id=3)
    return story


def test_the_latest_mail_becomes_a_case_whose_clocks_run_from_when_it_came():
    story = with_three_mails()
    story.mail(ANNA, "split: The window", "2026-03-02 15:00", inbox_id=11)
    two = story.cases[2]
    assert (two.subject, two.requester, two.opened, two.messages) == ("The window", CUSTOMER, at("2026-03-02 12:00"), 1)
    assert {clock.spans[0].start for clock in two.clocks} == {at("2026-03-02 12:00")}
    assert (story.cases[1].links, two.links) == ((2,), (1,))
    assert [e.text for e in story.messages()[2]] == ["The window does not shut."]
    assert story.folded() == story.cases


def test_the_mail_that_the_answered_notice_told_of_is_meant():
    story = with_three_mails()
    story.mail(ANNA, "split", "2026-03-02 15:00", inbox_id=11, about=2)
    (taken,) = story.messages()[2]
    assert (taken.text, taken.inbox_id, taken.attachments, taken.by_customer) == ("The lamp flickers.", 2, 1, True)
    assert (story.cases[2].subject, story.cases[2].opened) == ("Printer", at("2026-03-02 11:00"))


def test_a_notice_of_something_else_means_the_latest_mail():
    story = with_three_mails()
    story.mail(ANNA, "split", inbox_id=11, about=10)
    assert [e.inbox_id for e in story.messages()[2]] == [3]


def test_the_customer_hears_the_number_and_the_team_sees_the_mail():
    story = with_three_mails()
    decision = story.mail(ANNA, "split: The window", inbox_id=11)
    assert told(decision) == {
        (CUSTOMER, "case_received"),
        *((colleague, "case_new") for colleague in (BEN, LEA)),
        (ANNA, "command_result"),
    }
    assert {n.data["out_of"] for n in decision.notices if n.template.startswith("case_")} == {"HD-1"}
    shown = {(n.words, n.author) for n in decision.notices if n.template == "case_new"}
    assert shown == {("The window does not shut.", CUSTOMER)}
    assert f"what {CUSTOMER} wrote is HD-2 now: 'The window'" in str(decision.notices)


def test_a_clock_that_has_run_out_meanwhile_is_told_at_once():
    story = with_three_mails()
    decision = story.mail(ANNA, "split", "2026-05-04 12:00", inbox_id=11)
    assert (BEN, "clock_breached") in told(decision)


def test_from_the_shell_the_latest_mail_is_meant():
    story = with_three_mails()
    story.word(ANNA, "split: The window")
    assert [e.inbox_id for e in story.messages()[2]] == [3]


def test_a_split_waits_for_a_confirmation_where_no_log_in_proves_it():
    story = with_three_mails()
    story.mail(ANNA, "split", proofs=VERIFIED | {"token"}, inbox_id=11)
    assert "CommandsParked" in names(story.last)
    assert set(story.cases) == {1}


def test_an_undo_says_that_the_case_stays():
    story = with_three_mails()
    story.mail(ANNA, "split", inbox_id=11)
    story.mail(ANNA, "undo", inbox_id=12)
    assert "HD-2 was opened by it, and stays" in refusal(story)


@pytest.mark.parametrize(
    ("line", "keys", "reason"),
    [
        pytest.param("split: " + "x" * 201, {}, "characters at most", id="a subject that is too long"),
        pytest.param("split", {"links": tuple(range(2, 52))}, "50 links at most", id="too many links"),
        pytest.param("split", {"requester": "olev@other.test"}, "no mail of the customer's", id="no mail of theirs"),
        pytest.param(
            "split",
            {"withheld": (Withheld(inbox_id=3, sender=CUSTOMER, digest="d"),)},
            "held back",
            id="content that is held back",
        ),
    ],
)
def test_what_cannot_be_split_off_is_refused_with_its_reason(line: str, keys: dict[str, Any], reason: str):
    story = with_three_mails()
    story.cases[1] = replace(story.cases[1], **keys)
    story.mail(ANNA, line, inbox_id=11)
    assert reason in refusal(story)
    assert set(story.cases) == {1}


def test_what_was_said_past_the_engineer_is_no_case_of_its_own():
    story = with_three_mails()
    silent = replace(story.messages()[1][-1], text="", inbox_id=4)
    story.events[1].append(silent)
    story.mail(ANNA, "split", inbox_id=11, about=4)
    assert "no mail of the customer's" in refusal(story)
    story.mail(ANNA, "split", inbox_id=12)
    assert [e.inbox_id for e in story.messages()[2]] == [3]


def test_a_refused_line_for_the_case_that_the_same_mail_opens_takes_all_of_it_back():
    story = a_story("In progress")
    decision = story.mail(ANNA, "clone\nHD-2 hold until 2030-04-01")
    assert set(story.cases) == {1}
    assert any(notice.template == "command_result" for notice in decision.notices)
