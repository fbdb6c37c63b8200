"""Each reply that should have an enhanced status code has one, also where the library writes it (RFC 2034)."""

import re

import pytest

from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings
from tests.ingest.smtp.conftest import Desk, OpenDesk

EHLO = "EHLO there"
MAIL_FROM = "MAIL FROM:<ada@example.net>"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ([EHLO, "NOOP"], "250 2.0.0 OK"),
        ([EHLO, "RSET"], "250 2.0.0 OK"),
        ([EHLO, "HELP"], "250 2.0.0 "),
        ([EHLO, "HELP NOOP"], "250 2.0.0 "),
        ([EHLO, "VRFY <ada@example.net>"], "252 2.0.0 "),
        ([EHLO, "QUIT"], "221 2.0.0 Bye"),
        ([EHLO, "QUIT now"], "501 5.5.4 "),
        ([EHLO, "STARTTLS"], "454 4.7.0 "),
        ([EHLO, "SEND"], "500 5.5.1 "),
        ([EHLO, ""], "500 5.5.2 "),
        ([EHLO, "EXPN list"], "502 5.5.1 "),
        ([MAIL_FROM], "503 5.5.1 "),
        (["EHLO"], "501 5.5.4 "),
        ([EHLO, "RCPT TO:<support@example.com>"], "503 5.5.1 "),
        ([EHLO, "MAIL FROM ada"], "501 5.5.4 "),
        ([EHLO, f"{MAIL_FROM} SIZE=2000"], "552 5.3.4 "),
        ([EHLO, f"{MAIL_FROM} COLOUR=red"], "555 5.5.4 "),
        ([EHLO, MAIL_FROM, "RCPT TO:<support@example.com> COLOUR=red"], "555 5.5.4 "),
        ([EHLO, MAIL_FROM, "RCPT TO:<support@example.com>"], "250 2.1.5 OK"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_a_reply_has_an_enhanced_status_code(open_desk: OpenDesk, said: list[str], reply: str):
    desk = open_desk(SmtpSettings(port=0, limits=SmtpLimits(message_size=1_000)))
    answer = desk.wire().say(*said)
    assert answer.startswith(reply)
    assert len(re.findall(r" \d\.\d\.\d", answer)) == 1


def test_greetings_have_none(desk: Desk):
    wire = desk.wire()
    assert wire.greeting == "220 localhost ESMTP"
    assert wire.say("HELO there") == "250 localhost"
    assert wire.say(EHLO) == "250 ENHANCEDSTATUSCODES"
