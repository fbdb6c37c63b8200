"""A customer writes about their case (`semantics.md` 10, 11, 16)."""

from mailbot.decision import Ending, MailArrived
from mailbot.event import Kind
from mailbot.people import Proof
from mailbot.rules import limits, notify, opening
from mailbot.rules.clocks import settle
from mailbot.rules.commands import run
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Reading, read
from mailbot.rules.hours import after, service_hours
from mailbot.rules.message import message, names_of, words_of
from mailbot.rules.phrases import Meaning, meaning
from mailbot.rules.receipt import Line, help_data, report_data
from mailbot.rules.spoken import Actor
from mailbot.rules.words import vocabulary
from mailbot.rules.words_customer import back_to_work, solve

_NOTED = (Meaning.THANKS, Meaning.PROMISE, Meaning.COURTESY)


def arrive(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]) -> None:
    """Add the customer's words, run their commands, and let the words mean what they mean."""
    entries = vocabulary(draft.process, draft.facts.directory, member=False)
    reading = read(cause.mail.new_text, [entry.word for entry in entries])
    says = meaning(reading.words, draft.process, names_of(draft, cause))
    if _too_late(draft, reading, says):
        draft.hit("closing", "the case was closed too long ago; a new one is linked to it")
        related, draft.case, draft.before = draft.open_case.number, None, None
        opening.by_customer(draft, cause, actor.address, proofs, related=related)
        return
    words = words_of(cause, reading.words)
    told = bool(words) and not (reading.commands and says is Meaning.COURTESY and not words.carried)
    if told:
        draft.happen(message(draft, cause, words, proofs))
    outcome = run(draft, reading, entries, actor)
    if not outcome and told:
        _understand(draft, says, actor)
    settle(draft)
    draft.end(Ending.THREADED, "the customer's mail joined its case")
    _answer(draft, cause, actor, reading, outcome)
    ok = not limits.refusal(cause.mail, draft.facts.counters, proven=True)
    shown = words if told else notify.SILENT
    notify.of_case(draft, actor=actor.address, words=shown, in_reply_to=cause.mail.message_id, answer=ok)


def _too_late(draft: Draft, reading: Reading, says: Meaning) -> bool:
    """Was the case closed so long ago that another mail is another matter? Thanks and `reopen` are not."""
    case = draft.open_case
    if case.kind is not Kind.CLOSED or case.closed is None or says in _NOTED or reading.commands:
        return False
    window = draft.process.closing.reopen_within
    return draft.now > after(case.closed, window, service_hours(draft.process, draft.facts.desk))


def _understand(draft: Draft, says: Meaning, actor: Actor) -> None:
    """Let a mail without commands do what it says, by the kind of the case's status (`semantics.md` 10)."""
    case = draft.open_case
    draft.hit("phrases", f"read as: {says}")
    match case.kind:
        case Kind.RESOLVED if says in (Meaning.ALL_CLEAR, Meaning.CLOSE):
            solve(draft, actor.address)
        case Kind.RESOLVED | Kind.CLOSED if says not in _NOTED and not (
            case.kind is Kind.CLOSED and says in (Meaning.ALL_CLEAR, Meaning.CLOSE)
        ):
            back_to_work(draft, reason="reopened by the customer's mail", actor=actor.address)
        case Kind.WAITING_CUSTOMER if not draft.process.status(case.status).approval:
            draft.move(draft.process.moves.answered, reason="the customer answered", actor=actor.address)
        case _:
            draft.hit("customer_mail", f"the case stays {case.status}")


def _answer(draft: Draft, cause: MailArrived, actor: Actor, reading: Reading, lines: tuple[Line, ...]) -> None:
    """Answer commands: help and the state each by its own notice, what was refused by a receipt."""
    if limits.refusal(cause.mail, draft.facts.counters, proven=True):
        return
    if any(not line.ok for line in lines):
        data: dict[str, object] = {"lines": [line.plain() for line in lines], "refused": True, "text": ""}
        notify.to_sender(draft, "command_result", actor.address, cause, data=data)
        return
    for given in reading.commands:
        if given.word == "help":
            notify.to_sender(draft, "help", actor.address, cause, data=help_data(draft, given.argument, member=False))
        elif given.word == "status":
            notify.to_sender(draft, "status_report", actor.address, cause, data=report_data(draft))
