"""The bytes of an outgoing mail: what a mail reader finds in them, and that nothing gets in that was not meant."""

import email
import email.policy
import re
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.decision import Carried
from mailbot.sending import field, mime
from mailbot.sending.field import UnexpectedField, clean_header
from mailbot.sending.mime import build
from tests.sending.conftest import NOW

#: What attackers write into subjects and names.
INJECTIONS = [
    "a\r\nBcc: victim@x.example",
    "a\nBcc: victim@x.example",
    "a\rBcc: victim@x.example",
    "a\r\n\r\n<b>body</b>",
    "=?utf-8?q?a=0D=0ABcc=3A_v=40x?=",
    "=?utf-8?b?YQ0KQmNjOiB2QHg=?=",
    "\u2028Bcc: v@x.example\u2029",
    "\x00\x1b[31m\x85",
    '" <evil@x.example>, "',
    "a\\",
    '"=\\?utf-8?q?a=0D=0ABcc=3A_v=40x?\\="',
    "\ud800 half a pair",
    "\u202egnirts",
    "ü" * 400,
    "x" * 2000,
    "=?" * 100,
    "",
    " ",
]
ANYTHING = st.one_of(
    st.sampled_from(INJECTIONS), st.text(), st.text(alphabet='\r\n\t :<>"\\=?utf8bq@,;()[]é☎', max_size=80)
)


def carried(name="smoke.png", kind="image/png", size=3):
    return Carried(inbox_id=1, attachment=0, name=name, type=kind, size=size)


def read(message):
    return email.message_from_bytes(message, policy=email.policy.default)


def leaves(message):
    return [part for part in read(message).walk() if not part.is_multipart()]


def words(message):
    """The text and the HTML, with LF line ends."""
    return [part.get_content().replace("\r\n", "\n") for part in leaves(message)[:2]]


def test_a_mail_has_the_fields_that_were_given_and_those_that_every_mail_needs(letter):
    message = build(letter(), [], NOW)
    parsed = read(message)
    assert parsed.keys() == [
        "Date",
        "From",
        "References",
        "Auto-Submitted",
        "To",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
    ]
    assert (parsed["To"], parsed["Message-ID"]) == ("person1@customer.example", "<m1@example.com>")
    assert parsedate_to_datetime(parsed["Date"]) == NOW
    assert parsed["References"] == "<a@customer.example> <b@example.com>"


def test_text_and_html_are_alternatives(letter):
    message = build(letter(), [], NOW)
    assert read(message).get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in leaves(message)] == ["text/plain", "text/html"]
    assert words(message) == [letter().text, letter().html]


def test_the_same_letter_gives_the_same_bytes(letter):
    assert build(letter(), [], NOW) == build(letter(), [], NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("plain\n", id="ascii"),
        pytest.param("Grüße, 日本語 ☎\n", id="unicode"),
        pytest.param("x" * 5000 + "\n", id="long-line"),
        pytest.param("ü" * 5000 + "\n", id="long-line-of-umlauts"),
        pytest.param(".\n..\n.dot\nFrom here\n", id="dots"),
        pytest.param("trailing blanks   \n\ttab\t\n", id="blanks"),
        pytest.param("a = b =3D =\n", id="equals-signs"),
        pytest.param("\n\n\n", id="empty-lines"),
        pytest.param("--=_a0123456789\n--=_m\n--\n", id="boundaries"),
    ],
)
def test_a_text_arrives_as_it_was_written(letter, text):
    message = build(letter(text=text, html=f"<p>{text}</p>"), [], NOW)
    assert words(message)[0].rstrip("\n") == text.rstrip("\n")
    assert len(leaves(message)) == 2


def test_a_text_that_knows_our_boundary_cannot_end_its_part(letter):
    boundary = read(build(letter(), [], NOW)).get_boundary()
    text = f"before\n--{boundary}\nContent-Type: text/html\n\n<b>planted</b>\n--{boundary}--\nafter\n"
    message = build(letter(text=text, html=text), [], NOW)
    assert [part.get_content_type() for part in leaves(message)] == ["text/plain", "text/html"]
    assert words(message)[0] == text


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=3000))
def test_every_line_is_crlf_seven_bit_and_short_enough(letter, text):
    message = build(letter(text=text, html=text), [], NOW)
    assert message.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", message) is None
    assert max(map(len, message.split(b"\r\n"))) <= 998


