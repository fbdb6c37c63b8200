"""Mail that nobody wants is refused while its server still waits for an answer, and never from who may not be."""

from ipaddress import ip_network

import pytest

from mailbot.ingest.smtp.listener import SmtpSettings
from mailbot.mail import Envelope
from tests.ingest.smtp.conftest import AGENT, MAIL, Desk, OpenDesk

TOKEN = "support+" + "a" * 44 + "@example.com"


def spam(envelope: Envelope, raw: bytes) -> str:
    assert envelope.forward_paths
    assert envelope.reverse_path == "ada@example.net"
    return "spam: X-Spam-Flag" if b"X-Spam-Flag: YES" in raw else ""


def said(desk: Desk, raw: bytes, to: str) -> str:
    wire = desk.wire()
    wire.begin_data(to=to)
    wire.send(raw + b".\r\n")
    return wire.reply()


@pytest.mark.parametrize(
    ("settings", "raw", "to", "taken"),
    [
        pytest.param(SmtpSettings(port=0), b"X-Spam-Flag: YES\r\n" + MAIL, "support@example.com", False, id="spam"),
        pytest.param(SmtpSettings(port=0), MAIL, "support@example.com", True, id="no spam"),
        pytest.param(SmtpSettings(port=0), b"X-Spam-Flag: YES\r\n" + MAIL, TOKEN, True, id="with a token of ours"),
        pytest.param(
            SmtpSettings(port=0, borders=(ip_network("127.0.0.1"),)),
            b"X-Spam-Flag: YES\r\n" + MAIL,
            "support@example.com",
            True,
            id="from a border, which has taken it",
        ),
    ],
)
def test_unwanted_mail_of_a_stranger_is_refused_and_nothing_is_stored(
    open_desk: OpenDesk, settings: SmtpSettings, raw: bytes, to: str, taken: bool
):
    desk = open_desk(settings, unwanted=spam)
    reply = said(desk, raw, to)
    assert reply.startswith("250 2.0.0" if taken else "550 5.7.1 This mail is not wanted here"), reply
    assert len(desk.inbox.mails) == taken


def test_agent_who_logged_in_is_asked_for_nothing_else(open_desk: OpenDesk):
    def never(_envelope: Envelope, _raw: bytes) -> str:
        raise AssertionError("an agent's mail is wanted")

    desk = open_desk(unwanted=never)
    with desk.client() as client:
        client.login(AGENT, "correct horse")
        client.sendmail(AGENT, "support@example.com", MAIL.replace(b"ada@example.net", AGENT.encode()))
    assert len(desk.inbox.mails) == 1
