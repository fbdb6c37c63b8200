"""What a customer's mail does to their case, by the kind of its status."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import Decision, Ending
from mailbot.event import CommandRefused, Escalated, MessageAdded, StatusChanged
from mailbot.facts import Counters
from mailbot.mail import Authentication
from mailbot.people import Person
from tests.builders import (
    ANNA,
    BEN,
    CUSTOMER,
    NOON,
    WATCHER,
    Story,
    a_case,
    a_directory,
    a_story,
    an_attachment,
    at,
    changed,
    modera,
    names,
    told,
)

CLEAR, THANKS, PROMISE, NO, CLOSE = (
    "All good, thanks!",
    "Thanks!",
    "Will test and let you know",
    "No, still the same",
    "Please close it",
)


@pytest.mark.parametrize(
    ("status", "text", "after", "reason"),
    [
        pytest.param("Open", NO, "Open", "", id="a new case stays new"),
        pytest.param("In progress", NO, "In progress", "", id="a case in work stays in work"),
        pytest.param("In progress", CLEAR, "In progress", "", id="an all-clear does not close what is in work"),
        pytest.param("Waiting for customer", "It is the one upstairs", "In progress", "", id="an answer"),
        pytest.param("Waiting for customer", THANKS, "In progress", "", id="thanks are an answer too"),
        pytest.param("Waiting for customer", CLEAR, "In progress", "", id="an all-clear is an answer too"),
        pytest.param("Waiting for customer", "", "In progress", "", id="an empty mail is a human's mail"),
        pytest.param("Waiting for approval", "Looks expensive", "Waiting for approval", "", id="no answer to it"),
        pytest.param("Waiting for approval", CLEAR, "Waiting for approval", "", id="an all-clear approves nothing"),
        pytest.param("Fixed", CLEAR, "Closed", "Confirmed", id="an all-clear"),
        pytest.param("Fixed", CLOSE, "Closed", "Confirmed", id="a wish to close"),
        pytest.param("Fixed", THANKS, "Fixed", "", id="thanks alone"),
        pytest.param("Fixed", PROMISE, "Fixed", "", id="a promise to test"),
        pytest.param("Fixed", "Best regards, Mari", "Fixed", "", id="a sign-off alone"),
        pytest.param(
            "Fixed", "Hello,\n\nBest regards\nMari Mets\nsales and service", "Fixed", "", id="a sign-off and a name"
        ),
        pytest.param("Fixed", "Hi, Peter", "Fixed", "", id="a greeting and a name"),
        pytest.param("Fixed", "Hi Anna,\n\nPrinter burns.\n\nBest regards\nMari", "In progress", "", id="two words"),
        pytest.param("Closed", "Hi Anna,\n\nPrinter burns!", "In progress", "", id="two words to a closed case"),
        pytest.param("Fixed", "Dear Anna, come back.", "In progress", "", id="two words on the greeting's line"),
        pytest.param("Fixed", "Hello printer burns", "In progress", "", id="two words in the greeting"),
        pytest.param("Fixed", "HELLO PRINTER BURNS", "In progress", "", id="where capitals say nothing"),
        pytest.param("Fixed", "Hi Anna, good morning,\n\nprinter burns\n\nMari", "In progress", "", id="two greetings"),
        pytest.param("Fixed", "Hallo Anna,\n\nDrucker brennt\n\nMari", "In progress", "", id="two words in German"),
        pytest.param("Fixed", "Tere,\n\nprinter põleb\n\nMari", "In progress", "", id="two words in Estonian"),
        pytest.param("Fixed", "Bonjour,\n\nimprimante brûle", "In progress", "", id="two words in French"),
        pytest.param("Fixed", "Hola Anna, impresora arde.", "In progress", "", id="two words in Spanish"),
        pytest.param("Fixed", "Pueden cerrar cuando la factura esté corregida.", "In progress", "", id="close when"),
        pytest.param("Fixed", "Se puede cerrar cuando quieran", "Closed", "Confirmed", id="close whenever you like"),
        pytest.param("Fixed", "Töötab, praegu.", "In progress", "", id="for now, in Estonian"),
        pytest.param("Fixed", "Töötab hetkel.", "In progress", "", id="at the moment, in Estonian"),
        pytest.param("Fixed", "Zurzeit läuft es.", "In progress", "", id="for now, in German"),
        pytest.param("Fixed", "Yeah right, fixed.", "In progress", "", id="said in scorn"),
        pytest.param("Fixed", "Please close ticket 17.", "In progress", "", id="another ticket"),
        pytest.param("Fixed", "Bitte HD-9 schließen.", "In progress", "", id="another case"),
        pytest.param("Fixed", "Close HD-1 please.", "Closed", "Confirmed", id="this case"),
        pytest.param("Fixed", "Töötab, kui taaskäivitan", "In progress", "", id="a condition that is no promise"),
        pytest.param("Fixed", "Ça marche quand je redémarre.", "In progress", "", id="a condition in French"),
        pytest.param("Fixed", "If it works I will tell you", "Fixed", "", id="a promise with a condition"),
        pytest.param("Fixed", "\U0001f44e", "In progress", "", id="a thumb down"),
        pytest.param("Fixed", ":(", "In progress", "", id="a sad face"),
        pytest.param("Fixed", "???", "In progress", "", id="question marks"),
        pytest.param("Fixed", "\U0001f44d", "Fixed", "", id="a thumb up"),
        pytest.param("Fixed", NO, "In progress", "", id="an objection"),
        pytest.param("Fixed", "And the scanner?", "In progress", "", id="a question"),
        pytest.param("Closed", THANKS, "Closed", "Solved", id="thanks to a closed case"),
        pytest.param("Closed", CLEAR, "Closed", "Solved", id="an all-clear to a closed case"),
        pytest.param("Closed", NO, "In progress", "", id="an objection to a closed case"),
    ],
)
def test_mail_does_what_it_says(status: str, text: str, after: str, reason: str):
    story = a_story(status)
    decision = story.mail(CUSTOMER, text, "2026-03-03 10:00")
    assert story.case.status == after
    assert story.case.reason == reason
    assert decision.ending is Ending.THREADED
    assert "MessageAdded" in names(decision)


@pytest.mark.parametrize(
    ("status", "text", "after", "reason", "ok"),
    [
        pytest.param("Fixed", "reopen", "In progress", "", True, id="reopen a resolved case"),
        pytest.param("Closed", "Reopen it fails again", "In progress", "", True, id="reopen a closed case"),
        pytest.param("In progress", "reopen", "In progress", "", False, id="nothing to reopen"),
        pytest.param("Fixed", "confirm", "Closed", "Confirmed", True, id="confirm a resolved case"),
        pytest.param("In progress", "confirm", "In progress", "", False, id="nothing to confirm"),
        pytest.param("Open", "close", "Closed", "Withdrawn", True, id="close a new case"),
        pytest.param("In progress", "close: it went away", "Closed", "Withdrawn", True, id="close one in work"),
        pytest.param("Fixed", "close", "Closed", "Confirmed", True, id="close a resolved case"),
        pytest.param("Closed", "close", "Closed", "Solved", False, id="close a closed case"),
        pytest.param("Waiting for approval", "approve", "In progress", "", True, id="approve an estimate"),
        pytest.param("Waiting for approval", "decline: too dear", "In progress", "", True, id="decline an estimate"),
        pytest.param("In progress", "approve", "In progress", "", False, id="nothing to approve"),
        pytest.param("Waiting for customer", "status", "In progress", "", True, id="asking breaks the silence"),
        pytest.param("Waiting for customer", "status\nIt is upstairs", "In progress", "", True, id="ask and answer"),
        pytest.param("Fixed", "status\nStill broken", "In progress", "", True, id="ask and object"),
        pytest.param("Fixed", "confrim", "Fixed", "", False, id="a near miss changes nothing"),
        pytest.param("Fixed", "reopn\nStill broken", "Fixed", "", False, id="nor does what stands below one"),
        pytest.param("Fixed", "#urgent", "Fixed", "", False, id="nor an unknown word with a sigil"),
        pytest.param("Fixed", "close\nreopen\nconfirm", "Fixed", "", False, id="all or none"),
        pytest.param("Open", "take", "Open", "", True, id="a member's word is prose to a customer"),
    ],
)
def test_command_does_or_is_refused(status: str, text: str, after: str, reason: str, ok: bool):
    story = a_story(status)
    decision = story.mail(CUSTOMER, text, "2026-03-03 10:00")
    assert story.case.status == after
    assert story.case.reason == reason
    assert ("CommandRefused" in names(decision)) is not ok
    assert ((CUSTOMER, "command_result") in told(decision)) is not ok


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Still broken", "Still broken", id="prose"),
        pytest.param("reopn\nStill broken", "reopn\nStill broken", id="a refused mail whole"),
        pytest.param("decline: too dear\n\nRegards", "too dear\n\nRegards", id="the text behind a word"),
        pytest.param("status\nIt is upstairs", "It is upstairs", id="words below a question"),
        pytest.param("status", "status", id="a question, where we wait for them"),
        pytest.param("approve", None, id="commands alone make no message"),
        pytest.param("approve\n\nBest regards\nMari", None, id="nor do commands and a sign-off"),
    ],
)
def test_nothing_that_a_customer_wrote_is_lost(text: str, kept: str | None):
    story = a_story("Waiting for approval")
    decision = story.mail(CUSTOMER, text, "2026-03-03 10:00")
    added = [h.event.text for h in decision.happened if isinstance(h.event, MessageAdded)]
    assert added == ([] if kept is None else [kept])


def test_answer_between_the_lines_of_a_quote_is_shown_whole():
    story = a_story("Waiting for customer")
    decision = story.mail(CUSTOMER, "", "2026-03-03 10:00", text="> Which one?\nUpstairs", new_text="")
    (answered,) = [n for n in decision.notices if n.template == "customer_answered"]
    assert answered.words == "> Which one?\nUpstairs"


def test_command_with_an_attachment_and_a_sign_off_is_a_message():
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, "status\nRegards", "2026-03-03 10:00", attachments=(an_attachment(),))
    assert "MessageAdded" in names(decision)


def test_question_is_answered_by_its_own_notice():
    story = a_story("In progress")
    assert told(story.mail(CUSTOMER, "status")) == {(CUSTOMER, "status_report")}
    assert told(story.mail(CUSTOMER, "help")) == {(CUSTOMER, "help")}


def test_any_human_mail_ends_the_ladder():
    story = a_story("Waiting for approval")
    story.mail(CUSTOMER, "We think about it.", "2026-03-03 10:00")
    assert story.case.ladder_ended
    assert story.until("2026-12-01 10:00") == []


@pytest.mark.parametrize(
    ("when", "text", "same"),
    [
        pytest.param("2026-03-16 10:00", NO, True, id="fourteen days later to the second"),
        pytest.param("2026-03-17 10:00", NO, False, id="a day later still"),
        pytest.param("2026-03-17 10:00", THANKS, True, id="thanks are never another matter"),
        pytest.param("2026-03-17 10:00", CLEAR, True, id="nor is an all-clear"),
        pytest.param("2026-08-17 10:00", "reopen", True, id="reopen works half a year later"),
        pytest.param("2026-08-17 10:00", f"reopen\n{NO}", True, id="also with words"),
        pytest.param("2026-08-17 10:00", "status", True, id="a question is answered"),
        pytest.param("2026-08-17 10:00", "status\n\nBest regards\nMari", True, id="a question with a greeting"),
        pytest.param("2026-08-17 10:00", f"status\n{NO}", False, id="a question above another matter"),
    ],
)
def test_closed_case_comes_back_within_fourteen_days(when: str, text: str, same: bool):
    story = a_story("Closed")
    decision = story.mail(CUSTOMER, text, when)
    assert (decision.ending is Ending.THREADED) is same
    assert set(story.cases) == ({1} if same else {1, 2})
    if not same:
        assert story.cases[2].related == 1
        assert story.case.status == "Closed"


def test_reopened_case_that_nobody_has_is_new_again_and_the_team_hears():
    story = Story()
    story.mail(CUSTOMER, "The printer is on fire.")
    story.mail(CUSTOMER, "close")
    decision = story.mail(CUSTOMER, "reopen", "2026-03-03 10:00")
    assert story.case.status == "Open"
    assert {who for who, template in told(decision) if template == "reopened"} >= {ANNA, BEN}


def test_customer_hears_of_every_change_and_who_works_on_it_too():
    story = a_story("Waiting for customer")
    decision = story.mail(CUSTOMER, "It is upstairs")
    assert told(decision) == {(CUSTOMER, "status_changed"), (ANNA, "customer_answered")}
    (to_customer, to_anna) = decision.notices
    assert not to_customer.words
    assert to_customer.in_reply_to == "<m1@customer.test>"
    assert to_anna.words == "It is upstairs"


def test_watchers_mail_counts_as_the_customers_and_only_they_see_it_answered():
    story = a_story("Waiting for customer")
    story.cases[1] = a_case("Waiting for customer", watchers=(WATCHER,))
    decision = story.mail(WATCHER, "It is upstairs", "2026-03-03 10:00", message_id="<w@customer.test>")
    assert story.case.status == "In progress"
    answered = {n.to: n.in_reply_to for n in decision.notices if n.template == "status_changed"}
    assert answered == {CUSTOMER: "", WATCHER: "<w@customer.test>"}


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"counters": Counters(case_ten_minutes=10)}, id="over the limit"),
        pytest.param({"answerable": False}, id="not to be answered"),
        pytest.param({"authentication": Authentication(dmarc="fail")}, id="forged, says the border"),
    ],
)
def test_customer_who_may_not_be_answered_is_heard_all_the_same(keys: dict[str, Any]):
    story = a_story("Fixed")
    decision = story.mail(CUSTOMER, "status\n" + NO, "2026-03-03 10:00", **keys)
    assert story.case.status == "In progress"
    assert {one for one in told(decision) if "alarm" not in one} == {(ANNA, "reopened")}
    assert "limits" in {hit.rule for hit in decision.hits}


def test_mail_is_never_earlier_than_the_latest_event_of_its_case():
    story = a_story("Fixed")
    story.mail(CUSTOMER, NO, "2026-03-01 10:00")
    last = story.events[1][-1]
    assert last.at == NOON


def test_refusal_names_the_customer_and_keeps_no_text_for_send():
    story = a_story("Fixed")
    decision = story.mail(CUSTOMER, "confrim", "2026-03-03 10:00")
    (refused,) = [h.event for h in decision.happened if isinstance(h.event, CommandRefused)]
    assert (refused.actor, refused.text, refused.line) == (CUSTOMER, "", "confrim")


def test_mail_by_a_second_address_of_the_same_person_is_theirs():
    story = a_story("Fixed", directory=a_directory())
    story.mail("anna.agent@home.test", "take", "2026-03-03 10:00", proofs=frozenset({"claimed", "session"}))
    assert story.case.assignee == ANNA


def test_reason_of_a_change_is_said():
    story = a_story("Fixed")
    decision = story.mail(CUSTOMER, NO, "2026-03-03 10:00")
    (change,) = [h.event for h in decision.happened if isinstance(h.event, StatusChanged)]
    assert (change.reason, change.actor) == ("reopened by the customer's mail", CUSTOMER)
    assert change.at - NOON == timedelta(days=1) == at("2026-03-03 10:00") - NOON


def test_commands_alone_end_the_silence_too():
    story = a_story("Waiting for approval")
    decision = story.mail(CUSTOMER, "confirm")
    assert names(decision) == ["SilenceBroken", "CommandRefused"]
    assert story.case.ladder_ended
    assert names(story.mail(CUSTOMER, "confirm")) == ["CommandRefused"]


@pytest.mark.parametrize("text", ["status", "help", "confirm", "reopen", "reopn", "Best regards"])
def test_a_waiting_case_never_sleeps_on_after_its_customer_wrote(text: str):
    story = a_story("Waiting for customer")
    story.mail(CUSTOMER, text)
    assert story.case.status == "In progress"
    story = a_story("Waiting for approval")
    decision = story.mail(CUSTOMER, text)
    assert story.case.status == "Waiting for approval"
    assert story.case.ladder_ended
    if text in ("status", "help"):
        assert "customer_answered" in {notice.template for notice in decision.notices}


def said_of(decision: Decision, to: str, template: str) -> Mapping[str, object]:
    """What a notice says of the words that caused it."""
    (notice,) = [n for n in decision.notices if (n.to, n.template) == (to, template)]
    return {key: notice.data[key] for key in ("understood", "seems") if key in notice.data}


@pytest.mark.parametrize(
    ("status", "text", "template", "customer", "member"),
    [
        pytest.param("Fixed", CLEAR, "closed", "all_clear", None, id="an all-clear"),
        pytest.param("Fixed", CLOSE, "closed", "close", None, id="a wish to close"),
        pytest.param("Fixed", NO, "reopened", "objection", None, id="an objection"),
        pytest.param("Fixed", "And the scanner?", "reopened", "other", None, id="a question"),
        pytest.param("Fixed", f"{CLEAR} " * 4, "reopened", "other", "all_clear", id="an all-clear too long to be sure"),
        pytest.param("Fixed", "I want to speak to your manager", "reopened", None, "escalation", id="no path upwards"),
        pytest.param("Closed", NO, "reopened", "objection", None, id="an objection to a closed case"),
    ],
)
def test_whatever_a_sentence_caused_the_notice_says_what_was_understood(
    status: str, text: str, template: str, customer: str | None, member: str | None
):
    decision = a_story(status).mail(CUSTOMER, text, "2026-03-03 10:00")
    assert said_of(decision, CUSTOMER, template).get("understood") == customer
    assert said_of(decision, ANNA, template).get("seems") == member


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        pytest.param(CLOSE, "close", id="a wish to close"),
        pytest.param(CLEAR, "all_clear", id="an all-clear"),
        pytest.param("I want to speak to your manager", "escalation", id="a wish to escalate without a path"),
        pytest.param("This takes far too long", "escalation", id="impatience"),
        pytest.param(THANKS, None, id="thanks"),
        pytest.param(NO, None, id="an objection"),
    ],
)
def test_in_doubt_nothing_happens_and_the_assignee_is_told(text: str, seems: str | None):
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, text, "2026-03-03 10:00")
    assert (story.case.status, story.case.escalation_level) == ("In progress", 0)
    assert said_of(decision, ANNA, "customer_answered").get("seems") == seems


CHIEF = "chief@example.com"


def with_a_path() -> Story:
    path = {"level": [{"title": "the director", "role": "director"}]}
    process = changed(modera(), escalation=path)
    directory = a_directory(Person(address=CHIEF, name="Carla Chief", role="director"))
    return a_story("In progress", process=process, directory=directory)


def test_clear_wish_goes_up_the_path_and_the_customer_hears_what_was_understood():
    story = with_a_path()
    decision = story.mail(CUSTOMER, "Three weeks now. I want to speak to your manager.", "2026-03-03 10:00")
    (escalated,) = [h.event for h in decision.happened if isinstance(h.event, Escalated)]
    assert (escalated.to, escalated.level) == (CHIEF, 1)
    assert escalated.reason == "Three weeks now. I want to speak to your manager."
    assert said_of(decision, CUSTOMER, "escalation_received") == {"understood": True}
    assert (CHIEF, "escalated") in told(decision)
    assert said_of(decision, ANNA, "customer_answered") == {}


def test_wish_that_nobody_is_above_for_reaches_the_assignee():
    story = with_a_path()
    story.mail(CUSTOMER, "I want to speak to your manager.", "2026-03-03 10:00")
    decision = story.mail(CUSTOMER, "I want to speak to your manager.", "2026-03-04 10:00")
    assert story.case.escalation_level == 1
    assert said_of(decision, ANNA, "customer_answered") == {"seems": "escalation"}
    assert (CUSTOMER, "escalation_received") not in told(decision)


@pytest.mark.parametrize(
    "text", ["If it is not solved I want to speak to your manager", "I do not want to speak to your manager"]
)
def test_unclear_wish_calls_nobody(text: str):
    story = with_a_path()
    assert "Escalated" not in names(story.mail(CUSTOMER, text, "2026-03-03 10:00"))
