"""`dry-run`: a mail is decided as it would be, and nothing of it happens; its author is told what would have.

The decision is made on a copy of the draft, by the same rules, so that it cannot say anything else than the real one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mailbot.decision import Ending
from mailbot.event import CommandsTried
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import receipt
from mailbot.rules.command.post import TRIAL, Post
from mailbot.rules.mail import confirm
from mailbot.rules.notice import notices
from mailbot.rules.reading.grammar import SHORT_LINE, read
from mailbot.rules.reading.word import Refused, Word
from mailbot.rules.spoken import Actor
from mailbot.rules.telling import say

#: `dry run`, `dryrun:`, `*Dry-run*, please`; not `dry runs`.
_SLIP = re.compile(r"[#/!*_\"'\s]*dry[ \t-]*run(?![^\W_])[\W_]*(.*)$", re.IGNORECASE)
#: A line for a case that it names.
_CASE = re.compile(r"\[?[A-Za-z]{1,10}-\d")
#: What decides a member's mail.
Do = Callable[[Draft, Post], None]


def told_apart(text: str, words: Sequence[Word], called: Mapping[str, str]) -> tuple[bool, str]:
    """Say whether a mail is only to be tried out, and return the rest of it."""
    line, _, rest = text.lstrip().partition("\n")
    given = read(line, words, called=called).commands
    return (True, rest) if given and given[0].word == TRIAL else (False, text)


def slips(text: str, words: Sequence[Word], called: Mapping[str, str]) -> tuple[Refused, ...]:
    """Refuse a first line that nearly says that the mail is only to be tried out: all of it would be done, or sent.

    `dry run`, `dry-run please` and `dry-run take` are meant so; `Dry run of the new pump went well` is prose.
    """
    line = text.lstrip().partition("\n")[0].strip()
    found = _SLIP.match(line)
    if found is None:
        return ()
    behind = read(found[1], words, called=called)
    if len(found[1].split()) < SHORT_LINE or behind.commands or behind.refused or _CASE.match(found[1]):
        return (Refused(line=line, reason=say("'%(word)s' stands alone on its line", word=TRIAL)),)
    return ()


def rehearse(draft: Draft, post: Post, do: Do, *, own: str) -> None:
    """Say in one receipt what would be done, or refused, and who would hear of it.

    `own` is what of the text its author may send afterwards, though the receipt, an internal notice, has all of it.
    """
    tried = confirm.trial(draft)
    # Nobody need confirm what is not done.
    do(tried, replace(post, actor=replace(post.actor, sure=True)))
    actor = post.actor.address
    if draft.case is not None:
        draft.happen(CommandsTried(at=draft.now, actor=actor, text=own))
        draft.end(Ending.THREADED, "a dry run: nothing was done")
    else:
        draft.ignore("a dry run: nothing was done", actor)
    told = next((notice.data for notice in tried.notices if receipt.is_to(notice, actor)), {})
    mails = [
        {"to": notice.to, "notice": notice.template.replace("_", " "), "words": bool(notice.words)}
        for notice in tried.notices
        if notice.to != actor
    ]
    data = {
        "trial": True,
        "lines": told.get("lines", []),
        "refused": told.get("refused", False),
        "held": next((n.data["explanation"] for n in tried.notices if n.template == "held"), ""),
        "mails": mails,
        "left_out": told.get("left_out", []),
        "text": post.text,
    }
    notices.to_sender(draft, receipt.TEMPLATE, actor, post.cause, data=data)


def tried_text(draft: Draft, actor: Actor) -> str:
    """Return the text of the member's latest dry run, "" if there is none, or it is somebody else's."""
    case = draft.before
    return case.tried_text if case and case.tried_by == actor.address else ""
