"""A real Postfix hands over by LMTP: each recipient once, whatever happens to the others and to us."""

import contextlib
import smtplib
from collections.abc import Callable, Sequence

import pytest

from mailbot.ingest.intake import IntakeLimits, OwnAddresses
from mailbot.ingest.smtp.listener import SmtpListener, SmtpSettings
from mailbot.ports.records import Arrival, Bookmark
from tests.daemon.loops import eventually
from tests.ingest.smtp.conftest import Desk, store_away
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix

MAIL = b"From: Ada <ada@client.test>\r\nTo: support@%s\r\nSubject: Printer\r\n\r\nIt burns.\r\n.\r\nStill.\r\n"
OpenDesk = Callable[..., Desk]


def addresses(domain: str) -> tuple[str, str]:
    return f"support@{domain}", f"escalations@{domain}"


@pytest.fixture
def behind(open_desk: OpenDesk, postfix: Postfix) -> Callable[[str], Desk]:
    """Open a desk for a domain that Postfix hands over to."""

    def make(domain: str, *, lmtp: bool = True) -> Desk:
        settings = SmtpSettings(port=free_port(), lmtp=lmtp)
        desk = open_desk(settings, IntakeLimits(batch_mails=1), own=OwnAddresses(addresses(domain)))
        hop = "lmtp:inet:127.0.0.1:{}" if lmtp else "smtp:[127.0.0.1]:{}"
        postfix.route(domain, hop.format(settings.port))
        return desk

    return make


def send(postfix: Postfix, domain: str, *recipients: str, sender: str = "ada@client.test") -> None:
    with smtplib.SMTP("127.0.0.1", postfix.mx_port, "there", timeout=20) as client:
        client.sendmail(sender, recipients or addresses(domain), MAIL % domain.encode())


def paths(desk: Desk) -> list[tuple[str, ...]]:
    return sorted(arrival.envelope.forward_paths for arrival in desk.inbox.mails)


@pytest.mark.parametrize("lmtp", [True, False], ids=["lmtp", "smtp"])
def test_a_mail_to_several_addresses_comes_once_for_each(behind: Callable[..., Desk], postfix: Postfix, lmtp: bool):
    domain = "several.test" if lmtp else "several-by-smtp.test"
    desk = behind(domain, lmtp=lmtp)
    support, escalations = addresses(domain)
    send(postfix, domain, f"support+token@{domain}", support, escalations)
    eventually(lambda: len(desk.inbox.mails) == 2 and not postfix.queue(support), "both are there")
    assert paths(desk) == [(escalations,), (f"support+token@{domain}", support)]
    assert all(arrival.raw.endswith(b"\r\n\r\nIt burns.\r\n.\r\nStill.\r\n") for arrival in desk.inbox.mails)


def test_the_one_that_cannot_be_stored_is_tried_again_alone(behind: Callable[..., Desk], postfix: Postfix):
    desk = behind("one-of-two.test")
    support, escalations = addresses("one-of-two.test")
    receive = desk.inbox.receive
    tries: list[str] = []

    def broken(arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        tries.extend(arrival.purpose for arrival in arrivals)
        if arrivals[0].purpose == support and tries.count(support) < 3:
            raise store_away()
        return receive(arrivals, bookmark)

    desk.inbox.receive = broken  # type: ignore[method-assign]  # a store that is away for one of two
    send(postfix, "one-of-two.test")
    eventually(lambda: postfix.rid_of(support) and len(desk.inbox.mails) == 2, "the second is there")
    assert sorted(tries) == [escalations, support, support, support]


def test_an_address_that_we_do_not_have_is_reported_to_the_sender_and_the_other_is_taken(
    behind: Callable[..., Desk], postfix: Postfix
):
    desk = behind("half-known.test")
    support, _ = addresses("half-known.test")
    send(postfix, "half-known.test", "nobody@half-known.test", support, sender="ada@half-known-client.test")
    eventually(lambda: postfix.outside("ada@half-known-client.test"), "the delivery report")
    (report,) = postfix.outside("ada@half-known-client.test")
    assert b"Final-Recipient: rfc822; nobody@half-known.test\n" in report
    assert b"Status: 5.1.1\n" in report
    assert b"Nobody here has this address" in report
    eventually(lambda: desk.inbox.mails, "the mail for the other")
    assert paths(desk) == [(support,)]


def test_mail_waits_in_the_queue_while_we_are_away_and_comes_once_when_we_are_back(
    behind: Callable[..., Desk], postfix: Postfix
):
    desk = behind("away.test")
    settings = SmtpSettings(port=desk.listener.address[1], lmtp=True)
    desk.listener.stop(5)
    send(postfix, "away.test")
    eventually(lambda: "refused" in str(postfix.queue("support@away.test")), "the mail waits")
    assert desk.inbox.mails == []
    back = SmtpListener(settings, desk.listener._door._reception)
    back.start()
    with contextlib.ExitStack() as stack:
        stack.callback(back.stop, 5)
        eventually(lambda: postfix.rid_of("support@away.test"), "the queue is empty")
    assert paths(desk) == [("escalations@away.test",), ("support@away.test",)]
