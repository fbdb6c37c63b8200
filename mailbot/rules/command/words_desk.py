"""Words for mails to the desk's own address, which are about no case yet: `for`, `fwd`, `desk-address`; and `admit`."""

from collections.abc import Iterator

from mailbot.decision import Notice
from mailbot.event import Visibility
from mailbot.people import ReplyTokens
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import number, on_behalf
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say


def entries() -> Iterator[Entry]:
    """Yield the words that open a case, or let a mail in."""
    yield Entry(
        word=Word(word="admit", takes=Takes.OPTIONAL, read=number, choices=("the number of the held mail",)),
        usage="admit, admit NUMBER",
        help=say("Let in a mail to the desk that is held: the one whose notice you answer, or by its number."),
        group=Group.TROUBLE,
        example="admit 12",
        run=admit,
    )
    yield Entry(
        word=Word(
            word="for", takes=Takes.CHOICE, read=on_behalf, choices=("ADDRESS", "ADDRESS opened 2026-03-02 09:30")
        ),
        usage="for ADDRESS, for ADDRESS opened TIME",
        help=say("Open a case for a customer who telephoned; what you write below is what it is about."),
        group=Group.DESK,
        example="for jane@customer.example opened 2026-03-02 09:30",
        run=only_to_the_desk,
    )
    yield Entry(
        word=Word(word="fwd"),
        usage="fwd",
        help=say("Open the case of whoever wrote the mail that you forward below."),
        group=Group.DESK,
        example="fwd",
        run=only_to_the_desk,
    )

    yield Entry(
        word=Word(word="desk-address"),
        usage="desk-address",
        help=say(
            "Get a secret address of the desk, for a mail program that does not log in here, such as "
            "at home; write to it as yourself."
        ),
        group=Group.SELF,
        example="desk-address",
        run=own_address,
    )


def own_address(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Send the member's own address of the desk, to the registered address and nowhere else."""
    del given
    if draft.facts.desk.reply_tokens is ReplyTokens.NONE:
        return No(reason=say("the addresses of this desk hold nothing that could be yours alone; log in to send"))
    draft.tell(
        Notice(at=draft.now, template="desk_address", to=actor.address, case=None, visibility=Visibility.INTERNAL)
    )
    return Said(said=say("your own address of the desk is on its way to %(address)s", address=actor.address))


def only_to_the_desk(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """`for` and `fwd` open a case; in an answer to one they make no sense."""
    del draft, actor
    said = f"{given.word} {given.argument}".strip()
    return No(
        reason=say("'%(said)s' opens a new case: send it to the desk's address, not in answer to a case", said=said)
    )


def admit(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Let a held mail in; what comes of it is decided when it is worked on again."""
    del actor
    held = int(given.argument) if given.argument else draft.facts.found.held
    if not held:
        return No(reason=say("answer the notice of the held mail, or write 'admit' and the mail's number"))
    draft.admitted = held
    return Said(said=say("mail %(held)s is let in, if it was held", held=held))
