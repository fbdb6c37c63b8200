"""What lies in containers that are broken, Microsoft's, signed or encrypted: the words and files that a person gets."""

from base64 import encodebytes
from struct import pack

import pytest

from mailbot.ingest.format import cms, encoded_word, tnef, transfer
from mailbot.ingest.parse import leaf, read_mail
from tests.ingest.test_body import HEAD, HTML, PDF, PLAIN, multipart

PARTS = b"--b\r\n" + PLAIN + b"\r\n--b\r\n" + PDF + b"\r\n--b--\r\n"
MAIL = b"Content-Type: message/rfc822\r\n\r\nFrom: bob@example.com\r\nSubject: Inner\r\n\r\n#close\r\n"


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(b"", id="no-boundary"),
        pytest.param(b"; boundary=other", id="another-boundary"),
        pytest.param(b'; boundary="', id="an-empty-one"),
    ],
)
def test_parts_are_found_where_the_header_names_no_boundary_or_a_wrong_one(declared: bytes):
    raw = HEAD + b"Content-Type: multipart/mixed" + declared + b"\r\n\r\n" + PARTS
    mail = read_mail(raw)
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello", ["a.pdf"])
    assert leaf(raw, mail.attachments[0].index)[1] == b"ABC"


def test_a_container_that_is_encoded_as_a_whole_is_decoded_first():
    kind = b"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail = read_mail(HEAD + kind + encodebytes(PARTS))
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello", ["a.pdf"])


@pytest.mark.parametrize(
    ("content", "text", "attachments"),
    [
        pytest.param(
            multipart(b"alternative", b"Content-Type: text/plain\r\n\r\n\xa0\r\n", HTML),
            "Hello there",
            [],
            id="hard-blank",
        ),
        pytest.param(
            multipart(b"alternative", b"Content-Type: text/plain\r\n\r\nPlease view this as HTML.\r\n", HTML),
            "Hello there",
            [],
            id="advice-to-read-the-html",
        ),
        pytest.param(
            multipart(
                b"mixed", b"Content-Type: text/plain\r\nContent-Disposition: inline; filename=a.txt\r\n\r\nHi\r\n", PDF
            ),
            "Hi",
            ["a.pdf"],
            id="the-only-text-has-a-name",
        ),
        pytest.param(b"Content-Type: plain/text\r\n\r\nHello\r\n", "Hello", [], id="type-the-wrong-way-round"),
        pytest.param(b"\r\n<html><body><p>Hello</p></body></html>\r\n", "Hello", [], id="html-of-no-type"),
        pytest.param(
            multipart(b"alternative", PLAIN, b"Content-Type: text/enriched\r\n\r\n<bold>Hello</bold>\r\n"),
            "Hello",
            [""],
            id="enriched-beside-plain",
        ),
        pytest.param(
            b"Content-Type: text/enriched\r\n\r\n<bold>Hello</bold> there\r\n\r\n<<x>\r\n",
            "Hello there\n<x>",
            [],
            id="enriched",
        ),
        pytest.param(
            multipart(b"digest", b"\r\nSubject: One\r\n\r\nwords\r\n", b"\r\nSubject: Two\r\n\r\nwords\r\n"),
            "",
            ["", ""],
            id="digest",
        ),
        pytest.param(b"\r\nHello\r\nbegin 644 cat.txt\r\n#0V%T\r\n", "Hello", ["cat.txt"], id="uuencode-without-end"),
        pytest.param(MAIL, "#close", [""], id="nothing-but-another-mail"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThe words stand here.\r\n--b\r\n"
            + PDF
            + b"\r\n--b--\r\n",
            "The words stand here.",
            ["a.pdf"],
            id="words-before-the-parts",
        ),
    ],
)
def test_what_a_person_would_read_is_the_text(content: bytes, text: str, attachments: list[str]):
    mail = read_mail(HEAD + content)
    assert (mail.text, [one.name for one in mail.attachments]) == (text, attachments)


