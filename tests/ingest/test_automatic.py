"""Automatic mail told by its fields, and whether it may be answered."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic


def read(*fields: str, loop_mark: str = ""):
    return read_mail("\n".join(["From: anna@customer.test", *fields, "", "Hello"]).encode(), loop_mark=loop_mark)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        pytest.param([], None, id="a-human"),
        pytest.param(["Auto-Submitted: no"], None, id="a-human-says-so"),
        pytest.param(["Auto-Submitted: (really) NO"], None, id="a-human-says-so-with-a-comment"),
        pytest.param(["Auto-Submitted: auto-replied"], Automatic.VACATION, id="auto-replied"),
        pytest.param(["Auto-Submitted: Auto-Replied (vacation)"], Automatic.VACATION, id="sieve-vacation"),
        pytest.param(["Subject: Out of Office: Re: [HD-1]"], Automatic.VACATION, id="subject-alone"),
        pytest.param(
            ["Subject: Automatische Antwort: x", "X-Auto-Response-Suppress: All"], Automatic.VACATION, id="exchange"
        ),
        pytest.param(["Subject: Re: out of the office printer"], Automatic.VACATION, id="subject-behind-re"),
        pytest.param(["Subject: The out of office sign is broken"], None, id="about-an-office"),
        pytest.param(
            ["Auto-Submitted: auto-replied", "Subject: [Ticket 12] We have received your request"],
            Automatic.ACKNOWLEDGEMENT,
            id="another-desk",
        ),
        pytest.param(["List-Id: <users.example.org>"], Automatic.LIST, id="list"),
        pytest.param(["Precedence: bulk"], Automatic.LIST, id="bulk"),
        pytest.param(["Auto-Submitted: auto-generated", "Subject: disk full"], Automatic.MONITORING, id="program"),
        pytest.param(["X-Boxtrapper: yes"], Automatic.CHALLENGE, id="challenge"),
        pytest.param(
            ["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"],
            Automatic.RECEIPT,
            id="read-receipt",
        ),
        pytest.param(
            ["Content-Type: multipart/report; report-type=feedback-report; boundary=b"],
            Automatic.ABUSE,
            id="abuse-report",
        ),
        pytest.param(["X-Note: Auto-Submitted: auto-replied"], None, id="words-in-another-field"),
        pytest.param(["X-Mailbot-Loop: something"], None, id="a-loop-mark-that-is-not-ours"),
    ],
)
def test_the_kind_is_told_by_the_fields(fields: list[str], kind: Automatic | None):
    mail = read(*fields)
    assert mail.automatic is kind
    assert mail.answerable is (kind is None)


@pytest.mark.parametrize(
    "field",
    [
        "Return-Path: <>",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "Reply-To: x@y.test\nPrecedence: junk",
    ],
)
def test_who_asks_for_no_answer_gets_none(field: str):
    assert not read(field).answerable


@pytest.mark.parametrize(
    "sender", ["mailer-daemon", "no-reply", "DoNotReply", "bounces+12", "owner-users", "x-bounces"]
)
def test_a_machine_s_address_gets_no_answer(sender: str):
    assert not read_mail(f"From: {sender}@customer.test\n\nHello".encode()).answerable


def test_nobody_gets_no_answer():
    assert not read_mail(b"Subject: x\n\nHello").answerable


def test_our_own_mail_is_known_by_its_loop_mark():
    assert read("X-Mailbot-Loop: secret", loop_mark="secret").automatic is Automatic.OWN
    assert read("X-Mailbot-Loop: other", loop_mark="secret").automatic is None
    assert read("X-Mailbot-Loop: " + "\u00fc", loop_mark="secret").automatic is None
