"""Delivery reports in prose, in the words of many servers, and what people write about mail that failed."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic, Mail

ERIKA = "erika@customer.test"
RETURNED = (
    "Received: from desk.example.com by mx.test; Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <notice-1@example.com>\n"
    f"From: support@example.com\nTo: {ERIKA}, third@else.test\nSubject: Your case\n\nWrite to fourth@else.test.\n"
)


def a_mail(sender: str, subject: str, text: str, *fields: str) -> Mail:
    head = "\n".join([f"From: {sender}", "To: support@example.com", f"Subject: {subject}", *fields])
    return read_mail(f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


@pytest.mark.parametrize("path", [("Return-Path: <>",), ()], ids=["to-a-null-path", "without-one"])
@pytest.mark.parametrize(
    ("sender", "subject", "text", "expected"),
    [
        pytest.param(
            "postmaster@x.test",
            "[BOUNCE]",
            "Hi. This is the mail server at x.test.\nI was not able to deliver it.\n\nMessage details:\n"
            f"  MAIL FROM: support@example.com\n  RCPT TO: {ERIKA}\n\nError message below:\n550 no such user here\n",
            (ERIKA, "", "hard", "unknown-address"),
            id="a-table-of-the-envelope",
        ),
        pytest.param(
            "Mail Admin <admin@x.test>",
            "Message could not be delivered",
            f"Your message could not be sent.\nAddressed To: {ERIKA}\n\n{ERIKA}: [192.0.2.5], 550 No such user\n",
            (ERIKA, "", "hard", "unknown-address"),
            id="addressed-to",
        ),
        pytest.param(
            "Postmaster <postmaster@x.test>",
            "Undeliverable Mail",
            f"User mailbox exceeds allowed size: {ERIKA}\n\nOriginal message follows.\n\n{RETURNED}",
            (ERIKA, "", "soft", "mailbox-full"),
            id="one-line",
        ),
        pytest.param(
            "System Administrator <postmaster@x.test>",
            "Undeliverable: Your case",
            f"Your message\n\n  To: {ERIKA}\n  Subject: Your case\n\ndid not reach the following recipient(s):\n\n"
            "erika on Mon, 2 Mar 2026 10:00:00 +0000\n    The recipient name is not recognized\n",
            (ERIKA, "", "hard", "unknown-address"),
            id="only-its-own-name-for-the-mailbox",
        ),
        pytest.param(
            "MAILER-DAEMON@x.test",
            "Mail delivery failed",
            "A message that you sent could not be delivered. The following address failed:\n\n"
            f"  an undisclosed address\n    (generated from {ERIKA})\n",
            (ERIKA, "", "hard", "other"),
            id="an-address-that-it-became",
        ),
        pytest.param(
            "MAILER-DAEMON@customer.test",
            "Mail Delivery Problem",
            "Your mail to the following recipients could not be delivered because they are not accepting mail from "
            "other@example.com:\n\terika\n",
            (ERIKA, "", "hard", "mailbox-disabled"),
            id="without-its-domain",
        ),
        pytest.param(
            "PostMaster@x.test",
            "系统退信",
            f"抱歉，您的邮件被退回来了……\n收件人邮件地址：{ERIKA}\n退信原因：收件人邮件地址（{ERIKA}）不存在。\n",  # noqa: RUF001
            (ERIKA, "", "hard", "unknown-address"),
            id="chinese",
        ),
        pytest.param(
            "postmaster@x.test",
            "Niet bezorgd: Your case",
            f"Uw bericht kon niet worden bezorgd bij:\n\n{ERIKA}\n    550 5.1.1 onbekende gebruiker\n",
            (ERIKA, "5.1.1", "hard", "unknown-address"),
            id="dutch",
        ),
        pytest.param(
            "postmaster@x.test",
            "Mail Delivery Status",
            f"The following recipients were rejected.\n\n\t* [{ERIKA}]: 550 {ERIKA}...User account is overquota\n\n"
            "Original message details:\n\t* To: else@else.test\n",
            (ERIKA, "", "soft", "mailbox-full"),
            id="in-square-brackets",
        ),
        pytest.param(
            "MAILER-DAEMON@x.test",
            "failure notice",
            f"Server 4.80.1 of MX 5.1.1000\n<{ERIKA}>:\nRemote host said: 552 5.3.4 Message too large\n\n--- Below "
            f"this line is a copy of the message.\n\n{RETURNED}",
            (ERIKA, "5.3.4", "hard", "too-large"),
            id="a-version-is-no-status",
        ),
    ],
)
def test_who_failed_and_why_is_read_from_the_words_of_many_servers(
    path: tuple[str, ...], sender: str, subject: str, text: str, expected: tuple[str, str, str, str]
):
    mail = a_mail(sender, subject, text, *path)
    assert (mail.automatic, mail.answerable) == (Automatic.REPORT, False)
    assert mail.report is not None
    told = [(one.address, one.status, one.kind, mail.report.reason) for one in mail.report.recipients]
    assert told == [expected]


def test_each_address_has_the_status_and_the_sentence_that_follow_it():
    text = (
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        f"<{ERIKA}>:\nRemote host said: 552 5.2.2 over quota\n\n<otto@customer.test>:\nno such user (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\n{RETURNED}"
    )
    mail = a_mail("MAILER-DAEMON@x.test", "failure notice", text)
    assert mail.report is not None
    assert [(one.address, one.status, one.kind) for one in mail.report.recipients] == [
        (ERIKA, "5.2.2", "soft"),
        ("otto@customer.test", "5.1.1", "hard"),
    ]
    assert (mail.report.reason, mail.report.said) == ("mailbox-full", "Remote host said: 552 5.2.2 over quota")
    assert mail.report.original_message_id == "<notice-1@example.com>"


@pytest.mark.parametrize(
    ("sender", "subject", "text", "fields"),
    [
        pytest.param(
            "anna@customer.test",
            "My parcel could not be delivered",
            "The parcel to otto@customer.test could not be delivered, please help.",
            (),
            id="a-parcel",
        ),
        pytest.param(
            "anna@customer.test",
            "Delivery failure of your mails",
            "Our users tell us that mail to otto@customer.test bounced with 550 5.1.1 user unknown. Why?",
            (),
            id="a-question-about-it",
        ),
        pytest.param(
            "postmaster@customer.test",
            "Re: Your mails are rejected",
            "I have put otto@customer.test on our list, it was rejected as unknown user before.",
            ("In-Reply-To: <x@example.com>",),
            id="a-postmaster-s-answer",
        ),
        pytest.param(
            "anna@customer.test",
            "Fwd: Undelivered Mail Returned to Sender",
            "What does this mean?\n\nYour message could not be delivered:\n<otto@customer.test>: 550 5.1.1 unknown",
            (),
            id="passed-on",
        ),
        pytest.param(
            "anna@customer.test",
            "failure notice",
            "Dear support,\nwe get this all the time:\n<otto@customer.test>:\n550 no such user\n",
            (),
            id="pasted",
        ),
        pytest.param(
            "anna@customer.test",
            "rejected",
            "The following users were rejected by the import: otto@customer.test, ben@customer.test.",
            (),
            id="a-list-of-users",
        ),
        pytest.param(
            "Administrator <administrator@customer.test>",
            "User unknown",
            "When otto@customer.test logs in it says user unknown.",
            (),
            id="an-administrator",
        ),
        pytest.param(
            "Administrator Anna <anna@notification.test>",
            "mailbox full",
            "Please raise the quota of otto@customer.test, it is full.",
            (),
            id="a-name-that-mail-systems-have",
        ),
    ],
)
def test_a_person_s_words_about_failed_mail_are_no_report(
    sender: str, subject: str, text: str, fields: tuple[str, ...]
):
    mail = a_mail(sender, subject, text, *fields)
    assert (mail.report, mail.automatic) == (None, None)


def test_who_writes_in_an_absence_notice_about_an_old_address_reports_nothing():
    text = "I am out of the office. My address otto@customer.test is no longer valid."
    mail = a_mail("anna@customer.test", "Out of Office: Your case", text, "Return-Path: <>")
    assert (mail.report, mail.automatic) == (None, Automatic.VACATION)
