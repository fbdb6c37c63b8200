"""Lines that name their case, `HD-3 close: duplicate`: several cases in one mail (`semantics.md` 16, 19, 28).

All or none over all cases. In answer to a case such a line works on the other one; to the desk every line must name its
case, and words belong to somebody only where all lines name the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mailbot.decision import Ending
from mailbot.people import Needs
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import receipt
from mailbot.rules.command.post import Addressed, Post
from mailbot.rules.command.questions import answer_question, is_question
from mailbot.rules.command.receipt import Line
from mailbot.rules.identity.trust import proofs_for, suffices
from mailbot.rules.mail import confirm
from mailbot.rules.mail.on_behalf import refuse
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.word import Reading, Word
from mailbot.rules.spoken import Words
from mailbot.rules.telling import say

#: So many lines of a mail may name their case.
MOST_LINES = 20

#: Does what a mail says for the case at hand, and returns the transcript.
OnOne = Callable[[Draft, Post], tuple[Line, ...]]


def told_apart(
    text: str, words: Sequence[Word], reserved: frozenset[str], tag: str, here: int, *, called: Mapping[str, str]
) -> tuple[str, tuple[Addressed, ...]]:
    """Take the lines that name another case out of a text; a line that names the case at hand loses its number.

    Only what is a command without the number counts, and only before any prose: `HD-4 is the same` is prose.
    """
    named = re.compile(rf"[\s*_\"']*\[?{re.escape(tag)}-(\d{{1,9}})\]?[:,]?[ \t]+(\S.*)$", re.IGNORECASE)
    rest: list[str] = []
    others: dict[int, Reading] = {}
    lines = text.split("\n")
    for place, line in enumerate(lines):
        match = named.match(line)
        reading = read(match[2] if match else line, words, reserved, called=called)
        if not (reading.commands or reading.refused) and line.strip():
            return "\n".join([*rest, *lines[place:]]), _addressed(others)
        if match is None or int(match[1]) == here:
            rest.append(match[2] if match else line)
        else:
            number = int(match[1])
            others[number] = _both(others.get(number, Reading()), reading, line.strip())
    return "\n".join(rest), _addressed(others)


def _both(before: Reading, more: Reading, line: str) -> Reading:
    """Return both readings, the second with its line as it stands in the mail."""
    return Reading(
        commands=(*before.commands, *(replace(given, line=line) for given in more.commands)),
        refused=(*before.refused, *(replace(refused, line=line) for refused in more.refused)),
    )


def _addressed(others: dict[int, Reading]) -> tuple[Addressed, ...]:
    return tuple(Addressed(case=number, reading=reading) for number, reading in others.items())


def together(here: Reading, others: Iterable[Addressed]) -> Reading:
    """Return all commands of a mail as one reading, whatever case they are for, with the words of the case at hand."""
    readings = [here, *(one.reading for one in others)]
    return Reading(
        commands=tuple(given for reading in readings for given in reading.commands),
        refused=tuple(refused for reading in readings for refused in reading.refused),
        words=here.words,
    )


def only_one(draft: Draft, post: Post) -> int:
    """Return the case that all lines of a mail to the desk name: the mail is an answer to it. 0 where there is none."""
    if draft.case is not None or len(post.others) != 1 or post.reading.commands or post.reading.refused:
        return 0
    number = post.others[0].case
    return number if draft.known(number) is not None else 0


def to_the_desk(draft: Draft, post: Post, words: Words, on_one: OnOne) -> None:
    """Run lines that name several cases, with one receipt; or say what stands in the way, and do nothing."""
    refused = tuple(_of_none(post, words))
    if not refused and confirm.is_needed(draft, post):
        post = replace(post, actor=replace(post.actor, sure=True))
        if all(line.ok for line in on_others(confirm.trial(draft), post, on_one)):
            _park(draft, post, words)
            return
        # What is refused changes nothing, and says why.
    lines = refused or on_others(draft, post, on_one)
    if any(not line.ok for line in lines):
        refuse(draft, post, tuple(line for line in lines if not line.ok))
        return
    if lines:
        draft.turn_away()
        left = _left_out(words)
        receipt.send(draft, post.actor.address, post.cause, lines, more={"left_out": left} if left else {})
    draft.turn_to(post.others[0].case)
    named = ", ".join(draft.facts.desk.reference(one.case) for one in post.others)
    draft.hit("several", f"its lines name {named}")
    draft.end(Ending.THREADED, f"a member's mail did its work on {named}")


def _park(draft: Draft, post: Post, words: Words) -> None:
    """Let the whole mail wait in the first case that it names: at the yes it runs as if it answered that one.

    Its words are those behind the lines of that case, and stay inside where one of these says so.
    """
    first = post.others[0]
    draft.turn_to(first.case)
    internal, left = replace(post, reading=first.reading).is_note, _left_out(words)
    confirm.park(draft, post, SILENT, internal=internal, to_desk=True, left_out=left)


def _left_out(words: Words) -> list[str]:
    """Return the names of pictures that are for no case: more often part of a signature, they stop no line."""
    return [file.name or file.type for file in words.carried]


def _of_none(post: Post, words: Words) -> Iterator[Line]:
    """Yield what in a mail to the desk is for no case: lines without a number, words, files."""
    for line in post.reading.lines:
        yield Line(
            line=line, ok=False, said=say("this line names no case, and the others do: put the number before it")
        )
    if words.text:
        said = say("for which case are these words? Write them behind a colon, or in a mail about one case")
        yield Line(line=words.text.partition("\n")[0], ok=False, said=said)
    for file in words.carried:
        if not file.type.startswith("image/"):
            yield Line(
                line=file.name, ok=False, said=say("for which case is this file? Send it in a mail about one case")
            )


def on_others(draft: Draft, post: Post, on_one: OnOne) -> tuple[Line, ...]:
    """Run the lines that name another case, and come back to the case at hand; all of them, or none.

    Returns what ran, or what was refused. Questions have answers of their own.
    """
    home, mark = draft.case, draft.mark()
    lines = [*_too_many(post)]
    for one in post.others:
        lines += _on_other(draft, post, one, on_one) if all(line.ok for line in lines) else ()
    if refused := tuple(line for line in lines if not line.ok):
        draft.return_to(mark)
        return refused
    if home is not None:
        draft.turn_to(home.number)
    return tuple(lines)


def _too_many(post: Post) -> Iterator[Line]:
    lines = [line for one in post.others for line in one.reading.lines]
    if len(lines) > MOST_LINES:
        yield Line(
            line=lines[-1], ok=False, said=say("more than %(most)s lines of a mail name their case", most=MOST_LINES)
        )


def _at_hand(post: Post) -> Addressed:
    return Addressed(case=0, reading=post.reading)


def _on_other(draft: Draft, post: Post, one: Addressed, on_one: OnOne) -> Iterator[Line]:
    """Do what is said for one case, with what is proven without the mail that is answered."""
    first = one.reading.lines[0]
    if draft.known(one.case) is None:
        said = say("there is no case %(what)s", what=draft.facts.desk.reference(one.case))
        yield Line(line=first, ok=False, said=said)
        return
    if not (post.actor.sure or suffices(proofs_for(None, draft.facts), Needs.MEMBER, draft.facts.desk)):
        said = say("another case than the one that you answer needs a mail that you sent logged in or signed")
        yield Line(line=first, ok=False, said=said)
        return
    draft.turn_to(one.case)
    # A file would be for every case, and whom the mail is copied to would hear of all: both belong where the words go.
    cause = replace(post.cause, mail=replace(post.cause.mail, attachments=(), to=(), cc=()))
    # What else the mail says is no other case to act on, and company enough for a word that stands alone.
    beside = tuple(other for other in (*post.others, _at_hand(post)) if other.reading.lines and other is not one)
    outcome = on_one(draft, replace(post, cause=cause, reading=one.reading, others=beside))
    asked = [given for given in one.reading.commands if is_question(given)]
    for given in asked if all(line.ok for line in outcome) else ():
        answer_question(draft, given, post.actor, post.cause)
    own = {given.line for given in asked}
    reference = draft.facts.desk.reference(one.case)
    for line in outcome:
        if line.line not in own or not line.ok:
            yield replace(line, undo=f"{reference} {line.undo}" if line.undo else "")
