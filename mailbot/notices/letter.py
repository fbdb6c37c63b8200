"""From a notice to a letter: the values its template gets, and the header fields that make one thread of a case.

Tokens and Message-IDs are one chain for each person: an agent's or an internal one never stands in a customer's
References. Decides nothing; reads no store and no clock.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mailbot.decision import AutoSubmitted, Notice
from mailbot.event import Visibility
from mailbot.facts import Facts, Token
from mailbot.model import Case, Clock
from mailbot.notices.due_calendar import calendar
from mailbot.notices.language import Language
from mailbot.notices.reader import Reader, bounded, told_to
from mailbot.people import Desk, Directory, Person, ReplyTokens
from mailbot.ports import Renderer
from mailbot.ports.records import Letter
from mailbot.process import Process
from mailbot.rules.case.place import shown
from mailbot.rules.command.actions import offered
from mailbot.rules.command.help import everyday
from mailbot.rules.command.words_people import UNWATCH
from mailbot.rules.counting import ledger
from mailbot.rules.counting.hours import budget, clock_calendar, clock_target
from mailbot.rules.identity.token import KeyRing, blanked, mark, message_id, personal_address, principal, reply_address
from mailbot.rules.reading import tongues

#: How many Message-IDs of a case a letter names: enough for every client, far below a header's limit.
MOST_REFERENCES = 20
#: Notices that nobody needs to answer.
_NO_REPLY = frozenset({"alarm", "unproven"})
#: Notices that name the address of the desk that is the reader's own; in the second an answer goes there, too.
_DESK_ADDRESS, _QUARANTINE = "desk_address", "quarantine"
#: Notices with links that do one thing, for the customer: none that is a person's own letter and asks for no word.
_CUSTOMERS_ACT = frozenset(
    ("closed", "estimate", "evaluated", "fixed", "reminder", "reopened", "status_changed", "status_report", "taken")
)
#: Members get them with every notice about a case but these.
_NO_ACTION = frozenset({"bundle", "confirm_command", "consultation", "escalated", "held", "help", "unproven"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """What every letter of a desk is written with."""

    desk: Desk
    directory: Directory
    process: Process
    ring: KeyRing
    renderer: Renderer
    #: Marks our own mail, so that it is known when it comes back.
    loop_mark: str


def write(notice: Notice, case: Case | None, thread: Sequence[str], cause: str, paper: Stationery) -> Letter:
    """Render a notice and fix its header fields.

    `thread` is what its recipient has seen or written of the case, oldest first; `cause` tells the decision
    from any other, so that the same notice is never made twice.
    """
    person = paper.directory.person(notice.to) or Person(address=notice.to)
    tag = paper.renderer.language(*_wanted(notice, case, paper))
    rendered = paper.renderer.render(notice.template, tag, values(notice, case, person, paper, Language(tag)))
    key = _key(notice, case, cause)
    unique = hashlib.sha256(f"{paper.loop_mark}/{key}".encode()).hexdigest()[:20]
    own_id, reply_to = _addresses(notice, person, unique, paper)
    return Letter(
        notice=notice,
        to=notice.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=own_id,
        fields=(*_fields(notice, reply_to, thread, paper), *_unsubscribe(notice, case, paper)),
        reverse_path=_reverse_path(notice, unique, paper),
        key=key,
        carried=notice.carried if notice.may_echo else (),
        calendar=calendar(notice, case, paper.desk, Language(tag)),
    )


def _key(notice: Notice, case: Case | None, cause: str) -> str:
    """Return what no other letter has; of two cases that are merged into one at once, each has its own."""
    key = f"{notice.case or '-'}/{case.version if case else 0}/{cause}/{notice.template}/{notice.to}"
    merged = notice.data.get("reference")
    return f"{key}/{merged}" if merged else key


def _wanted(notice: Notice, case: Case | None, paper: Stationery) -> tuple[str, ...]:
    """Return the languages in which the notice may be written, the best first: a customer's own, then the desk's."""
    own = "" if notice.visibility is Visibility.INTERNAL else notice.language or (case.language if case else "")
    return paper.directory.language(notice.to), own, paper.desk.language


def _addresses(notice: Notice, person: Person, unique: str, paper: Stationery) -> tuple[str, str]:
    """Return the Message-ID and Reply-To: both carry the recipient's token where the notice is about a case."""
    if notice.case is None:
        own = notice.template == _QUARANTINE
        answered = personal_address(paper.ring, paper.desk, person) if own else paper.desk.address
        return f"<{unique}.mailbot@{paper.desk.domain}>", answered
    token = _token(notice, notice.case, paper, notice.mark)
    return message_id(paper.ring, token, unique, paper.desk.domain), reply_address(paper.ring, paper.desk, token)


