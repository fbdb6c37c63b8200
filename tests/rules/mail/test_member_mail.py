"""What a member's mail does: answers, notes, commands, and what must not leave."""

from dataclasses import replace

import pytest

from mailbot.decision import Ending
from mailbot.event import CommandRefused, MessageAdded, Visibility
from mailbot.people import Proof
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    LEA,
    MAX,
    Story,
    a_story,
    an_attachment,
    changed,
    modera,
    names,
    to_customers,
    told,
)


def visibilities(story: Story) -> list[Visibility]:
    return [h.event.visibility for h in story.last.happened if isinstance(h.event, MessageAdded)]


@pytest.mark.parametrize(
    ("status", "text", "after", "notices"),
    [
        pytest.param("In progress", "It is the cable.", "In progress", {(CUSTOMER, "answer")}, id="an answer"),
        pytest.param(
            "In progress",
            "ask: Which one?",
            "Waiting for customer",
            {(CUSTOMER, "question"), (ANNA, "command_result")},
            id="a question behind the colon",
        ),
        pytest.param(
            "In progress",
            "ask\nWhich one?",
            "Waiting for customer",
            {(CUSTOMER, "question"), (ANNA, "command_result")},
            id="a question below the word",
        ),
        pytest.param(
            "In progress", "fix", "Fixed", {(CUSTOMER, "fixed"), (ANNA, "command_result")}, id="fixed without words"
        ),
        pytest.param(
            "Waiting for customer",
            "ask: And its number?",
            "Waiting for customer",
            {(CUSTOMER, "question"), (ANNA, "command_result")},
            id="a second question",
        ),
        pytest.param(
            "In progress", "close: Duplicate", "Closed", {(CUSTOMER, "closed"), (ANNA, "command_result")}, id="closed"
        ),
        pytest.param(
            "Fixed", "reopen", "In progress", {(CUSTOMER, "reopened"), (ANNA, "command_result")}, id="reopened"
        ),
        pytest.param(
            "In progress",
            "status Waiting for customer",
            "Waiting for customer",
            {(CUSTOMER, "status_changed"), (ANNA, "command_result")},
            id="a status by name",
        ),
        pytest.param("In progress", "status", "In progress", {(ANNA, "status_report")}, id="the state asked for"),
        pytest.param("In progress", "help type", "In progress", {(ANNA, "help")}, id="help asked for"),
        pytest.param(
            "In progress",
            "status\nfix",
            "Fixed",
            {(ANNA, "status_report"), (ANNA, "command_result"), (CUSTOMER, "fixed")},
            id="a question and a command are both answered",
        ),
        pytest.param("In progress", "priority P1", "In progress", {(ANNA, "command_result")}, id="triage"),
        pytest.param(
            "In progress",
            "Best regards, Anna",
            "In progress",
            {(ANNA, "command_result")},
            id="a sign-off alone is no message, and is told so",
        ),
        pytest.param("In progress", "", "In progress", set(), id="nothing at all"),
        pytest.param("In progress", "note: they owe us money", "In progress", {(ANNA, "command_result")}, id="a note"),
        pytest.param(
            "In progress",
            f"assign {MAX}",
            "In progress",
            {(ANNA, "command_result"), (MAX, "assigned")},
            id="handed to a colleague",
        ),
    ],
)
def test_mail_of_the_assignee_does_and_tells(status: str, text: str, after: str, notices: set[tuple[str, str]]):
    story = a_story(status)
    decision = story.mail(ANNA, text)
    assert story.case.status == after
    assert told(decision) == notices
    assert decision.ending is (Ending.THREADED if notices else Ending.IGNORED)


def test_answer_goes_on_with_its_attachments_and_as_a_persons_own_words():
    story = a_story("In progress")
    decision = story.mail(ANNA, "Please look.", attachments=(an_attachment(),))
    (answer,) = to_customers(decision.notices)
    assert (answer.words, answer.author, answer.auto_submitted) == ("Please look.", ANNA, "no")
    assert [(c.inbox_id, c.name) for c in answer.carried] == [(7, "photo.png")]


