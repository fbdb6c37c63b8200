"""Words from the shell: the grammar and the rights of the mails."""

import pytest

from mailbot.decision import DeliveryReported
from mailbot.event import DeliveryFailed, MessageAdded, Visibility
from mailbot.facts import Facts
from tests.builders import ANNA, BEN, CUSTOMER, STRANGER, a_desk, a_directory, a_story, names, told


@pytest.mark.parametrize(
    ("actor", "text", "status", "reason", "notices"),
    [
        pytest.param(ANNA, "take", "In progress", "the case is yours", set(), id="a member's word"),
        pytest.param(
            BEN,
            "ask: Which?",
            "Waiting for customer",
            "the case is Waiting for customer",
            {(CUSTOMER, "question"), (ANNA, "status_changed")},
            id="a question reaches the customer",
        ),
        pytest.param(BEN, "note: hm", "In progress", "your words stay inside", {(ANNA, "note")}, id="a note stays"),
        pytest.param(
            CUSTOMER,
            "close: it went away",
            "Closed",
            "the case is closed",
            {(CUSTOMER, "closed"), (ANNA, "closed")},
            id="a customer's word",
        ),
        pytest.param(
            ANNA, "status", "In progress", "the state of the case", {(ANNA, "status_report")}, id="a question"
        ),
        pytest.param(CUSTOMER, "help", "In progress", "the answer to 'help'", {(CUSTOMER, "help")}, id="help"),
    ],
)
def test_word_runs(actor: str, text: str, status: str, reason: str, notices: set[tuple[str, str]]):
    story = a_story("In progress")
    decision = story.word(actor, text)
    assert story.case.status == status
    assert decision.reason.startswith(reason)
    assert told(decision) == notices
    assert decision.ending is None
    assert not [hit for hit in decision.hits if hit.rule == "refused"]
    assert story.folded() == story.cases


@pytest.mark.parametrize(
    ("actor", "text", "reason", "events"),
    [
        pytest.param(ANNA, "close", "closing needs a reason", ["CommandRefused"], id="a refused word"),
        pytest.param(ANNA, "fix\nstatus Open", "Fixed does not lead to Open", ["CommandRefused"], id="all or none"),
        pytest.param(ANNA, "nto", "there is no command 'nto'", ["CommandRefused"], id="a near miss"),
        pytest.param(ANNA, "ask", "'ask' needs words", ["CommandRefused"], id="a question without words"),
        pytest.param(ANNA, "hello there", "no command in 'hello there'", [], id="prose"),
        pytest.param(CUSTOMER, "hello there", "no command in 'hello there'", [], id="a customer's prose"),
        pytest.param(
            CUSTOMER, "confirm: works", "the case is In progress", ["CommandRefused"], id="a customer refused"
        ),
        pytest.param(CUSTOMER, "take", "no command in 'take'", [], id="a member's word by a customer"),
        pytest.param(STRANGER, "close", "nobody@elsewhere.test is no member of the team", [], id="a stranger"),
    ],
)
def test_word_is_refused(actor: str, text: str, reason: str, events: list[str]):
    story = a_story("In progress")
    before = story.case
    decision = story.word(actor, text)
    assert names(decision) == events
    assert decision.reason.startswith(reason)
    assert [hit.rule for hit in decision.hits] == ["refused"]
    assert decision.notices == ()
    assert (story.case.status, story.case.messages) == (before.status, before.messages)


def test_words_from_the_shell_come_from_no_mail():
    story = a_story("In progress")
    story.word(ANNA, "note: hm")
    added = story.events[1][-1]
    assert isinstance(added, MessageAdded)
    assert (added.inbox_id, added.text, added.visibility) == (0, "hm", Visibility.INTERNAL)
    assert added.proof == "claimed+session"


@pytest.mark.parametrize(
    ("template", "notices"),
    [
        pytest.param("answer", {(ANNA, "delivery_failed")}, id="who works on the case hears"),
        pytest.param("delivery_failed", set(), id="but never about such a notice itself"),
    ],
)
def test_notice_that_the_relay_refused_is_told(template: str, notices: set[tuple[str, str]]):
    story = a_story("In progress")
    cause = DeliveryReported(case=1, to=CUSTOMER, template=template, status="5.1.1", reason="no such user")
    decision = story.happens(cause, Facts(desk=a_desk(), directory=a_directory()), story.now)
    assert told(decision) == notices
    failed = story.events[1][-1]
    assert isinstance(failed, DeliveryFailed)
    assert (failed.to, failed.status) == (CUSTOMER, "5.1.1")


def test_assignee_is_not_told_of_a_notice_that_did_not_reach_them():
    story = a_story("In progress")
    cause = DeliveryReported(case=1, to=ANNA, template="answer", status="5.1.1", reason="no such user")
    assert told(story.happens(cause, Facts(desk=a_desk(), directory=a_directory()), story.now)) == set()
