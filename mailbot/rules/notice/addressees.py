"""The people of a case: who they are, and a notice to them."""

from collections.abc import Mapping, Sequence
from functools import partial

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.model import Case
from mailbot.people import Role
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.reach import is_stopped
from mailbot.rules.spoken import Actor, Words

#: What reaches a member also of a case that they muted: what is for them by name, clocks, escalations.
HEARD = frozenset({"assigned", "clock_breached", "clock_warned", "consultation", "escalated", "held"})
#: What only reminds of a case: held back from its assignee while it is snoozed, unless they lead.
REMINDING = frozenset({"contract"})
#: No words of anybody.
SILENT = Words()


def in_role(draft: Draft, role: str) -> tuple[str, ...]:
    """Return the people of the directory with this role."""
    return tuple(person.address for person in draft.facts.directory.people if person.role == role)


def team(draft: Draft) -> tuple[str, ...]:
    """Return the addresses of the process's team."""
    return tuple(person.address for person in draft.facts.directory.team(draft.process.team))


def team_of_new(draft: Draft) -> tuple[str, ...]:
    """Return who is shown a new case: the team that a filter gave it to, where anybody is in it, or the process's."""
    given = draft.facts.directory.team(draft.routing.team) if draft.routing.team else ()
    return tuple(person.address for person in given) or team(draft)


def leads(draft: Draft) -> tuple[str, ...]:
    """Return who answers for the desk as a whole: its leads, or the whole team where nobody leads it."""
    return in_role(draft, Role.LEAD) or tuple(person.address for person in draft.facts.directory.team(""))


def workers(draft: Draft) -> tuple[str, ...]:
    """Return who works on the case: its assignee, the members of the assigned team, or the whole team.

    The whole team hears for an assignee who is away, or whom no letter reaches.
    """
    case = draft.case
    if case is None or not case.assignee:
        return team(draft)
    if "@" in case.assignee:
        out = case.assignee in draft.facts.away or _is_out_of_reach(draft, case.assignee)
        return tuple(dict.fromkeys((case.assignee, *team(draft)))) if out else (case.assignee,)
    return tuple(p.address for p in draft.facts.directory.team(case.assignee))


def _is_out_of_reach(draft: Draft, member: str) -> bool:
    recipient = draft.facts.recipients.get(member)
    return recipient is not None and is_stopped(recipient.standing, draft.now, member=True)


def answered(draft: Draft, sender: str) -> str:
    """Return who gets the answer about the case at hand: the sender, but for an address that was only let in.

    For that one it is the person whose reply address it used, or the requester.
    """
    case, directory = draft.case, draft.facts.directory
    if case is None or directory.member(sender) is not None or directory.adviser(sender) is not None:
        return sender
    before = draft.before.participants if draft.before is not None else frozenset()
    if sender in case.participants | before:
        return sender
    holder = draft.facts.holders.get(draft.facts.principal, "")
    return holder if holder in case.participants else case.requester


def is_muted(draft: Draft, template: str, to: str) -> bool:
    """Does the member want to hear nothing of this? Not where the case is theirs, or where nobody else would hear."""
    case = draft.case
    if case is None or to not in case.muted or template in HEARD:
        return False
    theirs = to == case.assignee or to in case.confidants
    return not theirs and any(one not in case.muted for one in workers(draft))


def is_snoozed(draft: Draft, template: str, to: str) -> bool:
    """Is it a mere reminder of a case that is out of sight, to whom it is with? Leads hear of everything."""
    case = draft.case
    if case is None or case.snoozed_until is None or to != case.assignee or template not in REMINDING:
        return False
    person = draft.facts.directory.member(to)
    return person is None or person.role is Role.AGENT


def to_person(
    draft: Draft,
    template: str,
    to: str,
    *,
    visibility: Visibility,
    words: Words = SILENT,
    author: str = "",
    data: Mapping[str, object] | None = None,
    auto_submitted: AutoSubmitted = AutoSubmitted.GENERATED,
    reply: Visibility = Visibility.PUBLIC,
    in_reply_to: str = "",
    may_echo: bool = True,
) -> None:
    """Tell one person of the case at hand; `reply` says where their answer goes.

    A member hears nothing of a case that they muted or snoozed.
    """
    if visibility is Visibility.INTERNAL and (is_muted(draft, template, to) or is_snoozed(draft, template, to)):
        return
    draft.tell(
        Notice(
            at=draft.now,
            template=template,
            to=to,
            case=draft.case.number if draft.case else None,
            visibility=visibility,
            auto_submitted=auto_submitted,
            reply=reply,
            in_reply_to=in_reply_to,
            words=words.text,
            author=author,
            carried=words.carried,
            may_echo=may_echo,
            data=data or {},
        )
    )


to_member = partial(to_person, visibility=Visibility.INTERNAL)
notice_to_customer = partial(to_person, visibility=Visibility.PUBLIC)


def to_customer(
    draft: Draft,
    template: str,
    *,
    words: Words = SILENT,
    author: str = "",
    data: Mapping[str, object] | None = None,
    auto_submitted: AutoSubmitted = AutoSubmitted.GENERATED,
    answered: str = "",
    in_reply_to: str = "",
    may_echo: bool = True,
) -> None:
    """Tell the customers of the case; the one whose mail is `answered` sees it as the answer."""
    case = draft.open_case
    for address in (case.requester, *case.watchers):
        notice_to_customer(
            draft,
            template,
            address,
            words=words,
            author=author,
            data=data,
            auto_submitted=auto_submitted,
            in_reply_to=in_reply_to if address == (answered or case.requester) else "",
            may_echo=may_echo,
        )


def to_asker(
    draft: Draft,
    template: str,
    actor: Actor,
    answered: str,
    *,
    data: Mapping[str, object],
    case: int | None = None,
    listed: Sequence[Case] = (),
) -> None:
    """Tell who asked for it what was found, at the registered address; `answered` is their mail's Message-ID."""
    draft.tell(
        Notice(
            at=draft.now,
            template=template,
            to=actor.address,
            case=case,
            visibility=Visibility.INTERNAL if actor.member else Visibility.PUBLIC,
            auto_submitted=AutoSubmitted.REPLIED,
            in_reply_to=answered,
            listed=tuple(listed),
            data=data,
        )
    )
