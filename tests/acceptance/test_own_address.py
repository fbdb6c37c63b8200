"""An agent who cannot log in, with an address of the desk of their own: begins things with it until it is revoked."""

import re
from email.message import EmailMessage
from pathlib import Path

from mailbot.app.agent import member_of, revoke
from tests.acceptance.bench import Bench, mail_of, text_of

SUPPORT, ANNA, MARI, BEN = "support@example.com", "anna@customer.test", "mari@example.com", "ben@example.com"
BORDER = "mx.example.com"


def verified(bench: Bench, sender: str, to: str, said: str) -> list[EmailMessage]:
    mail = mail_of(sender, to, "For the desk", said)
    mail["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from=example.com"
    return bench.write(mail, border=BORDER)


def test_an_agent_begins_things_without_a_log_in(tmp_path: Path):
    bench = Bench(tmp_path / "desk", MARI, BEN)
    bench.write(mail_of(ANNA, SUPPORT, "The printer is on fire", "Please help."))
    verified(bench, MARI, str(bench.sent(MARI)[-1]["Reply-To"]), "desk-address")
    told = [letter for letter in bench.sent(MARI) if "yours alone" in text_of(letter)]
    found = re.search(r"support\+[a-z2-7]{44}@example\.com", text_of(told[0]))
    assert found is not None
    opens = "for jane@customer.test\nShe phoned: no dial tone."
    # The plain address, the address of somebody else, and no word of the border do not suffice.
    verified(bench, MARI, SUPPORT, opens)
    verified(bench, BEN, found[0], opens)
    bench.write(mail_of(MARI, found[0], "For the desk", opens))
    assert bench.store.case(2) is None
    verified(bench, MARI, found[0], opens)
    assert bench.case(2).requester == "jane@customer.test"
    verified(bench, MARI, found[0], "desk-address")
    mari = member_of(bench.config, MARI)
    assert mari is not None
    revoke(bench.config, mari)
    verified(bench, MARI, found[0], opens)
    assert bench.store.case(3) is None
    verified(bench, MARI, str(bench.sent(MARI)[0]["Reply-To"]), "desk-address")
    latest = [letter for letter in bench.sent(MARI) if "yours alone" in text_of(letter)][-1]
    assert found[0] not in text_of(latest)
    assert re.search(r"support\+[a-z2-7]{44}@example\.com", text_of(latest)) is not None
    bench.close()
