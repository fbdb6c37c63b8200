"""Mailboxes with large mails share their memory, and none waits for ever."""

import threading
from collections.abc import Sequence

import pytest

from mailbot.ingest.imap.poller import Trouble
from mailbot.ingest.imap.room import Room
from mailbot.ports import StoreAway
from mailbot.ports.records import Arrival, Bookmark
from tests.daemon.loops import PATIENCE, eventually
from tests.ingest.imap.conftest import MAIL, Desk, FakeInbox
from tests.ingest.imap.test_broken import Serve, mailbox, says, serve

__all__ = ["serve"]


def large(number: int, size: int = 9000) -> bytes:
    return (MAIL % b"%d" % number).ljust(size, b"x")


class WatchedInbox(FakeInbox):
    """Remembers what was taken of the room at each commit of mails."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room
        self.taken: list[int] = []

    def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
        if arrivals:
            self.taken.append(self.room.taken)
        return super().receive(arrivals, bookmark)


def test_room_is_taken_while_it_lasts_and_given_back():
    room = Room(10)
    assert room.take(6)
    assert not room.take(5)
    assert room.take(4)
    room.give_back(6)
    assert room.take(5)
    assert room.taken == 9


def test_what_is_larger_than_the_room_has_it_alone():
    room = Room(10)
    assert room.take(25)
    assert not room.take(1)
    room.give_back(25)
    assert room.take(1)
    assert not room.take(25)


def test_who_waits_for_room_gives_signs_of_life_and_gets_it():
    room = Room(10)
    assert room.take(8)
    signs: list[str] = []
    waiting = threading.Thread(target=lambda: room.wait(5, lambda: signs.append("lives")))
    waiting.start()
    eventually(lambda: signs, "it gives a sign of life")
    assert room.taken == 8
    room.give_back(8)
    waiting.join(PATIENCE)
    assert room.taken == 5


def test_a_mail_that_would_be_too_much_for_a_commit_comes_with_the_next(
    serve: Serve, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mailbot.ingest.imap.fetch._BATCH_BYTES", 20_000)
    server = serve({1: large(1), 2: large(2), 3: large(3), 4: large(4, 30_000), 5: large(5)})
    room = Room(2**20)
    desk.inbox = inbox = WatchedInbox(room)
    desk.poller(mailbox(server), room=room).poll()
    assert [count for count in inbox.commits if count] == [2, 1, 1, 1]
    assert inbox.taken == [18_000, 9_000, 30_000, 9_000]
    assert room.taken == 0


def test_mailboxes_together_hold_no_more_than_the_room(serve: Serve):
    room = Room(10_000)
    # The room is full, but for a mail: each waits for the commit of another one.
    assert room.take(1)
    inboxes = [WatchedInbox(room) for _ in range(3)]
    desks = [Desk(inbox) for inbox in inboxes]
    threads = []
    for number, desk in enumerate(desks):
        server = serve({uid: large(10 * number + uid) for uid in range(1, 5)})
        threads.append(threading.Thread(target=desk.poller(mailbox(server), room=room).poll))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for desk in desks:
        desk.pollers[0].close()
    assert [len(desk.inbox.mails) for desk in desks] == [4, 4, 4]
    assert {taken for inbox in inboxes for taken in inbox.taken} == {9_001}
    assert room.taken == 1


def test_room_is_given_back_whatever_goes_wrong(serve: Serve, desk: Desk):
    server, room = serve({1: large(1), 2: large(2)}), Room(20_000)
    poller = desk.poller(mailbox(server), room=room)
    desk.inbox.error = StoreAway("away")
    with pytest.raises(Trouble, match="the store cannot be reached"):
        poller.poll()
    assert room.taken == 0
    desk.inbox.error = None
    server.broken[r"UID FETCH 2 \(UID BODY"] = says(None)
    with pytest.raises(Trouble):
        poller.poll()
    assert room.taken == 0
    server.broken.clear()
    assert poller.poll() == 1
    assert desk.inbox.subjects == ["1", "2"]


def test_a_mail_without_a_size_takes_room_for_the_largest(serve: Serve, desk: Desk):
    server = serve({1: large(1)})
    server.broken[r"UID FETCH [\d,]+ \(UID RFC822"] = says(b"* 1 FETCH (UID 1)\r\nTAG OK done\r\n")
    room = Room(2**30)
    desk.inbox = inbox = WatchedInbox(room)
    desk.poller(mailbox(server, message_size=50_000), room=room).poll()
    assert inbox.taken == [50_001]
