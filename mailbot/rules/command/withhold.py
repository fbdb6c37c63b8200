"""Holding back what must not be passed on, and what becomes of it: released into the case, or redacted for good.

What is held back stands in no notice and in no text of the case; its bytes lie in the inbox until a member decides.
A redaction leaves who, when, why and a digest (`companies.md`, support-flow).
"""

from collections.abc import Iterator

from mailbot.decision import Happened, MailArrived
from mailbot.event import MailHeld, MessageAdded, TextHeldBack, TextRedacted, TextReleased, Visibility
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import carried, passed_on
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.notice import notices, unanswered
from mailbot.rules.reading.privacy import Private
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said, Words
from mailbot.rules.telling import say

#: What stands instead of a subject that must not be passed on.
NO_SUBJECT = "(held back)"


def entries(process: Process) -> Iterator[Entry]:
    """Yield the words that decide on what is held back, where the process has a privacy gate."""
    if process.privacy is not None:
        yield Entry(
            word=Word(word="release"),
            usage="release",
            help=say("Let what the privacy gate holds back into the case."),
            group=Group.TROUBLE,
            example="release",
            run=release,
        )
        yield Entry(
            word=Word(word="redact", takes=Takes.TEXT),
            usage="redact: REASON",
            help=say("Take what the privacy gate holds back out for good."),
            group=Group.TROUBLE,
            example="redact: a card number",
            run=redact,
        )


def hold_back(draft: Draft, cause: MailArrived, found: Private, *, sender: str) -> None:
    """Hold a mail's content back from the case."""
    event = TextHeldBack(at=draft.now, inbox_id=cause.inbox_id, found=found.found, digest=found.digest, sender=sender)
    draft.happen(event)
    held = MailHeld(at=draft.now, reason=f"privacy: {found.found}", sender=sender)
    draft.happened.append(Happened(case=draft.open_case.number, event=held))


def tell(draft: Draft, cause: MailArrived, found: Private, *, may_echo: bool) -> None:
    """Tell both sides, without a word of what is held back."""
    refusal = unanswered.refusal(draft, cause.mail, proven=may_echo)
    if refusal:
        draft.hit("limits", f"no answer: {refusal}")
    else:
        notices.held_back(draft, in_reply_to=cause.mail.message_id, may_echo=may_echo)
    notices.gate(draft, found=found.found)


def release(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let everything that is held back into the case: text and attachments."""
    del given
    case = draft.open_case
    if not case.withheld:
        return No(reason=say("nothing of this case is held back"))
    for held in case.withheld:
        words = _words(draft, held.inbox_id, held.sender)
        draft.happen(TextReleased(at=draft.now, inbox_id=held.inbox_id, actor=actor.address))
        draft.happen(
            MessageAdded(
                at=draft.now,
                sender=held.sender,
                visibility=Visibility.PUBLIC,
                inbox_id=held.inbox_id,
                text=words.text,
                attachments=len(words.carried),
            )
        )
    return Said(said=say("what was held back is in the case; it follows in a mail of its own"))


def redact(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Take everything that is held back out for good."""
    case = draft.open_case
    if not case.withheld:
        return No(reason=say("nothing of this case is held back"))
    if not given.argument:
        return No(reason=say("say why: write 'redact: REASON'"))
    for held in case.withheld:
        draft.happen(
            TextRedacted(
                at=draft.now,
                inbox_id=held.inbox_id,
                actor=actor.address,
                reason=given.argument,
                digest=held.digest,
            )
        )
    return Said(said=say("what was held back is gone for good; who, when, why and a digest stay"))


def tell_released(draft: Draft) -> None:
    """Show the team what was released: also to who released it, since nobody has read it yet."""
    for released in draft.events(TextReleased):
        sender = next(m.sender for m in draft.events(MessageAdded) if m.inbox_id == released.inbox_id)
        words = _words(draft, released.inbox_id, sender)
        notices.released(draft, author=sender, words=words, also=released.actor)


def _words(draft: Draft, inbox_id: int, sender: str) -> Words:
    """Return what is held back, read anew from the bytes in the inbox.

    Of a mail by which a member brought it in, they are the customer's: of the original, or what stands below the line
    that opened the case.
    """
    mail = draft.facts.withheld[inbox_id]
    author = draft.facts.directory.canonical(mail.from_.address) if mail.from_ else ""
    if author == sender or draft.facts.directory.member(author) is None:
        return Words(text=mail.new_text or mail.text, carried=carried(mail, inbox_id))
    if len(mail.forwarded) == 1:
        return passed_on(mail, inbox_id, mail.forwarded[0])
    below = mail.new_text.strip().partition("\n")[2].strip()
    return Words(text=below or mail.quoted, carried=carried(mail, inbox_id))
