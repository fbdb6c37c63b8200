"""New cases: by a customer, and by a member on a customer's behalf."""

from typing import Any

import pytest

from mailbot.decision import Ending
from mailbot.event import CaseOpened, ClockBreached, ClockName, ClockStarted, CommandRefused, MessageAdded, Visibility
from mailbot.facts import Counters
from mailbot.mail import Authentication, Automatic
from mailbot.people import Proof
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    DESK,
    LEA,
    MAX,
    NOON,
    STRANGER,
    VERIFIED,
    Story,
    a_desk,
    a_story,
    an_attachment,
    at,
    names,
    to_customers,
    told,
)

BELOW = "support+abc@example.com"
TEAM = {(ANNA, "case_new"), (BEN, "case_new"), (LEA, "case_new")}


def test_customers_mail_opens_a_case_and_the_team_sees_all_of_it():
    story = Story()
    decision = story.mail(CUSTOMER, "The printer is on fire.", attachments=(an_attachment(),))
    assert names(decision) == ["CaseOpened", "MessageAdded", "ClockStarted"]
    assert told(decision) == {(CUSTOMER, "case_received"), *TEAM}
    assert decision.ending is Ending.NEW
    case = story.case
    assert (case.status, case.priority, case.type, case.requester) == ("Open", "P3", "IT Help", CUSTOMER)
    shown = [n for n in decision.notices if n.template == "case_new"]
    assert {(n.words, n.carried[0].name, n.author) for n in shown} == {
        ("The printer is on fire.", "photo.png", CUSTOMER)
    }
    assert all(n.visibility is Visibility.INTERNAL for n in shown)


@pytest.mark.parametrize(
    ("proofs", "echo"),
    [
        pytest.param(CLAIMED, False, id="by From alone"),
        pytest.param(CLAIMED | {Proof.TOKEN}, False, id="by an address of ours, which others may have"),
        pytest.param(VERIFIED, True, id="verified"),
        pytest.param(CLAIMED | {Proof.SESSION}, True, id="logged in"),
    ],
)
def test_acknowledgement_carries_words_of_proven_senders_only(proofs: frozenset[Proof], echo: bool):
    decision = Story().mail(STRANGER, "The printer is on fire.", proofs=proofs)
    (received,) = [n for n in decision.notices if n.template == "case_received"]
    assert received.may_echo is echo
    assert not received.words
    assert (received.to, received.in_reply_to) == (STRANGER, "<m1@customer.test>")
    assert received.auto_submitted == "auto-replied"


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"authentication": Authentication(dmarc="fail")}, id="dmarc=fail"),
        pytest.param({"counters": Counters(to_sender_hour=3)}, id="three an hour to one sender"),
        pytest.param({"counters": Counters(to_sender_day=10)}, id="ten a day to one sender"),
        pytest.param({"counters": Counters(all_hour=300)}, id="three hundred an hour to all"),
        pytest.param({"automatic": Automatic.MONITORING, "answerable": False}, id="a monitoring system"),
        pytest.param({"automatic": Automatic.LIST, "answerable": False}, id="a mailing list"),
    ],
)
def test_case_is_opened_without_an_acknowledgement(keys: dict[str, Any]):
    decision = Story().mail(STRANGER, "The printer is on fire.", proofs=CLAIMED, **keys)
    assert decision.ending is Ending.NEW
    assert {one for one in told(decision) if "alarm" not in one} == TEAM
    assert "limits" in {hit.rule for hit in decision.hits}


@pytest.mark.parametrize(
    ("text", "topic"),
    [("help", ""), ("Help!", ""), ("help priority", "priority"), ("help type", "type")],
)
def test_mail_that_only_asks_for_help_is_answered_and_opens_nothing(text: str, topic: str):
    decision = Story().mail(CUSTOMER, text, subject="A question")
    assert names(decision) == ["MailIgnored"]
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.data["topic"]) == ("help", CUSTOMER, topic)
    assert decision.ending is Ending.IGNORED


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param("help\nThe printer is on fire.", {}, id="with words"),
        pytest.param("help\nstatus", {}, id="with another command"),
        pytest.param("help", {"attachments": (an_attachment(),)}, id="with an attachment"),
        pytest.param("Help me please", {}, id="as prose"),
        pytest.param("help\n#urgent", {}, id="with a line that is refused"),
        pytest.param("Help!", {"subject": "The whole system is down"}, id="below a subject that says what happened"),
    ],
)
def test_help_beside_anything_else_opens_a_case(text: str, keys: dict[str, Any]):
    assert Story().mail(CUSTOMER, text, **keys).ending is Ending.NEW


