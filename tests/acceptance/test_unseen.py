"""Mails that no person wrote: reports and auto-replies are kept where they belong, and never answered.

Desks in this process; what one sends is what the other gets.
"""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.event import ClockName
from mailbot.model import Case, Span
from tests.acceptance.bench import Bench, mail_of, reply_to, text_of, with_words
from tests.acceptance.desk import SUPPORT

MARI, ANNA = "mari@example.com", "anna@customer.test"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk with one case, taken by Mari, who asks the customer something."""
    bench = Bench(tmp_path / "desk", MARI)
    bench.write(mail_of(ANNA, SUPPORT, "The pump", "Our pump makes a noise."))
    (team,) = bench.sent(MARI)
    bench.write(reply_to(team, "ask\n\nWhich pump is it?"), session=MARI)
    assert bench.case().status == "Waiting for customer"
    yield bench
    bench.close()


def resolution(case: Case) -> tuple[Span, ...]:
    """The ledger of the resolution clock: when it ran and when it rested."""
    (clock,) = [clock for clock in case.clocks if clock.name is ClockName.RESOLUTION]
    return clock.spans


def report_on(letter: EmailMessage, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """Write the delivery report that a mail server sends back for a letter (RFC 3462, RFC 3464)."""
    original = f"From: {letter['From']}\nTo: {letter['To']}\nMessage-ID: {letter['Message-ID']}\nSubject: x\n"
    return f"""\
From: Mail Delivery System <mailer-daemon@mx.customer.test>
To: {SUPPORT}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{status}@mx.customer.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I could not deliver your mail to {letter["To"]}.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.test

Final-Recipient: rfc822; {letter["To"]}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user here

--b
Content-Type: text/rfc822-headers

{original}
--b--
""".encode()


def question_of(bench: Bench) -> EmailMessage:
    (question,) = with_words(bench.sent(ANNA), "Which pump is it?")
    return question


def test_a_report_on_a_notice_of_ours_marks_the_case_and_tells_its_assignee_once(bench: Bench) -> None:
    messages = bench.case().messages
    (told,) = bench.write(report_on(question_of(bench)))
    assert told["To"] == MARI
    assert "5.1.1" in text_of(told)
    assert ANNA in text_of(told)
    (failed,) = bench.events("DeliveryFailed", 1)
    assert (failed["to"], failed["status"]) == (ANNA, "5.1.1")
    assert bench.case().messages == messages + 1, "the report lies with the case"
    assert bench.case().status == "Waiting for customer"
    assert bench.write(report_on(question_of(bench))) == [], "the same report once more is no news"
    assert len(bench.events("DeliveryFailed", 1)) == 1


@pytest.mark.parametrize(
    ("status", "action"),
    [pytest.param("4.4.1", "delayed", id="delayed"), pytest.param("2.0.0", "delivered", id="delivered")],
)
def test_a_report_of_no_failure_lies_with_the_case_and_alarms_nobody(bench: Bench, status: str, action: str) -> None:
    assert bench.write(report_on(question_of(bench), status=status, action=action)) == []
    assert bench.events("DeliveryFailed", 1) == []


def test_a_report_on_somebody_elses_mail_touches_no_case(bench: Bench) -> None:
    before = bench.case()
    forged = mail_of("support@example.com", ANNA, "[HD-1] The pump", "x")
    assert bench.write(report_on(forged)) == []
    assert bench.case() == before


def absence(letter: EmailMessage, **fields: str) -> EmailMessage:
    """What an absent customer's mail program answers to a letter."""
    mail = reply_to(letter, "I am out of the office until Monday.", **({"Auto-Submitted": "auto-replied"} | fields))
    mail.replace_header("Subject", f"Automatic reply: {letter['Subject']}")
    return mail


def test_an_absence_notice_is_kept_with_the_case_and_does_not_answer_the_question(bench: Bench) -> None:
    before = bench.case()
    assert not resolution(before)[-1].running
    bench.now += timedelta(hours=2)
    assert bench.write(absence(question_of(bench))) == []
    after = bench.case()
    assert (after.status, after.messages) == ("Waiting for customer", before.messages + 1)
    assert resolution(after) == resolution(before)
    assert bench.write(reply_to(question_of(bench), "The big one.")) != []
    assert bench.case().status == "In progress", "what the person writes is an answer"
    assert resolution(bench.case())[-1].running


def test_a_storm_of_fifty_automatic_answers_makes_no_mail(bench: Bench) -> None:
    question = question_of(bench)
    marks = [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk", "Auto-Submitted": "auto-replied"},
        {"X-Autoreply": "yes", "Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-replied (vacation)"},
    ]
    for number in range(50):
        bench.take_in(absence(question, **marks[number % len(marks)]))
    assert bench.rest() == []
    strangers = (
        mail_of(f"c{n}@customer.test", SUPPORT, "Out of office", "I am away.", **marks[n % len(marks)])
        for n in range(50)
    )
    for mail in strangers:
        bench.take_in(mail)
    assert bench.rest() == []
    assert len(bench.store.cases()) == 1
    account = bench.account()
    assert account == {"received": 102, "new": 1, "threaded": 51, "ignored": 50}


@pytest.mark.parametrize("stripped", [pytest.param(False, id="fields-kept"), pytest.param(True, id="fields-stripped")])
def test_two_desks_that_write_to_each_other_soon_fall_silent(tmp_path: Path, *, stripped: bool) -> None:
    one = Bench(tmp_path / "one", "mari@one.test", domain="one.test")
    other = Bench(tmp_path / "other", "jaan@other.test", domain="other.test")
    desks = {"support@one.test": (one, other), "support@other.test": (other, one)}
    # A person writes in the name of the other desk, and the two are left to themselves.
    waiting = one.write(mail_of("support@other.test", "support@one.test", "Hello", "Do you have my order?"))
    automatic = 0
    for _ in range(20):
        crossing = [
            m for m in waiting if str(m["To"]).partition("+")[0].partition("@")[2] in ("one.test", "other.test")
        ]
        crossing = [m for m in crossing if m["To"] in desks]
        automatic += len(crossing)
        waiting = []
        for mail in crossing:
            if stripped:
                for field in ("Auto-Submitted", "X-Mailbot-Loop", "X-Auto-Response-Suppress", "X-Mailbot-Case"):
                    del mail[field]
            here, _ = desks[str(mail["To"])]
            waiting += here.write(mail)
        if not crossing:
            break
    assert 1 <= automatic <= (4 if stripped else 2)
    assert not waiting
    one.close()
    other.close()


def test_a_report_on_the_alarm_about_a_report_alarms_nobody(bench: Bench) -> None:
    (gone,) = bench.write(report_on(question_of(bench)))
    assert bench.write(report_on(gone, status="5.1.2")) == []
    assert [event["status"] for event in bench.events("DeliveryFailed", 1)] == ["5.1.1", "5.1.2"]