def test_attachments_follow_the_words(letter):
    message = build(letter(carried=(carried(), carried("log.txt", "text/plain"))), [b"\x89PNG", b"line\r\n" * 100], NOW)
    assert read(message).get_content_type() == "multipart/mixed"
    _, _, picture, log = leaves(message)
    assert (picture.get_filename(), picture.get_content_type()) == ("smoke.png", "image/png")
    assert (picture.get_content(), log.get_payload(decode=True)) == (b"\x89PNG", b"line\r\n" * 100)
    assert picture.get_content_disposition() == "attachment"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("smöke 日本.png", "smöke 日本.png", id="unicode"),
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\temp\\evil.exe", "evil.exe", id="windows-path"),
        pytest.param("\u200b.htaccess", "htaccess", id="zero-width-before-a-dot"),
        pytest.param("invoice\u202efdp.exe", "invoice fdp.exe", id="right-to-left-override"),
        pytest.param('a"b\r\nContent-Type: text/html.txt', "html.txt", id="line-break"),
        pytest.param("...", "attachment", id="only-dots"),
        pytest.param("", "attachment", id="none"),
        pytest.param("l" * 300 + ".pdf", "l" * 77 + ".pdf", id="long"),
        pytest.param("=?utf-8?q?a=0D=0AX=3A_y?=.txt", "= ?utf-8?q?a=0D=0AX=3A_y? =.txt", id="encoded-word"),
    ],
)
def test_an_attachments_name_is_shown_without_tricks(letter, name, shown):
    message = build(letter(carried=(carried(name),)), [b"abc"], NOW)
    assert leaves(message)[2].get_filename() == shown
    assert len(leaves(message)) == 3


@pytest.mark.parametrize(
    "kind",
    ["message/partial", "multipart/mixed", "text/html\r\nX-Evil: 1", "nonsense", "", "text/html; charset=utf-7"],
)
def test_an_attachment_of_a_type_that_would_mislead_is_only_octets(letter, kind):
    message = build(letter(carried=(carried("forwarded.eml", kind),)), [b"Subject: x\r\n\r\ny"], NOW)
    part = leaves(message)[2]
    assert (part.get_content_type(), part.get_filename()) == ("application/octet-stream", "forwarded.eml")
    assert part.get_content() == b"Subject: x\r\n\r\ny"


def test_an_attached_mail_goes_along_as_a_mail(letter):
    message = build(letter(carried=(carried("", "message/rfc822"),)), [b"Subject: x\n\ny\n"], NOW)
    (part,) = [part for part in read(message).walk() if part.get_content_type() == "message/rfc822"]
    assert part.get_filename() == "mail.eml"
    assert part.get_content()["Subject"] == "x"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Subject: käyrä\r\n\r\ny".encode(), id="beyond-ascii"),
        pytest.param(b"Subject: x\r\n\r\n" + b"y" * 999, id="long-line"),
        pytest.param(b"Subject: x\r\n\r\ny\rz", id="lone-return"),
        pytest.param(b"Subject: x\r\n\r\ny\0z", id="nul"),
        pytest.param(b"Subject: x\r\n\r\n--=_m1\r\ny", id="a-boundary-like-ours"),
    ],
)
def test_an_attached_mail_that_no_line_can_hold_is_a_file_of_its_bytes(letter, content):
    message = build(letter(carried=(carried("what.eml", "message/rfc822"),)), [content], NOW)
    part = leaves(message)[2]
    assert (part.get_content_type(), part.get_filename()) == ("application/octet-stream", "what.eml")
    assert part.get_content() == content


