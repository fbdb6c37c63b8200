"""A member of the team writes: commands, an answer to the customer, or words for the team (`semantics.md` 15 to 20)."""

from dataclasses import replace

from mailbot.decision import Ending, MailArrived
from mailbot.event import MailHeld, MailIgnored, Visibility
from mailbot.people import Proof
from mailbot.rules import notify, outgoing
from mailbot.rules.clocks import settle
from mailbot.rules.commands import run
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Reading, Refused, read
from mailbot.rules.message import message, names_of, words_of
from mailbot.rules.opening import on_behalf, open_case
from mailbot.rules.phrases import is_courtesy
from mailbot.rules.receipt import Line, help_data, report_data
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.words import Entry, vocabulary
from mailbot.rules.words_member import pick_up

#: Words that change nothing of the case: their answer is a notice of its own.
_ASKING = ("help", "status")


def arrive(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]) -> None:
    """Run the commands of a proven member, and pass on their words."""
    entries = vocabulary(draft.process, draft.facts.directory, member=True)
    text = outgoing.above_marker(cause.mail.new_text)
    reading = read(text, [entry.word for entry in entries])
    if draft.case is None:
        _to_the_desk(draft, cause, actor, proofs, reading, entries)
        return
    reading = _with_text_of_commands(reading, entries)
    words = words_of(cause, reading.words)
    if not cause.mail.attachments and (not words or is_courtesy(words.text, draft.process, names_of(draft, cause))):
        words = notify.SILENT
    internal = _stays_internal(draft, reading)
    if reason := _may_not_leave(draft, cause, text, words, internal=internal, commands=bool(reading.commands)):
        _hold(draft, cause, actor, reason)
        return
    _act(draft, cause, actor, proofs, _needing(reading, entries, words), entries, words, internal=internal, text=text)


def _act(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    proofs: frozenset[Proof],
    reading: Reading,
    entries: tuple[Entry, ...],
    words: Words,
    *,
    internal: bool,
    text: str,
) -> None:
    """Add the words, run the commands; when one is refused nothing of the mail happens."""
    if words:
        visibility = Visibility.INTERNAL if internal else Visibility.PUBLIC
        added = message(draft, cause, words, proofs, visibility=visibility, by_member=True, answers=not internal)
        draft.happen(added)
    own = _own_notice(reading, entries)
    if not internal and (words or own) and not any(g.word in ("take", "assign") for g in reading.commands):
        _answer_takes(draft, actor)
    happened = draft.happened[:]
    lines = run(draft, reading, entries, actor, text)
    if any(not line.ok for line in lines):
        refusals = [h for h in draft.happened if h not in happened]
        draft.case, draft.happened = draft.before, []
        for refusal in refusals:
            draft.happen(refusal.event)
        words = notify.SILENT
    settle(draft)
    draft.end(Ending.THREADED, "a member's mail did its work" if words or lines else "a member's mail without words")
    _receipt(draft, cause, actor, reading, lines, text)
    if draft.happened and not any(not line.ok for line in lines):
        notify.of_case(draft, actor=actor.address, words=words, template=own)


def _with_text_of_commands(reading: Reading, entries: tuple[Entry, ...]) -> Reading:
    """Let the text behind `note:` and a company's own word begin the words of the mail."""
    own = {entry.word.word for entry in entries if entry.notice} | {"note"}
    texts = [given.argument for given in reading.commands if given.word in own and given.argument]
    return replace(reading, words="\n\n".join([*texts, *([reading.words] if reading.words else [])]))


def _needing(reading: Reading, entries: tuple[Entry, ...], words: Words) -> Reading:
    """Refuse a word that needs words where there are none."""
    needing = {entry.word.word for entry in entries if entry.needs_words}
    missing = tuple(
        Refused(
            line=given.line, reason=f"'{given.word}' needs words of yours for the customer, behind a colon or below it"
        )
        for given in reading.commands
        if given.word in needing and not words
    )
    return replace(reading, refused=(*reading.refused, *missing))


def _stays_internal(draft: Draft, reading: Reading) -> bool:
    """`note` keeps words inside; so does an answer to an internal notice, whatever else the mail names."""
    if any(given.word == "note" for given in reading.commands):
        return True
    number = draft.open_case.number
    named = (*draft.facts.keys.tokens, *draft.facts.keys.tagged)
    return any(token.case == number and token.visibility is Visibility.INTERNAL for token in named)


def _may_not_leave(draft: Draft, cause: MailArrived, text: str, words: Words, *, internal: bool, commands: bool) -> str:
    """Say why the words may not go out, "" if they may (`semantics.md` 20)."""
    if not text and not cause.mail.attachments and cause.mail.text and not cause.admitted:
        return "unclear: no words of yours stand above the line; what stands below it or between the quoted lines is not sent"
    if internal or not words or cause.admitted:
        return ""
    line = outgoing.surviving(text, draft.facts.internal_lines)
    if line:
        return f"unclear: a line of an internal notice stands in it: {line[:80]!r}"
    del commands
    return ""


