"""Noise into the parsers of bytes: no exception, no time that grows faster than the mail, no words lost."""

import os
from collections.abc import Callable
from time import monotonic, process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.ingest.format import address, charset, cms, encoded_word, header, parameter, recovered, tnef, transfer
from mailbot.ingest.parse import read_mail
from mailbot.ingest.text import enriched, flowed

#: How long each parser is fed, in seconds.
FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))
#: Inputs that hypothesis makes between two looks at the clock, and how long one of them may take.
_BATCH = 200
_LONGEST = 2.0
#: What mail is made of, so that noise comes near to it.
# fmt: off
PIECES = [
    b"From: ", b"Subject: ", b"To: ", b"Content-Type: ", b"multipart/mixed", b"text/plain", b"text/html",
    b"; boundary=b",
    b"; charset=", b"utf-7", b"iso-2022-jp", b"gb2312", b"utf-8", b"Content-Transfer-Encoding: ", b"base64",
    b"quoted-printable", b"\r\n", b"\n", b"\r\n\r\n", b"--b", b"--b--", b" ", b"\t", b"<", b">", b'"', b"(", b")",
    b"@", b",",
    b"anna@example.com", b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"=\r\n", b"=C3=BC", b"\x1b$B", b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"begin 644 a\n", b"#0V%T\n", b"`\nend\n", b"\x78\x9f\x3e\x22\x01\x00", b"\x30\x80", b"\x24\x80", b"message/rfc822",
    b"application/ms-tnef", b"application/pkcs7-mime", b"<html>", b"<<", b"<param>", b"\xc3\xbc", b"\x83v\x83\x8a",
    b"\x00",
]
# fmt: on
NOISE = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=60).map(b"".join)


def text_of(data: bytes) -> str:
    return data.decode("latin-1")


PARSERS: dict[str, Callable[[bytes], object]] = {
    "a mail": read_mail,
    "a header": header.read,
    "encoded words": lambda data: encoded_word.decoded(text_of(data)),
    "From": lambda data: address.single(text_of(data)),
    "addresses": lambda data: address.mailboxes(text_of(data)),
    "parameters": lambda data: parameter.content_type(text_of(data)),
    "base64": lambda data: transfer.decode(data, "base64"),
    "quoted-printable": lambda data: transfer.decode(data, "quoted-printable"),
    "uuencode": transfer.uuencoded,
    "a container": lambda data: recovered.container("multipart/mixed", data),
    "winmail.dat": lambda data: tnef.read(b"\x78\x9f\x3e\x22\x01\x00" + data),
    "signed data": cms.content,
    "flowed text": lambda data: flowed.unflowed(text_of(data), delsp=True),
    "enriched text": lambda data: enriched.rendered(text_of(data)),
}


def until_deadline(check: Callable[[bytes], None]) -> None:
    """Feed noise to a check until the time is up."""
    end = monotonic() + FUZZ_SECONDS

    @settings(max_examples=_BATCH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(NOISE)
    def fed(data: bytes) -> None:
        check(data)

    while monotonic() < end:
        fed()


@pytest.mark.slow
@pytest.mark.timeout(FUZZ_SECONDS + 300)
@pytest.mark.parametrize("name", PARSERS)
def test_no_noise_breaks_a_parser(name: str):
    def check(data: bytes) -> None:
        begun = process_time()
        PARSERS[name](data)
        assert process_time() - begun < _LONGEST

    until_deadline(check)


@pytest.mark.slow
@pytest.mark.timeout(FUZZ_SECONDS + 300)
def test_no_noise_around_a_text_makes_it_fall_out_of_the_mail():
    word = "Regenschirm"

    def check(data: bytes) -> None:
        mail = read_mail(b"From: anna@example.com\r\n\r\n" + word.encode() + b"\n" + data)
        assert word in mail.text

    until_deadline(check)


@pytest.mark.slow
@pytest.mark.timeout(FUZZ_SECONDS + 300)
def test_no_bytes_decode_to_a_surrogate():
    labels = [
        "",
        "utf-8",
        "utf-7",
        "utf-16",
        "gb2312",
        "iso-2022-jp",
        "hz",
        "shift_jis",
        "big5",
        "us-ascii",
        "iso-8859-2",
    ]

    def check(data: bytes) -> None:
        for label in labels:
            charset.decode(data, label)[0].encode()

    until_deadline(check)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_long_row_of_one_thing_takes_linear_time(piece: bytes):
    for name, parse in PARSERS.items():
        data = (piece * 60_000)[:60_000]
        begun = process_time()
        parse(data)
        assert process_time() - begun < _LONGEST, name
