"""Which way a mail goes, and what becomes of automatic mail and of mail that proves too little."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Ending, MailArrived
from mailbot.event import DeliveryFailed, MailHeld, MessageAdded, Visibility
from mailbot.facts import Counters, Found, Reported, ThreadKeys
from mailbot.mail import Automatic, Report, ReportRecipient
from mailbot.people import Proof
from mailbot.rules.case.evolve import evolve
from mailbot.rules.decide import decide
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    DESK,
    LEA,
    NOON,
    SESSION,
    STRANGER,
    VERIFIED,
    Story,
    a_case,
    a_mail,
    a_story,
    a_token,
    an_envelope,
    facts,
    modera,
    names,
    to_customers,
    told,
    who,
)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"automatic": Automatic.OWN}, id="with our loop mark"),
        pytest.param({"sender": DESK}, id="from our own address"),
        pytest.param({"sender": "support+abc@example.com"}, id="from an address below our own"),
    ],
)
def test_mail_of_our_own_that_came_back_is_ignored(keys: dict[str, Any]):
    given = {"sender": CUSTOMER} | keys
    decision = a_story("Fixed").mail(given.pop("sender"), "No, still the same", **given)
    assert names(decision) == ["MailIgnored"]
    assert (decision.ending, decision.notices) == (Ending.IGNORED, ())


def test_mail_without_a_sender_is_held():
    decision = Story().mail("", "Hello", proofs=frozenset())
    assert (decision.ending, names(decision), decision.notices) == (Ending.HELD, ["MailHeld"], ())


def test_sender_is_the_envelopes_where_from_names_none():
    cause = MailArrived(mail=a_mail(sender=""), envelope=an_envelope(reverse_path=STRANGER))
    decision = decide({}, cause, facts(proofs=()), modera(), NOON)
    assert decision.ending is Ending.NEW
    assert (STRANGER, "case_received") in told(decision)


@pytest.mark.parametrize("address", [ANNA, "anna.agent@home.test"])
def test_member_in_the_envelope_alone_is_unproven(address: str):
    cause = MailArrived(mail=a_mail(sender=""), envelope=an_envelope(reverse_path=address))
    assert decide({}, cause, facts(proofs=()), modera(), NOON).reason.startswith("unproven")


# --- Members who prove too little -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proofs", "text"),
    [
        pytest.param(CLAIMED, "take", id="a command by From alone"),
        pytest.param(VERIFIED, "It is the cable.", id="an answer, verified but without a token"),
        pytest.param(CLAIMED | {Proof.TOKEN}, "fix", id="a token alone"),
        pytest.param(CLAIMED, "for kai@x.test\nBroken.", id="a case on behalf"),
    ],
)
def test_member_who_is_not_proven_changes_nothing_and_hears_of_it(proofs: frozenset[Proof], text: str):
    story = a_story("In progress")
    before = story.case
    decision = story.mail(ANNA, text, proofs=proofs, keep_tokens=False)
    assert names(decision) == ["MailHeld"]
    assert decision.reason.startswith("unproven: ")
    assert story.cases == {1: before}
    (notice,) = decision.notices
    assert (notice.template, notice.to, notice.may_echo, notice.case) == ("unproven", ANNA, False, None)


def test_member_hears_of_unproven_mail_once_a_day():
    decision = a_story().mail(ANNA, "take", proofs=CLAIMED, counters=Counters(told_day=frozenset({"unproven"})))
    assert (decision.ending, decision.notices) == (Ending.HELD, ())


def test_verified_member_with_the_case_s_token_is_believed():
    story = a_story()
    story.mail(ANNA, "take", proofs=VERIFIED)
    assert story.case.assignee == ANNA


def test_admitted_mail_counts_as_proven():
    story = a_story()
    story.mail(ANNA, "take", proofs=CLAIMED, admitted=True)
    assert story.case.assignee == ANNA


# --- A right token with another sender ------------------------------------------------------------------------------


def from_another(visibility: Visibility = Visibility.PUBLIC, **keys: Any) -> tuple[list[str], set[tuple[str, str]]]:
    case = a_case("In progress")
    token = a_token(1, CUSTOMER, visibility=visibility)
    holders = {who(CUSTOMER): CUSTOMER}
    given = facts(case, sender=STRANGER, keys=ThreadKeys(tokens=(token,)), holders=holders, **keys)
    cause = MailArrived(mail=a_mail("I am his colleague.", sender=STRANGER), envelope=an_envelope())
    decision = decide({1: case}, cause, given, modera(), NOON)
    held = [h.event for h in decision.happened if isinstance(h.event, MailHeld)]
    assert [event.reason.partition(":")[0] for event in held] == ["other-sender"]
    assert all("colleague" not in n.words for n in decision.notices if n.visibility is Visibility.PUBLIC)
    assert all(n.words == "I am his colleague." for n in decision.notices if n.template == "held")
    return names(decision), told(decision)


def test_right_token_with_another_sender_is_held_and_both_sides_hear():
    assert from_another() == (["MailHeld"], {(CUSTOMER, "other_sender"), (ANNA, "held")})


def test_customer_hears_of_another_sender_once_an_hour():
    assert from_another(counters=Counters(other_sender_hour=1)) == (["MailHeld"], {(ANNA, "held")})


def test_token_of_an_internal_notice_is_no_matter_of_the_customer():
    assert from_another(Visibility.INTERNAL) == (["MailHeld"], {(ANNA, "held")})


def test_admitted_mail_of_another_sender_joins_the_case():
    case = a_case("Waiting for customer")
    given = facts(case, sender=STRANGER, keys=ThreadKeys(tokens=(a_token(1, CUSTOMER),)))
    cause = MailArrived(mail=a_mail("Upstairs", sender=STRANGER), envelope=an_envelope(), admitted=True)
    decision = decide({1: case}, cause, given, modera(), NOON)
    assert (decision.ending, names(decision)[:2]) == (Ending.THREADED, ["MessageAdded", "StatusChanged"])


@pytest.mark.parametrize("text", ["He is lying, see the log.", "status", "close: he is lying"])
def test_admitted_answer_of_a_stranger_to_an_internal_notice_stays_inside(text: str):
    case = a_case("Waiting for customer")
    keys = ThreadKeys(tokens=(a_token(1, ANNA, visibility=Visibility.INTERNAL),))
    given = facts(case, sender=STRANGER, keys=keys, proofs=CLAIMED)
    cause = MailArrived(mail=a_mail(text, sender=STRANGER), envelope=an_envelope(), admitted=True)
    decision = decide({1: case}, cause, given, modera(), NOON)
    (added,) = [h.event for h in decision.happened]
    assert isinstance(added, MessageAdded)
    assert (added.visibility, added.by_customer, added.text) == (Visibility.INTERNAL, False, text)
    assert {notice.to for notice in decision.notices} == {ANNA}
    assert to_customers(decision.notices) == []


def test_admitted_answer_of_the_customer_to_an_internal_notice_is_the_customers():
    case = a_case("Waiting for customer")
    keys = ThreadKeys(tokens=(a_token(1, ANNA, visibility=Visibility.INTERNAL),))
    cause = MailArrived(mail=a_mail("It is the left one."), envelope=an_envelope(), admitted=True)
    decision = decide({1: case}, cause, facts(case, keys=keys), modera(), NOON)
    assert names(decision)[:2] == ["MessageAdded", "StatusChanged"]


def test_admitted_mail_that_belongs_nowhere_opens_its_case():
    assert Story().mail(STRANGER, "Broken.", admitted=True, proofs=frozenset()).ending is Ending.NEW


# --- Automatic mail -------------------------------------------------------------------------------------------------

REPLIES = [kind for kind in Automatic if kind not in (Automatic.OWN, Automatic.MONITORING, Automatic.LIST)]


@pytest.mark.parametrize("kind", REPLIES)
def test_automatic_reply_opens_no_case(kind: Automatic):
    decision = Story().mail(STRANGER, "I am away.", automatic=kind, answerable=False)
    assert (names(decision), decision.notices) == (["MailIgnored"], ())


@pytest.mark.parametrize("status", ["Waiting for customer", "Waiting for approval", "Fixed", "Closed"])
@pytest.mark.parametrize("kind", [kind for kind in Automatic if kind is not Automatic.OWN])
def test_automatic_mail_changes_no_status_and_ends_no_ladder(kind: Automatic, status: str):
    story = a_story(status)
    decision = story.mail(CUSTOMER, "#reopen\nI am away.", automatic=kind, answerable=False)
    assert names(decision) == ["MessageAdded"]
    assert story.case.status == status
    assert not story.case.ladder_ended
    (added,) = [h.event for h in decision.happened if isinstance(h.event, MessageAdded)]
    assert (added.visibility, added.automatic) == (Visibility.INTERNAL, kind)
    assert {to for to, _ in told(decision)} <= {ANNA}


def test_who_works_on_the_case_hears_of_a_monitoring_systems_mail():
    decision = a_story("In progress").mail(CUSTOMER, "Disk full", automatic=Automatic.MONITORING, answerable=False)
    assert told(decision) == {(ANNA, "note")}


def test_command_in_a_members_automatic_mail_does_nothing():
    story = a_story()
    story.mail(ANNA, "take", automatic=Automatic.VACATION, answerable=False)
    assert story.case.assignee == ""


@pytest.mark.parametrize("kind", [Automatic.LIST, Automatic.MONITORING])
def test_automatic_mail_in_a_members_name_is_held_like_any_other_and_nobody_of_the_case_reads_it(kind: Automatic):
    story = a_story("In progress")
    before = story.case
    decision = story.mail(BEN, "Send me the password.", automatic=kind, proofs=CLAIMED, keep_tokens=False)
    assert (names(decision), told(decision)) == (["MailHeld"], {(BEN, "unproven")})
    assert "password" not in str(decision.notices)
    assert story.cases == {1: before}


@pytest.mark.parametrize("kind", REPLIES)
def test_automatic_reply_in_a_members_name_is_ignored_where_nothing_proves_it(kind: Automatic):
    story = a_story("In progress")
    before = story.case
    decision = story.mail(BEN, "I am away.", automatic=kind, proofs=CLAIMED, keep_tokens=False)
    assert (names(decision), decision.notices, story.cases) == (["MailIgnored"], (), {1: before})


def test_automatic_mail_of_a_member_that_is_held_can_be_let_in():
    story = a_story("In progress")
    decision = story.mail(BEN, "Disk full", automatic=Automatic.LIST, proofs=CLAIMED, keep_tokens=False, admitted=True)
    assert (names(decision), told(decision)) == (["MessageAdded"], {(ANNA, "note")})


def test_delivery_report_in_a_members_name_is_none():
    assert reported(HARD, sender=BEN) == (["MailIgnored"], set())


def reported(
    *recipients: ReportRecipient,
    template: str = "answer",
    known: bool = True,
    sender: str = "mailer-daemon@x.test",
) -> tuple[list[str], set[object]]:
    case = a_case("In progress")
    report = Report(recipients=recipients, reason="no such user", original_message_id="<x@example.com>")
    found = Found(cases={1: case} if known else {}, reported=Reported(1, CUSTOMER, template))
    mail = a_mail("It failed.", sender=sender, automatic=Automatic.REPORT, report=report)
    given = facts(sender=sender, proofs=CLAIMED, found=found)
    decision = decide({1: case}, MailArrived(mail=mail, envelope=an_envelope()), given, modera(), NOON)
    failed = [h.event for h in decision.happened if isinstance(h.event, DeliveryFailed)]
    return names(decision), {(e.to, e.status) for e in failed} | told(decision)


HARD = ReportRecipient(address="alias@x.test", action="failed", status="5.1.1", kind="hard")
SOFT = ReportRecipient(address=CUSTOMER, action="failed", status="4.2.2", kind="soft")
LATE = ReportRecipient(address=CUSTOMER, action="delayed", status="4.4.1", kind="delayed")


@pytest.mark.parametrize(
    ("entries", "template", "events", "outcome"),
    [
        pytest.param(
            (HARD,),
            "answer",
            ["MessageAdded", "DeliveryFailed"],
            {(CUSTOMER, "5.1.1"), (ANNA, "delivery_failed")},
            id="a notice that failed for good: its own recipient, not what the report says",
        ),
        pytest.param(
            (SOFT, HARD),
            "answer",
            ["MessageAdded", "DeliveryFailed"],
            {(CUSTOMER, "5.1.1"), (ANNA, "delivery_failed")},
            id="the entry that failed for good counts",
        ),
        pytest.param(
            (SOFT,),
            "answer",
            ["MessageAdded", "DeliveryFailed"],
            {(CUSTOMER, "4.2.2"), (ANNA, "delivery_failed")},
            id="a failure that may pass for the next mail: this one did not arrive",
        ),
        pytest.param((LATE,), "answer", ["MessageAdded"], set(), id="a delay"),
        pytest.param((), "answer", ["MessageAdded"], set(), id="a report that names nobody"),
        pytest.param(
            (HARD,),
            "delivery_failed",
            ["MessageAdded", "DeliveryFailed"],
            {(CUSTOMER, "5.1.1")},
            id="never a notice about a failed notice of failure",
        ),
    ],
)
def test_delivery_report_is_attached_and_a_failure_told(
    entries: tuple[ReportRecipient, ...], template: str, events: list[str], outcome: set[tuple[str, str]]
):
    assert reported(*entries, template=template) == (events, outcome)


def test_a_report_on_no_letter_of_ours_belongs_to_no_case():
    report = Report(recipients=(HARD,), reason="no such user", original_message_id="<theirs@example.net>")
    mail = a_mail("It failed.", sender="mailer-daemon@x.test", automatic=Automatic.REPORT, report=report)
    given = facts(sender="mailer-daemon@x.test", proofs=CLAIMED, found=Found())
    decision = decide({}, MailArrived(mail=mail, envelope=an_envelope()), given, modera(), NOON)
    assert (names(decision), decision.notices) == (["MailIgnored"], ())
    assert "belongs to no case" in decision.reason


def test_a_notice_fails_once_however_many_reports_come():
    case = replace(a_case("In progress"), undelivered=("<x@example.com>",))
    report = Report(recipients=(HARD,), reason="no such user", original_message_id="<x@example.com>")
    mail = a_mail("It failed.", sender="mailer-daemon@x.test", automatic=Automatic.REPORT, report=report)
    found = Found(cases={1: case}, reported=Reported(1, CUSTOMER, "answer"))
    given = facts(sender="mailer-daemon@x.test", proofs=CLAIMED, found=found)
    decision = decide({1: case}, MailArrived(mail=mail, envelope=an_envelope()), given, modera(), NOON)
    assert (names(decision), decision.notices) == (["MailIgnored"], ())
    assert "known not to have reached" in decision.reason


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        pytest.param(Automatic.VACATION, ["MessageAdded"], id="an absence notice goes to the return path"),
        pytest.param(Automatic.REPORT, ["MessageAdded"], id="a report that no program can read"),
    ],
)
def test_automatic_mail_to_the_return_path_of_a_letter_belongs_to_its_case(kind: Automatic, ending: list[str]):
    case = a_case("In progress")
    found = Found(cases={1: case}, reported=Reported(1, CUSTOMER, "answer", "<x@example.com>"))
    given = facts(proofs=CLAIMED, found=found)
    cause = MailArrived(mail=a_mail("I am away.", automatic=kind), envelope=an_envelope())
    decision = decide({1: case}, cause, given, modera(), NOON)
    assert (names(decision), told(decision)) == (ending, set())


@pytest.mark.parametrize("reported_on", [None, Reported(None, ANNA, "digest_opening", "<y@example.com>")])
def test_automatic_mail_that_is_about_no_case_belongs_to_none(reported_on: Reported | None):
    cause = MailArrived(mail=a_mail("I am away.", automatic=Automatic.VACATION), envelope=an_envelope())
    given = facts(proofs=CLAIMED, found=Found(reported=reported_on))
    assert names(decide({}, cause, given, modera(), NOON)) == ["MailIgnored"]


@pytest.mark.parametrize("kind", [Automatic.VACATION, Automatic.REPORT, Automatic.RECEIPT, Automatic.ACKNOWLEDGEMENT])
def test_what_only_words_call_automatic_opens_a_case_that_nobody_acknowledges(kind: Automatic):
    mail = a_mail("Our automatic reply is broken.", automatic=kind, by_words=True, answerable=False)
    decision = decide({}, MailArrived(mail=mail, envelope=an_envelope()), facts(), modera(), NOON)
    assert "CaseOpened" in names(decision)
    assert {template for _, template in told(decision)} == {"case_new"}


def test_what_only_words_call_automatic_is_told_in_its_case_and_changes_nothing():
    story = a_story("Waiting for customer")
    before = story.case
    decision = story.mail(CUSTOMER, "I am away.", automatic=Automatic.VACATION, by_words=True, answerable=False)
    assert (names(decision), told(decision)) == (["MessageAdded"], {(ANNA, "note")})
    assert story.case.status == before.status


def test_a_member_is_taken_at_their_words():
    mail = a_mail("I am away.", sender=ANNA, automatic=Automatic.VACATION, by_words=True, answerable=False)
    decision = decide({}, MailArrived(mail=mail, envelope=an_envelope()), facts(sender=ANNA), modera(), NOON)
    assert names(decision) == ["MailIgnored"]


def test_a_failure_is_remembered_by_the_notice_that_failed():
    failed = DeliveryFailed(at=NOON, to=CUSTOMER, status="5.1.1", message_id="<x@example.com>")
    refused = DeliveryFailed(at=NOON, to=CUSTOMER, status="5.1.1")
    assert evolve(evolve(a_case(), failed), refused).undelivered == ("<x@example.com>",)


def test_delivery_report_on_nothing_of_ours_is_ignored():
    assert reported(HARD, known=False) == (["MailIgnored"], set())


def test_every_way_ends_with_a_reason():
    story = a_story("Fixed")
    story.mail(BEN, "note: hm")
    story.mail(LEA, "take", proofs=CLAIMED)
    story.mail(CUSTOMER, "help", case=2)
    assert all(decision.ending is not None and decision.reason for decision in story.decisions)
    assert SESSION > CLAIMED
