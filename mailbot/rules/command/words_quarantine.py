"""`quarantine`: mail that was set aside, looked at and decided on by mail, by those who answer for the desk.

What the shell does (`mailbot quarantine`), for leads and managers, in a mail of its own to the desk. A mail that is
released is judged anew as if it had just come: nothing is proven by the release, so no command in it runs that would
not have run before.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailbot.decision import AutoSubmitted, MailArrived, Notice, Turned
from mailbot.event import Visibility
from mailbot.facts import Aside, SetAside
from mailbot.people import Person, Role
from mailbot.rules.case.draft import UNCLEAR, Draft
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.escalation import ASTRAY, PURPOSE
from mailbot.rules.identity.token import blanked
from mailbot.rules.identity.trust import proofs_of
from mailbot.rules.reading import confidence, privacy
from mailbot.rules.reading.word import Given, Takes, Word
from mailbot.rules.spoken import Actor, No, Outcome, Said
from mailbot.rules.telling import say
from mailbot.sentence import Reason

#: The word.
QUARANTINE = "quarantine"
SHOW, RELEASE, DROP = "show", "release", "drop"
#: What may stand behind it.
_ASKED = re.compile(r"(show|release|drop)[ \t]+#?(\d{1,9})(?:[ \t]*:[ \t]*|[ \t]+|$)(.*)", re.IGNORECASE | re.DOTALL)
#: Those who answer for what comes in.
_ROLES = (Role.LEAD, Role.MANAGER)
#: How the reasons begin of mails that are not read again for a look: that did harm before.
_UNREADABLE = ("crash", "limit")
#: So many characters of a mail are shown, and of a subject in a list.
LONGEST_TEXT, LONGEST_SUBJECT = 4_000, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one command wants: the list, where it names no mail."""

    verb: str = ""
    number: int = 0
    why: str = ""


def entries() -> Iterator[Entry]:
    """Yield the word."""
    yield Entry(
        word=Word(
            word=QUARANTINE,
            takes=Takes.OPTIONAL,
            read=_read,
            choices=("show NUMBER", "release NUMBER", "drop NUMBER: REASON"),
        ),
        usage="quarantine, quarantine show NUMBER, quarantine release NUMBER, quarantine drop NUMBER: REASON",
        help=say(
            "For leads and managers, in a new mail to the desk: mail that is held or quarantined; look at one, have it "
            "judged anew, or leave it out for good."
        ),
        group=Group.TROUBLE,
        example="quarantine show 12",
        run=quarantine,
    )


def _read(text: str) -> str | None:
    """Read what stands behind the word; the reason as it is written."""
    match = _ASKED.fullmatch(text.strip())
    return f"{match[1].lower()} {int(match[2])} {match[3].strip()}".strip() if match else None


def asked_of(given: Given) -> Asked:
    """Return what a command wants."""
    if not given.argument:
        return Asked()
    verb, number, *why = given.argument.split(" ", 2)
    return Asked(verb=verb, number=int(number), why="".join(why))


def wanted(commands: Iterable[Given], person: Person | None) -> tuple[Asked, ...]:
    """Return what the commands of a mail want to know of the quarantine; nothing where its sender may not ask."""
    return tuple(asked_of(given) for given in commands if given.word == QUARANTINE) if _may(person) else ()


def is_readable(reason: str) -> bool:
    """May a mail that was set aside for this be read again, only to be shown?"""
    return not reason.startswith(_UNREADABLE)


def is_question(given: Given) -> bool:
    """Does the command only look?"""
    return given.word == QUARANTINE and asked_of(given).verb in ("", SHOW)


def is_turn(given: Given) -> bool:
    """Does the command release or drop a mail?"""
    return given.word == QUARANTINE and not is_question(given)


def quarantine(draft: Draft, given: Given, actor: Actor) -> Outcome:
    """Say whether there is an answer, or let a mail go on or stay out."""
    asked = asked_of(given)
    aside = draft.facts.aside
    if reason := _refusal(draft, asked, actor):
        return No(reason=reason)
    assert aside is not None, "without anything looked up it is refused"
    if asked.verb == RELEASE:
        _turn(draft, Turned(inbox_id=asked.number, is_dropped=False, said=f"{actor.address} released it"))
        return Said(said=say("mail %(number)s is judged anew, as if it had just come", number=asked.number))
    if asked.verb == DROP:
        why = " ".join(asked.why.split())
        _turn(draft, Turned(inbox_id=asked.number, is_dropped=True, said=f"{actor.address} dropped it: {why}"))
        return Said(said=say("mail %(number)s is left out for good; its bytes are kept", number=asked.number))
    return Said(said=say("what is set aside follows in a mail of its own"))


