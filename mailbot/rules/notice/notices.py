"""The notices that one rule asks for by name: to whom each goes, and what it tells.

What follows from a change of the case, whoever made it, is decided in `notify`.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from mailbot.decision import AutoSubmitted, Carried, MailArrived, Notice
from mailbot.event import ClockName, Kind, Visibility
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.notice import dates
from mailbot.rules.notice.addressees import (
    SILENT,
    answered,
    leads,
    team,
    team_of_new,
    to_customer,
    to_member,
    workers,
)
from mailbot.rules.reading import privacy
from mailbot.rules.reading.language import written_in
from mailbot.rules.spoken import Words
from mailbot.sentence import Sentence


def received(draft: Draft, *, may_echo: bool, in_reply_to: str = "", data: Mapping[str, object]) -> None:
    """Acknowledge a new case to its requester."""
    to_customer(
        draft,
        "case_received",
        may_echo=may_echo,
        in_reply_to=in_reply_to,
        data=data,
        auto_submitted=AutoSubmitted.REPLIED,
    )


def own_word(draft: Draft, template: str, *, author: str, words: Words) -> None:
    """Send the notice of a company's own word in a case that was opened in the same mail."""
    to_customer(draft, template, words=words, author=author, auto_submitted=AutoSubmitted.NO)


def new_case(draft: Draft, *, author: str, words: Words, data: Mapping[str, object], actor: str = "") -> None:
    """Show a new case to the team: agents have no other page than this mail. `actor` is who brought it, if another."""
    for address in team_of_new(draft):
        if address not in (author, actor):
            to_member(draft, "case_new", address, words=words, author=author, data=data)


def note(draft: Draft, *, author: str, words: Words) -> None:
    """Show an internal note to those who work on the case."""
    for address in workers(draft):
        if address != author:
            to_member(draft, "note", address, words=words, author=author, reply=Visibility.INTERNAL)


def reminder(draft: Draft) -> None:
    """Ask the customer again, and say what happens if they stay silent."""
    status = draft.process.status(draft.open_case.status)
    waiting = "approval" if status.approval else "confirmation" if status.kind is Kind.RESOLVED else "answer"
    data = {"number": draft.open_case.reminders, "waiting": waiting, **dates.of_case(draft)}
    to_customer(draft, "reminder", data=data)


def clock_alarm(draft: Draft, clock: ClockName, *, breached: bool, actor: str = MAILBOT) -> None:
    """Tell those who work on the case that a clock runs out, or has run out."""
    template = "clock_breached" if breached else "clock_warned"
    for address in workers(draft):
        if address != actor:
            to_member(draft, template, address, data={"clock": str(clock)}, reply=Visibility.INTERNAL)


def delivery_failed(draft: Draft, *, to: str, status: str, reason: str, stopped: bool, author: str = "") -> None:
    """Tell those who work on the case, and an `author`, that a notice did not arrive, or (`stopped`) was not made."""
    data = {"to": to, "status": status, "reason": reason, "stopped": stopped}
    for address in dict.fromkeys((*workers(draft), author)):
        if address not in (to, ""):
            to_member(draft, "delivery_failed", address, data=data, reply=Visibility.INTERNAL)


def not_sent(draft: Draft, author: str, *, to: str, status: str, reason: str) -> None:
    """Tell a member that their words do not go out: nothing is written to this address."""
    data = {"to": to, "status": status, "reason": reason, "stopped": True}
    to_member(draft, "delivery_failed", author, data=data, reply=Visibility.INTERNAL)


def address_stopped(draft: Draft, *, to: str, status: str, reason: str) -> None:
    """Tell who leads that nothing is written to an address any more, where no case's worker can help."""
    data = {"to": to, "status": status, "reason": reason, "stopped": True}
    for address in leads(draft):
        if address != to:
            to_member(draft, "delivery_failed", address, data=data, reply=Visibility.INTERNAL)


