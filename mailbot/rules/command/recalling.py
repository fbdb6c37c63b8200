"""The send delay: a member's answer waits before it leaves, and `undo` recalls it while all of it still waits.

An answer counts from when it came to the desk, as if there were no delay (`semantics.md` 6). Recalled, it never was:
the case is as it was before the words, and those who would have got them get nothing. What left is out of reach.
"""

from collections.abc import Iterator
from dataclasses import replace

from mailbot.decision import Happened, MailArrived
from mailbot.event import AnswerDelayed, AnswerRecalled, CaseOpened, CommandsRun, CommandsUndone, MessageAdded
from mailbot.model import Case, Undoable
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import receipt
from mailbot.rules.telling import say

#: Why `undo` comes too late.
LEFT = say("the answer has left: words that went out cannot be recalled")


def delay(draft: Draft, cause: MailArrived) -> None:
    """Let a member's answers of this mail wait, and say so in the receipt; nothing where the desk has no delay.

    What cannot be taken back (a case that was opened, a text that was released) takes its words along at once.
    """
    within = draft.facts.desk.send_delay
    answered = _answered(draft) if within and not _is_final(draft) else {}
    if not answered:
        return
    # A mail may have waited, too: for us, or in a mailbox.
    leaves = max(draft.now, cause.decided_at or draft.now) + within
    actor = next(iter(answered.values())).sender
    merged = {case.merged_into for number in answered if (case := draft.known(number))}
    for place, notice in enumerate(draft.notices):
        has_words = bool(notice.words or notice.carried) and notice.author == actor != notice.to
        if has_words and notice.case in {*answered, *merged}:
            draft.notices[place] = replace(notice, leaves=leaves)
    if letters := sum(notice.leaves is not None for notice in draft.notices):
        _say_who_hears_later(draft)
        for event, place in [*_events(draft, cause, answered, letters)]:
            draft.precede(place, event)
        _say_until(draft, cause, actor)


def _answered(draft: Draft) -> dict[int, MessageAdded]:
    """Return a member's words to the customer, by case."""
    added = ((one.case, one.event) for one in draft.happened if isinstance(one.event, MessageAdded))
    return {number: event for number, event in added if number is not None and event.answers}


def _is_final(draft: Draft) -> bool:
    return any(_ends_it(one) for one in draft.happened)


def _ends_it(one: Happened) -> bool:
    match one.event:
        case CommandsRun():
            return bool(one.event.final)
        case _:
            return isinstance(one.event, CaseOpened | CommandsUndone | AnswerRecalled)


def _say_who_hears_later(draft: Draft) -> None:
    """Say of the commands of the mail, in each case, who hears of them by letters that wait alone."""
    for place, one in enumerate(draft.happened):
        if isinstance(one.event, CommandsRun):
            about = [notice for notice in draft.notices if notice.case == one.case]
            at_once = {notice.to for notice in about if notice.leaves is None}
            later = tuple(to for to in one.event.told if to not in at_once)
            draft.restate(place, replace(one.event, later=later))


def _events(
    draft: Draft, cause: MailArrived, answered: dict[int, MessageAdded], letters: int
) -> Iterator[tuple[AnswerDelayed, int]]:
    """Yield what is put before the words in each case, and where; from the last on, for that moves what is behind."""
    changed = [one.case for one in draft.happened if isinstance(one.event, CommandsRun)]
    numbers = [*dict.fromkeys([*answered, *(number for number in changed if number is not None)])]
    at = draft.ran[0].at if draft.ran else draft.now
    for place, one in reversed([*enumerate(draft.happened)]):
        if one.case is None or one.event is not answered.get(one.case):
            continue
        about = [notice for notice in draft.notices if notice.case == one.case and not notice.leaves]
        sender = answered[one.case].sender
        event = AnswerDelayed(
            at=at,
            actor=sender,
            inbox_id=cause.inbox_id,
            message=answered[one.case].inbox_id,
            lines=tuple(line for ran in draft.ran for line in ran.lines),
            letters=letters,
            told=tuple(dict.fromkeys(notice.to for notice in about if notice.to != sender)),
            others=tuple(number for number in numbers if number != one.case),
            effects=sum(other.case == one.case for other in draft.happened[place:]),
        )
        yield event, place


def _say_until(draft: Draft, cause: MailArrived, actor: str) -> None:
    """Say in the receipt until when the words can be recalled; a plain answer gets one for that alone."""
    leaves = next(notice.leaves for notice in draft.notices if notice.leaves)
    until = leaves.astimezone(draft.zone_of(actor))
    waits = say(
        "Your words leave on %(until)s. Answer this mail with 'undo' before, and nobody gets them.", until=until
    )
    for place, notice in enumerate(draft.notices):
        if receipt.is_to(notice, actor):
            draft.notices[place] = replace(notice, data={**notice.data, "waits": waits})
            return
    receipt.send(draft, actor, cause, (), more={"waits": waits})


def meant(draft: Draft, case: Case) -> Undoable | None:
    """Return the answer that `undo` is about: the one whose receipt is answered, or the latest doing in the case."""
    waits, ran, receipt_of = case.recall, case.undo, draft.facts.found.receipt_of
    if waits is None or (receipt_of and receipt_of != waits.inbox_id):
        return None
    return waits if receipt_of or ran is None or ran.at <= waits.at else None


def still_waits(draft: Draft, record: Undoable) -> bool:
    """Has no letter of the answer left? The store holds the decision to it (`Commit.recalled`)."""
    return draft.facts.unsent.get(record.inbox_id, 0) == record.letters


def recall(draft: Draft, record: Undoable, actor: str) -> None:
    """Take the answer out of the case, and its letters out of the outbox."""
    draft.recalled = (record.inbox_id, record.letters)
    draft.happen(AnswerRecalled(at=draft.now, actor=actor, message=record.message, lines=record.lines))
