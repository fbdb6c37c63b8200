"""The limits on raw bytes: what is over them is never given to a parser."""

import pytest

from mailbot.ingest.digest import intake_digest
from mailbot.ingest.limits import DEFAULT, Limits, over_limit
from mailbot.ingest.parse import read_mail
from mailbot.ingest.printed import as_dict


def nested(depth: int) -> bytes:
    levels = (b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(depth))
    return b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + b"".join(levels) + b"--b%d\r\n\r\nHi\r\n" % depth


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"Subject: x\r\n\r\n" + b"a" * DEFAULT.message, "bytes", id="size"),
        pytest.param(b"Subject: x\r\n\r\n" + b"\n" * 600_001, "lines", id="lines"),
        pytest.param(b"Subject: x\r\n\r\n" + b"\r" * 600_001, "lines", id="lone-cr-lines"),
        pytest.param(b"X: y\r\n" * 1_001 + b"\r\n", "header fields", id="fields"),
        pytest.param(b"\r\n \r\n" + b"X: y\r\n" * 1_001 + b"\r\n", "header fields", id="fields-below-a-blank-line"),
        pytest.param(b"X: " + b"y" * 102_401 + b"\r\n\r\n", "a header field of", id="field"),
        pytest.param(b"X: y\r\n" + b" z\r\n" * 60_000 + b"\r\n", "a header field of", id="folded-field"),
        pytest.param((b"X: " + b"y" * 90_000 + b"\r\n") * 3 + b"\r\n", "a header of", id="header"),
        pytest.param(b"Subject: " + b"=?utf-8?q?a?= " * 2_001 + b"\r\n\r\n", "encoded words", id="encoded-words"),
        pytest.param(nested(3_000), "deep", id="nested"),
        pytest.param(b"Content-Type: message/rfc822\r\n\r\n" * 3_000, "deep", id="mails-in-mails"),
        pytest.param(b"Content-Type:\r\n message/rfc822\r\n\r\n" * 3_000, "deep", id="mails-in-mails-folded"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1_001, "parts", id="parts"
        ),
        pytest.param(nested(28) + b"abc\r\n" * 300_000, "too many lines", id="lines-in-deep-containers"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + (b"--b\r\nContent-Type: text/html " + b"; " * 7_000 + b"\r\n\r\nx\r\n") * 3,
            "parameters",
            id="semicolons-in-parts",
        ),
    ],
)
def test_a_mail_over_a_limit_is_told_with_the_limit_and_still_read_in_part(raw: bytes, reason: str):
    assert reason in over_limit(raw)
    mail = read_mail(raw)
    assert any(reason in defect for defect in mail.defects)
    assert mail.digest == intake_digest(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"Subject: x\r\n\r\nHello", id="plain"),
        pytest.param(nested(20), id="deep-but-not-too-deep"),
        pytest.param(b"Content-Type: text/html " + b"; " * 7_000 + b"\r\n\r\nHello", id="semicolons-at-the-top"),
        pytest.param(
            b"Subject: x\r\n\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 100, id="header-words-in-the-text"
        ),
        pytest.param(b"Subject: x\r\n\r\n" + b"--b\r\n" * 5_000, id="dashes-in-the-text"),
        pytest.param(b"From: " + b"(" * 1_000 + b"\r\n\r\nHello", id="brackets"),
    ],
)
def test_odd_mail_within_the_limits_passes(raw: bytes):
    assert over_limit(raw) == ""


def test_limits_can_be_set():
    assert over_limit(b"Subject: x\r\n\r\nHello", Limits(message=10)) == "19 bytes, 10 at most"


BASE = b"From: anna@example.com\r\nSubject: x\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b"Received: from a by b\r\n\twith SMTP\r\n" + BASE, id="received"),
        pytest.param(b"Return-Path: <a@b>\r\nDelivered-To: x\r\n" + BASE, id="delivery"),
        pytest.param(b"ARC-Seal: i=1\r\nX-Mailbot-Desk: y\r\n" + BASE, id="arc-and-own"),
        pytest.param(BASE.replace(b"\r\n", b"\n"), id="line-ends"),
        pytest.param(BASE + b"\r\n", id="a-last-line-end"),
    ],
)
def test_the_same_mail_by_two_ways_has_one_digest(other: bytes):
    assert intake_digest(other) == intake_digest(BASE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(BASE.replace(b"Hello", b"Hallo"), id="text"),
        pytest.param(BASE.replace(b"Subject: x", b"Subject: y"), id="subject"),
        pytest.param(BASE.replace(b"\r\n\r\n", b"\r\n\r\nReceived: a\r\n"), id="a-trace-field-s-name-in-the-text"),
    ],
)
def test_another_mail_has_another_digest(other: bytes):
    assert intake_digest(other) != intake_digest(BASE)


def test_a_mail_is_printed_with_the_names_of_the_contract():
    printed = as_dict(read_mail(BASE), "a.eml")
    assert list(printed) == [
        *(
            "file",
            "message_id",
            "subject",
            "from",
            "to",
            "cc",
            "date",
            "text",
            "new_text",
            "quoted",
            "signature",
            "html",
        ),
        *("attachments", "forwarded", "automatic", "answerable", "report", "spam", "defects"),
    ]
    assert (printed["file"], printed["from"]) == ("a.eml", {"address": "anna@example.com", "name": ""})
