"""To which case does a mail belong? Two pure steps with a look-up between them.

`thread_keys` reads what the mail names; the store says what it knows of that; `choose` decides: a valid token, then
our own tagged Message-ID, then a known Message-ID, then the number in the subject; else a new case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.event import Kind, Visibility
from mailbot.facts import Facts, ThreadKeys, Token
from mailbot.mail import Envelope, Mail
from mailbot.model import Case
from mailbot.people import Desk, ReplyTokens
from mailbot.rules.identity.alias import is_contact, is_let_in
from mailbot.rules.identity.token import KeyRing, return_paths, tokens_in_addresses, tokens_in_message_ids
from mailbot.rules.identity.trust import Needs, proofs_for, suffices

#: How long a reply address works after the case's last activity.
TOKEN_LIFE = timedelta(days=180)
_PREFIX = re.compile(
    # A colon, also the full-width one of East Asian mail programs.
    "^(?:(?:re|aw|wg|fwd?|vs|vl|sv|tr|rif|odp|antw|res|enc|ynt|vastus)(?:\\[\\d+\\])?\\s*[:\uff1a]\\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What correlation decided."""

    #: The case that the mail belongs to, None for a new one.
    case: Case | None = None
    #: By what, in words.
    how: str
    #: A case that may have to do with it, for agents only; 0 for none.
    related: int = 0
    #: Did the mail come to an address that has expired? Its sender is told so (`semantics.md` 24).
    expired: bool = False
    #: The case whose valid reply address somebody else used.
    others: Case | None = None
    #: Was that address a member's, for internal answers? Then it is no matter of the customer.
    others_internal: bool = False
    #: What stands for that somebody in the address.
    whose: bytes = b""
    #: What stands for the one action that the address is for (`token.mark`); empty where it is for answers.
    mark: bytes = b""


def thread_keys(mail: Mail, envelope: Envelope, desk: Desk, ring: KeyRing, sender: str = "") -> ThreadKeys:
    """Read everything in a mail that may say to which case it belongs."""
    named = (*mail.in_reply_to, *reversed(mail.references))
    recipients = (*envelope.forward_paths, *(m.address for m in (*mail.to, *mail.cc)))
    return ThreadKeys(
        tokens=tokens_in_addresses(ring, desk, recipients, sender),
        tagged=tokens_in_message_ids(ring, desk, named, sender),
        returned=return_paths(ring, desk, recipients) if mail.automatic else (),
        message_ids=tuple(dict.fromkeys(named)),
        own=mail.message_id,
        signed=mail.signed.digest if mail.signed else "",
        number=subject_number(mail.subject, desk.tag),
        bare_number=bare_number(f"{mail.subject}\n{mail.new_text}", desk.tag),
    )


def bare_number(text: str, tag: str) -> int:
    """Return the first number of ours in a text, such as 12 for `HD-12`; 0 for none (`semantics.md` 28)."""
    match = re.search(rf"\b{re.escape(tag)}-(\d{{1,9}})\b", text, re.IGNORECASE)
    return int(match[1]) if match else 0


def subject_number(subject: str, tag: str) -> int:
    """Return the number of the first tag of ours, such as 12 for `[HD-12]` in any letter case; 0 for none."""
    match = re.search(rf"\[{re.escape(tag)}-(\d{{1,9}})\]", subject, re.IGNORECASE)
    return int(match[1]) if match else 0


def plain_subject(subject: str, tag: str) -> str:
    """Return the subject without reply prefixes and our tag, for comparing and for our own subjects."""
    without = re.sub(rf"\[{re.escape(tag)}-\d{{1,9}}\]\s*", "", subject, flags=re.IGNORECASE)
    return _PREFIX.sub("", without.strip()).strip()


