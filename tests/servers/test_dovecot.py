"""The private Dovecot does for the tests what a company's IMAP server does."""

import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import Dovecot

MAIL = b"From: Ada <ada@example.com>\r\nTo: support@example.com\r\nSubject: %s\r\n\r\nThe printer is on fire.\r\n"


def test_a_delivered_mail_is_served_over_tls_to_whom_it_belongs(dovecot: Dovecot):
    dovecot.add_user("served", "correct horse")
    dovecot.deliver("served", MAIL % b"first")
    dovecot.deliver("served", MAIL % b"second")
    context = ssl.create_default_context(cafile=str(dovecot.cert))
    with IMAPClient("localhost", dovecot.imaps_port, ssl_context=context, timeout=10) as client:
        client.login("served@example.com", "correct horse")
        client.select_folder("INBOX", readonly=True)
        mails = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"])
    assert [mails[uid][b"BODY[]"] for uid in sorted(mails)] == [MAIL % b"first", MAIL % b"second"]
    assert dovecot.messages("served") == [MAIL % b"first", MAIL % b"second"]


def test_a_wrong_password_is_refused(dovecot: Dovecot):
    dovecot.add_user("guarded", "right")
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=10) as client, pytest.raises(LoginError):
        client.login("guarded", "wrong")


def test_mail_moved_to_a_folder_is_found_there(dovecot: Dovecot):
    dovecot.add_user("mover", "pw")
    dovecot.deliver("mover", MAIL % b"moved")
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login("mover", "pw")
        client.create_folder("Done/2026")
        client.select_folder("INBOX")
        client.move(client.search(), "Done/2026")
    assert dovecot.messages("mover") == []
    assert dovecot.messages("mover", "Done/2026") == [MAIL % b"moved"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_after_an_end_the_port_is_closed_and_a_start_serves_the_same_mail(dovecot: Dovecot, end: str):
    dovecot.add_user(f"survivor-{end}", "pw")
    dovecot.deliver(f"survivor-{end}", MAIL % b"kept")
    getattr(dovecot, end)()
    try:
        with pytest.raises(ConnectionRefusedError):
            IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=10)
    finally:
        dovecot.start()
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(f"survivor-{end}", "pw")
        assert client.select_folder("INBOX")[b"EXISTS"] == 1
