"""Who is it, and what is that good for (`semantics.md` 21 to 27).

Identity is a set of facts, not a boolean: each class of action names the combinations that suffice. `From` alone
starts a case and adds nothing to another's.
"""

from enum import StrEnum

from mailbot.decision import Facts
from mailbot.mail import Envelope, Mail
from mailbot.model import Case
from mailbot.people import Proof, ReplyTokens


class Needs(StrEnum):
    """The classes of what somebody wants to do with a case."""

    #: A participant's text into the case, and a customer's commands.
    CUSTOMER = "customer"
    #: An agent's commands, and an agent's text to a customer.
    MEMBER = "member"
    #: Who gets to see a case, whose it is.
    DANGEROUS = "dangerous"


#: Any one of these combinations suffices (`semantics.md` 22).
SUFFICIENT: dict[Needs, tuple[frozenset[Proof], ...]] = {
    Needs.CUSTOMER: tuple(
        frozenset({proof}) for proof in (Proof.TOKEN, Proof.REFERENCE, Proof.VERIFIED, Proof.SIGNED, Proof.SESSION)
    ),
    Needs.MEMBER: (
        frozenset({Proof.SESSION}),
        frozenset({Proof.SIGNED}),
        frozenset({Proof.VERIFIED, Proof.TOKEN}),
    ),
    Needs.DANGEROUS: (frozenset({Proof.SESSION}), frozenset({Proof.SIGNED})),
}


def suffices(proofs: frozenset[Proof], needs: Needs) -> bool:
    """Say whether the proofs are enough; without one well-formed From nothing is."""
    return Proof.CLAIMED in proofs and any(combination <= proofs for combination in SUFFICIENT[needs])


def proofs_of(mail: Mail, envelope: Envelope) -> frozenset[Proof]:
    """Return what the mail and its way prove about its sender, whatever the case."""
    if mail.from_ is None:
        return frozenset()
    address = mail.from_.address
    proofs = {Proof.CLAIMED}
    if address in (envelope.session, mail.authentication.auth):
        proofs.add(Proof.SESSION)
    if _aligned(mail, address.rpartition("@")[2]):
        proofs.add(Proof.VERIFIED)
    return frozenset(proofs)


def proofs_for(case: Case | None, facts: Facts) -> frozenset[Proof]:
    """Add what the mail's tokens prove about its sender for this case (or, without a case, by a personal address)."""
    number = case.number if case else 0
    mine = [token for token in facts.keys.tokens if token.principal == facts.principal]
    proofs = set(facts.proofs)
    if any(token.personal or (case and token.case == number) for token in mine):
        proofs.add(Proof.TOKEN)
    if case and any(tag.case == number and tag.principal == facts.principal for tag in facts.keys.tagged):
        proofs.add(Proof.REFERENCE)
        if facts.desk.reply_tokens is ReplyTokens.NONE:
            # The same token, made for the same person and case; there is no other place for it.
            proofs.add(Proof.TOKEN)
    return frozenset(proofs)


def _aligned(mail: Mail, domain: str) -> bool:
    """RFC 7489: does the border vouch for the From domain? A DMARC failure outweighs a signature.

    A domain without a policy (dmarc=none) is as good as its aligned signature, and the organisation's own as the
    border's word that the mail was submitted inside it.
    """
    results = mail.authentication
    if results.dmarc == "fail":
        return False
    if domain in results.inside or (results.dmarc == "pass" and results.dmarc_from == domain):
        return True
    return any(domain == signer or domain.endswith("." + signer) for signer in results.dkim if "." in signer)
