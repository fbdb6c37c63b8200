"""Consultation: named teams are asked inside the case, by mail, while the assignee stays (`companies.md`, advendio).

The talk is internal, over as many rounds as it takes: what is asked and answered never reaches the customer.
"""

from collections.abc import Iterator, Sequence

from mailbot.decision import Ending, MailArrived
from mailbot.event import Visibility
from mailbot.people import Proof
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, whole_words
from mailbot.rules.command.arguments import named_text
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.identity.trust import Needs, suffices
from mailbot.rules.notice import notices
from mailbot.rules.notice.addressees import in_role
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said, Words
from mailbot.rules.telling import say


def entries(process: Process) -> Iterator[Entry]:
    """Yield the word, where the process names somebody to ask."""
    if process.consultations:
        names = tuple(one.name for one in process.consultations)
        yield Entry(
            word=Word(word="consult", takes=Takes.NAMED_TEXT, read=named_text(names), choices=names),
            usage="consult NAME: TEXT",
            help=say("Ask %(what)s, inside the case.", what=" or ".join(names)),
            group=Group.INSIDE,
            example=f"consult {names[0]}: can you look at the log?",
            run=consult,
        )


def consult(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Check that there is somebody to ask; the words go out when they are added."""
    del actor
    name = given.argument.partition(":")[0].strip()
    if not people(draft, (name,)):
        role = next(one.role for one in draft.process.consultations if one.name == name)
        return No(
            reason=say(
                "nobody in the directory has the role '%(role)s', so nobody of %(name)s can be asked",
                role=role,
                name=name,
            )
        )
    return Said(said=say("%(name)s is asked; the case stays with whom it is, and the talk inside", name=name))


def people(draft: Draft, names: Sequence[str]) -> tuple[str, ...]:
    """Return who is asked when these teams are."""
    roles = [one.role for one in draft.process.consultations if one.name in names]
    return tuple(dict.fromkeys(address for role in roles for address in in_role(draft, role)))


def ask(draft: Draft, names: Sequence[str], *, author: str, words: Words) -> None:
    """Send the words to the people of the teams; where none is named the talk goes on with those asked before."""
    asked = people(draft, names) if names else draft.open_case.consulted
    notices.consultation(draft, (address for address in asked if address != author), author=author, words=words)


def is_inside(draft: Draft, sender: str, proofs: frozenset[Proof]) -> bool:
    """Does somebody beside the team write inside the case: whom the process may ask or call, or whom we wrote to?"""
    case = draft.case
    if case is None or sender in case.writers:
        return False
    if draft.facts.directory.adviser(sender) is not None and suffices(proofs, Needs.CUSTOMER, draft.facts.desk):
        return True
    named = (*draft.facts.keys.tokens, *draft.facts.keys.tagged)
    mine = [token for token in named if token.case == case.number and token.principal == draft.facts.principal]
    return any(token.visibility is Visibility.INTERNAL for token in mine)


def answer(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Add what they answer, inside the case; those who work on it read it, and those who were asked before."""
    words = whole_words(cause)
    draft.happen(message(draft, cause, words, proofs, visibility=Visibility.INTERNAL, by_member=True))
    draft.end(Ending.THREADED, "an answer from beside the team, inside the case")
    notices.note(draft, author=sender, words=words)
    ask(draft, (), author=sender, words=words)
