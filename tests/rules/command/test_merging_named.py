"""A merged case that is named by its number: what may still be said of it."""

import pytest

from mailbot.decision import MailArrived
from mailbot.event import CommandRefused, MessageAdded
from mailbot.facts import ThreadKeys
from tests.builders import ANNA, CUSTOMER, SESSION, Story, a_mail, an_envelope, facts, told


def merged() -> Story:
    """HD-2 goes on in HD-1."""
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.", case=1)
    story.mail(CUSTOMER, "Smoke comes out of the printer.", case=2, subject="Smoke")
    for number in (1, 2):
        story.mail(ANNA, "take", case=number)
    story.mail(ANNA, "merge HD-1", case=2)
    return story


def to_the_desk(story: Story, text: str) -> list[str]:
    """Anna writes to the desk, in answer to nothing. Returns what was refused, and why."""
    both = facts(*story.cases.values(), sender=ANNA, proofs=SESSION, keys=ThreadKeys(spoken=(1, 2)))
    story.happens(MailArrived(mail=a_mail(text, sender=ANNA), envelope=an_envelope(), inbox_id=9), both, story.now)
    receipts = [n.data["lines"] for n in story.last.notices if n.template == "command_result"]
    return [str(line["said"]) for lines in receipts for line in lines if not line["ok"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("HD-2 cc add jaan@customer.test", id="somebody who would hear nothing"),
        pytest.param("HD-2 priority P1", id="a priority"),
        pytest.param("HD-2 note: the cable", id="a note"),
        pytest.param("HD-2 merge HD-1", id="another merge"),
        pytest.param("HD-2 status\nThe cable is being changed.", id="words below a question"),
        pytest.param("HD-2 unmerge HD-2\nHD-2 priority P1", id="a command below unmerge"),
        pytest.param("HD-1 priority P1\nHD-2 tag: red", id="beside a line for the case where it goes on"),
    ],
)
def test_what_is_for_the_other_case_is_refused_and_leads_there(text: str):
    story = merged()
    before = [(case.priority, case.watchers, case.tags, case.status) for case in story.cases.values()]
    (reason,) = to_the_desk(story, text)
    assert "HD-2 goes on in HD-1" in reason
    assert [(case.priority, case.watchers, case.tags, case.status) for case in story.cases.values()] == before
    assert {to for to, _ in told(story.last)} == {ANNA}
    assert not [one.event for one in story.last.happened if isinstance(one.event, MessageAdded)]
    assert story.folded() == story.cases


@pytest.mark.parametrize(
    ("text", "template"),
    [
        pytest.param("HD-2 status", "status_report", id="status"),
        pytest.param("HD-2 why", "why", id="why"),
        pytest.param("HD-2 unmerge HD-2", "command_result", id="unmerge"),
        pytest.param("HD-2 undo", "command_result", id="undo"),
    ],
)
def test_questions_and_what_takes_the_merge_back_are_answered(text: str, template: str):
    story = merged()
    assert to_the_desk(story, text) == []
    assert (ANNA, template) in told(story.last)
    assert not [one.event for one in story.last.happened if isinstance(one.event, CommandRefused)]
