"""The port Inbox, and the inbox part of Store."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.decision import Ending
from mailbot.ports import Conflict
from mailbot.ports.records import Bookmark, InboxState
from mailbot.store.sql import SqlStore
from tests.store.conftest import Opens
from tests.store.values import ANNA, MINUTE, NOON, arrival, opening, there

LEASE = timedelta(seconds=120)


def claim(store: SqlStore, *, until: datetime = NOON, now: datetime = NOON, limit: int = 10):
    return store.claim_mails(until=until, now=now, limit=limit)


def test_what_is_received_comes_back_as_it_was(store: SqlStore):
    sent = arrival(raw=b"Subject: \xff\x00odd\r\n\r\n" + bytes(range(256)), source="imap:desk", uid=4)
    assert store.receive([sent]) == 1
    [mail] = claim(store)
    assert (mail.envelope, mail.raw, mail.digest, mail.purpose) == (sent.envelope, sent.raw, sent.digest, sent.purpose)
    assert (mail.state, mail.attempts, mail.admitted, mail.ending) == (InboxState.WORKING, 1, False, None)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 1_000_000])
def test_a_mail_of_any_size_keeps_its_bytes(store: SqlStore, size: int):
    raw = bytes(i % 251 for i in range(size))
    store.receive([arrival(raw=raw)])
    [mail] = claim(store)
    assert mail.raw == raw
    assert store.raw(mail.id) == raw


def test_a_large_mail_is_a_file_that_can_be_looked_at(disk: SqlStore, tmp_path: Path):
    raw = b"x" * 70_000
    disk.receive([arrival(raw=raw)])
    sha256 = hashlib.sha256(raw).hexdigest()
    assert (tmp_path / "raw" / sha256[:2] / f"{sha256}.eml").read_bytes() == raw


@pytest.mark.parametrize(
    ("second", "new"),
    [
        pytest.param(arrival(), 0, id="the same mail"),
        pytest.param(arrival(source="imap:desk", uid=9), 0, id="the same mail by another way"),
        pytest.param(arrival(purpose="escalations@desk.test"), 1, id="the same mail for another purpose"),
        pytest.param(arrival("two"), 1, id="another mail"),
    ],
)
def test_a_mail_is_stored_once_for_each_purpose(store: SqlStore, second: Any, new: Any):
    assert store.receive([arrival()]) == 1
    assert store.receive([second]) == new
    assert store.receive([arrival(), second]) == 0


def test_the_same_uid_of_a_mailbox_is_the_same_mail(store: SqlStore):
    assert store.receive([arrival("one", source="imap:desk", uid=4)]) == 1
    assert store.receive([arrival("other bytes", source="imap:desk", uid=4)]) == 0
    assert store.receive([arrival("other mailbox", source="imap:sales", uid=4)]) == 1


def test_a_bookmark_moves_with_the_mails(store: SqlStore):
    assert store.bookmark("desk") is None
    for uid in (4, 9):
        store.receive(
            [arrival(source="imap:desk", uid=uid, raw=b"%d" % uid)], Bookmark(mailbox="desk", uid_validity=7, uid=uid)
        )
        assert store.bookmark("desk") == Bookmark(mailbox="desk", uid_validity=7, uid=uid)
    store.receive([], Bookmark(mailbox="desk", uid_validity=8, uid=1))
    assert store.bookmark("desk") == Bookmark(mailbox="desk", uid_validity=8, uid=1)
    assert store.bookmark("sales") is None


def test_what_is_stored_of_a_mailbox_is_known_by_its_uids(store: SqlStore):
    for uid in (3, 4, 9):
        store.receive([arrival(source="imap:desk", uid=uid, raw=b"x" * uid)])
    store.receive([arrival("other", source="imap:sales", uid=4)])
    validity = arrival(uid=1).envelope.uid_validity
    assert store.stored("imap:desk", validity, above=3, upto=9) == {4: 4, 9: 9}
    assert store.stored("imap:desk", validity + 1, above=0, upto=9) == {}


def test_mails_are_taken_oldest_first_and_only_up_to_an_instant(store: SqlStore):
    store.receive([arrival("late", at=NOON + MINUTE), arrival("b"), arrival("a", at=NOON - MINUTE)])
    assert [mail.raw.split()[1] for mail in claim(store)] == [b"<a@example.com>", b"<b@example.com>"]
    assert claim(store) == []
    assert len(claim(store, until=NOON + MINUTE)) == 1


def test_no_more_are_taken_than_were_asked_for(store: SqlStore):
    store.receive([arrival(str(n)) for n in range(5)])
    assert [len(claim(store, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_batch_holds_sixteen_megabytes_at_most(shared: Opens):
    store = shared("work")
    store.receive([arrival(raw=bytes([n]) * 9_000_000) for n in range(3)])
    assert [len(claim(store)) for _ in range(3)] == [1, 1, 1]


def test_a_mail_that_was_attempted_before_comes_alone(store: SqlStore):
    store.receive([arrival(str(n), at=NOON + n * timedelta(seconds=1)) for n in range(4)])
    batch = claim(store, until=NOON + MINUTE)
    for mail in batch[1:3]:
        store.give_back(mail)
    store.receive([arrival("new", at=NOON + MINUTE)])
    taken = [[mail.id for mail in claim(store, until=NOON + MINUTE)] for _ in range(4)]
    assert taken[:2] == [[batch[1].id], [batch[2].id]]
    assert [len(ids) for ids in taken[2:]] == [1, 0]


def test_new_mails_before_one_that_was_attempted_come_without_it(store: SqlStore):
    store.receive([arrival("tried", at=NOON + MINUTE)])
    [tried] = claim(store, until=NOON + MINUTE)
    store.give_back(tried)
    store.receive([arrival("a"), arrival("b")])
    assert [len(claim(store, until=NOON + MINUTE)) for _ in range(3)] == [2, 1, 0]


def test_the_attempt_is_counted_before_anything_is_done(shared: Opens):
    first, other = shared("work"), shared("other")
    first.receive([arrival()])
    claim(first)
    assert claim(other) == []
    [again] = claim(other, now=NOON + LEASE)
    assert again.attempts == 2


@pytest.mark.parametrize(
    ("later", "taken"),
    [pytest.param(LEASE - timedelta(microseconds=1), 0, id="before"), pytest.param(LEASE, 1, id="at")],
)
def test_a_lease_runs_out_after_two_minutes(store: SqlStore, later: Any, taken: Any):
    store.receive([arrival()])
    claim(store)
    assert len(claim(store, now=NOON + later)) == taken


def test_who_lost_the_lease_can_neither_commit_nor_give_back_nor_set_aside(store: SqlStore):
    store.receive([arrival()])
    [lost] = claim(store)
    [held] = claim(store, now=NOON + LEASE)
    with pytest.raises(Conflict):
        store.commit(opening(lost))
    with pytest.raises(Conflict):
        store.set_aside(lost, InboxState.QUARANTINED, "crashed", NOON)
    store.give_back(lost)
    assert claim(store, now=NOON + LEASE) == []
    assert store.case(1) is None
    store.commit(opening(held))
    assert store.case(1) is not None


def test_a_mail_whose_bytes_are_gone_keeps_no_other_waiting(disk: SqlStore, tmp_path: Path):
    disk.receive([arrival(raw=b"a" * 70_000, at=NOON - MINUTE)])
    next(tmp_path.glob("raw/*/*.eml")).unlink()
    with disk.writing() as connection:
        connection.exec_driver_sql("UPDATE inbox SET attempts = 1")
    disk.receive([arrival("one")])
    assert [mail.raw.split()[1] for mail in claim(disk)] == [b"<one@example.com>"]
    [aside] = disk.quarantine_list()
    assert aside.reason.startswith("unreadable: ")
    assert [line.body["event"] for line in disk.history()] == ["MailQuarantined"]


def test_a_dead_workers_mails_are_free_at_once_and_no_one_elses(shared: Opens):
    first, other = shared("work"), shared("elsewhere")
    first.receive([arrival("one"), arrival("two")])
    [mine] = claim(first, limit=1)
    claim(other)
    assert first.free("work") == 1
    assert [mail.id for mail in claim(other)] == [mine.id]


def test_what_a_whole_daemon_had_in_hand_when_it_died_is_no_attempt(shared: Opens):
    store = shared("work")
    store.receive([arrival("one")])
    claim(store)
    assert store.free("work", counted=False) == 1
    [mail] = claim(store)
    assert mail.attempts == 1


def test_the_oldest_unfinished_mail_is_known_until_it_ends(store: SqlStore):
    assert store.first_waiting(NOON) is None
    store.receive([arrival("late", at=NOON + MINUTE), arrival("early")])
    assert store.first_waiting(NOON) == NOON
    [mail] = claim(store)
    assert store.first_waiting(NOON) == NOON
    store.commit(opening(mail))
    assert store.first_waiting(NOON) == NOON + MINUTE


def test_a_mail_set_aside_is_kept_with_its_reason(store: SqlStore):
    store.receive([arrival()])
    [mail] = claim(store)
    store.set_aside(mail, InboxState.QUARANTINED, "crashed three times", NOON)
    assert claim(store, now=NOON + LEASE) == []
    [aside] = store.quarantine_list()
    assert (aside.ending, aside.reason) == (Ending.QUARANTINED, "crashed three times")
    assert store.raw(mail.id) == mail.raw
    [line] = store.history()
    assert (line.body["event"], line.body["reason"], line.case) == ("MailQuarantined", "crashed three times", None)


def test_a_mail_that_is_not_there_is_a_key_error(store: SqlStore):
    with pytest.raises(KeyError):
        store.raw(12)


def test_the_sweep_takes_what_no_row_names_and_nothing_else(disk: SqlStore, tmp_path: Path):
    raw = b"y" * 70_000
    disk.receive([arrival(raw=raw)])
    folder = tmp_path / "raw" / "ab"
    folder.mkdir(exist_ok=True)
    (folder / ("ab" + "0" * 62 + ".eml")).write_bytes(b"left by a crash")
    (folder / ("ab" + "0" * 62 + ".eml.1-1.part")).write_bytes(b"half wri")
    assert disk.sweep() == 2
    assert list(folder.iterdir()) == []
    assert claim(disk)[0].raw == raw
    assert disk.sweep() == 0


def test_the_sender_is_not_read_from_the_bytes(store: SqlStore):
    store.receive([arrival()])
    [mail] = claim(store)
    assert (mail.sender, mail.subject) == ("", "")
    store.commit(opening(mail))
    shown = there(store.quarantine_show(mail.id))
    assert (shown.sender, shown.subject, shown.case, shown.ending) == (ANNA, "The lift", 1, Ending.NEW)