def test_attachment_alone_goes_on():
    story = a_story("In progress")
    decision = story.mail(ANNA, "", attachments=(an_attachment(),))
    assert told(decision) == {(CUSTOMER, "answer")}


def test_words_below_a_command_go_out_once_with_the_notice_of_the_change():
    story = a_story("In progress")
    decision = story.mail(ANNA, "fix\npriority P4\n\nIt was the cable.\nBest regards")
    (notice,) = to_customers(decision.notices)
    assert notice.template == "fixed"
    assert notice.words == "It was the cable.\nBest regards"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("note: they owe us money", id="behind the colon"),
        pytest.param("note\nthey owe us money", id="below the word"),
        pytest.param("they owe us money\n#note", id="with a sigil at the end"),
        pytest.param("note: they owe us money\nfix", id="together with a change that the customer hears of"),
    ],
)
def test_note_stays_inside_and_colleagues_hear_it(text: str):
    story = a_story("In progress")
    decision = story.mail(BEN, text)
    assert visibilities(story) == [Visibility.INTERNAL]
    assert all("owe us" not in notice.words for notice in to_customers(decision.notices))
    (note,) = [n for n in decision.notices if n.template == "note"]
    assert (note.to, note.words, note.reply) == (ANNA, "they owe us money", Visibility.INTERNAL)


def test_answer_to_an_internal_notice_stays_internal_whatever_it_says():
    story = a_story("In progress")
    decision = story.mail(BEN, "fix\nThey owe us money.", reply=Visibility.INTERNAL)
    assert visibilities(story) == [Visibility.INTERNAL]
    assert [n.words for n in to_customers(decision.notices)] == [""]
    assert story.case.assignee == ANNA


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param("ask: Which one?", Visibility.INTERNAL, id="in an answer to an internal notice"),
        pytest.param("note\nask: Which one?", Visibility.PUBLIC, id="together with note"),
    ],
)
def test_question_whose_words_stay_inside_is_refused(text: str, reply: Visibility):
    story = a_story("In progress")
    decision = story.mail(ANNA, text, reply=reply)
    assert names(decision) == ["CommandRefused"]
    (refused,) = [h.event for h in decision.happened if isinstance(h.event, CommandRefused)]
    assert refused.reason.endswith("but the words of this mail stay inside the team")
    assert refused.text == "", "what stays inside is not kept for `send as is`"
    assert told(decision) == {(ANNA, "command_result")}


def test_question_without_words_is_refused():
    story = a_story("In progress")
    decision = story.mail(ANNA, "ask")
    assert names(decision) == ["CommandRefused"]
    assert story.case.status == "In progress"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        pytest.param("It is the cable.", True, id="an answer takes"),
        pytest.param("fix", True, id="a company's own word takes"),
        pytest.param("ask: Which one?", True, id="a question takes"),
        pytest.param("note: looks bad", False, id="a note takes nothing"),
        pytest.param("priority P1", False, id="triage takes nothing"),
        pytest.param("status", False, id="asking takes nothing"),
        pytest.param("Hello", False, id="a greeting takes nothing"),
    ],
)
def test_answer_to_a_case_that_nobody_has_takes_it(text: str, taken: bool):
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, text)
    assert (story.case.assignee == ANNA) is taken
    clock = story.case.clocks[0]
    assert (clock.met_at is not None) is taken


def test_one_key_switches_off_that_an_answer_takes():
    story = Story(process=changed(modera(), answer_takes=False))
    story.mail(CUSTOMER, "The printer is on fire.")
    decision = story.mail(ANNA, "It is the cable.")
    assert story.case.assignee == ""
    assert (CUSTOMER, "answer") in told(decision)


