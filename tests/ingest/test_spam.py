"""What spam filters in front wrote into the header: each one's word against a mail, and the words that are none."""

import pytest

from mailbot.ingest.parse import read_header, read_mail
from mailbot.spam import Spam

RECEIVED = "Received: from a by mx.example.com; Mon, 2 Mar 2026 10:00:00 +0000\r\n"
MAIL = "From: a@x.test\r\nTo: support@example.com\r\nSubject: Offer\r\n\r\nBuy.\r\n"


@pytest.mark.parametrize(
    ("field", "score"),
    [
        ("X-Spam-Flag: YES", None),
        ("X-Spam-Status: Yes, score=12.5 required=5.0 tests=BAYES_99,\r\n\tURIBL autolearn=no", 12.5),
        ("X-Spam-Status: Yes, hits=7 required=5", 7),
        ("X-Spam: Yes", None),
        ("X-Rspamd-Action: add header", None),
        ("X-Rspamd-Action: rewrite subject", None),
        ("X-Spamd-Result: default: True [16.10 / 15.00];\r\n\tBAYES_SPAM(5.10)[99.9%]", 16.1),
        ("X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:US;LANG:en;SCL:9;SRV:;SFV:SPM;H:x;", 9),
        ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SFV:SKB;", None),
        ("X-MS-Exchange-Organization-SCL: 6", None),
        ("X-Barracuda-Spam-Status: Yes, SCORE=5.20 using global scores", 5.2),
        ("X-Proofpoint-Spam-Details: rule=inbound_spam policy=inbound score=100", 100),
        ("X-SES-Spam-Verdict: FAIL", None),
        ("X-Mailgun-SFlag: Yes", None),
        ("X-DSPAM-Result: Spam", None),
        ("X-Bogosity: Spam, tests=bogofilter, spamicity=0.99", None),
        ("X-Yandex-Spam: 4", None),
    ],
)
def test_each_filters_verdict_is_read(field: str, score: float | None):
    name = field.partition(":")[0]
    raw = (RECEIVED + field + "\r\n" + MAIL).encode()
    assert read_mail(raw).spam == read_header(raw).spam == Spam(by=name, score=score)


@pytest.mark.parametrize(
    "field",
    [
        "X-Spam-Flag: NO",
        "X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00",
        "X-Spam-Level: *********",
        "X-Spam-Score: 12.5",
        "X-Rspamd-Action: no action",
        "X-Rspamd-Action: greylist",
        "X-Spamd-Result: default: False [14.90 / 15.00];",
        "X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:1;SFV:NSPM;DIR:INB;",
        "X-MS-Exchange-Organization-SCL: -1",
        "X-Barracuda-Spam-Status: No, SCORE=0.00",
        "X-Proofpoint-Spam-Details: rule=inbound_notspam policy=inbound score=0",
        "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0",
        "X-SES-Spam-Verdict: PASS",
        "X-Bogosity: Ham, tests=bogofilter",
        "X-Yandex-Spam: 1",
        "X-Spam-Checker-Version: SpamAssassin 3.4.6 yes",
        "Subject: X-Spam-Flag: YES",
    ],
)
def test_what_is_no_verdict_against_the_mail_is_none(field: str):
    assert read_mail((RECEIVED + field + "\r\n" + MAIL).encode()).spam is None


def test_word_that_it_is_no_spam_takes_back_no_other_filters_verdict():
    mail = read_mail(f"X-Spam-Flag: NO\r\nX-Spam-Status: No\r\n{RECEIVED}X-Spam-Flag: YES\r\n{MAIL}".encode())
    assert mail.spam == Spam(by="X-Spam-Flag")


def test_a_verdict_in_the_body_is_text():
    assert read_mail(f"{MAIL}X-Spam-Flag: YES\r\n".encode()).spam is None


def test_fields_and_size_are_kept_for_filters_within_bounds():
    raw = (f"X-Long: {'x' * 5000}\r\nX-Prio: =?utf-8?q?h=C3=B6ch?=\r\n" + "X-Many: 1\r\n" * 300 + MAIL).encode()
    mail = read_mail(raw)
    assert (mail.size, len(mail.fields), mail.fields[1]) == (len(raw), 200, ("x-prio", "höch"))
    assert max(len(value) for _, value in mail.fields) <= 1000
