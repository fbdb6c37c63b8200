"""Who is copied on a mail joins the case, where the process wants it and somebody who may says so (`cc_joins`).

A Cc field alone proves nothing: it counts in the mail of a member who is sure, and in that of a customer whose domain
vouches for it. A customer copies in whom the operator knows: whoever is in the directory, and colleagues of a domain
that `colleagues` of `[trust]` names, nobody else. That two addresses have one domain says nothing: at a provider of
mailboxes everybody has, and a stranger could have the desk write to any of them. Whoever was let in to write (`alias`)
hears of nothing, and so brings nobody who would. Who joins hears of what comes, and of nothing before.
"""

from mailbot.decision import MailArrived
from mailbot.event import WatchersChanged
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.words_people import MOST_WATCHERS
from mailbot.rules.identity.trust import PROVEN

#: People whom one mail may bring along; with more nobody joins, it is a mailing.
MOST_COPIED = 10
#: What a mail that was let in counts with, whoever sent it.
LENT = frozenset({Proof.SESSION})


def by_customer(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Let colleagues join whom a proven customer wrote to as well; an address that was let in brings nobody."""
    own = proofs - LENT if cause.admitted else proofs
    if draft.process.cc_joins and own & PROVEN and sender in draft.open_case.participants:
        _join(draft, [one for one in _copied(draft, cause, sender) if _is_known(draft, one, sender)], sender)


def _is_known(draft: Draft, address: str, sender: str) -> bool:
    """Does the operator know the address, or that its domain is one of colleagues, the sender's own?"""
    domain = address.rpartition("@")[2]
    colleague = domain == sender.rpartition("@")[2] and domain in draft.facts.desk.colleagues
    return colleague or draft.facts.directory.person(address) is not None


def by_member(draft: Draft, cause: MailArrived, sender: str) -> None:
    """Let whoever join to whom a member wrote as well, in an answer to the customer."""
    if draft.process.cc_joins:
        _join(draft, _copied(draft, cause, sender), sender)


def _copied(draft: Draft, cause: MailArrived, sender: str) -> list[str]:
    """Return the people whom the mail names beside its sender, the desk, and those who hear of the case anyway."""
    directory, desk, case = draft.facts.directory, draft.facts.desk, draft.open_case
    named = dict.fromkeys(directory.canonical(one.address) for one in (*cause.mail.to, *cause.mail.cc))
    anyway = {sender, *case.participants}
    inside = (directory.member, directory.adviser)
    return [a for a in named if a not in anyway and not desk.is_own(a) and not any(is_(a) for is_ in inside)]


def _join(draft: Draft, addresses: list[str], sender: str) -> None:
    watchers = (*draft.open_case.watchers, *addresses)
    if len(addresses) > MOST_COPIED or len(watchers) > MOST_WATCHERS:
        draft.hit("carbon_copy", f"{len(addresses)} people are copied: that is a mailing, so nobody joins the case")
    elif addresses:
        draft.hit("carbon_copy", f"joins by the copy: {', '.join(addresses)}")
        draft.happen(WatchersChanged(at=draft.now, watchers=watchers, actor=sender))
