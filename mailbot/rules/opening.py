"""A new case from a customer's own mail; anyone may open one (`semantics.md` 25, 29)."""

from datetime import datetime

from mailbot.decision import Ending, MailArrived
from mailbot.event import CaseOpened
from mailbot.people import Proof
from mailbot.rules import limits, notify
from mailbot.rules.clocks import settle
from mailbot.rules.correlate import plain_subject
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Reading, read
from mailbot.rules.message import message, words_of
from mailbot.rules.phrases import normalised
from mailbot.rules.proposal import proposals
from mailbot.rules.receipt import help_data
from mailbot.rules.spoken import Actor
from mailbot.rules.words import vocabulary

#: A sender who is proven may find their own words in the acknowledgement.
PROVEN = frozenset({Proof.VERIFIED, Proof.SIGNED, Proof.SESSION})
#: A longer subject says what has happened: then `help` alone is a matter, not a question.
SHORT_SUBJECT = 2
#: What the acknowledgement says where an old reply address was used (`semantics.md` 24).
EXPIRED = "The address that you wrote to belonged to an older request and has expired, so this is a new one."


def by_customer(
    draft: Draft,
    cause: MailArrived,
    sender: str,
    proofs: frozenset[Proof],
    *,
    related: int = 0,
    expired: bool = False,
) -> None:
    """Open a case with a customer's mail; `expired`: the address that they used belonged to an older one."""
    entries = vocabulary(draft.process, draft.facts.directory, member=False)
    reading = read(cause.mail.new_text, [entry.word for entry in entries])
    if _only_help(reading, cause):
        _help(draft, cause, Actor(address=sender, member=False), proofs, reading.commands[0])
        return
    words = words_of(cause, cause.mail.new_text or cause.mail.text)
    # A mail that was held counts from when it came (`semantics.md` 29).
    opened = min(cause.envelope.received_at, draft.now)
    open_case(draft, cause, requester=sender, opened=opened, related=related)
    draft.happen(message(draft, cause, words, proofs))
    settle(draft)
    draft.end(Ending.NEW, "a new case")
    data = {**proposals(words.text), "related": draft.facts.desk.reference(related) if related else ""}
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=bool(proofs & PROVEN)):
        draft.hit("limits", f"no acknowledgement: {refusal}")
    else:
        advice = EXPIRED if expired else ""
        notify.received(draft, may_echo=bool(proofs & PROVEN), in_reply_to=cause.mail.message_id, advice=advice)
    notify.new_case(draft, author=sender, words=words, data=data)


def open_case(draft: Draft, cause: MailArrived, *, requester: str, opened: datetime, related: int = 0) -> None:
    """Let a case with the next number begin in the process's first status."""
    start = draft.process.start
    draft.happen(
        CaseOpened(
            at=draft.now,
            number=draft.facts.next_number,
            status=start.status,
            kind=draft.process.status(start.status).kind,
            priority=start.priority,
            type=start.type,
            requester=requester,
            subject=plain_subject(cause.mail.subject, draft.facts.desk.tag),
            opened=opened,
            message_id=cause.mail.message_id,
            related=related,
        )
    )


def _only_help(reading: Reading, cause: MailArrived) -> bool:
    """Is `help` all that the mail says? Then it is answered and makes no case.

    Below a subject that says what has happened, "Help!" is a cry and no question.
    """
    words = [given.word for given in reading.commands]
    subject = normalised(plain_subject(cause.mail.subject, "")).split()
    if len(subject) > SHORT_SUBJECT or words != ["help"]:
        return False
    return not reading.words and not reading.refused and not cause.mail.attachments


def _help(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], given: Given) -> None:
    proven = bool(proofs & PROVEN)
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=proven):
        draft.hit("limits", f"no help: {refusal}")
    else:
        data = help_data(draft, given.argument, member=False)
        notify.to_sender(draft, "help", actor.address, cause, data=data, may_echo=proven)
    draft.ignore("a mail that only asks for help makes no case", actor.address)
