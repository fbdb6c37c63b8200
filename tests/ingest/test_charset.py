"""Bytes to text: what is declared rightly, wrongly and not at all."""
# ruff: noqa: RUF001 - words of languages whose letters look like others

import pytest

from mailbot.ingest.format import charset
from mailbot.ingest.parse import read_mail
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.word import Takes, Word

CZECH = "Tiskárna žere papír, můžete přijít?"
RUSSIAN = "Принтер ест бумагу"
JAPANESE = "プリンターが紙を食べる"
CHINESE = "打印机坏了，请帮忙"


@pytest.mark.parametrize(
    "label", ["unicode_escape", "imap4-utf-7", "punycode", "rot13", "idna", "zip", "undefined", ""]
)
def test_a_sender_names_no_codec_that_is_not_in_the_table(label: str):
    assert charset.codec(label) == ""


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        pytest.param("Grüße".encode(), "iso-8859-1", "Grüße", id="utf-8-declared-latin-1"),
        pytest.param(b"\x93quoted\x94", "iso-8859-1", "\u201cquoted\u201d", id="windows-declared-latin-1"),
        pytest.param("你好".encode("gb18030"), "GB2312", "你好", id="gb2312-is-its-superset"),
        pytest.param("שלום".encode("iso8859-8"), "iso-8859-8-i", "שלום", id="logical-hebrew"),
        pytest.param("日本".encode("iso2022_jp"), "us-ascii", "日本", id="japanese-declared-ascii"),
        pytest.param("Grüße".encode("latin-1"), "utf-8", "Grüße", id="latin-1-declared-utf-8"),
        pytest.param("Grüße".encode(), "DEFAULT", "Grüße", id="no-charset-at-all"),
        pytest.param(b"\xed\xa0\x80", "utf-8", None, id="surrogate"),
    ],
)
def test_text_is_decoded_as_it_was_meant(data: bytes, label: str, expected: str | None):
    text, _ = charset.decode(data, label)
    assert text == expected if expected else text.encode()


UNDECLARED = [
    pytest.param("Können Sie die Änderung prüfen?", "cp1252", id="german"),
    pytest.param("Problème", "cp1252", id="one-french-word"),
    pytest.param("José Muñoz", "cp1252", id="a-spanish-name"),
    pytest.param("Umlaute äöüß gehen nicht", "cp1252", id="letters-in-a-row"),
    pytest.param("20 m² für 5 €", "cp1252", id="signs"),
    pytest.param("Palun võtke ühendust, printer ei tööta", "cp1252", id="estonian"),
    pytest.param(CZECH, "cp1250", id="czech"),
    pytest.param(CZECH, "iso8859-2", id="czech-by-the-iso-page"),
    pytest.param("Proszę o pomoc, drukarka zżera papier", "cp1250", id="polish"),
    pytest.param("Wałęsa", "cp1250", id="a-polish-name"),
    pytest.param("Lütfen yardım edin, yazıcı çalışmıyor", "cp1254", id="turkish"),
    pytest.param("Ο εκτυπωτής δεν λειτουργεί", "cp1253", id="greek"),
    pytest.param(RUSSIAN, "koi8-r", id="russian-koi8"),
    pytest.param(RUSSIAN, "cp1251", id="russian-windows"),
    pytest.param("Принтер ест бумагу, помогите", "cp866", id="russian-dos"),
    pytest.param("המדפסת לא עובדת", "cp1255", id="hebrew"),
    pytest.param("الطابعة لا تعمل", "cp1256", id="arabic"),
    pytest.param("เครื่องพิมพ์ไม่ทำงาน", "tis-620", id="thai"),
    pytest.param(CHINESE, "gb18030", id="chinese"),
    pytest.param("印表機壞了，請幫忙", "cp950", id="chinese-traditional"),
    pytest.param(JAPANESE, "cp932", id="japanese-windows"),
    pytest.param(JAPANESE, "euc_jp", id="japanese-unix"),
    pytest.param("프린터가 종이를 먹어요", "cp949", id="korean"),
]


