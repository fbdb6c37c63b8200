"""A customer writes about their case (`semantics.md` 10, 11, 16)."""

from mailbot.decision import Ending, MailArrived
from mailbot.event import Kind, SilenceBroken, StatusChanged
from mailbot.people import Proof
from mailbot.rules.case import form
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, names_of, words_of
from mailbot.rules.case.place import ladder_of
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import escalation, receipt, withhold
from mailbot.rules.command.commands import run
from mailbot.rules.command.questions import answer_question, is_question
from mailbot.rules.command.receipt import Line, line_of
from mailbot.rules.command.words import vocabulary
from mailbot.rules.command.words_customer import back_to_work, solve
from mailbot.rules.command.words_people import UNWATCH
from mailbot.rules.counting.hours import later, service_hours
from mailbot.rules.mail import carbon_copy, click, doubted, opening, parting
from mailbot.rules.mail.contradicted import heeded
from mailbot.rules.notice import notify, unanswered
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading import confidence, privacy
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.language import written_in
from mailbot.rules.reading.phrases import DONE, NOTED, Meaning, Understood, meaning, understand
from mailbot.rules.reading.tongues import called
from mailbot.rules.reading.word import Given, Reading
from mailbot.rules.spoken import Actor, Said, Words

#: The statuses out of which a customer's mail takes the case back to work.
_FINISHED = (Kind.RESOLVED, Kind.CLOSED)


def arrive(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]) -> None:
    """Add the customer's words, run their commands, and let the words mean what they mean."""
    if confidence.is_asked(draft.process, cause.mail.new_text):
        escalation.confide(draft, cause, actor, proofs)
        return
    plain = parting.understood(draft, cause, actor, read_customer(draft, cause))
    reading = heeded(draft, cause, plain)
    clear = understand(reading.words, draft.process, names_of(draft, cause), case=draft.open_case.number)
    says = doubted.understood(clear, cause.mail)
    if _too_late(draft, reading, says.meaning):
        draft.hit("closing", "the case was closed too long ago; a new one is linked to it")
        related, draft.case, draft.before = draft.open_case.number, None, None
        opening.by_customer(draft, cause, actor.address, proofs, related=related)
        return
    if found := privacy.private(cause.mail, draft.process.privacy):
        _withheld(draft, cause, actor, proofs, found=found, says=says)
        return
    _heard(draft, cause, actor, proofs, reading=reading, says=says, contradicted=reading is not plain)


def _heard(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    proofs: frozenset[Proof],
    *,
    reading: Reading,
    says: Understood,
    contradicted: bool,
) -> None:
    """Let the mail join its case, do what it says or seems to mean, and tell whom it concerns."""
    words = _words(draft, cause, reading)
    _join(draft, cause, actor, proofs, words=words)
    outcome = _run(draft, escalation.reasoned(reading, courtesy=says.meaning is Meaning.COURTESY), actor)
    called, was = None, draft.open_case.kind
    speaks = says.meaning in (Meaning.OBJECTION, Meaning.ESCALATION) if contradicted else not reading.refused
    if words is not None and speaks and all(map(is_question, reading.commands)):
        called = _understand(draft, says, actor, reading.words)
    elif any(not line.ok for line in outcome):
        _answered(draft, actor)
    settle(draft)
    draft.end(Ending.THREADED, "the customer's mail joined its case")
    refusal = unanswered.refusal(draft, cause.mail, proven=True)
    if refusal:
        draft.hit("limits", f"no answer: {refusal}")
    else:
        # Who hears that the case is in work again, or who was called, need not hear of the word.
        told = contradicted and (called or (was in _FINISHED and draft.open_case.kind not in _FINISHED))
        _answer(draft, cause, actor, reading, () if told else outcome, called=called)
        if words is not None and draft.open_case.kind not in _FINISHED:
            opening.ask_for_fields(draft, cause, may_echo=True)
    notify.of_case(
        draft,
        actor=actor.address,
        words=words or SILENT,
        in_reply_to=cause.mail.message_id,
        answer=not refusal,
    )


