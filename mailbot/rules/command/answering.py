"""The answers to `list`, `search`, `show` and `report`: one notice each, to who asked, at the registered address.

A list has an address for each case, which is its reader's own; what is shown of a case is what its notices told, so
what is held back and what was said past the engineer stand nowhere here.
"""

from collections.abc import Sequence

from mailbot.decision import MailArrived
from mailbot.event import MessageAdded, Visibility
from mailbot.facts import Listed
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.words_asking import number_of
from mailbot.rules.notice import report
from mailbot.rules.notice.addressees import to_asker
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor
from mailbot.rules.telling import say

#: So many characters of one message are shown, and of all together: the newest messages that fit, and always one.
LONGEST_MESSAGE, LONGEST_SHOWN = 4_000, 15_000


def answer(draft: Draft, given: Given, actor: Actor, cause: MailArrived | None) -> None:
    """Tell who asked what was found; whether there is an answer was said before."""
    answered = cause.mail.message_id if cause else ""
    if given.word == "show":
        _show(draft, number_of(given.argument), actor, answered)
        return
    if given.word == "report":
        report.tell(draft, actor, answered)
        return
    assert draft.facts.listed is not None, "what has no answer was refused"
    _list(draft, given, draft.facts.listed, actor, answered)


def _list(draft: Draft, given: Given, listed: Listed, actor: Actor, answered: str) -> None:
    words = " ".join(listed.query.words)
    kind = given.word if words else given.argument or "mine"
    data = {
        "kind": kind,
        "words": words,
        "more": listed.more,
        "snoozed": listed.snoozed,
        "example": _example(draft, listed),
    }
    to_asker(draft, "case_list", actor, answered, data=data, listed=listed.cases)


def _example(draft: Draft, listed: Listed) -> str:
    """Return a line that names a case of the list, as its reader could write it."""
    return f"{draft.facts.desk.reference(listed.cases[0].number)} take" if listed.cases else ""


def _show(draft: Draft, number: int, actor: Actor, answered: str) -> None:
    messages = draft.facts.shown[number]
    kept = _newest(messages)
    data = {
        "messages": [_plain(draft, one, actor.address) for one in kept],
        "earlier": len(messages) - len(kept),
    }
    to_asker(draft, "case_shown", actor, answered, data=data, case=number)


def _newest(messages: Sequence[MessageAdded]) -> Sequence[MessageAdded]:
    """Return the newest messages that a notice can hold, in order."""
    left, kept = LONGEST_SHOWN, 0
    for one in reversed(messages):
        left -= min(len(one.text), LONGEST_MESSAGE)
        if left < 0 and kept:
            break
        kept += 1
    return messages[len(messages) - kept :]


def _plain(draft: Draft, one: MessageAdded, reader: str) -> dict[str, object]:
    """Return a message as plain values: by whom and when, in the reader's zone, and what it says."""
    author = draft.facts.directory.person(one.sender)
    when = one.at.astimezone(draft.zone_of(reader))
    who = f"{author.name} <{one.sender}>" if author and author.name and author.address == one.sender else one.sender
    cut = len(one.text) > LONGEST_MESSAGE
    return {
        "heading": say("%(who)s, %(when)s", who=who, when=when),
        "internal": one.visibility is Visibility.INTERNAL,
        "text": one.text[:LONGEST_MESSAGE] + (" [...]" if cut else ""),
        "attachments": one.attachments,
    }
