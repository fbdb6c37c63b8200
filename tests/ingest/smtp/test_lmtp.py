"""LMTP: one answer for each recipient, so that a server in front tries again for those alone that failed (RFC 2033)."""

from collections.abc import Callable, Sequence
from ipaddress import ip_network

import pytest

from mailbot.ingest.intake import IntakeLimits
from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings
from mailbot.ports.records import Arrival, Bookmark
from tests.ingest.smtp.conftest import MAIL, Desk, Wire, store_away

SUPPORT, ESCALATIONS = "support@example.com", "escalations@example.com"
OpenDesk = Callable[..., Desk]
LMTP = SmtpSettings(port=0, lmtp=True)


def begin(wire: Wire, *recipients: str) -> list[str]:
    """Greet, name the recipients and begin the data; the replies to the recipients."""
    assert wire.say("LHLO border").startswith("250")
    assert wire.say("MAIL FROM:<ada@example.net>").startswith("250")
    replies = [wire.say(f"RCPT TO:<{recipient}>") for recipient in recipients]
    assert wire.say("DATA").startswith("354")
    return replies


def finish(wire: Wire, replies: int, data: bytes = MAIL) -> list[str]:
    """End the data and read so many replies, and see that none follows."""
    wire.send(data + b".\r\n")
    found = [wire.reply() for _ in range(replies)]
    assert wire.say("NOOP") == "250 2.0.0 OK"
    return found


def test_it_greets_as_lmtp_and_knows_no_other_greeting_and_no_log_in(open_desk: OpenDesk):
    wire = open_desk(LMTP, password=None).wire()
    assert wire.greeting.endswith("LMTP")
    assert wire.say("MAIL FROM:<ada@example.net>") == "503 5.5.1 Error: send LHLO first"
    assert [wire.say(f"{word} there")[:3] for word in ("HELO", "EHLO")] == ["500", "500"]
    assert wire.say("LHLO there") == "250 ENHANCEDSTATUSCODES"
    assert wire.say("AUTH PLAIN AGEAYg==")[:1] == "5"


def test_each_recipient_hears_of_its_own_fate_and_the_envelope_says_how_it_came(open_desk: OpenDesk):
    desk = open_desk(LMTP)
    wire = desk.wire()
    replies = begin(wire, "support+a@example.com", "nobody@example.com", ESCALATIONS, "support+b@example.com", SUPPORT)
    assert [reply[:9] for reply in replies] == ["250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5", "250 2.1.5"]
    assert finish(wire, 4) == ["250 2.0.0 OK, we have it"] * 4
    found = {arrival.purpose: arrival.envelope for arrival in desk.inbox.mails}
    assert found[SUPPORT].forward_paths == ("support+a@example.com", "support+b@example.com", SUPPORT)
    assert found[ESCALATIONS].forward_paths == (ESCALATIONS,)
    assert {envelope.source for envelope in found.values()} == {"lmtp"}


def test_a_recipient_named_twice_is_answered_twice_and_gets_one_mail(open_desk: OpenDesk):
    desk = open_desk(LMTP)
    wire = desk.wire()
    begin(wire, SUPPORT, SUPPORT)
    assert [reply[:3] for reply in finish(wire, 2)] == ["250", "250"]
    assert [arrival.envelope.forward_paths for arrival in desk.inbox.mails] == [(SUPPORT,)]


@pytest.mark.parametrize("error", [store_away(), ValueError("secret")], ids=["away", "fault"])
def test_the_one_that_cannot_be_stored_comes_again_and_the_other_is_not_doubled(open_desk: OpenDesk, error: Exception):
    desk = open_desk(LMTP, intake_limits=IntakeLimits(batch_mails=1))
    receive = desk.inbox.receive

    def broken(arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        if any(arrival.purpose == SUPPORT for arrival in arrivals):
            raise error
        return receive(arrivals, bookmark)

    desk.inbox.receive = broken  # type: ignore[method-assign]  # a store that is away for one of two
    wire = desk.wire()
    begin(wire, SUPPORT, ESCALATIONS)
    replies = finish(wire, 2)
    assert [reply[:9] for reply in replies] == ["451 4.3.0", "250 2.0.0"]
    assert "secret" not in str(replies)
    desk.inbox.receive = receive  # type: ignore[method-assign]  # it is back
    begin(wire, SUPPORT)
    assert finish(wire, 1) == ["250 2.0.0 OK, we have it"]
    assert [arrival.purpose for arrival in desk.inbox.mails] == [ESCALATIONS, SUPPORT]


def test_what_is_wrong_with_the_mail_is_said_to_each(open_desk: OpenDesk):
    desk = open_desk(SmtpSettings(port=0, lmtp=True, limits=SmtpLimits(message_size=1000)))
    wire = desk.wire()
    begin(wire, SUPPORT, ESCALATIONS)
    assert [reply[:9] for reply in finish(wire, 2, MAIL + b"x" * 1200 + b"\r\n")] == ["552 5.3.4"] * 2
    begin(wire, SUPPORT, ESCALATIONS)
    assert [reply[:10] for reply in finish(wire, 2, MAIL + b"bare\nfeed\r\n")] == ["550 5.6.11"] * 2
    assert desk.inbox.mails == []


def test_a_fault_of_ours_is_temporary_for_each(open_desk: OpenDesk):
    def broken(raw: bytes) -> str:
        raise ValueError("hunter2" + str(len(raw)))

    wire = open_desk(LMTP, digest=broken).wire()
    begin(wire, SUPPORT, ESCALATIONS)
    replies = finish(wire, 2)
    assert [reply[:9] for reply in replies] == ["451 4.3.0"] * 2
    assert "hunter2" not in str(replies)


def test_a_border_may_name_unknown_recipients_for_long(open_desk: OpenDesk):
    limits = SmtpLimits(refused_recipients=2)
    desk = open_desk(SmtpSettings(port=0, lmtp=True, limits=limits, borders=(ip_network("127.0.0.1"),)))
    wire = desk.wire()
    assert wire.say("LHLO border", "MAIL FROM:<ada@example.net>").startswith("250")
    assert {wire.say("RCPT TO:<nobody@example.com>")[:9] for _ in range(5)} == {"550 5.1.1"}
