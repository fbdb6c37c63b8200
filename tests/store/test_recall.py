"""Letters that wait before they leave, and are recalled before the first of them has left: all, or none."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from mailbot.decision import Happened
from mailbot.event import AnswerRecalled, MessageAdded, Visibility
from mailbot.ports import Conflict
from mailbot.ports.records import Changed, Commit, OutboxState
from mailbot.store import recall
from mailbot.store.schema import outbox
from mailbot.store.sql import SqlStore
from tests.store.conftest import Opens
from tests.store.values import ANNA, MINUTE, NOON, arrival, case, letter, opening, there

BO, CY = "bo@desk.test", "cy@desk.test"
LEAVES = NOON + MINUTE


def answered(store: SqlStore, *letters: Any) -> int:
    """A case with an answer of a mail whose letters wait; returns the mail's number."""
    store.commit(opening(None, letters=()))
    store.receive([arrival("answer")])
    (mail,) = store.claim_mails(until=NOON, now=NOON, limit=9)
    said = MessageAdded(
        at=NOON, sender=BO, visibility=Visibility.PUBLIC, inbox_id=mail.id, text="Sent too early.", answers=True
    )
    store.commit(
        replace(
            opening(mail),
            changed=(Changed(case=case(version=3), was=2, deadlines=()),),
            happened=(Happened(case=1, event=said),),
            letters=letters or (letter(key="to-anna", leaves=LEAVES), copy_to(BO)),
            threads={"<to-anna@desk.test>": 1},
        )
    )
    return mail.id


def copy_to(who: str, **keys: Any) -> Any:
    return letter(key=f"copy-{who}", to=who, visibility=Visibility.INTERNAL, **{"leaves": LEAVES} | keys)


def recalls(store: SqlStore, mail: int, letters: int = 2) -> None:
    """The commit of an `undo` in time."""
    event = AnswerRecalled(at=NOON, actor=BO, message=mail, lines=())
    store.commit(
        Commit(
            at=NOON,
            changed=(Changed(case=case(version=4), was=3, deadlines=()),),
            happened=(Happened(case=1, event=event),),
            recalled=(mail, letters),
        )
    )


def states(store: SqlStore) -> list[OutboxState]:
    return [there(store.queue_show(number)).state for number in (1, 2)]


def test_a_letter_leaves_when_it_may_and_not_before(store: SqlStore):
    answered(store)
    assert store.claim_letters(NOON, 9) == []
    assert store.first_letter() == LEAVES
    assert [one.attempts for one in store.claim_letters(LEAVES, 9)] == [1, 1]


def test_what_waits_is_counted_by_its_mail(store: SqlStore):
    mail = answered(store, letter(key="at-once"), letter(key="later", leaves=LEAVES), copy_to(BO))
    assert store.unsent({mail, 77}) == {mail: 2, 77: 0}
    store.claim_letters(LEAVES, 9)
    assert store.unsent({mail})[mail] == 1, "the first to anna goes before the second"


def test_recalled_in_time_no_letter_ever_goes_out(store: SqlStore):
    mail = answered(store)
    recalls(store, mail)
    assert states(store) == [OutboxState.RECALLED, OutboxState.RECALLED]
    assert (store.claim_letters(LEAVES, 9), store.first_letter(), store.queue_list()) == ([], None, [])
    assert there(store.case(1)).version == 4


def test_of_what_was_recalled_nothing_is_known_outside_the_history(store: SqlStore):
    mail = answered(store)
    assert store.said(1) == "Sent too early."
    assert "<to-anna@desk.test>" in store.thread(1, ANNA)
    assert store.latest_words([1])[1][0] == BO
    recalls(store, mail)
    assert store.latest_words([1])[1][0] == ANNA
    assert "Sent too early." not in (*store.public_texts(1), *store.internal_texts(1))
    assert not any("copy" in text or "to-anna" in text for text in store.internal_texts(1))
    assert (store.said(1), "<to-anna@desk.test>" in store.thread(1, ANNA)) == ("", False)
    assert [type(line.happened.event).__name__ for line in store.history(1) if line.happened][-2:] == [
        "MessageAdded",
        "AnswerRecalled",
    ]


