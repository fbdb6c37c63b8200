"""Header fields: strict where they decide, kind where they are shown."""

from datetime import UTC, datetime

import pytest

from mailbot.ingest.format import address, header
from mailbot.ingest.parse import read_mail
from mailbot.mail import Mailbox


def mail(*fields: str | bytes):
    lines = [field if isinstance(field, bytes) else field.encode() for field in fields]
    return read_mail(b"\r\n".join([*lines, b"", b"Hello"]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("anna@example.com", ("anna@example.com", ""), id="bare"),
        pytest.param("Anna <Anna@Example.COM>", ("anna@example.com", "Anna"), id="lower-case"),
        pytest.param('"Example, Anna" <anna@example.com>', ("anna@example.com", "Example, Anna"), id="quoted-comma"),
        pytest.param("=?utf-8?q?Ann=C3=A1?= <anna@example.com>", ("anna@example.com", "Anná"), id="encoded-word"),
        pytest.param('"=?utf-8?q?Ann=C3=A1?=" <anna@example.com>', ("anna@example.com", "Anná"), id="quoted-word"),
        pytest.param("anna@example.com (Anna)", ("anna@example.com", "Anna"), id="name-in-a-comment"),
        pytest.param(
            "anna@example.com <anna@example.com>", ("anna@example.com", "anna@example.com"), id="twice-itself"
        ),
        pytest.param("<>, anna@example.com", ("anna@example.com", ""), id="an-empty-one-before"),
        pytest.param('"a b"@example.com', ('"a b"@example.com', ""), id="quoted-local-part"),
        pytest.param("Anna <anna@bücher.test>", ("anna@xn--bcher-kva.test", "Anna"), id="domain-in-ascii"),
        pytest.param(
            "=?utf-8?q?a=0D=0ABcc=3A_x=40y?= <anna@example.com>", ("anna@example.com", "a  Bcc: x@y"), id="crlf"
        ),
        pytest.param("Anna <anna@example.com", ("anna@example.com", "Anna"), id="angle-without-end"),
        pytest.param("Anna <anna@example.com>>", ("anna@example.com", "Anna"), id="angle-ended-twice"),
        pytest.param("Example, Anna <anna@example.com>", ("anna@example.com", "Example, Anna"), id="bare-comma"),
        pytest.param("Anna [Sales] <anna@example.com>", ("anna@example.com", "Anna [Sales]"), id="brackets-in-a-name"),
        pytest.param("Anna <Sales> <anna@example.com>", ("anna@example.com", "Anna <Sales>"), id="angles-in-a-name"),
        pytest.param("Anna: <anna@example.com>", ("anna@example.com", "Anna"), id="colon-behind-a-name"),
        pytest.param("Anna @ Sales <anna@example.com>", ("anna@example.com", "Anna @ Sales"), id="at-sign-as-a-word"),
        pytest.param("Anna <mailto:anna@example.com>", ("anna@example.com", "Anna"), id="link"),
        pytest.param('"Anna <anna@example.com>', ("anna@example.com", "Anna"), id="quote-without-end"),
        pytest.param("Anna Aas anna@example.com", ("anna@example.com", "Anna Aas"), id="no-angle"),
        pytest.param(
            r'"Anna \"Ann\" Aas" <anna@example.com>', ("anna@example.com", 'Anna "Ann" Aas'), id="quoted-pair"
        ),
        pytest.param("<anna@example.com", None, id="nothing-but-an-angle-without-end"),
        pytest.param("anna@example.com <>", None, id="address-outside-its-angle"),
        pytest.param("Anna, anna@example.com", None, id="comma-and-no-angle"),
        pytest.param('Anna <anna@example.com> "<evil@other.test>"', None, id="quoted-text-behind-it"),
        pytest.param("anna@example.com <evil@other.test>", None, id="two-addresses-in-one"),
        pytest.param("<anna@example.com>evil <evil@other.test>", None, id="two-angles"),
        pytest.param("anna@example.com, bob@example.com", None, id="two"),
        pytest.param("anna@example.com bob@example.com", None, id="two-without-a-comma"),
        pytest.param("Anna", None, id="a-name"),
        pytest.param("anna@exam\u200bple.com", None, id="invisible-character"),
        pytest.param("(unbalanced anna@example.com", None, id="comment-without-end"),
        pytest.param("(" * 1000, None, id="a-thousand-brackets"),
        pytest.param("=?utf-8?q?anna=40example.com?=", None, id="encoded-address"),
        pytest.param("undisclosed-recipients:;", None, id="empty-group"),
    ],
)
def test_from_is_one_well_formed_mailbox_or_nobody(value: str, expected: tuple[str, str] | None):
    assert mail(f"From: {value}").from_ == (Mailbox(address=expected[0], name=expected[1]) if expected else None)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param(["From: anna@example.com", "From: anna@example.com"], "2 From fields", id="two-fields"),
        pytest.param(["Subject: x"], "no From field", id="no-field"),
        pytest.param(["From: anna@example.com, bob@example.com"], "several senders in From", id="list"),
        pytest.param(["From: Both: anna@example.com, bob@example.com;"], "several senders in From", id="group"),
        pytest.param(["From: anna@example.com\0.evil.test"], "a control character in From", id="nul"),
        pytest.param(["From: anna@example.com\rFrom: b@evil.test"], "a control character in From", id="bare-cr"),
        pytest.param(["From: Anna"], "From holds no address", id="name"),
    ],
)
def test_a_mail_of_nobody_says_why(fields: list[str], why: str):
    found = mail(*fields)
    assert found.from_ is None
    assert [one for one in found.defects if one.startswith(why)]


