"""Quarantine, trace, account and verify."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailbot.decision import Ending, Happened, Turned
from mailbot.event import MailHeld
from mailbot.ports import Conflict
from mailbot.ports.records import Commit, InboxState, OutboxState
from mailbot.store.codec import case_to_json
from mailbot.store.schema import cases, inbox
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, MINUTE, NOON, arrival, case, evolve, letter, moving, opening


def take(store: SqlStore, name: str):
    store.receive([arrival(name)])
    [mail] = store.claim_mails(until=NOON + MINUTE, now=NOON, limit=1)
    return mail


def held(store: SqlStore, name: str = "held"):
    mail = take(store, name)
    event = MailHeld(at=NOON, reason="unproven", sender=ANNA)
    store.commit(
        Commit(
            at=NOON,
            mail=mail,
            ending=Ending.HELD,
            reason="unproven",
            sender=ANNA,
            happened=(Happened(case=None, event=event),),
        )
    )
    return mail.id


@pytest.mark.parametrize(("verb", "admitted"), [("release", False), ("admit", True)])
def test_a_mail_that_was_set_aside_is_worked_on_again(store: SqlStore, verb: str, admitted: bool):
    number = held(store)
    assert getattr(store, f"quarantine_{verb}")(number, NOON) is True
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=9)
    assert (mail.id, mail.attempts, mail.admitted, mail.ending) == (number, 1, admitted, None)
    assert store.quarantine_list() == []
    store.commit(opening(mail))
    assert store.account(NOON, NOON + MINUTE)["held"] == 0


def test_a_new_version_tries_once_more_what_crashed_or_was_too_much(store: SqlStore):
    reasons = ("crash: ValueError in each of 3 tries", "limit: 900 parts", "spam: a server says so", "crashed")
    for number, reason in enumerate(reasons):
        store.set_aside(take(store, f"mail {number}"), InboxState.QUARANTINED, reason, NOON)
    held(store)
    assert store.replay("2.0", NOON) == 2
    again = store.claim_mails(until=NOON, now=NOON, limit=9)
    assert [(one.id, one.attempts) for one in again] == [(1, 1), (2, 1)]
    store.set_aside(again[0], InboxState.QUARANTINED, reasons[0], NOON)
    # It is tried once by each version, however often that one starts.
    assert store.replay("2.0", NOON) == 0
    assert store.replay("2.1", NOON) == 1
    assert [mail.cause for mail in store.quarantine_list()] == ["spam", "crashed", "unproven"]


def test_a_new_lease_after_a_release_is_not_the_old_one(store: SqlStore):
    mail = take(store, "one")
    store.set_aside(mail, InboxState.HELD, "unclear", NOON)
    store.quarantine_release(mail.id, NOON)
    [again] = store.claim_mails(until=NOON, now=NOON, limit=9)
    assert again.lease != mail.lease


def test_a_dropped_mail_stays_counted_and_readable(store: SqlStore):
    number = held(store)
    assert store.quarantine_drop(number, NOON) is True
    assert store.quarantine_list() == []
    assert store.account(NOON, NOON + MINUTE) == dict.fromkeys(
        ["received", "threaded", "new", "held", "quarantined", "ignored", "waiting"], 0
    ) | {"received": 1, "held": 1}
    assert store.raw(number).startswith(b"Message-ID")


@pytest.mark.parametrize(
    ("dropped", "state"), [(False, InboxState.WAITING), (True, InboxState.DROPPED)], ids=["released", "dropped"]
)
def test_a_decision_turns_what_is_set_aside_with_a_step_or_is_made_again(
    store: SqlStore, dropped: bool, state: InboxState
):
    number = held(store)
    turned = Turned(inbox_id=number, is_dropped=dropped, said="lea@example.com wants it so")
    store.commit(Commit(at=NOON, mail=take(store, "asks"), ending=Ending.IGNORED, turned=(turned,)))
    mail = store.quarantine_show(number)
    assert mail is not None
    assert (mail.state, mail.admitted) == (state, False)
    assert f"mail {number}: lea@example.com wants it so" in [step.what for step in store.trace(ANNA)]
    with pytest.raises(Conflict):
        store.commit(Commit(at=NOON, turned=(turned,)))


def test_what_was_let_in_before_is_judged_afresh_when_a_decision_releases_it(store: SqlStore):
    number = held(store)
    store.quarantine_admit(number, NOON)
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=9)
    store.set_aside(mail, InboxState.QUARANTINED, "crash: KeyError", NOON)
    turned = Turned(inbox_id=number, is_dropped=False, said="released")
    store.commit(Commit(at=NOON, mail=take(store, "asks"), ending=Ending.IGNORED, turned=(turned,)))
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=9)
    assert (mail.id, mail.admitted) == (number, False)


def test_the_newest_are_found_first_and_only_what_is_set_aside_by_its_number(store: SqlStore):
    numbers = [held(store, f"mail {number}") for number in range(3)]
    store.quarantine_drop(numbers[0], NOON)
    assert [mail.id for mail in store.quarantine_latest(9)] == [numbers[2], numbers[1]]
    assert [mail.id for mail in store.quarantine_latest(1)] == [numbers[2]]
    assert [(mail.id, mail.raw) for mail in store.quarantine_named(numbers)] == [(numbers[1], b""), (numbers[2], b"")]


@pytest.mark.parametrize("verb", ["release", "admit", "drop"])
def test_only_what_was_set_aside_is_turned(store: SqlStore, verb: str):
    mail = take(store, "one")
    assert getattr(store, f"quarantine_{verb}")(mail.id, NOON) is False
    store.commit(opening(mail))
    assert getattr(store, f"quarantine_{verb}")(mail.id, NOON) is False
    assert getattr(store, f"quarantine_{verb}")(99, NOON) is False
    assert store.quarantine_show(99) is None


def test_the_account_adds_up(store: SqlStore):
    store.commit(opening(take(store, "new")))
    store.commit(moving(mail=take(store, "threaded")))
    store.commit(Commit(at=NOON, mail=take(store, "ignored"), ending=Ending.IGNORED))
    held(store)
    store.set_aside(take(store, "bomb"), InboxState.QUARANTINED, "crashed", NOON)
    take(store, "being worked on")
    store.receive([arrival("waits"), arrival("of tomorrow", at=NOON + MINUTE)])
    counts = store.account(NOON, NOON + MINUTE)
    assert counts == {"received": 7, "threaded": 1, "new": 1, "held": 1, "quarantined": 1, "ignored": 1, "waiting": 2}


def steps(store: SqlStore, query: str):
    return [step.what for step in store.trace(query)]


@pytest.mark.parametrize("query", ["1", "<mail-1@example.com>", "mail-1@example.com", ANNA, "Anna@Example.com"])
def test_a_trace_goes_from_the_door_to_the_relays_answer(store: SqlStore, query: str):
    store.commit(opening(take(store, "one")))
    [sent] = store.claim_letters(NOON, 5)
    store.finish_letter(sent, OutboxState.SENT, "250 2.0.0 taken", NOON + MINUTE)
    found = steps(store, query)
    wanted = [
        "mail 1: came by smtp from 192.0.2.1 for support@desk.test",
        "mail 1: ended as new: a new matter",
        "mail 1: rule open: nothing names a case",
        "mail 1: CaseOpened in case 1",
        "mail 1: notice received to anna@example.com in case 1",
        "letter 1: received to anna@example.com as <1-opened@desk.test>, now sent",
        "letter 1: sent after attempt 1: 250 2.0.0 taken",
    ]
    places = [next(n for n, what in enumerate(found) if what.startswith(start)) for start in wanted]
    assert places == sorted(places)


def test_a_trace_finds_a_mail_that_nobody_has_read_yet(store: SqlStore):
    store.receive([arrival("unread")])
    came, waits = steps(store, "unread@example.com")
    assert came.startswith("mail 1: came by smtp")
    assert waits == "mail 1: waiting, attempts so far 0"


def test_a_trace_shows_an_operators_hand(store: SqlStore):
    number = held(store)
    store.quarantine_admit(number, NOON + MINUTE)
    assert f"mail {number}: an operator admitted it" in steps(store, ANNA)
    assert steps(store, "nobody@example.com") == []


def test_a_whole_store_has_no_faults(store: SqlStore):
    store.commit(opening(take(store, "one")))
    store.commit(moving(mail=take(store, "two"), letters=[letter(key="x", to="bo@desk.test")]))
    held(store)
    store.receive([arrival("big", raw=b"z" * 70_000)])
    take(store, "being worked on")
    assert store.verify(evolve) == []


OTHER_STATE = sa.update(cases).values(state=case_to_json(case(priority="P1")))
NO_ZLIB = sa.update(inbox).values(raw=b"no zlib")


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        pytest.param("DELETE FROM history WHERE name = 'MessageAdded'", "case 1: the row differs", id="a lost event"),
        pytest.param(
            "DELETE FROM history WHERE name = 'CaseOpened'", "case 1: line 2 of the history does not", id="no start"
        ),
        pytest.param("DELETE FROM history WHERE name != ''", "case 1: has no history", id="no events"),
        pytest.param("UPDATE cases SET status = 'Done'", "case 1: the columns status differ", id="a column"),
        pytest.param(
            sa.update(cases).values(state=case_to_json(case(priority="P1"))),
            "folded history in priority",
            id="the state",
        ),
        pytest.param(
            sa.update(cases).values(state=case_to_json(case(version=9)), version=9),
            "version 9, but 2 events",
            id="the version",
        ),
        pytest.param("UPDATE counters SET value = 7", "numbers: 7 used up", id="the number"),
        pytest.param("DELETE FROM outbox", "a notice without a letter", id="a lost letter"),
        pytest.param("DELETE FROM history WHERE name = ''", "letter 1: not in the history", id="a letter of nothing"),
        pytest.param("UPDATE inbox SET ending = NULL", "mail 1: state done with ending None", id="a mail without end"),
        pytest.param(
            'UPDATE inbox SET "case" = 9', "mail 1: ended as new, but its case is not there", id="a lost case"
        ),
        pytest.param(
            "UPDATE decisions SET inbox_id = NULL", "mail 1: ended as new without a decision", id="no decision"
        ),
        pytest.param(
            sa.update(inbox).values(raw=b"no zlib"), "mail 1: its bytes cannot be read", id="unreadable bytes"
        ),
        pytest.param("UPDATE inbox SET sha256 = 'ff'", "mail 1: its bytes are not those that came", id="other bytes"),
    ],
)
def test_each_harm_is_found(store: SqlStore, harm: Any, fault: str):
    store.commit(opening(take(store, "one")))
    assert store.verify(evolve) == []
    with store.engine.begin() as connection:
        connection.execute(sa.text(harm) if isinstance(harm, str) else harm)
    assert any(fault in line for line in store.verify(evolve)), store.verify(evolve)


def test_a_large_mail_that_rotted_or_went_away_is_found(disk: SqlStore, tmp_path: Path):
    disk.receive([arrival(raw=b"a" * 70_000), arrival(raw=b"b" * 70_000)])
    first, second = sorted(tmp_path.glob("raw/*/*.eml"))
    first.write_bytes(b"rotten")
    second.unlink()
    found = disk.verify(evolve)
    assert sum("bytes are not those" in line for line in found) == 2
    assert sum("cannot be read" in line for line in found) == 1


def test_a_damaged_database_is_said_to_be_damaged(disk: SqlStore, tmp_path: Path):
    disk.commit(opening(take(disk, "one")))
    # The driver's default: foreign keys are not looked at.
    with closing(sqlite3.connect(tmp_path / "mailbot.db")) as connection, connection:
        connection.execute("UPDATE history SET decision = 99")
    assert any("history" in line and "decisions" in line for line in disk.verify(evolve))