def choose(mail: Mail, facts: Facts, now: datetime) -> Choice:
    """Decide to which case the mail belongs."""
    sender = facts.directory.canonical(mail.from_.address) if mail.from_ else ""
    member = facts.directory.member(sender) is not None
    inside = member or facts.directory.adviser(sender) is not None
    others: Choice | None = None
    for token, case in _known(facts, _addressed(facts)):
        if token.principal == facts.principal:
            let_in = is_let_in(facts, case, sender, marked=bool(token.mark))
            # An answer from inside is welcome from whom we wrote to; what one click does, members do alone.
            inner = member if token.mark else inside or token.visibility is Visibility.INTERNAL
            if not (inner or sender in case.writers or let_in):
                how = "the reply address of somebody who hears no more of the case"
                return Choice(how=how, related=case.number, mark=token.mark)
            return _by_token(mail, facts, case, now, token=token, member=member)
        if member and suffices(facts.proofs, Needs.MEMBER, facts.desk):
            # An answer in a colleague's place; what one click does is for the one who was offered it.
            return _by_token(mail, facts, case, now, token=replace(token, mark=b""), member=member)
        others = others or Choice(
            how="a reply address that was made for somebody else",
            others=case,
            others_internal=token.visibility is Visibility.INTERNAL,
            whose=token.principal,
        )
    if others is not None:
        return others
    for _, case in _known(facts, facts.keys.tagged):
        if inside or sender in case.writers or is_contact(facts, case, sender):
            return _led(case, facts, member=member, how="our own Message-ID in its references")
    for case, how in _weak(facts):
        if inside or sender in case.writers or is_contact(facts, case, sender):
            return _led(case, facts, member=member, how=how)
    return Choice(how="nothing of ours that its sender takes part in", related=_first_named(facts))


def _addressed(facts: Facts) -> tuple[Token, ...]:
    """Return the tokens of the addresses; where those have none, what the mail answers may stand for one action."""
    if facts.desk.reply_tokens is not ReplyTokens.NONE:
        return facts.keys.tokens
    return (*facts.keys.tokens, *(token for token in facts.keys.tagged[:1] if token.mark))


def _by_token(mail: Mail, facts: Facts, case: Case, now: datetime, *, token: Token, member: bool) -> Choice:
    """A valid token leads to its case, unless an address book kept it (`semantics.md` 24)."""
    if now - case.latest > TOKEN_LIFE:
        how = f"the reply address of {facts.desk.reference(case.number)} has expired"
        return Choice(how=how, related=case.number, expired=True, mark=token.mark)
    if token.mark:
        # No address book keeps it under another subject: whatever the mail says, its address says what it is for.
        return replace(_led(case, facts, member=member, how="the token in the address of one action"), mark=token.mark)
    done = case.kind in (Kind.RESOLVED, Kind.CLOSED)
    refers = any(c.number == case.number for _, c in _known(facts, facts.keys.tagged)) or any(
        c.number == case.number for c, _ in _weak(facts)
    )
    subject = plain_subject(mail.subject, facts.desk.tag).casefold()
    if done and not refers and subject != plain_subject(case.subject, facts.desk.tag).casefold():
        return Choice(how="another subject at an old reply address", related=case.number)
    return _led(case, facts, member=member, how="the token in its recipient address")


def _led(case: Case, facts: Facts, *, member: bool, how: str) -> Choice:
    """What leads to a case lets a customer's text in only with proof; of a member's mail `trust.is_unproven` is asked.

    A customer without proof gets a new case; a member gets none, so the case is named here and the mail held there.
    """
    if member or suffices(proofs_for(case, facts), Needs.CUSTOMER, facts.desk):
        return Choice(case=case, how=how)
    return Choice(how=f"{how}, but nothing proves its sender", related=case.number)


def _known(facts: Facts, tokens: tuple[Token, ...]) -> Iterator[tuple[Token, Case]]:
    """Yield the tokens whose case exists."""
    for token in tokens:
        if not token.personal and (case := facts.found.cases.get(token.case)) is not None:
            yield token, case


def _weak(facts: Facts) -> Iterator[tuple[Case, str]]:
    """Yield the cases that only a known Message-ID, its own too, or the subject's number leads to, in this order."""
    for message_id in facts.keys.message_ids:
        number = facts.found.by_message_id.get(message_id, 0)
        if case := facts.found.cases.get(number):
            yield case, "a known Message-ID in its references"
    for number in facts.found.awaited:
        if case := facts.found.cases.get(number):
            yield case, "a mail of the case named it, or one that both name, before it came"
    if case := facts.found.cases.get(facts.keys.number):
        yield case, "the number in its subject"


def _first_named(facts: Facts) -> int:
    """Return the first case that the mail names in any way, 0 for none."""
    named = [case for _, case in _known(facts, facts.keys.tagged)] + [case for case, _ in _weak(facts)]
    return named[0].number if named else 0
