"""Who hears what, decided in one place: events to notices.

The customer hears of every status change from pick-up on, once for each mail; members hear what the other side did,
never what they did themselves. What goes to members is internal; where an answer goes is each notice's own.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from mailbot.decision import AutoSubmitted, Carried, MailArrived, Notice
from mailbot.event import (
    CaseAssigned,
    CasesMerged,
    ClockBreached,
    ClockName,
    Kind,
    MessageAdded,
    RequesterChanged,
    StatusChanged,
    TextReleased,
    Visibility,
    WatchersChanged,
)
from mailbot.rules import dates, notify_cases
from mailbot.rules.addressees import SILENT, team, to_customer, to_member, workers
from mailbot.rules.draft import MAILBOT, Draft
from mailbot.rules.language import written_in
from mailbot.rules.place import shown
from mailbot.rules.spoken import Words


def of_case(
    draft: Draft,
    *,
    actor: str,
    words: Words = SILENT,
    template: str = "",
    in_reply_to: str = "",
    answer: bool = True,
) -> None:
    """Ask for the notices that follow from what happened to the case.

    `words` are the actor's own, for the other side; `template` is the notice of a company's own word;
    `answer` says whether the customer who caused it may be answered automatically.
    """
    member = draft.facts.directory.member(actor) is not None
    notify_cases.parted(draft, actor=actor)
    if draft.events(CasesMerged):
        notify_cases.merged(draft, actor=actor, words=words, said=public(draft, words))
        return
    if member or actor == MAILBOT or answer:
        said = public(draft, words) if member else SILENT
        _customer(draft, actor=actor, words=said, template=template, in_reply_to=in_reply_to)
    assigned(draft, actor)
    joined(draft)
    _members(draft, actor=actor, words=words)
    breaches(draft, actor)


def public(draft: Draft, words: Words) -> Words:
    """Return a member's words as far as the customer may see them: nothing, where they were added as internal."""
    internal = any(added.visibility is Visibility.INTERNAL for added in draft.events(MessageAdded))
    return SILENT if internal else words


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
    for address in team(draft):
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


def joined(draft: Draft) -> None:
    """Greet who hears of the case from now on, with nothing of its past."""
    before = draft.before.participants if draft.before else frozenset({draft.open_case.requester})
    changed = [*draft.events(WatchersChanged), *draft.events(RequesterChanged)]
    if changed:
        case = draft.open_case
        known = {notice.to for notice in draft.notices}
        for address in (case.requester, *case.watchers):
            if address not in before and address not in known:
                draft.tell(
                    Notice(
                        at=draft.now,
                        template="joined",
                        to=address,
                        case=case.number,
                        visibility=Visibility.PUBLIC,
                        data={"own": address == case.requester},
                    )
                )


def breaches(draft: Draft, actor: str) -> None:
    """Tell of clocks whose targets a change made past ones (`semantics.md` 9)."""
    for breach in draft.events(ClockBreached):
        clock_alarm(draft, breach.clock, breached=True, actor=actor)


def delivery_failed(draft: Draft, *, to: str, status: str, reason: str) -> None:
    """Tell those who work on the case that a notice did not arrive; nothing about a notice of this kind itself."""
    data = {"to": to, "status": status, "reason": reason}
    for address in workers(draft):
        if address != to:
            to_member(draft, "delivery_failed", address, data=data, reply=Visibility.INTERNAL)


