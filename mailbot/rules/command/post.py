"""A member's mail on its way through the rules: what all of them look at, said once."""

from dataclasses import dataclass

from mailbot.decision import MailArrived
from mailbot.event import Visibility
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.entry import Entry
from mailbot.rules.reading.word import Given, Reading, Refused, Takes
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.telling import say

#: The word that sends a canned answer.
USE = "use"
#: The word that lets words go which waited: a held answer, or (`as is`) the text of a refused mail.
SEND = "send"
AS_IS = "as is"
_INSIDE = say("but the words of this mail stay inside the team")

#: The word that takes commands back: nothing else of its mail could be taken back with them.
UNDO = "undo"
#: The word above a mail that is only tried out.
TRIAL = "dry-run"
#: The word above a mail that is for the children of the case too.
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """What a mail says for a case that its lines name."""

    case: int
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One mail of a proven member, with the commands that its writer has."""

    cause: MailArrived
    actor: Actor
    proofs: frozenset[Proof]
    entries: tuple[Entry, ...]
    #: The author's own text, above the marker line of the notice that it answers.
    text: str
    reading: Reading
    #: The lines that name another case than the one at hand, by case.
    others: tuple[Addressed, ...] = ()
    #: Is it only tried out? The word for it is no longer in the reading.
    trial: bool = False
    #: The line that says that it is for the children of the case too, "" where none does. Not in the reading either.
    all_line: str = ""

    @property
    def own_notice(self) -> str:
        """The notice of the last of the company's own words in the mail, "" where there is none."""
        notices = {entry.word.word: entry.notice for entry in self.entries}
        return next((notices[g.word] for g in reversed(self.reading.commands) if notices.get(g.word)), "")

    @property
    def is_note(self) -> bool:
        """Does the mail itself say that its words stay inside?"""
        return any(given.word in ("note", "consult", "handover") for given in self.reading.commands)

    @property
    def consulted(self) -> tuple[str, ...]:
        """The teams that are asked for advice."""
        asked = (given.argument for given in self.reading.commands if given.word == "consult")
        return tuple(name.partition(":")[0].strip() for name in asked)

    @property
    def texts(self) -> list[str]:
        """The texts behind `note:` and a company's own words, which belong to the words of the mail."""
        speaking = {e.word.word for e in self.entries if e.notice and e.word.takes is Takes.TEXT} | {"note"}
        texts = [given.argument for given in self.reading.commands if given.word in speaking and given.argument]
        named = {e.word.word for e in self.entries if e.notice and e.word.takes is Takes.OPTIONAL} | {"consult"}
        behind = (given.argument.partition(":")[2] for given in self.reading.commands if given.word in named)
        return [*texts, *(text.strip() for text in behind if text.strip())]

    def kept(self, *, internal: bool) -> str | None:
        """Return what `send as is` may let go of the mail when it is refused; None where an older one stays.

        What stays inside is not kept, nor are lines for another case: its customer is not the one who would read them.
        """
        if any(given.word == SEND for given in self.reading.commands):
            return None
        elsewhere = {line for one in self.others for line in one.reading.lines} | {self.all_line} - {""}
        lines = [line for line in self.text.split("\n") if line.strip() not in elsewhere]
        return "" if internal else "\n".join(lines).strip()

    def reading_with(self, words: Words, *, internal: bool) -> Reading:
        """Return the reading with a refusal for each word that needs words for the customer, where there are none."""
        why = _INSIDE if internal else say("behind a colon or below it")
        needing = {entry.word.word for entry in self.entries if entry.needs_words}
        lines = [g for g in self.reading.commands if g.word in needing and (internal or not words)]
        missing = (
            Refused(
                line=given.line,
                reason=say("'%(word)s' needs words of yours for the customer, %(why)s", word=given.word, why=why),
            )
            for given in lines
        )
        silent = () if words else tuple(g for g in self.reading.commands if g.word == "consult")
        answers = {USE: USE, SEND: f"{SEND} {AS_IS}"}
        inside = tuple(g for g in self.reading.commands if g.word == USE or is_as_is(g)) if internal else ()
        stays = (
            Refused(
                line=g.line, reason=say("'%(word)s' answers the customer, %(why)s", word=answers[g.word], why=_INSIDE)
            )
            for g in inside
        )
        why_asks = say("'consult' needs your question, behind a colon or below it")
        asks = (Refused(line=given.line, reason=why_asks) for given in silent)
        undoes = tuple(g for g in self.reading.commands if g.word == UNDO)
        crowded = undoes if words or self.others or self.all_line or len(self.reading.commands) > 1 else ()
        why_alone = say("'%(word)s' stands alone: send whatever else there is in a mail of its own", word=UNDO)
        alone = (Refused(line=given.line, reason=why_alone) for given in crowded)
        return Reading(
            commands=self.reading.commands,
            refused=(*self.reading.refused, *missing, *stays, *asks, *alone),
            words=self.reading.words,
        )


def is_as_is(given: Given) -> bool:
    """Does the command let the text of a refused mail go?"""
    return (given.word, given.argument) == (SEND, AS_IS)


def is_own_matter(draft: Draft, post: Post) -> bool:
    """Does a member write about a matter of their own, as its customer: words alone, in a case that a colleague has?"""
    case = draft.open_case
    plain = not (post.reading.lines or post.others or post.trial or post.all_line)
    return plain and case.requester == post.actor.address != case.assignee and not stays_internal(draft, post)


def stays_internal(draft: Draft, post: Post) -> bool:
    """`note` keeps words inside; so does an answer to an internal notice, whatever else the mail names."""
    if post.is_note:
        return True
    number = draft.open_case.number
    answered = draft.facts.keys.answered
    return any(token.case == number and token.visibility is Visibility.INTERNAL for token in answered)