def _reverse_path(notice: Notice, unique: str, paper: Stationery) -> str:
    """Return where reports on this letter go: an address of its own, which tells them from others' (VERP).

    An answer has the null path (RFC 3834 section 3.3): nothing comes back.
    """
    if notice.auto_submitted is AutoSubmitted.REPLIED:
        return ""
    who, letter = principal(paper.ring, notice.to), bytes.fromhex(unique)[:5]
    token = Token(case=notice.case or 0, visibility=Visibility.INTERNAL, principal=who, letter=letter)
    return reply_address(paper.ring, paper.desk, token)


def _token(notice: Notice, case: int, paper: Stationery, mark: bytes) -> Token:
    """Return what an address of this notice says: its recipient, their case, and where an answer goes."""
    who = principal(paper.ring, notice.to)
    return Token(case=case, visibility=notice.reply, principal=who, mark=mark)


def _fields(notice: Notice, reply_to: str, thread: Sequence[str], paper: Stationery) -> list[tuple[str, str]]:
    """Return the header fields beside To, Subject, Date and Message-ID (RFC 5322 section 3.6.4, RFC 3834 section 5)."""
    desk = paper.desk
    chain = list(dict.fromkeys([*thread, *([notice.in_reply_to] if notice.in_reply_to else [])]))
    answered = notice.in_reply_to or (chain[-1] if chain else "")
    name = (desk.name or desk.address.partition("@")[0]).replace('"', "'")
    fields = [("From", f'"{name}" <{desk.address}>'), ("Reply-To", reply_to)]
    if answered:
        fields.append(("In-Reply-To", answered))
        fields.append(("References", " ".join([*chain[:1], *chain[1:][-MOST_REFERENCES:]])))
    if notice.auto_submitted is not AutoSubmitted.NO:
        fields.append(("Auto-Submitted", str(notice.auto_submitted)))
    fields.append(("X-Auto-Response-Suppress", "All"))
    fields.append(("X-Mailbot-Loop", paper.loop_mark))
    if notice.case is not None:
        fields.append(("X-Mailbot-Case", desk.reference(notice.case)))
    return fields


def _unsubscribe(notice: Notice, case: Case | None, paper: Stationery) -> list[tuple[str, str]]:
    """Return the field by which a watcher's mail program takes them out of the case (RFC 2369 section 3.2)."""
    watches = case is not None and notice.case == case.number and notice.to in case.watchers
    if not watches or notice.visibility is Visibility.INTERNAL or paper.desk.reply_tokens is ReplyTokens.NONE:
        return []
    token = _token(notice, notice.case or 0, paper, mark(UNWATCH))
    address = reply_address(paper.ring, paper.desk, token)
    return [("List-Unsubscribe", f"<mailto:{quote(address, safe='@+')}?subject={UNWATCH}>")]


def values(
    notice: Notice, case: Case | None, person: Person, paper: Stationery, language: Language
) -> dict[str, object]:
    """Return the plain values of a notice's template (docs/notices.md has them all), told in a language."""
    # Whoever may see what is internal is one of us, whatever their role.
    member = notice.visibility is Visibility.INTERNAL
    reader = Reader(language, ZoneInfo(person.timezone or paper.desk.timezone), paper.desk.spoken, member)
    author = paper.directory.person(notice.author) or Person(address=notice.author)
    named = person.name if not person.address.startswith("@") else ""
    result: dict[str, object] = {
        "desk": {
            "name": paper.desk.name,
            "address": paper.desk.address,
            "language": paper.desk.language,
            "tag": paper.desk.tag,
        },
        "person": {"address": notice.to, "name": named, "is_member": member},
        "case": _case(case, notice.at, reader, paper) if case and notice.case else None,
        "cases": [_listed(one, notice, reader, paper) for one in notice.listed],
        "words": bounded(blanked(notice.words, paper.desk), language),
        "author": {"address": notice.author, "name": author.name},
        "reply": _reply(notice, member=member),
        "attachments": [{"name": c.name, "size": c.size} for c in notice.carried],
        "may_echo": notice.may_echo,
        "data": told_to(notice.data, reader),
        "commands": [],
        "reply_to": _reply_to(notice, person, paper),
        "actions": told_to(_actions(notice, case, paper), reader) if case and notice.case else [],
        "spoken": dict(tongues.spoken(language.tag, paper.desk.spoken)),
    }
    if (
        member
        and notice.case
        and notice.reply is Visibility.PUBLIC
        and notice.template not in ("bundle", "help", "command_result")
    ):
        result["commands"] = told_to(everyday(paper.process, paper.directory), reader)
    return result


