"""A customer calls somebody higher: by a word in the case, or by mail to an address of its own (`companies.md`).

Each escalation needs a reason and goes one level up the company's path; without a path it goes to the team's lead.
"""

import re
from dataclasses import dataclass

from mailbot.decision import Ending, MailArrived
from mailbot.event import Escalated, MailHeld, PriorityChanged
from mailbot.model import Case
from mailbot.people import Proof, Role
from mailbot.process import Process
from mailbot.rules import notify
from mailbot.rules.clocks import settle
from mailbot.rules.correlate import choose
from mailbot.rules.draft import MAILBOT, Draft
from mailbot.rules.grammar import Given
from mailbot.rules.message import message, words_of
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.trust import Needs, proofs_for, suffices

#: The purpose of the escalation address (`Desk.purposes`).
PURPOSE = "escalation"
_PAST = re.compile(r"(?:go |going )?past (?:the |my |our )?(?:support )?(?:engineer|agent|person)\b[\s:,.-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the customer wrote."""

    reason: str
    #: Past the engineer concerned: the complaint is not shown to the team.
    past_engineer: bool


def wish(process: Process, text: str) -> Wish:
    """Read the reason, and whether it is to go past the engineer."""
    past = bool(process.escalation and process.escalation.past_engineer) and bool(_PAST.match(text.strip()))
    reason = _PAST.sub("", text.strip(), count=1) if past else text.strip()
    return Wish(reason=" ".join(reason.split()), past_engineer=past)


def escalate(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Do what `escalate REASON` says."""
    said = wish(draft.process, given.argument)
    if not said.reason:
        return No(reason="an escalation needs its reason: write 'escalate' and the reason on the same line")
    return raise_level(draft, said, actor)


def raise_level(draft: Draft, said: Wish, actor: Actor) -> Outcome:
    """Go one level up, tell the person there, and raise the priority where the process says so."""
    case, path = draft.open_case, draft.process.escalation.path if draft.process.escalation else ()
    level = case.escalation_level + 1
    if path and level > len(path):
        return No(reason=f"it was escalated to {path[-1].title} already; there is nobody above")
    title = path[level - 1].title if path else "the team's lead"
    people = notify.in_role(draft, path[level - 1].role if path else Role.LEAD) or notify.in_role(draft, Role.LEAD)
    reason = "past the engineer concerned" if said.past_engineer else said.reason
    for address in people or ("",):
        draft.happen(Escalated(at=draft.now, level=level, to=address, reason=reason))
    _raise_priority(draft)
    notify.escalated(draft, people, reason=said.reason)
    if not said.past_engineer and case.assignee not in (*people, actor.address):
        notify.escalated(draft, (case.assignee,) if "@" in case.assignee else (), reason=said.reason)
    return Said(said=f"the case is escalated to {title}")


def arrive(draft: Draft, cause: MailArrived, sender: str) -> None:
    """A mail came to the escalations address: its plain text is the reason."""
    case, why = _case(draft, cause, sender)
    said = wish(draft.process, _reason(draft, cause))
    wanted = [what for what, there in (("the case number", case), ("the reason", said.reason)) if not there]
    if case is None or wanted:
        _ask(draft, cause, sender, wanted, why)
        return
    draft.case = draft.before = case
    draft.now = max(draft.now, case.latest)
    proofs = proofs_for(case, draft.facts)
    if not said.past_engineer:
        draft.happen(message(draft, cause, words_of(cause, cause.mail.new_text), proofs))
    outcome = raise_level(draft, said, Actor(address=sender, member=False))
    settle(draft)
    draft.end(Ending.THREADED, "an escalation")
    if isinstance(outcome, No):
        data = {"lines": [{"line": "escalate", "ok": False, "said": outcome.reason, "undo": ""}], "refused": True, "text": ""}
        notify.to_sender(draft, "command_result", sender, cause, data=data)
    else:
        notify.to_sender(draft, "escalation_received", sender, cause, data={"said": outcome.said})


def _case(draft: Draft, cause: MailArrived, sender: str) -> tuple[Case | None, str]:
    """Return the case that is meant, and why none is; a sender with a single open case need not name it."""
    facts = draft.facts
    choice = choose(cause.mail, facts, draft.now)
    if choice.case is not None:
        return choice.case, ""
    named = facts.found.cases.get(facts.keys.bare_number or facts.keys.number)
    if not suffices(facts.proofs, Needs.CUSTOMER):
        return None, "nothing proves the sender"
    if named is not None:
        return (named, "") if sender in named.participants else (None, "the sender takes no part in the case that is named")
    if len(facts.open_cases) == 1:
        return facts.open_cases[0], ""
    return None, "no case is named" if facts.open_cases else "the sender has no open case"


def _reason(draft: Draft, cause: MailArrived) -> str:
    """Return the text without the case's number."""
    number = rf"\[?{re.escape(draft.facts.desk.tag)}-\d{{1,9}}\]?[\s:,.-]*"
    return re.sub(number, "", cause.mail.new_text, flags=re.IGNORECASE).strip()


def _ask(draft: Draft, cause: MailArrived, sender: str, wanted: list[str], why: str) -> None:
    """Answer with what is missing; what cannot be matched or proven goes to a lead at once as well."""
    reason = f"unclear: an escalation without {' and '.join(wanted)}" if wanted else f"unclear: {why}"
    draft.note(MailHeld(at=draft.now, reason=reason, sender=sender))
    draft.end(Ending.HELD, reason)
    if cause.mail.answerable:
        proven = Proof.VERIFIED in draft.facts.proofs
        notify.to_sender(draft, "escalation_missing", sender, cause, data={"missing": wanted}, may_echo=proven)
    if why:
        words = words_of(cause, cause.mail.new_text)
        leads = notify.in_role(draft, Role.LEAD)
        notify.held(draft, to=leads, reason=reason, sender=sender, inbox_id=cause.inbox_id, words=words)


def _raise_priority(draft: Draft) -> None:
    """Raise the priority where the process says so; it never lowers one."""
    wanted = draft.process.escalation.raises_to if draft.process.escalation else ""
    names = [priority.name for priority in draft.process.priorities]
    case = draft.open_case
    if wanted and (not case.priority or names.index(wanted) < names.index(case.priority)):
        draft.happen(PriorityChanged(at=draft.now, old=case.priority, new=wanted, actor=MAILBOT))
