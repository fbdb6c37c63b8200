"""A member opens a case for a customer who telephoned or wrote elsewhere: `for ADDRESS [opened INSTANT]`.

The customer is the requester and hears of it. A refused line stops the whole mail: no case, no number.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.decision import Ending
from mailbot.event import CommandRefused, Visibility
from mailbot.rules import notify
from mailbot.rules.clocks import settle
from mailbot.rules.commands import run
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Refused
from mailbot.rules.message import message, words_of
from mailbot.rules.opening import open_case, promised
from mailbot.rules.post import Post
from mailbot.rules.receipt import Line
from mailbot.rules.words_member import pick_up


def open_for(draft: Draft, post: Post) -> None:
    """Open the case, add the member's words as the customer's matter, run the commands below the first."""
    first, rest = post.reading.commands[0], replace(post.reading, commands=post.reading.commands[1:])
    requester, opened = read_for(first.argument, draft.facts.desk.timezone, draft.now)
    post = replace(post, reading=rest)
    # Of a mail that is forwarded without a word the customer's own words are the matter.
    said = "\n\n".join(filter(None, (*post.texts, rest.words))) or post.cause.mail.quoted
    words = words_of(post.cause, said)
    open_case(draft, post.cause, requester=requester, opened=opened)
    visibility = Visibility.INTERNAL if post.is_note else Visibility.PUBLIC
    draft.happen(message(draft, post.cause, words, post.proofs, visibility=visibility, by_member=True))
    reading = post.reading_with(words, internal=post.is_note)
    if post.own_notice and not any(given.word in ("take", "assign") for given in rest.commands):
        pick_up(draft, post.actor.address)
    if wrong := _wrong_requester(draft, requester) or _in_future(opened, draft.now):
        reading = replace(reading, refused=(Refused(line=first.line, reason=wrong), *reading.refused))
    lines = run(draft, reading, post.entries, post.actor)
    if any(not line.ok for line in lines):
        refuse(draft, post, lines)
        return
    settle(draft)
    draft.end(Ending.NEW, f"a new case on behalf of {requester}")
    notify.received(draft, may_echo=True, data={**promised(draft, post.cause), "on_behalf": True})
    if post.own_notice:
        notify.own_word(draft, post.own_notice, author=post.actor.address, words=notify.public(draft, words))
    notify.new_case(draft, author=post.actor.address, words=words, data={})
    notify.assigned(draft, post.actor.address)
    notify.breaches(draft, post.actor.address)
    receipt = (Line(line=first.line, ok=True, said=f"a case for {requester}"), *lines)
    data = {"lines": [line.plain() for line in receipt], "refused": False, "text": ""}
    notify.to_sender(draft, "command_result", post.actor.address, post.cause, data=data)


def read_for(argument: str, zone: str, now: datetime) -> tuple[str, datetime]:
    """Read the argument of `for`: the customer, and when the call was."""
    address, _, rest = argument.partition(" opened ")
    if not rest:
        return address, now
    instant = datetime.fromisoformat(rest)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(zone))
    return address, instant.astimezone(now.tzinfo)


def _in_future(opened: datetime, now: datetime) -> str:
    """Say why a case cannot have been opened then, "" if it can."""
    return f"{opened.isoformat()} is still to come" if opened > now else ""


def _wrong_requester(draft: Draft, requester: str) -> str:
    """Say why nobody can open a case for this address, "" if one can."""
    if draft.facts.directory.member(requester) is not None:
        return f"{requester} is a member of the team"
    if requester == draft.facts.desk.address:
        return f"{requester} is the desk itself"
    return ""


def refuse(draft: Draft, post: Post, lines: tuple[Line, ...]) -> None:
    """Let nothing of the mail happen: no case, nobody hears of it but the author, whose text goes back."""
    draft.case, draft.happened = None, []
    for line in lines:
        draft.note(CommandRefused(at=draft.now, line=line.line, reason=line.said, actor=post.actor.address))
    draft.ignore("its commands were refused and answered", post.actor.address)
    data = {"lines": [line.plain() for line in lines], "refused": True, "text": post.text}
    notify.to_sender(draft, "command_result", post.actor.address, post.cause, data=data)
