"""Cases that have to do with each other: `link` and `unlink`. For the team's eyes; nothing of either case changes."""

from collections.abc import Iterator

from mailbot.event import LinksChanged
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import case_number
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.named import NUMBER, may_change, other_case
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say

#: Links of one case.
MOST_LINKS = 50


def entries() -> Iterator[Entry]:
    """Yield both words. `Link: https://...` is prose."""
    yield Entry(
        word=Word(word="link", takes=Takes.OPTIONAL, read=case_number, choices=(NUMBER,), label=True),
        usage="link NUMBER",
        help=say("Only related: note it in both; each goes on, and only the team sees it."),
        group=Group.CASES,
        example=f"link {NUMBER}",
        run=link,
    )
    yield Entry(
        word=Word(word="unlink", takes=Takes.CHOICE, read=case_number, choices=(NUMBER,)),
        usage="unlink NUMBER",
        help=say("Note that they have nothing to do with each other after all."),
        group=Group.CASES,
        example=f"unlink {NUMBER}",
        run=unlink,
    )


def link(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Link both cases with each other."""
    if not given.argument:
        return No(reason=say("'link' needs to say which case: write 'link' and its number"))
    other, here = _other(draft, given.argument, actor), draft.open_case
    if isinstance(other, No):
        return other
    there = draft.facts.desk.reference(other.number)
    if other.number in here.links:
        return Said(said=say("%(there)s is linked already", there=there))
    if max(len(here.links), len(other.links)) >= MOST_LINKS:
        return No(reason=say("a case has %(count)s links at most", count=MOST_LINKS))
    _change(draft, (*here.links, other.number), actor)
    draft.turn_to(other.number)
    _change(draft, (*other.links, here.number), actor)
    draft.turn_to(here.number)
    return Said(said=say("%(there)s has to do with this case", there=there), undo=f"unlink {there}")


def unlink(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Take the link away from both cases."""
    other, here = _other(draft, given.argument, actor), draft.open_case
    if isinstance(other, No):
        return other
    there = draft.facts.desk.reference(other.number)
    if other.number not in here.links:
        return No(reason=say("%(there)s is not linked with this case", there=there))
    _change(draft, tuple(one for one in here.links if one != other.number), actor)
    draft.turn_to(other.number)
    _change(draft, tuple(one for one in other.links if one != here.number), actor)
    draft.turn_to(here.number)
    return Said(said=say("%(there)s is not linked with this case any more", there=there), undo=f"link {there}")


def _other(draft: Draft, argument: str, actor: Actor) -> Case | No:
    """Return the case that is named, where the member may change it."""
    if not may_change(draft, actor):
        return No(
            reason=say("another case than the one that you answer needs a mail that you sent logged in or signed")
        )
    return other_case(draft, argument)


def _change(draft: Draft, cases: tuple[int, ...], actor: Actor) -> None:
    draft.happen(LinksChanged(at=draft.now, cases=cases, actor=actor.address))
