"""The daemon fetches from a real IMAP server, and a server that dies and comes back costs nothing but time."""

import signal
from pathlib import Path

import pytest

from mailbot.app.mailbox import MailboxDoor
from mailbot.config.file import load_config
from mailbot.ingest.imap.room import Room
from mailbot.ingest.intake import OwnAddresses
from tests.daemon.desk import CUSTOMER, DESK, Home
from tests.daemon.loops import eventually
from tests.ingest.imap.conftest import FakeInbox
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import OauthServer


def add_mailbox(home: Home, dovecot: Dovecot, name: str, user: str, password: str) -> None:
    """Let the desk fetch from a mailbox; its server tells of new mail, so it is looked at seldom."""
    file = home.folder / "secrets" / name
    file.write_text(f"{password}\n")
    file.chmod(0o600)
    with (home.folder / "mailbot.toml").open("a") as config:
        config.write(
            f'\n[[mailbox]]\nname = "{name}"\nhost = "localhost"\nport = {dovecot.imaps_port}\nuser = "{user}"\n'
            f'password_file = "secrets/{name}"\ntrust = "{dovecot.cert}"\nstart = "all"\npoll_seconds = 3600\n'
        )


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Home:
    home = Home(tmp_path / "desk")
    user = f"support-{tmp_path.name}"
    dovecot.add_user(user, "imap-secret")
    add_mailbox(home, dovecot, "imap", user, "imap-secret")
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
        eventually(lambda: "mailbox-trouble" in daemon.log(), "the trouble is told")
        dovecot.deliver(user, mail("second"))
        dovecot.start()
        eventually(lambda: len(daemon.sent()) == 2, "the second mail is answered")
        assert daemon.stop() == 0
        assert "imap-secret" not in daemon.log()


def test_a_wrong_password_leaves_the_other_mailbox_alone_and_is_mended_by_a_reload(
    home: Home, dovecot: Dovecot, tmp_path: Path
):
    user, other = f"support-{tmp_path.name}", f"other-{tmp_path.name}"
    dovecot.add_user(other, "right-secret")
    add_mailbox(home, dovecot, "other", other, "wrong-secret")
    dovecot.deliver(other, mail("second"))
    with home.run(MAILBOT_LISTEN__ENABLED="false") as daemon:
        daemon.ready()
        eventually(lambda: "refuses the log-in" in daemon.log(), "the trouble is told")
        dovecot.deliver(user, mail("first"))
        eventually(lambda: len(daemon.sent()) == 1, "the mail of the other mailbox is answered")
        (home.folder / "secrets" / "other").write_text("right-secret\n")
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(daemon.sent()) == 2, "the mail that waited is answered")
        assert daemon.stop() == 0
        assert daemon.log().count("refuses the log-in") == 1
        assert "-secret" not in daemon.log()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_right_password_in_its_file_is_tried_without_a_word(home: Home, dovecot: Dovecot, tmp_path: Path):
    user, file = f"support-{tmp_path.name}", home.folder / "secrets" / "imap"
    file.write_text("wrong-secret\n")
    dovecot.deliver(user, mail("first"))
    with home.run(MAILBOT_LISTEN__ENABLED="false") as daemon:
        daemon.ready()
        eventually(lambda: "refuses the log-in" in daemon.log(), "the trouble is told")
        # The next try would be in a minute.
        file.write_text("imap-secret\n")
        eventually(lambda: len(daemon.sent()) == 1, "the mail that waited is answered")
        assert daemon.stop() == 0
        assert daemon.log().count("refuses the log-in") == 1
        assert "-secret" not in daemon.log()


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_secret_that_is_changed_is_read_where_it_may_be_and_is_another_one(home: Home, mode: int):
    config = load_config(home.folder / "mailbot.toml", {})
    door = MailboxDoor(config, 1, {}, FakeInbox(), OwnAddresses([DESK]), room=Room())
    file = home.folder / "secrets" / "imap"
    file.write_text("another")
    file.chmod(mode)
    found = [door.look(), door.look()]
    assert [one and one.password for one in found] == [None, "another" if mode == 0o600 else None]
    # The same again, in another file.
    file.unlink()
    file.write_text("another")
    file.chmod(0o600)
    found = [door.look(), door.look(), door.look()]
    assert [one and one.password for one in found] == [None, None if mode == 0o600 else "another", None]


def test_a_mailbox_is_opened_with_tokens_also_after_they_were_revoked(home: Home, dovecot: Dovecot, tmp_path: Path):
    user = f"tokens-{tmp_path.name}"
    endpoint = OauthServer(port=dovecot.oauth_port, account=user)
    endpoint.start()
    secret = home.folder / "secrets" / "client"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    add_mailbox(home, dovecot, "tokens", user, "")
    file = home.folder / "mailbot.toml"
    file.write_text(
        file.read_text().replace(
            'password_file = "secrets/tokens"',
            f'oauth_token_url = "{endpoint.url}"\noauth_client_id = "mailbot"\n'
            'oauth_client_secret_file = "secrets/client"\noauth_mechanism = "oauthbearer"',
        )
    )
    try:
        dovecot.deliver(user, mail("first"))
        with home.run(MAILBOT_LISTEN__ENABLED="false") as daemon:
            daemon.ready()
            eventually(lambda: len(daemon.sent()) == 1, "the mail is answered")
            given = list(endpoint.tokens)
            endpoint.revoke_all()
            dovecot.kill()
            dovecot.deliver(user, mail("second"))
            dovecot.start()
            eventually(lambda: len(daemon.sent()) == 2, "the second mail is answered")
            assert daemon.stop() == 0
            assert not any(word in daemon.log() for word in ("s3cret", *given, *endpoint.tokens))
    finally:
        endpoint.stop()


def test_a_mailbox_without_its_password_keeps_the_daemon_from_starting(home: Home):
    (home.folder / "secrets" / "imap").unlink()
    with home.run() as daemon:
        assert daemon.process.wait(60) == 2
        assert "mailbox[1].password_file: does not exist" in daemon.log()
