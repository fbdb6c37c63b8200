"""What a mail wants to see, looked up in the store: lists of cases, and cases with their messages. Decides nothing."""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.decision import Facts, Listed, MailArrived
from mailbot.event import MessageAdded
from mailbot.model import Case
from mailbot.ports import Store
from mailbot.process import Process
from mailbot.rules.asking import MOST_LISTED, wanted


def with_what_it_asks(
    cause: MailArrived, facts: Facts, process: Process, store: Store
) -> tuple[Facts, Mapping[int, Case]]:
    """Return the facts with what the mail wants to see, and the cases that it wants to be shown."""
    want = wanted(cause, facts, process)
    listed = None
    if want.query is not None:
        cases = store.matching(want.query, MOST_LISTED + 1)
        listed = Listed(query=want.query, cases=tuple(cases[:MOST_LISTED]), more=len(cases) > MOST_LISTED)
    shown = {number: case for number in want.numbers if (case := store.case(number))}
    return replace(facts, listed=listed, shown={number: _messages(number, store) for number in shown}), shown


def _messages(number: int, store: Store) -> tuple[MessageAdded, ...]:
    events = (line.happened.event for line in store.history(number) if line.happened)
    return tuple(event for event in events if isinstance(event, MessageAdded))
