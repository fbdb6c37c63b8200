"""The engine when something fails that is no mail's fault, or that no mail brought."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from mailbot.decision import DeadlineCame, DeliveryReported, MailArrived
from mailbot.engine import engine
from mailbot.ports import RelayReply, StoreAway
from mailbot.ports.records import Commit, InboxState, OutboxState
from mailbot.rules.decide import decide
from tests.acceptance.bench import MONDAY, Bench, mail_of

ANNA, JANE, SUPPORT = "anna@example.com", "jane@customer.test", "support@example.com"
MONTH = timedelta(days=30)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "desk", ANNA)
    yield bench
    bench.close()


@pytest.fixture
def break_decisions(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], None]:
    """Let every decision on causes of a kind raise."""

    def broken_on(kind: type) -> None:
        def broken(cases: Any, cause: Any, *more: Any):
            if isinstance(cause, kind):
                raise ZeroDivisionError
            return decide(cases, cause, *more)

        monkeypatch.setattr("mailbot.engine.settling.decide", broken)

    return broken_on


def take_in(bench: Bench, count: int):
    for number in range(count):
        bench.take_in(mail_of(f"c{number}@customer.test", SUPPORT, "Printer", "It burns."))


def test_a_store_that_goes_away_again_and_again_costs_no_mail_and_no_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    take_in(bench, 3)
    commit = bench.store.commit

    def away(_commit: Commit):
        raise StoreAway("database or disk is full")

    monkeypatch.setattr(bench.store, "commit", away)
    for _ in range(engine.MOST_ATTEMPTS + 2):
        with pytest.raises(StoreAway):
            bench.engine.step(bench.now)
    monkeypatch.setattr(bench.store, "commit", commit)
    bench.rest()
    assert bench.account() == {"received": 3, "new": 3}


def test_what_the_store_kept_from_being_given_back_is_given_back_later(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    take_in(bench, 2)

    def away(*_: Any, **__: Any):
        raise StoreAway("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "commit", away)
        patch.setattr(bench.store, "give_back", away)
        for _ in range(2):
            with pytest.raises(StoreAway):
                bench.engine.step(bench.now)
    bench.rest()
    assert bench.account() == {"received": 2, "new": 2}


def test_a_deadline_that_cannot_be_decided_is_set_aside_and_mail_goes_on(
    bench: Bench, break_decisions: Callable[[type], None]
):
    bench.write(mail_of(JANE, SUPPORT, "Printer", "It burns."))
    (due,) = {deadline.due for deadline in bench.store.due(MONDAY + MONTH, 1)}
    break_decisions(DeadlineCame)
    bench.now = due + timedelta(seconds=1)
    take_in(bench, 1)
    bench.rest()
    assert bench.account() == {"received": 2, "new": 2}
    assert not [deadline for deadline in bench.store.due(due, 9) if deadline.case == 1]
    assert bench.engine.next_instant() is not None


def test_a_lost_letter_that_cannot_be_told_is_set_aside_and_mail_goes_on(
    bench: Bench, break_decisions: Callable[[type], None], monkeypatch: pytest.MonkeyPatch
):
    unknown = RelayReply(code=550, status="5.1.1", text="no such user")
    monkeypatch.setattr(bench.relay, "send", lambda *_: unknown)
    break_decisions(DeliveryReported)
    bench.write(mail_of(JANE, SUPPORT, "Printer", "It burns."))
    take_in(bench, 1)
    bench.rest()
    assert bench.account() == {"received": 2, "new": 2}
    assert {letter.state for letter in bench.store.queue_list()} == {OutboxState.FAILED}
    assert not bench.store.undelivered(9)


def test_a_mail_that_cannot_be_decided_is_set_aside_after_three_tries(
    bench: Bench, break_decisions: Callable[[type], None]
):
    break_decisions(MailArrived)
    take_in(bench, 1)
    bench.rest()
    (row,) = bench.store.quarantine_list()
    assert (row.state, row.reason) == (InboxState.QUARANTINED, "crash: ZeroDivisionError in each of 3 tries")


def test_a_mail_from_before_the_clock_was_set_back_does_not_wait_for_that_time(bench: Bench):
    now = bench.now
    bench.now += timedelta(days=400)
    take_in(bench, 1)
    bench.now = now
    bench.rest()
    assert bench.account() == {"received": 1, "new": 1}
    assert {letter["To"] for letter in bench.rest()} == set()
    assert {letter["To"] for _, letter in bench.relay.taken} == {ANNA, "c0@customer.test"}


def test_a_mail_that_its_answer_overtook_joins_the_case(bench: Bench):
    border = bench.config.identity.authserv_id
    proof = {"Authentication_Results": f"{border}; dmarc=pass header.from=customer.test"}
    first = mail_of(JANE, SUPPORT, "Printer", "It burns.", **proof)
    named = str(first["Message-ID"])
    second = mail_of(JANE, SUPPORT, "Re: Printer", "It still burns.", In_Reply_To=named, References=named, **proof)
    stranger = mail_of("eve@customer.test", SUPPORT, "Re: Printer", "Mine too.", In_Reply_To=named, **proof)
    for mail in (stranger, second, first):
        del mail["Authentication-Results"]
        whole = proof["Authentication_Results"].encode()
        bench.write(b"Authentication-Results: " + whole + b"\r\n" + mail.as_bytes(policy=SMTP), border=border)
    assert bench.account() == {"received": 3, "new": 2, "threaded": 1}
    assert [case.requester for case in bench.store.cases()] == ["eve@customer.test", JANE]
    assert len(bench.events("MessageAdded", 2)) == 2
