"""`undo`: what the commands of one mail did is taken back whole, in every case that it changed, or not at all.

Which mail is said by the receipt that is answered; in any other answer about the case it is the latest one. What went
out stays out: who was told of the change is told that it does not hold.
"""

from collections.abc import Iterator
from dataclasses import replace

from mailbot.event import (
    AbsenceChanged,
    AnswerRecalled,
    CaseOpened,
    CommandsRun,
    CommandsUndone,
    DigestWished,
    MessageAdded,
    TextRedacted,
    TextReleased,
    Visibility,
)
from mailbot.model import Case, Undoable
from mailbot.people import Role
from mailbot.rules.case.draft import Draft
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import recalling, receipt
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.post import TRIAL
from mailbot.rules.notice import notify_cases
from mailbot.rules.notice.addressees import notice_to_customer, to_member
from mailbot.rules.reading.grammar import Given, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import local, say

#: Who may take back what a colleague did.
_ABOVE = (Role.LEAD, Role.MANAGER)
#: Why it needs more proof.
UNSURE = "taking this back lets others see the case again, so it must be sent logged in, through the desk's own server"


def entries() -> Iterator[Entry]:
    """Yield the words that take commands back, and that try them out."""
    yield Entry(
        word=Word(word=TRIAL),
        usage="dry-run",
        help=say("As the first line: hear what the rest of the mail would do; nothing is done."),
        group=Group.TRY,
        example="dry-run\ntake",
        run=not_first,
    )
    yield Entry(
        word=Word(word="undo"),
        usage="undo",
        help=say(
            "In answer to a receipt: take back what its mail did; what was sent stays sent. In a mail "
            "about a case: your latest commands."
        ),
        group=Group.TRY,
        example="undo",
        run=undo,
    )