def test_answer_to_a_case_of_a_team_takes_it():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(LEA, "assign second line")
    assert (BEN, "assigned") in told(story.last)
    assert story.case.picked_up_at is None
    story.mail(BEN, "It is the cable.")
    assert (story.case.assignee, story.case.status) == (BEN, "In progress")


def test_answer_in_an_answered_case_leaves_its_assignee():
    story = a_story("In progress")
    decision = story.mail(BEN, "It is the cable.")
    assert story.case.assignee == ANNA
    assert told(decision) == {(CUSTOMER, "answer"), (ANNA, "answer")}


def test_answer_beside_assign_does_not_take():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(ANNA, f"assign {BEN}\nBen will help you.")
    assert story.case.assignee == BEN


def test_answer_to_a_closed_case_takes_nothing_and_goes_out():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(CUSTOMER, "close")
    decision = story.mail(ANNA, "Glad to hear it.")
    assert story.case.assignee == ""
    assert names(decision) == ["MessageAdded"]
    assert told(decision) == {(CUSTOMER, "answer"), (BEN, "answer"), (LEA, "answer")}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nto\nThey owe us money", id="a near miss"),
        pytest.param("fix\n#urgent\nIt was the cable", id="an unknown word with a sigil"),
        pytest.param("reopen\nfix\nIt was the cable", id="a word that the status does not allow"),
        pytest.param("take\nstatus Open\nIt was the cable", id="a status that the flow does not have"),
    ],
)
def test_refused_mail_does_nothing_and_its_text_comes_back(text: str):
    story = a_story("In progress")
    before = story.case
    decision = story.mail(BEN, text)
    assert set(names(decision)) == {"CommandRefused"}
    assert told(decision) == {(BEN, "command_result")}
    (receipt,) = decision.notices
    assert receipt.data["refused"]
    assert receipt.data["text"] == text
    assert (story.case.status, story.case.assignee, story.case.messages) == (
        before.status,
        before.assignee,
        before.messages,
    )


def test_lines_that_a_receipt_gave_back_are_the_authors_own():
    story = a_story("In progress")
    story.mail(ANNA, "nto\nWe send you a new cable tomorrow.")
    story.internal_lines = frozenset({"we send you a new cable tomorrow"})
    assert story.mail(ANNA, "We send you a new cable tomorrow.").ending is Ending.THREADED
    assert story.mail(BEN, "We send you a new cable tomorrow.").ending is Ending.HELD


@pytest.mark.parametrize(
    ("line", "admitted"),
    [
        pytest.param("#The customer owes us nine invoices", False, id="a line that is no command"),
        pytest.param("The customer owes us nine invoices", True, id="a mail that a colleague let in"),
    ],
)
def test_an_internal_line_does_not_become_ones_own_by_a_refusal(line: str, admitted: bool):
    story = a_story("In progress")
    story.internal_lines = frozenset({"the customer owes us nine invoices"})
    assert "CommandRefused" in names(story.mail(ANNA, f"#nto\n{line}", admitted=admitted))
    assert to_customers(story.mail(ANNA, "send as is").notices) == []
    assert story.mail(ANNA, "Dear Mari\nThe customer owes us nine invoices").ending is Ending.HELD


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("See below.\nThe customer owes us nine invoices", id="a whole line"),
        pytest.param("See below.\nowes us nine invoices", id="a part of a line"),
        pytest.param("See below.\nThe customer owes\nus nine invoices", id="a line wrapped anew"),
        pytest.param("See below.\n>The customer owes us nine\ninvoices", id="a quote that was broken in two"),
    ],
)
def test_mail_in_which_a_line_of_an_internal_notice_survives_is_held(text: str):
    story = a_story("In progress")
    story.internal_lines = frozenset({"the customer owes us nine invoices"})
    decision = story.mail(ANNA, text)
    assert decision.ending is Ending.HELD
    assert names(decision) == ["MailHeld"]
    assert told(decision) == {(ANNA, "held")}
    assert decision.reason.startswith("unclear: a line of an internal notice stands in it")


