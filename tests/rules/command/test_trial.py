"""`dry-run`: the transcript of a mail without its effect."""

import pytest

from mailbot.decision import Ending
from mailbot.event import CommandsTried, Visibility
from mailbot.people import Proof
from tests.builders import ANNA, BEN, CUSTOMER, VERIFIED, Story, a_story, names, told


def receipt(story: Story) -> dict[str, object]:
    (notice,) = story.last.notices
    assert (notice.to, notice.template) == (ANNA, "command_result")
    return dict(notice.data)


def test_a_dry_run_says_what_would_be_done_and_who_would_hear_and_does_nothing():
    story = a_story("In progress")
    before = story.case
    decision = story.mail(ANNA, f"dry-run\nassign {BEN}\nfix\n\nIt was the cable.")
    data = receipt(story)
    assert data["lines"] == [
        {"line": f"assign {BEN}", "ok": True, "said": f"the case is with {BEN}", "undo": f"assign {ANNA}"},
        {"line": "fix", "ok": True, "said": "the case is Fixed, it was In progress", "undo": "status In progress"},
    ]
    assert data["mails"] == [
        {"to": CUSTOMER, "notice": "fixed", "words": True},
        {"to": BEN, "notice": "assigned", "words": False},
        {"to": BEN, "notice": "status changed", "words": True},
    ]
    assert str(data["text"]).endswith("It was the cable."), "the words come back"
    assert (data["trial"], data["refused"], data["held"]) == (True, False, "")
    assert names(decision) == ["CommandsTried"]
    assert (story.case.status, story.case.assignee, story.case.clocks) == (
        before.status,
        before.assignee,
        before.clocks,
    )
    assert decision.ending is Ending.THREADED


def test_a_dry_run_says_what_would_be_refused():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run\npriority hihg")
    data = receipt(story)
    assert data["refused"] is True
    assert names(story.last) == ["CommandsTried"], "what was only tried out is not refused"
    assert data["mails"] == []


def test_a_dry_run_says_that_a_mail_would_be_held():
    story = a_story("In progress")
    story.internal_lines = frozenset({"they owe us a lot of money"})
    story.mail(ANNA, "dry-run\nfix\n\nThey owe us a lot of money")
    assert "a line of an internal notice stands in it" in str(receipt(story)["held"])
    assert story.last.ending is Ending.THREADED


def test_what_was_tried_out_goes_out_afterwards_though_its_receipt_has_it():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run\nfix: It was the cable, you know.")
    story.internal_lines = frozenset({"fix it was the cable you know"})
    assert (CUSTOMER, "fixed") in told(story.mail(ANNA, "fix: It was the cable, you know."))


def test_what_another_tried_out_is_no_word_of_ones_own():
    story = a_story("In progress")
    story.mail(BEN, "dry-run\nfix: It was the cable, you know.")
    story.internal_lines = frozenset({"fix it was the cable you know"})
    assert story.mail(ANNA, "fix: It was the cable, you know.").ending is Ending.HELD


SECRET = "They owe us a lot of money"


@pytest.mark.parametrize(
    ("before", "reply", "tried"),
    [
        pytest.param(True, Visibility.PUBLIC, f"dry-run\nIt is the cable.\n{SECRET}", id="an answer"),
        pytest.param(True, Visibility.PUBLIC, f"dry-run\nnote\n{SECRET}", id="a note"),
        pytest.param(True, Visibility.PUBLIC, f"dry-run\npriority hihg\n{SECRET}", id="a refused answer"),
        pytest.param(False, Visibility.PUBLIC, f"dry-run\nnote\n{SECRET}", id="a note that is new"),
        pytest.param(False, Visibility.INTERNAL, f"dry-run\n{SECRET}", id="an answer to an internal notice"),
    ],
)
def test_an_internal_line_does_not_become_ones_own_by_a_dry_run(before: bool, reply: Visibility, tried: str):
    story = a_story("In progress")
    line = frozenset({"they owe us a lot of money"})
    story.internal_lines = line if before else frozenset()
    story.mail(ANNA, tried, reply=reply)
    story.internal_lines = line
    assert story.mail(ANNA, f"It is the cable.\n{SECRET}").ending is Ending.HELD


