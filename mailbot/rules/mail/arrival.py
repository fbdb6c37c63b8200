"""A mail came: which way does it go? The order of the questions that every mail is asked.

Every mail ends threaded, new, held, quarantined or ignored, each with a reason that a person can read.
"""

from dataclasses import replace

from mailbot.decision import Ending, MailArrived
from mailbot.event import CommandRefused
from mailbot.mail import Automatic
from mailbot.people import Proof
from mailbot.rules.case.draft import UNCLEAR, Draft
from mailbot.rules.command import consult, escalation
from mailbot.rules.command.receipt import Line
from mailbot.rules.identity import alias
from mailbot.rules.identity.correlate import Choice, choose
from mailbot.rules.identity.successors import after_merges
from mailbot.rules.identity.trust import PROVEN, Needs, is_unproven, proofs_for, suffices
from mailbot.rules.mail import click, confirm, customer_mail, filters, flood, machine_mail, member_mail, opening, survey
from mailbot.rules.notice import limits, notices, standing
from mailbot.rules.notice.addressees import workers
from mailbot.rules.reading import confidence
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.telling import say


def arrive(draft: Draft, cause: MailArrived) -> None:
    """Decide what becomes of a mail."""
    mail = cause.mail
    sender = sender_of(draft, cause)
    draft.facts = after_merges(draft.facts, sender, admitted=cause.admitted)
    if _ends_at_once(draft, cause, sender):
        return
    if cause.admitted:
        draft.facts = replace(draft.facts, proofs=draft.facts.proofs | {Proof.CLAIMED, Proof.SESSION})
    to_escalate = escalation.PURPOSE in purposes(draft, cause) and not mail.automatic
    to_escalate = to_escalate and not (cause.admitted and escalation.names_no_case(draft, cause, sender))
    if to_escalate and draft.facts.directory.member(sender) is None:
        escalation.arrive(draft, cause, sender)
        return
    draft.facts = alias.counted(draft.facts, sender)
    choice = choose(mail, draft.facts, draft.now)
    draft.hit("correlate", choice.how)
    if choice.others is not None and not cause.admitted:
        _other_sender(draft, cause, sender, choice)
        return
    draft.case = draft.before = choice.case or (choice.others if cause.admitted else None)
    if draft.case is not None:
        draft.now = max(draft.now, draft.case.latest)
    if mail.automatic and draft.case is not None:
        _by_program(draft, cause, sender)
        return
    number = draft.case.number if draft.case else 0
    _by_person(draft, cause, sender, choice)
    if draft.facts.directory.member(sender) is None:
        alias.remember(draft, number, sender, let_in=choice.others is not None and not choice.others_internal)


def _ends_at_once(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """End a mail that is nobody's words to the desk, or that nobody wants to hear; False: it goes on."""
    kind = cause.mail.automatic
    if kind is Automatic.OWN or draft.facts.desk.is_own(sender):
        draft.ignore("a mail of our own came back", sender)
        return True
    draft.routing = filters.routing(draft, cause, sender)
    if kind and not filters.may_open(draft, kind) and machine_mail.arrive(draft, cause, sender):
        return True
    if not sender:
        draft.hold(UNCLEAR, say("it names no single well-formed sender"), sender)
        return True
    return filters.keep_out(draft, cause, sender)


def _by_program(draft: Draft, cause: MailArrived, sender: str) -> None:
    """A program's or a list's mail about a case: who works on it hears of it."""
    if is_unproven(sender, draft.case, draft.facts):
        _unproven(draft, cause, sender)
    else:
        machine_mail.attach(draft, cause, sender, tell=True)


def _by_person(draft: Draft, cause: MailArrived, sender: str, choice: Choice) -> None:
    """A human's mail: a member's, a customer's in a case, or a new case."""
    proofs = proofs_for(draft.case, draft.facts)
    draft.hit("trust", " + ".join(sorted(proofs)) or "nothing is proven")
    _one_of(draft, cause, sender, choice, proofs)
    if suffices(proofs, Needs.CUSTOMER, draft.facts.desk):
        standing.clear(draft, sender)
    flood.watch(draft, proven=bool(proofs & PROVEN))


def _one_of(draft: Draft, cause: MailArrived, sender: str, choice: Choice, proofs: frozenset[Proof]) -> None:
    """Ask whose mail it is, and give it to what treats such mail."""
    if escalation.is_confidant(draft, sender) and suffices(proofs, Needs.CUSTOMER, draft.facts.desk):
        escalation.keep(draft, cause, sender, proofs)
    elif is_unproven(sender, draft.case, draft.facts):
        _unproven(draft, cause, sender)
    elif draft.facts.directory.member(sender) is not None:
        # Whoever let a held mail in knows who wrote it, and may not be sure enough themselves.
        sure = suffices(proofs, Needs.DANGEROUS, draft.facts.desk) and not cause.admitted
        _by_member(draft, cause, Actor(address=sender, member=True, sure=sure), proofs, choice)
    elif consult.is_inside(draft, sender, proofs) or _let_inside(draft, sender, choice):
        consult.answer(draft, cause, sender, proofs)
    elif not choice.mark and survey.is_answer(draft, cause, sender):
        survey.answer(draft, cause, sender, proofs)
    elif draft.case is not None:
        actor = Actor(address=sender, member=False)
        told = click.resolve(draft, cause, actor, choice.mark) if choice.mark else cause
        if told is not None:
            customer_mail.arrive(draft, told, actor, proofs)
    elif choice.mark and not click.own_words(cause.mail, member=False):
        _expired_click(draft, cause, Actor(address=sender, member=False))
    elif _is_complaint(draft, cause):
        complain = opening.in_confidence if cause.admitted else escalation.astray
        complain(draft, cause, sender)
    else:
        opening.by_customer(draft, cause, sender, proofs, related=choice.related, expired=choice.expired)


def _is_complaint(draft: Draft, cause: MailArrived) -> bool:
    """Is it a complaint past the engineer? At the escalations address it need not say that it calls somebody."""
    text, here = cause.mail.new_text, escalation.PURPOSE in purposes(draft, cause)
    return confidence.is_asked(draft.process, text) or (here and confidence.goes_past(draft.process, text))


def _let_inside(draft: Draft, sender: str, choice: Choice) -> bool:
    """Was a stranger's answer to one of our internal notices let in? It is none of the customer's."""
    return draft.case is not None and choice.others_internal and sender not in draft.case.writers


def _by_member(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], choice: Choice) -> None:
    """A proven member's mail: what one click asks for is settled first."""
    if choice.mark and draft.case is None:
        _expired_click(draft, cause, actor)
        return
    if confirm.is_answer(choice.mark):
        before = draft.mark()
        if waited := confirm.answered(draft, cause, actor, choice.mark):
            told, parked = waited
            member_mail.arrive(draft, told, replace(actor, sure=True), proofs, internal=parked.internal)
            if draft.ending is Ending.HELD:
                confirm.hold(draft, cause)
            elif draft.events(CommandRefused):
                confirm.wait_on(draft, before)
        return
    plain = click.resolve(draft, cause, actor, choice.mark) if choice.mark else cause
    if plain is not None:
        member_mail.arrive(draft, plain, actor, proofs)


