"""What happens to mailboxes in the world: nothing is lost or doubled, each trouble told once, no server hammered."""

import re
from dataclasses import replace

import pytest
from imapclient import IMAPClient

from mailbot.ingest.digest import intake_digest
from mailbot.ingest.imap.poller import Trouble
from tests.daemon.loops import eventually
from tests.ingest.imap.conftest import MAIL, Box, Desk, running
from tests.ingest.imap.test_broken import Serve, mailbox, says, serve
from tests.servers.dovecot import Dovecot

__all__ = ["serve"]

HOUR = 3600


class Hour:
    """Lets an hour pass, wait by wait, and counts them."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits = 0

    def is_set(self) -> bool:
        return self.passed >= HOUR

    def wait(self, seconds: float, *_descriptors: int) -> None:
        self.passed += seconds
        self.waits += 1


def test_a_wrong_password_for_an_hour_is_told_once_tried_seldom_and_over_with_the_right_one(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"x")
    hour, good = Hour(), box()
    poller = desk.poller(replace(good, password="hunter2"), wait=hour.wait)
    poller.run(hour)
    assert desk.alarms == [f"mailbox support: 127.0.0.1 refuses the log-in of {user}: check user and password"]
    # At once, after 1, 4 and 13 minutes, then every 15.
    assert hour.waits == 7
    poller.use(good)
    assert poller.poll() == 1
    assert poller.poll() == 0
    assert desk.inbox.subjects == ["x"]


@pytest.mark.parametrize(
    ("broken", "logins"),
    [
        pytest.param(b"TAG NO [AUTHENTICATIONFAILED] no\r\n", 7, id="refused"),
        pytest.param(b"TAG NO LOGIN failed.\r\n", 7, id="refused-without-a-code"),
        pytest.param(b"TAG NO [LIMIT] x\r\n", 14, id="limit"),
        pytest.param(b"TAG NO [ALERT] Too many simultaneous connections. (Failure)\r\n", 14, id="gmail-limit"),
        pytest.param(b"TAG NO [INUSE] x\r\n", 14, id="in-use"),
        pytest.param(b"TAG NO [UNAVAILABLE] x\r\n", 112, id="unavailable"),
        pytest.param(b"TAG NO [SERVERBUG] x\r\n", 112, id="server-bug"),
        pytest.param(None, 112, id="hang-up"),
    ],
)
def test_a_log_in_that_fails_for_an_hour_is_told_once_and_never_hammered(
    serve: Serve, desk: Desk, broken: bytes | None, logins: int
):
    server, hour = serve(broken={"LOGIN": says(broken)}), Hour()
    desk.poller(mailbox(server), wait=hour.wait).run(hour)
    assert len(desk.alarms) == 1
    assert sum(command.startswith("LOGIN") for command in server.commands) == logins


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(b"TAG NO [AUTHENTICATIONFAILED] x\r\n", "password", id="password"),
        pytest.param(b"TAG NO [UNAVAILABLE] x\r\n", "unavailable", id="unavailable"),
        pytest.param(
            b"TAG NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded\r\n", "limit", id="dovecot-limit"
        ),
        pytest.param(b"TAG NO [THROTTLED] x\r\n", "limit", id="throttled"),
        pytest.param(b"TAG NO [EXPIRED] x\r\n", "password", id="expired"),
    ],
)
@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE"])
def test_what_a_refusal_means_is_told_apart(serve: Serve, desk: Desk, command: str, answer: bytes, kind: str):
    with pytest.raises(Trouble) as trouble:
        desk.poller(mailbox(serve(broken={command: says(answer)}))).poll()
    assert trouble.value.kind == (kind if command == "LOGIN" or kind != "password" else "folder")


def test_two_kinds_of_trouble_that_take_turns_are_told_once_each(serve: Serve, desk: Desk):
    answers = iter([b"TAG NO [NONEXISTENT]\r\n", None] * 4)
    server = serve(broken={"EXAMINE": lambda _found: next(answers)})
    desk.run(mailbox(server), 8)
    assert len(desk.alarms) == 2


def test_a_renumbering_that_breaks_in_between_leaves_old_mail_old_and_loses_none(serve: Serve, desk: Desk):
    # Before our start: 02-Mar-2026, as the server says of every mail.
    old = {uid: MAIL % b"%d" % uid for uid in range(1, 46)}
    server = serve(dict(old))
    poller = desk.poller(mailbox(server, start="now"))
    poller.poll()
    assert desk.inbox.bookmarks["support"].uid == 45
    server.uid_validity, server.mails = "[UIDVALIDITY 8]", {uid + 100: mail for uid, mail in old.items()}
    listings = iter(range(9))
    server.broken[r"UID FETCH [\d,]+ \(UID RFC822"] = lambda found: (
        None
        if next(listings) == 1
        else b"".join(server.listing(int(uid)) for uid in re.findall(r"\d+", found[0].partition("(")[0]))
        + b"TAG OK done\r\n"
    )
    with pytest.raises(Trouble):
        poller.poll()
    # The first twenty are behind us.
    assert desk.inbox.bookmarks["support"].uid == 120
    # What comes now is new, whatever its date.
    server.mails[200] = MAIL % b"moved here"
    assert poller.poll() == 1
    assert desk.inbox.subjects == ["moved here"]
    (alarm,) = desk.alarms
    assert alarm.startswith("mailbox support: the server numbers the mails of INBOX anew")


def test_numbers_that_begin_again_without_a_word_are_noticed(serve: Serve, desk: Desk):
    server = serve(uid_next="[UIDNEXT 10]")
    poller = desk.poller(mailbox(server))
    poller.poll()
    server.uid_next, server.mails = "[UIDNEXT 3]", {1: MAIL % b"five", 2: MAIL % b"new"}
    assert poller.poll() == 1
    assert poller.poll() == 0
    assert desk.inbox.subjects == ["three", "five", "nine", "new"]
    assert len(desk.alarms) == 1


def test_mails_that_are_deleted_under_us_are_told_and_cost_no_other(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    for number in range(5):
        dovecot.deliver(user, MAIL % b"%d" % number)

    def digest(raw: bytes) -> str:
        """Delete two mails when the first has been fetched."""
        if b"Subject: 0" in raw:
            with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
                client.login(user, "pw")
                client.select_folder("INBOX")
                client.delete_messages([2, 3])
                client.uid_expunge([2, 3])
        return intake_digest(raw)

    assert desk.poller(box(), digest=digest).poll() == 3
    assert desk.inbox.subjects == ["0", "3", "4"]
    (alarm,) = desk.alarms
    assert alarm.startswith("mailbox support: 2 mails were deleted on the server before mailbot came to it")


def test_a_mail_that_the_server_lists_and_does_not_give_is_no_deleted_one(serve: Serve, desk: Desk):
    server = serve(broken={r"UID FETCH 5 \(UID BODY": says(b"TAG OK done\r\n")})
    with pytest.raises(Trouble, match="no usable answer for the mail with UID 5"):
        desk.poller(mailbox(server)).poll()
    server.broken.clear()
    assert desk.poller(mailbox(server)).poll() == 2
    assert desk.inbox.subjects == ["three", "five", "nine"]


def test_the_trouble_of_one_mailbox_is_not_anothers(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    def digest(raw: bytes) -> str:
        raise RecursionError(len(raw))

    other = Desk()
    dovecot.deliver(user, MAIL % b"x")
    with running(other, box(name="broken"), digest=digest), running(desk, box()):
        eventually(lambda: desk.inbox.subjects == ["x"] and other.alarms, "one works and one does not")
    assert (desk.alarms, other.inbox.subjects) == ([], [])


@pytest.mark.parametrize("where", ["CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH"])
def test_a_server_that_trickles_is_cut_off_from_outside(serve: Serve, desk: Desk, where: str):
    server = serve(broken={where: says(b"* OK half a li")})
    with running(desk, mailbox(server, read_timeout=600, connect_timeout=600)) as run:
        eventually(lambda: any(command.startswith(where) for command in server.commands), "it was asked")
        server.broken.clear()
        run.worker.tell(lambda poller: poller.cut())
        eventually(lambda: len(desk.inbox.subjects) == 3, "a new connection has the mails")
