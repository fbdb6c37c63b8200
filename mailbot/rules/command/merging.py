"""Two cases that are one matter: `merge` lets the case go on in another one, `unmerge` takes it out again.

The case at hand closes with the reason merged, its clocks end, those of the other are as they were (`semantics.md` 14).
Who hears of it hears of the other from now on, and of nothing that was said there before; later mail follows
(`successors`). A case that was merged is closed, and only an open case can be merged into: so no merge leads
in a circle.

What changes, for whoever takes it back: of the case itself its status, clocks, `merged_into` and what is kept of
before (`merged_people`, the hold); of the other its `absorbed`, `watchers`, `confidants` and who of them joined.
`unmerge` brings back the status before, a hold with its end, the clocks go on with what they had used, and those who
heard of the other case by the merge alone hear no more of it. Who left the other in between has left this one too.
"""

from collections.abc import Iterator

from mailbot.event import AbsorbedChanged, CasesMerged, Kind, WatchersChanged
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.place import came_from, kind_of, place
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command.arguments import case_number
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.named import NUMBER, other_case
from mailbot.rules.command.words_people import MOST_WATCHERS
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason

REASON = "merged"


def entries() -> Iterator[Entry]:
    """Yield both words; who hears of a case changes by them, so they are dangerous."""
    yield Entry(
        word=Word(word="merge", takes=Takes.CHOICE, read=case_number, choices=(NUMBER, f"into {NUMBER}")),
        usage="merge NUMBER",
        help=say("The same matter: this case closes, and what is written about it goes to the other one."),
        group=Group.CASES,
        example=f"merge {NUMBER}",
        run=merge,
        dangerous=True,
    )
    yield Entry(
        word=Word(word="unmerge", takes=Takes.CHOICE, read=case_number, choices=(NUMBER,)),
        usage="unmerge NUMBER",
        help=say("Take a case that was merged into this one out again."),
        group=Group.CASES,
        example=f"unmerge {NUMBER}",
        run=unmerge,
        dangerous=True,
    )


