"""Who is copied on a mail joins the case, where the process wants it and somebody who may says so (`cc_joins`).

A Cc field alone proves nothing: it counts in the mail of a member who is sure, and in that of a customer whose domain
vouches for it. A customer copies in colleagues (the own domain, or whoever is in the directory), nobody else: else a
stranger could have the desk write to anybody. Whoever was let in to write (`alias`) hears of nothing, and so brings
nobody who would. Who joins hears of what comes, and of nothing before.
"""

from mailbot.decision import MailArrived
from mailbot.event import WatchersChanged
from mailbot.people import DELIMITERS, Proof
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
        domain = sender.rpartition("@")[2]
        known = draft.facts.directory.person
        _join(draft, [a for a in _copied(draft, cause, sender) if a.rpartition("@")[2] == domain or known(a)], sender)


def by_member(draft: Draft, cause: MailArrived, sender: str) -> None:
    """Let whoever join to whom a member wrote as well, in an answer to the customer."""
    if draft.process.cc_joins:
        _join(draft, _copied(draft, cause, sender), sender)


def _copied(draft: Draft, cause: MailArrived, sender: str) -> list[str]:
    """Return the people whom the mail names beside its sender, the desk, and those who hear of the case anyway."""
    directory, case = draft.facts.directory, draft.open_case
    named = dict.fromkeys(directory.canonical(one.address) for one in (*cause.mail.to, *cause.mail.cc))
    anyway = {sender, *case.participants}
    inside = (directory.member, directory.adviser)
    return [a for a in named if a not in anyway and not _is_desk(draft, a) and not any(is_(a) for is_ in inside)]


def _is_desk(draft: Draft, address: str) -> bool:
    """Is it an address of the desk, with a token or without?"""
    desk = draft.facts.desk
    local_part, _, domain = address.rpartition("@")
    own = {desk.address, *desk.purposes}
    plain = {address, *(f"{local_part.partition(d)[0]}@{domain}" for d in DELIMITERS)}
    return bool(own & plain) or (bool(desk.reply_domain) and domain == desk.reply_domain)


def _join(draft: Draft, addresses: list[str], sender: str) -> None:
    watchers = (*draft.open_case.watchers, *addresses)
    if len(addresses) > MOST_COPIED or len(watchers) > MOST_WATCHERS:
        draft.hit("carbon_copy", f"{len(addresses)} people are copied: that is a mailing, so nobody joins the case")
    elif addresses:
        draft.hit("carbon_copy", f"joins by the copy: {', '.join(addresses)}")
        draft.happen(WatchersChanged(at=draft.now, watchers=watchers, actor=sender))