def held(
    draft: Draft,
    cause: MailArrived,
    *,
    to: Iterable[str],
    reason: str,
    sender: str,
    words: Words = SILENT,
    author: str = "",
) -> None:
    """Tell members that a mail waits for their word; what they answer names it (`admit`).

    A member's own held mail is not repeated to them: its lines would count as ours, and hold the next one too.
    """
    short, _, explanation = reason.partition(": ")
    data = {"reason": short, "explanation": explanation, "sender": sender, "inbox_id": cause.inbox_id}
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
    """Answer the sender of a mail: a receipt, a report, help. Never more than the sender sees of it."""
    member = draft.facts.directory.member(sender) is not None
    draft.tell(
        Notice(
            at=draft.now,
            template=template,
            to=sender,
            case=draft.case.number if draft.case else None,
            visibility=Visibility.INTERNAL if member else Visibility.PUBLIC,
            auto_submitted=AutoSubmitted.REPLIED,
            in_reply_to=cause.mail.message_id if cause else "",
            language=written_in(cause.mail) if cause and not draft.case else "",
            may_echo=may_echo,
            data=data,
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


def _customer(draft: Draft, *, actor: str, words: Words, template: str, in_reply_to: str) -> None:
    """One notice for all that changed, with the member's words if there are any."""
    changes = draft.events(StatusChanged)
    if not (changes or words):
        return
    change = changes[-1] if changes else None
    known = draft.open_case.picked_up_at is not None or draft.open_case.kind in (Kind.CLOSED, Kind.RESOLVED)
    if not words and not known and not (change and draft.process.status(change.new).notice):
        return
    closes = change is not None and change.kind is Kind.CLOSED
    chosen = _of_change(draft, change, words=bool(words)) if closes else template
    chosen = chosen or _of_change(draft, change, words=bool(words))
    data = {**_moved(draft, changes), **dates.of_case(draft), **draft.understood}
    auto = AutoSubmitted.NO if words else AutoSubmitted.GENERATED if actor == MAILBOT else AutoSubmitted.REPLIED
    author = actor if words else ""
    to_customer(
        draft,
        chosen,
        words=words,
        author=author,
        data=data,
        auto_submitted=auto,
        answered=actor,
        in_reply_to=in_reply_to,
    )


def _moved(draft: Draft, changes: list[StatusChanged]) -> dict[str, object]:
    """Return from where to where a case moved, why, and until when it is put aside."""
    if not changes:
        return {}
    first, last = changes[0], changes[-1]
    cause = draft.before.cause if draft.before and draft.before.status == first.old else ""
    until = last.until.astimezone(ZoneInfo(draft.facts.desk.timezone)).date().isoformat() if last.until else ""
    old, new = shown(first.old, cause), shown(last.new, last.cause)
    data: dict[str, object] = {"old": old, "new": new, "reason": last.reason}
    return data | {"until": until} if until else data


def _of_change(draft: Draft, change: StatusChanged | None, *, words: bool) -> str:
    """Return the notice that says best what happened."""
    if change is None:
        return "answer"
    if change.kind is Kind.CLOSED:
        return "closed"
    if change.kind is Kind.RESOLVED:
        return "fixed"
    if _reopens(draft, change):
        return "reopened"
    if notice := draft.process.status(change.new).notice:
        return notice
    if words:
        return "answer"
    return "taken" if draft.events(CaseAssigned) else "status_changed"


def _reopens(draft: Draft, change: StatusChanged) -> bool:
    """Did the case come back from resolved or closed?"""
    done = (Kind.RESOLVED, Kind.CLOSED)
    return draft.process.status(change.old).kind in done and change.kind not in done


def _members(draft: Draft, *, actor: str, words: Words) -> None:
    """Tell those who work on the case what a customer, or a colleague in their case, did."""
    let_in = {released.inbox_id for released in draft.events(TextReleased)}
    messages = [added for added in draft.events(MessageAdded) if added.inbox_id not in let_in]
    changes = draft.events(StatusChanged)
    if not (messages or changes):
        return
    if any(m.visibility is Visibility.INTERNAL for m in messages):
        note(draft, author=actor, words=words)
        return
    template = "customer_answered"
    if changes and changes[-1].kind is Kind.CLOSED:
        template = "closed"
    elif changes and _reopens(draft, changes[-1]):
        template = "reopened"
    elif actor == MAILBOT or draft.facts.directory.member(actor):
        template = "status_changed" if changes else "answer"
    data = {**_moved(draft, changes), **draft.understood}
    for address in workers(draft):
        if address != actor:
            to_member(draft, template, address, words=words, author=actor, data=data)


def assigned(draft: Draft, actor: str) -> None:
    """Tell the one who gets a case from somebody else, unless they were just shown it as a new one."""
    number = draft.open_case.number
    listed = {notice.to for notice in draft.notices if number in {one.number for one in notice.listed}}
    shown = listed | {notice.to for notice in draft.notices if notice.template == "case_new"}
    if draft.events(CaseAssigned):
        for address in workers(draft):
            if address not in (actor, *shown):
                to_member(draft, "assigned", address, author=actor)
