"""A yes beside words that say no: nothing is closed or approved for it, and whoever works on the case is told."""

import pytest

from mailbot.event import CommandRefused
from tests.builders import ANNA, CUSTOMER, a_story, told

REOPENED = {(CUSTOMER, "reopened"), (ANNA, "reopened")}
ASKED = {(CUSTOMER, "command_result"), (ANNA, "customer_answered")}


@pytest.mark.parametrize(
    ("status", "text", "after", "notices"),
    [
        pytest.param("Fixed", "confirm: it is still broken", "In progress", REOPENED, id="behind the word"),
        pytest.param("Fixed", "confirm\n\nNo, it is not solved.", "In progress", REOPENED, id="below the word"),
        pytest.param("Fixed", "#confirm\nDas Problem besteht weiterhin.", "In progress", REOPENED, id="in German"),
        pytest.param("Fixed", "confirm\nPole lahendatud.", "In progress", REOPENED, id="in Estonian"),
        pytest.param("Fixed", "confirm\nToujours cassé.", "In progress", REOPENED, id="in French"),
        pytest.param("Fixed", "confirm\nSigue sin funcionar.", "In progress", REOPENED, id="in Spanish"),
        pytest.param("Fixed", "confirm\n:(", "Fixed", ASKED, id="a sad face"),
        pytest.param("Fixed", "confirm: if the printer works tomorrow", "Fixed", ASKED, id="a condition"),
        pytest.param("Fixed", "close\nIt is broken again!", "In progress", REOPENED, id="close, and broken"),
        pytest.param("Closed", "close\nIt is broken again!", "In progress", REOPENED, id="closed, and broken again"),
        pytest.param("Closed", "confirm\nIt is broken again!", "In progress", REOPENED, id="confirm, and broken"),
        pytest.param(
            "Waiting for approval", "approve: only if under 100 euro", "Waiting for approval", ASKED, id="a price"
        ),
        pytest.param(
            "Waiting for approval", "Approve\nbut only the first day", "Waiting for approval", ASKED, id="a part of it"
        ),
        *(
            pytest.param("Waiting for approval", text, "Waiting for approval", ASKED, id=text)
            for text in (
                "approve: aber nur der erste Tag",
                "approve\nKui hind on kuni 100 eurot.",
                "approve: sauf le déplacement",
                "approve: siempre que no supere 100 euros",
            )
        ),
        pytest.param(
            "Waiting for approval", "approve\nDoes it include VAT?", "Waiting for approval", ASKED, id="a question"
        ),
    ],
)
def test_yes_beside_a_no_does_nothing_and_is_told(status: str, text: str, after: str, notices: set[tuple[str, str]]):
    story = a_story(status)
    decision = story.mail(CUSTOMER, text)
    assert story.case.status == after
    assert told(decision) == notices
    assert any(isinstance(h.event, CommandRefused) for h in decision.happened)
    assert text in {notice.words for notice in decision.notices if notice.to == ANNA}


@pytest.mark.parametrize(
    ("status", "text", "after"),
    [
        ("Fixed", "confirm\n\nBest regards\nMari", "Closed"),
        ("Fixed", "confirm\nThanks, it works now!", "Closed"),
        ("Fixed", "confirm: no problems any more, thank you", "Closed"),
        ("Fixed", "confirm\nIt was the cable.", "Closed"),
        ("Fixed", "close: we bought a new one", "Closed"),
        ("In progress", "close\nIt still does not work, we bought a new one.", "Closed"),
        ("Waiting for approval", "approve\nPlease go ahead, thanks.", "In progress"),
        ("Waiting for approval", "approve: yes, start on Monday", "In progress"),
        ("Waiting for approval", "approve", "In progress"),
    ],
)
def test_yes_beside_words_that_agree_is_obeyed(status: str, text: str, after: str):
    story = a_story(status)
    story.mail(CUSTOMER, text)
    assert story.case.status == after
