"""The send loop: what becomes of a letter by what the relay says, and what the loop does when the relay is away."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.ports import Conflict, RelayReply, StoreAway
from mailbot.ports.queue import WANTED
from mailbot.ports.records import OutboxMail, OutboxState
from mailbot.sending.outbox import BUILDS, LIFETIME, PATIENCE, SendLoop, next_attempt
from tests.sending.conftest import NOW

OK = RelayReply(code=250, status="2.0.0", text="taken")
GREYLISTED = RelayReply(code=450, status="4.2.0", text="come again")
UNKNOWN = RelayReply(code=550, status="5.1.1", text="no such user")
AWAY = RelayReply(code=451, status="4.4.1", text="nobody there")
PENDING = (OutboxState.QUEUED, OutboxState.DEFERRED)


@dataclass
class Rows:
    """An outbox in memory, with leases and attempts as the port says."""

    letters: dict[int, OutboxMail] = field(default_factory=dict)
    taken_by_another: set[int] = field(default_factory=set)
    finished: list[tuple[int, OutboxState]] = field(default_factory=list)
    error: Exception | None = None
    unwritable: Exception | None = None

    def claim_letters(self, now, limit):
        if self.error:
            raise self.error
        due = [row for row in self.letters.values() if row.state in PENDING and row.next_attempt_at <= now][:limit]
        for row in due:
            self.letters[row.id] = replace(row, state=OutboxState.SENDING, attempts=row.attempts + 1, lease="mine")
        return [self.letters[row.id] for row in due]

    def first_letter(self):
        return min((row.next_attempt_at for row in self.letters.values() if row.state in PENDING), default=None)

    def finish_letter(self, letter, state, reply, now, next_attempt_at=None):
        if letter.id in self.taken_by_another:
            raise Conflict("the lease was lost")
        if self.unwritable:
            raise self.unwritable
        self.finished.append((letter.id, state))
        self.letters[letter.id] = replace(
            self.letters[letter.id], state=state, last_reply=reply, next_attempt_at=next_attempt_at or now, lease=""
        )

    def raw(self, inbox_id):
        raise KeyError(inbox_id)

    def states(self):
        return [row.state for row in self.letters.values()]


@dataclass
class Answers:
    """A relay that answers by recipient, or as `always` says."""

    by_recipient: dict[str, Any] = field(default_factory=dict)
    always: RelayReply | None = None
    sent: list[str] = field(default_factory=list)
    slow: object = None

    def send(self, reverse_path, to, message):
        assert (reverse_path, message) == ("", b"built")
        self.sent.append(to)
        if callable(self.slow):
            self.slow()
        reply = self.always or self.by_recipient.get(to, OK)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def close(self):
        raise AssertionError("the loop does not close the relay")


@dataclass
class Desk:
    """A loop with all its parts."""

    rows: Rows
    relay: Answers
    loop: SendLoop
    failed: list[tuple[int, str]]


@pytest.fixture
def desk(letter, hand):
    def make(count=3, build=lambda _letter: b"built", batch=20, **answers):
        rows = Rows({number: letter(number) for number in range(1, count + 1)})
        relay, failed = Answers(**answers), []
        loop = SendLoop(
            rows,
            relay,
            build,
            hand.now,
            lambda: 0.0,
            failed=lambda letter, reply: failed.append((letter.id, reply.status)),
            batch=batch,
        )
        return Desk(rows, relay, loop, failed)

    return make


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [
        pytest.param(1, 1, id="first"),
        pytest.param(2, 5, id="second"),
        pytest.param(3, 15, id="third"),
        pytest.param(4, 60, id="fourth"),
        pytest.param(50, 60, id="fiftieth"),
        pytest.param(122, 60, id="last"),
        pytest.param(123, None, id="enough"),
    ],
)
def test_retries_come_after(attempts, minutes):
    following = next_attempt(attempts, NOW, 0.0)
    assert following == (None if minutes is None else NOW + timedelta(minutes=minutes))


def test_all_retries_together_last_five_days():
    instant, attempts = NOW, 0
    while (following := next_attempt(attempts + 1, instant, 0.0)) is not None:
        instant, attempts = following, attempts + 1
    assert LIFETIME - timedelta(hours=1) < instant - NOW <= LIFETIME


def test_jitter_only_ever_stretches_a_delay_and_by_a_fifth_at_most():
    instants = [next_attempt(4, NOW, jitter / 10) or NOW for jitter in range(11)]
    assert instants == sorted(instants)
    assert (instants[0], instants[-1]) == (NOW + timedelta(minutes=60), NOW + timedelta(minutes=72))


def test_letters_that_are_due_go_out_once(desk):
    made = desk()
    assert [made.loop.step(), made.loop.step()] == [3, 0]
    assert made.rows.states() == [OutboxState.SENT] * 3
    assert made.rows.letters[1].last_reply == "250 2.0.0 taken"


def test_a_letter_that_is_not_due_waits(desk, hand):
    made = desk(1)
    made.rows.letters[1] = replace(made.rows.letters[1], next_attempt_at=NOW + timedelta(minutes=1))
    assert made.loop.step() == 0
    assert made.loop.first_letter() == NOW + timedelta(minutes=1)
    hand.turn(minutes=1)
    assert made.loop.step() == 1


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        pytest.param(GREYLISTED, OutboxState.DEFERRED, id="deferred"),
        pytest.param(UNKNOWN, OutboxState.FAILED, id="refused"),
        pytest.param(RuntimeError("a bug"), OutboxState.DEFERRED, id="a-relay-that-raises"),
    ],
)
def test_one_bad_recipient_does_not_stop_the_others(desk, reply, state):
    made = desk(by_recipient={"person1@customer.example": reply})
    assert made.loop.step() == 3
    assert made.rows.states() == [state, OutboxState.SENT, OutboxState.SENT]


def test_a_refusal_for_good_is_told_once_and_never_tried_again(desk, hand):
    made = desk(1, always=UNKNOWN)
    made.loop.step()
    hand.turn(days=1)
    assert made.loop.step() == 0
    assert made.failed == [(1, "5.1.1")]
    assert made.rows.letters[1].last_reply == "550 5.1.1 no such user"


def test_a_deferred_letter_follows_the_table_until_its_time_has_run_out(desk, hand):
    made = desk(1, always=GREYLISTED)
    tries = []
    while made.rows.letters[1].state != OutboxState.FAILED:
        hand.at = max(hand.at, made.loop.first_letter())
        tries.append(hand.at - NOW)
        assert made.loop.step() == 1
    minutes = [t / timedelta(minutes=1) for t in tries[:6]]
    assert minutes == [0, 1, 6, 21, 81, 141]
    assert LIFETIME - timedelta(hours=1) < tries[-1] <= LIFETIME + timedelta(hours=1)
    assert made.failed == [(1, "4.2.0")]


def test_a_letter_older_than_its_lifetime_fails_with_the_next_deferral(desk, hand):
    made = desk(1, always=GREYLISTED)
    hand.turn(days=5, seconds=1)
    made.loop.step()
    assert made.rows.states() == [OutboxState.FAILED]


def test_a_relay_that_is_away_is_knocked_on_with_one_letter_at_growing_pauses(desk, hand):
    made = desk(40, always=AWAY)
    knocks = []
    while hand.at < NOW + timedelta(hours=1):
        if made.loop.step():
            knocks.append((hand.at - NOW).total_seconds())
        hand.turn(seconds=1)
    assert knocks[:6] == [0, 10, 40, 100, 220, 520]
    assert len(made.relay.sent) == len(knocks) < 20


def test_letters_of_a_claimed_batch_are_given_back_when_the_relay_goes_away(desk):
    made = desk(5, by_recipient={"person3@customer.example": AWAY})
    assert made.loop.step() == 3
    sent, queued = OutboxState.SENT, OutboxState.QUEUED
    assert made.rows.states() == [sent, sent, OutboxState.DEFERRED, queued, queued]


def test_all_letters_are_out_within_a_quarter_of_an_hour_of_the_relays_return(desk, hand):
    made = desk(300, always=AWAY)
    while hand.at < NOW + timedelta(hours=24):
        made.loop.step()
        hand.turn(seconds=30)
    back, made.relay.always = hand.at, None
    while OutboxState.SENT not in made.rows.states() or set(made.rows.states()) != {OutboxState.SENT}:
        made.loop.step()
        hand.turn(seconds=10)
    assert hand.at - back <= timedelta(minutes=15)


def test_a_letter_on_which_the_relay_always_closes_keeps_no_other_back(desk, hand):
    closing = RelayReply(code=421, status="4.3.2", text="bye")
    made = desk(10, by_recipient={"person1@customer.example": closing})
    for _ in range(10):
        made.loop.step()
        hand.turn(seconds=10)
    assert made.rows.states()[1:] == [OutboxState.SENT] * 9


def test_while_the_relay_is_left_alone_nothing_is_to_do(desk):
    made = desk(2, always=AWAY)
    made.loop.step()
    assert made.rows.first_letter() == NOW
    assert made.loop.first_letter() == NOW + timedelta(seconds=10)
    assert made.loop.step() == 0
    assert len(made.relay.sent) == 1


def test_with_nothing_in_the_outbox_there_is_no_next_instant(desk):
    assert desk(0).loop.first_letter() is None


def test_a_slow_relay_does_not_let_leases_run_out(desk, hand):
    made = desk(20, slow=lambda: hand.turn(seconds=4))
    assert made.loop.step() == 3
    assert made.rows.states().count(OutboxState.QUEUED) == 17
    assert hand.at - NOW < 2 * PATIENCE


def test_a_letter_that_must_not_go_out_has_failed_and_the_next_goes(desk):
    def build(letter):
        if letter.id == 1:
            raise ValueError("a field stands twice")
        return b"built"

    made = desk(2, build=build)
    made.loop.step()
    assert made.rows.states() == [OutboxState.FAILED, OutboxState.SENT]
    assert made.rows.letters[1].last_reply == "554 5.6.0 not sent, a field stands twice"
    assert made.failed == [(1, "5.6.0")]


def test_a_letter_that_cannot_be_built_is_tried_a_few_times(desk, hand):
    def build(_letter):
        raise KeyError(7)

    made = desk(1, build=build)
    for _ in range(BUILDS):
        hand.at = made.loop.first_letter()
        made.loop.step()
    assert made.rows.states() == [OutboxState.FAILED]
    assert made.rows.letters[1].attempts == BUILDS
    assert made.failed == [(1, "4.3.0")]
    assert "7" not in made.rows.letters[1].last_reply


@pytest.mark.parametrize("where", ["claim", "build"])
def test_a_store_that_is_away_is_for_the_daemon_to_know(desk, where):
    def build(_letter):
        raise StoreAway("locked")

    made = desk(1, build=build)
    made.rows.error = StoreAway("locked") if where == "claim" else None
    with pytest.raises(StoreAway):
        made.loop.step()


def test_a_lost_lease_leaves_the_letter_to_whoever_has_it(desk):
    made = desk(2, by_recipient={"person1@customer.example": UNKNOWN})
    made.rows.taken_by_another = {1}
    made.loop.step()
    assert made.rows.finished == [(2, OutboxState.SENT)]
    assert made.failed == []


def test_a_letter_that_the_relay_took_while_the_store_was_away_is_not_sent_again(desk):
    made = desk()
    made.rows.unwritable = StoreAway("database is locked")
    for _ in range(3):
        with pytest.raises(StoreAway):
            made.loop.step()
    assert len(made.relay.sent) == 1
    made.rows.unwritable = None
    made.loop.step()
    assert made.rows.states() == [OutboxState.SENT] * 3
    assert sorted(made.relay.sent) == sorted(letter.to for letter in made.rows.letters.values())


def test_a_letter_whose_attachments_could_not_be_read_is_put_back_with_the_others(desk):
    away = [StoreAway("the disk is gone")]

    def build(_letter):
        if away:
            raise away.pop()
        return b"built"

    made = desk(build=build)
    with pytest.raises(StoreAway):
        made.loop.step()
    assert made.loop.step() == 3
    assert made.rows.states() == [OutboxState.SENT] * 3


def test_what_an_operator_wants_goes_out_now_though_the_relay_is_left_alone(desk, hand):
    made = desk(count=2, always=AWAY)
    made.loop.step()
    assert made.loop.step() == 0
    made.relay.always = None
    made.rows.letters[2] = replace(made.rows.letters[2], state=OutboxState.QUEUED, next_attempt_at=WANTED)
    assert made.loop.first_letter() == WANTED
    sent = len(made.relay.sent)
    assert made.loop.step() == 1
    assert len(made.relay.sent) == sent + 1
    assert made.rows.letters[2].state is OutboxState.SENT
    hand.turn(minutes=1)
    assert made.loop.step() == 1
    assert made.rows.letters[1].state is OutboxState.SENT


def dies(rows: Rows, at: Any) -> None:
    """What the store does with a letter whose sender died in it, as the next sender finds it."""
    for row in rows.letters.values():
        rows.letters[row.id] = replace(
            row, state=OutboxState.QUEUED, attempts=row.attempts + 1, cut_short=True, next_attempt_at=at
        )


def test_a_letter_whose_sender_died_in_it_goes_out_at_once_by_the_next_one(desk):
    made = desk(count=1)
    dies(made.rows, NOW)
    made.loop.step()
    assert made.rows.finished == [(1, OutboxState.SENT)]


def test_a_letter_in_which_senders_die_again_and_again_waits_as_the_table_says(desk):
    made = desk(count=1)
    for _ in range(3):
        dies(made.rows, NOW)
    made.loop.step()
    assert made.relay.sent == []
    waiting = made.rows.letters[1]
    assert (waiting.state, waiting.next_attempt_at) == (OutboxState.DEFERRED, NOW + timedelta(minutes=15))
    assert waiting.last_reply == "451 4.3.0 the sender ended or hung in the last attempt"


def test_a_letter_in_which_senders_die_for_five_days_has_failed(desk, hand):
    made = desk(count=1)
    for _ in range(3):
        dies(made.rows, NOW)
    hand.at = NOW + LIFETIME + timedelta(seconds=1)
    made.loop.step()
    assert (made.relay.sent, made.failed) == ([], [(1, "4.3.0")])
