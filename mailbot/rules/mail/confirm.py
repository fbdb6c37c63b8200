"""Dangerous commands that need more proof: the whole mail waits for one word of its sender (`semantics.md` 22).

What would run is written to the registered address, never to where the mail says that it came from. The answer must
come to that letter's own address, from that person, within the time that the desk gives; then all of the mail runs as
it would have, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mailbot.decision import Ending, MailArrived, Notice
from mailbot.event import CommandsConfirmed, CommandsParked, Visibility
from mailbot.model import Parked
from mailbot.rules.case.draft import Draft, Mark
from mailbot.rules.case.message import names_of
from mailbot.rules.command.post import Post
from mailbot.rules.command.receipt import Line
from mailbot.rules.identity.token import mark, word_mark
from mailbot.rules.identity.trust import Needs
from mailbot.rules.mail import click
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.phrases import is_courtesy, normalised
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.telling import say

#: What the address of the letter stands for; no process has it as a word of its own.
WORD = "yes, do it"
#: What people write when they mean it.
YES = frozenset({"yes", "ja", "jah", "oui", "si", "sí"})


def is_needed(draft: Draft, post: Post) -> bool:
    """Does the mail ask for what its sender must confirm first? Where only the shell may do it, nothing helps."""
    if post.actor.sure or not draft.facts.desk.needs[Needs.DANGEROUS]:
        return False
    dangerous = {entry.word.word for entry in post.entries if entry.dangerous}
    return any(given.word in dangerous for given in _commands(post))


def _commands(post: Post) -> tuple[Given, ...]:
    """Return all that would run, in the case at hand and in others that the mail names."""
    return (*post.reading.commands, *(given for one in post.others for given in one.reading.commands))


def trial(draft: Draft) -> Draft:
    """Return a draft of its own that begins where this one stands: what happens there is forgotten."""
    return replace(draft, aside=dict(draft.aside), happened=list(draft.happened), notices=[], hits=[], ran=[])


def park(
    draft: Draft, post: Post, words: Words, *, internal: bool, to_desk: bool = False, left_out: Sequence[str] = ()
) -> None:
    """Let the whole mail wait, and ask its sender at the registered address.

    `to_desk`: it answers no case, and names several; `left_out` are files in it that are for none of them.
    """
    lines = tuple(filter(None, (post.all_line, *(given.line for given in _commands(post)))))
    until = draft.now + draft.facts.desk.confirm_within
    draft.happen(
        CommandsParked(
            at=draft.now,
            inbox_id=post.cause.inbox_id,
            actor=post.actor.address,
            lines=lines,
            until=until,
            internal=internal,
            to_desk=to_desk,
        )
    )
    draft.end(Ending.THREADED, "it waits for one word of its sender, asked at the registered address")
    data = {
        "lines": list(lines),
        "text": words.text,
        "internal": internal,
        "several": bool(post.others),
        "left_out": list(left_out),
        "within": draft.facts.desk.confirm_within,
    }
    draft.tell(_question(draft, post, data))


def _question(draft: Draft, post: Post, data: Mapping[str, object]) -> Notice:
    """Return the notice that asks for the one word; its address stands for this mail alone."""
    return Notice(
        at=draft.now,
        template="confirm_command",
        to=post.actor.address,
        case=draft.open_case.number,
        visibility=Visibility.INTERNAL,
        reply=Visibility.INTERNAL,
        mark=mark(WORD, str(post.cause.inbox_id)),
        data=data,
    )


def is_answer(stamp: bytes) -> bool:
    """Was the mail sent to the address of such a letter?"""
    return stamp.startswith(word_mark(WORD))


def answered(draft: Draft, cause: MailArrived, actor: Actor, stamp: bytes) -> tuple[MailArrived, Parked] | None:
    """Return the mail that may run now; None where it may not, which is answered."""
    case = draft.open_case
    asked = (one for one in case.parked if one.actor == actor.address and mark(WORD, str(one.inbox_id)) == stamp)
    parked = next(asked, None)
    if parked is None:
        said = say("that is answered already; nothing waits for it")
        _refuse(draft, cause, actor, Line(line="yes", ok=False, said=said))
    elif draft.now > parked.until and not cause.admitted:
        said = say("that came too late, so nothing of it is done; write the commands anew")
        _refuse(draft, cause, actor, Line(line=parked.lines[0], ok=False, said=said))
    elif not _says_yes(draft, cause):
        said = say("it is done when you answer with the single word 'yes', and nothing else")
        _refuse(draft, cause, actor, Line(line=parked.lines[0], ok=False, said=said))
    else:
        draft.happen(CommandsConfirmed(at=draft.now, inbox_id=parked.inbox_id, actor=actor.address))
        draft.hit("confirm", f"the sender of mail {parked.inbox_id} said yes at the registered address")
        mail = draft.facts.parked[parked.inbox_id]
        # Files, and whom it was copied to, had to do with no case when the mail came, and have with none now.
        mail = replace(mail, attachments=(), to=(), cc=()) if parked.to_desk else mail
        return replace(cause, mail=mail, inbox_id=parked.inbox_id), parked
    return None


def hold(draft: Draft, cause: MailArrived) -> None:
    """Let the mail wait on where what it says is held: the answer is what a member lets in, and says yes again."""
    draft.case = draft.before
    draft.happened = [one for one in draft.happened if not isinstance(one.event, CommandsConfirmed)]
    about = {"inbox_id": cause.inbox_id}
    draft.notices = [
        replace(notice, in_reply_to=cause.mail.message_id, data={**notice.data, **about}) for notice in draft.notices
    ]


def wait_on(draft: Draft, before: Mark) -> None:
    """Let the mail wait on where what it says is refused; its sender hears why, and may say yes again."""
    told = draft.notices
    draft.refuse_since(before)
    draft.notices = told


def _refuse(draft: Draft, cause: MailArrived, actor: Actor, line: Line) -> None:
    click.answer(draft, cause, actor, line)
    draft.ignore(f"an answer that confirms nothing: {line.said}", actor.address)


def _says_yes(draft: Draft, cause: MailArrived) -> bool:
    """Is it one word, and no more than a greeting or a name beside it?"""
    lines = outgoing.above_marker(cause.mail.new_text, cause.mail.text).split("\n")
    first, *rest = [line for line in lines if line.strip()] or [""]
    names = names_of(draft, cause)
    return normalised(first) in YES and all(is_courtesy(line, draft.process, names) for line in rest)
