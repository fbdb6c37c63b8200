"""Whose reply address a mail came to, where it is somebody else's than its sender's. Decides nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailbot.facts import Facts
from mailbot.ports import Store
from mailbot.rules.identity.token import KeyRing, principals


def with_holders(facts: Facts, sender: str, about: int | None, *, ring: KeyRing, store: Store, now: datetime) -> Facts:
    """Return the facts with the people whom the mail's tokens may be of, and what went of late to who is answered.

    `about` is the case that the mail is most likely about. What an address that was let in asks is answered to whom its
    reply address is of, or to the requester: the limits are measured on that person.
    """
    tokens = (*facts.keys.tokens, *facts.keys.tagged)
    others = [token.principal for token in tokens if not token.personal and token.principal != facts.principal]
    holders = _participants(facts, ring) if others else {}
    case = facts.found.cases.get(about or 0)
    of_case = case.requester if case is not None and sender in case.aliases else ""
    holder = next((holders[one] for one in others if one in holders), of_case)
    if not holder:
        return facts
    to_holder = store.counters(holder, about, now)
    counters = replace(
        facts.counters,
        case_ten_minutes=to_holder.case_ten_minutes,
        case_hour=to_holder.case_hour,
        case_ten_hours=to_holder.case_ten_hours,
        other_sender_hour=to_holder.other_sender_hour,
    )
    return replace(facts, holders=holders, counters=counters)


def _participants(facts: Facts, ring: KeyRing) -> Mapping[bytes, str]:
    people = {person for case in facts.found.cases.values() for person in case.participants}
    return {digest: person for person in sorted(people) for digest in principals(ring, person)}
