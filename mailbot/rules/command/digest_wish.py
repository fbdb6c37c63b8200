"""`digest: on`, `digest: off`: whether a member wants to read each working morning what waits."""

from collections.abc import Iterator

from mailbot.event import DigestWished
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import one_of
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.notice.digest import DIGEST
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, Outcome, Said
from mailbot.rules.telling import say

_ON, _OFF = "on", "off"


def entries() -> Iterator[Entry]:
    """Yield the word."""
    yield Entry(
        word=Word(word=DIGEST, takes=Takes.CHOICE, read=one_of((_ON, _OFF)), choices=(_ON, _OFF)),
        usage="digest on, digest off",
        help=say("Each working morning a mail with what waits for you, where your desk has it; or none."),
        group=Group.SELF,
        example="digest off",
        run=wish,
    )


def wish(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Note whether a member wants the opening digest."""
    wanted = given.argument == _ON
    draft.note(DigestWished(at=draft.now, person=actor.address, wanted=wanted))
    if not wanted:
        return Said(said=say("you get no morning mail of what waits"), undo="digest: on")
    if not draft.facts.desk.opening_digest:
        return Said(said=say("noted; but this desk sends no morning mail of what waits"), undo="digest: off")
    return Said(said=say("each working morning you get a mail of what waits"), undo="digest: off")
