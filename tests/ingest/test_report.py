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


def test_a_report_says_why_in_a_word_and_in_the_words_of_the_server():
    fields = recipient(
        Final_Recipient="rfc822; anna@customer.test",
        Action="failed",
        Status="5.7.1",
        Diagnostic_Code="smtp; 550 5.7.1 <anna@customer.test>: not found in our directory",
    )
    report = read_mail(STATUS.format(recipient=fields).encode()).report
    assert report is not None
    said = "550 5.7.1 <anna@customer.test>: not found in our directory"
    assert (report.reason, report.said) == ("unknown-address", said)


@pytest.mark.parametrize(
    ("action", "status", "read"),
    [("failure", "5.1.1", "failed"), ("error", "4.4.1", "delayed"), ("ok", "2.1.5", "delivered")],
)
def test_an_action_that_is_none_is_told_by_the_status(action: str, status: str, read: str):
    fields = recipient(Final_Recipient="rfc822; anna@customer.test", Action=action, Status=status)
    report = read_mail(STATUS.format(recipient=fields).encode()).report
    assert report is not None
    assert [one.action for one in report.recipients] == [read]
    assert bool(report.reason) == (read != "delivered")


FIELDS_AS_TEXT = """From: {sender}
To: support@example.com
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

{text}
--b
Content-Type: text/plain; name="details.txt"

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; anna@customer.test
Action: failed
Status: 5.1.1
--b--
"""


@pytest.mark.parametrize(
    ("sender", "subject", "text", "is_report"),
    [
        ("MAILER-DAEMON@mx.example.com", "Undelivered Mail", "I could not deliver your message.", True),
        ("bob@customer.test", "What is this?", "We got the attached from our server, what shall we do?", False),
    ],
    ids=["a-server", "a-person"],
)
def test_the_fields_of_a_report_count_as_a_text_where_a_server_wrote_them(
    sender: str, subject: str, text: str, is_report: bool
):
    report = read_mail(FIELDS_AS_TEXT.format(sender=sender, subject=subject, text=text).encode()).report
    told = [(one.address, one.status) for one in report.recipients] if report else []
    assert told == ([("anna@customer.test", "5.1.1")] if is_report else [])


@pytest.mark.parametrize(
    ("sender", "text", "automatic"),
    [("postmaster@mx.example.com", "", Automatic.REPORT), ("bob@customer.test", "What does this mean?", None)],
    ids=["a-filter", "a-person"],
)
def test_a_report_that_a_filter_packed_into_a_mail_is_one(sender: str, text: str, automatic: Automatic | None):
    inner = STATUS.format(
        recipient=recipient(Final_Recipient="rfc822; anna@customer.test", Action="failed", Status="5.1.1")
    )
    outer = (
        f"From: {sender}\nTo: support@example.com\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: text/plain\n\n{text}\n--o\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--o--\n"
    )
    mail = read_mail(outer.encode())
    assert mail.automatic is automatic
    assert [one.status for one in mail.report.recipients] if mail.report else automatic is None


RECEIPT = """From: Mail Delivery Subsystem <anna@customer.test>
To: support@example.com
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

{text}
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; anna@customer.test
Original-Message-ID: <notice-1@example.com>
Disposition: {disposition}
--b--
"""


@pytest.mark.parametrize(
    ("subject", "text", "disposition", "automatic"),
    [
        pytest.param(
            "Automatically rejected mail",
            "Your message was automatically rejected:\nQuota exceeded",
            "automatic-action/MDN-sent-automatically; deleted",
            Automatic.REPORT,
            id="by-a-filter",
        ),
        pytest.param(
            "Not read: Your case",
            "Your message was deleted without being read.",
            "manual-action/MDN-sent-manually; deleted",
            Automatic.RECEIPT,
            id="by-hand",
        ),
        pytest.param(
            "Read: Your case",
            "Your message was read.",
            "automatic-action/MDN-sent-automatically; displayed",
            Automatic.RECEIPT,
            id="read",
        ),
    ],
)
def test_a_receipt_for_a_mail_that_a_filter_threw_away_is_a_report(
    subject: str, text: str, disposition: str, automatic: Automatic
):
    mail = read_mail(RECEIPT.format(subject=subject, text=text, disposition=disposition).encode())
    assert mail.automatic is automatic
    if automatic is Automatic.REPORT:
        assert mail.report is not None
        assert [(one.address, one.kind) for one in mail.report.recipients] == [("anna@customer.test", "soft")]
        assert (mail.report.reason, mail.report.original_message_id) == ("mailbox-full", "<notice-1@example.com>")


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
