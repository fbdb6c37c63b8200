"""Whole mails, broken by chance and built by chance: nothing raises, nothing takes long, no attachment loses a byte.

The mails of `MAILBOT_TEST_MAIL` are broken too, where they are. What a test finds it names by the mail's own bytes.
"""

import binascii
import hashlib
import json
import os
import re
import time
from base64 import encodebytes
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from mailbot.ingest.parse import leaf, read_mail
from mailbot.ingest.printed import as_dict

#: Seconds for each test of this file; CI's slow lane gives fewer (Makefile).
SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 600)]

_LONGEST = 2.0
_OWN = Path(__file__).parent.parent / "ingest"
# fmt: off
PIECES = [
    b"\0", b"\r", b"\n", b"\r\n\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"=?utf-8?q?", b"?=", b"=?utf-16?b?",
    b"--", b'"', b"(", b"<", b">", b"<!--", b"<style>", b"</style>", b'<div style="display:none">', b"<b></i>",
    b"<blockquote>", b"\nbegin 644 a\n", b"\nend\n", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n", b"; charset=idna", b"a9",
    b"; charset=undefined", b"; charset=utf-16", b"; name*0*=utf-16''%D8%00", b"; name*=x; name*0=y", b"\nFrom ",
    b"; format=flowed; delsp=yes", b"\n> ", b"\n-- \n", b"##-", b"\xed\xa0\x80", b"+2AA-", b"&#xD800;", b"\x80",
    b"\nFrom: a\nSent: b\nTo: c\nSubject: d\n\n", b"Subject: Undelivered Mail Returned to Sender\n", b"From: \n",
    b"\nOn Mon, 2 Mar 2026, Anna <a@b.test> wrote:\n", b'{"notificationType":"Bounce","bounce":', b"\x78\x9f\x3e\x22",
]
CHARSETS = [b"utf-7", b"utf-16", b"utf-32", b"iso-2022-kr", b"hz", b"johab", b"cp864", b"punycode", b"", b'"', b"big5"]
KINDS = [
    b"text/plain", b"text/html", b"text/enriched", b"multipart/mixed", b"multipart/alternative", b"multipart/related",
    b"multipart/digest", b"multipart/signed", b"multipart/report; report-type=delivery-status", b"message/rfc822",
    b"message/delivery-status", b"message/partial", b"application/ms-tnef", b"application/pkcs7-mime",
]
ENCODINGS = [b"base64", b"quoted-printable", b"x-uuencode", b"8bit", b"binary", b"q", b'"base64"']
# fmt: on


def mails() -> list[bytes]:
    strangers = Path(os.environ.get("MAILBOT_TEST_MAIL", "../shared/mail"))
    files = [*_OWN.rglob("*.eml"), *_OWN.rglob("*.html"), *(strangers.rglob("*") if strangers.is_dir() else ())]
    kept = [file.read_bytes() for file in sorted(files) if file.is_file() and file.stat().st_size < 200_000]
    return [
        mail if b"rom:" in mail[:5_000] else b"From: a@b.test\r\nContent-Type: text/html\r\n\r\n" + mail
        for mail in kept
    ]


def replaced(chance: Random, pattern: bytes, words: list[bytes]) -> Callable[[bytes], bytes]:
    return lambda mail: re.sub(pattern, lambda found: found[1] + chance.choice(words), mail)


def mutants(chance: Random, pool: list[bytes]) -> Iterator[bytes]:
    """Yield mails that were cut, mixed, and written into."""
    changes: list[Callable[[bytes, int], bytes]] = [
        lambda mail, at: mail[:at] + bytes([mail[at] ^ 1 << chance.randrange(8)]) + mail[at + 1 :] if mail else mail,
        lambda mail, at: mail[:at],
        lambda mail, at: mail[:at] + mail[at + chance.choice((1, 10, 1_000)) :],
        lambda mail, at: mail[:at] + chance.choice(PIECES) + mail[at:],
        lambda mail, at: mail[:at] + chance.choice(PIECES) * chance.choice((2, 20, 300)) + mail[at:],
        lambda mail, at: mail[:at] + chance.choice(pool)[at:],
        lambda mail, _: mail.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r"))),
        lambda mail, _: replaced(chance, rb"(?i)(charset\s*=\s*\"?)[^\s\";]+", CHARSETS)(mail),
        lambda mail, _: replaced(chance, rb"(?i)(content-type:\s*)[a-z]+/[a-z0-9.-]+", KINDS)(mail),
        lambda mail, _: replaced(chance, rb"(?i)(content-transfer-encoding: *)[^\r\n]*", ENCODINGS)(mail),
        lambda mail, _: replaced(chance, rb"(?m)(^--)[^\r\n]+", [b"b", b"x--", b""])(mail),
        lambda mail, _: b"From: a@b.test\r\nContent-Type: message/rfc822\r\n\r\n" * chance.choice((1, 5, 31)) + mail,
    ]
    while True:
        mail = chance.choice(pool)
        for _ in range(chance.choice((1, 1, 2, 4, 8, 30))):
            mail = chance.choice(changes)(mail, chance.randrange(len(mail) or 1))[:400_000]
        yield mail


