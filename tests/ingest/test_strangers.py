"""Real mail: nothing raises, nothing takes long, and the numbers do not fall below what was reached."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.ingest.parse import leaf, read_mail
from mailbot.ingest.printed import as_dict
from mailbot.ingest.text import html, reply
from mailbot.ingest.text.line import plain


def test_every_mail_is_read_in_two_seconds_and_prints_as_json(strangers: Path):
    files = [file for file in sorted(strangers.rglob("*")) if file.is_file()]
    assert len(files) > 1_000
    for file in files:
        raw = file.read_bytes()
        began = time.perf_counter()
        mail = read_mail(raw)
        assert time.perf_counter() - began < 2, file
        printed = json.dumps(as_dict(mail, file.name), ensure_ascii=False)
        printed.encode()  # no surrogate anywhere
        assert not [defect for defect in mail.defects if "could not be read" in defect], file
        for one in mail.attachments:
            assert leaf(raw, one.index)[0] == one, file


def new_text(file: Path, *, is_html: bool) -> str:
    raw = file.read_bytes()
    if is_html:
        return reply.split(html.render(raw.decode("utf-8", "replace")).lines).new_text
    if file.suffix == ".eml":
        return read_mail(raw).new_text
    return reply.split(plain(raw.decode("utf-8", "replace").replace("\r\n", "\n"))).new_text


def right(found: str, expected: dict[str, Any]) -> bool:
    words = " ".join(found.split())
    listed = {name: [" ".join(text.split()) for text in expected.get(name, [])] for name in ("contains", "lacks")}
    equal = "equals" not in expected or words == " ".join(expected["equals"].split())
    return equal and all(text in words for text in listed["contains"]) and not any(t in words for t in listed["lacks"])


@pytest.mark.parametrize(("folder", "floor"), [("talon", 19), ("ghreply", 18), ("willdurand", 14), ("alfonsrv", 20)])
def test_the_new_text_of_replies_is_right_as_often_as_it_was(strangers: Path, folder: str, floor: int):
    table = json.loads((strangers / folder / "expected.json").read_text(encoding="utf-8"))
    found = [
        right(new_text(strangers / folder / name, is_html=bool(expected.get("html"))), expected)
        for name, expected in table.items()
    ]
    assert sum(found) >= floor


def test_bounces_are_found_as_often_as_they_were(strangers: Path):
    table = json.loads((strangers / "flufl" / "expected.json").read_text(encoding="utf-8"))
    found = exact = 0
    for name, expected in table.items():
        report = read_mail((strangers / "flufl" / name).read_bytes()).report
        found += report is not None
        named = {one.address for one in report.recipients} if report else set()
        exact += named == {address.lower() for address in expected["recipients"]}
    assert (found >= 107, exact >= 104) == (True, True), (found, exact)


def test_no_mail_of_a_discussion_is_taken_for_a_bounce(strangers: Path):
    files = [file for name in ("spamcorpus", "zapier", "ghreply") for file in (strangers / name).rglob("*.txt")]
    assert [file.name for file in files if read_mail(file.read_bytes()).report] == []


# fmt: off
FIELDS = st.sampled_from([
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Content-Transfer-Encoding",
    b"Content-Disposition", b"Authentication-Results", b"Received", b"Auto-Submitted",
])
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([
        b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=b", b"message/rfc822", b"text/html",
        b"base64", b"quoted-printable", b"x-uuencode", b"multipart/report; report-type=delivery-status; boundary=b",
        b"text/plain", b"message/delivery-status", b"text/plain; charset=utf-16", b"text/plain; format=flowed",
        b'a"b(c<d@e>,f@g', b"mx; dmarc=pass",
        b"=?utf-8?b?////?=", b"=?utf-16?q?=FF?=", b"attachment; filename*0*=x''%FF",
    ]),
)
# fmt: on
LINES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"--b", b"--b--", b"", b"begin 644 x", b"end", b"> q", b"On 1 May 2026 A wrote:", b"<div>", b"</p>"]
    ),
    st.tuples(FIELDS, VALUES).map(lambda pair: pair[0] + b": " + pair[1]),
)


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_be_read(raw: bytes):
    check(raw)


@settings(max_examples=400)
@given(st.lists(LINES, max_size=25), st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_no_mixture_of_what_mail_is_made_of_is_too_odd_to_be_read(lines: list[bytes], ending: bytes):
    check(ending.join(lines))


def check(raw: bytes) -> None:
    mail = read_mail(raw, border="mx", own_domain="example.com", loop_mark="x")
    assert not [defect for defect in mail.defects if "could not be read" in defect]
    json.dumps(as_dict(mail, "x"), ensure_ascii=False).encode()
    for one in mail.attachments:
        assert leaf(raw, one.index)[0] == one


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(b"On On On ", id="one-long-line"),
        pytest.param(b"On 1 May 2026 A wrote:\r\n", id="attributions"),
        pytest.param(b"From: a\r\n", id="header-words"),
        pytest.param(b"> a\r\n", id="quote-marks"),
        pytest.param(b"Best regards\r\n", id="closings"),
        pytest.param(b"begin 644 x\r\n", id="uuencode"),
        pytest.param(b"*_ \r\n", id="marks"),
    ],
)
def test_half_a_megabyte_of_one_thing_is_read_in_seconds(unit: bytes):
    began = time.perf_counter()
    read_mail(b"From: a@example.com\r\n\r\n" + unit * (500_000 // len(unit)))
    assert time.perf_counter() - began < 10


#: Each took longer than it may, and four times as long at twice the size, before it was found.
HTML = b"Content-Type: text/html\r\n\r\n"
TABLE = b"-----Original Message-----\n%sFrom: a\n%sTo: b\n%sSubject: c\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HTML + b"<b></i>" * 30_000, id="end-tags-of-others"),
        pytest.param(HTML + b"".join(b"<p><b id=%d></p>x" % i for i in range(10_000)), id="tags-that-open-anew"),
        pytest.param(HTML + b"<p " + b" ".join(b"a%d" % i for i in range(120_000)) + b">x", id="attributes"),
        pytest.param(HTML + b"<p " + b"".join(b'a%d=">"' % i for i in range(90_000)) + b">x", id="quoted-attributes"),
        pytest.param(
            b"\r\n" + TABLE.replace(b"%s", b">" * 10_000) + b"x\n" * 10_000, id="marks-before-what-is-passed-on"
        ),
        pytest.param(b"Content-Type: text/enriched\r\n\r\n" + b"<param>" * 500_000, id="parameters-without-end"),
    ],
)
def test_mails_that_took_long_do_not_any_more(body: bytes):
    began = time.process_time()
    read_mail(b"From: a@example.com\r\n" + body)
    assert time.process_time() - began < 2
