"""A parent case and its children: `parent`, `unparent`, and the row of `all` (`to_all`).

One matter of many customers, each with a case of their own. For the team's eyes: nobody hears of another's case by it,
and nothing of either changes. A child has one parent, and no children; what goes on in another case after a merge is
found there (`successors`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mailbot.event import ChildrenChanged, ParentChanged
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import case_number
from mailbot.rules.command.entry import Entry, Group, not_first
from mailbot.rules.command.named import NUMBER, may_change, other_case
from mailbot.rules.command.post import ALL
from mailbot.rules.identity.successors import successor
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: Children of one case.
MOST_CHILDREN = 50
NONE = "none"


def entries() -> Iterator[Entry]:
    """Yield the words. `Parent: https://...` is prose, and so is `All done`."""
    yield Entry(
        word=Word(word="parent", takes=Takes.OPTIONAL, read=_number_or_none, choices=(NUMBER, NONE), label=True),
        usage=f"parent NUMBER or {NONE}",
        help=say(
            "One cause, many customers: make this case a child of another one, or of none; an answer "
            "there can go to all."
        ),
        group=Group.CASES,
        example=f"parent {NUMBER}",
        run=parent,
    )
    yield Entry(
        word=Word(word="unparent", takes=Takes.OPTIONAL, read=case_number, choices=(NUMBER,)),
        usage="unparent",
        help=say("Make this case a child of none again, as 'parent none' does."),
        group=Group.CASES,
        example="unparent",
        run=unparent,
    )
    yield Entry(
        word=Word(word=ALL, slips=False, common=True),
        usage=ALL,
        help=say("First line, in answer to a parent case: the words and commands below go to its open children too."),
        group=Group.CASES,
        example=f"{ALL}\ntake",
        # Where it is the first line of an answer, the mail is read without it (`to_all`).
        run=not_first(say("'%(all)s' must be the first line of its mail, in answer to a parent case", all=ALL)),
    )


def _number_or_none(text: str) -> str | None:
    return NONE if text.strip().lower() == NONE else case_number(text)


def parent(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Make the case at hand a child of another one, or of none; said in both."""
    here = draft.open_case
    if not given.argument:
        return No(reason=say("'parent' needs to say which case: write 'parent' and its number, or 'parent none'"))
    none: Reason = "" if here.parent else say("this case has no parent")
    if given.argument == NONE:
        target, refusal = None, none
    else:
        chosen = other_case(draft, given.argument)
        if isinstance(chosen, No):
            return chosen
        target, refusal = chosen, _refusal(draft, here, chosen)
    if not refusal and not may_change(draft, actor):
        refusal = say("another case than the one that you answer needs a mail that you sent logged in or signed")
    return No(reason=refusal) if refusal else _change(draft, target, actor)


def unparent(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Make the case at hand a child of none; a number must be its parent's."""
    if given.argument:
        named = other_case(draft, given.argument)
        if isinstance(named, No):
            return named
        if named.number != parent_of(draft, draft.open_case):
            return No(reason=say("%(there)s is not its parent", there=draft.facts.desk.reference(named.number)))
    return parent(draft, replace(given, argument=NONE), actor)


def _refusal(draft: Draft, here: Case, chosen: Case) -> Reason:
    """Return why the one cannot be a child of the other, "" if it can."""
    desk = draft.facts.desk
    there = desk.reference(chosen.number)
    if chosen.merged_into:
        into = desk.reference(chosen.merged_into)
        return say("%(there)s goes on in %(into)s itself; name that one", there=there, into=into)
    if parent_of(draft, here) == chosen.number:
        return say("%(there)s is its parent already", there=there)
    if own := children_of(draft, here):
        named = ", ".join(map(desk.reference, own))
        return say("this case has children itself (%(cases)s), and a child has none", cases=named)
    if above := parent_of(draft, chosen):
        return say("%(there)s is a child of %(above)s itself; name that one", there=there, above=desk.reference(above))
    if len(chosen.children) >= MOST_CHILDREN:
        return say("a case has %(count)s children at most", count=MOST_CHILDREN)
    return ""


def _change(draft: Draft, target: Case | None, actor: Actor) -> Said:
    """Let the case at hand be a child of the target, or of none, and say so in every case that it concerns."""
    here, desk = draft.open_case, draft.facts.desk
    number = target.number if target else 0
    draft.happen(ParentChanged(at=draft.now, parent=number, actor=actor.address))
    if here.parent:
        draft.turn_to(here.parent)
        left = tuple(one for one in draft.open_case.children if one != here.number)
        draft.happen(ChildrenChanged(at=draft.now, cases=left, actor=actor.address))
    if target is not None:
        draft.turn_to(number)
        draft.happen(ChildrenChanged(at=draft.now, cases=(*target.children, here.number), actor=actor.address))
    draft.turn_to(here.number)
    undo = f"parent {desk.reference(here.parent)}" if here.parent else f"parent {NONE}"
    if target is None:
        return Said(said=say("this case has no parent any more"), undo=undo)
    return Said(said=say("this case is a child of %(there)s", there=desk.reference(number)), undo=undo)


def parent_of(draft: Draft, case: Case) -> int:
    """Return the case that this one is a child of, or where that goes on; 0 for none."""
    number = successor(_known(draft), case.parent)
    return number if number != case.number else 0


def children_of(draft: Draft, case: Case) -> tuple[int, ...]:
    """Return the children of the case, and of those that go on in it, each where it goes on itself."""
    known = _known(draft)
    heads = (one for one in known.values() if successor(known, one.number) == case.number)
    led = dict.fromkeys(successor(known, number) for head in heads for number in head.children)
    return tuple(number for number in led if number != case.number)


def _known(draft: Draft) -> Mapping[int, Case]:
    """Return the cases that the cause may touch, as the events so far make them."""
    known = (draft.known(number) for number in (*draft.cases, *draft.aside, draft.open_case.number))
    return {case.number: case for case in known if case is not None}