def _join(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], *, words: Words | None) -> None:
    """Add the words with their form and their Cc to the case; commands alone break the silence, too."""
    if words is not None:
        draft.happen(message(draft, cause, words, proofs, language=_learnt(draft, cause, actor)))
        form.fill_in(draft, form.given(cause.mail, draft.process, draft.open_case.fields))
        carbon_copy.by_customer(draft, cause, actor.address, proofs)
    elif ladder_of(draft.process, draft.open_case) and not draft.open_case.ladder_ended:
        draft.happen(SilenceBroken(at=draft.now))


def _learnt(draft: Draft, cause: MailArrived, actor: Actor) -> str:
    """Return the language of the mail, where a short first one did not tell that of the requester for sure."""
    case = draft.open_case
    return written_in(cause.mail) if not case.language and actor.address == case.requester else ""


def _withheld(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    proofs: frozenset[Proof],
    *,
    found: privacy.Private,
    says: Understood,
) -> None:
    """Hold the mail's words back: it counts as an answer, its commands do not run."""
    draft.happen(message(draft, cause, SILENT, proofs))
    withhold.hold_back(draft, cause, found, sender=actor.address)
    _understand(draft, says, actor, "")
    settle(draft)
    draft.end(Ending.THREADED, "the customer's mail joined its case; its content is held back")
    if draft.events(StatusChanged):
        answer = not unanswered.refusal(draft, cause.mail, proven=True)
        notify.of_case(draft, actor=actor.address, in_reply_to=cause.mail.message_id, answer=answer)
    withhold.tell(draft, cause, found, may_echo=True)


def read_customer(draft: Draft, cause: MailArrived) -> Reading:
    """Tell the commands that a customer has from their words."""
    words = [entry.word for entry in vocabulary(draft.process, draft.facts.directory, member=False)]
    if cause.clicked:
        return click.reading(cause, read(click.words_beside(cause), words), member=False)
    return doubted.refused(read(cause.mail.new_text, words, called=called(draft.facts.desk.spoken)), cause.mail)


def obey(
    draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]
) -> tuple[tuple[Given, ...], tuple[Line, ...]]:
    """Run commands from the shell, with the words behind them; without a command nothing happens."""
    if confidence.is_asked(draft.process, cause.mail.new_text):
        outcome = escalation.confide(draft, cause, actor, proofs)
        return (), (line_of("escalate past the engineer", outcome),)
    reading = heeded(draft, cause, read_customer(draft, cause))
    words = _words(draft, cause, reading) if reading.commands and not reading.refused else None
    mark = draft.mark()
    if words is not None:
        draft.happen(message(draft, cause, words, proofs))
    lines = _run(draft, reading, actor)
    if any(not line.ok for line in lines):
        draft.refuse_since(mark)
    settle(draft)
    if lines and all(line.ok for line in lines):
        notify.of_case(draft, actor=actor.address, words=words or SILENT)
    return reading.commands, lines


def _run(draft: Draft, reading: Reading, actor: Actor) -> tuple[Line, ...]:
    return run(draft, reading, vocabulary(draft.process, draft.facts.directory, member=False), actor)


def _words(draft: Draft, cause: MailArrived, reading: Reading) -> Words | None:
    """Return what becomes a message of the case; None where commands are all that the mail says.

    Where we wait for the customer, a question is an answer as well: those who work on the case must see it.

    Nothing that a customer wrote is lost: not the text behind a word, not a line that could not be obeyed.
    """
    if reading.refused:
        return words_of(cause, click.words_beside(cause) if cause.clicked else cause.mail.new_text)
    if not reading.commands:
        return words_of(cause, reading.words or cause.mail.text)
    texts = [given.argument for given in reading.commands if given.argument and not is_question(given)]
    words = words_of(cause, "\n\n".join(filter(None, (*texts, reading.words))))
    courtesy = meaning(words.text, draft.process, names_of(draft, cause)) is Meaning.COURTESY
    if not courtesy or words.carried:
        return words
    asked = draft.open_case.kind is Kind.WAITING_CUSTOMER and all(map(is_question, reading.commands))
    return words_of(cause, cause.mail.new_text) if asked else None