def not_first(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Above it, commands would be done that are to be tried out only."""
    del draft, given, actor
    return No(reason=say("'%(trial)s' must be the first line of its mail", trial=TRIAL))


def undo(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let the case, and the others that the mail changed, be as they were before its commands."""
    del given
    if number := answered(draft):
        draft.turn_to(number)
    case = draft.open_case
    record = _meant(draft, case)
    if record is None:
        left = recalling.meant(draft, case) is not None
        return No(reason=recalling.LEFT if left else say("no commands on this case can be taken back"))
    if reason := _not_this(draft, record, actor) or _gone(draft, case, record):
        return No(reason=reason)
    for number in record.others:
        other = draft.known(number)
        taken = _of_mail(other, record, case.number)
        if taken is None or taken.before is None:
            what = _gone_elsewhere(draft, number, other, record)
            return No(reason=say("nothing was taken back: %(what)s", what=what))
    if not actor.sure and any(
        _shows(draft.known(number), record, case.number) for number in (*record.others, case.number)
    ):
        return No(reason=UNSURE)
    for number in (*record.others, case.number):
        draft.turn_to(number)
        _take_back(draft, actor, record, case.number)
    notify_cases.taken_apart(draft, (*record.others, case.number))
    return Said(said=_said(draft, record))


def _meant(draft: Draft, case: Case) -> Undoable | None:
    """Return what is to be taken back: an answer while all of it waits, with its mail; else the latest commands."""
    waits = recalling.meant(draft, case)
    if waits is None or recalling.still_waits(draft, waits):
        return waits or case.undo
    # Its words have left; what its commands did may still be taken back.
    return case.undo if case.undo is not None and _same_mail(case, case.undo, waits, case.number) else None


def _of_mail(case: Case | None, record: Undoable, home: int) -> Undoable | None:
    """Return what a case keeps of the mail that a record of the home case is of: of before its words, if it waits."""
    if case is None:
        return None
    kept = (case.recall if record.letters else None, case.undo)
    return next((one for one in kept if one is not None and _same_mail(case, one, record, home)), None)


def record(draft: Draft, inbox_id: int) -> None:
    """Write down what commands ran in a decision, before what they did, so that it can be taken back."""
    if not draft.ran:
        return
    effects = [(place, one) for place, one in enumerate(draft.happened) if place >= _since(draft, one.case)]
    numbers = tuple(dict.fromkeys(one.case for _, one in effects if one.case is not None))
    if not numbers or any(isinstance(one.event, CommandsUndone | AnswerRecalled) for _, one in effects):
        return
    opened = [one.event.number for _, one in effects if isinstance(one.event, CaseOpened)]
    changed = [number for number in numbers if number not in opened]
    final = _final(draft, opened) if opened else ""
    if any(isinstance(one.event, TextReleased | TextRedacted) for _, one in effects):
        final = "what was released or redacted stays so"
    if any(isinstance(one.event, AbsenceChanged) for _, one in effects):
        final = "'away: off' ends an absence; the cases stay with the team"
    if any(isinstance(one.event, DigestWished) for _, one in effects):
        final = "'digest: on' and 'digest: off' say whether you get one"
    actor = draft.ran[0].actor
    first = {number: next(place for place, one in effects if one.case == number) for number in changed}
    # From the last on: what is put in moves what stands behind it.
    for number in sorted(changed, key=lambda one: -first[one]):
        event = CommandsRun(
            at=draft.ran[0].at,
            actor=actor,
            lines=tuple(line for ran in draft.ran for line in ran.lines),
            inbox_id=inbox_id,
            effects=sum(one.case == number for _, one in effects),
            others=tuple(other for other in changed if other != number),
            told=_told(draft, number, actor),
            spoke=_spoke(draft, number),
            final=final,
        )
        draft.precede(first[number], event)
    if changed and not final:
        _say_until(draft, actor)


def _since(draft: Draft, number: int | None) -> int:
    """Return from where on in the decision commands changed a case: that it was at hand for, or another."""
    own = [ran.since for ran in draft.ran if ran.case == number]
    return min(own or (ran.since for ran in draft.ran))


def answered(draft: Draft) -> int:
    """Return the case whose receipt is answered, 0 for none.

    Later mail of a merged case goes to another, and a receipt for several cases is about none of them.
    """
    number = draft.facts.found.receipt_of
    kept = ((case.number, one) for case in draft.cases.values() for one in (case.undo, case.recall))
    return next((case for case, one in kept if number and one is not None and one.inbox_id == number), 0)


def _not_this(draft: Draft, record: Undoable, actor: Actor) -> str:
    """Say why it is not for this member, or not the mail that they mean; "" if it is."""
    receipt_of = draft.facts.found.receipt_of
    if receipt_of and receipt_of != record.inbox_id:
        return f"that receipt is no longer the latest: since then there were {_named(draft, record)}"
    person = draft.facts.directory.member(actor.address)
    if record.actor != actor.address and (person is None or person.role not in _ABOVE):
        return f"the latest commands are {_named(draft, record)}; a lead may take them back, or who gave them"
    return ""


def _gone(draft: Draft, case: Case, record: Undoable) -> str:
    """Say why the commands on a case cannot be taken back any more, "" if they can."""
    if record.before is None:
        when = f" ({_instant(draft, record)})" if record.since and record.since > record.at else ""
        where = f" on {draft.facts.desk.reference(case.number)}" if case.number != draft.open_case.number else ""
        return f"nothing was taken back: {record.why_not}{where}{when}"
    within = draft.facts.desk.undo_within
    if not record.letters and draft.now - record.at > within:
        hours = within.total_seconds() / 3600
        return f"nothing was taken back: it is later than {hours:g} hours after {_named(draft, record)}"
    return ""


def _shows(case: Case | None, record: Undoable, home: int) -> bool:
    """Would somebody else get to see the case (`semantics.md` 22)?"""
    taken = _of_mail(case, record, home)
    before = taken.before if taken else None
    return case is not None and before is not None and not before.participants <= case.participants


def _same_mail(case: Case, kept: Undoable, record: Undoable, home: int) -> bool:
    """Is what a case keeps of the mail of this record? In each a later mail puts its own in the place of it.

    Words from the shell are no mail: two of the same instant may differ only in which cases they changed.
    """
    mail = (record.inbox_id, record.actor, record.at, record.lines)
    if mail != (kept.inbox_id, kept.actor, kept.at, kept.lines):
        return False
    return bool(record.inbox_id) or {home, *record.others} == {case.number, *kept.others}


def _gone_elsewhere(draft: Draft, number: int, other: Case | None, record: Undoable) -> str:
    """Say what stands in the way in another case that the same mail changed."""
    latest = other.undo if other is not None else None
    if other is not None and latest is not None and not _same_mail(other, latest, record, draft.open_case.number):
        why = f"since then there were {_named(draft, latest)}"
    else:
        why = (latest.why_not if latest is not None else "") or "something else happened since"
    return f"on {draft.facts.desk.reference(number)}, which the mail changed too: {why}"


def _take_back(draft: Draft, actor: Actor, record: Undoable, home: int) -> None:
    """Put one case back, and tell those who were told of what does not hold any more."""
    was, taken = draft.open_case, _of_mail(draft.open_case, record, home)
    assert taken is not None
    if taken.letters:
        recalling.recall(draft, taken, actor.address)
    else:
        draft.happen(CommandsUndone(at=draft.now, actor=actor.address, lines=taken.lines))
    settle(draft)
    directory = draft.facts.directory
    elsewhere = notify_cases.of_their_own(draft, was)
    for address in taken.told:
        if address in elsewhere:
            continue
        if address in was.participants | draft.open_case.participants:
            # What else there is to say of the case is not for who hears of it no more.
            parted = {} if address in draft.open_case.participants else {"parted": True}
            notice_to_customer(draft, "taken_back", address, data=parted)
        elif address != actor.address and (directory.member(address) or directory.adviser(address)):
            data = {"lines": list(taken.lines)}
            to_member(draft, "taken_back", address, author=actor.address, data=data, reply=Visibility.INTERNAL)


def _said(draft: Draft, record: Undoable) -> str:
    """Say what was taken back, and what cannot be."""
    case = draft.open_case
    if record.letters:
        return say("the answer is recalled: nobody gets it; the case is %(status)s again", status=case.status)
    said = f"taken back: {'; '.join(record.lines)}. The case is {case.status} again"
    if any(notice.visibility is Visibility.PUBLIC for notice in draft.notices):
        said += "; the customer, who had been told, hears of it"
    if record.spoke:
        said += "; words that went out cannot be recalled"
    return said


def _told(draft: Draft, number: int, actor: str) -> tuple[str, ...]:
    about = (notice.to for notice in draft.notices if notice.case == number)
    return tuple(dict.fromkeys(to for to in about if to != actor))


def _spoke(draft: Draft, number: int) -> bool:
    added = (one.event for one in draft.happened if one.case == number)
    return any(isinstance(event, MessageAdded) and event.visibility is Visibility.PUBLIC for event in added)


def _final(draft: Draft, opened: list[int]) -> str:
    """Say that a case that was opened stays open."""
    names = ", ".join(draft.facts.desk.reference(number) for number in opened)
    return f"{names} was opened by it, and stays"


def _say_until(draft: Draft, actor: str) -> None:
    """Say in the receipt until when the commands can be taken back."""
    within = draft.facts.desk.undo_within
    if not within:
        return
    until = local(draft.now + within, draft.zone_of(actor))
    for place, notice in enumerate(draft.notices):
        if receipt.is_to(notice, actor):
            draft.notices[place] = replace(notice, data={**notice.data, "undo_until": until})


def _named(draft: Draft, record: Undoable) -> str:
    """Name commands: whose, which, when."""
    when = local(record.at, draft.zone_of(record.actor))
    return f"those of {record.actor} ({'; '.join(record.lines) or 'an answer'}; {when})"


def _instant(draft: Draft, record: Undoable) -> str:
    assert record.since is not None
    return local(record.since, draft.zone_of(record.actor))
