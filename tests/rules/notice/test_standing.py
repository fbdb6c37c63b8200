"""What a failed letter counts, when nothing more is written to an address, and what of a decision does not go out."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.decision import AutoSubmitted, DeliveryReported, Ending, MailArrived, Notice
from mailbot.event import AddressCleared, AddressStopped, AlarmRaised, DeliveryFailed, Visibility
from mailbot.facts import Facts, Found, Reported
from mailbot.mail import Automatic, Report, ReportRecipient
from mailbot.rules.decide import decide
from mailbot.rules.notice import limits
from mailbot.rules.notice.standing import kind_of, points
from mailbot.standing import Recipient, Sent, Standing
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    LEA,
    NOON,
    SESSION,
    VERIFIED,
    a_case,
    a_desk,
    a_directory,
    a_mail,
    a_story,
    an_envelope,
    changed,
    facts,
    modera,
    names,
    told,
)

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "status", "reason", "counted"),
    [
        pytest.param("hard", "5.1.1", "", 2, id="no such mailbox"),
        pytest.param("hard", "5.0.0", "", 2, id="a server that says no more"),
        pytest.param("soft", "4.2.2", "", 1, id="a full mailbox"),
        pytest.param("delayed", "4.4.1", "", 0, id="a delay"),
        pytest.param("hard", "5.7.1", "", 0, id="a policy"),
        pytest.param("hard", "5.3.4", "", 0, id="a letter that is too large"),
        pytest.param("hard", "5.1.1", "spam", 0, id="a reason that is not the address"),
        pytest.param("hard", "", "unknown-address", 2, id="no status"),
    ],
)
def test_what_a_failure_counts(kind: str, status: str, reason: str, counted: int):
    assert points(kind, status, reason) == counted


@pytest.mark.parametrize(
    ("status", "kind"),
    [("5.1.1", "hard"), ("5.2.1", "hard"), ("5.2.2", "soft"), ("4.2.2", "soft"), ("5.7.1", ""), ("", ""), ("5", "")],
)
def test_what_the_relays_refusal_says_of_the_address(status: str, kind: str):
    assert kind_of(status) == kind


def refused(to: str = CUSTOMER, status: str = "5.1.1", case: int | None = 1, before: Standing | None = None) -> Any:
    story = a_story("In progress")
    cause = DeliveryReported(case=case, to=to, template="answer", status=status, reason="no such user")
    standings = {to: before} if before else {}
    given = Facts(desk=a_desk(), directory=a_directory(), standings=standings)
    return story, story.happens(cause, given, story.now)


@pytest.mark.parametrize(
    ("before", "score", "stops"),
    [
        pytest.param(None, 2, False, id="the first"),
        pytest.param(Standing(score=1, failed=NOON), 3, False, id="beside a soft one"),
        pytest.param(Standing(score=2, failed=NOON), 4, True, id="the second"),
        pytest.param(Standing(score=2, failed=NOON - 30 * DAY), 2, False, id="the first for thirty days"),
        pytest.param(Standing(score=4, failed=NOON, stopped=NOON), 6, False, id="one that was on its way"),
        pytest.param(
            Standing(score=4, failed=NOON - 31 * DAY, stopped=NOON - 31 * DAY), 2, False, id="the stop is long over"
        ),
    ],
)
def test_failures_add_up_until_the_address_is_stopped(before: Standing | None, score: int, stops: bool):
    story, decision = refused(before=before)
    (failed,) = [h.event for h in decision.happened if isinstance(h.event, DeliveryFailed)]
    assert (failed.score, failed.kind) == (score, "hard")
    assert [h.event for h in decision.happened if isinstance(h.event, AddressStopped)] == [
        AddressStopped(at=story.now, to=CUSTOMER, since=story.now, status="5.1.1", reason="")
    ] * stops
    assert [notice.data["stopped"] for notice in decision.notices] == [stops]
    assert story.case.stopped == ({CUSTOMER: story.now} if stops else {})


def test_what_says_nothing_about_the_address_counts_nothing():
    _, decision = refused(status="5.7.1", before=Standing(score=3, failed=NOON))
    (failed,) = [h.event for h in decision.happened]
    assert isinstance(failed, DeliveryFailed)
    assert (failed.score, failed.kind) == (3, "")


@pytest.mark.parametrize(
    ("to", "case", "score", "hear"),
    [
        pytest.param(BEN, 1, 2, {(ANNA, "delivery_failed"), (LEA, "delivery_failed")}, id="a member's address"),
        pytest.param(BEN, None, 2, {(LEA, "delivery_failed")}, id="of no case"),
        pytest.param(LEA, None, 2, set(), id="who leads is not told in a mail that cannot reach them"),
        pytest.param(BEN, None, 0, set(), id="of no case, and not stopped"),
    ],
)
def test_who_leads_hears_where_no_customer_is_out_of_reach(to: str, case: int | None, score: int, hear: set[Any]):
    _, decision = refused(to, case=case, before=Standing(score=score, failed=NOON))
    assert told(decision) == hear
    assert {happened.case for happened in decision.happened} == {case}


def test_a_report_on_a_letter_about_no_case_counts_and_is_done_with():
    report = Report(recipients=(ReportRecipient(address=BEN, action="failed", status="5.1.1", kind="hard"),))
    mail = a_mail("It failed.", sender="mailer-daemon@x.test", automatic=Automatic.REPORT, report=report)
    found = Found(reported=Reported(None, BEN, "digest", "<d@example.com>"))
    given = facts(sender="mailer-daemon@x.test", proofs=CLAIMED, found=found)
    decision = decide({}, MailArrived(mail=mail, envelope=an_envelope()), given, modera(), NOON)
    assert names(decision) == ["DeliveryFailed", "MailIgnored"]


@pytest.mark.parametrize(
    ("proofs", "clears"),
    [pytest.param(VERIFIED, True, id="proven"), pytest.param(CLAIMED, False, id="a name alone")],
)
def test_a_proven_mail_from_a_stopped_address_clears_it(proofs: Any, clears: bool):
    standings = {CUSTOMER: Standing(score=4, failed=NOON, stopped=NOON)}
    cause = MailArrived(mail=a_mail(), envelope=an_envelope())
    decision = decide({}, cause, facts(proofs=proofs, standings=standings), modera(), NOON)
    assert [h.case for h in decision.happened if isinstance(h.event, AddressCleared)] == [None] * clears


# --- what does not go out -------------------------------------------------------------------------------------------

STOPPED = {CUSTOMER: Recipient(standing=Standing(score=4, failed=NOON, stopped=NOON, status="5.1.1", reason="gone"))}


def says(line: str, known: dict[str, Recipient], **case: Any) -> Any:
    mine = a_case("In progress", **case)
    given = facts(mine, sender=ANNA, proofs=SESSION, recipients=known)
    cause = MailArrived(mail=a_mail(line, sender=ANNA), envelope=an_envelope())
    return decide({1: mine}, cause, given, modera(), NOON)


def test_nothing_is_written_to_a_stopped_address_and_who_works_on_the_case_hears_once():
    decision = says("fix: It runs.", STOPPED)
    assert "AddressStopped" in names(decision)
    assert CUSTOMER not in {notice.to for notice in decision.notices}
    (heard,) = [notice for notice in decision.notices if notice.template == "delivery_failed"]
    assert (heard.to, heard.data["stopped"], heard.data["reason"]) == (ANNA, True, "gone")
    again = says("status Waiting for customer", STOPPED, stopped={CUSTOMER: NOON})
    assert "delivery_failed" not in {notice.template for notice in again.notices}
    assert CUSTOMER not in {notice.to for notice in again.notices}


def test_whose_words_do_not_go_out_hears_each_time():
    decision = says("It runs again, please try.", STOPPED, stopped={CUSTOMER: NOON})
    assert "AddressStopped" not in names(decision)
    assert (ANNA, "delivery_failed") in told(decision)
    assert CUSTOMER not in {notice.to for notice in decision.notices}


def test_thirty_days_after_the_last_failure_it_is_tried_again():
    old = Standing(score=4, failed=NOON - 30 * DAY, stopped=NOON - 30 * DAY)
    assert CUSTOMER in {notice.to for notice in says("It runs.", {CUSTOMER: Recipient(standing=old)}).notices}


@pytest.mark.parametrize(("hours", "told"), [(23, False), (24, True)])
def test_a_member_is_tried_again_after_a_day(hours: int, told: bool):
    old = Standing(score=4, failed=NOON - timedelta(hours=hours), stopped=NOON - 9 * DAY)
    decision = says("take", {ANNA: Recipient(standing=old)})
    assert (ANNA in {notice.to for notice in decision.notices}) == told


def test_the_team_hears_for_an_assignee_whom_no_letter_reaches():
    mine = a_case("In progress", assignee=ANNA)
    gone = Recipient(standing=Standing(score=4, failed=NOON, stopped=NOON))
    given = facts(mine, sender=CUSTOMER, proofs=VERIFIED, recipients={ANNA: gone})
    cause = MailArrived(mail=a_mail("It burns again."), envelope=an_envelope())
    heard = {notice.to for notice in decide({1: mine}, cause, given, modera(), NOON).notices}
    assert heard - {CUSTOMER} == {BEN, LEA}


def test_an_answer_about_no_case_to_a_stopped_address_is_just_not_made():
    cause = MailArrived(mail=a_mail("help", subject="A question"), envelope=an_envelope())
    decision = decide({}, cause, facts(recipients=STOPPED), modera(), NOON)
    assert decision.notices == ()


def a_notice(template: str = "status_changed", **keys: Any) -> Notice:
    values: dict[str, Any] = {"at": NOON, "template": template, "to": CUSTOMER, "case": 1}
    return Notice(**values | {"visibility": Visibility.PUBLIC} | keys)


INSIDE: dict[str, Any] = {"visibility": Visibility.INTERNAL, "to": ANNA}


@pytest.mark.parametrize(
    ("notice", "about", "in_all", "said"),
    [
        pytest.param(a_notice(), Sent(9, 24, 99), Sent(29, 119, 359), "", id="the last of each"),
        pytest.param(a_notice(), Sent(10), Sent(10), "10 automatic mails in ten minutes, about", id="ten minutes"),
        pytest.param(a_notice(), Sent(0, 25), Sent(), "25 automatic mails in an hour, about", id="an hour"),
        pytest.param(a_notice(), Sent(0, 0, 100), Sent(), "100 automatic mails in ten hours", id="ten hours"),
        pytest.param(a_notice(), Sent(), Sent(30), "30 automatic mails in ten minutes, to", id="of all cases"),
        pytest.param(a_notice(case=None), Sent(10), Sent(0, 120), "120 automatic mails", id="about no case"),
        pytest.param(a_notice(auto_submitted=AutoSubmitted.NO), Sent(10), Sent(99), "", id="a person's words"),
        pytest.param(a_notice(**INSIDE), Sent(10), Sent(10), "about this case", id="a member, of one case"),
        pytest.param(a_notice(**INSIDE), Sent(), Sent(30, 120, 360), "", id="a member, of all cases"),
        pytest.param(a_notice("escalated", **INSIDE), Sent(10), Sent(), "", id="what a member must not miss"),
        pytest.param(a_notice("held", case=None, **INSIDE), Sent(29, 119, 359), Sent(), "", id="mail that is held"),
        pytest.param(
            a_notice("held", case=None, **INSIDE), Sent(30), Sent(), "about mail that is held", id="a flood of it"
        ),
        pytest.param(
            a_notice("command_result", auto_submitted=AutoSubmitted.REPLIED, **INSIDE),
            Sent(10),
            Sent(),
            "",
            id="an answer to a member's own mail",
        ),
    ],
)
def test_how_many_automatic_mails_are_too_many(notice: Notice, about: Sent, in_all: Sent, said: str):
    found = limits.over(notice, about, in_all)
    assert said in found if said else not found


def test_a_notice_that_is_one_too_many_is_not_made_and_the_desk_hears_of_it():
    mine = a_case("In progress")
    known = {ANNA: Recipient(sent={1: Sent(10, 10, 10)})}
    cause = MailArrived(mail=a_mail("And another thing."), envelope=an_envelope())
    decision = decide({1: mine}, cause, facts(mine, recipients=known), modera(), NOON)
    assert "MessageAdded" in names(decision)
    assert told(decision) == {(LEA, "alarm"), (ANNA, "alarm")}
    assert [hit.reason for hit in decision.hits if hit.rule == "limits"] == [
        f"no customer_answered to {ANNA}: the limit of 10 automatic mails in ten minutes, about this case"
    ]


def test_of_a_flood_of_held_mail_members_hear_no_more_and_who_leads_hears_that_there_is_more():
    known = {one: Recipient(sent={None: Sent(30, 120, 360)}) for one in (ANNA, LEA)}
    process = changed(modera(), entitlement={"contract": True})
    cause = MailArrived(mail=a_mail("It fails."), envelope=an_envelope())
    decision = decide({}, cause, facts(recipients=known), process, NOON)
    assert decision.ending is Ending.HELD
    assert {(ANNA, "held"), (LEA, "held")}.isdisjoint(told(decision))
    assert {(ANNA, "alarm"), (LEA, "alarm")} <= told(decision)
    assert [h.event.kind for h in decision.happened if isinstance(h.event, AlarmRaised)] == ["held"]


def test_what_one_decision_asks_for_counts_too():
    mine = a_case("In progress", watchers=("jaan@customer.test",))
    known = {ANNA: Recipient(sent={1: Sent(9, 9, 9)})}
    cause = MailArrived(mail=a_mail("And another thing."), envelope=an_envelope())
    decision = decide({1: mine}, cause, facts(mine, recipients=known), modera(), NOON)
    assert (ANNA, "customer_answered") in told(decision)