def _too_late(draft: Draft, reading: Reading, says: Meaning) -> bool:
    """Was the case closed so long ago that another mail is another matter? Thanks, `reopen` and a question are not."""
    case = draft.open_case
    if case.kind is not Kind.CLOSED or case.closed is None or says in (*NOTED, *DONE):
        return False
    only_asks = not reading.words or says is Meaning.COURTESY
    if reading.commands and (only_asks or not all(map(is_question, reading.commands))):
        return False
    window = draft.process.closing.reopen_within
    return draft.now > later(case.closed, window, service_hours(draft.process, draft.facts.desk))


def _understand(draft: Draft, says: Understood, actor: Actor, text: str) -> Said | None:
    """Let a mail without commands do what it says, by the kind of the case's status (`semantics.md` 10).

    Returns who was called, where the text is clearly a wish to escalate and the process has a path.
    """
    draft.hit("phrases", f"read as: {says.meaning}" + (f"; it could be: {says.seems}" if says.seems else ""))
    kind, meant = draft.open_case.kind, says.meaning
    if kind is Kind.RESOLVED and meant in DONE:
        solve(draft, actor.address)
    elif (kind is Kind.RESOLVED and meant not in NOTED) or (kind is Kind.CLOSED and meant not in (*NOTED, *DONE)):
        back_to_work(draft, reason="reopened by the customer's mail", actor=actor.address)
    else:
        _answered(draft, actor)
    called = escalation.in_words(draft, text, actor) if meant is Meaning.ESCALATION else None
    acted = draft.open_case.kind is not kind and kind in _FINISHED
    draft.understood = {"understood": meant.name.lower()} if acted and meant is not Meaning.ESCALATION else {}
    undone = (meant is Meaning.ESCALATION and not called) or (meant in DONE and not acted)
    if (seems := says.seems or (meant if undone else None)) in (*DONE, Meaning.ESCALATION):
        draft.understood["seems"] = seems.name.lower()
    return called


def _answered(draft: Draft, actor: Actor) -> None:
    """Take a case that waits for its customer back to work, whatever they wrote; an approval waits for its own word."""
    case = draft.open_case
    if case.kind is Kind.WAITING_CUSTOMER and not draft.process.status(case.status).approval:
        draft.move(draft.process.moves.answered, reason="the customer answered", actor=actor.address)
    else:
        draft.hit("customer_mail", f"the case stays {case.status}")


def _answer(
    draft: Draft,
    cause: MailArrived,
    actor: Actor,
    reading: Reading,
    lines: tuple[Line, ...],
    *,
    called: Said | None,
) -> None:
    """Answer questions each by its own notice, what was refused by a receipt; say who was called."""
    if called:
        escalation.answered(draft, cause, actor.address, called, understood=True)
    if any(not line.ok for line in lines):
        _refused(draft, cause, actor, lines)
        return
    done = list(zip(reading.commands, lines, strict=True))
    if any(given.word == UNWATCH for given in reading.commands):
        # What follows from the case is no longer for its author.
        receipt.send(draft, actor.address, cause, [line for given, line in done if not is_question(given)])
    for given, line in done:
        if is_question(given):
            answer_question(draft, given, actor, cause)
        elif given.word == "escalate":
            escalation.answered(draft, cause, actor.address, Said(said=line.said))


def _refused(draft: Draft, cause: MailArrived, actor: Actor, lines: tuple[Line, ...]) -> None:
    """Say what was refused: in one receipt with what was said of a link that does nothing any more."""
    said = [notice for notice in draft.notices if receipt.is_to(notice, actor.address)]
    draft.notices = [notice for notice in draft.notices if notice not in said]
    before = [Line(**line) for notice in said for line in notice.data["lines"]]  # type: ignore[attr-defined]
    receipt.send(draft, actor.address, cause, [*before, *lines])