def _refusal(draft: Draft, asked: Asked, actor: Actor) -> Reason:
    """Say why nothing is done, "" where it is."""
    if draft.case is not None:
        return say("'%(word)s' stands in a mail of its own to the desk, not in answer to a case", word=QUARANTINE)
    if not _may(draft.facts.directory.member(actor.address)):
        return say("only leads and managers look after the quarantine")
    if draft.facts.aside is None:
        return say("'%(word)s' is answered to somebody whose own mail proves who they are", word=QUARANTINE)
    return _refusal_of_one(draft, asked, draft.facts.aside) if asked.number else ""


def _refusal_of_one(draft: Draft, asked: Asked, aside: Aside) -> Reason:
    one = aside.named.get(asked.number)
    if one is None:
        return say("there is no mail %(number)s that is held or quarantined", number=asked.number)
    if _is_confided(draft, one):
        return say("mail %(number)s is not for the team to read; an operator looks at it", number=asked.number)
    if asked.verb == DROP and not asked.why.strip():
        return say("say why: write 'quarantine drop %(number)s: REASON'", number=asked.number)
    if any(turned.inbox_id == asked.number for turned in draft.turned):
        return say("mail %(number)s is named twice", number=asked.number)
    return ""


def _may(person: Person | None) -> bool:
    return person is not None and person.role in _ROLES


def _turn(draft: Draft, turned: Turned) -> None:
    draft.turned = (*draft.turned, turned)
    draft.hit("quarantine", f"mail {turned.inbox_id}: {turned.said}")


def _is_confided(draft: Draft, one: SetAside) -> bool:
    """Is it, or could it be, a complaint that the team must not see? It names whom it is about, who may lead."""
    desk = draft.facts.desk
    purposes = {desk.purposes.get(address) for address in one.envelope.forward_paths}
    return PURPOSE in purposes or one.reason == f"{UNCLEAR}: {ASTRAY}"


def answer(draft: Draft, commands: Iterable[Given], actor: Actor, cause: MailArrived) -> None:
    """Show what was asked for, once for the whole mail, at the registered address."""
    aside = draft.facts.aside
    assert aside is not None, "what has no answer was refused"
    asked = [asked_of(given) for given in commands if is_question(given)]
    shown = dict.fromkeys(one.number for one in asked if one.verb == SHOW)
    open_ = [one for one in aside.latest if not _is_confided(draft, one)]
    data = {
        "listed": any(not one.number for one in asked),
        "mails": [_row(draft, one, actor) for one in open_],
        "hidden": len(aside.latest) - len(open_),
        "more": aside.more,
        "shown": [_page(draft, aside.named[number], actor) for number in shown],
    }
    draft.tell(
        Notice(
            at=draft.now,
            template=QUARANTINE,
            to=actor.address,
            case=None,
            visibility=Visibility.INTERNAL,
            auto_submitted=AutoSubmitted.REPLIED,
            in_reply_to=cause.mail.message_id,
            data=data,
        )
    )


def _row(draft: Draft, one: SetAside, actor: Actor) -> dict[str, object]:
    """Return a mail as a line of the list."""
    when = one.envelope.received_at.astimezone(draft.zone_of(actor.address))
    who = one.sender or one.envelope.reverse_path or say("nobody who could be told")
    return {
        "number": one.number,
        "held": one.held,
        "reason": one.reason,
        "heading": say("%(who)s, %(when)s", who=who, when=when),
        "subject": blanked(one.subject, draft.facts.desk)[:LONGEST_SUBJECT],
    }


def _page(draft: Draft, one: SetAside, actor: Actor) -> dict[str, object]:
    """Return a mail with what a look at it shows: plain text, quoted, and what is attached by name only."""
    mail, desk = one.mail, draft.facts.desk
    is_private = mail is not None and _is_private(draft, one)
    text = "" if is_private else blanked(mail.text if mail is not None else one.start, desk)
    return {
        **_row(draft, one, actor),
        "subject": "" if is_private else blanked(mail.subject if mail is not None else one.subject, desk),
        "reverse_path": one.envelope.reverse_path or "<>",
        "to": [blanked(address, desk) for address in one.envelope.forward_paths],
        "size": one.size,
        "proven": sorted(proofs_of(mail, one.envelope)) if mail is not None else [],
        "text": text[:LONGEST_TEXT],
        "cut": len(text) > LONGEST_TEXT,
        "is_read": mail is not None,
        "is_private": is_private,
        "attachments": [{"name": file.name, "size": file.size} for file in mail.attachments] if mail else [],
        "defects": list(mail.defects) if mail else [],
    }


def _is_private(draft: Draft, one: SetAside) -> bool:
    """Does it hold what must not be passed on, or complain past the team? Then it is named, and not shown."""
    assert one.mail is not None, "only what was read is asked"
    asks_past = confidence.is_asked(draft.process, one.mail.new_text)
    return asks_past or privacy.private(one.mail, draft.process.privacy) is not None
