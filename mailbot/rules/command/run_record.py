"""What the commands of one mail did, written down before it, so that `undo` can take it back."""

from dataclasses import replace

from mailbot.event import (
    AbsenceChanged,
    AnswerRecalled,
    CaseOpened,
    CommandsRun,
    CommandsUndone,
    DigestWished,
    Event,
    MessageAdded,
    TextRedacted,
    TextReleased,
    Visibility,
)
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import receipt
from mailbot.rules.telling import say
from mailbot.sentence import Reason


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
    final = _final(draft, opened, [one.event for _, one in effects])
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
            final=str(final),
            final_message=final.message if final else "",
            final_values={name: str(value) for name, value in final.values.items()} if final else {},
        )
        draft.precede(first[number], event)
    if changed and not final:
        _say_until(draft, actor)


def _since(draft: Draft, number: int | None) -> int:
    """Return from where on in the decision commands changed a case: that it was at hand for, or another."""
    own = [ran.since for ran in draft.ran if ran.case == number]
    return min(own or (ran.since for ran in draft.ran))


def _told(draft: Draft, number: int, actor: str) -> tuple[str, ...]:
    about = (notice.to for notice in draft.notices if notice.case == number)
    return tuple(dict.fromkeys(to for to in about if to != actor))


def _spoke(draft: Draft, number: int) -> bool:
    added = (one.event for one in draft.happened if one.case == number)
    return any(isinstance(event, MessageAdded) and event.visibility is Visibility.PUBLIC for event in added)


def _final(draft: Draft, opened: list[int], effects: list[Event]) -> Reason:
    """Say why what commands did cannot be taken back, "" where it can."""
    if any(isinstance(event, DigestWished) for event in effects):
        return say("'digest: on' and 'digest: off' say whether you get one")
    if any(isinstance(event, AbsenceChanged) for event in effects):
        return say("'away: off' ends an absence; the cases stay with the team")
    if any(isinstance(event, TextReleased | TextRedacted) for event in effects):
        return say("what was released or redacted stays so")
    names = ", ".join(draft.facts.desk.reference(number) for number in opened)
    return say("%(names)s was opened by it, and stays", names=names) if opened else ""


def _say_until(draft: Draft, actor: str) -> None:
    """Say in the receipt until when the commands can be taken back."""
    within = draft.facts.desk.undo_within
    if not within:
        return
    until = (draft.now + within).astimezone(draft.zone_of(actor))
    for place, notice in enumerate(draft.notices):
        if receipt.is_to(notice, actor):
            draft.notices[place] = replace(notice, data={**notice.data, "undo_until": until})
