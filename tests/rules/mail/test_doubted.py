"""A line that the reader of an HTML mail perhaps does not see is words, and no command."""

import pytest

from mailbot.decision import Decision, Ending
from tests.builders import ANNA, CUSTOMER, Story, a_story, names, told

WHY = "in the HTML of your mail this line may be hidden, so it does not run; please write it as plain text"


def receipt(decision: Decision, to: str) -> dict[str, object]:
    (notice,) = [one for one in decision.notices if one.to == to and one.template == "command_result"]
    return dict(notice.data)


def refused(decision: Decision, to: str) -> list[tuple[object, object]]:
    lines = receipt(decision, to)["lines"]
    assert isinstance(lines, list)
    return [(line["line"], str(line["said"])) for line in lines]


@pytest.mark.parametrize(
    ("said", "doubted", "line"),
    [
        pytest.param("#close: spam\nWe look into it.", "#close: spam", "#close: spam", id="with a sigil"),
        pytest.param("take\nWe look into it.", "  take", "take", id="alone"),
        pytest.param("We look into it.\n/take", "/take", "/take", id="below words"),
        pytest.param("HD-1 take\nWe look into it.", "HD-1 take", "take", id="with the number of the case at hand"),
        pytest.param("take\nHD-2 close: spam", "HD-2 close: spam", "HD-2 close: spam", id="for another case"),
        pytest.param("close: it\u2019s spam", "close: it\u2019s spam", "close: it's spam", id="with smart quotes"),
        pytest.param("priority P1\ntake", "take", "take", id="below a command that is seen"),
    ],
)
def test_nothing_of_a_members_mail_happens_and_the_text_comes_back(said: str, doubted: str, line: str):
    story = a_story("Open")
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    before = dict(story.cases)
    decision = story.mail(ANNA, said, doubted=(doubted,))
    assert set(names(decision)) == {"CommandRefused"}
    assert told(decision) == {(ANNA, "command_result")}
    assert refused(decision, ANNA) == [(line, WHY)]
    assert receipt(decision, ANNA)["text"]
    changed = {n: (case.status, case.assignee, case.messages) for n, case in story.cases.items()}
    assert changed == {n: (case.status, case.assignee, case.messages) for n, case in before.items()}


def test_a_search_that_is_perhaps_not_seen_is_not_answered():
    story = Story()
    decision = story.mail(ANNA, "search printer", case=0, doubted=("search printer",))
    assert told(decision) == {(ANNA, "command_result")}
    assert refused(decision, ANNA)[0][1] == WHY


def test_words_that_are_perhaps_not_seen_are_words():
    story = a_story("In progress")
    decision = story.mail(ANNA, "fix\nIt was the cable.", doubted=("It was the cable.",))
    assert story.case.status == "Fixed"
    assert "It was the cable." in [one.words for one in decision.notices if one.to == CUSTOMER]


@pytest.mark.parametrize("said", ["close", "#close", "Close."])
def test_a_customers_command_does_not_run_and_the_words_are_added(said: str):
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, said, doubted=(said,))
    assert story.case.status == "In progress"
    assert {"MessageAdded", "CommandRefused"} <= set(names(decision))
    assert refused(decision, CUSTOMER)[0][1] == WHY


def test_a_cry_for_help_that_is_perhaps_not_seen_opens_a_case():
    story = Story()
    assert story.mail(CUSTOMER, "help", doubted=("help",)).ending is Ending.NEW


@pytest.mark.parametrize(
    ("said", "doubted", "status"),
    [
        pytest.param("All good, thanks!", (), "Closed", id="an all-clear that is seen"),
        pytest.param("All good, thanks!", ("All good, thanks!",), "In progress", id="an all-clear"),
        pytest.param("Please close it", ("Please close it",), "In progress", id="a wish to close"),
        pytest.param("Thanks!", ("Thanks!",), "Fixed", id="thanks"),
    ],
)
def test_words_that_are_perhaps_not_seen_close_nothing(said: str, doubted: tuple[str, ...], status: str):
    story = a_story("Fixed")
    story.mail(CUSTOMER, said, doubted=doubted)
    assert story.case.status == status
