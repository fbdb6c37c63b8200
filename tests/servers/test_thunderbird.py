"""The tests' Thunderbird does what a person does with it: it answers a mail above the quote."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.desk import body, until
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.thunderbird import Thunderbird, require_thunderbird

ADA, BOB = "ada-thunderbird@people.test", "bob-thunderbird@people.test"
MAIL = f"From: {ADA}\r\nTo: {BOB}\r\nSubject: Tea\r\nMessage-ID: <tea@people.test>\r\n\r\nIs there tea?\r\n"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_person_answers_above_the_quote(postfix: Postfix, dovecot: Dovecot, tmp_path: Path):
    require_thunderbird()
    for address in (ADA, BOB):
        postfix.mailbox(address, "pw")
    dovecot.deliver(BOB, f"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n{MAIL}".encode())
    Thunderbird(tmp_path / "bob", BOB, "pw", postfix).reply_to_newest("There is.")
    (raw,) = until("the answer", lambda: dovecot.messages(ADA))
    answer = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(answer, EmailMessage)
    text = body(answer)
    assert answer["In-Reply-To"] == "<tea@people.test>"
    assert text.startswith("There is.\n")
    assert "> Is there tea?" in text
