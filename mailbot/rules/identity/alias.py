"""Further addresses of a case's customer that were let in for it: an address used is remembered (`semantics.md` 23).

A reply address is made for one person. Mail to it from elsewhere is held, and one answer of the team lets it in: from
then on that address counts like the person's own in this case. It hears of nothing: what it asks is answered to that
person. When the case becomes another requester's, or a watcher leaves it, every such address is somebody else's again.
Where the operator names the domain, a colleague whose mail the domain vouches for is let in at once; so is the contact
of the customer's organisation whom the directory names, while the case is open.
"""

from dataclasses import replace

from mailbot.decision import Ending
from mailbot.event import AliasAdmitted, Kind, Visibility
from mailbot.facts import Facts, Token
from mailbot.model import Case
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.identity.trust import PROVEN, proofs_for

BY_TEAM, BY_DOMAIN = "let in by the team", "a verified colleague"
BY_DIRECTORY = "the contact of the customer's organisation"


def counted(facts: Facts, sender: str) -> Facts:
    """Return the facts with the customer's token that the mail came to as its sender's own, where that is let in."""
    for token in facts.keys.tokens:
        case = facts.found.cases.get(token.case)
        if case is None or token.visibility is Visibility.INTERNAL or facts.directory.member(sender) is not None:
            continue
        if token.principal == facts.principal:
            return facts
        # A case that was merged goes on elsewhere: who was let in there is not here.
        if not case.merged_into and is_let_in(facts, case, sender, marked=bool(token.mark)):
            return replace(facts, principal=token.principal)
    return facts


def is_let_in(facts: Facts, case: Case, sender: str, *, marked: bool) -> bool:
    """Does what was made for somebody else in the case count as the sender's own? `marked`: it is one click."""
    return sender in case.aliases or (
        not marked and (is_colleague(facts, case, sender) or is_contact(facts, case, sender))
    )


def remember(draft: Draft, number: int, sender: str, *, let_in: bool) -> None:
    """Write down that an address counts from now on in the case that its mail joined; `let_in`: the team said so."""
    case = draft.case
    if case is None or case.number != number or draft.ending is not Ending.THREADED or sender in case.writers:
        return
    if let_in:
        draft.happen(AliasAdmitted(at=draft.now, address=sender, reason=BY_TEAM))
    elif _addressed(draft.facts.keys.tokens, case) and is_colleague(draft.facts, case, sender):
        draft.happen(AliasAdmitted(at=draft.now, address=sender, reason=BY_DOMAIN))
    elif is_contact(draft.facts, case, sender):
        draft.happen(AliasAdmitted(at=draft.now, address=sender, reason=BY_DIRECTORY))


def _addressed(tokens: tuple[Token, ...], case: Case) -> bool:
    return any(token.case == case.number and token.visibility is Visibility.PUBLIC for token in tokens)


def is_colleague(facts: Facts, case: Case, sender: str) -> bool:
    """Does a domain that the operator named vouch for the sender, and is it the customer's own?"""
    domain = sender.rpartition("@")[2]
    return (
        domain in facts.desk.colleagues
        and domain == case.requester.rpartition("@")[2]
        and Proof.VERIFIED in facts.proofs
    )


def is_contact(facts: Facts, case: Case, sender: str) -> bool:
    """Is it the contact of the customer's organisation, and the case open? A reply address passed on is no proof."""
    organisation = facts.directory.organisation(case.requester)
    named = organisation is not None and bool(sender) and organisation.contact == sender
    return named and case.kind is not Kind.CLOSED and bool(proofs_for(case, facts) & PROVEN)