def test_a_mail_of_somebody_has_nothing_odd_in_from():
    assert mail("From: Anna <anna@example.com>").defects == ()


def test_recipients_are_the_well_formed_ones_in_order():
    found = mail('To: A <a@example.com>, broken, "x, y" <b@example.com>, Team: c@example.com, d@example.com;').to
    assert [box.address for box in found] == ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"Printer on fire", "Printer on fire", id="plain"),
        pytest.param(b"=?utf-8?b?R3LDvMOfZQ==?=", "Gr\u00fc\u00dfe", id="base64"),
        pytest.param(b"=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Gr\u00fc\u00dfe", id="split-inside-a-character"),
        pytest.param(b"Re:=?iso-8859-1?q?Gr=FC=DFe?=", "Re:Gr\u00fc\u00dfe", id="no-blank-before"),
        pytest.param(b"=?utf-8?q?=C3=BC?=", "\u00fc", id="begins-with-equals"),
        pytest.param("Grüße".encode(), "Gr\u00fc\u00dfe", id="raw-utf-8"),
        pytest.param("Grüße".encode("latin-1"), "Gr\u00fc\u00dfe", id="raw-latin-1"),
        pytest.param(b"one\r\n two", "one two", id="folded"),
        pytest.param(b"=?utf-8?q?a=0D=0ABcc=3A_x?=", "a  Bcc: x", id="line-end-in-a-word"),
        pytest.param("a\u202eb\u200bc".encode(), "abc", id="direction-and-zero-width"),
        pytest.param(b"=?unicode_escape?q?=5Cx41?=", "\\x41", id="no-codec-of-the-sender-s-choice"),
        pytest.param(b"=?utf-8?q?open", "=?utf-8?q?open", id="word-without-end"),
    ],
)
def test_the_subject_is_what_a_person_would_see(raw: bytes, expected: str):
    assert mail(b"Subject: " + raw).subject == expected


def test_raw_bytes_in_the_subject_are_read_in_the_text_s_charset():
    found = mail("Subject: Тема".encode("koi8-r"), "Content-Type: text/plain; charset=koi8-r")
    assert found.subject == "Тема"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("<a@example.com>", "<a@example.com>", id="one"),
        pytest.param("<a@example.com> (comment)", "<a@example.com>", id="comment"),
        pytest.param("<a@example.com> <b@example.com>", "", id="two"),
        pytest.param("a@example.com", "", id="no-brackets"),
        pytest.param("<m1@[x>", "<m1@[x>", id="what-crashes-others"),
        pytest.param("<a b@example.com>", "", id="blank"),
    ],
)
def test_a_message_id_is_one_msg_id_or_none(value: str, expected: str):
    assert mail(f"Message-ID: {value}").message_id == expected


