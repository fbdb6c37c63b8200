"""Which text a person would see, and that every other leaf is an attachment."""

import hashlib

import pytest

from mailbot.ingest.parse import leaf, read_mail

HEAD = b"From: anna@example.com\r\nMIME-Version: 1.0\r\n"
PDF = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
PLAIN = b"Content-Type: text/plain\r\n\r\nHello\r\n"
HTML = b"Content-Type: text/html\r\n\r\n<p>Hello <b>there</b></p>\r\n"


def multipart(kind: bytes, *parts: bytes, boundary: bytes = b"b") -> bytes:
    inside = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        b"Content-Type: multipart/"
        + kind
        + b"; boundary="
        + boundary
        + b"\r\n\r\n"
        + inside
        + b"--"
        + boundary
        + b"--\r\n"
    )


@pytest.mark.parametrize(
    ("content", "text", "attachments"),
    [
        pytest.param(PLAIN, "Hello", [], id="plain"),
        pytest.param(b"\r\nHello\r\n", "Hello", [], id="no-content-type"),
        pytest.param(b"Content-Type: text\r\n\r\nHello\r\n", "Hello", [], id="malformed-type"),
        pytest.param(b"Content-Type: text/plain; name=a.txt\r\n\r\nHello\r\n", "Hello", [], id="alone-with-a-name"),
        pytest.param(HTML, "Hello there", [], id="html-alone"),
        pytest.param(multipart(b"alternative", PLAIN, HTML), "Hello", [], id="alternative"),
        pytest.param(
            multipart(b"alternative", b"Content-Type: text/plain\r\n\r\n \r\n", HTML),
            "Hello there",
            [],
            id="empty-plain",
        ),
        pytest.param(multipart(b"mixed", PLAIN, PDF), "Hello", ["a.pdf"], id="attachment"),
        pytest.param(
            multipart(b"mixed", PLAIN, PDF, PLAIN), "Hello\n\nHello", ["a.pdf"], id="text-around-an-attachment"
        ),
        pytest.param(
            multipart(b"alternative", PLAIN, multipart(b"mixed", HTML, PDF, HTML, boundary=b"c")),
            "Hello",
            ["a.pdf"],
            id="mixed-inside-alternative",
        ),
        pytest.param(
            multipart(b"related", HTML, b"Content-Type: image/png\r\nContent-ID: <x>\r\n\r\nP\r\n"),
            "Hello there",
            [""],
            id="image-without-a-name",
        ),
        pytest.param(
            multipart(b"mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n#close\r\n"),
            "Hello",
            [""],
            id="attached-mail-is-one-leaf",
        ),
        pytest.param(
            multipart(b"signed", PLAIN, b"Content-Type: application/pgp-signature; name=s.asc\r\n\r\nS\r\n"),
            "Hello",
            ["s.asc"],
            id="signed",
        ),
        pytest.param(multipart(b"mixed", PDF), "", ["a.pdf"], id="no-text"),
        pytest.param(b"Content-Type: text/plain\r\n\r\n%PDF-1.7\r\n\xe2\xe3\r\n", "", [""], id="file-called-text"),
        pytest.param(
            multipart(b"mixed", PLAIN, b"Content-Type: text/html\r\n\r\nPK\3\4\x14\r\n"),
            "Hello",
            [""],
            id="file-called-html-beside-text",
        ),
        pytest.param(
            multipart(b"mixed", PDF, b"Content-Disposition: attachment\r\n\r\nHello\r\n"),
            "Hello",
            ["a.pdf"],
            id="text-only-in-an-attachment",
        ),
        pytest.param(
            b"\r\nHello\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", "Hello", ["cat.txt"], id="uuencode-inside-text"
        ),
        pytest.param(
            b"\r\nThis will begin 644 things\r\n", "This will begin 644 things", [], id="prose-is-no-uuencode"
        ),
        pytest.param(b"Content-Type: text/plain; format=flowed\r\n\r\none \r\ntwo\r\n", "one two", [], id="flowed"),
        pytest.param(b"Content-Type: multipart/mixed\r\n\r\nHello\r\n", "Hello", [], id="multipart-without-boundary"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\nHello\r\n", "Hello", [], id="boundary-that-never-comes"
        ),
        pytest.param(
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8\r\n",
            "Hello",
            [],
            id="cut-base64",
        ),
        pytest.param(
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: 7-bit\r\n\r\nHello\r\n", "Hello", [], id="7-bit"
        ),
    ],
)
def test_text_is_what_a_person_sees_and_all_else_is_attached(content: bytes, text: str, attachments: list[str]):
    mail = read_mail(HEAD + content)
    assert mail.text == text
    assert [one.name for one in mail.attachments] == attachments


