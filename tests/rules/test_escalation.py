"""`escalate` by those who work on the case: who is called."""

import pytest

from mailbot.event import Escalated
from tests.builders import ANNA, CUSTOMER, LEA, a_story


@pytest.mark.parametrize(
    ("who", "called"),
    [
        pytest.param(CUSTOMER, {LEA, ANNA}, id="the-customer"),
        pytest.param(ANNA, {LEA}, id="who-has-the-case"),
        pytest.param(LEA, {ANNA}, id="the-lead-calls-nobody-but-who-has-the-case"),
    ],
)
def test_nobody_is_told_of_their_own_escalation(who: str, called: set[str]):
    story = a_story("In progress")
    decision = story.mail(who, "escalate: he is angry")
    assert {notice.to for notice in decision.notices if notice.template == "escalated"} == called
    assert [h.event.to for h in decision.happened if isinstance(h.event, Escalated)] == [LEA]
