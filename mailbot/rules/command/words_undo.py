"""`undo`: what the commands of one mail did is taken back whole, in every case that it changed, or not at all.

Which mail is said by the receipt that is answered; in any other answer about the case it is the latest one. What went
out stays out: who was told of the change is told that it does not hold.
"""

from collections.abc import Iterable, Iterator, Mapping

from mailbot.event import (
    CommandsUndone,
    Visibility,
)
from mailbot.model import Case, Undoable
from mailbot.people import Role
from mailbot.rules.case.draft import Draft
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import recalling
from mailbot.rules.command.entry import Entry, Group, not_first
from mailbot.rules.command.post import TRIAL
from mailbot.rules.notice import notify_cases
from mailbot.rules.notice.addressees import notice_to_customer, to_member
from mailbot.rules.reading.word import Given, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason, Sentence, kept_sentence

#: Who may take back what a colleague did.
_ABOVE = (Role.LEAD, Role.MANAGER)
#: Why it needs more proof.
UNSURE = say(
    "taking this back lets others see the case again, so it must be sent logged in, through the desk's own server"
)


def entries() -> Iterator[Entry]:
    """Yield the words that take commands back, and that try them out."""
    yield Entry(
        word=Word(word=TRIAL),
        usage="dry-run",
        help=say("As the first line: hear what the rest of the mail would do; nothing is done."),
        group=Group.TRY,
        example="dry-run\ntake",
        # Above it, commands would be done that are to be tried out only.
        run=not_first(say("'%(trial)s' must be the first line of its mail", trial=TRIAL)),
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
    if reason := _not_this(draft, record, actor) or _gone(draft, record):
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
    numbers = (*record.others, case.number)
    unheard = _unheard(draft, record, numbers)
    for number in numbers:
        draft.turn_to(number)
        _take_back(draft, actor, record, case.number)
    notify_cases.taken_apart(draft, numbers, unheard)
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
    kept = ((case, one) for one in (case.recall if record.letters else None, case.undo)) if case is not None else ()
    return next((one for there, one in kept if one is not None and _same_mail(there, one, record, home)), None)


def _unheard(draft: Draft, record: Undoable, numbers: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """Return, by case, who would have heard of the commands only by letters that are recalled with the answer."""
    known = ((number, draft.known(number)) for number in numbers if record.letters)
    return {number: frozenset(case.undo.later) for number, case in known if case is not None and case.undo is not None}


def answered(draft: Draft) -> int:
    """Return the case whose receipt is answered, 0 for none.

    Later mail of a merged case goes to another, and a receipt for several cases is about none of them.
    """
    number = draft.facts.found.receipt_of
    kept = ((case.number, one) for case in draft.cases.values() for one in (case.undo, case.recall))
    return next((case for case, one in kept if number and one is not None and one.inbox_id == number), 0)


def _not_this(draft: Draft, record: Undoable, actor: Actor) -> Reason:
    """Say why it is not for this member, or not the mail that they mean; "" if it is."""
    receipt_of = draft.facts.found.receipt_of
    if receipt_of and receipt_of != record.inbox_id:
        return say("that receipt is no longer the latest: since then there were %(them)s", them=_named(draft, record))
    person = draft.facts.directory.member(actor.address)
    if record.actor != actor.address and (person is None or person.role not in _ABOVE):
        them = _named(draft, record)
        return say("the latest commands are %(them)s; a lead may take them back, or who gave them", them=them)
    return ""


def _gone(draft: Draft, record: Undoable) -> Reason:
    """Say why the commands on a case cannot be taken back any more, "" if they can."""
    if record.before is None:
        why = kept_sentence(record.why_not, record.why_message, record.why_values)
        if record.since and record.since > record.at:
            when = record.since.astimezone(draft.zone_of(record.actor))
            return say("nothing was taken back: %(why)s (%(when)s)", why=why, when=when)
        return say("nothing was taken back: %(what)s", what=why)
    within = draft.facts.desk.undo_within
    if not record.letters and draft.now - record.at > within:
        hours = f"{within.total_seconds() / 3600:g}"
        return say(
            "nothing was taken back: it is later than %(hours)s hours after %(them)s",
            hours=hours,
            them=_named(draft, record),
        )
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


def _gone_elsewhere(draft: Draft, number: int, other: Case | None, record: Undoable) -> Sentence:
    """Say what stands in the way in another case that the same mail changed."""
    latest = other.undo if other is not None else None
    why: Reason = ""
    if other is not None and latest is not None and not _same_mail(other, latest, record, draft.open_case.number):
        why = say("since then there were %(them)s", them=_named(draft, latest))
    elif latest is not None:
        why = kept_sentence(latest.why_not, latest.why_message, latest.why_values)
    return say(
        "on %(there)s, which the mail changed too: %(why)s",
        there=draft.facts.desk.reference(number),
        why=why or say("something else happened since"),
    )


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
        if address in elsewhere or (record.letters and address in taken.later):
            continue
        if address in was.participants | draft.open_case.participants:
            # What else there is to say of the case is not for who hears of it no more.
            parted = {} if address in draft.open_case.participants else {"parted": True}
            notice_to_customer(draft, "taken_back", address, data=parted)
        elif address != actor.address and (directory.member(address) or directory.adviser(address)):
            data = {"lines": list(taken.lines)}
            to_member(draft, "taken_back", address, author=actor.address, data=data, reply=Visibility.INTERNAL)


def _said(draft: Draft, record: Undoable) -> Sentence:
    """Say what was taken back, and what cannot be."""
    case = draft.open_case
    if record.letters:
        return say("the answer is recalled: nobody gets it; the case is %(status)s again", status=case.status)
    lines = "; ".join(record.lines)
    said = say("taken back: %(lines)s. The case is %(status)s again", lines=lines, status=case.status)
    if any(notice.visibility is Visibility.PUBLIC for notice in draft.notices):
        said = say("%(first)s; %(then)s", first=said, then=say("the customer, who had been told, hears of it"))
    if record.spoke:
        said = say("%(first)s; %(then)s", first=said, then=say("words that went out cannot be recalled"))
    return said


def _named(draft: Draft, record: Undoable) -> Sentence:
    """Name commands: whose, which, when."""
    when = record.at.astimezone(draft.zone_of(record.actor))
    lines = "; ".join(record.lines) or say("an answer")
    return say("those of %(who)s (%(lines)s; %(when)s)", who=record.actor, lines=lines, when=when)