def test_an_attached_mail_s_text_is_never_the_author_s():
    raw = HEAD + multipart(b"mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n#close\r\n")
    mail = read_mail(raw)
    assert "#close" not in mail.text + mail.new_text + mail.quoted
    assert leaf(raw, mail.attachments[0].index)[1].rstrip() == b"Subject: x\r\n\r\n#close"


@pytest.mark.parametrize(
    "attached",
    [
        pytest.param(b"Subject: x\r\n\r\n#close\r\n", id="plain"),
        pytest.param(b"Subject: one\r\n two\r\n\r\n\xff\xfe raw\r\n\r\n", id="folded-and-eight-bit"),
        pytest.param(
            b"Subject: x\r\n" + multipart(b"mixed", PLAIN, PDF, boundary=b"inner") + b"after\r\n", id="multipart"
        ),
        pytest.param(
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJ\xc3\r\n",
            id="broken",
        ),
    ],
)
def test_an_attached_mail_is_given_back_as_it_came(attached: bytes):
    raw = HEAD + multipart(b"mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + attached)
    assert leaf(raw, 1)[1] == attached


def test_an_attachment_s_bytes_are_found_again():
    raw = HEAD + multipart(b"mixed", PLAIN, PDF, PDF.replace(b"QUJD", b"REVG").replace(b"a.pdf", b"b.pdf"))
    mail = read_mail(raw)
    for one, data in zip(mail.attachments, (b"ABC", b"DEF"), strict=True):
        found, content = leaf(raw, one.index)
        assert (found, content) == (one, data)
        assert one.sha256 == hashlib.sha256(data).hexdigest()


def test_an_attachment_that_is_not_there_is_said_to_be_missing():
    with pytest.raises(KeyError):
        leaf(HEAD + PLAIN, 7)


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        pytest.param('filename="a b.pdf"', "a b.pdf", id="quoted"),
        pytest.param("filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Gr\u00fc\u00dfe.pdf", id="rfc-2231"),
        pytest.param("filename*0*=utf-8''Gr%C3%BC; filename*1=sse.pdf", "Gr\u00fcsse.pdf", id="rfc-2231-continued"),
        pytest.param('filename="=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?="', "Gr\u00fc\u00dfe.pdf", id="encoded-word"),
        pytest.param('filename="../../etc/passwd"', "passwd", id="path"),
        pytest.param('filename="C:\\\\temp\\\\a.txt"', "a.txt", id="windows-path"),
        pytest.param('filename="\u200b.htaccess"', "htaccess", id="dot-file-behind-an-invisible-character"),
        pytest.param('filename="gpj.\u202eexe.pdf"', "gpj.exe.pdf", id="direction"),
        pytest.param('filename="a\tb.pdf"', "a b.pdf", id="control"),
        pytest.param('filename="NUL."', "_NUL", id="windows-device"),
        pytest.param('filename="aux.pdf"', "_aux.pdf", id="windows-device-with-an-extension"),
        pytest.param("filename*=utf-8''COM%C2%B9 .txt", "_COM\u00b9 .txt", id="windows-device-by-another-digit"),
        pytest.param('filename="console.txt"', "console.txt", id="no-device"),
        pytest.param('filename="evil.exe. ."', "evil.exe", id="dots-at-the-end"),
        pytest.param('filename="name.txt:stream"', "name.txt_stream", id="stream"),
        pytest.param(f'filename="a.pdf{100 * " "}.exe"', "a.pdf .exe", id="run-of-blanks"),
        pytest.param(f'filename="{400 * "a"}.exe"', f"{251 * 'a'}.exe", id="long-with-its-extension"),
        pytest.param('filename="..."', "attachment", id="nothing-but-dots"),
        pytest.param('filename="a/"', "attachment", id="nothing-behind-the-path"),
        pytest.param('filename=""', "", id="no-name"),
    ],
)
def test_a_file_name_is_safe_to_show_and_to_save(parameter: str, name: str):
    part = f"Content-Type: application/pdf\r\nContent-Disposition: attachment; {parameter}\r\n\r\nx\r\n".encode()
    assert [one.name for one in read_mail(HEAD + multipart(b"mixed", PLAIN, part)).attachments] == [name]
