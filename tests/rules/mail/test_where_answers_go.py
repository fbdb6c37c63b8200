"""Where a member's answer goes: that is said by the notice that is answered, not by older ones in its thread."""

import pytest

from mailbot.decision import MailArrived
from mailbot.event import MessageAdded, Visibility
from mailbot.facts import Facts, Found, ThreadKeys
from mailbot.people import Proof
from tests.builders import ANNA, a_mail, a_story, a_token, an_envelope, who


@pytest.mark.parametrize(
    ("answered", "older", "kept"),
    [
        pytest.param(Visibility.PUBLIC, Visibility.INTERNAL, Visibility.PUBLIC, id="an internal notice is older"),
        pytest.param(Visibility.INTERNAL, Visibility.PUBLIC, Visibility.INTERNAL, id="an internal notice is answered"),
    ],
)
@pytest.mark.parametrize("with_address", [True, False], ids=["to its reply address", "to the desk"])
def test_it_is_the_notice_that_is_answered_which_says_where_an_answer_goes(
    answered: Visibility, older: Visibility, kept: Visibility, with_address: bool
):
    story = a_story("In progress")
    tags = tuple(a_token(1, ANNA, visibility=one) for one in (answered, older))
    case = story.cases[1]
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=frozenset({Proof.CLAIMED, Proof.SESSION}),
        principal=who(ANNA),
        found=Found(cases={1: case}),
        keys=ThreadKeys(tokens=tags[:1] if with_address else (), tagged=tags),
    )
    cause = MailArrived(mail=a_mail("It is the cable.", sender=ANNA), envelope=an_envelope(story.now), inbox_id=99)
    decision = story.happens(cause, given, story.now)
    assert [h.event.visibility for h in decision.happened if isinstance(h.event, MessageAdded)] == [kept]