def test_help_is_not_answered_over_the_limits():
    decision = Story().mail(STRANGER, "help", proofs=CLAIMED, counters=Counters(to_sender_hour=3), subject="Hi")
    assert {template for _, template in told(decision)} == {"alarm"}
    assert names(decision) == ["AlarmRaised", "MailIgnored"]


def test_whole_text_is_kept_where_nothing_stands_above_the_quote():
    story = Story()
    story.mail(CUSTOMER, "", text="> forwarded\n> words", new_text="")
    (added,) = [e for e in story.events[1] if isinstance(e, MessageAdded)]
    assert added.text == "> forwarded\n> words"


def test_proposals_are_shown_to_the_team_and_change_nothing():
    story = Story()
    decision = story.mail(CUSTOMER, "Type: Fault\nPriority: P1\n\nThe printer is on fire.")
    shown = next(n for n in decision.notices if n.template == "case_new")
    assert (shown.data["proposed_type"], shown.data["proposed_priority"]) == ("Fault", "P1")
    assert (story.case.type, story.case.priority) == ("IT Help", "P3")


def test_named_case_of_somebody_else_is_shown_to_the_team_by_its_number():
    story = a_story("In progress")
    decision = story.mail(STRANGER, "[HD-1] belongs to me", message_id="<s@x.test>", keep_tokens=False)
    assert story.cases[2].related == 1
    assert {n.data["related"] for n in decision.notices if n.template == "case_new"} == {"HD-1"}


def test_sender_of_an_expired_address_is_told_so():
    story = a_story("In progress")
    decision = story.mail(CUSTOMER, "The scanner now.", "2027-03-02 10:00")
    (received,) = [n for n in decision.notices if n.template == "case_received"]
    assert "has expired" in str(received.data["expired"])
    assert story.cases[2].related == 1


def test_admitted_mail_opens_its_case_at_the_admission_and_counts_from_its_arrival():
    story = Story()
    story.now = at("2026-03-03 10:00")
    story.mail(STRANGER, "The printer is on fire.", admitted=True, received_at=NOON)
    opened, clock = story.events[1][0], story.events[1][2]
    assert isinstance(opened, CaseOpened)
    assert isinstance(clock, ClockStarted)
    assert (opened.at, opened.opened, clock.since) == (story.now, NOON, NOON)


# --- `for ADDRESS` -------------------------------------------------------------------------------------------------


def test_case_on_behalf_has_the_customer_as_requester_who_hears_of_it():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test\ntype Fault\npriority P2\n\nThe scanner is broken.")
    case = story.case
    assert (case.requester, case.type, case.priority, case.status) == ("kai@x.test", "Fault", "P2", "Open")
    assert told(decision) == {
        ("kai@x.test", "case_received"),
        (BEN, "case_new"),
        (LEA, "case_new"),
        (ANNA, "command_result"),
    }
    assert names(decision)[:5] == ["CaseOpened", "MessageAdded", "CommandsRun", "TypeChanged", "PriorityChanged"]
    assert decision.ending is Ending.NEW


@pytest.mark.parametrize(
    ("opened", "since"),
    [
        pytest.param("2026-03-02 09:00", "2026-03-02 09:00", id="the desk's zone"),
        pytest.param("2026-03-02T09:00:30+02:00", "2026-03-02 07:00:30", id="its own zone"),
        pytest.param("2026-03-02 08:00Z", "2026-03-02 08:00", id="UTC"),
    ],
)
def test_instant_of_the_call_is_when_the_case_was_opened(opened: str, since: str):
    story = Story()
    story.mail(ANNA, f"for kai@x.test opened {opened}\nBroken.")
    assert story.case.opened == at(since)
    assert story.case.clocks[0].spans[0].start == at(since)


def test_forwarded_mail_on_behalf_is_the_customers_matter():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test", quoted="---------- Forwarded message\nThe pump leaks.")
    (shown,) = {n.words for n in decision.notices if n.template == "case_new"}
    assert "The pump leaks." in shown
    (received,) = [n for n in decision.notices if n.template == "case_received"]
    assert received.data["on_behalf"] is True


def test_own_word_on_behalf_takes_the_case():
    story = Story()
    story.mail(ANNA, "for kai@x.test\nfix: It was the cable.")
    assert (story.case.status, story.case.assignee) == ("Fixed", ANNA)
    clock = story.case.clock(ClockName.PICKUP)
    assert clock is not None
    assert clock.met_at == NOON


