"""A new case from a customer's own mail; anyone may open one (`semantics.md` 25, 29)."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.decision import Ending, MailArrived
from mailbot.event import CaseOpened
from mailbot.people import Proof
from mailbot.rules.case import form
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, whole_words
from mailbot.rules.clock import entitlement
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import escalation, withhold
from mailbot.rules.command.help import help_data
from mailbot.rules.command.questions import answer_question
from mailbot.rules.command.words import vocabulary
from mailbot.rules.identity.correlate import plain_subject
from mailbot.rules.identity.trust import PROVEN
from mailbot.rules.mail import carbon_copy, contact, doubted, filters, flood
from mailbot.rules.notice import dates, limits, notices, notify, unanswered
from mailbot.rules.notice.addressees import SILENT, team
from mailbot.rules.reading import privacy
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.language import written_in
from mailbot.rules.reading.phrases import normalised
from mailbot.rules.reading.proposal import proposals
from mailbot.rules.reading.tongues import called
from mailbot.rules.reading.word import Given, Reading
from mailbot.rules.spoken import Actor
from mailbot.rules.telling import say
from mailbot.sentence import Reason, Sentence

#: Why a mail is held whose sender has no contract (`contract.md`).
CONTRACT = "contract"
#: What the acknowledgement of an issue asks for, once.
EVIDENCE = say(
    "To find the cause we need a description of what happens, screenshots or a video, and which users are affected: "
    "please send them in answer to this mail."
)
#: A longer subject says what has happened: then `help` alone is a matter, not a question.
SHORT_SUBJECT = 2
#: What the acknowledgement says where an old reply address was used (`semantics.md` 24).
EXPIRED = say("The address that you wrote to belonged to an older request and has expired, so this is a new one.")


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
    reading = read(cause.mail.new_text, [entry.word for entry in entries], called=called(draft.facts.desk.spoken))
    reading = doubted.refused(reading, cause.mail)
    if _only_asks(draft, reading, cause):
        _answer(draft, cause, Actor(address=sender, member=False), proofs, reading.commands[0])
        return
    if not cause.admitted and (refusal := entitled(draft, sender)):
        _hold_without_contract(draft, cause, sender, proofs, refusal)
        return
    proven = bool(proofs & PROVEN)
    gathers = not cause.admitted and flood.is_too_much(draft.facts.counters, proven=proven)
    if gathers and flood.is_added(draft, cause, sender, proofs):
        return
    found = _begun(draft, cause, sender, proofs, related=related, gathers=gathers)
    if gathers:
        flood.call(draft, sender)
    else:
        _acknowledge(draft, cause, proven=proven, expired=expired)
    if not (found or gathers):
        _others_join(draft, cause, sender, proofs)
    words = SILENT if found else whole_words(cause)
    named = draft.facts.desk.reference(related) if related else ""
    data = {**proposals(words.text), "related": named, "gathers": gathers}
    notices.new_case(draft, author=sender, words=words, data=data)
    if found:
        withhold.tell(draft, cause, found, may_echo=proven)


def _begun(
    draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof], *, related: int, gathers: bool
) -> privacy.Private | None:
    """Open the case with the mail's words; return what is private about them, and is held back then."""
    # A mail that was held counts from when it came (`semantics.md` 29).
    opened = min(cause.envelope.received_at, draft.now)
    found = privacy.private(cause.mail, draft.process.privacy)
    fields = {} if found else form.given(cause.mail, draft.process, {})
    subject = withhold.NO_SUBJECT if found and found.subject else cause.mail.subject
    open_case(
        draft,
        cause,
        requester=sender,
        opened=opened,
        related=related,
        fields=fields,
        subject=subject,
        language=written_in(cause.mail),
        gathers=gathers,
    )
    draft.happen(message(draft, cause, SILENT if found else whole_words(cause), proofs))
    if found:
        withhold.hold_back(draft, cause, found, sender=sender)
    form.fill_in(draft, fields)
    settle(draft)
    draft.end(Ending.NEW, "a new case")
    return found


