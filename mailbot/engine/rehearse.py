"""What would have happened: the same engine under a virtual clock, in a scratch store, sending nothing.

The clock runs from the first mail to the last, and on to a given instant; every deadline fires at its exact instant.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mailbot.engine.engine import Engine
from mailbot.engine.facts import Assume
from mailbot.event import Visibility
from mailbot.facts import Facts, Token
from mailbot.mail import Envelope, Mail
from mailbot.people import Desk, Proof
from mailbot.ports import Store
from mailbot.ports.records import Arrival

#: Mails put into the scratch inbox at once.
GROUP = 200


class Trust(StrEnum):
    """For whom every sender is taken: the proofs that a mail would carry if it were new."""

    CLAIMED = "claimed"
    TOKEN = "token"  # noqa: S105 - the name of a level
    VERIFIED = "verified"
    #: Verified, and with a token.
    BOUND = "bound"
    SIGNED = "signed"
    SESSION = "session"


_PROOFS: dict[Trust, frozenset[Proof]] = {
    Trust.CLAIMED: frozenset(),
    Trust.TOKEN: frozenset(),
    Trust.VERIFIED: frozenset({Proof.VERIFIED}),
    Trust.BOUND: frozenset({Proof.VERIFIED}),
    Trust.SIGNED: frozenset({Proof.SIGNED}),
    Trust.SESSION: frozenset({Proof.SESSION}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMail:
    """One mail of the past."""

    raw: bytes
    arrived: datetime
    #: Which addresses of the desk it was for, subaddresses kept, and which of them without.
    forward_paths: tuple[str, ...]
    purpose: str
    digest: str


def assumption(level: Trust) -> Assume:
    """Return what is assumed of every sender with one well-formed From (`semantics.md` 26)."""

    def assume(facts: Facts, mail: Mail) -> Facts:
        if mail.from_ is None:
            return facts
        facts = replace(facts, stepped_down=False)
        proofs = _PROOFS[level] | {Proof.CLAIMED}
        if level not in (Trust.TOKEN, Trust.BOUND):
            return replace(facts, proofs=proofs)
        number = _named(facts)
        token = Token(case=number, visibility=Visibility.PUBLIC, principal=facts.principal, personal=not number)
        return replace(facts, proofs=proofs, keys=replace(facts.keys, tokens=(token,)))

    return assume


def _named(facts: Facts) -> int:
    """Return the case that the mail's references or its subject name, 0 for none."""
    known = [facts.found.by_message_id.get(named, 0) for named in facts.keys.message_ids]
    tagged = [token.case for token in facts.keys.tagged]
    named = (number for number in (*tagged, *known, facts.keys.number) if number in facts.found.cases)
    return next(named, 0)


def play(
    mails: Iterable[OldMail],
    *,
    engine: Engine,
    store: Store,
    desk: Desk,
    border: str,
    until: datetime | None,
    progress: Callable[[int], None] = lambda _done: None,
) -> None:
    """Let everything happen in the scratch store; its history tells what did.

    Every mail counts as come through that border (`semantics.md` 26).
    """
    last = until
    ordered = sorted(mails, key=lambda mail: mail.arrived)
    for start in range(0, len(ordered), GROUP):
        store.receive([_arrival(mail, desk, border) for mail in ordered[start : start + GROUP]])
    if ordered:
        last = max(filter(None, (until, ordered[-1].arrived)))
    clock = ordered[0].arrived if ordered else last
    while last is not None and clock is not None and (following := _next(store, engine, clock, last)) is not None:
        # A mail that was held and is let in now lies in the past: the clock never goes back.
        now = clock = max(clock, following)
        engine.step(now)
        progress(sum(mail.arrived <= now for mail in ordered))


def _next(store: Store, engine: Engine, clock: datetime, last: datetime) -> datetime | None:
    """Return the next instant at which something is to be done, None when the end is reached."""
    instants = (store.first_waiting(last), store.first_due(), engine.next_mail(clock))
    now = min((instant for instant in instants if instant is not None), default=None)
    return now if now is not None and now <= last else None


def _arrival(mail: OldMail, desk: Desk, border: str) -> Arrival:
    envelope = Envelope(
        received_at=mail.arrived,
        source="rehearsal",
        forward_paths=mail.forward_paths or (desk.address,),
        border=border,
    )
    return Arrival(envelope=envelope, raw=mail.raw, digest=mail.digest, purpose=mail.purpose or desk.address)
