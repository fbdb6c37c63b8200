"""Who hears of a case and what it is called: `handover`, `cc`, `requester`, `unwatch`, `subject`, `tag`."""

import pytest

from mailbot.decision import Decision, Ending
from mailbot.event import CommandRefused, MessageAdded, Visibility
from mailbot.people import Proof
from mailbot.rules.identity.token import mark
from tests.builders import ANNA, BEN, CUSTOMER, DESK, LEA, Story, a_story, told
from tests.rules.mail.test_click import click

FRIEND = "friend@customer.test"
LOGGED_IN = frozenset({Proof.CLAIMED, Proof.SESSION})
BOUND = frozenset({Proof.CLAIMED, Proof.VERIFIED, Proof.TOKEN})


def said(decision: Decision) -> str:
    """What the receipt says of the first line."""
    (receipt,) = [notice for notice in decision.notices if notice.template == "command_result"]
    lines = receipt.data["lines"]
    assert isinstance(lines, list)
    return str(lines[0]["said"])


def refusal(story: Story) -> str:
    (refused,) = [h.event for h in story.last.happened if isinstance(h.event, CommandRefused)]
    return refused.reason


def a_watched_story() -> Story:
    story = a_story("In progress")
    story.mail(ANNA, f"cc add {FRIEND}", proofs=LOGGED_IN)
    return story


def test_somebody_added_is_greeted_and_hears_of_the_case_from_then_on():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"cc add {FRIEND.upper()}", proofs=LOGGED_IN)
    assert story.case.watchers == (FRIEND,)
    assert told(decision) == {(FRIEND, "joined"), (ANNA, "command_result")}
    assert told(story.mail(ANNA, "It is the cable.")) == {(CUSTOMER, "answer"), (FRIEND, "answer")}


@pytest.mark.parametrize("status", ["In progress", "Fixed", "Closed"])
@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "Unsubscribe",
        "Hello,\n\nplease remove me from this case.\n\nThank you\nFriend",
        "Please don't send me any more emails.",
        "Bitte melden Sie mich von diesem Vorgang ab.",
        "Bitte keine weiteren Mails mehr",
        "Palun eemaldage mind sellest nimekirjast.",
        "Palun ärge saatke mulle enam kirju",
        "Merci de me retirer de cette liste.",
        "Désabonnez-moi",
        "Por favor, denme de baja.",
        "No me envíen más correos, gracias",
    ],
)
def test_who_was_added_may_leave_in_plain_words_and_nothing_else_happens(status: str, text: str):
    story = a_watched_story()
    story.mail(ANNA, {"In progress": "note: x", "Fixed": "fix", "Closed": "close: x"}[status])
    decision = story.mail(FRIEND, text)
    assert (story.case.watchers, story.case.status) == ((), status)
    assert told(decision) == {(FRIEND, "command_result")}


@pytest.mark.parametrize("text", ["", "This message was written by a mail program."])
def test_mail_programs_of_who_was_added_take_them_out_once(text: str):
    story = a_watched_story()
    story.mail(ANNA, "fix")
    decision = click(story, FRIEND, mark("unwatch"), text=text)
    assert (story.case.watchers, story.case.status, said(decision)) == ((), "Fixed", "you hear no more of this case")
    assert said(click(story, CUSTOMER, mark("unwatch"))).startswith("that is done already")


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        pytest.param(CUSTOMER, "Unsubscribe", id="the requester's own case"),
        pytest.param(FRIEND, "The unsubscribe link is broken.", id="something said of it"),
        pytest.param(FRIEND, "Do not unsubscribe me.", id="the contrary"),
        pytest.param(FRIEND, "Please remove me from this case.\n" + "It is about the printer. " * 8, id="a long mail"),
    ],
)
def test_words_of_leaving_mean_something_else_otherwise(sender: str, text: str):
    story = a_watched_story()
    story.mail(sender, text)
    assert story.case.watchers == (FRIEND,)


def test_who_was_added_takes_part_and_may_leave_by_a_word():
    story = a_watched_story()
    story.mail(FRIEND, "It smokes again.")
    assert [h.event.sender for h in story.last.happened if isinstance(h.event, MessageAdded)] == [FRIEND]
    story.mail(FRIEND, "unwatch")
    assert story.case.watchers == ()
    assert told(story.mail(ANNA, "It is the cable.")) == {(CUSTOMER, "answer")}


@pytest.mark.parametrize(
    ("text", "more", "lines"),
    [
        pytest.param("unwatch", set(), ["unwatch"], id="alone"),
        pytest.param("status\nunwatch", {(FRIEND, "status_report")}, ["unwatch"], id="beside-a-question"),
        pytest.param(
            "unwatch\nclose", {(CUSTOMER, "closed"), (ANNA, "closed")}, ["unwatch", "close"], id="beside-more"
        ),
    ],
)
def test_who_leaves_gets_one_last_receipt_and_nobody_else_does(text: str, more: set[tuple[str, str]], lines: list[str]):
    story = a_watched_story()
    decision = story.mail(FRIEND, text)
    assert told(decision) == {(FRIEND, "command_result")} | more
    (receipt,) = [notice for notice in decision.notices if notice.template == "command_result"]
    told_of = receipt.data["lines"]
    assert isinstance(told_of, list)
    assert [line["line"] for line in told_of] == lines
    assert "you hear no more of this case" in {line["said"] for line in told_of}


def test_who_leaves_by_a_mail_that_asks_for_no_answer_gets_none():
    assert told(a_watched_story().mail(FRIEND, "unwatch", answerable=False)) == set()