def _others_join(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Let the people in its Cc, and the contact of its organisation, hear of the case."""
    carbon_copy.by_customer(draft, cause, sender, proofs)
    notify.joined(draft)
    if (proofs - carbon_copy.LENT if cause.admitted else proofs) & PROVEN:
        contact.join(draft)


def in_confidence(draft: Draft, cause: MailArrived, sender: str) -> None:
    """Open a case with a complaint past the engineer that was let in; the team sees no word of it."""
    opened, told = min(cause.envelope.received_at, draft.now), written_in(cause.mail)
    open_case(draft, cause, requester=sender, opened=opened, subject=withhold.NO_SUBJECT, language=told)
    escalation.confide(draft, cause, Actor(address=sender, member=False), draft.facts.proofs)
    draft.end(Ending.NEW, "a new case with a complaint past the engineer concerned")
    notices.new_case(draft, author=sender, words=SILENT, data={})


def _acknowledge(draft: Draft, cause: MailArrived, *, proven: bool, expired: bool) -> None:
    """Say that the mail is a case now and what is missing in it, within the limits of automatic answers."""
    if draft.routing.answered is False:
        draft.hit("filters", "no acknowledgement")
    elif refusal := unanswered.refusal(draft, cause.mail, proven=proven):
        draft.hit("limits", f"no acknowledgement: {refusal}")
    else:
        said = {**promised(draft, cause), "expired": EXPIRED if expired else "", "advice": advice_of(draft)}
        notices.received(draft, may_echo=proven, in_reply_to=cause.mail.message_id, data=said)
        ask_for_fields(draft, cause, may_echo=proven)


def promised(draft: Draft, cause: MailArrived) -> dict[str, object]:
    """Return what every acknowledgement says: the targets that count from now on, and the evidence that is wanted."""
    case, process = draft.open_case, draft.process
    wanted = process.type(case.type).wants_evidence and not cause.mail.attachments
    return {"targets": dates.targets(draft), "evidence": EVIDENCE if wanted else ""}


def advice_of(draft: Draft) -> str:
    """Return what the process wants said first, such as to phone: for the level, and where the customer named none."""
    case, process = draft.open_case, draft.process
    own = process.priority(case.priority).advice if case.priority else ""
    stated = form.names_priority(process, case.fields)
    return " ".join(filter(None, ("" if stated else process.start.advice, own)))


def ask_for_fields(draft: Draft, cause: MailArrived, *, may_echo: bool) -> None:
    """Ask for required fields that are missing, once per incomplete answer."""
    if missing := form.missing(draft.process, draft.open_case):
        notices.asked_for(draft, missing=missing, in_reply_to=cause.mail.message_id, may_echo=may_echo)


def entitled(draft: Draft, sender: str) -> Reason:
    """Return why mail from this sender opens no case, "" if it does."""
    facts = draft.facts
    return entitlement.refusal(draft.process, facts.directory, sender, facts.desk, draft.now)


def _hold_without_contract(
    draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof], why: Sentence
) -> None:
    """Hold it for the team; the sender gets one answer that says why."""
    draft.hold(CONTRACT, why, sender)
    if refusal := unanswered.refusal(draft, cause.mail, proven=bool(proofs & PROVEN)):
        draft.hit("limits", f"no answer: {refusal}")
    elif limits.is_said("no_contract", draft.facts.counters):
        draft.hit("limits", "no answer: the same went to them within a day")
    else:
        notices.to_sender(draft, "no_contract", sender, cause, data={"ended": "ended" in why}, may_echo=False)
    words = whole_words(cause)
    notices.held(draft, cause, to=team(draft), kind=CONTRACT, why=why, sender=sender, words=words)


def open_case(  # the sides of a new case
    draft: Draft,
    cause: MailArrived,
    *,
    requester: str,
    opened: datetime,
    related: int = 0,
    fields: Mapping[str, str] | None = None,
    subject: str | None = None,
    language: str = "",
    gathers: bool = False,
) -> None:
    """Let a case with the next number begin in the process's first status, as the form's fields say.

    `language` is what its customer writes, "" where that is unknown.
    """
    start = draft.process.start
    priority, type_ = form.start_of(draft.process, fields or {}, draft.routing)
    draft.happen(
        CaseOpened(
            at=draft.now,
            number=draft.facts.next_number,
            status=start.status,
            kind=draft.process.status(start.status).kind,
            priority=priority,
            type=type_,
            requester=requester,
            subject=plain_subject(cause.mail.subject if subject is None else subject, draft.facts.desk.tag),
            opened=opened,
            message_id=cause.mail.message_id,
            related=related,
            language=language,
            plan=entitlement.plan_of(draft.process, draft.facts.directory, requester),
            contract_until=entitlement.contract_until(draft.facts.directory, requester),
            held_until=draft.now if cause.admitted and opened < draft.now else None,
            gathers=gathers,
        )
    )
    filters.route(draft)


def _only_asks(draft: Draft, reading: Reading, cause: MailArrived) -> bool:
    """Is `help`, or a `list` that may be told, all that the mail says? Then it is answered and makes no case.

    Below a subject that says what has happened, "Help!" is a cry and no question.
    """
    words = [given.word for given in reading.commands]
    subject = normalised(plain_subject(cause.mail.subject, "")).split()
    if len(subject) > SHORT_SUBJECT or words not in (["help"], ["list"]):
        return False
    if words == ["list"] and draft.facts.listed is None:
        return False
    return not reading.words and not reading.refused and not cause.mail.attachments


def _answer(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], given: Given) -> None:
    proven = bool(proofs & PROVEN)
    if refusal := unanswered.refusal(draft, cause.mail, proven=proven):
        draft.ignore(f"it only asks for {given.word}, and gets no answer: {refusal}", actor.address)
        return
    if given.word == "list":
        answer_question(draft, given, actor, cause)
    else:
        data = help_data(draft, given.argument, member=False)
        notices.to_sender(draft, "help", actor.address, cause, data=data, may_echo=proven)
    draft.serve(given.word, actor.address)
