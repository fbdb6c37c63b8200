"""The tests' Thunderbird does what a person does with it: write, answer above the quote, look at threads."""

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
OTHER = f"From: {BOB}\r\nTo: {ADA}\r\nMessage-ID: <other@people.test>\r\nDate: Thu, 1 Jan 2099 10:00:00 +0000\r\n"


@pytest.fixture
def people(postfix: Postfix, tmp_path: Path) -> tuple[Thunderbird, Thunderbird]:
    require_thunderbird()
    for address in (ADA, BOB):
        postfix.mailbox(address, "pw")
    return Thunderbird(tmp_path / "ada", ADA, "pw", postfix), Thunderbird(tmp_path / "bob", BOB, "pw", postfix)


def got(dovecot: Dovecot, user: str, words: str) -> EmailMessage:
    """Wait until a mail with these words at its top lies in a mailbox, and return it. A line is a paragraph to it."""

    def ask() -> EmailMessage | None:
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in dovecot.messages(user)]
        return next((mail for mail in mails if body(mail).startswith(words)), None)

    return until(f"{user} has a mail that says {words!r}", ask)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_two_people_write_and_see_threads(people: tuple[Thunderbird, Thunderbird], dovecot: Dovecot):
    ada, bob = people
    ada.write(BOB, "Tea", "Hello,\nis there tea?")
    first = got(dovecot, BOB, "Hello,\n\nis there tea?")
    assert (first["From"].addresses[0].addr_spec, first["Subject"]) == (ADA, "Tea")
    # Newer than the mail that is answered, and only looks like an answer.
    dovecot.deliver(BOB, f"{OTHER}Subject: Re: Tea\r\n\r\nAnother.\r\n".encode())
    bob.reply(str(first["Message-ID"]), "There is.\nLots of it.")
    reply = got(dovecot, ADA, "There is.")
    assert reply["In-Reply-To"] == first["Message-ID"]
    assert body(reply).startswith("There is.\n\nLots of it.\n\nOn ")
    assert "> is there tea?" in body(reply)
    assert bob.threads() == [["Tea", "  Re: Tea"], ["Re: Tea"]]
    assert ada.threads() == [["Tea", "  Re: Tea"]]
