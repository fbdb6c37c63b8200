"""`mute`: a member hears no more of a case that others have; `unmute` takes it back.

What still reaches them is said in one place (`addressees.is_muted`): what asks them by name, clocks, escalations,
their own receipts; and all of it where the case is theirs or nobody else would hear.
"""

from collections.abc import Iterator

from mailbot.event import MutedChanged
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.reading.word import Given, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say


def entries() -> Iterator[Entry]:
    """Yield both words."""
    yield Entry(
        word=Word(word="mute", slips=False),
        usage="mute",
        help=say(
            "Get no more mail about this case, except when a clock runs out, it is escalated, or it is given to you."
        ),
        group=Group.SELF,
        example="mute",
        run=mute,
    )
    yield Entry(
        word=Word(word="unmute", slips=False),
        usage="unmute",
        help=say("Hear of this case again."),
        group=Group.SELF,
        example="unmute",
        run=unmute,
    )


def mute(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the member hear no more of the case."""
    del given
    case = draft.open_case
    if case.assignee == actor.address:
        return No(reason=say("the case is yours; give it to somebody else first, with 'assign' or 'handover'"))
    if actor.address not in case.muted:
        draft.happen(MutedChanged(at=draft.now, members=(*case.muted, actor.address), actor=actor.address))
    return Said(said=say("you hear no more of it, but of its clocks and escalations"), undo="unmute")


def unmute(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the member hear of the case again."""
    del given
    muted = draft.open_case.muted
    if actor.address in muted:
        left = tuple(one for one in muted if one != actor.address)
        draft.happen(MutedChanged(at=draft.now, members=left, actor=actor.address))
    return Said(said=say("you hear of it again"), undo="mute")