def test_no_word_of_a_mail_that_is_nothing_but_another_one_is_its_sender_s():
    assert read_mail(HEAD + MAIL).new_text == ""


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        pytest.param('"base64"', b"SGVsbG8=", b"Hello", id="quotes"),
        pytest.param("quoted-printable.", b"a=20b", b"a b", id="dot"),
        pytest.param("quoted printable", b"a=20b", b"a b", id="blank"),
        pytest.param("quoted-printable", b"one=  \r\ntwo", b"onetwo", id="blanks-behind-a-soft-break"),
        pytest.param(
            "base64", b"The printer is broken\nPlease help me\n", b"The printer is broken\nPlease help me\n", id="prose"
        ),
        pytest.param("base64", b"SGVsbG8=\r\n-- \r\nThe list of all lists\r\n", b"Hello", id="a-list-s-footer"),
    ],
)
def test_an_encoding_is_what_it_is_meant_to_be(encoding: str, data: bytes, expected: bytes):
    assert transfer.decode(data, encoding)[0] == expected


def test_a_word_that_was_encoded_twice_is_decoded_twice():
    assert encoded_word.decoded("=?utf-8?q?=3D=3Futf-8=3Fq=3FGr=3DC3=3DBC=3DC3=3D9Fe=3F=3D?=") == "Grüße"


def attribute(level: int, name: int, value: bytes) -> bytes:
    return pack("<BII", level, name | 0x10000, len(value)) + value + pack("<H", sum(value) & 0xFFFF)


def winmail(*attributes: bytes) -> bytes:
    return pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def prop(kind: int, name: int, value: bytes) -> bytes:
    return pack("<HHII", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)


FILE = attribute(2, 0x9002, b"\0" * 14) + attribute(2, 0x8010, b"a.pdf\0") + attribute(2, 0x800F, b"ABC")
LONG = attribute(2, 0x9005, pack("<I", 1) + prop(31, 0x3707, "Grüße.pdf".encode("utf-16-le") + b"\0\0"))
TEXT = attribute(1, 0x9003, pack("<I", 1) + prop(30, 0x1000, b"Hello from Outlook\0"))


def sent(data: bytes) -> bytes:
    return (
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(data)
    )


def test_what_lies_in_winmail_dat_is_the_mail_s():
    raw = HEAD + multipart(b"mixed", PLAIN, sent(winmail(TEXT, FILE, LONG)))
    mail = read_mail(raw)
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello", ["Grüße.pdf"])
    assert leaf(raw, mail.attachments[0].index)[1] == b"ABC"


def test_the_text_of_winmail_dat_is_shown_where_there_is_no_other():
    mail = read_mail(HEAD + sent(winmail(TEXT, FILE)))
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello from Outlook", ["a.pdf"])


def test_a_winmail_dat_that_is_cut_off_stays_beside_what_was_in_it():
    mail = read_mail(HEAD + multipart(b"mixed", PLAIN, sent(winmail(FILE, attribute(2, 0x9002, b"x" * 99))[:-40])))
    assert {one.name for one in mail.attachments} == {"a.pdf", "winmail.dat"}
    assert tnef.read(b"no container") is None


def der(tag: int, content: bytes, *, open_ended: bool = False) -> bytes:
    if open_ended:
        return bytes([tag, 0x80]) + content + b"\0\0"
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")) + content


def signed(content: bytes, *, open_ended: bool) -> bytes:
    octets = der(0x24, der(4, content[:5]) + der(4, content[5:]), open_ended=True) if open_ended else der(4, content)
    wrapped = der(0x30, der(6, bytes.fromhex("2a864886f70d010701")) + der(0xA0, octets, open_ended=open_ended))
    data = der(0x30, der(2, b"\1") + der(0x31, b"") + wrapped + der(0x31, b""), open_ended=open_ended)
    outer = der(6, bytes.fromhex("2a864886f70d010702")) + der(0xA0, data, open_ended=open_ended)
    return der(0x30, outer, open_ended=open_ended)


SMIME = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"


