"""Running the commands of one mail: all of them, or none (`semantics.md` 16)."""

from collections.abc import Sequence
from dataclasses import replace

from mailbot.event import CommandRefused, MessageAdded
from mailbot.rules.case.draft import Draft, Ran
from mailbot.rules.command.entry import Entry
from mailbot.rules.command.named import goes_on
from mailbot.rules.command.questions import is_question
from mailbot.rules.command.receipt import Line, lines_of
from mailbot.rules.reading.word import Given, Reading
from mailbot.rules.spoken import Actor, No
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: Why a dangerous command was refused (`semantics.md` 22).
UNSURE = say("this changes who sees the case, so it must be sent logged in, through the desk's own mail server")

#: What may still be said of a case that went on in another one, beside questions; `reopen` tells of it by itself.
TAKES_BACK = frozenset({"unmerge", "undo", "reopen"})


def run(
    draft: Draft,
    reading: Reading,
    entries: tuple[Entry, ...],
    actor: Actor,
    text: str | None = None,
    *,
    since: int | None = None,
) -> tuple[Line, ...]:
    """Run all commands, or none: a draft that was refused forgets what its commands did.

    `text` is kept with the first refusal, so that its author can let it go as it is, in place of an older one; None
    leaves that. `since` is where in the draft
    what the commands do began, None where that is here.
    """
    if reading.refused:
        refuse(draft, lines_of(reading.refused), actor, text)
        return lines_of(reading.refused)
    if reason := _elsewhere(draft, reading, actor):
        refused = (Line(line=reading.commands[0].line, ok=False, said=reason),)
        refuse(draft, refused, actor, text)
        return refused
    table = {entry.word.word: entry for entry in entries}
    mark = draft.mark()
    lines: dict[int, Line] = {}
    for number, given in _in_order(draft, reading.commands):
        entry = table[given.word]
        outcome = entry.run(draft, given, actor) if actor.sure or not entry.dangerous else No(reason=UNSURE)
        if isinstance(outcome, No):
            draft.return_to(mark)
            refused = (Line(line=given.line, ok=False, said=outcome.reason),)
            refuse(draft, refused, actor, text)
            return refused
        lines[number] = Line(line=given.line, ok=True, said=outcome.said, undo=outcome.undo)
    done = tuple(lines[number] for number in sorted(lines))
    if actor.member and done:
        began = len(mark.happened) if since is None else since
        number, said = draft.open_case.number, tuple(line.line for line in done)
        draft.ran.append(Ran(at=draft.now, actor=actor.address, lines=said, case=number, since=began))
    return done


def _elsewhere(draft: Draft, reading: Reading, actor: Actor) -> Reason:
    """Say that the case goes on in another one, "" where it does not or the mail only asks or takes the merge back.

    A member names such a case by its number; words and commands would be for a case of which nobody hears any more.
    """
    case = draft.open_case
    words = draft.events(MessageAdded)
    if not (case.merged_into and actor.member and reading.commands):
        return ""
    if not words and all(given.word in TAKES_BACK or is_question(given) for given in reading.commands):
        return ""
    return goes_on(draft)


def _in_order(draft: Draft, commands: tuple[Given, ...]) -> list[tuple[int, Given]]:
    """Return the commands, numbered, in line order; where a status needs the priority first, it is set first."""
    numbered = list(enumerate(commands))
    if not any(status.needs_priority for status in draft.process.statuses):
        return numbered
    return sorted(numbered, key=lambda one: one[1].word != "priority")


def refuse(draft: Draft, refused: Sequence[Line], actor: Actor, text: str | None) -> None:
    """Write down what was refused, with the text of the mail (see `run`)."""
    for line in refused:
        event = CommandRefused(at=draft.now, line=line.line, reason=line.said, actor=actor.address, text=text or "")
        draft.happen(replace(event, forgets=text == ""))
        text = None