@pytest.mark.parametrize("line", [f"cc remove {FRIEND}", f"requester {FRIEND}"])
def test_an_old_reply_address_opens_no_case_to_who_has_left_it(line: str):
    story = a_watched_story()
    left = FRIEND if line.startswith("cc") else CUSTOMER
    story.mail(ANNA, line, proofs=LOGGED_IN)
    decision = story.mail(left, "status", subject="How far is it?")
    assert decision.ending is Ending.NEW
    assert [notice.case for notice in decision.notices if notice.to == left] == [2]


def test_the_requester_cannot_leave_the_own_case():
    story = a_watched_story()
    story.mail(CUSTOMER, "unwatch")
    assert "your own case" in refusal(story)
    assert story.case.watchers == (FRIEND,)


def test_who_is_taken_out_hears_no_more():
    story = a_watched_story()
    decision = story.mail(ANNA, f"cc remove {FRIEND}", proofs=LOGGED_IN)
    assert story.case.watchers == ()
    assert told(decision) == {(ANNA, "command_result")}


def test_another_requester_hears_of_the_case_and_the_former_does_not():
    story = a_watched_story()
    decision = story.mail(ANNA, f"requester {FRIEND}", proofs=LOGGED_IN)
    assert (story.case.requester, story.case.watchers) == (FRIEND, ())
    assert CUSTOMER not in {to for to, _ in told(decision)}
    assert told(story.mail(ANNA, "It is the cable.")) == {(FRIEND, "answer")}


def test_a_requester_who_was_nobody_in_the_case_is_greeted():
    decision = a_story("In progress").mail(ANNA, f"requester {FRIEND}", proofs=LOGGED_IN)
    assert (FRIEND, "joined") in told(decision)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(f"cc add {BEN}", "a member of the team", id="a colleague"),
        pytest.param(f"cc add {DESK}", "the desk's own address", id="the desk"),
        pytest.param("cc add support+abc@example.com", "the desk's own address", id="an address below the desk's"),
        pytest.param("requester support+abc@example.com", "the desk's own address", id="one as requester"),
        pytest.param(f"cc remove {FRIEND}", "does not hear", id="somebody who was not there"),
        pytest.param(f"requester {LEA}", "a member of the team", id="a colleague as requester"),
        pytest.param("cc drop him@customer.test", "'cc' does not take", id="another verb"),
        pytest.param("requester nobody@", "'requester' does not take", id="no address"),
        pytest.param("subject:", "behind a colon", id="no subject"),
        pytest.param(f"subject: {'x' * 151}", "150 characters", id="a long subject"),
        pytest.param("tag:", "behind a colon", id="no tag"),
        pytest.param("tag: a/b", "is no tag", id="an odd tag"),
        pytest.param(f"tag: {' '.join(f't{n}' for n in range(21))}", "20 tags", id="too many tags"),
        pytest.param("handover second line", "'handover' does not take", id="a case is handed to a person"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(text: str, reason: str):
    story = a_story("In progress")
    before = story.case.requester, story.case.watchers, story.case.subject, story.case.tags, story.case.assignee
    story.mail(ANNA, text, proofs=LOGGED_IN)
    assert reason in refusal(story)
    assert before == (
        story.case.requester,
        story.case.watchers,
        story.case.subject,
        story.case.tags,
        story.case.assignee,
    )


def test_a_case_has_so_many_watchers():
    story = a_story("In progress")
    for number in range(20):
        story.mail(ANNA, f"cc add f{number}@customer.test", proofs=LOGGED_IN)
    story.mail(ANNA, f"cc add {FRIEND}", proofs=LOGGED_IN)
    assert "20 people" in refusal(story)


@pytest.mark.parametrize("text", [f"cc add {FRIEND}", f"requester {FRIEND}"])
def test_who_sees_a_case_is_not_changed_before_its_sender_said_yes(text: str):
    story = a_story("In progress")
    decision = story.mail(ANNA, text, proofs=BOUND)
    assert told(decision) == {(ANNA, "confirm_command")}
    assert (story.case.requester, story.case.watchers) == (CUSTOMER, ())


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(f"cc add {FRIEND}", "hears of the case already", id="cc"),
        pytest.param(f"requester {FRIEND}", "already", id="requester"),
        pytest.param("subject: Fire", "that is the subject already", id="subject"),
        pytest.param("tag: fire", "as they were", id="tag"),
    ],
)
def test_what_is_so_already_is_no_fault(first: str, again: str):
    story = a_story("In progress")
    story.mail(ANNA, first, proofs=LOGGED_IN)
    assert again in said(story.mail(ANNA, first, proofs=LOGGED_IN))


def test_a_subject_is_the_case_s_from_then_on():
    story = a_story("In progress")
    assert "subject: Printer" in str(story.mail(ANNA, "subject:  Fire on\tfloor 2").notices)
    assert story.case.subject == "Fire on floor 2"


def test_tags_come_and_go_and_no_customer_hears_of_them():
    story = a_story("In progress")
    decision = story.mail(ANNA, "tag: Printer, floor-2")
    assert told(decision) == {(ANNA, "command_result")}
    decision = story.mail(ANNA, "tag: -printer fire")
    assert story.case.tags == ("floor-2", "fire")
    assert "tag: -fire, printer" in str(decision.notices)


def test_the_last_tag_may_go():
    story = a_story("In progress")
    story.mail(ANNA, "tag: printer")
    assert said(story.mail(ANNA, "tag: -printer")) == "the tags are none"


def test_a_case_is_handed_over_with_words_that_stay_inside():
    story = a_story("In progress")
    decision = story.mail(ANNA, f"handover {BEN}\n\nShe rings every week.")
    assert story.case.assignee == BEN
    (added,) = [h.event for h in decision.happened if isinstance(h.event, MessageAdded)]
    assert added.visibility is Visibility.INTERNAL
    assert told(decision) == {(BEN, "note"), (BEN, "assigned"), (ANNA, "command_result")}