@pytest.mark.parametrize(
    "text",
    [
        "Hi Mari,\n\nRestart it.\n\nBest regards\nAnna",
        "Hello,\n\nreset it",
        "Dear Mari, restart it.",
        "Tere Mari,\n\nproovi uuesti\n\nAnna",
        "Liebe Mari,\n\nNeustart hilft\n\nAnna",
        "Chère Mari, réessayez.",
        "Estimada Mari, reinicie.",
    ],
)
def test_few_words_below_a_greeting_go_to_the_customer(text: str):
    decision = a_story("In progress").mail(ANNA, text)
    assert [notice.words for notice in decision.notices if notice.to == CUSTOMER] == [text]


def test_what_was_taken_for_a_greeting_can_be_sent_as_it_is():
    story = a_story("In progress")
    (notice,) = story.mail(ANNA, "Hi Mari").notices
    assert notice.data["refused"]
    sent = [one.words for one in story.mail(ANNA, "send as is").notices if one.to == CUSTOMER]
    assert sent == ["Hi Mari"]


def test_courtesy_is_nobodys_secret():
    story = a_story("In progress")
    story.internal_lines = frozenset({"best regards anna agent"})
    assert story.mail(ANNA, "It is the cable.\nBest regards\nAnna Agent").ending is Ending.THREADED


def test_internal_line_may_stand_in_a_note():
    story = a_story("In progress")
    story.internal_lines = frozenset({"the customer owes us nine invoices"})
    assert story.mail(ANNA, "note\nThe customer owes us nine invoices").ending is Ending.THREADED


def test_mail_with_nothing_above_the_quote_is_held():
    story = a_story("In progress")
    decision = story.mail(ANNA, "", text="##- Please write above this line\nold", new_text="##- Please write\nold")
    assert decision.ending is Ending.HELD
    assert "no words of yours" in decision.reason


def test_empty_mail_does_nothing():
    story = a_story("In progress")
    decision = story.mail(ANNA, "")
    assert (names(decision), told(decision), decision.ending) == (["MailIgnored"], set(), Ending.IGNORED)


def test_admitted_mail_goes_out_whatever_it_says():
    story = a_story("In progress")
    story.internal_lines = frozenset({"the customer owes us nine invoices"})
    decision = story.mail(ANNA, "The customer owes us nine invoices", admitted=True, proofs=frozenset({Proof.CLAIMED}))
    assert told(decision) == {(CUSTOMER, "answer")}


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        pytest.param("help", {(ANNA, "help")}, id="help alone is answered"),
        pytest.param("Hello?", {(ANNA, "held")}, id="prose"),
        pytest.param("take", {(ANNA, "held")}, id="a command that names no case"),
        pytest.param("hlep", {(ANNA, "command_result")}, id="a near miss"),
        pytest.param("for kai", {(ANNA, "command_result")}, id="on behalf of nobody"),
        pytest.param("help\nHow do I do that?", {(ANNA, "held")}, id="help with prose"),
    ],
)
def test_mail_that_answers_nothing_opens_nothing(text: str, notices: set[tuple[str, str]]):
    story = Story()
    decision = story.mail(ANNA, text)
    assert told(decision) == notices
    assert story.cases == {}
    answered = {"help", "command_result"} >= {template for _, template in notices}
    assert decision.ending is (Ending.IGNORED if answered else Ending.HELD)


def test_mail_to_which_a_notice_of_ours_is_attached_is_held():
    story = a_story("In progress")
    ours = replace(an_attachment("notice.eml"), ours=True)
    decision = story.mail(ANNA, "See attached.", attachments=(ours,))
    assert decision.reason == "unclear: a notice of ours is attached to it (notice.eml)"
    assert told(decision) == {(ANNA, "held")}
