"""A member of the team writes: commands, an answer to the customer, a note (`semantics.md` 15 to 20)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from mailbot.decision import Ending, MailArrived
from mailbot.event import Kind, Visibility
from mailbot.mail import Mail
from mailbot.people import Proof
from mailbot.process.names import RESERVED
from mailbot.rules.case.draft import UNCLEAR, Draft
from mailbot.rules.case.message import message, names_of, words_of
from mailbot.rules.clock.clocks import settle
from mailbot.rules.clock.ladder import attempted
from mailbot.rules.command import absence, canned, consult, receipt, snooze, withhold, words_undo
from mailbot.rules.command.commands import refuse as refuse_commands
from mailbot.rules.command.commands import run
from mailbot.rules.command.help import help_data
from mailbot.rules.command.post import UNDO, Addressed, Post, is_as_is, is_own_matter, stays_internal
from mailbot.rules.command.questions import answer_question, is_question
from mailbot.rules.command.receipt import Line, lines_of
from mailbot.rules.command.words import vocabulary
from mailbot.rules.command.words_member import pick_up, refused_text, reply
from mailbot.rules.mail import (
    carbon_copy,
    click,
    confirm,
    crossing,
    customer_mail,
    doubted,
    leaving,
    opening,
    several,
    to_all,
    trial,
)
from mailbot.rules.mail.asking import asked_plainly
from mailbot.rules.mail.at_the_desk import admit, answer, asks, own_address
from mailbot.rules.mail.on_behalf import open_for, refuse
from mailbot.rules.notice import notices, notify
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading import outgoing
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.phrases import Meaning, meaning
from mailbot.rules.reading.tongues import called
from mailbot.rules.reading.word import Given, Reading, Word
from mailbot.rules.spoken import Actor, Words
from mailbot.rules.telling import say
from mailbot.sentence import Sentence

_NO_CASE = say(
    "a mail of yours that answers no case; write 'for ADDRESS' first to open one for a customer, or 'fwd' above a "
    "customer's mail that you forward"
)


def arrive(
    draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof], *, internal: bool | None = None
) -> None:
    """Run the commands of a proven member, and pass on their words.

    `internal` says of a mail that waited whether its words stay inside; else what it answers does.
    """
    draft.asking = cause.inbox_id
    post = post_of(draft, cause, actor, proofs)
    if number := several.only_one(draft, post):
        draft.hit("several", f"its lines name {draft.facts.desk.reference(number)}")
        draft.turn_to(number)
        post = post_of(draft, cause, actor, proofs)
    elif draft.case is None and _undoes(post) and (number := words_undo.answered(draft)):
        draft.hit("undo", "the receipt that it answers")
        draft.turn_to(number)
    if post.trial:
        stays = internal if internal is not None or draft.case is None else stays_internal(draft, post)
        own = "" if stays else leaving.own_text(draft, post)
        trial.rehearse(draft, post, partial(_do, internal=internal), own=own)
    else:
        _do(draft, post, internal=internal)


def _undoes(post: Post) -> bool:
    return any(given.word == UNDO for given in post.reading.commands)


def _do(draft: Draft, post: Post, *, internal: bool | None) -> None:
    """Do what the mail says."""
    if draft.case is None:
        _to_the_desk(draft, post)
        return
    if is_own_matter(draft, post):
        customer_mail.arrive(draft, post.cause, replace(post.actor, member=False), post.proofs)
        return
    words = words_in(draft, post)
    internal = stays_internal(draft, post) if internal is None else internal
    if reason := leaving.refusal(draft, post, words, internal=internal):
        _hold(draft, post, reason)
        return
    children = to_all.reach(draft).reached if post.all_line else ()
    if words and not internal and crossing.holds(draft, post, children):
        return
    if confirm.is_needed(draft, post):
        post = replace(post, actor=replace(post.actor, sure=True))
        if all(line.ok for line in act_on_all(confirm.trial(draft), post, words, internal=internal)):
            confirm.park(draft, post, words, internal=internal)
            return
        # What is refused changes nothing, and says why.
    lines = act_on_all(draft, post, words, internal=internal)
    if not words and not lines and not post.others:
        if not post.reading.words.strip():
            draft.ignore("a member's mail without words of its own", post.actor.address)
            return
        lines = leaving.nothing(draft, post, internal=internal)
    draft.end(Ending.THREADED, "a member's mail did its work")
    _receipt(draft, post, lines)


def post_of(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]) -> Post:
    """Return the mail as the rules for members look at it."""
    has_answers = bool(draft.facts.answers.titles)
    entries = vocabulary(draft.process, draft.facts.directory, member=True, answers=has_answers)
    words = [entry.word for entry in entries]
    is_trial, first = False, Reading()
    if cause.clicked:
        beside, others = _read(draft, cause.mail, click.words_beside(cause), words)
        all_of_it = several.together(beside, others)
        reading, others = click.reading(cause, all_of_it, member=True), ()
        text = reading.words
    else:
        text = outgoing.above_marker(cause.mail.new_text, cause.mail.text)
        is_trial, text = trial.told_apart(text, words, called(draft.facts.desk.spoken))
        text = text if draft.case else asked_plainly(text, called(draft.facts.desk.spoken))
        reading, others = _read(draft, cause.mail, text, words)
        if not (is_trial or reading.refused):
            reading = replace(reading, refused=trial.slips(text, words, called(draft.facts.desk.spoken)))
        first = _read(draft, cause.mail, text.strip().partition("\n")[0], words)[0] if draft.case else first
    post = Post(
        cause=cause,
        actor=actor,
        proofs=proofs,
        entries=entries,
        text=text,
        reading=reading,
        others=others,
        trial=is_trial,
    )
    return to_all.told_apart(post, first)


def _read(draft: Draft, mail: Mail, text: str, words: Sequence[Word]) -> tuple[Reading, tuple[Addressed, ...]]:
    """Tell the commands of a text from its words, and from those for another case; refuse what is perhaps not seen."""
    here, names = draft.case.number if draft.case else 0, called(draft.facts.desk.spoken)
    plain, others = several.told_apart(text, words, RESERVED, draft.facts.desk.tag, here, called=names)
    return doubted.refused(read(plain, words, RESERVED, called=names), mail), doubted.all_refused(others, mail)


def act_on_all(draft: Draft, post: Post, words: Words, *, internal: bool) -> tuple[Line, ...]:
    """Do what the mail says, for the case at hand, its children, and others that it names; all of it, or nothing."""
    mark, family = draft.mark(), to_all.reach(draft) if post.all_line else to_all.Reach()
    lines = (to_all.heading(draft, post, words, family, internal=internal),) if post.all_line else ()
    if all(line.ok for line in lines):
        done = act(draft, post, words, internal=internal)
        if any(not line.ok for line in done):
            return done
        lines = (*lines, *done, *to_all.on_children(draft, post, family, partial(_on_one, internal=internal)))
    if all(line.ok for line in lines):
        lines = (*lines, *several.on_others(draft, post, _on_one))
    refused = tuple(line for line in lines if not line.ok)
    if not refused:
        return lines
    draft.return_to(mark)
    refuse_commands(draft, refused, post.actor, leaving.kept(draft, post, internal=internal))
    return refused


def _on_one(draft: Draft, post: Post, *, internal: bool | None = None) -> tuple[Line, ...]:
    """Do what a mail says for one of several cases; `internal` says whether its words stay inside, else it does."""
    words, internal = words_in(draft, post), post.is_note if internal is None else internal
    reason = leaving.refusal(draft, post, words, internal=internal)
    if not reason and words and not internal:
        reason = crossing.outdated(draft, post)
    if reason:
        return (Line(line=next(iter(post.reading.lines), post.all_line), ok=False, said=reason),)
    return act(draft, post, words, internal=internal)


def act(draft: Draft, post: Post, words: Words, *, internal: bool) -> tuple[Line, ...]:
    """Add the words, run the commands, tell who must hear; when one is refused nothing of the mail happens."""
    mark = draft.mark()
    if words:
        visibility = Visibility.INTERNAL if internal else Visibility.PUBLIC
        added = message(
            draft,
            post.cause,
            words,
            post.proofs,
            visibility=visibility,
            by_member=True,
            answers=not internal,
            consulted=consult.people(draft, post.consulted),
        )
        draft.happen(added)
    # An answer takes the case by its words; a company's own word without any does so as a command.
    since = None if words and not internal else len(draft.happened)
    if (words and not internal) or post.own_notice:
        _answer_takes(draft, post)
        reply(draft, post.actor.address)
    reading = post.reading_with(words, internal=internal)
    lines = run(draft, reading, post.entries, post.actor, leaving.kept(draft, post, internal=internal), since=since)
    if any(not line.ok for line in lines):
        draft.refuse_since(mark)
    elif words and not internal:
        attempted(draft)
        if post.actor.sure:
            carbon_copy.by_member(draft, post.cause, post.actor.address)
    settle(draft)
    if draft.happened and all(line.ok for line in lines):
        if internal and words and (post.consulted or not post.is_note):
            consult.ask(draft, post.consulted, author=post.actor.address, words=words)
        absence.tell(draft, post.actor.address)
        snooze.tell(draft, post.actor.address)
        notify.of_case(draft, actor=post.actor.address, words=words, template=post.own_notice)
        withhold.tell_released(draft)
    return lines


def words_in(draft: Draft, post: Post) -> Words:
    """Return what the mail says to a person: a greeting or sign-off alone is nothing (`semantics.md` 18)."""
    given = [*_let_go(draft, post), *canned.texts(draft, post.reading.commands)]
    texts = [*given, *post.texts, post.reading.words]
    words = words_of(post.cause, "\n\n".join(filter(None, texts)))
    says = meaning(words.text, draft.process, names_of(draft, post.cause))
    # Below a command, thanks are a sign-off.
    nothing = says is Meaning.COURTESY or (bool(post.reading.commands) and says is Meaning.THANKS)
    # What is let go as it is, and a text of the operator's, goes out whatever it reads like.
    return SILENT if nothing and not words.carried and not any(given) else words


def _let_go(draft: Draft, post: Post) -> list[str]:
    """Return the refused text that `send as is` lets go."""
    return [refused_text(draft, post.actor) for given in post.reading.commands if is_as_is(given)][:1]


def _answer_takes(draft: Draft, post: Post) -> None:
    """An answer to a case that nobody has taken takes it, unless the process switches that off."""
    case = draft.open_case
    given = any(given.word in ("take", "assign") for given in post.reading.commands)
    if draft.process.answer_takes and "@" not in case.assignee and case.kind is not Kind.CLOSED and not given:
        pick_up(draft, post.actor.address)


def _receipt(draft: Draft, post: Post, lines: tuple[Line, ...]) -> None:
    """Answer commands with one transcript, and each question with its own notice."""
    refused = any(not line.ok for line in lines)
    questions = [] if refused else [given for given in post.reading.commands if is_question(given)]
    for given in questions:
        answer_question(draft, given, post.actor, post.cause)
    if len(questions) < len(lines):
        receipt.send(draft, post.actor.address, post.cause, lines, text=post.text if refused else "")


def _to_the_desk(draft: Draft, post: Post) -> None:
    """A member's mail that answers nothing (`semantics.md` 19)."""
    if post.others:
        several.to_the_desk(draft, post, words_in(draft, post), _on_one)
        return
    match post.reading.commands:
        case (Given(word="for" | "fwd"), *_):
            open_for(draft, post)
        case (Given(word="help", argument=topic),) if not post.reading.words and not post.reading.refused:
            data = help_data(draft, topic, member=True)
            notices.to_sender(draft, "help", post.actor.address, post.cause, data=data)
            draft.serve("help", post.actor.address)
        case (Given(word="admit", argument=number),) if not post.reading.words and not post.reading.refused:
            admit(draft, post, int(number) if number else draft.facts.found.held)
        case (Given(word="desk-address") as given,) if not post.reading.words and not post.reading.refused:
            own_address(draft, post, given)
        case _ if asks(post):
            answer(draft, post, words_in(draft, post))
        case _ if post.reading.refused:
            refuse(draft, post, lines_of(post.reading.refused))
        case _ if post.cause.admitted:
            opening.by_customer(draft, post.cause, post.actor.address, post.proofs)
        case _:
            _hold(draft, post, _NO_CASE)


def _hold(draft: Draft, post: Post, why: Sentence) -> None:
    actor = post.actor.address
    draft.hold(UNCLEAR, why, actor)
    notices.held(draft, post.cause, to=[actor], kind=UNCLEAR, why=why, sender=actor)
