"""A customer calls somebody higher: by a word in the case, or by mail to an address of its own (`companies.md`).

Each escalation needs a reason and goes one level up the company's path; without a path it goes to the team's lead.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailbot.decision import Carried, Ending, MailArrived
from mailbot.event import CommandRefused, Escalated, PriorityChanged, Visibility
from mailbot.model import Case
from mailbot.people import Proof, Role
from mailbot.process import Level, Process
from mailbot.rules.case.draft import MAILBOT, UNCLEAR, Draft
from mailbot.rules.case.message import message, words_of
from mailbot.rules.clock.clocks import settle
from mailbot.rules.command import receipt, withhold
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.identity.correlate import choose
from mailbot.rules.identity.trust import PROVEN, Needs, proofs_for, suffices
from mailbot.rules.notice import notices, notify, unanswered
from mailbot.rules.notice.addressees import in_role, workers
from mailbot.rules.reading import confidence, privacy
from mailbot.rules.reading.word import Given, Reading, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said, Words
from mailbot.rules.telling import say
from mailbot.sentence import Reason, Sentence

#: The purpose of the escalation address (`Desk.purposes`).
PURPOSE = "escalation"
#: Why a complaint is held that nobody of the team may see.
ASTRAY = say("a complaint past the engineer that names no case")


def entries(*, member: bool) -> Iterator[Entry]:
    """Yield the word: a customer may give the reason without a colon (`semantics.md` 16)."""
    yield Entry(
        word=Word(word="escalate", takes=Takes.TEXT if member else Takes.BARE_TEXT),
        usage="escalate: REASON" if member else "escalate REASON",
        help=say("Call somebody higher."),
        group=Group.OWNER if member else Group.WORK,
        example="escalate: nobody answers" if member else "escalate nobody answers",
        run=escalate,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the customer wrote."""

    reason: str
    #: Past the engineer concerned: the complaint is not shown to the team.
    past_engineer: bool = False


def wish(process: Process, text: str) -> Wish:
    """Read the reason, and whether it is to go past the engineer."""
    return Wish(reason=confidence.reason_of(process, text), past_engineer=confidence.goes_past(process, text))


