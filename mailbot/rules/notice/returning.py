"""The return digest: who is back reads in one mail what became of the cases that were theirs, and what waits.

Who has them now stands beside each. Where there were none and nothing waits, there is no mail.
"""

from collections.abc import Iterator

from mailbot.digest import MemberReturned
from mailbot.event import Kind, MessageAdded, StatusChanged, Visibility
from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice.digest import Section, notes, section, sections, send
from mailbot.rules.notice.report import is_ours
from mailbot.rules.telling import say


def tell(draft: Draft, cause: MemberReturned) -> None:
    """Tell a member who is back what happened meanwhile; nobody who has left the team, or is away again."""
    absence = cause.absence
    person = draft.facts.directory.member(absence.person)
    if person is None or person.address in draft.facts.away:
        draft.hit("returning", f"{absence.person} is not there to be told")
        return
    draft.hit("returning", f"{absence.person} was away from {absence.since.isoformat()} on")
    had = [case for number in absence.cases if (case := draft.known(number))]
    found = [*_had(had), *sections(draft, person, beside=had)]
    told = {case.number: [*_meanwhile(draft, case), *notes(draft, case, person)] for case in had}
    if found:
        send(draft, person, found, kind="return", told=told)


def _had(cases: list[Case]) -> Iterator[Section]:
    """Yield the sections of the cases that were theirs."""
    yield from section("had_waiting", (case for case in cases if is_ours(case)))
    yield from section("had_open", (case for case in cases if not is_ours(case) and case.kind is not Kind.CLOSED))
    yield from section("had_closed", (case for case in cases if case.kind is Kind.CLOSED))


def _meanwhile(draft: Draft, case: Case) -> Iterator[str]:
    """Say what happened to a case in the time: how many mails, and where it moved."""
    events = draft.facts.overview.meanwhile.get(case.number, ())
    added = [event for event in events if isinstance(event, MessageAdded)]
    public = [event for event in added if event.visibility is Visibility.PUBLIC]
    ours = sum(draft.facts.directory.member(event.sender) is not None for event in public)
    moves = [event for event in events if isinstance(event, StatusChanged)]
    if count := len(public) - ours:
        yield say("mails from outside: %(count)s", count=count)
    if ours:
        yield say("mails from the team: %(count)s", count=ours)
    if count := len(added) - len(public):
        yield say("notes: %(count)s", count=count)
    if moves and moves[0].old != case.status:
        yield say("it was %(status)s before", status=moves[0].old)
    if not (added or moves):
        yield say("nothing was written")
