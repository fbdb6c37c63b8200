"""The tests' neomutt does what a person does with it: write, answer above the quote, look at threads."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.daemon.loops import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.neomutt import Neomutt, require_neomutt
from tests.servers.postfix import Postfix

ADA, BOB = "ada-neomutt@people.test", "bob-neomutt@people.test"


@pytest.fixture
def people(postfix: Postfix, tmp_path: Path) -> tuple[Neomutt, Neomutt]:
    require_neomutt()
    for address in (ADA, BOB):
        postfix.mailbox(address, "pw")
    return Neomutt(tmp_path / "ada", ADA, "pw", postfix), Neomutt(tmp_path / "bob", BOB, "pw", postfix)


def got(dovecot: Dovecot, user: str, words: str) -> EmailMessage:
    """Wait until a mail with these words at its top lies in a mailbox, and return it."""
    found: list[EmailMessage] = []

    def looked() -> bool:
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in dovecot.messages(user)]
        found.extend(mail for mail in mails if mail.get_content().startswith(words))
        return bool(found)

    eventually(looked, f"{user} has a mail that says {words!r}")
    return found[0]


def test_two_people_write_and_see_threads(people: tuple[Neomutt, Neomutt], dovecot: Dovecot):
    ada, bob = people
    ada.write(BOB, "Tea", "Is there tea?")
    first = got(dovecot, BOB, "Is there tea?")
    bob.reply(str(first["Message-ID"]), "There is.")
    reply = got(dovecot, ADA, "There is.")
    assert (reply["From"].addresses[0].addr_spec, reply["In-Reply-To"]) == (BOB, first["Message-ID"])
    assert reply.get_content().startswith("There is.\n\nOn ")
    assert "> Is there tea?" in reply.get_content()
    ada.write(BOB, "Re: Tea", "Another mail, which only looks like an answer.")
    got(dovecot, BOB, "Another mail")
    assert bob.threads() == [["Tea", "└─>Re: Tea"], ["Re: Tea"]]
    assert "Is there tea?" in bob.shown(str(first["Message-ID"]))
