"""Two agents at once: an answer that was written before a colleague's went out is held (`semantics.md` 15).

Whoever names a mail or a notice that is as new as the colleague's answer has seen it. Of the others one is taken for
written before when its Date is, or when it answers an older notice of ours and came within minutes. A clock that says
a time before what its mail answers is wrong, and does not count. A hold that was not needed costs more than one that
is missed: a mail of an hour later is let through.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailbot.model import Case
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.post import Post
from mailbot.rules.command.words_member import OUTDATED
from mailbot.rules.notice import notices
from mailbot.rules.spoken import Words
from mailbot.rules.telling import say
from mailbot.sentence import Reason, Sentence

#: So long after a colleague's answer, an answer to an older notice may have been begun before it.
AT_ONCE = timedelta(minutes=15)


def outdated(draft: Draft, post: Post) -> Reason:
    """Say who answered the customer after what this answer answers, "" where nobody did."""
    case = draft.open_case
    lets_go = post.cause.admitted or any(given.word == "send" for given in post.reading.commands)
    if lets_go or case.said_at is None or case.said_by == post.actor.address:
        return ""
    read = draft.facts.found.read_until
    if (read is not None and read >= case.said_at) or not _written_before(draft, case, post, case.said_at):
        return ""
    when = case.said_at.astimezone(draft.zone_of(post.actor.address))
    return say("%(who)s answered the customer before yours came: %(when)s", who=case.said_by, when=when)


def holds(draft: Draft, post: Post, children: Sequence[int] = ()) -> bool:
    """Put the answer aside if one of the cases that it is for, the one at hand or its children, has a newer one."""
    home = draft.open_case.number
    for number in (home, *children):
        draft.turn_to(number)
        if reason := outdated(draft, post):
            _hold(draft, post, reason)
            return True
    draft.turn_to(home)
    return False


def _hold(draft: Draft, post: Post, why: Sentence) -> None:
    """Show its author what the colleague said."""
    case, actor = draft.open_case, post.actor.address
    draft.hold(OUTDATED, why, actor)
    words = Words(text=draft.facts.said.get(case.number, ""))
    notices.held(draft, post.cause, to=[actor], kind=OUTDATED, why=why, sender=actor, words=words, author=case.said_by)


def _written_before(draft: Draft, case: Case, post: Post, said_at: datetime) -> bool:
    """Was the mail written before the colleague's words went out?"""
    read, written = draft.facts.found.read_until, post.cause.mail.date
    if written is not None and written.tzinfo is not None and (read or case.opened) <= written < said_at:
        return True
    return draft.facts.found.names_notice and draft.now - said_at <= AT_ONCE
