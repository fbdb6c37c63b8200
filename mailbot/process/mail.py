"""What a process reads in mails and says of it: words of its own, forms, phrases, what must not be passed on."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from mailbot.people import Role
from mailbot.process.part import CustomerNotice, Flag, KeyedBy, Name, Part, Word


class Command(Part):
    """A command word of the company's own: it moves the case, and says something to the customer."""

    word: Word
    """The word itself, as it stands on a line of a mail; none that mailbot has already, or keeps for later."""
    who: tuple[str, ...] = (Role.AGENT, Role.LEAD, Role.MANAGER)
    """Who may say it: some of `customer`, `agent`, `lead` and `manager`."""
    to: Name
    """The status that it leads to, where the flow allows that."""
    notice: CustomerNotice
    """The notice by which the customer gets the words of the mail (docs/notices.md)."""
    needs_words: Flag = False
    """Is it refused without words of the sender's own?"""
    needs_solution: Flag = False
    """Must it name the kind of solution, one of those that the case's priority has?"""
    help: str = ""
    """What `help` says of it."""
    example: str = ""
    """What somebody may write behind the word and a colon: `help` shows it."""


class Solution(Part):
    """A kind of solution, for company words that need one."""

    name: Name
    """As members write it behind the word."""
    priorities: tuple[Name, ...] = ()
    """The priorities for which it counts; none means all."""


class FormField(Part):
    """A `Field: value` line of a customer's mail, also inside the quoted text of our own form."""

    name: Name
    """What stands before the colon, in any letter case. `Impact + Urgency` is no line of its own: it has the values of
    these two fields together, such as `high + low`, where one thing follows from several."""
    sets: Literal["", "priority", "type"] = ""
    """What its value sets when the case opens, or while it is new; empty: it is kept and shown."""
    values: Mapping[Annotated[Name, KeyedBy("value")], str] = Field(default_factory=dict)
    """What a value stands for, where customers write other words than the process, in any letter case."""
    required: Flag = False
    """Is it asked for while it is missing? The resolution clock is paused until it is there."""
    not_for: tuple[Name, ...] = ()
    """Priorities at which it is not asked for."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The fields whose values it has: itself, or those that its name joins."""
        return tuple(part.strip() for part in self.name.split(" + "))


#: The languages whose phrases come with mailbot.
LANGUAGES = ("en", "de", "et", "fr", "es")


class Phrases(Part):
    """Sentences of customers in one language, lower case, without punctuation (`semantics.md` 10, 11).

    A phrase may leave words open: `work*`, `(one|another)`, `[maybe]`, `..` (`mailbot.process.phrase`).
    """

    all_clear: tuple[str, ...] = ()
    """All is good: closes a resolved case."""
    good_sign: tuple[str, ...] = ()
    """What may say that all is good and is not clear enough to close: who works on the case is told."""
    close: tuple[str, ...] = ()
    """A wish to close."""
    close_sign: tuple[str, ...] = ()
    """What may be a wish to close and is not clear enough for it: who works on the case is told."""
    thanks: tuple[str, ...] = ()
    """Thanks alone, which changes nothing."""
    thanks_sign: tuple[str, ...] = ()
    """Words of thanks by themselves: thanks, whatever else is said that is neither good nor bad."""
    promise: tuple[str, ...] = ()
    """A promise to test: noted, changes nothing."""
    objection: tuple[str, ...] = ()
    """It is not solved."""
    escalation: tuple[str, ...] = ()
    """A wish that somebody higher takes it up: goes up the company's path, where there is one."""
    urgency: tuple[str, ...] = ()
    """Impatience: the one who works on the case is told, nobody is called."""
    no_escalation: tuple[str, ...] = ()
    """A wish to escalate or to complain that is denied, as `I do not want to escalate`: none, however it sounds."""
    own_people: tuple[str, ...] = ()
    """The customer's own people, as `my boss`: who is to ask them, or to send them something, calls nobody of ours."""
    beside: tuple[str, ...] = ()
    """What may stand beside an all-clear and says nothing against it, such as how it was tested. Where a language has
    such phrases, a part of a sentence that no phrase fits is a doubt."""
    unsettled: tuple[str, ...] = ()
    """What leaves it open although it has a negation, as `do not close it yet`: neither good nor an objection."""
    negation: tuple[str, ...] = ()
    """Negations: a doubt, and beside an all-clear an objection."""
    doubt: tuple[str, ...] = ()
    """Negations, objections and questions: with one of these it is no all-clear, no wish to close and no promise."""
    trouble: tuple[str, ...] = ()
    """What is wrong: with one of these it is no all-clear, but it may be a wish to close."""
    bad_sign: tuple[str, ...] = ()
    """What is wrong, where nothing else can be meant: trouble, and beside nothing that is clear an objection."""
    condition: tuple[str, ...] = ()
    """Conditions: with one of these it is no all-clear, but it may be a promise to test."""
    supposition: tuple[str, ...] = ()
    """Conditions that make what follows them neither an objection nor an escalation."""
    leave: tuple[str, ...] = ()
    """A watcher's wish to hear no more of a case, as `unsubscribe`: the word `unwatch`, where the mail says no more."""
    reserve: tuple[str, ...] = ()
    """What takes back a part of a yes, as `but` or `only`: beside a command that closes or approves it is a doubt."""
    courtesy: tuple[str, ...] = ()
    """Greetings and sign-offs, which alone are no message."""


class Privacy(Part):
    """What must not be passed on."""

    patterns: tuple[str, ...] = ()
    """Regular expressions on the lines of a customer's text, without regard to letter case."""
    files: tuple[str, ...] = ()
    """Regular expressions on the names of attachments, without regard to letter case."""
    marks: tuple[Name, ...] = ()
    """Words by which senders mark what is private, at the beginning of a line or in the subject."""
    explanation: str = ""
    """What the sender is told."""
