"""Commands that name another case: which one it is, and why it may not be that one."""

from mailbot.model import Case
from mailbot.people import Needs
from mailbot.rules.case.draft import Draft
from mailbot.rules.identity.trust import proofs_for, suffices
from mailbot.rules.spoken import Actor, No
from mailbot.rules.telling import say
from mailbot.sentence import Sentence

#: How a case is named, for `help` and for the answer to a wrong one.
NUMBER = "HD-12"


def other_case(draft: Draft, argument: str) -> Case | No:
    """Return the case that a command names beside the one at hand, as the mail leaves it so far."""
    desk = draft.facts.desk
    tag, _, number = argument.rpartition("-")
    if not number.isdecimal() or (tag and tag != desk.tag.upper()):
        return No(
            reason=say(
                "'%(argument)s' names no case of this desk; write its number, such as %(what)s",
                argument=argument,
                what=desk.reference(12),
            )
        )
    if int(number) == draft.open_case.number:
        return No(reason=say("%(what)s is this case itself; name another one", what=desk.reference(int(number))))
    found = draft.known(int(number))
    return found if found is not None else No(reason=say("there is no case %(what)s", what=desk.reference(int(number))))


def goes_on(draft: Draft) -> Sentence:
    """Say in which case the one at hand goes on after a merge, and how it becomes a case of its own again."""
    here, there = map(draft.facts.desk.reference, (draft.open_case.number, draft.open_case.merged_into))
    return say(
        "%(here)s goes on in %(there)s; 'unmerge %(here)s' there makes it a case of its own again",
        here=here,
        there=there,
    )


def may_change(draft: Draft, actor: Actor) -> bool:
    """Is a member sure enough for another case than the one whose reply address they write to?"""
    return actor.sure or suffices(proofs_for(None, draft.facts), Needs.MEMBER, draft.facts.desk)
