"""The Maildir relay: durable, once each, and never an exception."""

import mailbox
import os
import stat
from typing import Any

import pytest

from mailbot.sending.relay import MaildirRelay

MAIL = b"Subject: hello\r\n\r\nfirst\r\nsecond\r\n"


def test_a_mail_lies_in_new_and_any_maildir_reader_finds_it(tmp_path):
    reply = MaildirRelay(tmp_path / "a" / "outgoing").send("", "anna@customer.example", MAIL)
    (message,) = mailbox.Maildir(tmp_path / "a" / "outgoing", create=False)
    assert (reply.code, message["Subject"]) == (250, "hello")
    assert message.get_payload() == "first\nsecond\n"


def test_nobody_else_can_read_it(tmp_path):
    MaildirRelay(tmp_path / "outgoing").send("", "anna@customer.example", MAIL)
    (file,) = (tmp_path / "outgoing" / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "outgoing" / "new").stat().st_mode) == 0o700


def test_a_mail_that_is_sent_again_after_a_crash_is_there_once(tmp_path):
    for _ in range(2):
        MaildirRelay(tmp_path).send("", "anna@customer.example", MAIL)
    assert len(list((tmp_path / "new").iterdir())) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("", "otto@customer.example", MAIL), id="recipient"),
        pytest.param(("support@example.com", "anna@customer.example", MAIL), id="reverse-path"),
        pytest.param(("", "anna@customer.example", MAIL + b"third\r\n"), id="mail"),
    ],
)
def test_mails_that_differ_are_two(tmp_path, other):
    relay = MaildirRelay(tmp_path)
    relay.send("", "anna@customer.example", MAIL)
    relay.send(*other)
    relay.close()
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_the_bytes_are_on_the_disk_before_the_mail_is_in_new(tmp_path, monkeypatch):
    order: list[str] = []
    real: dict[str, Any] = {"fsync": os.fsync, "replace": os.replace}

    def noting(name):
        def noted(*arguments, **keywords):
            order.append(name)
            return real[name](*arguments, **keywords)

        return noted

    for name in real:
        monkeypatch.setattr(os, name, noting(name))
    MaildirRelay(tmp_path).send("", "anna@customer.example", MAIL)
    assert order == ["fsync", "replace", "fsync"]


def test_a_folder_that_cannot_be_written_is_a_relay_that_is_away(tmp_path):
    (tmp_path / "outgoing").write_text("a file, no folder")
    reply = MaildirRelay(tmp_path / "outgoing").send("", "anna@customer.example", MAIL)
    assert (reply.code, reply.status, reply.away) == (451, "4.4.1", True)
