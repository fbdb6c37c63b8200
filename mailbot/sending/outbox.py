"""Sends what stands in the outbox: claim, build, hand to the relay, write down the answer.

One letter's trouble is no other's: it is deferred with a growing delay, or has failed, and the next one goes. Only a
relay that is away stops the loop, which then knocks with a single letter at growing pauses and leaves the others where
they stand, so that all go out at once when it is back. A letter that failed is told to its case from the store
(`Store.undelivered`). Never reads the clock, never changes what a letter says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from mailbot.ports import Conflict, Outbox, Relay, RelayReply, StoreAway
from mailbot.ports.patience import TURN
from mailbot.ports.queue import WANTED
from mailbot.ports.records import OutboxMail, OutboxState

log = structlog.get_logger("mailbot.sending.outbox")

#: How long to wait after the first attempt, the second and so on; after these, `LATER` each time.
DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
LATER = timedelta(hours=1)

#: How long a letter is tried before it has failed (RFC 5321 section 4.5.4.1 asks for at least four or five days).
LIFETIME = timedelta(days=5)

#: The share of a delay by which jitter may stretch it.
JITTER = 0.2

#: How long the loop leaves a relay alone that is away: after it was found so once, twice and so on.
PAUSES = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
)

#: A letter that found the relay away comes again this long after the next knock, at the earliest and at the latest:
#: another letter knocks next, so that one which the relay always closes on cannot keep the others back.
ASIDE = (timedelta(seconds=30), timedelta(minutes=10))

#: Letters of one step, and how long a step may take before the rest is given back.
BATCH = 20
PATIENCE = TURN

#: A letter that cannot be built for no fault of its own is tried so often.
BUILDS = 3

#: A letter is tried again at once when the sender ended or hung in it the first time; after that it waits its turn.
CUTS = 1

#: Characters of a relay's answer that are kept.
REPLY_LIMIT = 300


def next_attempt(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """Return when to try again after so many attempts (at least 1), or None when it is enough.

    `jitter` is a fraction from 0 to 1 that spreads letters which were deferred together.
    """
    delay = DELAYS[attempts - 1] if attempts <= len(DELAYS) else LATER
    waited = sum(DELAYS[:attempts], timedelta()) + LATER * max(0, attempts - len(DELAYS))
    return None if waited > LIFETIME else now + delay * (1 + JITTER * jitter)


class Breaker:
    """Whether the relay may be knocked on: it opens when the relay is away and closes when it answers."""

    def __init__(self) -> None:
        """Start closed: the relay is believed to be there."""
        self._failures = 0
        #: Not before this instant; None while the relay is there.
        self.until: datetime | None = None

    def away(self, now: datetime) -> datetime:
        """Note that the relay is away; return when to knock again."""
        self.until = now + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return self.until

    def answered(self) -> None:
        """Note that the relay answered, whatever it said."""
        self._failures, self.until = 0, None


class Outcome(NamedTuple):
    """What came of a letter."""

    letter: OutboxMail
    state: OutboxState
    #: The relay's answer on one line.
    reply: str
    #: When to try again, None for at once or never.
    following: datetime | None


class SendLoop:
    """Takes letters to the relay as they come due; `step` is one round of it."""

    def __init__(
        self,
        outbox: Outbox,
        relay: Relay,
        build: Callable[[OutboxMail], bytes],
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        failed: Callable[[OutboxMail, RelayReply], None] = lambda _letter, _reply: None,
        addressed: Callable[[OutboxMail], OutboxMail] = lambda letter: letter,
        mended: Callable[[], bool] = lambda: False,
        batch: int = BATCH,
    ) -> None:
        """`build` gives a letter's bytes, or raises ValueError when it must not go out.

        `mended` looks whether there is another secret for a relay that is away; then nothing waits any more.

        `addressed` gives the letter as it is sent, where that is not as it was written (`mailbot.sending.shadow`).

        `failed` hears of each letter that failed for good, after the store knows: a bell, not the record.
        """
        self._outbox = outbox
        self._relay = relay
        self._build = build
        self._now = now
        self._jitter = jitter
        self._failed = failed
        self._addressed = addressed
        self._mended = mended
        self._batch = batch
        self._breaker = Breaker()
        #: What came of letters while the store was away, to be written down before anything else is done.
        self._unwritten: list[Outcome] = []

    def first_letter(self) -> datetime | None:
        """Return when there is something to do next: not while the relay is left alone, unless an operator wants it."""
        first, until = self._outbox.first_letter(), self._breaker.until
        return max(first, until) if first and until and first > WANTED else first

    def step(self) -> int:
        """Send the letters that are due, up to a batch; return how many were tried. Raises StoreAway."""
        self._write_up()
        began, until = self._now(), self._breaker.until
        mended = until is not None and self._mended()
        if until is not None and began < until and not mended and not self._wanted():
            return 0
        # With another secret those that knocked do not wait for their turn either.
        due = began + PAUSES[-1] + ASIDE[1] if mended else began
        letters = self._outbox.claim_letters(due, 1 if until and not mended else self._batch)
        for tried, letter in enumerate(letters):
            if self._now() - began > PATIENCE or (tried and self._breaker.until):
                self._give_back(letters[tried:])
                self._write_up()
                return tried
            try:
                self._deliver(letter)
            except StoreAway:
                self._give_back(letters[tried + 1 :])
                raise
        return len(letters)

    def _wanted(self) -> bool:
        """Does an operator want a letter to go out now?"""
        first = self._outbox.first_letter()
        return first is not None and first <= WANTED

    def _give_back(self, letters: Sequence[OutboxMail]) -> None:
        """Have letters put back that were not tried; they stay due."""
        self._unwritten += [Outcome(letter, OutboxState.QUEUED, letter.last_reply, None) for letter in letters]

    def _write_up(self) -> None:
        """Write down what is not yet written. Raises StoreAway, and keeps what is left for the next time."""
        while self._unwritten:
            self._write(self._unwritten[0])
            del self._unwritten[0]

    def _deliver(self, letter: OutboxMail) -> None:
        """Build and send one letter and write down what came of it."""
        if letter.cut_short and letter.attempts - 1 > CUTS:
            self._wait_its_turn(letter)
            return
        sent = self._addressed(letter)
        try:
            message = self._build(sent)
        except StoreAway:
            self._give_back([letter])
            raise
        except ValueError as refusal:
            self._fail(letter, RelayReply(code=554, status="5.6.0", text=f"not sent, {refusal}"))
            return
        except Exception as fault:
            log.exception("letter-not-built", letter=letter.id)
            reply = RelayReply(code=451, status="4.3.0", text=f"could not be built: {type(fault).__name__}")
            self._defer(letter, reply, last=letter.attempts >= BUILDS)
            return
        reply = self._handed_over(sent, message)
        if sent.to != letter.to:
            reply = replace(reply, text=f"{reply.text} (sent to {sent.to} in shadow mode)")
        self._answered(letter, reply)

    def _wait_its_turn(self, letter: OutboxMail) -> None:
        """Put off a letter in which the sender ended again: this time it is not tried, and that is no attempt."""
        log.warning("letter-cut-short", letter=letter.id, attempts=letter.attempts - 1)
        reply = RelayReply(code=451, status="4.3.0", text="the sender ended or hung in the last attempt")
        self._defer(replace(letter, attempts=letter.attempts - 1), reply)

    def _handed_over(self, letter: OutboxMail, message: bytes) -> RelayReply:
        try:
            return self._relay.send(letter.reverse_path, letter.to, message)
        except Exception as fault:
            # A relay answers and never raises; one that does has a bug, which must not cost the other letters.
            log.exception("relay-raised", letter=letter.id)
            return RelayReply(code=451, status="4.3.0", text=f"the relay failed: {type(fault).__name__}")

    def _answered(self, letter: OutboxMail, reply: RelayReply) -> None:
        if reply.away:
            until = self._breaker.away(self._now())
            log.warning("relay-away", until=until.isoformat(), reply=reply.text)
            self._defer(letter, reply, knock=until)
            return
        self._breaker.answered()
        if reply.accepted:
            self._finish(letter, OutboxState.SENT, line(reply))
        elif reply.permanent:
            self._fail(letter, reply)
        else:
            self._defer(letter, reply)

    def _defer(
        self, letter: OutboxMail, reply: RelayReply, *, knock: datetime | None = None, last: bool = False
    ) -> None:
        """Try again later, as the table says and around the next knock; or give up when its time has run out."""
        now = self._now()
        following = next_attempt(letter.attempts, now, self._jitter())
        if last or now - letter.created > LIFETIME or (following is None and knock is None):
            self._fail(letter, reply)
            return
        if knock is not None:
            earliest, latest = knock + ASIDE[0], knock + ASIDE[1]
            following = min(max(following or latest, earliest), latest)
        self._finish(letter, OutboxState.DEFERRED, line(reply), following)

    def _fail(self, letter: OutboxMail, reply: RelayReply) -> None:
        log.warning("letter-failed", letter=letter.id, case=letter.case, code=reply.code, status=reply.status)
        if self._finish(letter, OutboxState.FAILED, line(reply)):
            self._failed(letter, reply)

    def _finish(self, letter: OutboxMail, state: OutboxState, reply: str, following: datetime | None = None) -> bool:
        """Write the outcome down under the lease; False when the lease was lost and the outcome is another's."""
        outcome = Outcome(letter, state, reply, following)
        try:
            return self._write(outcome)
        except StoreAway:
            # The relay may have the mail: it must not go out again because nobody wrote that down.
            self._unwritten.append(outcome)
            raise

    def _write(self, outcome: Outcome) -> bool:
        try:
            self._outbox.finish_letter(outcome.letter, outcome.state, outcome.reply, self._now(), outcome.following)
        except Conflict:
            log.warning("lease-lost", letter=outcome.letter.id, state=outcome.state)
            return False
        return True


def line(reply: RelayReply) -> str:
    """Write a relay's answer on one line, as `queue` and `trace` show it."""
    return " ".join(f"{reply.code} {reply.status} {reply.text}".split())[:REPLY_LIMIT]
