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
        pytest.param(["Subject: Re: Automatic reply: x"], None, id="a-person-s-answer-to-one"),
        pytest.param(["Subject: Out of Office AutoReply: x"], Automatic.VACATION, id="old-exchange"),
        pytest.param(["Subject: Kim is out of the office (returning 16/03/2026)"], Automatic.VACATION, id="notes"),
        pytest.param(["Subject: x", "X-Mailer: vacation"], Automatic.VACATION, id="the-old-vacation-program"),
        pytest.param(["Subject: x", "Delivered-To: Autoresponder"], Automatic.VACATION, id="an-autoresponder"),
        pytest.param(
            ["X-MS-Exchange-Inbox-Rules-Loop: anna@customer.test"], Automatic.VACATION, id="a-rule-of-her-own-mailbox"
        ),
        pytest.param(
            ["X-MS-Exchange-Inbox-Rules-Loop: ben@customer.test"], None, id="a-mail-that-a-rule-of-another-sends-on"
        ),
        pytest.param(["Subject: Re: out of office hours"], None, id="about-office-hours"),
        pytest.param(["Subject: vacation rental question"], None, id="about-a-vacation"),
        pytest.param(["Subject: I am away next week"], None, id="a-person-who-will-be-away"),
        pytest.param(["Subject: Urlaubsantrag im System"], None, id="a-longer-word"),
        pytest.param(
            ["Subject: [rt.x.test #12] AutoReply: x", "X-RT-Loop-Prevention: x", "Precedence: bulk"],
            Automatic.ACKNOWLEDGEMENT,
            id="a-desk-that-calls-itself-bulk",
        ),
        pytest.param(["Subject: ** PROBLEM Service Alert: db/Load is CRITICAL **"], Automatic.MONITORING, id="alarm"),
        pytest.param(
            ["Subject: Re: ** PROBLEM Service Alert: db/Load is CRITICAL **", "In-Reply-To: <x@y.test>"],
            None,
            id="about-an-alarm",
        ),
        pytest.param(
            ["Subject: Report domain: x.test Submitter: y.test Report-ID: 1"], Automatic.ABUSE, id="domain-report"
        ),
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


def said(subject: str, text: str, *fields: str):
    head = "\n".join(["From: anna@customer.test", f"Subject: {subject}", *fields])
    return read_mail(f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(
            "I am currently out of the office and will return on 16 March 2026.", Automatic.VACATION, id="a-notice"
        ),
        pytest.param(
            "Hello,\n\nthank you for your mail. I am on annual leave.\nIn urgent cases please contact Ben.",
            Automatic.VACATION,
            id="a-polite-one",
        ),
        pytest.param(
            "Vielen Dank für Ihre Nachricht. Ich bin bis zum 16.03.2026 nicht im Büro.", Automatic.VACATION, id="german"
        ),
        pytest.param(
            "Buongiorno,\nsono fuori ufficio fino al 9 marzo.\nGrazie", Automatic.VACATION, id="behind-a-greeting-line"
        ),
        pytest.param(
            "Ich werde ab 01.03.2026 nicht im Büro sein. Ich kehre zurück am 16.03.2026.\n\nIch werde Ihre "
            "Nachricht nach meiner Rückkehr beantworten.",
            Automatic.VACATION,
            id="with-what-follows-from-it",
        ),
        pytest.param("Je suis absent jusqu'au 15 mars 2026.", Automatic.VACATION, id="french"),
        pytest.param("2026年3月15日まで不在にしております。", Automatic.VACATION, id="japanese"),
        pytest.param("I am away until 9 March. Can you do it before?", None, id="with-a-question"),
        pytest.param("It works now. I am away until 9 March.", None, id="behind-the-matter"),
        pytest.param("take\nI am out of the office until 9 March, please contact Ben.", None, id="below-a-command"),
        pytest.param("I am out of toner since 9 March.", None, id="out-of-something-else"),
        pytest.param("I am on leave.", None, id="without-a-day-or-a-deputy"),
        pytest.param("Ich bin am 3.3. nicht im Büro. Der Drucker druckt wieder.", None, id="as-much-about-the-matter"),
        pytest.param("I am not in the office today, but the printer works since 3 March.", None, id="in-one-sentence"),
    ],
)
def test_an_answer_that_says_nothing_but_an_absence_is_a_notice(text: str, kind: Automatic | None):
    assert said("Re: [HD-1] Printer", text).automatic is kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("My plans", "I am out of the office until 9 March, please contact Ben.", None),
        ("Vacation", "How do I enter my vacation into the tool?", None),
        ("Away", "The away status of the chat is stuck.", None),
        ("Vacation", "I am on vacation until 9 March.", Automatic.VACATION),
        ("Antwort: Drucker", "Ich bin bis 9. März im Urlaub.", Automatic.VACATION),
        ("Urlaub: Re: Drucker", "Ich bin bis 9. März im Urlaub.", Automatic.VACATION),
    ],
)
def test_a_subject_that_people_write_too_needs_a_text_that_says_the_same(
    subject: str, text: str, kind: Automatic | None
):
    assert said(subject, text).automatic is kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Read: Printer", "Your message was read on 2 March 2026.", Automatic.RECEIPT),
        ("Gelesen: Printer", "Ihre Nachricht wurde am 2. März gelesen.", Automatic.RECEIPT),
        ("Lu : Printer", "Votre message a été lu le 2 mars.", Automatic.RECEIPT),
        ("Read: Printer", "The manual says to press the button.", None),
        ("Read: the manual", "I have read it and it was read by Ben. It does not say how.", None),
        ("Reading: it was read", "Your message was read by nobody.", None),
        (
            "re: Printer",
            "This address is protected by X spamBlocker. Your message has been redirected to a suspect email folder.",
            Automatic.CHALLENGE,
        ),
        ("re: Printer", "Is my mail protected by some spamblocker? I got nothing.", None),
    ],
)
def test_receipts_and_challenges_are_known_by_their_words(subject: str, text: str, kind: Automatic | None):
    assert said(subject, text).automatic is kind


