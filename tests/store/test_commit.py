"""One decision is stored whole or not at all."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Ending, Happened
from mailbot.event import CasesMerged, Kind, MailHeld, Visibility
from mailbot.ports import Conflict
from mailbot.ports.records import Changed, Commit, InboxState, OutboxState
from mailbot.store.sql import SqlStore
from tests.store.values import ANNA, MINUTE, NOON, arrival, case, deadline, letter, moving, opening, there


def taken(store: SqlStore, name: str = "one"):
    store.receive([arrival(name)])
    [mail] = store.claim_mails(until=NOON, now=NOON, limit=1)
    return mail


def everything(store: SqlStore):
    """All that a reader can see of a store."""
    return (
        list(store.cases()),
        list(store.history()),
        list(store.due(NOON + 1000 * MINUTE, 100)),
        list(store.queue_list()),
        store.next_number(),
        [list(store.thread(number, ANNA)) for number in (1, 2)],
    )


def test_a_new_case_is_there_with_all_that_belongs_to_it(store: SqlStore):
    mail = taken(store)
    commit = opening(mail)
    store.commit(commit)
    assert store.case(1) == case(1)
    assert store.next_number() == 2
    assert list(store.due(NOON + MINUTE, 9)) == [deadline(1)]
    assert store.first_due() == NOON + MINUTE
    opened, added, noticed = store.history(1)
    assert (opened.happened, added.happened, noticed.happened) == (*commit.happened, None)
    assert noticed.body == {
        "at": "2026-01-05T12:00:00.000007Z",
        "case": 1,
        "notice": "received",
        "to": [ANNA],
        "subject": "[HD-1] The lift",
        "visibility": "public",
    }
    assert {line.hits for line in (opened, added, noticed)} == {commit.hits}
    assert [line.seq for line in (opened, added, noticed)] == sorted({opened.seq, added.seq, noticed.seq})
    [sent] = store.queue_list()
    assert (sent.to, sent.text, sent.html, sent.message_id) == (
        ANNA,
        "text of 1-opened",
        "<p>1-opened</p>",
        "<1-opened@desk.test>",
    )
    assert (sent.fields, sent.carried, sent.state) == (
        commit.letters[0].fields,
        commit.letters[0].carried,
        OutboxState.QUEUED,
    )
    assert store.thread(1, ANNA) == ["<mail-1@example.com>", "<1-opened@desk.test>"]


def test_a_change_replaces_the_row_and_its_deadlines(store: SqlStore):
    store.commit(opening(None))
    store.commit(moving(deadlines=[deadline(rule="warning:resolution", due=NOON + 2 * MINUTE)]))
    moved = there(store.case(1))
    assert (moved.status, moved.kind, moved.version) == ("Active", Kind.ACTIVE, 3)
    assert list(store.due(NOON + 9 * MINUTE, 9)) == [deadline(rule="warning:resolution", due=NOON + 2 * MINUTE)]


@pytest.mark.parametrize(
    "misfit",
    [
        pytest.param(lambda _: moving(was=7, letters=[letter(key="n")]), id="the case has another version"),
        pytest.param(lambda _: moving(2), id="there is no such case"),
        pytest.param(lambda _: opening(None, 1), id="the case is there already"),
        pytest.param(lambda _: opening(None, 3), id="the number leaves a gap"),
        pytest.param(lambda m: opening(replace(m, lease="work#9"), 2), id="the lease is another's"),
        pytest.param(lambda m: replace(moving(mail=m), deadline=deadline(cycle="7")), id="the deadline is gone"),
        pytest.param(
            lambda m: replace(moving(mail=m), changed=(*moving().changed, Changed(case=case(9), was=1, deadlines=()))),
            id="the second of two cases does not fit",
        ),
    ],
)
def test_a_misfit_is_a_conflict_and_stores_nothing(store: SqlStore, misfit: Any):
    store.commit(opening(None))
    mail = taken(store, "two")
    before = everything(store)
    with pytest.raises(Conflict):
        store.commit(misfit(mail))
    assert everything(store) == before
    store.commit(opening(mail, 2))


def test_a_deadline_fires_once(store: SqlStore):
    store.commit(opening(None))
    fire = moving(deadline=deadline(), deadlines=[])
    store.commit(fire)
    assert store.first_due() is None
    with pytest.raises(Conflict):
        store.commit(replace(fire, changed=moving(was=3).changed))


def test_a_deadline_that_changes_nothing_is_over_too(store: SqlStore):
    store.commit(opening(None))
    store.commit(Commit(at=NOON, deadline=deadline()))
    assert store.first_due() is None


def test_deadlines_come_by_instant_then_case_then_the_order_of_the_day(store: SqlStore):
    rules = ["end-of-hold", "ladder:waiting", "close:resolved", "breach:pickup", "warning:pickup"]
    for number in (1, 2):
        at_once = [deadline(number, rule=rule) for rule in rules]
        store.commit(opening(None, number, deadlines=[*at_once, deadline(number, rule="breach:response", due=NOON)]))
    found = [(one.due, one.case, one.rule) for one in store.due(NOON + MINUTE, 99)]
    order = ["warning:pickup", "breach:pickup", "ladder:waiting", "close:resolved", "end-of-hold"]
    later = [(NOON + MINUTE, number, rule) for number in (1, 2) for rule in order]
    assert found == [(NOON, 1, "breach:response"), (NOON, 2, "breach:response"), *later]
    assert len(store.due(NOON + MINUTE, 3)) == 3
    assert len(store.due(NOON, 99)) == 2


def test_a_notice_with_a_known_key_is_neither_sent_nor_listed_again(store: SqlStore):
    store.commit(opening(None))
    again = letter(1, key="1-opened")
    fresh = letter(1, key="fresh")
    store.commit(moving(letters=[again, fresh, fresh]))
    assert [sent.text for sent in store.queue_list()] == ["text of 1-opened", "text of fresh"]
    assert [line.body["notice"] for line in store.history() if line.happened is None] == ["received", "received"]


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (Ending.THREADED, InboxState.DONE),
        (Ending.IGNORED, InboxState.DONE),
        (Ending.HELD, InboxState.HELD),
        (Ending.QUARANTINED, InboxState.QUARANTINED),
    ],
)
def test_a_mail_ends_as_the_decision_says(store: SqlStore, ending: Ending, state: Any):
    store.commit(opening(None))
    mail = taken(store)
    store.commit(Commit(at=NOON, mail=mail, ending=ending, reason="because", sender=ANNA, subject="Hm"))
    shown = there(store.quarantine_show(mail.id))
    assert (shown.ending, shown.state, shown.reason, shown.sender, shown.subject) == (
        ending,
        state,
        "because",
        ANNA,
        "Hm",
    )


def test_a_mail_that_is_only_answered_ends_in_the_case_of_its_answer(store: SqlStore):
    store.commit(opening(taken(store)))
    asked = taken(store, "asked")
    store.commit(
        Commit(
            at=NOON,
            mail=asked,
            ending=Ending.THREADED,
            reason="the customer's mail joined its case",
            sender=ANNA,
            letters=(letter(1, key="asked", template="status_report"),),
        )
    )
    assert there(store.quarantine_show(asked.id)).case == 1


def test_an_event_without_a_case_is_in_the_history_of_everything_only(store: SqlStore):
    store.commit(opening(None))
    held = Happened(case=None, event=MailHeld(at=NOON, reason="unproven", sender=ANNA))
    store.commit(Commit(at=NOON, mail=taken(store), ending=Ending.HELD, happened=(held,)))
    assert [line.happened for line in store.history()][-1] == held
    assert held not in [line.happened for line in store.history(1)]


def test_a_long_history_comes_whole_and_in_order(store: SqlStore):
    store.commit(opening(None))
    events = tuple(Happened(case=1, event=CasesMerged(at=NOON, into=n)) for n in range(1203))
    store.commit(Commit(at=NOON, happened=events))
    assert [line.happened for line in store.history(1) if line.body.get("event") == "CasesMerged"] == list(events)


def test_a_case_is_told_once_of_a_letter_that_failed(store: SqlStore):
    store.commit(opening(None))
    [sent] = store.claim_letters(NOON, 5)
    assert store.undelivered(5) == []
    store.finish_letter(sent, OutboxState.FAILED, "550 5.1.1 nobody", NOON)
    [failed] = store.undelivered(5)
    assert (failed.id, failed.last_reply) == (sent.id, "550 5.1.1 nobody")
    store.commit(moving(letter=failed))
    assert store.undelivered(5) == []
    with pytest.raises(Conflict):
        store.commit(replace(moving(was=3), letter=failed))


def test_internal_texts_are_those_of_internal_notices_and_notes(store: SqlStore):
    store.commit(
        opening(None, letters=(letter(key="out"), letter(key="in", to="bo@desk.test", visibility=Visibility.INTERNAL)))
    )
    note = replace(opening(None).happened[1].event, visibility=Visibility.INTERNAL, text="He is rude.")
    store.commit(Commit(at=NOON, happened=(Happened(case=1, event=note),)))
    assert store.internal_texts(1) == ["text of in", "He is rude."]
    assert store.internal_texts(2) == []
