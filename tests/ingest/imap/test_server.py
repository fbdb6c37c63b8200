"""A real Dovecot that is away, refuses us or is not to be trusted."""

import ssl
from datetime import UTC, datetime
from itertools import count

import pytest
from imapclient import IMAPClient

from mailbot.ingest.imap.poller import ImapPoller, Trouble
from tests.ingest.imap.conftest import MAIL, NOW, Box, Desk
from tests.servers.dovecot import Dovecot


def test_a_dead_server_is_told_once_and_after_its_return_nothing_is_lost_or_doubled(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"before")
    poller: list[ImapPoller] = []
    rounds = count(1)

    class Stop:
        ended = False

        def is_set(self) -> bool:
            return self.ended

        def wait(self, _seconds: float, *_descriptors: int) -> None:
            number = next(rounds)
            if number == 1:
                dovecot.kill()
                dovecot.deliver(user, MAIL % b"meanwhile")
            elif number == 4:
                dovecot.start()
            self.ended = number == 5

    stop = Stop()
    poller.append(desk.poller(box(), wait=stop.wait))
    try:
        poller[0].run(stop)
    finally:
        if next(rounds) <= 4:
            dovecot.start()
    assert desk.inbox.subjects == ["before", "meanwhile"]
    assert desk.alarms == [f"mailbox support: nothing listens on 127.0.0.1 port {dovecot.imap_port}"]
    assert poller[0].trouble == ""


def test_a_restart_between_two_rounds_is_nobodys_business(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    poller = desk.poller(box())
    poller.poll()
    dovecot.kill()
    dovecot.start()
    dovecot.deliver(user, MAIL % b"x")
    assert poller.poll() == 1


def test_a_folder_that_is_not_there_is_told(box: Box, desk: Desk):
    poller = desk.poller(box(folder="Nowhere"))
    with pytest.raises(Trouble, match="the mailbox has no folder Nowhere") as trouble:
        poller.poll()
    assert trouble.value.kind == "folder"


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_tls_is_verified(dovecot: Dovecot, user: str, box: Box, desk: Desk, mode: str):
    dovecot.deliver(user, MAIL % b"x")
    port = dovecot.imaps_port if mode == "implicit" else dovecot.imap_port
    mailbox = box(tls=mode, port=port, host="localhost")
    with pytest.raises(Trouble, match=r"the certificate of localhost cannot be trusted: self.signed") as trouble:
        desk.poller(mailbox).poll()
    assert trouble.value.kind == "certificate"
    context = ssl.create_default_context(cafile=str(dovecot.cert))
    assert desk.poller(mailbox, tls=context).poll() == 1


def test_the_wrong_kind_of_tls_is_told(box: Box, desk: Desk):
    with pytest.raises(Trouble, match="does not speak TLS as expected"):
        desk.poller(box(tls="implicit")).poll()


def test_other_folders_have_bookmarks_of_their_own(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        client.create_folder("Desk")
        client.append("Desk", MAIL % b"x")
    assert desk.poller(box()).poll() == 0
    assert desk.poller(box(folder="Desk")).poll() == 1
    assert {name: place.uid for name, place in desk.inbox.bookmarks.items()} == {"support/Desk": 1}


def test_a_full_disk_pauses_the_poll(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    dovecot.deliver(user, MAIL % b"x")
    free = [10]
    poller = desk.poller(box(), free_space=lambda: free[0])
    with pytest.raises(Trouble, match="too little disk space"):
        poller.poll()
    free[0] = 2**40
    assert poller.poll() == 1


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        pytest.param({"host": "mail.example.com"}, "without TLS only a server on this machine", id="no-tls"),
        pytest.param({"host": "127.0.0.1.example.com"}, "without TLS only a server on this machine", id="look-alike"),
        pytest.param({"after": "move"}, "name the folder that stored mails move to", id="nowhere"),
    ],
)
def test_dangerous_settings_are_refused(box: Box, settings: dict[str, str], fault: str):
    with pytest.raises(ValueError, match=fault):
        box(**settings)


def test_now_is_far_ahead_of_every_mail_of_these_tests():
    assert datetime.now(UTC) < NOW
