"""A whole mail that passes another on: attached, in its text, in its HTML alone."""

from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailbot.ingest.parse import leaf, read_mail
from mailbot.ingest.printed import as_dict
from mailbot.mail import Forwarded

#: HTML as the programs write it.
FORWARDS = Path(__file__).with_name("forwards")
JANE = "jane@customer.example"
LOCAL = datetime(2026, 3, 2, 21, 30)  # noqa: DTZ001 - a header table without a zone
EAST = LOCAL.replace(tzinfo=timezone(timedelta(hours=2)))
OUTLOOK = """\
From: Jane Doe <jane@customer.example>
Sent: Monday, March 2, 2026 9:30 PM
To: Anna Agent <anna@example.com>
Subject: Pump in hall 4

The pump leaks.
"""


def original() -> EmailMessage:
    """The mail that Jane wrote, with a photo of the pump."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Jane Doe <{JANE}>", "anna@example.com", "Pump in hall 4"
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 21:30:00 +0200", "<pump@customer.example>"
    mail.set_content("The pump leaks.\n")
    mail.add_attachment(b"\x89PNG pump", maintype="image", subtype="png", filename="pump.png")
    return mail


def forward(*mails: EmailMessage, text: str = "fwd\n", html: str = "") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "anna@example.com", "support@example.com", "Fwd: Pump in hall 4"
    mail["Message-ID"] = "<forward@example.com>"
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
    for one in mails:
        mail.add_attachment(one, filename="Pump in hall 4.eml")
    return mail.as_bytes()


def test_attached_mail_is_read_with_its_date_its_words_and_its_attachments():
    raw = forward(original())
    mail = read_mail(raw)
    (found,) = mail.forwarded
    assert found.from_ is not None
    assert (found.from_.address, found.date, found.subject) == (JANE, EAST, "Pump in hall 4")
    assert (found.text, found.message_id, found.index) == ("The pump leaks.", "<pump@customer.example>", 1)
    (photo,) = found.attachments
    assert photo.name == "pump.png"
    assert leaf(raw, photo.index) == (photo, b"\x89PNG pump")
    assert mail.new_text == "fwd"
    assert [one.type for one in mail.attachments] == ["message/rfc822"]


def test_of_several_attached_mails_two_are_named_and_one_in_the_text_counts_too():
    assert len(read_mail(forward(original(), original(), original())).forwarded) == 2
    both = read_mail(forward(original(), text=f"fwd\n\n{OUTLOOK}")).forwarded
    assert [one.index for one in both] == [None, 1]


def test_leaf_that_is_not_there_inside_an_attached_mail_is_none():
    with pytest.raises(KeyError):
        leaf(forward(original()), 20_009)
    with pytest.raises(KeyError):
        leaf(forward(original()), 90_000)


@pytest.mark.parametrize(
    ("program", "when"),
    [
        ("outlook", LOCAL),
        ("outlook-in-a-browser", LOCAL),
        ("gmail", LOCAL),
        ("thunderbird", EAST),
        ("apple", EAST),
        ("yahoo", EAST),
    ],
)
def test_html_without_a_plain_form_is_read_as_it_is_seen(program: str, when: datetime):
    html = (FORWARDS / f"{program}.html").read_text(encoding="utf-8")
    mail = read_mail(forward(html=html))
    (found,) = mail.forwarded
    assert found == Forwarded(from_=found.from_, date=when, subject="Pump in hall 4", text="The pump leaks.")
    assert found.from_ is not None
    assert (found.from_.address, found.from_.name) == (JANE, "Jane Doe")
    assert mail.new_text == "fwd"


def test_what_is_passed_on_is_printed_with_its_date_in_utc_or_without_a_zone():
    both = as_dict(read_mail(forward(original(), text=f"fwd\n\n{OUTLOOK}")), "forward.eml")["forwarded"]
    assert [(one["from"], one["date"], one["text"]) for one in both] == [
        ({"address": JANE, "name": "Jane Doe"}, "2026-03-02T21:30:00", "The pump leaks."),
        ({"address": JANE, "name": "Jane Doe"}, "2026-03-02T19:30:00Z", "The pump leaks."),
    ]
    assert [one["name"] for one in both[1]["attachments"]] == ["pump.png"]
    nobody = as_dict(read_mail(forward(text=f"fwd\n\n{OUTLOOK.replace(JANE, 'Jane').replace('2026', '')}")), "x")
    assert (nobody["forwarded"][0]["from"], nobody["forwarded"][0]["date"]) == (None, None)


def test_what_a_program_passes_on_is_nobodys_wish():
    raw = forward(original()).replace(b"Subject: Fwd", b"Auto-Submitted: auto-replied\r\nSubject: Fwd", 1)
    assert read_mail(raw).forwarded == ()


HEADED = "From: Jane <jane@customer.example>\nSent: Monday, 2 March 2026 10:15\nSubject: Pump\n\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(f"{HEADED}The pump leaks.\n\nBest regards,\nJane", "The pump leaks.", id="nothing-but-a-forward"),
        pytest.param(f"Sent from my iPhone\n\n{HEADED}#close", "#close", id="below-a-signature"),
        pytest.param("##- write above this line -##\n\nWe have it.", "We have it.", id="a-notice-of-another-desk"),
        pytest.param(f"Please look.\n\n{HEADED}The pump leaks.", "", id="with-own-words"),
        pytest.param("> ##- write above this line -##\n> We have it.", "", id="an-empty-answer-with-quote-marks"),
        pytest.param("On Mon, 2 Mar 2026 at 10:15, Jane wrote:\n> Hello", "", id="an-empty-answer"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_mail_without_own_words_shows_what_it_passes_on_and_nobody_reads_a_command_in_it(text: str, told: str):
    mail = read_mail(f"From: anna@example.com\r\n\r\n{text}".encode())
    assert mail.passed_on == told
    assert as_dict(mail, "x")["new_text"] == (mail.new_text or told)
    assert bool(mail.new_text) == text.startswith("Please")