def test_of_references_the_last_ten_count():
    ids = [f"<{number}@example.com>" for number in range(30)]
    assert mail("References: " + "\r\n ".join(ids)).references == tuple(ids[-10:])


def test_msg_ids_are_found_among_prose():
    found = mail("In-Reply-To: Your message of Monday <a@example.com> and <b@example.com>.").in_reply_to
    assert found == ("<a@example.com>", "<b@example.com>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Mon, 2 Mar 2026 10:00:00 +0100", datetime(2026, 3, 2, 9, tzinfo=UTC), id="zone"),
        pytest.param("2 Mar 2026 10:00 -0000", datetime(2026, 3, 2, 10, tzinfo=UTC), id="no-zone"),
        pytest.param("yesterday", None, id="prose"),
        pytest.param("Mon, 2 Mar 0026 10:00:00 +9999", None, id="absurd"),
        pytest.param("Mon, 99 Foo 2026", None, id="no-month"),
    ],
)
def test_a_date_is_an_instant_or_none(value: str, expected: datetime | None):
    assert mail(f"Date: {value}").date == expected


@pytest.mark.parametrize(
    ("raw", "body", "defect"),
    [
        pytest.param(b"From anna@x Mon Mar  2\nSubject: s\n\nHi", b"Hi", "mbox line above the header", id="mbox-line"),
        pytest.param(b"Subject: s\nnoise\nFrom: a@x\n\nHi", b"Hi", "a line in the header that is no field", id="noise"),
        pytest.param(b"Subject: s\nHello there\nHi", b"Hello there\nHi", "no blank line", id="no-blank-line"),
        pytest.param(b"\nSubject: s\n\nHi", b"Hi", "blank line above the header", id="blank-line-first"),
        pytest.param(b"Subject: s\r\rHi", b"Hi", "", id="lone-cr"),
        pytest.param(b" \n\t\n  \nSubject: s\n\nHi", b"Hi", "blank line above the header", id="blank-lines-first"),
        pytest.param(b"\xef\xbb\xbfSubject: s\nFrom: a@x\n\nHi", b"Hi", "blank line above", id="byte-order-mark"),
        pytest.param(
            b"Received: x\nno field\nand none\nFrom: a@x\nTo: b@x\n\nHi",
            b"Hi",
            "a line in the header that is no field",
            id="two-lines-of-noise",
        ),
        pytest.param(
            b"Received: x\n" + b"\\tnoise\n" * 9 + b"From: a@x\nTo: b@x\nSubject: s\nDate: x\nX-A: b\n\nHi",
            b"Hi",
            "a line in the header that is no field",
            id="more-noise-than-fields",
        ),
        pytest.param(b"To: a@x\n \n b@x\nSubject: s\n\nHi", b"Hi", "", id="blank-line-in-a-folded-field"),
        pytest.param(
            b"From: a@x\nSubject: s\nHello,\nsee you.\nTo: be sure\n\nBye",
            b"Hello,\nsee you.\nTo: be sure\n\nBye",
            "no blank line",
            id="prose-with-a-colon",
        ),
        pytest.param(
            b"Hello,\nhere it is.\nFrom: my side it is fine\n\nBye",
            b"Hello,\nhere it is.\nFrom: my side it is fine\n\nBye",
            "no header",
            id="prose-that-begins-with-from",
        ),
        pytest.param(b"Just prose", b"Just prose", "no header", id="no-header"),
    ],
)
def test_broken_headers_are_repaired(raw: bytes, body: bytes, defect: str):
    found = header.read(raw)
    assert raw[found.body :] == body
    assert any(defect in one for one in found.defects) if defect else not found.defects


def test_an_address_with_a_look_alike_is_another_address():
    assert address.well_formed("\u212aelvin@example.com") != "kelvin@example.com"