def merge(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the case at hand go on in another one."""
    target = other_case(draft, given.argument)
    if isinstance(target, No):
        return target
    source, desk = draft.open_case, draft.facts.desk
    joined = tuple(one for one in (source.requester, *source.watchers) if one not in target.participants)
    if wrong := _refusal(draft, source, target, joined):
        return No(reason=wrong)
    draft.move(draft.process.moves.closed, reason=REASON, actor=actor.address)
    held_from = came_from(source) if source.kind is Kind.ON_HOLD else ""
    draft.happen(
        CasesMerged(
            at=draft.now,
            into=target.number,
            joined=(*joined, *_by_other_merges(draft, source, target)),
            actor=actor.address,
            held_from=held_from,
            hold_until=source.hold_until,
        )
    )
    draft.turn_to(target.number)
    _absorb(draft, (*target.absorbed, source.number), actor, confidants=source.confidants)
    _let_hear(draft, (*target.watchers, *joined), actor)
    draft.turn_to(source.number)
    here, there = desk.reference(source.number), desk.reference(target.number)
    said = say("%(here)s goes on in %(there)s", here=here, there=there)
    if joined:
        people = " and ".join(joined)
        also = say(
            "that is %(requester)s's, and %(people)s will hear of it too", requester=target.requester, people=people
        )
        said = say("%(first)s; %(then)s", first=said, then=also)
    return Said(said=said, undo=f"unmerge {here}")


def unmerge(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Make a case that went on in another one a case of its own again, where it stood before; said in either."""
    at_hand = draft.open_case
    of_itself = at_hand.merged_into and given.argument.rpartition("-")[2] == str(at_hand.number)
    if of_itself:
        draft.turn_to(at_hand.merged_into)
    outcome = _take_out(draft, given, actor)
    if of_itself:
        draft.turn_to(at_hand.number)
    return outcome


def _take_out(draft: Draft, given: Given, actor: Actor) -> Outcome:
    source = other_case(draft, given.argument)
    if isinstance(source, No):
        return source
    target, desk = draft.open_case, draft.facts.desk
    here, there = desk.reference(source.number), desk.reference(target.number)
    if source.merged_into != target.number:
        return No(reason=say("%(here)s was not merged into %(there)s", here=here, there=there))
    without = tuple(number for number in target.absorbed if number != source.number)
    _absorb(draft, without, actor, parted=_told_there_alone(draft, target, source))
    stay = _of_others(draft, target, source)
    left = frozenset(source.merged_people) - stay
    _let_hear(draft, tuple(one for one in target.watchers if one not in left), actor)
    draft.turn_to(source.number)
    # Whoever left in between heard of this case there: they have left it too.
    _let_hear(draft, tuple(one for one in source.watchers if one in target.participants), actor)
    _back(draft, source, reason=f"taken out of {there}", actor=actor)
    settle(draft)
    status = draft.open_case.status
    draft.turn_to(target.number)
    return Said(said=say("%(here)s is a case of its own again, %(status)s", here=here, status=status))


def _by_other_merges(draft: Draft, source: Case, target: Case) -> tuple[str, ...]:
    """Return who of the case hears of the other by earlier merges only: they do by this one too."""
    merged = frozenset(one for case in _absorbed(draft, target, source) for one in case.merged_people)
    return tuple(one for one in (source.requester, *source.watchers) if one in merged & target.participants)


def _of_others(draft: Draft, target: Case, source: Case) -> frozenset[str]:
    """Return whose cases go on in the target beside the source: they go on hearing of it."""
    others = _absorbed(draft, target, source)
    return frozenset(one for case in others for one in (*case.participants, *case.merged_people))


def _absorbed(draft: Draft, target: Case, but: Case) -> list[Case]:
    known = (draft.known(number) for number in target.absorbed if number != but.number)
    return [case for case in known if case is not None]


def _back(draft: Draft, source: Case, *, reason: str, actor: Actor) -> None:
    """Let the case stand where it stood before; from a hold it comes back by itself as it would have."""
    before, until = came_from(source), source.merged_hold_until
    if kind_of(draft.process, *place(before)) is Kind.ON_HOLD:
        # A hold comes back to the status before it, so that one is gone through.
        draft.move(source.merged_held_from or draft.process.moves.reopened, reason=reason, actor=actor.address)
        if until is not None and until <= draft.now:
            return
    draft.move(before, reason=reason, actor=actor.address, until=until)


def _refusal(draft: Draft, source: Case, target: Case, joined: tuple[str, ...]) -> Reason:
    """Return why the one cannot go on in the other, "" if it can."""
    desk = draft.facts.desk
    there = desk.reference(target.number)
    if source.kind is Kind.CLOSED:
        return say("the case is %(status)s; 'reopen' takes it back first", status=source.status)
    if target.merged_into:
        further = desk.reference(target.merged_into)
        return say("%(there)s goes on in %(further)s itself; name that one", there=there, further=further)
    if target.kind is Kind.CLOSED:
        return say("%(there)s is %(status)s; 'reopen' there takes it back first", there=there, status=target.status)
    if source.withheld:
        return say("content of this case is held back; 'release' or 'redact' it first")
    if len(target.watchers) + len(joined) > MOST_WATCHERS:
        return say(
            "%(most)s people at most hear of a case beside its requester; with these %(there)s has more",
            most=MOST_WATCHERS,
            there=there,
        )
    return ""


def _told_there_alone(draft: Draft, target: Case, source: Case) -> tuple[str, ...]:
    """Return who was told of a complaint in the source alone: what they write in the target is the team's again."""
    others = {one for case in _absorbed(draft, target, source) for one in case.confidants}
    return tuple(one for one in target.confidants_joined if one in source.confidants and one not in others)


def _absorb(
    draft: Draft,
    cases: tuple[int, ...],
    actor: Actor,
    *,
    confidants: tuple[str, ...] = (),
    parted: tuple[str, ...] = (),
) -> None:
    event = AbsorbedChanged(at=draft.now, cases=cases, actor=actor.address, confidants=confidants, parted=parted)
    draft.happen(event)


def _let_hear(draft: Draft, watchers: tuple[str, ...], actor: Actor) -> None:
    if watchers != draft.open_case.watchers:
        draft.happen(WatchersChanged(at=draft.now, watchers=watchers, actor=actor.address))
