"""A member opens a case for a customer who telephoned or wrote elsewhere: `for ADDRESS [opened INSTANT]`, or `fwd`.

The customer is the requester and hears of it. A refused line stops the whole mail: no case, no number.
"""

from dataclasses import replace
from datetime import datetime

from mailbot.decision import Ending
from mailbot.event import CommandRefused, Visibility
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import receipt, withhold
from mailbot.rules.command.commands import run
from mailbot.rules.command.post import Post
from mailbot.rules.command.receipt import Line, line_of, lines_of
from mailbot.rules.command.words_member import pick_up
from mailbot.rules.mail import contact
from mailbot.rules.mail.matter import Matter, matter_of
from mailbot.rules.mail.opening import open_case, promised
from mailbot.rules.notice import notices, notify
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading import privacy
from mailbot.rules.reading.word import Refused
from mailbot.rules.spoken import No, Words
from mailbot.rules.telling import say
from mailbot.sentence import Reason


def open_for(draft: Draft, post: Post) -> None:
    """Open the case, add the customer's matter, run the commands below the first."""
    first, rest = post.reading.commands[0], replace(post.reading, commands=post.reading.commands[1:])
    post = replace(post, reading=rest)
    matter = matter_of(draft, post, first)
    if isinstance(matter, No):
        refuse(draft, post, (line_of(first.line, matter), *lines_of(rest.refused)))
        return
    found = _private(draft, post, matter)
    matter = _without_words(matter, found) if found else matter
    open_case(
        draft,
        post.cause,
        requester=matter.requester,
        opened=matter.opened,
        subject=matter.subject,
        language=matter.language,
    )
    said, internal = _add(draft, post, matter)
    if found:
        withhold.hold_back(draft, post.cause, found, sender=matter.requester)
    reading = post.reading_with(said, internal=internal)
    if post.own_notice and not any(given.word in ("take", "assign") for given in rest.commands):
        pick_up(draft, post.actor.address)
    if wrong := _wrong_requester(draft, matter.requester) or _in_future(matter.opened, draft.now):
        reading = replace(reading, refused=(Refused(line=first.line, reason=wrong), *reading.refused))
    lines = run(draft, reading, post.entries, post.actor)
    if any(not line.ok for line in lines):
        refuse(draft, post, lines)
        return
    settle(draft)
    draft.end(Ending.NEW, f"a new case on behalf of {matter.requester}")
    _tell(draft, post, matter, SILENT if internal else said)
    if found:
        withhold.tell(draft, post.cause, found, may_echo=True)
    opened = Line(line=first.line, ok=True, said=say("a case for %(address)s", address=matter.requester))
    receipt.send(draft, post.actor.address, post.cause, [opened, *lines])


def _private(draft: Draft, post: Post, matter: Matter) -> privacy.Private | None:
    """Say what of the customer's matter must not be passed on; what a member writes above a forwarded mail may be."""
    mail, original = post.cause.mail, matter.original
    if original is not None:
        mail = replace(
            mail,
            subject=mail.subject if matter.subject is None else matter.subject,
            text=original.text,
            new_text=original.text,
            attachments=(*mail.attachments, *original.attachments),
        )
    return privacy.private(mail, draft.process.privacy)


def _without_words(matter: Matter, found: privacy.Private) -> Matter:
    """Return the matter with nothing of what the customer says in it."""
    return replace(matter, words=SILENT, subject=withhold.NO_SUBJECT if found.subject else matter.subject)


def _add(draft: Draft, post: Post, matter: Matter) -> tuple[Words, bool]:
    """Add the words to the case; return the member's own, and whether they stay inside.

    Without a forwarded mail they are the matter. Above one they are for the team, but where a company's own word sends
    them to the customer.
    """
    if matter.original is None:
        visibility = Visibility.INTERNAL if post.is_note else Visibility.PUBLIC
        draft.happen(message(draft, post.cause, matter.words, post.proofs, visibility=visibility, by_member=True))
        return matter.words, post.is_note
    added = message(draft, post.cause, matter.words, post.proofs, by_member=True)
    draft.happen(replace(added, sender=matter.requester, forwarded_by=post.actor.address))
    internal = post.is_note or not post.own_notice
    if matter.own:
        visibility = Visibility.INTERNAL if internal else Visibility.PUBLIC
        own = message(
            draft, post.cause, matter.own, post.proofs, visibility=visibility, by_member=True, answers=not internal
        )
        draft.happen(own)
    return matter.own, internal


def _tell(draft: Draft, post: Post, matter: Matter, words: Words) -> None:
    """Tell the customer that it is a case, with the words for them, and the team what it is about."""
    actor, original = post.actor.address, matter.original
    answered = original.message_id if original else ""
    data = {**promised(draft, post.cause), "on_behalf": True}
    notices.received(draft, may_echo=True, in_reply_to=answered, data=data)
    contact.join(draft)
    if post.own_notice:
        notices.own_word(draft, post.own_notice, author=actor, words=words)
    author = matter.requester if original else actor
    shown = {"forwarded_by": actor, "note": matter.own.text} if original else {}
    notices.new_case(draft, author=author, words=matter.words, data=shown, actor=actor)
    notify.assigned(draft, actor)
    notify.breaches(draft, actor)


def _in_future(opened: datetime, now: datetime) -> Reason:
    """Say why a case cannot have been opened then, "" if it can."""
    return say("%(instant)s is still to come", instant=opened.isoformat()) if opened > now else ""


def _wrong_requester(draft: Draft, requester: str) -> Reason:
    """Say why nobody can open a case for this address, "" if one can."""
    if draft.facts.directory.member(requester) is not None:
        return say("%(address)s is a member of the team", address=requester)
    if draft.facts.desk.is_own(requester):
        return say("%(address)s is the desk itself", address=requester)
    return ""


def refuse(draft: Draft, post: Post, lines: tuple[Line, ...]) -> None:
    """Let nothing of the mail happen: no case, nobody hears of it but the author, whose text goes back."""
    draft.case, draft.happened = None, []
    for line in lines:
        draft.note(CommandRefused(at=draft.now, line=line.line, reason=line.said, actor=post.actor.address))
    draft.ignore("its commands were refused and answered", post.actor.address)
    receipt.send(draft, post.actor.address, post.cause, lines, text=post.text)
