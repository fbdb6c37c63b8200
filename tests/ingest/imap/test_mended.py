"""A refused log-in is tried seldom, and at once when its secret was mended."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mailbot.ingest.imap.poller import Mailbox
from mailbot.login.secret_files import SecretFiles
from tests.ingest.imap.conftest import MAIL, Box, Desk
from tests.ingest.imap.test_broken import Serve, mailbox, says, serve
from tests.servers.dovecot import Dovecot

__all__ = ["serve"]

HOUR = 3600.0
REFUSAL = b"TAG NO [AUTHENTICATIONFAILED] no\r\n"


@dataclass
class Time:
    """Lets time pass, wait by wait, until an hour is over or somebody stops it; does what is planned on the way."""

    plan: dict[float, Callable[[], object]] = field(default_factory=dict)
    passed: float = 0.0
    over: bool = False

    def is_set(self) -> bool:
        return self.over or self.passed >= HOUR

    def wait(self, seconds: float, *_descriptors: int) -> None:
        self.passed += seconds
        for instant in [one for one in self.plan if one <= self.passed]:
            self.plan.pop(instant)()


@dataclass
class Door:
    """Gives a mailbox the password that lies in its file, as the daemon's door does."""

    mailbox: Mailbox
    file: Path
    looks: int = 0

    def __post_init__(self) -> None:
        self.files = SecretFiles([self.file])

    def refused(self) -> None:
        self.files.refused()

    def look(self) -> Mailbox | None:
        self.looks += 1
        if not self.files.changed():
            return None
        self.files = SecretFiles([self.file])
        return replace(self.mailbox, password=self.file.read_text())


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("wrong")
    return file


def test_a_wrong_password_is_tried_seven_times_in_an_hour_and_told_once(serve: Serve, desk: Desk, secret: Path):
    server, time = serve(broken={"LOGIN": says(REFUSAL)}), Time()
    door = Door(mailbox(server), secret)
    desk.poller(mailbox(server), wait=time.wait, mending=door).run(time)
    assert sum(command.startswith("LOGIN") for command in server.commands) == 7
    assert len(desk.alarms) == 1
    assert door.looks == HOUR / 5


def test_the_right_password_is_tried_within_ten_seconds_of_its_coming(
    dovecot: Dovecot, user: str, box: Box, desk: Desk, secret: Path
):
    dovecot.deliver(user, MAIL % b"x")
    door = Door(box(password="wrong"), secret)
    # Between the fourth try, after 18 minutes, and the next, after 33.
    time = Time({2000.0: lambda: secret.write_text("pw")})
    came: list[float] = []

    def wake() -> None:
        came.append(time.passed)
        time.over = True

    desk.poller(door.mailbox, wait=time.wait, mending=door, wake=wake).run(time)
    assert [2000.0 < instant <= 2010.0 for instant in came] == [True]
    assert desk.inbox.subjects == ["x"]
    assert desk.alarms == [f"mailbox support: 127.0.0.1 refuses the log-in of {user}: check user and password"]


def test_another_wrong_password_is_told_again_and_tried_as_seldom(serve: Serve, desk: Desk, secret: Path):
    server = serve(broken={"LOGIN": says(REFUSAL)})
    time = Time({100.0: lambda: secret.write_text("wrong too")})
    desk.poller(mailbox(server), wait=time.wait, mending=Door(mailbox(server), secret)).run(time)
    # At once, after one minute, after the change, then after 9 minutes and every 15.
    assert sum(command.startswith("LOGIN") for command in server.commands) == 7
    assert len(desk.alarms) == 2


def test_other_trouble_waits_for_no_secret(serve: Serve, desk: Desk, secret: Path):
    server, time = serve(broken={"LOGIN": says(b"TAG NO [LIMIT] x\r\n")}), Time()
    door = Door(mailbox(server), secret)
    desk.poller(mailbox(server), wait=time.wait, mending=door).run(time)
    assert door.looks == 0


def test_a_file_that_is_still_written_is_not_yet_changed(secret: Path):
    files = SecretFiles([secret])
    assert not files.changed()
    secret.write_text("ri")
    assert not files.changed()
    secret.write_text("right")
    assert not files.changed()
    assert files.changed()


def test_a_file_that_goes_away_comes_back_or_may_be_read_again_is_changed(secret: Path):
    for change in (secret.unlink, lambda: secret.write_text("wrong"), lambda: secret.chmod(0o400)):
        files = SecretFiles([secret])
        change()
        assert [files.changed(), files.changed(), files.changed()] == [False, True, True]


def test_what_a_log_in_wrote_itself_is_no_change(secret: Path):
    files = SecretFiles([], [secret])
    secret.write_text("rotated")
    files.refused()
    assert [files.changed(), files.changed()] == [False, False]
    secret.write_text("from the operator")
    assert [files.changed(), files.changed()] == [False, True]
