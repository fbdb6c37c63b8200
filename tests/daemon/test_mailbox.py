"""The daemon fetches from a real IMAP server, and a server that dies and comes back costs nothing but time."""

from pathlib import Path

import pytest

from tests.daemon.desk import CUSTOMER, DESK, Home
from tests.daemon.loops import eventually
from tests.servers.dovecot import Dovecot


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Home:
    home = Home(tmp_path / "desk")
    user = f"support-{tmp_path.name}"
    dovecot.add_user(user, "imap-secret")
    password = home.folder / "secrets" / "imap"
    password.write_text("imap-secret\n")
    password.chmod(0o600)
    with (home.folder / "mailbot.toml").open("a") as file:
        file.write(
            f'\n[[mailbox]]\nname = "support"\nhost = "localhost"\nport = {dovecot.imaps_port}\nuser = "{user}"\n'
            f'password_file = "secrets/imap"\ntrust = "{dovecot.cert}"\nstart = "all"\npoll_seconds = 1\n'
        )
    return home


def mail(subject: str) -> bytes:
    return (
        f"From: {CUSTOMER}\nTo: {DESK}\nSubject: {subject}\nMessage-ID: <{subject}@customer.test>\n\nHelp.\n".encode()
    )


def test_a_mail_in_the_mailbox_is_answered_also_after_the_server_died(home: Home, dovecot: Dovecot, tmp_path: Path):
    user = f"support-{tmp_path.name}"
    dovecot.deliver(user, mail("first"))
    with home.run(MAILBOT_LISTEN__ENABLED="false") as daemon:
        assert b"from the mailbox" in daemon.ready().greeting()
        eventually(lambda: len(daemon.sent()) == 1, "the mail is answered")
        dovecot.kill()
        eventually(lambda: "mailbox-trouble" in daemon.log() or "imap" in daemon.log(), "the trouble is told")
        dovecot.deliver(user, mail("second"))
        dovecot.start()
        eventually(lambda: len(daemon.sent()) == 2, "the second mail is answered")
        assert daemon.stop() == 0
        assert "imap-secret" not in daemon.log()


def test_a_mailbox_without_its_password_keeps_the_daemon_from_starting(home: Home):
    (home.folder / "secrets" / "imap").unlink()
    with home.run() as daemon:
        assert daemon.process.wait(60) == 2
        assert "mailbox[1].password_file: does not exist" in daemon.log()
