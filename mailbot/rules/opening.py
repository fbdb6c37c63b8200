"""A new case: from a customer's own mail, or by a member on a customer's behalf (`semantics.md` 19, 25)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.decision import Ending, MailArrived
from mailbot.event import CaseOpened
from mailbot.people import Proof
from mailbot.rules import limits, notify
from mailbot.rules.clocks import settle
from mailbot.rules.correlate import plain_subject
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import read
from mailbot.rules.message import message, words_of
from mailbot.rules.proposal import proposals
from mailbot.rules.receipt import help_data
from mailbot.rules.words import vocabulary

#: A sender who is proven may find their own words in the acknowledgement.
PROVEN = frozenset({Proof.VERIFIED, Proof.SIGNED, Proof.SESSION})


def by_customer(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof], *, related: int = 0) -> None:
    """Open a case with a customer's mail; anyone may."""
    if _only_help(draft, cause):
        _help(draft, cause, sender, proofs)
        return
    words = words_of(cause, cause.mail.new_text or cause.mail.text)
    open_case(draft, cause, requester=sender, opened=draft.now, related=related)
    draft.happen(message(draft, cause, words, proofs))
    settle(draft)
    draft.end(Ending.NEW, "a new case")
    data = {**proposals(words.text), "related": related}
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=bool(proofs & PROVEN)):
        draft.hit("limits", f"no acknowledgement: {refusal}")
    else:
        notify.received(draft, may_echo=bool(proofs & PROVEN), in_reply_to=cause.mail.message_id)
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


def on_behalf(argument: str, zone: str, now: datetime) -> tuple[str, datetime]:
    """Read the argument of `for`: the customer, and when the call was; never later than now."""
    address, _, rest = argument.partition(" opened ")
    if not rest:
        return address, now
    instant = datetime.fromisoformat(rest)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(zone))
    return address, min(instant.astimezone(now.tzinfo), now)


def _only_help(draft: Draft, cause: MailArrived) -> bool:
    """Is `help` all that the mail says? Then it is answered and makes no case."""
    entries = vocabulary(draft.process, draft.facts.directory, member=False)
    reading = read(cause.mail.new_text, [entry.word for entry in entries])
    words = [given.word for given in reading.commands]
    return words == ["help"] and not reading.words and not reading.refused and not cause.mail.attachments


def _help(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    entries = vocabulary(draft.process, draft.facts.directory, member=False)
    topic = read(cause.mail.new_text, [entry.word for entry in entries]).commands[0].argument
    proven = bool(proofs & PROVEN)
    if not limits.refusal(cause.mail, draft.facts.counters, proven=proven):
        data = help_data(draft, topic, member=False)
        notify.to_sender(draft, "help", sender, cause, data=data, may_echo=proven)
    draft.end(Ending.IGNORED, "a mail that only asks for help makes no case")