def _answer_takes(draft: Draft, actor: Actor) -> None:
    """An answer to a case that nobody has taken takes it, unless the process switches that off."""
    if draft.process.answer_takes and not draft.open_case.assignee:
        pick_up(draft, actor.address)


def _own_notice(reading: Reading, entries: tuple[Entry, ...]) -> str:
    """Return the notice of the last of the company's own words in the mail."""
    notices = {entry.word.word: entry.notice for entry in entries}
    return next((notices[g.word] for g in reversed(reading.commands) if notices.get(g.word)), "")


def _receipt(
    draft: Draft, cause: MailArrived, actor: Actor, reading: Reading, lines: tuple[Line, ...], text: str
) -> None:
    """Answer commands with one transcript; `help` and `status` alone with their own notice."""
    if not lines:
        return
    refused = any(not line.ok for line in lines)
    asked = [
        given for given in reading.commands if given.word in _ASKING and not (given.word == "status" and given.argument)
    ]
    if not refused and len(asked) == len(reading.commands):
        for given in asked:
            data = help_data(draft, given.argument, member=True) if given.word == "help" else report_data(draft)
            notify.to_sender(
                draft, "help" if given.word == "help" else "status_report", actor.address, cause, data=data
            )
        return
    data = {"lines": [line.plain() for line in lines], "refused": refused, "text": text if refused else ""}
    notify.to_sender(draft, "command_result", actor.address, cause, data=data)


def _to_the_desk(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    proofs: frozenset[Proof],
    reading: Reading,
    entries: tuple[Entry, ...],
) -> None:
    """A member's mail that answers nothing (`semantics.md` 19)."""
    words = [given.word for given in reading.commands]
    if words[:1] == ["for"]:
        _open_for(draft, cause, actor, proofs, reading, entries)
    elif words == ["help"] and not reading.words:
        notify.to_sender(
            draft, "help", actor.address, cause, data=help_data(draft, reading.commands[0].argument, member=True)
        )
        draft.note(MailIgnored(at=draft.now, reason="answered with help", sender=actor.address))
        draft.end(Ending.IGNORED, "a mail that only asks for help makes no case")
    else:
        reason = "unclear: a member's mail that answers no case; write 'for ADDRESS' first to open one for a customer"
        _hold(draft, cause, actor, reason)


def _open_for(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    proofs: frozenset[Proof],
    reading: Reading,
    entries: tuple[Entry, ...],
) -> None:
    """Open a case on a customer's behalf: they are its requester and hear of it."""
    first, rest = reading.commands[0], replace(reading, commands=reading.commands[1:])
    requester, opened = on_behalf(first.argument, draft.facts.desk.timezone, draft.now)
    if draft.facts.directory.member(requester) is not None:
        rest = replace(
            rest, refused=(*rest.refused, Refused(line=first.line, reason=f"{requester} is a member of the team"))
        )
    rest = _needing(_with_text_of_commands(rest, entries), entries, Words(text=rest.words))
    words = words_of(cause, rest.words)
    open_case(draft, cause, requester=requester, opened=opened)
    draft.happen(message(draft, cause, words, proofs, by_member=True))
    lines = run(draft, rest, entries, actor)
    receipt = (Line(line=first.line, ok=True, said=f"a case for {requester}"), *lines)
    if any(not line.ok for line in lines):
        _refuse_opening(draft, cause, actor, reading.words, lines)
        return
    settle(draft)
    draft.end(Ending.NEW, f"a new case on behalf of {requester}")
    notify.received(draft, may_echo=True, in_reply_to="")
    notify.new_case(draft, author=actor.address, words=words, data={})
    data = {"lines": [line.plain() for line in receipt], "refused": False, "text": ""}
    notify.to_sender(draft, "command_result", actor.address, cause, data=data)


def _refuse_opening(draft: Draft, cause: MailArrived, actor: Actor, text: str, lines: tuple[Line, ...]) -> None:
    """A refused line stops the whole mail: no case, no number; the text goes back."""
    draft.case, draft.happened, draft.notices = None, [], []
    draft.note(MailIgnored(at=draft.now, reason="its commands were refused and answered", sender=actor.address))
    draft.end(Ending.IGNORED, "its commands were refused and answered")
    data = {"lines": [line.plain() for line in lines], "refused": True, "text": text}
    notify.to_sender(draft, "command_result", actor.address, cause, data=data)


def _hold(draft: Draft, cause: MailArrived, actor: Actor, reason: str) -> None:
    draft.note(MailHeld(at=draft.now, reason=reason, sender=actor.address))
    draft.end(Ending.HELD, reason)
    text = cause.mail.new_text
    notify.held(draft, to=[actor.address], reason=reason, sender=actor.address, inbox_id=cause.inbox_id, text=text)