def escalate(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Do what `escalate REASON` says."""
    reason = " ".join(given.argument.split())
    if not reason:
        return No(reason=say("an escalation needs its reason: write 'escalate' and the reason behind it"))
    return raise_level(draft, Wish(reason=reason), actor)


def reasoned(reading: Reading, *, courtesy: bool) -> Reading:
    """Return the reading with the words of the mail as the reason of an `escalate` that has none on its line."""
    words = "" if courtesy else reading.words
    commands = (
        replace(given, argument=words) if given.word == "escalate" and not given.argument else given
        for given in reading.commands
    )
    return replace(reading, commands=tuple(commands))


def confide(draft: Draft, cause: MailArrived, actor: Actor, proofs: frozenset[Proof]) -> Outcome:
    """Pass a complaint to the level above, past the engineer: its words stand nowhere that the team looks."""
    said = wish(draft.process, cause.mail.new_text)
    draft.happen(message(draft, cause, Words(), proofs))
    outcome = (
        raise_level(draft, said, actor, carried=words_of(cause, "").carried)
        if said.reason
        else No(reason=say("an escalation needs its reason: write 'escalate past the engineer:' and the reason"))
    )
    if isinstance(outcome, No):
        line = "escalate past the engineer"
        draft.happen(CommandRefused(at=draft.now, line=line, reason=outcome.reason, actor=actor.address))
    settle(draft)
    draft.end(Ending.THREADED, "a complaint past the engineer concerned")
    answered(draft, cause, actor.address, outcome)
    return outcome


def is_confidant(draft: Draft, sender: str) -> bool:
    """Does somebody who was told of a complaint past the engineer answer it?"""
    case = draft.case
    if case is None or sender not in case.confidants:
        return False
    named = (*draft.facts.keys.tokens, *draft.facts.keys.tagged)
    internal = any(token.case == case.number and token.visibility is Visibility.INTERNAL for token in named)
    return internal or draft.facts.directory.member(sender) is None


def keep(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> None:
    """Pass what they answer to the others who were told, and to nobody of the team."""
    draft.happen(message(draft, cause, Words(), proofs, visibility=Visibility.INTERNAL, by_member=True))
    draft.end(Ending.THREADED, "an answer about a complaint past the engineer concerned")
    others = (address for address in draft.open_case.confidants if address != sender)
    notices.confided(draft, others, author=sender, words=words_of(cause, cause.mail.new_text))


def raise_level(draft: Draft, said: Wish, actor: Actor, *, carried: tuple[Carried, ...] = ()) -> Outcome:
    """Go one level up, tell the person there, and raise the priority where the process says so."""
    case, path = draft.open_case, draft.process.escalation.path if draft.process.escalation else ()
    level = case.escalation_level + 1
    if path and level > len(path):
        return No(reason=say("it was escalated to %(title)s already; there is nobody above", title=path[-1].title))
    if said.past_engineer:
        level, people = _above(draft, path, level)
        if not people:
            return No(reason=say("we know nobody above who could take it up past the engineer; please phone us"))
    else:
        people = in_role(draft, path[level - 1].role if path else Role.LEAD) or in_role(draft, Role.LEAD)
    title = path[level - 1].title if path else say("the team's lead")
    past = said.past_engineer
    reason = "past the engineer concerned" if past else said.reason
    for address in people or ("",):
        draft.happen(Escalated(at=draft.now, level=level, to=address, reason=reason, in_confidence=past))
    _raise_priority(draft)
    others = tuple(address for address in people if address != actor.address)
    notices.escalated(draft, others, reason=said.reason, in_confidence=past, carried=carried)
    if not past and "@" in case.assignee and case.assignee not in (*people, actor.address):
        notices.escalated(draft, (case.assignee,), reason=said.reason, title=title)
    if past:
        return Said(said=say("the case is escalated to %(title)s, past the engineer concerned", title=title))
    return Said(said=say("the case is escalated to %(title)s", title=title))


def in_words(draft: Draft, text: str, actor: Actor) -> Said | None:
    """Go up the company's path because the customer's sentences clearly wish it; None where there is no way up."""
    if not text or draft.process.escalation is None:
        return None
    # Words that were added to the case already are nothing to keep from the team (`reading.confidence`).
    outcome = raise_level(draft, Wish(reason=" ".join(text.split())), actor)
    draft.hit("phrases", outcome.said if isinstance(outcome, Said) else outcome.reason)
    return outcome if isinstance(outcome, Said) else None


def answered(draft: Draft, cause: MailArrived, sender: str, outcome: Outcome, *, understood: bool = False) -> None:
    """Tell the customer who was called, or why nobody was, within the limits of automatic answers."""
    if refusal := unanswered.refusal(draft, cause.mail, proven=True):
        draft.hit("limits", f"no answer: {refusal}")
    elif isinstance(outcome, No):
        receipt.send(draft, sender, cause, [receipt.line_of("escalate", outcome)])
    else:
        notices.to_sender(
            draft, "escalation_received", sender, cause, data={"said": outcome.said, "understood": understood}
        )


def _above(draft: Draft, path: tuple[Level, ...], level: int) -> tuple[int, tuple[str, ...]]:
    """Return the next level at which there is somebody who does not work on the case, and who that is."""
    concerned = workers(draft)
    for number, step in enumerate(path[level - 1 :], level):
        if people := tuple(one for one in in_role(draft, step.role) if one not in concerned):
            return number, people
    return level, ()


def arrive(draft: Draft, cause: MailArrived, sender: str) -> None:
    """A mail came to the escalations address: its plain text is the reason."""
    case, why = _case(draft, cause, sender)
    said = wish(draft.process, _reason(draft, cause))
    if case is None and said.past_engineer:
        astray(draft, cause, sender)
        return
    wanted = [what for what, there in ((say("the case number"), case), (say("the reason"), said.reason)) if not there]
    if case is None or wanted:
        _ask(draft, cause, sender, wanted, why)
        return
    draft.case = draft.before = case
    draft.now = max(draft.now, case.latest)
    found = None if said.past_engineer else privacy.private(cause.mail, draft.process.privacy)
    words = Words() if said.past_engineer or found else words_of(cause, cause.mail.new_text)
    draft.happen(message(draft, cause, words, proofs_for(case, draft.facts)))
    if found:
        withhold.hold_back(draft, cause, found, sender=sender)
        withhold.tell(draft, cause, found, may_echo=True)
        said = replace(said, reason=withhold.NO_SUBJECT)
    outcome = raise_level(draft, said, Actor(address=sender, member=False))
    if isinstance(outcome, No):
        draft.happen(CommandRefused(at=draft.now, line="escalate", reason=outcome.reason, actor=sender))
        if words:
            notify.of_case(draft, actor=sender, words=words, answer=False)
    settle(draft)
    draft.end(Ending.THREADED, "an escalation")
    answered(draft, cause, sender, outcome)


def astray(draft: Draft, cause: MailArrived, sender: str) -> None:
    """A complaint past the engineer that names no case: the first level above hears of it, the team does not."""
    draft.hold(UNCLEAR, ASTRAY, sender)
    _answer_missing(draft, cause, sender, [say("the case number")])
    path = draft.process.escalation.path if draft.process.escalation else ()
    _, people = _above(draft, path, 1)
    words = words_of(cause, cause.mail.new_text)
    notices.held(draft, cause, to=people, kind=UNCLEAR, why=ASTRAY, sender=sender, words=words)


def names_no_case(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """Is there no case that a mail to the escalations address could be about? Let in, it begins one."""
    return _case(draft, cause, sender)[0] is None


def _case(draft: Draft, cause: MailArrived, sender: str) -> tuple[Case | None, Reason]:
    """Return the case that is meant, and why none is; a sender with a single open case need not name it."""
    facts = draft.facts
    choice = choose(cause.mail, facts, draft.now)
    if choice.case is not None:
        return choice.case, ""
    named = facts.found.cases.get(facts.keys.bare_number or facts.keys.number)
    if not suffices(facts.proofs, Needs.CUSTOMER, draft.facts.desk):
        return None, say("nothing proves the sender")
    if named is not None:
        return (named, "") if sender in named.writers else (None, say("the sender takes no part in that case"))
    if number := facts.keys.bare_number or facts.keys.number:
        return None, say("there is no case %(what)s", what=facts.desk.reference(number))
    if len(facts.open_cases) == 1:
        return facts.open_cases[0], ""
    return None, say("no case is named") if facts.open_cases else say("the sender has no open case")


def _reason(draft: Draft, cause: MailArrived) -> str:
    """Return the text without the case's number."""
    number = rf"\[?{re.escape(draft.facts.desk.tag)}-\d{{1,9}}\]?[\s:,.-]*"
    return re.sub(number, "", cause.mail.new_text, flags=re.IGNORECASE).strip()


def _ask(draft: Draft, cause: MailArrived, sender: str, wanted: list[Sentence], why: Reason) -> None:
    """Answer with what is missing; what cannot be matched or proven goes to a lead at once as well."""
    missing = wanted[0] if len(wanted) == 1 else say("%(one)s and %(other)s", one=wanted[0], other=wanted[1])
    told = say("an escalation without %(missing)s", missing=missing)
    draft.hold(UNCLEAR, told, sender)
    _answer_missing(draft, cause, sender, wanted)
    if why:
        words = words_of(cause, cause.mail.new_text)
        leads = in_role(draft, Role.LEAD)
        notices.held(draft, cause, to=leads, kind=UNCLEAR, why=told, sender=sender, words=words)


def _answer_missing(draft: Draft, cause: MailArrived, sender: str, wanted: list[Sentence]) -> None:
    """Tell the sender what is missing, within the limits of automatic answers: anybody can write to this address."""
    proven = bool(draft.facts.proofs & PROVEN)
    if refusal := unanswered.refusal(draft, cause.mail, proven=proven):
        draft.hit("limits", f"no answer: {refusal}")
    else:
        notices.to_sender(draft, "escalation_missing", sender, cause, data={"missing": wanted}, may_echo=proven)


def _raise_priority(draft: Draft) -> None:
    """Raise the priority where the process says so; it never lowers one."""
    wanted = draft.process.escalation.raises_to if draft.process.escalation else ""
    names = [priority.name for priority in draft.process.priorities]
    case = draft.open_case
    if wanted and (not case.priority or names.index(wanted) < names.index(case.priority)):
        draft.happen(PriorityChanged(at=draft.now, old=case.priority, new=wanted, actor=MAILBOT))