@pytest.mark.parametrize("label", ["", "us-ascii", "x-unknown", "utf-8"])
@pytest.mark.parametrize(("text", "name"), UNDECLARED)
def test_what_no_declaration_explains_is_read_in_the_charset_that_it_is_in(text: str, name: str, label: str):
    assert charset.decode(text.encode(name), label)[0] == text


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        pytest.param(RUSSIAN, "iso-8859-1", "koi8-r", id="cyrillic-called-latin"),
        pytest.param(JAPANESE, "iso-2022-jp", "cp932", id="japanese-of-another-kind"),
        pytest.param(JAPANESE, "euc-jp", "cp932", id="japanese-windows-called-unix"),
        pytest.param("打印机吃纸", "gb2312", "utf-8", id="utf-8-called-chinese"),
        pytest.param("Grüße aus Köln", "utf-16", "utf-8", id="utf-8-called-utf-16"),
        pytest.param("„Příliš žluťoučký“", "iso-8859-2", "cp1250", id="windows-page-called-iso"),
        pytest.param("Grüße", "iso-8859-1", "cp1252", id="declared-rightly"),
        pytest.param("Umlaute: äöüß", "iso-8859-1", "cp1252", id="letters-in-a-row-declared-rightly"),
        pytest.param("Grüße", "charset=us-ascii", "cp1252", id="label-within-a-label"),
        pytest.param("印表機", "CHINESEBIG5", "cp950", id="label-of-old"),
    ],
)
def test_a_wrong_declaration_is_seen_by_the_bytes(text: str, label: str, name: str):
    assert charset.decode(text.encode(name), label)[0] == text


def test_one_broken_character_leaves_a_charset_what_it_is():
    broken = ("Принтер ест бумагу, помогите. " * 4).encode() + b"\xd0 !"
    for label in ("", "gb2312", "utf-8"):
        assert charset.decode(broken, label)[0].startswith(RUSSIAN)


def mail(*lines: bytes) -> bytes:
    return b"\r\n".join([b"From: anna@example.com", *lines])


def test_a_short_subject_is_read_like_the_text_where_neither_declares_anything():
    found = read_mail(mail(b"Subject: " + "Ж".encode("koi8-r"), b"", (RUSSIAN * 4).encode("koi8-r")))
    assert (found.subject, found.text) == ("Ж", RUSSIAN * 4)


def test_a_subject_is_read_in_the_charset_that_a_part_declares():
    part = b"Content-Type: text/plain; charset=koi8-r"
    found = read_mail(
        mail(
            b"Subject: " + "Ж".encode("koi8-r"),
            b"Content-Type: multipart/mixed; boundary=b",
            b"",
            b"--b",
            part,
            b"",
            b"x",
        )
    )
    assert found.subject == "Ж"


def test_html_is_read_in_the_charset_that_it_says_of_itself():
    html = b'<html><head><meta charset="koi8-r"></head><body>' + "Тема".encode("koi8-r") + b"</body></html>"
    assert read_mail(mail(b"Content-Type: text/html; charset=us-ascii", b"", html)).text == "Тема"


def test_utf_7_is_read_where_it_is_declared_and_no_command_in_it_is_one():
    found = read_mail(
        mail(b"Content-Type: text/plain; charset=utf-7", b"", b"+ACM-close", b"close", b"T+APw-r is broken")
    )
    assert found.text == "#close\nclose\nTür is broken"
    assert not read(found.new_text, [Word(word="close", takes=Takes.NOTHING)]).commands
    assert found.new_text.replace("\u2060", "") == found.text
    assert read_mail(mail(b"Content-Type: text/plain", b"", b"+ACM-close")).text == "+ACM-close"


@pytest.mark.parametrize("declared", [b"text/plain", b"text/plain; charset=us-ascii", b"text/html; charset=utf-8"])
@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_text_of_several_bytes_a_character_is_known_by_its_bytes(name: str, declared: bytes):
    found = read_mail(mail(b"Content-Type: " + declared, b"", f"{RUSSIAN}, помогите".encode(name)))
    assert found.text == f"{RUSSIAN}, помогите"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"\xff\xfehello", "ÿþhello", id="what-only-looks-like-a-mark"),
        pytest.param(b"a\0b and no more", "ab and no more", id="a-zero"),
        pytest.param(b"Regenschirm\n\0\t\t\t\0\t\0\t\0\t\0.", "Regenschirm\n\t\t\t\t\t\t.", id="words-and-zeros"),
        pytest.param(b"\xff\xfea\0b", "ÿþab", id="half-a-character"),
        pytest.param(b"a\0\0b\0\0c\0\0", "abc", id="zeros-everywhere"),
        pytest.param("x\0\x01\0 \0y\0".encode("latin-1"), "x\x01 y", id="a-control"),
    ],
)
def test_bytes_that_are_no_such_text_are_read_as_before(data: bytes, text: str):
    assert read_mail(mail(b"", data)).text == text


def test_no_sender_is_read_out_of_zeros():
    assert read_mail(b"From: " + "a@example.com".encode("utf-16-le") + b"\r\n\r\nHello").from_ is None
