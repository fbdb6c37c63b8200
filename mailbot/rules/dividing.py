"""A case that begins out of another one: `clone`. Both are linked; each has clocks, a status and people of its own."""

from collections.abc import Iterator
from datetime import datetime

from mailbot.event import CaseOpened, FieldsGiven, LinksChanged, TagsChanged
from mailbot.rules import notify_cases
from mailbot.rules.clocks import settle
from mailbot.rules.draft import Draft
from mailbot.rules.entry import Entry, Group
from mailbot.rules.grammar import Given, Word
from mailbot.rules.linking import MOST_LINKS
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say


def entries() -> Iterator[Entry]:
    """Yield the word that copies a case."""
    yield Entry(
        word=Word(word="clone", slips=False),
        usage="clone",
        help=say("Open a second case like this one, of the same customer, without its messages."),
        group=Group.CASES,
        example="clone",
        run=clone,
    )


def clone(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Open a case with what this one says of its matter, and link both."""
    del given
    source = draft.open_case
    if len(source.links) >= MOST_LINKS:
        return No(reason=say("a case has %(count)s links at most", count=MOST_LINKS))
    number = _open_beside(draft, actor, subject=source.subject, opened=draft.now)
    if source.fields:
        draft.happen(FieldsGiven(at=draft.now, fields=source.fields))
    if source.tags:
        draft.happen(TagsChanged(at=draft.now, tags=source.tags, actor=actor.address))
    settle(draft)
    notify_cases.begun(draft, out_of=source.number, actor=actor.address)
    draft.turn_to(source.number)
    return Said(said=say("%(there)s is a case of its own, like this one", there=draft.facts.desk.reference(number)))


def _open_beside(draft: Draft, actor: Actor, *, subject: str, opened: datetime) -> int:
    """Open a case of the same customer beside the one at hand, linked with it, and turn to it. Returns its number.

    The case at hand comes first in the decision: the mail itself belongs to it.
    """
    source, start = draft.open_case, draft.process.start
    number = draft.facts.next_number + sum(isinstance(one.event, CaseOpened) for one in draft.happened)
    draft.happen(LinksChanged(at=draft.now, cases=(*source.links, number), actor=actor.address))
    draft.turn_away()
    draft.happen(
        CaseOpened(
            at=draft.now,
            number=number,
            status=start.status,
            kind=draft.process.status(start.status).kind,
            priority=source.priority,
            type=source.type,
            requester=source.requester,
            subject=subject,
            opened=opened,
            plan=source.plan,
            contract_until=source.contract_until,
            language=source.language,
        )
    )
    draft.happen(LinksChanged(at=draft.now, cases=(source.number,), actor=actor.address))
    return number
