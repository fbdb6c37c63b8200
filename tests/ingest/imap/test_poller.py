"""Fetching from a real Dovecot."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from mailbot.ingest.digest import intake_digest
from mailbot.ingest.imap import connection as imap_connection
from mailbot.ingest.imap import fetch as imap_fetch
from mailbot.ingest.imap.poller import Trouble
from mailbot.ports import StoreAway
from tests.ingest.imap.conftest import MAIL, Box, Desk
from tests.servers.dovecot import Dovecot


def flags(dovecot: Dovecot, user: str) -> list[tuple[bytes, ...]]:
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search(), ["FLAGS"])
    return [tuple(sorted(set(found[uid][b"FLAGS"]) - {rb"\Recent"})) for uid in sorted(found)]


def maildir(dovecot: Dovecot, user: str) -> Path:
    return dovecot.folder / "mail" / user / "Maildir"


def date_file(dovecot: Dovecot, user: str, raw: bytes, instant: datetime) -> None:
    """Say when a mail that was not fetched yet arrived."""
    (file,) = [file for file in maildir(dovecot, user).glob("new/*") if file.read_bytes() == raw]
    os.utime(file, (instant.timestamp(), instant.timestamp()))


def test_the_first_start_begins_at_now_and_what_comes_after_is_taken(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    dovecot.deliver(user, MAIL % b"old")
    poller = desk.poller(box(start="now"))
    assert poller.poll() == 0
    assert poller.poll() == 0
    dovecot.deliver(user, MAIL % b"new")
    dovecot.deliver(user, MAIL % b"newer")
    assert poller.poll() == 2
    assert poller.poll() == 0
    assert desk.inbox.subjects == ["new", "newer"]
    assert desk.woken == ["woken"]
    # A new process goes on where the bookmark says.
    assert desk.poller(box(start="all")).poll() == 0


def test_the_first_start_may_take_all_that_lies_there_in_order_and_in_batches(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    for number in range(45):
        dovecot.deliver(user, MAIL % b"%d" % number)
    assert desk.poller(box()).poll() == 45
    assert desk.inbox.subjects == [str(number) for number in range(45)]
    assert desk.inbox.commits == [20, 20, 5]
    assert [mail.envelope.uid for mail in desk.inbox.mails] == list(range(1, 46))


def test_a_commit_holds_no_more_bytes_than_it_should(
    dovecot: Dovecot, user: str, box: Box, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(imap_fetch, "_BATCH_BYTES", 2 * len(MAIL % b"0"))
    for number in range(5):
        dovecot.deliver(user, MAIL % b"%d" % number)
    desk.poller(box()).poll()
    assert [size for size in desk.inbox.commits if size] == [2, 2, 1]


def test_the_envelope_holds_what_the_server_wrote(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    arrived = datetime(2026, 3, 2, 8, 30, 15, tzinfo=UTC)
    raw = b"Return-Path: <Ada@Example.net>\r\nDelivered-To: support+tok@example.com\r\nReceived: from a by b\r\n" + (
        MAIL % b"x"
    )
    dovecot.deliver(user, raw)
    date_file(dovecot, user, raw, arrived)
    desk.poller(box(border="mx.example.com")).poll()
    (mail,) = desk.inbox.mails
    assert mail.raw == raw
    assert mail.digest == intake_digest(raw)
    assert mail.purpose == "support@example.com"
    envelope = mail.envelope
    assert envelope.received_at == arrived
    assert envelope.source == "imap:support"
    assert envelope.reverse_path == "ada@example.net"
    assert envelope.forward_paths == ("support+tok@example.com", "support@example.com")
    assert (envelope.session, envelope.border, envelope.peer) == ("", "mx.example.com", "")
    assert envelope.uid == 1
    assert envelope.uid_validity == desk.inbox.bookmarks["support"].uid_validity > 0


def test_a_mail_of_the_future_arrived_now(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    dovecot.deliver(user, MAIL % b"x")
    desk.now = datetime(2020, 1, 1, tzinfo=UTC)
    desk.poller(box()).poll()
    assert desk.inbox.mails[0].envelope.received_at == desk.now


@pytest.mark.parametrize(
    ("after", "left"),
    [
        pytest.param("keep", ([()], 0), id="keep"),
        pytest.param("seen", ([(rb"\Seen",)], 0), id="seen"),
        pytest.param("move", ([], 1), id="move"),
        pytest.param("delete", ([], 0), id="delete"),
    ],
)
def test_a_stored_mail_is_left_marked_or_moved_as_wanted(
    dovecot: Dovecot, box: Box, desk: Desk, after: str, left: tuple[list[tuple[bytes, ...]], int]
):
    user = box().user
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        client.create_folder("Done")
    dovecot.deliver(user, MAIL % b"x")
    poller = desk.poller(box(after=after, move_to="Done"))
    assert poller.poll() == 1
    assert poller.poll() == 0
    poller.close()
    assert (flags(dovecot, user), len(dovecot.messages(user, "Done"))) == left


@pytest.mark.parametrize("after", ["delete", "seen"])
def test_what_was_stored_but_not_marked_when_we_were_killed_is_marked_after_the_next_start(
    dovecot: Dovecot, box: Box, desk: Desk, monkeypatch: pytest.MonkeyPatch, after: str
):
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    user = box().user
    for subject in (b"a", b"b"):
        dovecot.deliver(user, MAIL % subject)
    killed = desk.poller(box(after=after))
    with monkeypatch.context() as dying:
        dying.setattr("mailbot.ingest.imap.connection.ImapConnection.mark", die)
        with pytest.raises(KeyboardInterrupt):
            killed.poll()
    killed.close()
    assert flags(dovecot, user) == [()] * 2
    dovecot.deliver(user, MAIL % b"c")
    poller = desk.poller(box(after=after))
    assert poller.poll() == 1
    poller.close()
    assert flags(dovecot, user) == ([(rb"\Seen",)] * 3 if after == "seen" else [])


def test_what_was_stored_while_mails_were_kept_stays_when_later_ones_are_deleted(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    for number, after in enumerate(("keep", "delete", "keep", "delete")):
        dovecot.deliver(user, MAIL % b"%d" % number)
        poller = desk.poller(box(after=after))
        assert poller.poll() == 1
        poller.close()
    assert [raw.partition(b"Subject: ")[2][:1] for raw in dovecot.messages(user)] == [b"0", b"2"]


def test_the_beginning_of_a_mail_that_is_too_large_is_no_reason_to_delete_it_later(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"large" + b"x" * 600_000)
    for _ in range(2):
        poller = desk.poller(box(message_size=500_000, after="delete"))
        poller.poll()
        poller.close()
    assert flags(dovecot, user) == [()]


def test_nothing_is_marked_before_the_commit_and_nothing_is_lost_when_the_store_is_away(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"x")
    desk.inbox.error = StoreAway("gone")
    poller = desk.poller(box(after="delete"))
    with pytest.raises(Trouble, match="mail stays on the server") as trouble:
        poller.poll()
    assert trouble.value.kind == "store"
    assert flags(dovecot, user) == [()]
    desk.inbox.error = None
    assert poller.poll() == 1
    poller.close()
    assert flags(dovecot, user) == []


def test_a_mail_that_somebody_read_already_is_fetched_all_the_same(dovecot: Dovecot, user: str, box: Box, desk: Desk):
    dovecot.deliver(user, MAIL % b"x")
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        client.select_folder("INBOX")
        client.add_flags([1], [rb"\Seen"])
    assert desk.poller(box()).poll() == 1


def test_a_folder_to_move_to_that_is_missing_is_told_and_made_good_later(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"x")
    poller = desk.poller(box(after="move", move_to="Done"))
    with pytest.raises(Trouble, match="moved to Done: does that folder exist") as trouble:
        poller.poll()
    assert trouble.value.kind == "mark"
    assert desk.inbox.subjects == ["x"]
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        client.create_folder("Done")
    assert poller.poll() == 0
    poller.close()
    assert dovecot.messages(user) == []
    assert dovecot.messages(user, "Done") == [MAIL % b"x"]


def lose_numbers(dovecot: Dovecot, user: str) -> None:
    """Make the server number the folder's mails anew, as a restored backup does."""
    for file in maildir(dovecot, user).glob("dovecot*"):
        file.unlink()