@pytest.mark.parametrize("gone", ["leased", "sent", "held", "dropped", "wanted"])
def test_once_one_letter_does_not_wait_none_is_recalled_and_nothing_is_stored(store: SqlStore, gone: str):
    mail = answered(store)
    match gone:
        case "held":
            store.queue_hold(1, NOON)
        case "dropped":
            store.queue_drop(1, NOON)
        case "wanted":
            store.queue_retry(1, NOON)
        case _:
            (leased,) = store.claim_letters(LEAVES, 1)
            if gone == "sent":
                store.finish_letter(leased, OutboxState.SENT, "250 ok", LEAVES)
    before = states(store)
    with pytest.raises(Conflict, match="has left"):
        recalls(store, mail)
    assert states(store) == before
    assert there(store.case(1)).version == 3
    assert "Sent too early." in store.public_texts(1)


def test_a_recall_that_does_not_fit_the_case_cancels_nothing(store: SqlStore):
    mail = answered(store)
    recalls(store, mail)
    with pytest.raises(Conflict):
        recalls(store, mail)


def test_a_colleague_s_copy_that_waits_keeps_no_warning_back_but_the_customer_s_order_holds(store: SqlStore):
    answered(store)
    warning = letter(key="warned", to=BO, visibility=Visibility.INTERNAL)
    store.commit(Commit(at=NOON, letters=(warning, letter(key="status"))))
    assert [one.message_id for one in store.claim_letters(NOON, 9)] == ["<warned@desk.test>"]
    assert [one.message_id for one in store.claim_letters(LEAVES, 9)] == [
        "<to-anna@desk.test>",
        f"<copy-{BO}@desk.test>",
    ]


def test_an_operator_sees_what_waits_and_may_let_it_go(store: SqlStore):
    answered(store)
    assert [one.state for one in store.queue_list()] == [OutboxState.WAITING, OutboxState.WAITING]
    assert store.queue_retry(1, NOON)
    assert [one.id for one in store.claim_letters(NOON, 9)] == [1]


def meanwhile(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Let another process do something at the same time; returns what comes of it, once it is done."""
    outcome: list[object] = []
    began = threading.Event()

    def acts() -> None:
        began.set()
        try:
            outcome.append(act())
        except Conflict as conflict:
            outcome.append(str(conflict))

    other = threading.Thread(target=acts)
    other.start()
    assert began.wait(10)
    return other, outcome


def test_while_a_sender_takes_a_letter_the_recall_waits_and_is_refused(shared: Opens):
    work, send = shared("work"), shared("send")
    mail = answered(work)
    with send.writing() as connection:
        connection.execute(sa.update(outbox).where(outbox.c.id == 1).values(state=OutboxState.SENDING))
        other, outcome = meanwhile(lambda: recalls(work, mail))
    other.join()
    assert outcome == [f"a letter of mail {mail} has left"]
    assert states(work) == [OutboxState.SENDING, OutboxState.WAITING]
    assert there(work.case(1)).version == 3


def test_while_letters_are_recalled_a_sender_takes_none_of_them(shared: Opens, monkeypatch: pytest.MonkeyPatch):
    work, send = shared("work"), shared("send")
    mail = answered(work)
    others: list[tuple[threading.Thread, list[object]]] = []

    def recalled(*given: Any) -> None:
        recall.recall(*given)
        # Not committed yet, and the letters are due.
        others.append(meanwhile(lambda: send.claim_letters(LEAVES, 9)))

    monkeypatch.setattr("mailbot.store.commit.recall", recalled)
    recalls(work, mail)
    ((other, outcome),) = others
    other.join()
    assert outcome == [[]]
    assert states(work) == [OutboxState.RECALLED, OutboxState.RECALLED]


def test_who_died_before_the_letters_left_has_lost_none_and_who_died_in_the_recall_has_recalled_none(
    shared: Opens, monkeypatch: pytest.MonkeyPatch
):
    work = shared("work")
    mail = answered(work)

    def dies(*_: Any) -> None:
        raise SystemExit

    monkeypatch.setattr("mailbot.store.commit._count_cases", dies)
    with pytest.raises(SystemExit):
        recalls(work, mail)
    work.close()
    again = shared("again")
    assert again.unsent({mail}) == {mail: 2}
    assert len(again.claim_letters(LEAVES, 9)) == 2
