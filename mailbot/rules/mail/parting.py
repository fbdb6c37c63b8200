"""A watcher who wants to hear no more says so in the words of mailing lists: `unsubscribe`, `please remove me`.

Nobody else's mail is read so: in a requester's these words are about something else.
"""

from dataclasses import replace

from mailbot.decision import MailArrived
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import names_of
from mailbot.rules.command.words_people import UNWATCH
from mailbot.rules.reading.parting import wants_to_leave
from mailbot.rules.reading.word import Given, Reading
from mailbot.rules.spoken import Actor


def understood(draft: Draft, cause: MailArrived, actor: Actor, reading: Reading) -> Reading:
    """Return the reading, or `unwatch` where a watcher's mail without commands says nothing else."""
    if reading.commands or reading.refused or actor.address not in draft.open_case.watchers:
        return reading
    if not wants_to_leave(reading.words, draft.process, names_of(draft, cause)):
        return reading
    draft.hit("phrases", f"read as: {UNWATCH}")
    line = reading.words.strip().partition("\n")[0]
    return replace(reading, commands=(Given(word=UNWATCH, argument="", line=line),), words="")