def test_what_was_tried_out_twice_is_ones_own_all_the_same():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run\nfix: It was the cable, you know.")
    story.internal_lines = frozenset({"fix it was the cable you know"})
    story.mail(ANNA, "dry-run\nfix: It was the cable, you know.")
    assert (CUSTOMER, "fixed") in told(story.mail(ANNA, "fix: It was the cable, you know."))


def test_a_case_for_a_customer_can_be_tried_out():
    story = Story()
    decision = story.mail(ANNA, f"dry-run\nfor {CUSTOMER}\n\nThe printer burns.")
    assert story.cases == {}
    assert decision.ending is Ending.IGNORED
    assert names(decision) == ["MailIgnored"]
    assert {"to": CUSTOMER, "notice": "case received", "words": False} in receipt(story)["mails"]  # type: ignore[operator]


def test_taking_back_can_be_tried_out_and_a_dry_run_does_not_stand_in_its_way():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1")
    story.mail(ANNA, "dry-run\nundo")
    assert receipt(story)["refused"] is False
    assert story.case.priority == "P1"
    story.mail(ANNA, "undo")
    assert story.case.priority == "P3"


def test_what_would_have_to_be_confirmed_can_be_tried_out_at_once():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run\ncc add friend@customer.test", proofs=VERIFIED | {Proof.TOKEN})
    assert {"to": "friend@customer.test", "notice": "joined", "words": False} in receipt(story)["mails"]  # type: ignore[operator]
    assert story.case.watchers == ()


def test_the_word_must_be_the_first():
    story = a_story("In progress")
    story.mail(ANNA, "priority P1\ndry-run")
    assert names(story.last) == ["CommandRefused"]
    assert story.case.priority == "P3"


def test_a_dry_run_of_nothing_does_nothing():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run")
    assert receipt(story)["lines"] == []


@pytest.mark.parametrize(
    ("text", "reason", "refused"),
    [
        ("dry-run\nfix", "dry run: the case is Fixed, it was In progress", False),
        ("dry-run\npriority hihg", "dry run: ", True),
    ],
)
def test_the_shell_tries_out_too(text: str, reason: str, refused: bool):
    story = a_story("In progress")
    decision = story.word(ANNA, text)
    assert decision.reason.startswith(reason)
    assert (decision.happened, decision.notices) == ((), ())
    assert any(hit.rule == "refused" for hit in decision.hits) is refused


def test_a_case_remembers_who_tried_out_what():
    story = a_story("In progress")
    story.mail(ANNA, "dry-run\ntake")
    (tried,) = [h.event for h in story.last.happened]
    assert tried == CommandsTried(at=story.now, actor=ANNA, text="take")


@pytest.mark.parametrize(
    ("line", "stops"),
    [
        pytest.param("dry run", True, id="without-its-hyphen"),
        pytest.param("Dry run:", True, id="with-a-colon"),
        pytest.param("dryrun!", True, id="in-one-word"),
        pytest.param("*dry run*", True, id="in-bold"),
        pytest.param("#dry run", True, id="with-a-sigil"),
        pytest.param("dry-run please", True, id="politely"),
        pytest.param("dry-run, please", True, id="with-a-comma"),
        pytest.param("dry-run take", True, id="a-command-behind-it"),
        pytest.param("dry-run close: he is a pest, and rude", True, id="a-long-command-behind-it"),
        pytest.param("dry-run assign: nobody in particular here", True, id="a-wrong-command-behind-it"),
        pytest.param("dry run\nHe is rude.\n#tag: x", True, id="a-command-far-below-it"),
        pytest.param("dry-run HD-1 close: he is a pest", True, id="a-case-behind-it"),
        pytest.param("Dry run of the new pump went well.", False, id="prose"),
        pytest.param("Dry runs cost money.", False, id="another-word"),
    ],
)
def test_nothing_is_done_or_sent_below_a_line_that_nearly_says_dry_run(line: str, *, stops: bool):
    story = a_story("In progress")
    decision = story.mail(ANNA, f"{line}\nclose: he is a pest")
    assert story.case.status == "In progress"
    assert ((CUSTOMER, "answer") in told(decision)) is not stops
    if stops:
        data = receipt(story)
        assert data["refused"] is True
        assert "he is a pest" in str(data["text"]), "the words come back"


def test_a_slip_of_dry_run_opens_no_case_for_a_customer():
    story = Story()
    story.mail(ANNA, f"dry run\nfor {CUSTOMER}\n\nThe printer burns.")
    assert story.cases == {}
    assert receipt(story)["refused"] is True
