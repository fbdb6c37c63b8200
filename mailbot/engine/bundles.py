"""Letters that waited for others: all that waits for a person is put together when one has waited enough.

What cannot be put together goes out one by one: a mail too many is better than one too few. Decides nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from mailbot.bundle import BundleCame, Part
from mailbot.decision import Decision
from mailbot.engine.settling import Settling
from mailbot.people import Desk
from mailbot.ports import Conflict, Store, StoreAway
from mailbot.ports.records import Commit, OutboxMail
from mailbot.rules.identity.token import KeyRing, tokens_in_message_ids
from mailbot.rules.notice.bundling import together

log = structlog.get_logger("mailbot.engine.bundles")


class Bundles:
    """Puts the letters of a desk together."""

    def __init__(self, store: Store, settling: Settling, desk: Desk, ring: KeyRing, wake: Callable[[], None]) -> None:
        self._store = store
        self._settling = settling
        self._desk = desk
        self._ring = ring
        self._wake = wake
        #: Could letters wait: because the desk lets them, or did when they were written?
        self._may_wait = True

    def instant(self) -> datetime | None:
        """Return when letters have waited enough; None where none waits."""
        first = self._store.first_bundle() if self._may_wait else None
        self._may_wait = first is not None or bool(self._desk.bundle_within)
        return first

    def step(self, now: datetime) -> bool:
        """Put together what waits for one person; return whether there was anything to do."""
        first = self.instant()
        if first is None or first > now:
            return False
        letters = self._store.bundle(now)
        parts = together(filter(None, (self._part(letter) for letter in letters)), self._desk)
        if len(parts) < 2:
            self._let_go(letters[:1])
            return True
        numbers = tuple(part.id for part in parts)
        try:
            self._settle(BundleCame(to=letters[0].to, parts=parts), numbers, now)
        except StoreAway:
            raise
        except Conflict:
            log.info("bundle.moved", letters=numbers)
        except Exception:  # a bug must not keep letters back: each goes out by itself
            log.exception("bundle.failed", letters=numbers)
            self._let_go([letter for letter in letters if letter.id in numbers])
        return True

    def _settle(self, cause: BundleCame, numbers: tuple[int, ...], now: datetime) -> Decision:
        name = f"bundle {' '.join(map(str, numbers))}"
        return self._settling.settle(cause, now, Commit(at=now, bundled=numbers, cause="bundle"), name)

    def _let_go(self, letters: Sequence[OutboxMail]) -> None:
        self._store.let_go([letter.id for letter in letters])
        self._wake()

    def _part(self, letter: OutboxMail) -> Part | None:
        """Return a letter as a part; None for one whose answers go nowhere."""
        tokens = tokens_in_message_ids(self._ring, self._desk, (letter.message_id,), letter.to)
        if letter.case is None or not tokens:
            return None
        address = next((value for name, value in letter.fields if name == "Reply-To"), self._desk.address)
        return Part(
            id=letter.id,
            case=letter.case,
            reply=tokens[0].visibility,
            address=address,
            subject=letter.subject,
            text=letter.text,
        )
