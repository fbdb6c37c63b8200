"""Consultation: named teams are asked inside the case, by mail, while the assignee stays (`companies.md`, advendio).

The talk is internal: what is asked and answered never reaches the customer.
"""

from mailbot.decision import Ending, MailArrived
from mailbot.event import Visibility
from mailbot.people import Proof
from mailbot.rules import notify
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given
from mailbot.rules.message import message, words_of
from mailbot.rules.spoken import Actor, No, Outcome, Said, Words


def consult(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Check that there is somebody to ask; the words go out when they are added."""
    del actor
    name = given.argument.partition(":")[0].strip()
    asked = next((one for one in draft.process.consultations if one.name.casefold() == name.casefold()), None)
    if asked is None:
        names = ", ".join(one.name for one in draft.process.consultations)
        return No(reason=f"there is no team {name!r} to consult; there are {names or 'none'}")
    if not notify.in_role(draft, asked.role):
        return No(reason=f"nobody in the directory has the role {asked.role!r}")
    return Said(said=f"{asked.name} is asked; the case stays with you, and the talk inside")


def ask(draft: Draft, name: str, *, author: str, words: Words) -> None:
    """Send the question to the people of the team."""
    role = next(one.role for one in draft.process.consultations if one.name.casefold() == name.casefold())
    notify.consultation(draft, notify.in_role(draft, role), author=author, words=words)


def is_asked(draft: Draft, sender: str) -> bool:
    """Does the mail answer an internal notice that was sent to this person?"""
    case = draft.case
    if case is None or sender in case.participants:
        return False
    named = (*draft.facts.keys.tokens, *draft.facts.keys.tagged)
    mine = [token for token in named if token.case == case.number and token.principal == draft.facts.principal]
    return any(token.visibility is Visibility.INTERNAL for token in mine)


def answer(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Add what a consulted person answers, inside the case; those who work on it read it."""
    words = words_of(cause, cause.mail.new_text or cause.mail.text)
    draft.happen(message(draft, cause, words, proofs, visibility=Visibility.INTERNAL, by_member=True))
    draft.end(Ending.THREADED, "an answer to a consultation, inside the case")
    notify.note(draft, author=sender, words=words)
