"""What a mail wants to see, looked up in the store: cases, their messages, what is set aside. Decides nothing."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from mailbot.decision import MailArrived
from mailbot.event import AnswerRecalled, MessageAdded
from mailbot.facts import Aside, Facts, Found, Listed, Query, SetAside, ThreadKeys
from mailbot.mail import Mail
from mailbot.model import Case
from mailbot.ports import Store
from mailbot.ports.records import InboxMail, InboxState
from mailbot.process import Process
from mailbot.rules.command.absence import MOST_REOFFERED
from mailbot.rules.command.words_quarantine import LONGEST_TEXT, SHOW, Asked, is_readable
from mailbot.rules.mail.asking import MOST_COUNTED, MOST_LISTED, may_split, wanted

#: Reads a mail, with the border that it came through.
Read = Callable[[bytes, str], Mail]


def with_what_it_asks(
    cause: MailArrived, facts: Facts, process: Process, store: Store, read: Read
) -> tuple[Facts, Mapping[int, Case]]:
    """Return the facts with what the mail wants to see, and the cases that it wants to be shown."""
    want = wanted(cause, facts, process)
    shown = {number: case for number in want.numbers if (case := store.case(number))}
    facts = replace(
        facts,
        listed=_listed(want.query, MOST_LISTED, store),
        counted=_listed(want.report, MOST_COUNTED, store),
        aside=_aside(want.aside, store, read),
        shown={number: _messages(number, store) for number in shown},
    )
    own = _listed(want.own, MOST_REOFFERED, store)
    return facts, {**shown, **{case.number: case for case in (own.cases if own else ())}}


def with_what_it_splits(cause: MailArrived, facts: Facts, found: Found, store: Store) -> Facts:
    """Return the facts with what a member's mail, or one of theirs that waits, may want to split off."""
    waiting = [(number, mail) for number, mail in facts.parked.items() if may_split(mail.new_text)]
    about = {number: store.find(ThreadKeys(message_ids=mail.in_reply_to[:1])).about for number, mail in waiting}
    if may_split(cause.mail.new_text):
        about[cause.inbox_id] = found.about
    return with_messages(replace(facts, about=about), found.cases, store) if about else facts


def with_messages(facts: Facts, numbers: Iterable[int], store: Store) -> Facts:
    """Return the facts with the messages of these cases."""
    return replace(facts, messages={number: _messages(number, store) for number in numbers})


def _listed(query: Query | None, most: int, store: Store) -> Listed | None:
    """Return what a query finds, `most` cases of it; None without one."""
    if query is None:
        return None
    cases = store.matching(query, most + 1)
    left_out = () if query.snoozed is not False else store.matching(replace(query, snoozed=True), MOST_COUNTED)
    return Listed(query=query, cases=tuple(cases[:most]), more=len(cases) > most, snoozed=len(left_out))


def _aside(asked: Collection[Asked], store: Store, read: Read) -> Aside | None:
    """Return what is set aside, as far as it is asked for; None where nothing is."""
    if not asked:
        return None
    listed = any(not one.number for one in asked)
    latest = store.quarantine_latest(MOST_LISTED + 1) if listed else ()
    shown = {one.number for one in asked if one.verb == SHOW}
    numbers = {one.number for one in asked if one.number}
    named = [_set_aside(row) for row in (store.quarantine_named(numbers) if numbers else ())]
    return Aside(
        latest=tuple(_set_aside(row) for row in latest[:MOST_LISTED]),
        more=len(latest) > MOST_LISTED,
        named={one.number: _opened(one, store, read) if one.number in shown else one for one in named},
    )


def _set_aside(row: InboxMail) -> SetAside:
    return SetAside(
        number=row.id,
        envelope=row.envelope,
        held=row.state is InboxState.HELD,
        reason=row.reason,
        sender=row.sender,
        subject=row.subject,
    )


def _opened(one: SetAside, store: Store, read: Read) -> SetAside:
    """Return a mail with what it says; of one that broke what read it only how it begins."""
    raw = store.raw(one.number)
    if is_readable(one.reason):
        return replace(one, size=len(raw), mail=read(raw, one.envelope.border))
    return replace(one, size=len(raw), start=raw[:LONGEST_TEXT].decode("utf-8", "replace"))


def _messages(number: int, store: Store) -> tuple[MessageAdded, ...]:
    """Return the messages of a case that reached somebody, in order."""
    events = [line.happened.event for line in store.history(number) if line.happened]
    recalled = {event.message for event in events if isinstance(event, AnswerRecalled)}
    return tuple(one for one in events if isinstance(one, MessageAdded) and one.inbox_id not in recalled)