def held(
    draft: Draft,
    cause: MailArrived,
    *,
    to: Iterable[str],
    kind: str,
    why: Sentence,
    sender: str,
    words: Words = SILENT,
    author: str = "",
) -> None:
    """Tell members that a mail waits for their word (`Draft.hold`); what they answer names it (`admit`).

    A member's own held mail is not repeated to them: its lines would count as ours, and hold the next one too. Nor is
    what must not be passed on: it is held back when the mail is let in.
    """
    if privacy.private(cause.mail, draft.process.privacy):
        words = SILENT
    data = {"reason": kind, "explanation": why, "sender": sender, "inbox_id": cause.inbox_id}
    for address in to:
        to_member(
            draft,
            "held",
            address,
            words=words,
            author=author or sender,
            data=data,
            reply=Visibility.INTERNAL,
            in_reply_to=cause.mail.message_id,
        )


def to_sender(
    draft: Draft,
    template: str,
    sender: str,
    cause: MailArrived | None,
    *,
    data: Mapping[str, object],
    may_echo: bool = True,
) -> None:
    """Answer the sender of a mail: a receipt, a report, help. Never more than the sender sees of it.

    For an address that was only let in the answer goes to the person as whose its mails count.
    """
    member = draft.facts.directory.member(sender) is not None
    to = answered(draft, sender)
    draft.tell(
        Notice(
            at=draft.now,
            template=template,
            to=to,
            case=draft.case.number if draft.case else None,
            visibility=Visibility.INTERNAL if member else Visibility.PUBLIC,
            auto_submitted=AutoSubmitted.REPLIED,
            in_reply_to=cause.mail.message_id if cause and to == sender else "",
            language=written_in(cause.mail) if cause and not draft.case else "",
            may_echo=may_echo,
            data=data if to == sender else {**data, "asked_by": sender},
        )
    )


def escalated(  # the sides of an escalation
    draft: Draft,
    to: Iterable[str],
    *,
    reason: str,
    title: str = "",
    in_confidence: bool = False,
    carried: tuple[Carried, ...] = (),
) -> None:
    """Tell those who are called, or (`title`) who works on the case that somebody was; their answer stays inside."""
    data = {"reason": reason, "title": title, "in_confidence": in_confidence}
    words = Words(carried=carried)
    for address in to:
        to_member(draft, "escalated", address, words=words, data=data, reply=Visibility.INTERNAL)


def confided(draft: Draft, to: Iterable[str], *, author: str, words: Words) -> None:
    """Pass on what is said about a complaint past the engineer, among those who were told of it."""
    for address in to:
        to_member(draft, "note", address, words=words, author=author, reply=Visibility.INTERNAL)


def consultation(draft: Draft, to: Iterable[str], *, author: str, words: Words) -> None:
    """Ask people beside the team; what they answer stays inside."""
    for address in to:
        to_member(draft, "consultation", address, words=words, author=author, reply=Visibility.INTERNAL)


def contract(draft: Draft, *, what: str, last: date) -> None:
    """Tell the team, and who works on the case, of its customer's contract."""
    data = {"ended": what.endswith("ended"), "last_day": last.isoformat()}
    for address in dict.fromkeys((*team(draft), *workers(draft))):
        to_member(draft, "contract", address, data=data, reply=Visibility.INTERNAL)


def asked_for(draft: Draft, *, missing: Iterable[str], in_reply_to: str, may_echo: bool) -> None:
    """Ask the customer for the fields that are missing, and only for those."""
    to_customer(
        draft,
        "form_missing",
        data={"missing": list(missing)},
        auto_submitted=AutoSubmitted.REPLIED,
        in_reply_to=in_reply_to,
        may_echo=may_echo,
    )


def held_back(draft: Draft, *, in_reply_to: str, may_echo: bool) -> None:
    """Tell the customer that their mail is held back, without a word of it."""
    explanation = draft.process.privacy.explanation if draft.process.privacy else ""
    to_customer(
        draft,
        "privacy_held",
        data={"explanation": explanation},
        auto_submitted=AutoSubmitted.REPLIED,
        in_reply_to=in_reply_to,
        may_echo=may_echo,
    )


def released(draft: Draft, *, author: str, words: Words, also: str) -> None:
    """Show what was held back to those who work on the case, and to who released it."""
    for address in dict.fromkeys((*workers(draft), also)):
        to_member(draft, "customer_answered", address, words=words, author=author)


def gate(draft: Draft, *, found: str) -> None:
    """Tell those who work on the case that a mail is held back, without a word of it."""
    for address in workers(draft):
        to_member(draft, "privacy_gate", address, data={"found": found}, reply=Visibility.INTERNAL)
