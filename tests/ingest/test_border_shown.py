"""What a genuine mail shows of the border: settings with which it, and the next one, are believed."""

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.ingest.sender.border import shown
from mailbot.mail import Border
from mailbot.people import Proof
from mailbot.rules.identity.trust import proofs_of
from tests.builders import an_envelope
from tests.ingest.test_borders import FASTMAIL, GMAIL, GOOD, INSIDE, MICROSOFT, PLAIN, raw


@pytest.mark.parametrize(("name", "border"), [*GOOD, *INSIDE])
def test_a_mail_is_verified_with_what_it_shows(name: str, border: Border):
    found = shown(raw(name), "example.com")
    assert found is not None
    assert found.kind is border.kind or name == "exchange-gateway"
    assert Proof.VERIFIED in proofs_of(read_mail(raw(name), border=str(found)), an_envelope())


@pytest.mark.parametrize(
    ("name", "border"), [("rspamd", PLAIN), ("fastmail", FASTMAIL), ("microsoft365", MICROSOFT), ("gmail", GMAIL)]
)
def test_servers_that_change_from_mail_to_mail_are_named_by_a_pattern(name: str, border: Border):
    assert shown(raw(name), "example.com") == border
