"""Dangerous lines for several cases in a mail to the desk wait for one word too, and then run all, or none."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, Ending, MailArrived, Notice
from mailbot.event import CommandRefused, CommandsTried, MessageAdded, Visibility
from mailbot.facts import Facts, Found, ThreadKeys, Token
from mailbot.mail import Mail, Mailbox
from mailbot.people import SUFFICIENT, Needs, Proof
from tests.builders import (
    ANNA,
    CUSTOMER,
    SESSION,
    VERIFIED,
    Story,
    a_desk,
    a_mail,
    a_story,
    a_token,
    an_attachment,
    an_envelope,
    changed,
    modera,
    names,
    told,
    who,
)

FRIEND = "friend@customer.test"
#: Verified, at the own address of the desk: enough for commands, not for who sees a case.
BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})
TEXT = f"HD-1 note: he is not at home\nHD-2 cc add {FRIEND}"


@pytest.fixture
def story() -> Story:
    """Two cases of one customer."""
    story = a_story("In progress")
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    return story


def to_the_desk(story: Story, said: str = TEXT, **keys: Any) -> Decision:
    """Anna writes lines for several cases to the desk, without a log-in."""
    return _arrives(story, said, number=77, **keys)


def says_yes(story: Story, question: Notice, said: str = TEXT, **keys: Any) -> Decision:
    """Anna answers the question with the single word."""
    token = replace(a_token(question.case or 0, ANNA, visibility=question.reply), mark=question.mark)
    waits = a_mail(said, sender=ANNA, **keys)
    return _arrives(story, "yes", number=78, proofs=VERIFIED, tokens=(token,), waits=waits)


def _arrives(story: Story, said: str, *, number: int, proofs: Any = BOUND, **keys: Any) -> Decision:
    tokens: tuple[Token, ...] = keys.pop("tokens", ())
    waits: Mail | None = keys.pop("waits", None)
    given = Facts(
        desk=story.desk,
        directory=story.directory,
        proofs=proofs,
        principal=who(ANNA),
        found=Found(cases=dict(story.cases)),
        keys=ThreadKeys(tokens=tokens, tagged=tokens),
        next_number=3,
        parked={77: waits} if waits else {},
    )
    mail = a_mail(said, sender=ANNA, subject="today", **keys)
    cause = MailArrived(mail=mail, envelope=an_envelope(), inbox_id=number)
    return story.happens(cause, given, story.now)


def question_of(decision: Decision) -> Notice:
    (question,) = [notice for notice in decision.notices if notice.template == "confirm_command"]
    return question


def test_they_wait_and_their_sender_is_asked_with_all_of_them(story: Story):
    before = dict(story.cases)
    decision = to_the_desk(story)
    question = question_of(decision)
    assert told(decision) == {(ANNA, "confirm_command")}
    assert question.data["lines"] == TEXT.split("\n")
    assert (decision.ending, question.case, names(decision)) == (Ending.THREADED, 1, ["CommandsParked"])
    assert (story.cases[1].watchers, story.cases[2]) == ((), before[2])


def test_at_the_yes_all_of_them_run_and_the_note_stays_inside(story: Story):
    decision = says_yes(story, question_of(to_the_desk(story)))
    assert story.cases[2].watchers == (FRIEND,)
    (note,) = [h.event for h in decision.happened if isinstance(h.event, MessageAdded)]
    assert (note.text, note.visibility) == ("he is not at home", Visibility.INTERNAL)
    assert told(decision) == {(ANNA, "command_result"), (FRIEND, "joined")}
    assert not story.cases[1].parked
    assert story.folded() == story.cases


def test_words_for_a_customer_behind_their_line_go_out_at_the_yes(story: Story):
    text = f"HD-2 cc add {FRIEND}\nHD-1 ask: Which printer is it?\nHD-2 note: his brother"
    decision = says_yes(story, question_of(to_the_desk(story, text)), text)
    assert (CUSTOMER, "question") in told(decision)
    assert [notice.words for notice in decision.notices if notice.to == CUSTOMER] == ["Which printer is it?"]


def test_a_picture_in_it_goes_to_nobody_and_whom_it_was_copied_to_hears_of_nothing():
    story = a_story("In progress", process=changed(modera(), cc_joins=True))
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    text = f"HD-1 ask: Which printer is it?\nHD-2 cc add {FRIEND}"
    copied = {"cc": (Mailbox(address="boss@customer.test"),), "attachments": (an_attachment("logo.png"),)}
    question = question_of(to_the_desk(story, text, **copied))
    assert question.data["left_out"] == ["logo.png"]
    decision = says_yes(story, question, text, **copied)
    assert {notice.to for notice in decision.notices} == {ANNA, CUSTOMER, FRIEND}
    assert [notice.carried for notice in decision.notices if notice.carried] == []
    assert (story.cases[1].watchers, story.cases[2].watchers) == ((), (FRIEND,))


def test_what_became_impossible_meanwhile_stops_all_at_the_yes(story: Story):
    question = question_of(to_the_desk(story, f"HD-1 take\nHD-2 cc add {FRIEND}\nHD-2 close: done"))
    story.mail(ANNA, "close: done", case=2)
    before = story.cases[2]
    says_yes(story, question, f"HD-1 take\nHD-2 cc add {FRIEND}\nHD-2 close: done")
    assert story.cases[2] == before


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param(f"HD-1 cc add {FRIEND}\nHD-2 close", "closing needs a reason", id="a refused command"),
        pytest.param(f"HD-1 cc add {FRIEND}\nHD-9 take", "there is no case HD-9", id="no such case"),
        pytest.param(f"HD-1 cc add {FRIEND}\nHD-2 take\n\nPlease look at it.", "for which case are these", id="words"),
        pytest.param(f"HD-1 cc add {FRIEND}\nHD-2 take\ntake", "names no case", id="a line without a number"),
    ],
)
def test_what_would_be_refused_is_refused_at_once_and_nobody_is_asked(story: Story, said: str, why: str):
    before = dict(story.cases)
    decision = to_the_desk(story, said)
    assert told(decision) == {(ANNA, "command_result")}
    assert why in next(h.event for h in decision.happened if isinstance(h.event, CommandRefused)).reason
    assert story.cases == before


@pytest.mark.parametrize(
    ("said", "proofs"),
    [
        pytest.param("HD-1 note: he is not at home\nHD-2 take", BOUND, id="nothing dangerous"),
        pytest.param(TEXT, SESSION, id="logged in"),
    ],
)
def test_without_need_nobody_is_asked(story: Story, said: str, proofs: frozenset[Proof]):
    assert (ANNA, "command_result") in told(to_the_desk(story, said, proofs=proofs))


def test_where_only_the_shell_may_do_it_they_are_refused():
    story = a_story("In progress", desk=a_desk(needs={**SUFFICIENT, Needs.DANGEROUS: ()}))
    story.mail(CUSTOMER, "The lamp is dark.", case=2, subject="Lamp")
    decision = to_the_desk(story)
    assert told(decision) == {(ANNA, "command_result")}
    assert story.cases[2].watchers == ()


def test_a_dry_run_of_them_asks_nobody(story: Story):
    decision = to_the_desk(story, f"dry-run\n{TEXT}")
    assert told(decision) == {(ANNA, "command_result")}
    assert not [h for h in decision.happened if isinstance(h.event, CommandsTried)]
