"""A new case from a customer's own mail; anyone may open one (`semantics.md` 25, 29)."""

from datetime import datetime

from mailbot.decision import Ending, Happened, MailArrived
from mailbot.event import CaseOpened, MailHeld, TextHeldBack
from mailbot.people import Proof
from mailbot.rules import entitlement, form, limits, notify, privacy
from mailbot.rules.clocks import settle
from mailbot.rules.correlate import plain_subject
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Reading, read
from mailbot.rules.message import message, words_of
from mailbot.rules.proposal import proposals
from mailbot.rules.receipt import help_data
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.words import vocabulary

#: A sender who is proven may find their own words in the acknowledgement.
PROVEN = frozenset({Proof.VERIFIED, Proof.SIGNED, Proof.SESSION})
#: What the acknowledgement of an issue asks for, once.
EVIDENCE = (
    "To find the cause we need a description of what happens, screenshots or a video, and which users are affected: "
    "please send them in answer to this mail."
)
#: What the acknowledgement says where an old reply address was used (`semantics.md` 24).
EXPIRED = "The address that you wrote to belonged to an older request and has expired, so this is a new one."


def by_customer(
    draft: Draft,
    cause: MailArrived,
    sender: str,
    proofs: frozenset[Proof],
    *,
    related: int = 0,
    expired: bool = False,
) -> None:
    """Open a case with a customer's mail; `expired`: the address that they used belonged to an older one."""
    entries = vocabulary(draft.process, draft.facts.directory, member=False)
    reading = read(cause.mail.new_text, [entry.word for entry in entries])
    if _only_help(reading, cause):
        _help(draft, cause, Actor(address=sender, member=False), proofs, reading.commands[0])
        return
    if not cause.admitted and (refusal := entitled(draft, sender)):
        _hold_without_contract(draft, cause, sender, proofs, refusal)
        return
    words = words_of(cause, cause.mail.new_text or cause.mail.text)
    # A mail that was held counts from when it came (`semantics.md` 29).
    opened = min(cause.envelope.received_at, draft.now)
    open_case(draft, cause, requester=sender, opened=opened, related=related)
    found = privacy.private(cause.mail, draft.process.privacy)
    if found:
        words = Words()
    draft.happen(message(draft, cause, words, proofs))
    form.fill_in(draft, "" if found else cause.mail.text)
    settle(draft)
    draft.end(Ending.NEW, "a new case")
    data = {**proposals(words.text), "related": draft.facts.desk.reference(related) if related else ""}
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=bool(proofs & PROVEN)):
        draft.hit("limits", f"no acknowledgement: {refusal}")
    else:
        advice = " ".join(filter(None, (EXPIRED if expired else "", advice_of(draft, cause))))
        notify.received(draft, may_echo=bool(proofs & PROVEN), in_reply_to=cause.mail.message_id, advice=advice)
    notify.new_case(draft, author=sender, words=words, data=data)
    ask_for_fields(draft, cause)
    if found:
        hold_back(draft, cause, found)


def advice_of(draft: Draft, cause: MailArrived) -> str:
    """Return what the process wants said first: when to phone, and what is missing to begin."""
    case, process = draft.open_case, draft.process
    own = process.priority(case.priority).advice if case.priority else ""
    stated = any(declared.sets == "priority" and declared.name in case.fields for declared in process.fields)
    evidence = EVIDENCE if process.type(case.type).wants_evidence and not cause.mail.attachments else ""
    return " ".join(filter(None, ("" if stated else process.start.advice, own, evidence)))


def ask_for_fields(draft: Draft, cause: MailArrived) -> None:
    """Ask for required fields that are missing, once per incomplete answer."""
    missing = form.missing(draft.process, draft.open_case)
    if missing and not limits.refusal(cause.mail, draft.facts.counters, proven=True):
        notify.asked_for(draft, missing=missing, in_reply_to=cause.mail.message_id)


def hold_back(draft: Draft, cause: MailArrived, found: privacy.Private) -> None:
    """Hold a mail's content back from the case and from every mail that goes out; both sides are told."""
    draft.happen(
        TextHeldBack(at=draft.now, inbox_id=cause.inbox_id, found=found.found, digest=found.digest)
    )
    number = draft.open_case.number
    draft.happened.append(
        Happened(case=number, event=MailHeld(at=draft.now, reason=f"privacy: {found.found}", sender=""))
    )
    notify.held_back(draft, found=found.found, in_reply_to=cause.mail.message_id)


def entitled(draft: Draft, sender: str) -> str:
    """Return why mail from this sender opens no case, "" if it does."""
    facts = draft.facts
    return entitlement.refusal(draft.process, facts.directory, sender, facts.desk, draft.now)


def _hold_without_contract(
    draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof], reason: str
) -> None:
    """Hold it for the team; the sender gets one answer that says why."""
    draft.note(MailHeld(at=draft.now, reason=reason, sender=sender))
    draft.end(Ending.HELD, reason)
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=bool(proofs & PROVEN)):
        draft.hit("limits", f"no answer: {refusal}")
    else:
        notify.to_sender(draft, "no_contract", sender, cause, data={"ended": "ended" in reason}, may_echo=False)
    words = words_of(cause, cause.mail.new_text or cause.mail.text)
    notify.held(draft, to=notify.team(draft), reason=reason, sender=sender, inbox_id=cause.inbox_id, words=words)


def open_case(draft: Draft, cause: MailArrived, *, requester: str, opened: datetime, related: int = 0) -> None:
    """Let a case with the next number begin in the process's first status."""
    start = draft.process.start
    draft.happen(
        CaseOpened(
            at=draft.now,
            number=draft.facts.next_number,
            status=start.status,
            kind=draft.process.status(start.status).kind,
            priority=start.priority,
            type=start.type,
            requester=requester,
            subject=plain_subject(cause.mail.subject, draft.facts.desk.tag),
            opened=opened,
            message_id=cause.mail.message_id,
            related=related,
            plan=entitlement.plan_of(draft.process, draft.facts.directory, requester),
            contract_until=entitlement.contract_until(draft.facts.directory, requester),
            held_until=draft.now if cause.admitted and opened < draft.now else None,
        )
    )


def _only_help(reading: Reading, cause: MailArrived) -> bool:
    """Is `help` all that the mail says? Then it is answered and makes no case."""
    words = [given.word for given in reading.commands]
    return words == ["help"] and not reading.words and not reading.refused and not cause.mail.attachments


def _help(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], given: Given) -> None:
    proven = bool(proofs & PROVEN)
    if refusal := limits.refusal(cause.mail, draft.facts.counters, proven=proven):
        draft.hit("limits", f"no help: {refusal}")
    else:
        data = help_data(draft, given.argument, member=False)
        notify.to_sender(draft, "help", actor.address, cause, data=data, may_echo=proven)
    draft.ignore("a mail that only asks for help makes no case", actor.address)
