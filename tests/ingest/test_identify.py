"""Whose word is taken for who sent a mail: the border's alone, and only where nobody else could have written it."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Authentication

BORDER = "mx.example.com"
PASSED = f"Authentication-Results: {BORDER}; dmarc=pass header.from=customer.test"


def judged(*fields: str) -> Authentication:
    raw = "\r\n".join([*fields, "From: anna@customer.test", "", "Hello"]).encode()
    return read_mail(raw, border=BORDER).authentication


def test_the_border_s_results_are_read_whole():
    found = judged(
        f"Received: from out.customer.test by {BORDER} with ESMTPS; Mon, 2 Mar 2026 10:00:00 +0000",
        f"Authentication-Results: {BORDER} 1; spf=pass smtp.mailfrom=customer.test;",
        "\tdkim=pass (2048-bit key) header.d=Customer.Test header.b=abc=; dkim=fail header.d=other.test;",
        '\tauth=pass smtp.auth=Anna@customer.test; dmarc=pass (p=none; "x") header.from=customer.test',
    )
    assert found == Authentication(
        dmarc="pass", dmarc_from="customer.test", dkim=("customer.test",), spf="pass", auth="anna@customer.test"
    )


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([PASSED], id="topmost"),
        pytest.param(["Return-Path: <a@b.test>", "X-Spam: no", PASSED], id="below-fields-that-are-no-trace"),
        pytest.param([f"Received: from x by {BORDER}; now", PASSED], id="below-the-border-s-own-received"),
        pytest.param(
            [f"Received: from x (by evil.test) by {BORDER.upper()}. (Postfix); now", PASSED], id="comments-in-received"
        ),
        pytest.param([PASSED.replace("mx.", '"mx.').replace(".com;", '.com";')], id="quoted-id"),
        pytest.param([PASSED.replace(": mx", ": (a (nested) comment) mx")], id="comment-before-the-id"),
        pytest.param([PASSED.replace("; dmarc", ";\r\n\tdmarc")], id="folded"),
        pytest.param([PASSED, PASSED.replace("pass", "fail")], id="a-second-field-below-is-not-read"),
    ],
)
def test_the_border_is_believed(fields: list[str]):
    assert judged(*fields).dmarc == "pass"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(["Received: from x by relay.test; now", PASSED], id="below-a-strange-received"),
        pytest.param(["Authentication-Results: other.test; dmarc=none", PASSED], id="not-the-first-such-field"),
        pytest.param([PASSED.replace("mx.", "MX.")], id="id-in-other-case"),
        pytest.param([PASSED.replace("mx.", "evil.mx.")], id="id-with-a-prefix"),
        pytest.param([PASSED.replace(".com;", ".com.evil.test;")], id="id-with-a-suffix"),
        pytest.param([PASSED.replace(f"{BORDER};", f"evil.test ({BORDER});")], id="id-in-a-comment"),
        pytest.param([PASSED.replace(f"{BORDER};", f"evil.test {BORDER};")], id="id-as-version"),
        pytest.param([PASSED.replace(" mx", " (mx")], id="comment-without-end"),
        pytest.param([PASSED.replace("Results:", "Results :")], id="blank-before-the-colon"),
        pytest.param([f"{PASSED}; dmarc=fail header.from=evil.test"], id="two-dmarc-results"),
        pytest.param(
            [PASSED.replace("dmarc=", 'spf=fail reason="x; dmarc=').replace(" header", '" header')], id="quoted"
        ),
        pytest.param([PASSED.replace("dmarc=pass", "spf=fail (; dmarc=pass)")], id="result-in-a-comment"),
        pytest.param([PASSED.replace("dmarc=", "note dmarc=")], id="result-behind-a-word"),
        pytest.param([f"X-Note: a\r{PASSED}"], id="behind-a-lone-cr"),
        pytest.param([f"Received: from by by {BORDER}; now", "Received: by evil.test", PASSED], id="two-received"),
    ],
)
def test_nobody_else_is_believed(fields: list[str]):
    assert judged(*fields).dmarc in ("", "none")


def test_without_a_border_nothing_is_believed():
    raw = f"{PASSED}\r\nFrom: anna@customer.test\r\n\r\nHello".encode()
    assert read_mail(raw).authentication == Authentication()


def test_a_property_that_is_given_twice_is_none():
    found = judged(f"Authentication-Results: {BORDER}; dkim=pass header.d=customer.test header.d=evil.test")
    assert found.dkim == ()