def _reply_to(notice: Notice, person: Person, paper: Stationery) -> str:
    """Return the address that a notice is about: the one to say yes to, the reader's own; "" in any other."""
    if notice.template in (_DESK_ADDRESS, _QUARANTINE):
        return personal_address(paper.ring, paper.desk, person)
    return _addresses(notice, person, "", paper)[1] if notice.mark else ""


def _actions(notice: Notice, case: Case, paper: Stationery) -> list[dict[str, object]]:
    """Return what the reader can do by one click, each with the address that does it; nothing to a stranger."""
    member = notice.visibility is Visibility.INTERNAL
    inside = paper.directory.member(notice.to) is not None and notice.to not in case.confidants
    acts = inside and notice.template not in _NO_ACTION if member else notice.template in _CUSTOMERS_ACT
    if not acts or not notice.may_echo or paper.desk.reply_tokens is ReplyTokens.NONE:
        return []
    facts = Facts(desk=paper.desk, directory=paper.directory)
    return [
        {
            "word": action.word,
            "usage": action.usage,
            "help": action.help,
            "needs_words": action.needs_words,
            "address": reply_address(paper.ring, paper.desk, _token(notice, case.number, paper, action.mark)),
        }
        for action in offered(facts, paper.process, case, notice.to, notice.at)
    ]


def _reply(notice: Notice, *, member: bool) -> str:
    """Return where an answer goes."""
    if notice.template in _NO_REPLY:
        return "none"
    if not member:
        return "desk"
    if notice.case is None:
        return "desk"
    return "internal" if notice.reply is Visibility.INTERNAL else "customer"


def _case(case: Case, now: datetime, reader: Reader, paper: Stationery) -> dict[str, object]:
    def name(address: str) -> str:
        person = paper.directory.person(address)
        return person.name if person and person.address == address else ""

    organisation = paper.directory.organisation(case.requester)
    return {
        "number": case.number,
        "reference": paper.desk.reference(case.number),
        "subject": case.subject,
        "status": shown(case.status, case.cause),
        "priority": case.priority,
        "priority_title": paper.process.priority(case.priority).title if case.priority else "",
        "type": case.type,
        "requester": case.requester,
        "requester_name": name(case.requester),
        "organisation": organisation.name if organisation else "",
        "assignee": case.assignee,
        "assignee_name": name(case.assignee),
        "snoozed_until": told_to(case.snoozed_until or "", reader) if reader.is_member else "",
        "opened": reader.instant(case.opened),
        "age": reader.language.duration(now - case.opened),
        "reason": case.reason,
        "parent": paper.desk.reference(case.parent) if case.parent else "",
        "children": [paper.desk.reference(number) for number in case.children],
        "fields": [{"name": name, "value": value} for name, value in case.fields.items()],
        "clocks": [_clock(case, clock, now, reader, paper) for clock in case.clocks],
    }


def _listed(case: Case, notice: Notice, reader: Reader, paper: Stationery) -> dict[str, object]:
    """Return a case of a list, with the address at which its reader can write about it."""
    told = _case(case, notice.at, reader, paper)
    waits = [clock.due for clock in case.clocks if clock.open and clock.running and clock.due]
    token = Token(case=case.number, visibility=notice.reply, principal=principal(paper.ring, notice.to))
    address = reply_address(paper.ring, paper.desk, token)
    due = reader.instant(min(waits)) if waits else ""
    return told | {"late": case.overdue, "due": due, "address": address}


def _clock(case: Case, clock: Clock, now: datetime, reader: Reader, paper: Stationery) -> Mapping[str, object]:
    rule = paper.process.clocks.get(clock.name)
    if rule is None:
        return {"name": str(clock.name), "state": "ended", "due": "", "used": ""}
    target = clock_target(paper.process, case, clock.name)
    calendar = clock_calendar(paper.process, paper.desk, rule, target)
    limit = budget(target, calendar)
    due = ledger.due(clock, calendar, limit)
    return {
        "name": str(clock.name),
        "state": str(ledger.state(clock, limit)),
        "due": reader.instant(due) if due else "",
        "used": reader.language.service(ledger.used(clock, calendar, now)),
    }
