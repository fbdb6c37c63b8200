"""Who is it, and what is that good for (`semantics.md` 21 to 27).

Identity is a set of facts, not a boolean: each class of action names the combinations that suffice. `From` alone
starts a case and adds nothing to another's.
"""

import re
from datetime import timedelta

from mailbot.facts import Facts
from mailbot.mail import Envelope, Mail
from mailbot.model import Case
from mailbot.people import Desk, Directory, Needs, Person, Proof, ReplyTokens

__all__ = ["PROVEN", "Needs", "is_stepped_down", "is_unproven", "proofs_for", "proofs_of", "stepped_down", "suffices"]

#: Somebody of whom any one of these holds is who they say, whatever the case: they may find their own words in an
#: answer, ask for cases that the mail does not answer, copy others in.
PROVEN = frozenset({Proof.VERIFIED, Proof.SIGNED, Proof.SESSION})
#: How long after it was signed a mail may come: what is older may be a copy of something that was meant once.
SIGNED_WITHIN = timedelta(hours=72)
#: How fast the clock of a signer may be.
_FAST = timedelta(hours=1)
#: What a member still is where Reply-To sends answers elsewhere: only what takes the member's own secret.
_STEPPED_DOWN = frozenset({Proof.CLAIMED, Proof.SESSION, Proof.SIGNED})


def suffices(proofs: frozenset[Proof], needs: Needs, desk: Desk) -> bool:
    """Say whether the proofs are enough at this desk; without one well-formed From nothing is."""
    return Proof.CLAIMED in proofs and any(combination <= proofs for combination in desk.needs[needs])


def is_unproven(sender: str, case: Case | None, facts: Facts) -> bool:
    """Does a mail come in a member's name without what a member's mail takes (`semantics.md` 23)?

    Asked of every mail before a word of it joins a case, an automatic one too: anybody can write any From, and any
    field that makes a mail look like a program's.
    """
    member = facts.directory.member(sender) is not None
    return member and not suffices(proofs_for(case, facts), Needs.MEMBER, facts.desk)


def is_stepped_down(mail: Mail, desk: Desk, directory: Directory) -> bool:
    """Does a member's mail want its answers elsewhere? Then what others can forge or come by does not count in it.

    No conflict is a Reply-To that names the sender's other addresses, a member, somebody of the sender's organisation
    in the directory, or this desk.
    """
    sender = directory.member(mail.from_.address) if mail.from_ else None
    return sender is not None and not all(_is_near(address, sender, desk, directory) for address in mail.reply_to)


def _is_near(address: str, sender: Person, desk: Desk, directory: Directory) -> bool:
    person = directory.person(address)
    if person is None:
        return desk.is_own(address)
    of_one = bool(sender.organisation) and person.organisation == sender.organisation
    return directory.member(address) is not None or of_one or desk.is_own(address)


def stepped_down(proofs: frozenset[Proof]) -> frozenset[Proof]:
    """Return what is left where From and Reply-To of a member's mail conflict."""
    return proofs & _STEPPED_DOWN


def proofs_of(mail: Mail, envelope: Envelope) -> frozenset[Proof]:
    """Return what the mail and its way prove about its sender, whatever the case."""
    if mail.from_ is None:
        return frozenset()
    address = mail.from_.address
    proofs = {Proof.CLAIMED}
    if address in (envelope.session, mail.authentication.auth):
        proofs.add(Proof.SESSION)
    if mail.signed and -_FAST <= envelope.received_at - mail.signed.at <= SIGNED_WITHIN:
        proofs.add(Proof.SIGNED)
    if _aligned(mail, address.rpartition("@")[2]):
        proofs.add(Proof.VERIFIED)
    return frozenset(proofs)


def proofs_for(case: Case | None, facts: Facts) -> frozenset[Proof]:
    """Add what the mail's tokens prove about its sender for this case (or, without a case, by a personal address)."""
    number = case.number if case else 0
    proofs = set(facts.proofs)
    if case and not _is_signed_for(number, facts):
        proofs.discard(Proof.SIGNED)
    if facts.stepped_down:
        return stepped_down(frozenset(proofs))
    mine = [token for token in facts.keys.tokens if token.principal == facts.principal]
    own = any(token.personal and token.epoch == facts.address_epoch for token in mine)
    if own or any(case and not token.personal and token.case == number for token in mine):
        proofs.add(Proof.TOKEN)
    if case and any(tag.case == number and tag.principal == facts.principal for tag in facts.keys.tagged):
        proofs.add(Proof.REFERENCE)
        if facts.desk.reply_tokens is ReplyTokens.NONE:
            # The same token, made for the same person and case; there is no other place for it.
            proofs.add(Proof.TOKEN)
    return frozenset(proofs)


def signed_for(mail: Mail, desk: Desk) -> frozenset[int] | None:
    """Return the cases that stand inside of what was signed: in its Subject, else in its text; None if it is not."""
    if mail.signed is None:
        return None
    tag = rf"{re.escape(desk.tag)}-(\d{{1,9}})\b"
    numbers = re.findall(rf"\[{tag}\]", mail.signed.subject, re.IGNORECASE)[:1]
    return frozenset(map(int, numbers or re.findall(rf"\b{tag}", mail.text, re.IGNORECASE)))


def _is_signed_for(number: int, facts: Facts) -> bool:
    """Was what is signed written for this case? To, Subject and In-Reply-To stand outside: anybody can change them.

    It names the case and no other; or it names several, or none, and came by what we gave this person for this case.
    """
    named = facts.signed_for
    keys = (*facts.keys.tokens, *facts.keys.tagged)
    if named is None:
        return True
    if any(token.mark for token in facts.keys.answered):
        # What one click does stands in the address.
        return False
    if named == {number}:
        return True
    ours = any(token.case == number and token.principal == facts.principal for token in keys)
    return ours and (not named or number in named)


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
