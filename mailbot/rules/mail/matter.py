"""What a case on somebody's behalf is about: a member's words, or the mail that they forward (`for ADDRESS`, `fwd`).

A forwarded mail's words and attachments are its author's; what the member wrote above it is not. In doubt about whose
mail it is nothing is guessed: `fwd` is refused and says to write `for ADDRESS`.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.mail import Forwarded
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import passed_on, words_of
from mailbot.rules.command.arguments import out_of_reach
from mailbot.rules.command.post import Post
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading.language import told_by
from mailbot.rules.reading.outgoing import MARK
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import No, Words
from mailbot.rules.telling import say

#: The word that opens the case of whoever wrote the forwarded mail.
FWD = "fwd"
_INSTEAD = say("write 'for ADDRESS' instead, with the customer's address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A customer's matter, as a member brings it in."""

    requester: str
    opened: datetime
    words: Words
    #: The original that was forwarded, None where the member's own words are the matter.
    original: Forwarded | None = None
    #: What the member wrote above a forwarded mail, with nothing of it.
    own: Words = SILENT
    #: The original's subject, None for that of the member's mail.
    subject: str | None = None
    #: The language in which the customer wrote, "" where only a member's words are at hand, or in doubt.
    language: str = ""


def matter_of(draft: Draft, post: Post, first: Given) -> Matter | No:
    """Return what the case is about that the first line asks for; `post` is the mail without that line."""
    originals = post.cause.mail.forwarded
    original = originals[0] if len(originals) == 1 else None
    own = "\n\n".join(filter(None, (*post.texts, post.reading.words)))
    if (original is not None and _is_ours(post, original)) or _quotes_ours(post, own):
        return No(
            reason=say("a notice of ours stands in what you forward; write what the customer says in words of your own")
        )
    if first.word == FWD:
        return _of_the_author(draft, post, original, own)
    requester, written = read_for(first.argument)
    if written and (wrong := out_of_reach(written)):
        return No(reason=wrong)
    opened = _instant(written, draft.facts.desk.timezone, draft.now) if written else draft.now
    if original is None:
        # Of a mail that is forwarded without a word the customer's own words are the matter.
        words = words_of(post.cause, own or post.cause.mail.quoted)
        return Matter(requester=requester, opened=opened, words=words, language="" if own else told_by(words.text))
    words, told = passed_on(post.cause.mail, post.cause.inbox_id, original), _language_of(original)
    return Matter(
        requester=requester, opened=opened, words=words, original=original, own=Words(text=own), language=told
    )


def read_for(argument: str) -> tuple[str, datetime | None]:
    """Read the argument of `for`: the customer, and when the call was, as it is written; None where nothing is."""
    address, _, rest = argument.partition(" opened ")
    return address, datetime.fromisoformat(rest) if rest else None


def _of_the_author(draft: Draft, post: Post, original: Forwarded | None, own: str) -> Matter | No:
    """`fwd`: whose mail it is, and when it was written, stands in it; a date that cannot be is a wrong clock's."""
    if original is None:
        if post.cause.mail.forwarded:
            return No(reason=say("several mails are forwarded here; %(instead)s", instead=_INSTEAD))
        return No(reason=say("no forwarded mail is found here; %(instead)s", instead=_INSTEAD))
    if original.from_ is None:
        return No(
            reason=say(
                "the forwarded mail does not name its author by exactly one address; %(instead)s", instead=_INSTEAD
            )
        )
    zone, now = draft.facts.desk.timezone, draft.now
    date = None if original.date and out_of_reach(original.date) else original.date
    return Matter(
        requester=draft.facts.directory.canonical(original.from_.address),
        opened=min(_instant(date, zone, now), now) if date else now,
        words=passed_on(post.cause.mail, post.cause.inbox_id, original),
        original=original,
        own=Words(text=own),
        subject=original.subject or None,
        language=_language_of(original),
    )


def _instant(when: datetime, zone: str, now: datetime) -> datetime:
    """Return an instant that somebody wrote; without a zone it is in the desk's."""
    return (when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))).astimezone(now.tzinfo)


def _language_of(original: Forwarded) -> str:
    return told_by(f"{original.subject}\n{original.text}")


def _quotes_ours(post: Post, own: str) -> bool:
    """Does a notice of ours stand in a quote that would be the matter?"""
    return not own and MARK in post.cause.mail.quoted


def _is_ours(post: Post, original: Forwarded) -> bool:
    """Does a notice of ours stand in it? Then internal words would become the customer's."""
    attached = any(one.ours for one in post.cause.mail.attachments if one.index == original.index)
    return attached or MARK in original.text
