"""`all` as the first line of an answer in a parent case: it goes to each open child too, all of it, or nothing.

Each customer reads the words in their own case, from its own reply address and in their own language. What stays inside
in the parent stays inside in each of them. Who the mail is copied to belongs to the parent alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mailbot.event import Kind
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.family import children_of, parent_of
from mailbot.rules.command.named import may_change
from mailbot.rules.command.post import ALL, Post
from mailbot.rules.command.questions import answer_question, is_question
from mailbot.rules.command.receipt import Line
from mailbot.rules.reading.word import Reading
from mailbot.rules.spoken import Words
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: Does what a mail says for the case at hand, and returns the transcript.
OnOne = Callable[[Draft, Post], tuple[Line, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The children of the case at hand: those that the mail goes to, and those that it leaves alone."""

    reached: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


def told_apart(post: Post, first: Reading) -> Post:
    """Return the mail with `all` taken out of its commands, if that is what its first line says."""
    if not first.commands or first.commands[0].word != ALL:
        return post
    reading = replace(post.reading, commands=post.reading.commands[1:])
    return replace(post, reading=reading, all_line=first.commands[0].line)


def reach(draft: Draft) -> Reach:
    """Return whom `all` reaches in the case at hand."""
    known = [(number, draft.known(number)) for number in children_of(draft, draft.open_case)]
    is_open = {number: case is not None and case.kind is not Kind.CLOSED for number, case in known}
    return Reach(
        reached=tuple(number for number in is_open if is_open[number]),
        left=tuple(number for number in is_open if not is_open[number]),
    )


def heading(draft: Draft, post: Post, words: Words, family: Reach, *, internal: bool) -> Line:
    """Return the first line of the transcript: whom the mail is for, and who is left alone; or why it cannot be."""
    if reason := _refusal(draft, post, words, family):
        return Line(line=post.all_line, ok=False, said=reason)
    cases = _named(draft, (draft.open_case.number, *family.reached))
    said = say("this mail is for %(cases)s", cases=cases)
    if words and not internal:
        said = say("the words go to the customers of %(cases)s, each in their own case", cases=cases)
    elif words:
        said = say("this mail is for %(cases)s; its words stay inside the team", cases=cases)
    if family.left:
        left = say("closed, and left alone: %(cases)s", cases=_named(draft, family.left))
        said = say("%(first)s; %(then)s", first=said, then=left)
    return Line(line=post.all_line, ok=True, said=said)


def _refusal(draft: Draft, post: Post, words: Words, family: Reach) -> Reason:
    here = draft.open_case
    if not (family.reached or family.left):
        if above := parent_of(draft, here):
            there = draft.facts.desk.reference(above)
            return say(
                "this case has no children, it is a child of %(there)s; write 'all' in answer to it", there=there
            )
        own = draft.facts.desk.reference(here.number)
        return say("this case has no children; 'parent %(here)s' in answer to another case makes it one", here=own)
    if not family.reached:
        closed = _named(draft, family.left)
        return say("its children are closed (%(cases)s); leave 'all' away to answer this case alone", cases=closed)
    if not (words or post.reading.lines):
        return say("'all' is for the words or commands below it, and there are none")
    if not may_change(draft, post.actor):
        return say("another case than the one that you answer needs a mail that you sent logged in or signed")
    return ""


def on_children(draft: Draft, post: Post, family: Reach, on_one: OnOne) -> tuple[Line, ...]:
    """Do in each open child what the mail says, until one refuses, and come back; each line names its case."""
    home, lines = draft.open_case.number, list[Line]()
    for number in family.reached:
        if all(line.ok for line in lines):
            draft.turn_to(number)
            lines += _on_child(draft, post, on_one)
    draft.turn_to(home)
    return tuple(lines)


def _on_child(draft: Draft, post: Post, on_one: OnOne) -> Iterator[Line]:
    here = draft.facts.desk.reference(draft.open_case.number)
    # Whom the mail is copied to would hear of every case.
    cause = replace(post.cause, mail=replace(post.cause.mail, to=(), cc=()))
    commands = tuple(replace(given, line=f"{here} {given.line}") for given in post.reading.commands)
    outcome = on_one(draft, replace(post, cause=cause, reading=replace(post.reading, commands=commands), others=()))
    refused = any(not line.ok for line in outcome)
    asked = [] if refused else [given for given in commands if is_question(given)]
    # What can be said here is the same in each.
    for given in (one for one in asked if one.word != "help"):
        answer_question(draft, given, post.actor, post.cause)
    own = {given.line for given in asked}
    for line in outcome:
        if line.line not in own:
            named = line.line if line.line.startswith(f"{here} ") else f"{here} {line.line}"
            yield replace(line, line=named, undo=f"{here} {line.undo}" if line.undo else "")


def _named(draft: Draft, numbers: Iterable[int]) -> str:
    return ", ".join(map(draft.facts.desk.reference, numbers))