def test_when_the_server_numbers_its_mails_anew_nothing_is_lost_or_doubled_and_old_mail_stays_old(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    dovecot.deliver(user, MAIL % b"before the first start")
    date_file(dovecot, user, MAIL % b"before the first start", datetime(2020, 1, 1, tzinfo=UTC))
    desk.now = datetime(2026, 3, 2, tzinfo=UTC)
    poller = desk.poller(box(start="now"))
    poller.poll()
    first = desk.inbox.bookmarks["support"]
    dovecot.deliver(user, MAIL % b"known")
    date_file(dovecot, user, MAIL % b"known", datetime(2026, 3, 3, tzinfo=UTC))
    poller.poll()
    poller.close()
    deadline = time.monotonic() + 20
    while True:
        lose_numbers(dovecot, user)
        with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
            client.login(user, "pw")
            if client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"] != first.uid_validity:
                break
        # The server takes the second as its number.
        assert time.monotonic() < deadline
        time.sleep(0.1)
    dovecot.deliver(user, MAIL % b"unknown")
    date_file(dovecot, user, MAIL % b"unknown", datetime(2026, 3, 4, tzinfo=UTC))
    assert poller.poll() == 1
    assert desk.inbox.subjects == ["known", "unknown"]
    assert desk.inbox.bookmarks["support"].uid_validity != first.uid_validity
    assert desk.inbox.bookmarks["support"].uid == 3
    (alarm,) = desk.alarms
    assert alarm.startswith("mailbox support: the server numbers the mails of INBOX anew")


def test_a_mail_that_vanishes_while_its_batch_is_fetched_is_passed_over(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    for subject in (b"first", b"second", b"third"):
        dovecot.deliver(user, MAIL % subject)

    def digest(raw: bytes) -> str:
        """Delete the second mail when the first has been fetched."""
        if b"first" in raw:
            with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False, timeout=20) as client:
                client.login(user, "pw")
                client.select_folder("INBOX")
                client.delete_messages([2])
                client.uid_expunge([2])
        return intake_digest(raw)

    poller = desk.poller(box(), digest=digest)
    assert poller.poll() == 2
    assert desk.inbox.subjects == ["first", "third"]
    assert desk.inbox.bookmarks["support"].uid == 3


def test_a_large_mail_comes_in_pieces_and_whole(
    dovecot: Dovecot, user: str, box: Box, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(imap_connection, "_PIECE", 1000)
    mails = [MAIL % b"x" + b"y" * size for size in (2500, 3000 - len(MAIL) + 1)]
    assert len(mails[1]) == 3000
    for mail in mails:
        dovecot.deliver(user, mail)
    desk.poller(box()).poll()
    assert [mail.raw for mail in desk.inbox.mails] == mails


def test_of_a_mail_that_is_too_large_the_beginning_is_kept_and_the_whole_stays_where_it_is(
    dovecot: Dovecot, user: str, box: Box, desk: Desk
):
    big = MAIL % b"big" + b"y" * 78 * 10_000
    dovecot.deliver(user, big)
    dovecot.deliver(user, MAIL % b"small")
    poller = desk.poller(box(message_size=500_000, after="delete"))
    assert poller.poll() == 2
    poller.close()
    assert [mail.raw for mail in desk.inbox.mails] == [big[: 256 * 1024], MAIL % b"small"]
    (alarm,) = desk.alarms
    assert alarm.startswith("mailbox support: the mail with UID 1 is larger than 500000 bytes; its beginning was taken")
    assert dovecot.messages(user) == [big]
