"""The msg-ids that a mail answers, however its program wrote them."""

import pytest

from mailbot.ingest.parse import read_mail

ONE = f"<{'a2' * 22}.0123456789abcdef0123@example.com>"
TWO = "<short@customer.test>"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(f"{TWO} {ONE}", id="plain"),
        pytest.param(f"{TWO}\r\n {ONE}", id="folded"),
        pytest.param(f"{TWO}{ONE}", id="without a blank"),
        pytest.param(f"=?utf-8?q?{TWO.replace('<', '=3C')}_{ONE}?=", id="in an encoded word"),
        pytest.param(f"{TWO}\r\n =?utf-8?q?{ONE[:40]}?=\r\n =?utf-8?q?{ONE[40:]}?=", id="in two encoded words"),
    ],
)
def test_references_are_read(value: str):
    mail = read_mail(f"From: anna@customer.test\r\nReferences: {value}\r\nIn-Reply-To: {value}\r\n\r\nHello".encode())
    assert mail.references == mail.in_reply_to == (TWO, ONE)
