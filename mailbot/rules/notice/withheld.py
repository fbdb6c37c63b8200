"""Notices that a decision asks for and that do not go out: too many to one person, or to an address that takes none.

A person's own words always go out, but to an address that is stopped; then their author hears of it each time. Looked
at when a decision is complete: what it changed stays, and what was not told stands in its trace.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import AddressStopped, Visibility
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice import alarms, limits, notices
from mailbot.rules.notice.reach import is_stopped
from mailbot.rules.telling import say
from mailbot.standing import Recipient, Sent, Standing

_ONE = Sent(1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A notice that does not go out: to an address that is stopped, or over a limit, which is said in words."""

    notice: Notice
    standing: Standing | None = None
    limit: str = ""


def withheld(wanted: Sequence[Notice], known: Mapping[str, Recipient], now: datetime) -> Iterator[Withheld]:
    """Yield which of these notices do not go out."""
    spent: defaultdict[str, dict[int | None, Sent]] = defaultdict(dict)
    for notice in wanted:
        recipient = known.get(notice.to, Recipient())
        counted = spent[notice.to] or dict(recipient.sent)
        about, in_all = counted.get(notice.case, Sent()), sum(counted.values(), Sent())
        inside = notice.visibility is Visibility.INTERNAL
        if recipient.standing is not None and is_stopped(recipient.standing, now, member=inside):
            yield Withheld(notice=notice, standing=recipient.standing)
        elif limit := limits.over(notice, about, in_all):
            yield Withheld(notice=notice, limit=limit)
        else:
            spent[notice.to] = {**counted, notice.case: about + _ONE}


def hold_back(draft: Draft) -> None:
    """Take them out of the decision, and tell who has to know."""
    cut = list(withheld(draft.notices, draft.facts.recipients, draft.now))
    gone = {id(one.notice) for one in cut}
    draft.notices = [notice for notice in draft.notices if id(notice) not in gone]
    for one in cut:
        why = one.limit or "nothing is written to this address"
        draft.hit("limits", f"no {one.notice.template} to {one.notice.to}: {why}")
    over = [one for one in cut if one.limit]
    _call(draft, alarms.HELD, [one for one in over if one.notice.template == limits.HELD])
    _call(draft, alarms.NOTICES, [one for one in over if one.notice.template != limits.HELD])
    here = draft.case.number if draft.case else 0
    for one in cut:
        if one.standing is not None:
            _tell_of_stopped(draft, one.notice, one.standing)
    if here:
        draft.turn_to(here)
    else:
        draft.turn_away()


def _call(draft: Draft, kind: str, over: Sequence[Withheld]) -> None:
    """Let who leads hear of what was too much, and the members who got too little."""
    if over:
        also = {one.notice.to for one in over if one.notice.visibility is Visibility.INTERNAL}
        said = say("a notice to %(who)s was not made: %(why)s", who=over[0].notice.to, why=over[0].limit)
        alarms.call(draft, kind, said, also=sorted(also))


def _tell_of_stopped(draft: Draft, notice: Notice, standing: Standing) -> None:
    """Tell who works on the case once that its customer is out of reach; whose words do not go out, each time."""
    case = draft.known(notice.case) if notice.case is not None else None
    if case is None or standing.stopped is None:
        return
    author = notice.author if notice.auto_submitted is AutoSubmitted.NO else ""
    is_told = case.stopped.get(notice.to) == standing.stopped
    draft.turn_to(case.number)
    told = {"to": notice.to, "status": standing.status, "reason": standing.reason}
    if not is_told:
        since = standing.stopped
        draft.happen(
            AddressStopped(at=draft.now, to=notice.to, since=since, status=standing.status, reason=standing.reason)
        )
        notices.delivery_failed(draft, **told, stopped=True, author=author)
    elif draft.facts.directory.member(author) is not None:
        notices.not_sent(draft, author, **told)
