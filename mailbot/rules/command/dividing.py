"""A case that begins out of another one: `clone`, `split` (`semantics.md` 22).

Both are linked; each has clocks, a status and people of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mailbot.event import CaseOpened, FieldsGiven, LinksChanged, MessageAdded, TagsChanged, Visibility
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.linking import MOST_LINKS
from mailbot.rules.command.words_label import LONGEST_SUBJECT
from mailbot.rules.notice import notify, notify_cases
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said, Words
from mailbot.rules.telling import say


def entries() -> Iterator[Entry]:
    """Yield both words; what a customer wrote is shown in another case by `split`, so it is dangerous."""
    yield Entry(
        word=Word(word="clone", slips=False),
        usage="clone",
        help=say("Open a second case like this one, of the same customer, without its messages."),
        group=Group.CASES,
        example="clone",
        run=clone,
    )
    yield Entry(
        word=Word(word="split", takes=Takes.TEXT, slips=False),
        usage="split: SUBJECT",
        help=say(
            "Two matters in one: open a case of its own for the customer's mail that you answer, which stays here too."
        ),
        group=Group.CASES,
        example="split: The lamp flickers",
        run=split,
        dangerous=True,
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


def split(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Make a customer's mail a case of its own: the one that the answered notice told of, else the latest.

    The case at hand keeps it too; the clocks of the new one begin when the mail came.
    """
    source = draft.open_case
    if len(source.links) >= MOST_LINKS:
        return No(reason=say("a case has %(count)s links at most", count=MOST_LINKS))
    subject = " ".join(given.argument.split()) or source.subject
    if len(subject) > LONGEST_SUBJECT:
        return No(reason=say("a subject has %(longest_subject)s characters at most", longest_subject=LONGEST_SUBJECT))
    mail = _mail_of(draft, source)
    if mail is not None and any(held.inbox_id == mail.inbox_id for held in source.withheld):
        return No(reason=say("content of that mail is held back; 'release' or 'redact' it first"))
    if mail is None or not (mail.text or mail.attachments):
        return No(reason=say("there is no mail of the customer's here that could be a case of its own"))
    number = _open_beside(draft, actor, subject=subject, opened=min(mail.at, draft.now))
    draft.happen(replace(mail, at=draft.now))
    settle(draft)
    words = Words(text=mail.text)
    notify_cases.begun(draft, out_of=source.number, actor=actor.address, words=words, author=mail.sender)
    notify.breaches(draft, actor.address)
    draft.turn_to(source.number)
    there = draft.facts.desk.reference(number)
    return Said(
        said=say("what %(who)s wrote is %(there)s now: '%(subject)s'", who=mail.sender, there=there, subject=subject)
    )


def _mail_of(draft: Draft, case: Case) -> MessageAdded | None:
    """Return the customer's mail that is meant; what was released of it is its text."""
    theirs = [
        one
        for one in draft.facts.messages.get(case.number, ())
        if one.visibility is Visibility.PUBLIC and one.sender in case.writers and not one.automatic
    ]
    about = draft.facts.about.get(draft.asking, 0)
    # What was said past the engineer left no words here.
    latest = [one.inbox_id for one in theirs if one.text or one.attachments][-1:]
    meant = [about] if about and about in {one.inbox_id for one in theirs} else latest
    parts = [one for one in theirs if one.inbox_id in meant]
    text = "\n\n".join(one.text for one in parts if one.text)
    return replace(parts[0], text=text, attachments=sum(one.attachments for one in parts)) if parts else None


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
