"""Mails made of what machines write: nothing raises, nobody is invented, time grows with the size alone."""

# ruff: noqa: E501, RUF001 - letters of many alphabets are what is read

import os
import time
from datetime import date
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mailbot.ingest.kind.absence import away_until
from mailbot.ingest.kind.report_reason import reason
from mailbot.ingest.parse import read_mail

#: Seconds for each test of this file; CI's slow lane gives fewer (Makefile).
SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))
#: A round ends when its time is up: so many examples are never reached.
ROUND = settings(
    max_examples=500,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 600)]

# fmt: off
FIELDS = st.sampled_from([
    "From: MAILER-DAEMON@x.test", "From: Anna <anna@customer.test>", "From: postmaster@x.test", "Return-Path: <>",
    "Subject: Undelivered Mail Returned to Sender", "Subject: Re: Out of office", "Subject: Vacation", "Subject: Read: x",
    "Subject: failure notice", "Subject: [FIRING:1] disk", "Auto-Submitted: auto-replied (x)", "Auto-Submitted: ((((",
    "X-Failed-Recipients: a@b.test, ,c@d.test", "X-Failed-Recipients: @", "Precedence: bulk", "List-Id: <x.test>",
    "In-Reply-To: <1@example.com>", "X-Mailbot-Loop: x", "Message-ID: <0123456789.mailbot@x.test>", "Date: yesterday",
    "Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "Content-Type: text/html",
    "Date: Mon, 2 Mar 2026 10:00:00 +0000", "X-MS-Exchange-Inbox-Rules-Loop: anna@customer.test", "Received: x",
])
LINES = st.sampled_from([
    "", " ", "--b", "--b--", "Content-Type: message/delivery-status", "Content-Type: message/rfc822", "Status: 5.1.1",
    "Content-Type: message/disposition-notification", "Content-Type: text/plain", "Final-Recipient: rfc822; a@b.test",
    "Final-Recipient: ;;;", "Final-Recipient: rfc822; (", "Original-Recipient: rfc822;<a@b.test>", "Action: failed (x",
    "Action:", "Status: 5.1", "Diagnostic-Code: smtp; 550 5.1.1 <a@b.test>: unknown", "<a@b.test>:", "a@b.test",
    "Disposition: automatic-action/x; deleted", "550 5.2.2 mailbox full", "<<< 550 x", ">>> RCPT TO:<a@b.test>",
    "This message was created automatically by mail delivery software.", "Your message could not be delivered to:",
    "The following address(es) failed:", "------ This is a copy of the message ------", "Message-ID: <1@example.com>",
    "I am out of the office until 5 March 2026.", "Ich bin bis 9. März im Urlaub.", "2026年3月15日まで不在です。",
    "Your message was read.", "##- x -##", "收件人邮件地址：a@b.test", "I am afraid, e.g. 1.1. 2.2.2026. 5.5.5", "?" * 40,
    "@" * 900, "a@" * 400, "user is " * 100, "<a@b.test>," * 80, "1.1.2026 " * 90, ". " * 400, "ich bin " * 90, "\x00",
    "\u202ea@b.test\u202c", "İ" * 200, "3月" * 200, "until " * 90, "To: a@b.test", "From: a@b.test", "Reporting-MTA: x",
])
# fmt: on
MAILS = st.builds(
    lambda fields, lines, ending: ending.join([*fields, "", *lines]).encode("utf-8", "surrogateescape"),
    st.lists(FIELDS, max_size=10),
    st.lists(LINES | st.text(max_size=60), max_size=60),
    st.sampled_from(["\n", "\r\n"]),
)


@ROUND
@given(MAILS)
def mails_are_read(raw: bytes) -> None:
    begun = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - begun < 1
    assert not [defect for defect in mail.defects if "could not be read in full" in defect]
    assert mail.automatic is None or not mail.answerable
    shown = normalize("NFC", raw.replace(b"\0", b"").decode("utf-8", "replace").lower())
    for one in mail.report.recipients if mail.report else ():
        # A name alone is completed with the domain of the server that names it; a domain is told in ASCII (RFC 5891).
        local, _, domain = one.address.rpartition("@")
        assert normalize("NFC", local.lower()) in shown
        assert domain in shown or domain.encode().decode("idna") in shown
        assert one.kind in ("hard", "soft", "delayed", "delivered")


@ROUND
@given(st.lists(LINES | st.text(max_size=60), max_size=60), st.dates())
def notices_are_read(lines: list[str], sent: date) -> None:
    found = away_until("\n".join(lines), sent)
    assert found is None or found >= sent


@ROUND
@given(st.sampled_from(["", "5.1.1", "4.7.1", "5.0.0", "2.0.0", "5.4.310"]), LINES | st.text(max_size=200))
def reasons_are_given(status: str, said: str) -> None:
    assert reason(status, said)


def test_no_mail_of_a_machine_raises_or_names_who_is_not_in_it():
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        mails_are_read()
        notices_are_read()
        reasons_are_given()
