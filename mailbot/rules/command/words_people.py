"""Whose case it is, and who hears of it: `handover`, `cc`, `requester` and `unwatch`.

Cc fields of mails join nobody: only a member adds a watcher, who hears of the case from then on and gets nothing of
its past: somebody who was only in a Cc must not get the history.
"""

from collections.abc import Iterator

from mailbot.event import RequesterChanged, WatchersChanged
from mailbot.people import Staff
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import words_member
from mailbot.rules.command.arguments import added_or_removed, address, member_or_team
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: The word by which a watcher leaves.
UNWATCH = "unwatch"
#: Watchers of one case.
MOST_WATCHERS = 20


def entries(staff: Staff) -> Iterator[Entry]:
    """Yield the words that change who has to do with a case; what lets others see it is dangerous."""
    members = staff.members
    yield Entry(
        word=Word(word="handover", takes=Takes.CHOICE, read=member_or_team(members, ()), choices=members),
        usage="handover ADDRESS",
        help=say("Give the case to a colleague; what you write below is for them and stays inside."),
        group=Group.OWNER,
        example=f"handover {members[0]}" if members else "",
        run=words_member.assign,
    )
    yield Entry(
        word=Word(word="cc", takes=Takes.CHOICE, read=added_or_removed, choices=("add ADDRESS", "remove ADDRESS")),
        usage="cc add ADDRESS, cc remove ADDRESS",
        help=say("Let somebody else hear of the case from now on, or no more."),
        group=Group.PEOPLE,
        example="cc add colleague@customer.example",
        run=cc,
        dangerous=True,
    )
    yield Entry(
        word=Word(word="requester", takes=Takes.CHOICE, read=address, choices=("ADDRESS",)),
        usage="requester ADDRESS",
        help=say("Make it another customer's case; the former one hears no more of it."),
        group=Group.PEOPLE,
        example="requester colleague@customer.example",
        run=requester,
        dangerous=True,
    )


def of_watchers() -> Iterator[Entry]:
    """Yield the word of those who were added to a case."""
    yield Entry(
        word=Word(word=UNWATCH),
        usage=UNWATCH,
        help=say("Hear no more of a case that you were added to."),
        group=Group.PEOPLE,
        example=UNWATCH,
        run=unwatch,
    )


def cc(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let somebody hear of the case who is no member, or no longer."""
    verb, _, whom = given.argument.partition(" ")
    whom = draft.facts.directory.canonical(whom)
    return _join(draft, whom, actor) if verb == "add" else _leave(draft, whom, actor)


def requester(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Make the case another customer's: the former one hears no more of it."""
    old, new = draft.open_case.requester, draft.facts.directory.canonical(given.argument)
    if new == old:
        return Said(said=say("the case is %(new)s's already", new=new))
    if wrong := _no_customer(draft, new):
        return No(reason=wrong)
    draft.happen(RequesterChanged(at=draft.now, old=old, new=new, actor=actor.address))
    return Said(
        said=say("the case is %(new)s's, it was %(old)s's; %(old)s hears no more of it", new=new, old=old),
        undo=f"requester {old}",
    )


def unwatch(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let a watcher who asks for it hear no more of the case."""
    del given
    if actor.address not in draft.open_case.watchers:
        return No(reason=say("it is your own case; 'close' ends it, and all mails about it"))
    _without(draft, actor.address, actor)
    return Said(said=say("you hear no more of this case"))


def _join(draft: Draft, address: str, actor: Actor) -> Outcome:
    case = draft.open_case
    if address in case.participants:
        return Said(said=say("%(address)s hears of the case already", address=address))
    if wrong := _no_customer(draft, address):
        return No(reason=wrong)
    if len(case.watchers) >= MOST_WATCHERS:
        return No(
            reason=say(
                "%(most_watchers)s people at most hear of a case beside its requester", most_watchers=MOST_WATCHERS
            )
        )
    watchers = (*case.watchers, address)
    draft.happen(WatchersChanged(at=draft.now, watchers=watchers, actor=actor.address))
    return Said(
        said=say("%(address)s hears of the case from now on, and of nothing before", address=address),
        undo=f"cc remove {address}",
    )


def _leave(draft: Draft, address: str, actor: Actor) -> Outcome:
    if address not in draft.open_case.watchers:
        return No(reason=say("%(address)s does not hear of the case as one who was added", address=address))
    _without(draft, address, actor)
    return Said(said=say("%(address)s hears no more of the case", address=address), undo=f"cc add {address}")


def _without(draft: Draft, address: str, actor: Actor) -> None:
    watchers = tuple(one for one in draft.open_case.watchers if one != address)
    draft.happen(WatchersChanged(at=draft.now, watchers=watchers, actor=actor.address))


def _no_customer(draft: Draft, address: str) -> Reason:
    """Return why the address cannot be a customer's, "" if it can."""
    if draft.facts.desk.is_own(address):
        return say("%(address)s is the desk's own address", address=address)
    if draft.facts.directory.member(address) is not None:
        return say("%(address)s is a member of the team: 'assign' gives a case to a colleague", address=address)
    return ""
