"""What the engine reads out of what it gathered: which case a mail is likely about, and the cases after a decision."""

from collections.abc import Mapping
from hashlib import blake2b

from mailbot.decision import Decision, Found, ThreadKeys
from mailbot.model import Case
from mailbot.people import Desk, Directory
from mailbot.ports import Store
from mailbot.process import Process
from mailbot.rules import outgoing
from mailbot.rules.evolve import evolve


def likely(keys: ThreadKeys, found: Found) -> int | None:
    """Return the case that a mail is most likely about: good enough to count by."""
    named = [*(token.case for token in (*keys.tokens, *keys.tagged)), *found.by_message_id.values(), keys.number]
    return next((number for number in named if number in found.cases), None)


def after_events(cases: Mapping[int, Case], decision: Decision) -> dict[int, Case]:
    """Return the cases that the decision's events change, as they are afterwards."""
    after: dict[int, Case] = {}
    for happened in decision.happened:
        if happened.case is not None:
            before = after.get(happened.case) or cases.get(happened.case)
            after[happened.case] = evolve(before, happened.event)
    return after


def ground_of(process: Process, directory: Directory, desk: Desk) -> str:
    """Name what deadlines are computed on: the process, the people, where and when the desk works."""
    parts = (process.version, directory.version, desk.timezone, desk.holidays)
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def internal_lines(store: Store, found: Found) -> frozenset[str]:
    """Return the lines that must not leave with an answer in one of these cases."""
    return frozenset().union(
        *(outgoing.telling_lines(store.internal_texts(number), store.public_texts(number)) for number in found.cases)
    )
