"""Delivery reports: by the book, and as mail servers wrote them before there was one."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic, ReportRecipient

STATUS = """From: MAILER-DAEMON@mx.example.com
To: support@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver your message.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

{recipient}
--b
Content-Type: text/rfc822-headers

Message-ID: <notice-1@example.com>
Subject: Your case
--b--
"""


def recipient(**fields: str) -> str:
    return "\n".join(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"Final_Recipient": "rfc822; Anna@Customer.test", "Action": "failed", "Status": "5.1.1"},
            ("anna@customer.test", "failed", "5.1.1", "hard"),
            id="hard",
        ),
        pytest.param(
            {"Final_Recipient": "rfc822;<anna@customer.test>", "Action": "delayed", "Status": "4.4.1"},
            ("anna@customer.test", "delayed", "4.4.1", "delayed"),
            id="delayed",
        ),
        pytest.param(
            {"Final_Recipient": "rfc822; anna@customer.test", "Action": "failed", "Status": "5.2.2 (mailbox full)"},
            ("anna@customer.test", "failed", "5.2.2", "soft"),
            id="mailbox-full",
        ),
        pytest.param(
            {"Final_Recipient": "rfc822; anna@customer.test", "Action": "delivered", "Status": "2.0.0"},
            ("anna@customer.test", "delivered", "2.0.0", "delivered"),
            id="delivered",
        ),
        pytest.param(
            {
                "Original_Recipient": "rfc822; anna@customer.test",
                "Final_Recipient": "rfc822; x@inner.test",
                "Action": "failed",
                "Status": "5.0.0",
                "Diagnostic_Code": "smtp; 550 5.1.1 unknown",
            },
            ("anna@customer.test", "failed", "5.1.1", "hard"),
            id="the-address-we-wrote-to-and-the-more-exact-code",
        ),
    ],
)
def test_a_report_by_the_book_is_read_from_its_fields(fields: dict[str, str], expected: tuple[str, str, str, str]):
    mail = read_mail(STATUS.format(recipient=recipient(**fields)).encode())
    assert mail.automatic is Automatic.REPORT
    assert not mail.answerable
    assert mail.report is not None
    where, action, status, kind = expected
    assert mail.report.recipients == (ReportRecipient(address=where, action=action, status=status, kind=kind),)
    assert mail.report.original_message_id == "<notice-1@example.com>"


PROSE = {
    "qmail": (
        "Hi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your message "
        "to the following addresses.\n\n<anna@customer.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <notice-1@example.com>\nTo: bob@other.test\n"
    ),
    "exim": (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  anna@customer.test\n    unknown user\n\n------ This is a copy of the message ------\n\n"
        "Message-ID: <notice-1@example.com>\nFrom: other@other.test\n"
    ),
    "sendmail": (
        "   ----- The following addresses had permanent fatal errors -----\n<anna@customer.test>\n\n"
        "   ----- Transcript of session follows -----\n550 <anna@customer.test>... User unknown\n\n"
        "   ----- Original message follows -----\n\nMessage-Id: <notice-1@example.com>\nTo: x@y.test\n"
    ),
}


@pytest.mark.parametrize("server", PROSE)
def test_a_report_in_prose_is_read_up_to_the_returned_mail(server: str):
    head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: support@example.com\nSubject: failure notice\n\n"
    mail = read_mail((head + PROSE[server]).encode())
    assert mail.automatic is Automatic.REPORT
    assert mail.report is not None
    assert [(one.address, one.kind) for one in mail.report.recipients] == [("anna@customer.test", "hard")]
    assert mail.report.original_message_id == "<notice-1@example.com>"


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        pytest.param(
            "anna@customer.test", "Mail problem", "Mails to bob@customer.test are rejected: 550", id="about-mail"
        ),
        pytest.param(
            "anna@customer.test", "Re: Undelivered Mail Returned to Sender", "I got this for bob@x.test", id="an-answer"
        ),
        pytest.param("anna@customer.test", "Delivery delayed", "The parcel is late.", id="a-parcel"),
    ],
)
def test_a_person_who_writes_of_failed_mail_is_no_report(sender: str, subject: str, text: str):
    mail = read_mail(f"From: {sender}\nTo: support@example.com\nSubject: {subject}\n\n{text}\n".encode())
    assert (mail.report, mail.automatic) == (None, None)
