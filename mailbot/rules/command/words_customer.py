"""What the command words of customers do to their case; members may say them too (`semantics.md` 10, 12)."""

from collections.abc import Iterator

from mailbot.event import Kind
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.arguments import one_of
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.named import goes_on
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say


def shared(process: Process, *, answers: bool = False) -> Iterator[Entry]:
    """The words that both sides have; `answers`: may this one ask for the canned answers?"""
    topics = ("priority", "type", *(("use",) if answers else ()))
    help_ = Word(word="help", takes=Takes.OPTIONAL, read=one_of(topics), choices=topics, label=True)
    yield Entry(
        word=help_,
        usage=", ".join(("help", *(f"help {topic}" for topic in topics))),
        help=say("What you can do here; what our priorities and types mean."),
        group=Group.QUESTION,
        example="help",
        run=answered_apart,
    )
    yield Entry(
        word=Word(word="confirm", takes=Takes.TEXT),
        usage="confirm",
        help=say("Say that it is solved; closes the case."),
        group=Group.CUSTOMER,
        example="confirm",
        run=confirm,
    )
    if any(status.approval for status in process.statuses):
        for word, said in (
            ("approve", say("Approve our estimate; work starts.")),
            ("decline", say("Decline our estimate.")),
        ):
            yield Entry(
                word=Word(word=word, takes=Takes.TEXT),
                usage=word,
                help=said,
                group=Group.CUSTOMER,
                example=word,
                run=approval,
            )


def entries() -> Iterator[Entry]:
    """The words that mean something else to a customer than to a member."""
    yield Entry(
        word=Word(word="status", label=True),
        usage="status",
        help=say("The state of the case."),
        group=Group.QUESTION,
        example="status",
        run=answered_apart,
    )
    yield Entry(
        word=Word(word="reopen", takes=Takes.BARE_TEXT),
        usage="reopen",
        help=say("Take the case back into work."),
        example="reopen",
        run=reopen,
    )
    yield Entry(
        word=Word(word="close", takes=Takes.TEXT),
        usage="close",
        help=say("Close the case."),
        example="close",
        run=close,
    )


def answered_apart(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """`help` and `status` change nothing; their answer is a notice of its own."""
    del draft, actor
    return Said(said=say("the answer to '%(word)s' follows in a mail of its own", word=given.word))


def reopen(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Take a resolved or closed case back into work."""
    case = draft.open_case
    if case.kind not in (Kind.RESOLVED, Kind.CLOSED):
        return No(reason=say("the case is %(status)s; there is nothing to reopen", status=case.status))
    if case.merged_into:
        return No(reason=goes_on(draft))
    back_to_work(draft, reason=given.argument or "reopened", actor=actor.address)
    return Said(
        said=say("the case is %(status)s again", status=draft.open_case.status),
        undo="close" if not actor.member else "close: REASON",
    )


def back_to_work(draft: Draft, *, reason: str, actor: str) -> None:
    """To the active status with its assignee, else to the new one, and the team hears (`semantics.md` 12)."""
    process, case = draft.process, draft.open_case
    # What was never evaluated begins anew: no status beyond can be reached without a priority.
    begun = case.assignee and (case.priority or not any(status.needs_priority for status in process.statuses))
    draft.move(process.moves.reopened if begun else process.start.status, reason=reason, actor=actor)


def confirm(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Close a resolved case as solved."""
    del given
    case = draft.open_case
    if case.kind is not Kind.RESOLVED:
        return No(
            reason=say("the case is %(status)s; 'confirm' is for a case that we think is solved", status=case.status)
        )
    solve(draft, actor.address)
    return Said(said=say("the case is closed, solved"), undo="reopen")


def solve(draft: Draft, actor: str) -> None:
    """Close the case because the customer says that all is good."""
    process = draft.process
    draft.move(process.moves.closed, reason=process.closing.confirmed, actor=actor, solved=True)


def close(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """A customer may close anywhere; what was not resolved is withdrawn (`semantics.md` 10)."""
    del given
    case = draft.open_case
    if case.kind is Kind.CLOSED:
        return No(reason=say("the case is %(status)s already", status=case.status))
    if case.kind is Kind.RESOLVED:
        solve(draft, actor.address)
    else:
        draft.move(draft.process.moves.closed, reason=draft.process.closing.withdrawn, actor=actor.address)
    return Said(said=say("the case is closed"), undo="reopen")


def approval(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """`approve` and `decline` answer an estimate."""
    case, moves = draft.open_case, draft.process.moves
    if not draft.process.status(case.status).approval:
        return No(
            reason=say("the case is %(status)s; there is no estimate to %(word)s", status=case.status, word=given.word)
        )
    approved = given.word == "approve"
    reason = "approved" if approved else "declined"
    draft.move(moves.approved if approved else moves.declined, reason=reason, actor=actor.address)
    status = draft.open_case.status
    if approved:
        return Said(said=say("the estimate is approved; the case is %(status)s", status=status))
    return Said(said=say("the estimate is declined; the case is %(status)s", status=status))