def test_attachments_and_their_bytes_must_be_as_many(letter):
    with pytest.raises(ValueError, match="zip"):
        build(letter(carried=(carried(),)), [], NOW)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param("Example Support <s@example.com>", "Example Support", id="atoms"),
        pytest.param("Example, Support. <s@example.com>", "Example, Support.", id="specials"),
        pytest.param('"Example, Support" <s@example.com>', "Example, Support", id="quoted-already"),
        pytest.param("Grüße, Hilfe <s@example.com>", "Grüße, Hilfe", id="unicode"),
        pytest.param('Say "hi" \\ bye <s@example.com>', 'Say "hi" \\ bye', id="quotes-inside"),
        pytest.param("a <b@evil.example> <s@example.com>", "a <b@evil.example>", id="address-in-the-name"),
        pytest.param("a <b@x.example>, c <s@example.com>", "a <b@x.example>, c", id="two-mailboxes"),
        pytest.param("<s@example.com>", "", id="no-name"),
        pytest.param("s@example.com", "", id="bare"),
    ],
)
def test_a_sender_reads_as_one_mailbox(letter, value, name):
    (mailbox,) = read(build(letter(fields=(("From", value),)), [], NOW))["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (name, "s@example.com")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"fields": (("Bcc", "v@x.example"),)}, "does not belong", id="blind-copy"),
        pytest.param({"fields": (("Cc", "v@x.example"),)}, "does not belong", id="copy"),
        pytest.param({"fields": (("Return-Path", "<>"),)}, "does not belong", id="trace-field"),
        pytest.param({"fields": (("X-A: b\r\nBcc", "v"),)}, "does not belong", id="field-name"),
        pytest.param({"fields": (("Subject", "another"),)}, "stands twice", id="second-subject"),
        pytest.param({"fields": (("X-A", "1"), ("x-a", "2"))}, "stands twice", id="same-name-other-case"),
        pytest.param({"fields": (("Content-type", "text/html"),)}, "stands twice", id="body-field"),
        pytest.param({"to": "a@x.example, b@x.example"}, "no address", id="two-recipients"),
        pytest.param({"to": "a@x.example\r\nBcc: v@x.example"}, "no address", id="address-with-a-break"),
        pytest.param({"to": "jö@x.example"}, "no address", id="address-beyond-ascii"),
        pytest.param({"message_id": "<ü@example.com>"}, "ASCII only", id="message-id-beyond-ascii"),
        pytest.param({"fields": (("References", f"<{'r' * 1000}@example.com>"),)}, "no line can hold", id="long-word"),
    ],
)
def test_what_was_not_meant_is_refused(letter, changes, said):
    with pytest.raises(UnexpectedField, match=said):
        build(letter(**changes), [], NOW)


def test_a_subject_beyond_ascii_is_read_as_it_was_meant(letter):
    subject = "[HD-12] Drücker 日本語 🔥 " + "sehr langer Betreff " * 8
    assert read(build(letter(subject=subject), [], NOW))["Subject"] == subject.strip()


@settings(max_examples=500)
@given(subject=ANYTHING, name=ANYTHING, other=ANYTHING)
def test_whatever_the_values_the_fields_are_those_that_were_meant(letter, subject, name, other):
    fields = (("From", f"{name} <support@example.com>"), ("X-Mailbot-Case", other), ("In-Reply-To", "<a@b.example>"))
    intended = ["Date", *(name for name, _ in fields), "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"]
    message = build(letter(subject=subject, fields=fields), [], NOW)
    for policy in (email.policy.compat32, email.policy.default, email.policy.SMTP):
        assert email.message_from_bytes(message, policy=policy).keys() == intended
    assert message.partition(b"\r\n\r\n")[0].count(b"\r\n") < 100
    assert [mailbox.addr_spec for mailbox in read(message)["From"].addresses] == ["support@example.com"]


@given(to=ANYTHING)
def test_whatever_the_recipient_it_is_one_address_or_refused(letter, to):
    try:
        message = build(letter(to=to), [], NOW)
    except UnexpectedField:
        return
    assert [mailbox.addr_spec for mailbox in read(message)["To"].addresses] == [to]


@given(value=ANYTHING)
def test_a_clean_value_is_one_line_without_controls_and_encoded_words(value):
    cleaned = clean_header(value)
    assert len(cleaned) <= 255
    assert "=?" not in cleaned
    assert cleaned == clean_header(cleaned)
    assert not set("\r\n\0\u2028\u2029\u202e") & set(cleaned)


@pytest.mark.parametrize("broken", ["folded", "clean_header"])
def test_the_second_look_finds_what_the_writing_let_through(letter, monkeypatch, broken):
    """As the library of an older Python would: an encoded word with a line break in it becomes a field of its own."""
    if broken == "folded":
        write = field.folded
        monkeypatch.setattr(
            mime, "folded", lambda name, value: write(name, value) + (b"Bcc: v@x\r\n" if name == "Subject" else b"")
        )
    else:
        monkeypatch.setattr(field, "clean_header", lambda value, _limit=0: value)
    with pytest.raises(UnexpectedField):
        build(letter(subject="a\r\nBcc: victim@x.example"), [], NOW)