def check(raw: bytes) -> None:
    begun = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - begun < _LONGEST, raw
    assert not [defect for defect in mail.defects if "could not be read in full (" in defect], raw
    json.dumps(as_dict(mail, "x"), ensure_ascii=False).encode()
    for one in mail.attachments[:5]:
        assert hashlib.sha256(leaf(raw, one.index)[1]).hexdigest() == one.sha256, raw


def test_no_mail_that_was_broken_on_the_way_is_too_odd_to_be_read():
    end = time.monotonic() + SECONDS
    for raw in mutants(Random(), mails()):
        check(raw)
        if time.monotonic() > end:
            break


def file(chance: Random, ending: bytes) -> tuple[bytes, list[bytes]]:
    """A part that is a file, and its bytes."""
    noise = b"--b\r\n" * chance.randrange(9)
    data = chance.choice([chance.randbytes(chance.choice((0, 1, 300, 250_000))), noise, "Grüße ".encode("utf-16") * 9])
    encoding = chance.choice(ENCODINGS[:3])
    if encoding == b"base64":
        coded = encodebytes(data)
    elif encoding == b"quoted-printable":
        coded = b"=\n".join(b"=%02X" % one for one in data[:400])
        data = data[:400]
    else:
        lines = (binascii.b2a_uu(data[start : start + 45]) for start in range(0, len(data), 45))
        coded = b"begin 644 x\n" + b"".join(lines) + b"`\nend\n"
    kind = chance.choice([b"application/pdf", b"text/plain; name=a.txt", b"text/html", b"x/y", b"font/"])
    head = [b"Content-Type: " + kind, b"Content-Disposition: attachment", b"Content-Transfer-Encoding: " + encoding]
    return ending.join([*head, b"", coded.replace(b"\n", ending)]), [data]


def built(chance: Random, depth: int, ending: bytes) -> tuple[bytes, list[bytes]]:
    """A container with a text, files, attached mails and further containers, and the bytes of its files."""
    parts, files = [b"Content-Type: text/plain" + ending * 2 + b"Regenschirm"], list[bytes]()
    for _ in range(chance.choice((0, 1, 2, 5))):
        what = chance.random() if depth else 1.0
        if what < 0.2:
            part, inside = built(chance, depth - 1, ending)
        elif what < 0.4:
            mail = b"From: a@b.test" + ending + built(chance, depth - 1, ending)[0]
            part, inside = b"Content-Type: message/rfc822" + ending * 2 + mail, [mail]
        else:
            part, inside = file(chance, ending)
        parts.append(part)
        files += inside
    boundary = b"b%d" % chance.randrange(10**12)
    kind = chance.choice([b"mixed", b"related", b"parallel", b"odd"])
    head = b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + ending * 2
    return head + b"".join(b"--" + boundary + ending + one + ending for one in parts) + b"--" + boundary + b"--", files


def test_no_attachment_of_a_mail_loses_a_byte():
    chance = Random()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ending = chance.choice((b"\r\n", b"\n"))
        body, files = built(chance, chance.randrange(5), ending)
        raw = b"From: anna@example.com" + ending + body
        check(raw)
        mail = read_mail(raw)
        assert mail.text.startswith("Regenschirm"), raw
        missing = Counter(hashlib.sha256(one).hexdigest() for one in files)
        missing.subtract(one.sha256 for one in mail.attachments)
        assert max(missing.values(), default=0) <= 0, raw