def test_call_that_is_still_to_come_opens_nothing_and_is_answered():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test opened 2026-03-02 11:00\nBroken.")
    assert (names(decision), story.cases) == (["CommandRefused", "MailIgnored"], {})
    assert told(decision) == {(ANNA, "command_result")}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Tallinn", "America/New_York"])
@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01 00:00",
        "0001-01-01 00:00+12:00",
        "1969-12-31 23:59",
        "3000-01-01 00:00",
        "9999-12-31 23:59",
        "9999-12-31 23:59-12:00",
    ],
)
def test_call_at_the_ends_of_the_calendar_opens_nothing_and_is_answered(instant: str, zone: str):
    story = Story(desk=a_desk(timezone=zone))
    decision = story.mail(ANNA, f"for kai@x.test opened {instant}\nBroken.")
    assert (names(decision), story.cases) == (["CommandRefused", "MailIgnored"], {})
    (receipt,) = decision.notices
    assert f"{instant[:10]} is out of reach; name a year from 1970 to 2999" in str(receipt.data["lines"])


def test_call_long_ago_is_late_at_once_and_taking_it_does_not_hide_that():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test opened 2026-02-23 09:00\ntake\nBroken.")
    breach = next(h.event for h in decision.happened if isinstance(h.event, ClockBreached))
    assert (breach.clock, breach.at, breach.due) == ("pickup", NOON, at("2026-02-24 17:00"))
    assert story.case.clocks[0].met_at == NOON
    assert (ANNA, "clock_breached") not in told(decision), "nobody hears what they did themselves"


def test_late_call_is_told_to_the_team():
    decision = Story().mail(ANNA, "for kai@x.test opened 2026-02-23 09:00\nBroken.")
    assert {who for who, template in told(decision) if template == "clock_breached"} == {BEN, LEA}


def test_taken_in_the_same_mail_is_told_once():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test\ntake\nBroken.")
    assert [n.template for n in to_customers(decision.notices)] == ["case_received"]
    assert story.case.status == "In progress"


def test_question_in_the_same_mail_reaches_the_customer():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test\nask: Which scanner is it?")
    assert [(n.template, n.words) for n in to_customers(decision.notices)] == [
        ("case_received", ""),
        ("question", "Which scanner is it?"),
    ]
    assert story.case.status == "Waiting for customer"


def test_note_in_the_same_mail_stays_inside():
    story = Story()
    decision = story.mail(ANNA, "for kai@x.test\nnote: he was rude\nfix")
    (added,) = [e for e in story.events[1] if isinstance(e, MessageAdded)]
    assert added.visibility is Visibility.INTERNAL
    assert all(not n.words for n in to_customers(decision.notices))


@pytest.mark.parametrize(
    ("assignee", "notice"),
    [pytest.param(BEN, "case_new", id="who saw it as new"), pytest.param(MAX, "assigned", id="who did not")],
)
def test_assignee_of_the_same_mail_hears_once(assignee: str, notice: str):
    decision = Story().mail(ANNA, f"for kai@x.test\nassign {assignee}\nBroken.")
    assert [n.template for n in decision.notices if n.to == assignee] == [notice]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(f"for {BEN}\nBroken.", f"{BEN} is a member of the team", id="for a colleague"),
        pytest.param(f"for {DESK}\nBroken.", f"{DESK} is the desk itself", id="for the desk itself"),
        pytest.param(f"for {BELOW}\nBroken.", f"{BELOW} is the desk itself", id="for an address below the desk's"),
        pytest.param("for kai@x.test\n#urgent\nBroken.", "there is no command 'urgent'", id="with an unknown word"),
        pytest.param("for kai@x.test\nconfirm\nBroken.", "the case is Open", id="with a word that makes no sense"),
        pytest.param("for kai@x.test\nask", "'ask' needs words", id="with a question without words"),
    ],
)
def test_refused_line_stops_the_case(text: str, reason: str):
    story = Story()
    decision = story.mail(ANNA, text)
    assert story.cases == {}
    assert set(names(decision)) == {"CommandRefused", "MailIgnored"}
    assert all(happened.case is None for happened in decision.happened)
    refused = next(h.event for h in decision.happened if isinstance(h.event, CommandRefused))
    assert refused.reason.startswith(reason)
    (receipt,) = decision.notices
    assert (receipt.to, receipt.case, receipt.data["text"]) == (ANNA, None, text)
