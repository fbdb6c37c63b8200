"""Who hears what, decided in one place: from what happened to a case to its notices.

The customer hears of every status change from pick-up on, once for each mail; members hear what the other side did,
never what they did themselves. What goes to members is internal; where an answer goes is each notice's own.
"""

from zoneinfo import ZoneInfo

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import (
    CaseAssigned,
    CasesMerged,
    ClockBreached,
    Kind,
    MessageAdded,
    RequesterChanged,
    StatusChanged,
    TextReleased,
    Visibility,
    WatchersChanged,
)
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.case.place import shown
from mailbot.rules.notice import dates, notices, notify_cases
from mailbot.rules.notice.addressees import SILENT, to_customer, to_member, workers
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
    member = _is_member(draft, actor)
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


def _is_member(draft: Draft, actor: str) -> bool:
    """Did a member of the team do it, as such: not as the customer of a matter of their own?"""
    own = any(added.by_customer and added.sender == actor for added in draft.events(MessageAdded))
    return not own and draft.facts.directory.member(actor) is not None


def public(draft: Draft, words: Words) -> Words:
    """Return a member's words as far as the customer may see them: nothing, where they were added as internal."""
    internal = any(added.visibility is Visibility.INTERNAL for added in draft.events(MessageAdded))
    return SILENT if internal else words


def joined(draft: Draft) -> None:
    """Greet who hears of the case from now on, with nothing of its past."""
    before = draft.before.participants if draft.before else frozenset({draft.open_case.requester})
    changed = [*draft.events(WatchersChanged), *draft.events(RequesterChanged)]
    if changed:
        case = draft.open_case
        known = {notice.to for notice in draft.notices if notice.case == case.number}
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
        notices.clock_alarm(draft, breach.clock, breached=True, actor=actor)


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
        notices.note(draft, author=actor, words=words)
        return
    template = "customer_answered"
    if changes and changes[-1].kind is Kind.CLOSED:
        template = "closed"
    elif changes and _reopens(draft, changes[-1]):
        template = "reopened"
    elif actor == MAILBOT or _is_member(draft, actor):
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
