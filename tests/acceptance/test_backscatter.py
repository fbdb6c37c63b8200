"""What the door refuses is the sending server's to tell: nothing is stored of it, and no mail goes out for it."""

import json
import smtplib
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from tests.acceptance.desk import SUPPORT, Home, new_mail, running, until

VICTIM = "victim@innocent.test"
SPAM = f"From: {VICTIM}\r\nTo: {SUPPORT}\r\nSubject: x\r\nX-Spam-Flag: YES\r\n\r\nBuy.\r\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def to_nobody(client: smtplib.SMTP) -> int:
    """To an address that the desk does not have."""
    client.mail(VICTIM)
    return client.rcpt("nobody@example.com")[0]


def to_others(client: smtplib.SMTP) -> int:
    """To somebody elsewhere."""
    client.mail(VICTIM)
    return client.rcpt("somebody@elsewhere.test")[0]


def with_a_forged_token(client: smtplib.SMTP) -> int:
    """To a reply address that this desk did not make."""
    client.mail(VICTIM)
    return client.rcpt(f"support+{'a' * 44}@example.com")[0]


def too_large(client: smtplib.SMTP) -> int:
    """Larger than any mail may be, as the client says itself."""
    return client.mail(VICTIM, ["SIZE=999999999"])[0]


def spam(client: smtplib.SMTP) -> int:
    """Spam, says the server in front."""
    client.mail(VICTIM)
    assert client.rcpt(SUPPORT)[0] == 250
    return client.data(SPAM)[0]


WAYS: tuple[Callable[[smtplib.SMTP], int], ...] = (to_nobody, to_others, with_a_forged_token, too_large, spam)


def test_a_thousand_refused_mails_are_no_mail_to_anybody(tmp_path: Path):
    home = Home.init(tmp_path / "desk", "mari@example.com")
    home.environ = {"MAILBOT_SPAM__VERDICT": "refuse"}
    with running(home):
        ways, refused, lines = cycle(WAYS), 0, 0
        while refused < 1_000:
            lines += 1
            assert lines <= 500, "the door takes too few mails in one connection"
            with home.client() as client:
                client.ehlo()
                for _ in range(20):
                    code = next(ways)(client)
                    assert 500 <= code < 600, code
                    refused += 1
                    client.rset()
        home.send(new_mail("anna@customer.test", "Printer", "It burns."))
        home.letter("anna@customer.test", "HD-1")
        until("an empty queue", lambda: json.loads(home.mailbot("queue", "--json").stdout or "[]") == [])
        assert {mail["To"] for mail in home.outgoing()} == {"anna@customer.test", "mari@example.com"}
        assert len(home.outgoing()) == 2
