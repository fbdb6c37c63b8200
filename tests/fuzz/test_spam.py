"""Headers made of what spam filters write: nothing raises, no verdict is invented, time grows with the size alone."""

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mailbot.ingest.format import header
from mailbot.ingest.parse import read_mail
from mailbot.ingest.sender import spam

#: Seconds for each test of this file; CI's slow lane gives fewer (Makefile).
SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))
#: Short rounds, so that the last of them ends soon after the time is up.
ROUND = settings(
    max_examples=200,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 600)]

# fmt: off
NAMES = st.sampled_from([
    "X-Spam-Flag", "x-spam-status", "X-SPAM", "X-Rspamd-Action", "X-Spamd-Result", "X-Forefront-Antispam-Report",
    "X-MS-Exchange-Organization-SCL", "X-Barracuda-Spam-Status", "X-Proofpoint-Spam-Details", "X-SES-Spam-Verdict",
    "X-Mailgun-SFlag", "X-KLMS-AntiSpam-Status", "X-DSPAM-Result", "X-Bogosity", "X-VR-SPAMSTATE", "X-GND-Status",
    "X-purgate-type", "X-Yandex-Spam", "X-Spam-Level", "X-Spam-Score", "Subject", "X-Spam-Flag ", "X Spam-Flag", "",
])
PIECES = st.sampled_from([
    "YES", "yes,", "Yes, score=", "No, score=-1.2", "yesterday", "score=", "score=99999999", "score=-", "hits=6.1",
    "SCL:9", "SCL=5", "SFV:SPM;", "SFV:NSPM;", "SFV:SKN", "default: True", "default: False", "[9.10 / 15.00]", "reject",
    "no action", "add header", "rewrite subject", "rule=spam", "rule=notspam", "FAIL", "spam", "not spam", "4",
    "Spam, tests=bogofilter", "\t", " ", "\r\n ", "\r\n\t", "=?utf-8?q?YES?=", "(comment)", "\x00", "\u0130", "\u202e",
    ":" * 30, "[" * 900, "SCL:" * 900, "rule=" * 900, "score=" * 900, "a" * 5_000, ";", "-", "\uff15", "\xa0YES",
])
# fmt: on
VALUES = st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=60)
#: What each filter says of a mail that it lets pass.
WELL = st.sampled_from([
    "X-Spam-Flag: NO", "X-Spam-Status: No, score=4.9 required=5.0", "X-Spam: no", "X-Rspamd-Action: no action",
    "X-Rspamd-Action: greylist", "X-Spamd-Result: default: False [1.00 / 15.00]", "X-Spam-Level: *****",
    "X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:1;SFV:NSPM;", "X-MS-Exchange-Organization-SCL: -1",
    "X-Barracuda-Spam-Status: No, SCORE=0.00", "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0",
    "X-SES-Spam-Verdict: PASS", "X-Mailgun-SFlag: No", "X-DSPAM-Result: Innocent", "X-Bogosity: Ham, spamicity=0.0",
    "X-Yandex-Spam: 1", "X-VR-SPAMSTATE: OK", "X-Spam-Score: 99",
])  # fmt: skip


def mail_with(fields: list[str]) -> bytes:
    lines = ["From: Anna <anna@customer.test>", "Subject: Spam", *fields, "", "YES, this is spam."]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


@ROUND
@given(FIELDS)
def verdicts_are_read(fields: list[tuple[str, str]]) -> None:
    raw = mail_with([f"{name}: {value}" for name, value in fields])
    begun = time.process_time()
    found = spam.verdict(header.read(raw))
    assert time.process_time() - begun < 0.5
    if found is not None:
        assert found.by.lower() in {name.lower().strip() for name, _ in fields} | {
            line.partition(":")[0].strip().lower() for _, value in fields for line in value.splitlines()
        }
        assert found.score is None or abs(found.score) < 10_000
    assert read_mail(raw).spam == found


@ROUND
@given(st.lists(WELL, max_size=30))
def mails_that_passed_stay_so(fields: list[str]) -> None:
    assert spam.verdict(header.read(mail_with(fields))) is None


@ROUND
@given(st.lists(WELL, max_size=20), VALUES)
def a_verdict_is_found_among_what_says_none(fields: list[str], noise: str) -> None:
    noise = " ".join(noise.split())
    raw = mail_with([*fields, f"X-Noise: {noise}", "X-Spam-Flag: YES"])
    assert spam.verdict(header.read(raw)) is not None


def test_no_filters_field_raises_or_makes_a_verdict_of_none():
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        verdicts_are_read()
        mails_that_passed_stay_so()
        a_verdict_is_found_among_what_says_none()