@pytest.mark.parametrize("open_ended", [False, True])
def test_the_words_in_an_opaque_signature_are_read(open_ended: bool):
    data = signed(PLAIN, open_ended=open_ended)
    raw = HEAD + SMIME + encodebytes(data)
    mail = read_mail(raw)
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello", ["smime.p7m"])
    assert leaf(raw, mail.attachments[0].index)[1] == data
    assert not any("encrypted" in defect for defect in mail.defects)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SMIME + encodebytes(der(0x30, der(6, b"\x2a"))), id="smime"),
        pytest.param(b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n", id="pgp"),
        pytest.param(
            multipart(b"mixed", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n", PDF), id="taken-apart"
        ),
    ],
)
def test_a_mail_that_is_encrypted_is_said_to_be(content: bytes):
    assert any(defect.startswith("encrypted") for defect in read_mail(HEAD + content).defects)


def test_what_is_no_signed_data_holds_no_content():
    assert cms.content(b"") is None
    assert cms.content(b"\x30\x80" * 500) is None


def attached(mail: bytes) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" + mail + b"\r\n--out--\r\n"


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(b"From: a@b.test\r\n\r\nwords", id="no-line-end"),
        pytest.param(b"From: a@b.test\n\nwords\n", id="line-feeds"),
        pytest.param(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + PARTS, id="parts"),
        pytest.param(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + PARTS + b"\r\n", id="an-epilogue"),
        pytest.param(b"Content-Type: text/plain; charset=undefined\r\n\r\n\xe1\r\n", id="a-charset-that-raises"),
        pytest.param(b"Content-Type: text/plain; charset=idna\r\n\r\n\xe1\r\n", id="another"),
        pytest.param(b"no header\r\nat all\r\n", id="no-mail"),
    ],
)
def test_an_attached_mail_has_the_very_bytes_that_came(inner: bytes):
    raw = attached(b"Content-Type: message/rfc822\r\n\r\n" + inner)
    assert leaf(raw, read_mail(raw).attachments[0].index)[1] == inner
    alone = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + inner
    assert leaf(alone, read_mail(alone).attachments[0].index)[1] == inner


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"name*0*=utf-8''x; name*=y", id="a-piece-and-the-whole"),
        pytest.param(b"boundary*0*=utf-8''x; boundary*=b", id="of-the-boundary"),
    ],
)
def test_parts_are_found_whatever_stands_in_the_other_parameters(odd: bytes):
    raw = HEAD + b"Content-Type: multipart/mixed; " + odd + b"; boundary=b\r\n\r\n" + PARTS
    mail = read_mail(raw)
    assert (mail.text, [one.name for one in mail.attachments]) == ("Hello", ["a.pdf"])
    assert not [defect for defect in mail.defects if "could not be read" in defect]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        pytest.param(b"--b\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n--b--\r\n", "", id="blank"),
        pytest.param(b"--b\r\n\r\n--b\r\nMIME-Version: 1.0\r\n\r\n--b--", "", id="two-blank"),
        pytest.param(b"Hello\r\n--b\r\n\r\n--b--\r\n", "Hello\n--b\n\n--b--", id="words-beside"),
    ],
)
def test_of_a_container_of_blank_parts_nothing_is_shown(parts: bytes, text: str):
    assert read_mail(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts).text == text


@pytest.mark.parametrize(
    ("coded", "text"),
    [
        pytest.param(b"R3LDvMOfZQ== ignored\r\n", "Grüße", id="words-behind-the-padding"),
        pytest.param(b"R3LDvMOf\r\nZSE= [cut]\r\n", "Grüße!", id="in-its-last-line"),
        pytest.param(b"R3LDvMOfZQ== \r\n", "Grüße", id="blanks"),
        pytest.param(b"say abcd== here\r\n", "say abcd== here", id="prose"),
        pytest.param(b"abc== here\r\n", "abc== here", id="no-padding"),
    ],
)
def test_what_stands_behind_the_padding_of_base64_is_none_of_it(coded: bytes, text: str):
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert read_mail(HEAD + head + coded).text == text
