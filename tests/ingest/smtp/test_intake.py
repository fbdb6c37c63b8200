"""The grouped commit, away from any socket."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime

import pytest
import structlog

from mailbot.ingest.intake import Intake, IntakeLimits, Overloaded, OwnAddresses
from mailbot.mail import Envelope
from mailbot.people import Desk
from mailbot.ports import StoreAway
from mailbot.ports.records import Arrival, Bookmark
from tests.ingest.smtp.conftest import FakeInbox

ENVELOPE = Envelope(received_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC), source="smtp")


def arrival(name: str, size: int = 10) -> Arrival:
    return Arrival(envelope=ENVELOPE, raw=b"x" * size, digest=name, purpose="support@example.com")


def digests(inbox: FakeInbox) -> list[list[str]]:
    return [[one.digest for one in batch] for batch in inbox.batches]


def test_a_batch_is_at_most_so_many_mails_and_bytes_and_keeps_the_order():
    inbox = FakeInbox()
    intake = Intake(inbox, limits=IntakeLimits(batch_mails=3, batch_bytes=100))
    waiting = [intake.submit(arrival(name, size)) for name, size in [("a", 10), ("b", 10), ("c", 10), ("d", 60)]]
    waiting += [intake.submit(arrival("e", 50)), intake.submit(arrival("f", 500)), intake.submit(arrival("g"))]
    intake.start()
    for future in waiting:
        future.result(20)
    assert digests(inbox) == [["a", "b", "c"], ["d"], ["e"], ["f"], ["g"]]
    assert intake.stop(20)


def test_the_bell_rings_only_for_something_new_and_a_broken_one_stops_nothing():
    rung: list[int] = []

    def wake() -> None:
        rung.append(1)
        raise RuntimeError("no bell")

    intake = Intake(FakeInbox(), wake=wake)
    intake.start()
    for name in ("a", "a", "b"):
        intake.submit(arrival(name)).result(20)
    assert intake.stop(20)
    assert len(rung) == 2


def test_a_store_that_is_away_is_an_alarm_once_each_time():
    inbox = FakeInbox()
    intake = Intake(inbox)
    intake.start()
    with structlog.testing.capture_logs() as told:
        for name, error in enumerate([StoreAway("gone"), StoreAway("gone"), None, StoreAway("gone")]):
            inbox.error = error
            ended = intake.submit(arrival(str(name))).exception(20)
            assert (ended is None) == (error is None)
    assert intake.stop(20)
    assert [(line["event"], "alarm" in line) for line in told] == [
        ("store-away", True),
        ("store-away", False),
        ("store-away", True),
    ]


def test_a_store_that_is_away_is_told_to_each_who_waits():
    inbox = FakeInbox()
    inbox.error = StoreAway("gone")
    intake = Intake(inbox)
    waiting = [intake.submit(arrival("a")), intake.submit(arrival("b"))]
    intake.start()
    assert [type(future.exception(20)) for future in waiting] == [StoreAway, StoreAway]
    inbox.error = None
    intake.submit(arrival("c")).result(20)
    assert intake.stop(20)


def test_a_mail_that_the_store_cannot_take_is_the_only_one_refused():
    class Picky(FakeInbox):
        def receive(self, arrivals: Sequence[Arrival], bookmark: Bookmark | None = None) -> int:
            if any(one.digest == "poison" for one in arrivals):
                raise ValueError("poison")
            return super().receive(arrivals, bookmark)

    inbox = Picky()
    intake = Intake(inbox)
    waiting = {name: intake.submit(arrival(name)) for name in ("a", "poison", "b")}
    intake.start()
    outcomes = {name: type(future.exception(20)) for name, future in waiting.items()}
    assert outcomes == {"a": type(None), "poison": ValueError, "b": type(None)}
    assert digests(inbox) == [["a"], ["b"]]
    assert intake.stop(20)


def test_a_stop_stores_what_waits_and_takes_nothing_more():
    inbox = FakeInbox()
    inbox.open.clear()
    intake = Intake(inbox)
    intake.start()
    first = intake.submit(arrival("a"))
    assert inbox.begun.acquire(timeout=20)
    second = intake.submit(arrival("b"))
    assert not intake.stop(0)
    assert intake.full
    with pytest.raises(Overloaded):
        intake.submit(arrival("c"))
    inbox.open.set()
    assert intake.stop(20)
    assert first.done()
    assert second.done()
    assert digests(inbox) == [["a"], ["b"]]


def test_an_intake_that_was_never_started_stops_at_once():
    assert Intake(FakeInbox()).stop(20)


def test_who_waits_may_be_cancelled_and_the_commit_goes_on():
    inbox = FakeInbox()
    inbox.open.clear()
    intake = Intake(inbox)
    intake.start()

    async def hang_up() -> None:
        task = asyncio.create_task(intake.put(arrival("a")))
        await asyncio.to_thread(inbox.begun.acquire, timeout=20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        inbox.open.set()

    asyncio.run(hang_up())
    assert intake.stop(20)
    assert digests(inbox) == [["a"]]


def test_waiting_bytes_are_counted_and_freed():
    intake = Intake(FakeInbox(), limits=IntakeLimits(waiting_bytes=100))
    future: Future[None] = intake.submit(arrival("a", 100), arrival("a", 100))
    assert intake.full
    with pytest.raises(Overloaded):
        intake.submit(arrival("b"))
    intake.start()
    future.result(20)
    intake.submit(arrival("b")).result(20)
    assert intake.stop(20)
    assert not isinstance(future.exception(), CancelledError)


@pytest.mark.parametrize(
    ("address", "purpose"),
    [
        ("support@example.com", "support@example.com"),
        ("Support@EXAMPLE.com", "support@example.com"),
        ("support+abc@example.com", "support@example.com"),
        ("support+abc+def@example.com", "support@example.com"),
        ("support+@example.com", "support@example.com"),
        ("escalations+x@example.com", "escalations@example.com"),
        ("support@sub.example.com", ""),
        ("support-abc@example.com", ""),
        ("+support@example.com", ""),
        ("xsupport@example.com", ""),
        ("support+abc", ""),
        ("", ""),
        ("@", ""),
    ],
)
def test_only_the_desks_own_addresses_have_a_purpose(address: str, purpose: str):
    desk = Desk(
        address="support@example.com", tag="HD", timezone="UTC", purposes={"escalations@example.com": "escalations"}
    )
    assert OwnAddresses.of(desk).purpose(address) == purpose


@pytest.mark.parametrize("delimiter", list("+=_.-"))
def test_any_delimiter_parts_the_subaddress_also_where_the_address_holds_it(delimiter: str):
    support, other = f"help{delimiter}desk@example.com", "help@example.com"
    own = OwnAddresses((support, other), delimiter)
    assert own.purpose(f"help{delimiter}desk{delimiter}abc@example.com") == support
    assert own.purpose(f"help{delimiter}desk{delimiter}a{delimiter}c@example.com") == support
    assert own.purpose(f"help{delimiter}abc@example.com") == other
    assert own.purpose(f"help{delimiter}deskabc@example.com") == other
    assert own.purpose(f"nobody{delimiter}desk@example.com") == ""


@pytest.mark.parametrize(
    ("address", "purpose"),
    [
        pytest.param("a2" * 22 + "@r.example.com", "support@example.com", id="a-token"),
        pytest.param("A2" * 22 + "@R.Example.COM", "support@example.com", id="in-upper-case"),
        pytest.param("a2" * 21 + "@r.example.com", "", id="too-short"),
        pytest.param("a1" * 22 + "@r.example.com", "", id="letters-of-no-token"),
        pytest.param("support@r.example.com", "", id="the-desk-s-name"),
        pytest.param("support+abc@r.example.com", "", id="a-subaddress"),
        pytest.param("a2" * 22 + "@example.com", "", id="a-token-at-the-desk-s-domain"),
        pytest.param("support+abc@example.com", "support@example.com", id="an-address-from-before"),
    ],
)
def test_at_the_domain_of_tokens_only_a_token_is_ours(address: str, purpose: str):
    own = OwnAddresses(("support@example.com",), reply_domain="r.example.com")
    assert own.purpose(address) == purpose
    assert own.hosts("R.example.com")


def test_without_a_delimiter_there_are_no_subaddresses():
    own = OwnAddresses(("support@example.com",), delimiter="")
    assert own.purpose("support+abc@example.com") == ""
    assert own.purpose("support@example.com") == "support@example.com"