def _expired_click(draft: Draft, cause: MailArrived, actor: Actor) -> None:
    """A link that is too old, and no words to begin a new case with."""
    line = Line(line="a link of ours", ok=False, said=click.EXPIRED)
    click.answer(draft, cause, actor, line, click.own_words(cause.mail, member=actor.member))
    draft.ignore(f"a link that does nothing now: {click.EXPIRED}", actor.address)


def purposes(draft: Draft, cause: MailArrived) -> frozenset[str]:
    """Return what the addresses that the mail came to are for, beside the desk's own."""
    known = draft.facts.desk.purposes
    return frozenset(known[address] for address in cause.envelope.forward_paths if address in known)


def sender_of(draft: Draft, cause: MailArrived) -> str:
    """Return the registered address of who the mail says it is from; the envelope's where From is no one mailbox."""
    if cause.mail.from_ is not None:
        return draft.facts.directory.canonical(cause.mail.from_.address)
    return draft.facts.directory.canonical(cause.envelope.reverse_path or "")


def _unproven(draft: Draft, cause: MailArrived, sender: str) -> None:
    """From names a member, the facts do not suffice (`semantics.md` 23): no case, no number, no acknowledgement."""
    draft.case = None
    why = say("From names a member of the team and nothing proves it")
    if draft.facts.stepped_down:
        why = say(
            "From names a member of the team and Reply-To wants the answers elsewhere, and no log-in or signature "
            "proves it"
        )
    draft.hold("unproven", why, sender)
    if limits.is_said("unproven", draft.facts.counters):
        draft.hit("limits", "no notice: they heard within a day that somebody writes in their name")
    else:
        data = {"subject": "", "received": draft.now.isoformat(), "inbox_id": cause.inbox_id}
        notices.to_sender(draft, "unproven", sender, None, data=data, may_echo=False)


def _other_sender(draft: Draft, cause: MailArrived, sender: str, choice: Choice) -> None:
    """A right token with another sender (`semantics.md` 23): held; the customer and the team hear of it."""
    draft.case = choice.others
    kind, why = "other-sender", say("the reply address was made for somebody else")
    draft.hold(kind, why, sender)
    assert choice.others is not None
    owner = draft.facts.holders.get(choice.whose, "")
    # A requester, or a watcher, who came later has nothing to do with the other addresses of who was there before.
    hears = owner in choice.others.participants and not choice.others_internal
    if hears and draft.facts.counters.other_sender_hour < limits.OTHER_SENDER_HOUR:
        notices.to_sender(draft, "other_sender", owner, None, data={"sender": sender}, may_echo=False)
    members = workers(draft)
    words = Words(text=cause.mail.new_text)
    notices.held(draft, cause, to=members, kind=kind, why=why, sender=sender, words=words)