@pytest.mark.parametrize(
    ("text", "answerable"),
    [
        ("This is an automated message. Please do not reply to this e-mail.", False),
        ("Scan attached.\n\nDiese E-Mail wurde automatisch erstellt.", False),
        ("We have received it. Merci de ne pas y répondre.", False),
        ("Bitte antworten Sie nicht auf diese E-Mail.", False),
        ("I cannot turn on automated messages. Do not reply to my colleague.", True),
    ],
)
def test_who_says_that_nobody_is_to_answer_gets_no_answer_and_is_read_as_ever(text: str, answerable: bool):
    mail = said("Your request", text)
    assert (mail.automatic, mail.answerable) == (None, answerable)


@pytest.mark.parametrize(
    ("fields", "text", "by_words"),
    [
        pytest.param(["Subject: Automatic reply"], "It does not work. Please turn it on.", True, id="a-title"),
        pytest.param(["Subject: Automatic reply"], "Thank you.", True, id="a-title-and-nothing"),
        pytest.param(["Subject: Automatic reply"], "I am out of the office.", False, id="a-title-and-its-text"),
        pytest.param(["Subject: Automatic reply"], "I am away. Can you turn it on?", True, id="a-title-and-a-question"),
        pytest.param(["Subject: Automatic reply", "Auto-Submitted: auto-replied"], "Away.", False, id="a-field"),
        pytest.param(["Subject: Automatic reply", "X-Auto-Response-Suppress: All"], "Away.", False, id="exchange"),
        pytest.param(["Subject: Automatic reply", "Return-Path: <>"], "Away.", False, id="nobody-to-answer"),
        pytest.param(["Subject: Gelesen: x"], "Ihre Nachricht wurde gelesen. Bitte liefern Sie.", True, id="a-receipt"),
        pytest.param(["Subject: Report domain: x.test"], "We get no reports any more.", True, id="about-reports"),
        pytest.param(
            ["Subject: Report domain: x.test", "Content-Type: application/zip"], "x", False, id="a-domain-report"
        ),
        pytest.param(["Message-ID: <0123456789abcdef.mailbot@desk.test>"], "x", False, id="another-mailbot"),
        pytest.param(["Subject: x"], "It burns.", False, id="a-person"),
        pytest.param(
            ["Subject: Accepted: x", 'Content-Type: text/calendar; method="REPLY"'],
            "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR",
            True,
            id="who-comes-to-a-meeting",
        ),
    ],
)
def test_what_only_words_call_automatic_may_be_a_persons(fields: list[str], text: str, by_words: bool):
    mail = read_mail("\n".join(["From: anna@customer.test", *fields, "", text]).encode())
    assert (mail.automatic is None) == (text == "It burns.")
    assert (mail.by_words, mail.answerable) == (by_words, mail.automatic is None)


@pytest.mark.parametrize(
    ("fields", "text", "kind"),
    [
        pytest.param(
            ["X-Mailbot-Loop: theirs", "Auto-Submitted: auto-replied"], "x", Automatic.ACKNOWLEDGEMENT, id="its-answer"
        ),
        pytest.param(
            ["Message-ID: <0123456789abcdef.mailbot@desk.test>"], "x", Automatic.ACKNOWLEDGEMENT, id="its-message-id"
        ),
        pytest.param(
            [],
            "##- There is no need to answer this mail. -##\n\nYour case is new.",
            Automatic.ACKNOWLEDGEMENT,
            id="line",
        ),
        pytest.param(["X-Mailbot-Loop: theirs"], "I have changed the rollers.", None, id="a-person-at-that-desk"),
    ],
)
def test_another_mailbot_is_never_answered_even_without_its_fields(
    fields: list[str], text: str, kind: Automatic | None
):
    mail = said("[XY-3] Printer", text, *fields)
    assert mail.automatic is kind
    assert not mail.answerable


def test_an_answer_below_an_unmarked_notice_is_a_person_s():
    text = "##- Write above this line. -##\n\nYour case is new.\n\nThanks."
    assert said("Re: [XY-3] Printer", text, "In-Reply-To: <a@example.com>").automatic is None


@pytest.mark.parametrize("text", ["> ##- Write above this line. -##", "Thanks.\n\n##- Write above this line. -##"])
def test_an_answer_above_or_to_a_marker_line_is_a_person_s(text: str):
    mail = said("Re: [XY-3] Printer", text)
    assert (mail.automatic, mail.answerable) == (None, True)
