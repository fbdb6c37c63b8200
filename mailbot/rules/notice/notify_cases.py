"""Who hears of what happens between cases: a merge and its undoing, a case out of another one."""

from collections.abc import Collection, Iterable, Mapping

from mailbot.decision import AutoSubmitted
from mailbot.event import AbsorbedChanged, CasesMerged, Visibility
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice import dates
from mailbot.rules.notice.addressees import SILENT, notice_to_customer, team, to_customer, to_member, workers
from mailbot.rules.spoken import Words


def merged(draft: Draft, *, actor: str, words: Words, said: Words) -> None:
    """Tell those of the merged case that it goes on in another one, whose reply address they get, and its team.

    `words` are the actor's own, as colleagues see them; `said` what of them is for customers. Those who hear of the
    other case alone hear nothing: to them nothing has happened.
    """
    source = draft.open_case
    into = draft.events(CasesMerged)[-1].into
    members = workers(draft)
    draft.turn_to(into)
    data = {
        "reference": draft.facts.desk.reference(source.number),
        "subject": source.subject,
        "requester": source.requester,
    }
    auto = AutoSubmitted.NO if said else AutoSubmitted.GENERATED
    # A line below the merge may have given the closed case to somebody who does not hear of the other one.
    for address in (one for one in (source.requester, *source.watchers) if one in draft.open_case.participants):
        notice_to_customer(
            draft, "merged", address, words=said, author=actor if said else "", data=data, auto_submitted=auto
        )
    reply = Visibility.INTERNAL if words and not said else Visibility.PUBLIC
    for address in dict.fromkeys((*members, *workers(draft))):
        if address != actor:
            to_member(draft, "merged", address, words=words, author=actor, data=data, reply=reply)
    draft.turn_to(source.number)


def parted(draft: Draft, *, actor: str) -> None:
    """Tell those of each case that was taken out of the one at hand that it is a case of its own again."""
    target = draft.open_case
    for number in _left(draft, target):
        draft.turn_to(number)
        data = {"out_of": draft.facts.desk.reference(target.number)}
        to_customer(draft, "unmerged", words=SILENT, data=data)
        for address in workers(draft):
            if address != actor:
                to_member(draft, "unmerged", address, author=actor, data=data)
        draft.turn_to(target.number)


def taken_apart(draft: Draft, numbers: Iterable[int], unheard: Mapping[int, Collection[str]]) -> None:
    """Tell the customers of each case whose merge was undone that it is theirs again, and come back to the case.

    Who was to hear of the merge in the other case, and never will (`unheard`), hears nothing of its end either.
    """
    home = draft.open_case.number
    for number in numbers:
        draft.turn_to(number)
        was, case = draft.before, draft.open_case
        if was is not None and was.merged_into and not case.merged_into:
            for address in (case.requester, *case.watchers):
                if address not in unheard.get(was.merged_into, ()):
                    data = {"out_of": draft.facts.desk.reference(was.merged_into)}
                    notice_to_customer(draft, "unmerged", address, data=data)
    draft.turn_to(home)


def of_their_own(draft: Draft, was: Case) -> frozenset[str]:
    """Return who hears of an undone merge in their own case (`taken_apart`), so that they need not hear of it here.

    `was` is the case at hand before. Where its status is another one now too, they hear of that.
    """
    now = draft.open_case
    left = (draft.known(number) for number in was.absorbed if number not in now.absorbed)
    own = frozenset(one for case in left if case is not None for one in case.participants)
    return own - now.participants if was.status != now.status else own


def begun(draft: Draft, *, out_of: int, actor: str, words: Words = SILENT, author: str = "") -> None:
    """Tell the customer the number of a case that a member made out of another one, and show the team what it is about.

    `words` are what was taken along and `author` who wrote them; of a copy there are none.
    """
    other = draft.facts.desk.reference(out_of)
    to_customer(draft, "case_received", data={"targets": dates.targets(draft), "out_of": other})
    data = {"out_of": other, "made_by": actor, "copied": not author}
    for address in team(draft):
        if address != actor:
            to_member(draft, "case_new", address, words=words, author=author or draft.open_case.requester, data=data)


def _left(draft: Draft, target: Case) -> list[int]:
    """Return the cases that this decision took out of the one at hand."""
    before = draft.before.absorbed if draft.before and draft.events(AbsorbedChanged) else ()
    return [number for number in before if number not in target.absorbed]
