"""Each command word: what it does, when it is refused, and how it is taken back."""

import pytest

from mailbot.rules.command.words import vocabulary
from tests.builders import ANNA, BEN, CUSTOMER, MAX, Story, a_directory, a_story, changed, modera, names


def receipt(story: Story, who: str = ANNA) -> list[dict[str, object]]:
    (notice,) = [n for n in story.last.notices if n.to == who and n.template == "command_result"]
    lines = notice.data["lines"]
    assert isinstance(lines, list)
    return lines


@pytest.mark.parametrize(
    ("status", "line", "said", "undo"),
    [
        ("Open", "take", "the case is yours; type IT Help, priority P3: please confirm or correct both", ""),
        ("In progress", "take", "the case is yours; type IT Help, priority P3: please confirm or correct both", ""),
        ("Open", f"assign {BEN}", f"the case is with {BEN}", ""),
        ("In progress", f"assign {BEN}", f"the case is with {BEN}", f"assign {ANNA}"),
        ("In progress", "assign second line", "the case is with second line", f"assign {ANNA}"),
        ("In progress", f"assign {ANNA}", f"{ANNA} has the case already", ""),
        ("Open", "priority P1", "the priority is P1, it was P3", "priority P3"),
        ("Open", "priority Major", "the priority is P3 already", ""),
        ("Open", "type Fault", "the type is Fault, it was IT Help", "type IT Help"),
        ("Open", "type IT Help", "the type is IT Help already", ""),
        (
            "Open",
            "type Improvement",
            "the type is Improvement, it was IT Help; that sets the priority to P4, it was P3",
            "type IT Help",
        ),
        (
            "In progress",
            "status Waiting for customer",
            "the case is Waiting for customer, it was In progress",
            "status In progress",
        ),
        ("Fixed", "status Closed", "the case is closed: Solved", "reopen"),
        ("Fixed", "close", "the case is closed: Solved", "reopen"),
        ("In progress", "close: Duplicate of 7.", "the case is closed: Duplicate of 7", "reopen"),
        ("Fixed", "confirm", "the case is closed, solved", "reopen"),
        ("Fixed", "reopen", "the case is In progress again", "close: REASON"),
        ("In progress", "fix", "the case is Fixed, it was In progress", "status In progress"),
        ("Fixed", "fix: The other cable too", "the case is Fixed already; your words go out", ""),
        ("Waiting for approval", "approve", "the estimate is approved; the case is In progress", ""),
        ("Waiting for approval", "decline", "the estimate is declined; the case is In progress", ""),
        ("In progress", "note: hm", "your words stay inside the team", ""),
    ],
)
def test_word_says_what_it_did_and_how_to_take_it_back(status: str, line: str, said: str, undo: str):
    story = a_story(status)
    story.mail(ANNA, line)
    assert receipt(story) == [{"line": line, "ok": True, "said": said, "undo": undo}]


@pytest.mark.parametrize(
    ("status", "line", "reason"),
    [
        ("Closed", "take", "the case is Closed; 'reopen' takes it back first"),
        ("Closed", f"assign {BEN}", "the case is Closed; 'reopen' takes it back first"),
        ("Closed", "fix", "the case is Closed; only 'reopen' takes it back"),
        ("Closed", "status Fixed", "the case is Closed; only 'reopen' takes it back"),
        ("Closed", "close: again", "the case is Closed already"),
        ("In progress", "close", "closing needs a reason: write 'close: REASON'"),
        ("In progress", "status Closed", "closing needs a reason: write 'close: REASON'"),
        ("In progress", "status In progress", "the case is In progress already"),
        ("In progress", "status Open", "In progress does not lead to Open; it leads to"),
        ("In progress", "reopen", "the case is In progress; there is nothing to reopen"),
        ("In progress", "confirm", "the case is In progress; 'confirm' is for a case that we think is solved"),
        ("In progress", "approve", "the case is In progress; there is no estimate to approve"),
        ("In progress", "for kai@x.test", "'for kai@x.test' opens a new case: send it to the desk's address"),
        ("In progress", "send as is", "there is no refused text of yours on this case"),
    ],
)
def test_word_is_refused_with_its_reason(status: str, line: str, reason: str):
    story = a_story(status)
    story.mail(ANNA, line)
    assert names(story.last) == ["CommandRefused"]
    (told,) = receipt(story)
    assert str(told["said"]).startswith(reason)
    assert not told["ok"]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        pytest.param("Solved", "met", id="a reason that counts as solved"),
        pytest.param("solved.", "met", id="in small letters, with a full stop"),
        pytest.param("Duplicate", "ended", id="any other reason"),
    ],
)
def test_reason_of_closing_meets_or_ends_the_resolution_clock(reason: str, state: str):
    story = a_story("In progress")
    story.mail(ANNA, f"close: {reason}", "2026-03-02 12:00")
    clock = story.case.clocks[1]
    assert (clock.met_at is not None) is (state == "met")
    assert (clock.ended_at is not None) is (state == "ended")


def test_take_of_a_new_case_whose_flow_has_no_such_step_only_assigns():
    story = Story(process=changed(modera(), flow=[{"steps": {"Open": ["Fixed"]}}]))
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, "take")
    assert (story.case.status, story.case.assignee) == ("Open", ANNA)


def test_take_from_a_colleague_names_the_way_back():
    story = a_story("In progress")
    story.mail(BEN, "take")
    assert receipt(story, BEN)[0]["undo"] == f"assign {ANNA}"


def test_new_assignee_never_restarts_the_pick_up():
    story = a_story("In progress")
    met = story.case.clocks[0].met_at
    story.mail(ANNA, f"assign {MAX}", "2026-03-02 15:00")
    assert story.case.clocks[0].met_at == met


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        pytest.param("priority P1\ntype Improvement", "P4", id="the type comes last"),
        pytest.param("type Improvement\npriority P1", "P1", id="the priority comes last"),
        pytest.param("priority P4\ntype Improvement", "P4", id="they agree"),
    ],
)
def test_effects_follow_the_lines(text: str, priority: str):
    story = a_story("In progress")
    story.mail(ANNA, text)
    assert story.case.priority == priority


def test_every_word_has_its_usage_and_help():
    for member in (True, False):
        entries = vocabulary(modera(), a_directory(), member=member)
        assert all(entry.usage.startswith(entry.word.word) and entry.help.endswith(".") for entry in entries)
        assert len({entry.word.word for entry in entries}) == len(entries)
