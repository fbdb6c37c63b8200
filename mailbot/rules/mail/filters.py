"""Mail that is asked about before it is a case: the process's filters, the desk's lists, a server's verdict of spam.

Only mail that belongs to no case by proof is asked about, and never what comes in the name of a member: whether that is
theirs is asked elsewhere (`semantics.md` 23).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from mailbot.decision import MailArrived
from mailbot.event import CaseAssigned, TagsChanged
from mailbot.mail import Automatic, Envelope, Mail
from mailbot.people import Desk, Directory
from mailbot.process import Filter, Match, Process
from mailbot.rules.case.draft import MAILBOT, Draft
from mailbot.rules.case.routing import Routing
from mailbot.rules.identity import alias
from mailbot.rules.identity.correlate import choose
from mailbot.rules.identity.trust import PROVEN, Needs, proofs_for, suffices
from mailbot.rules.telling import say
from mailbot.spam import Spam, Treatment

#: What the reasons in the quarantine begin with.
BLOCKED, FILTER, SPAM = "blocked", "filter", "spam"
#: Automatic mail that opens a case where no filter says otherwise, and what opens one where a filter says so.
OPENERS = (Automatic.MONITORING, Automatic.LIST)
MAY_OPEN = (*OPENERS, Automatic.ABUSE)
#: Characters of a text that are looked at.
_LOOKED_AT = 100_000
#: What a door that has not read the whole mail cannot ask about.
_WHOLE = ("text", "attachment", "attachment_type", "automatic")


def routing(draft: Draft, cause: MailArrived, sender: str) -> Routing:
    """Return what the filters that fit want, together; the first that ends the mail is the last that is asked."""
    if draft.facts.directory.member(sender) is not None or cause.admitted:
        return Routing()
    verified = bool(draft.facts.proofs & PROVEN)
    found: list[Filter] = []
    for one in draft.process.filters:
        if fits(one, cause.mail, cause.envelope, sender, verified=verified):
            draft.hit("filters", f"{one.name!r} fits")
            found.append(one)
            if one.then:
                break
    return reduce(_over, found, Routing())


def _over(known: Routing, one: Filter) -> Routing:
    return Routing(
        team=one.team or known.team,
        tags=tuple(dict.fromkeys((*known.tags, *one.tags))),
        type=one.type or known.type,
        priority=one.priority or known.priority,
        opens=known.opens if one.opens is None else one.opens,
        answered=known.answered if one.answered is None else one.answered,
        then=one.then,
        ended_by=one.name if one.then else "",
    )


def may_open(draft: Draft, kind: Automatic) -> bool:
    """May automatic mail of this kind open a case?"""
    wanted = draft.routing.opens
    return kind in MAY_OPEN and (kind in OPENERS if wanted is None else wanted)


def keep_out(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """End a mail that a filter, a list or a verdict keeps from being a case; False: it goes on."""
    if draft.facts.directory.member(sender) is not None or cause.admitted or _belongs(draft, cause, sender):
        return False
    rules, named = draft.facts.desk.spam, draft.routing.ended_by
    allowed = rules.allows(sender) and bool(draft.facts.proofs & PROVEN)
    if rules.blocks(sender) and not allowed:
        draft.quarantine(BLOCKED, say("%(sender)s stands on the block list", sender=sender), sender)
    elif draft.routing.then == "hold":
        draft.hold(FILTER, say("'%(name)s' holds it", name=named), sender)
    elif draft.routing.then == "refuse":
        draft.quarantine(FILTER, say("'%(name)s' refuses it", name=named), sender)
    elif draft.routing.then == "ignore":
        draft.ignore(f"{FILTER}: '{named}' ignores it", sender)
    elif cause.mail.spam and not allowed and rules.verdict is not Treatment.OFF:
        why = say("a mail server in front says so (%(field)s)", field=_said(cause.mail.spam))
        (draft.hold if rules.verdict is Treatment.HOLD else draft.quarantine)(SPAM, why, sender)
    else:
        return False
    return True


def _said(spam: Spam) -> str:
    return spam.by if spam.score is None else f"{spam.by}, {spam.score:g}"


def _belongs(draft: Draft, cause: MailArrived, sender: str) -> bool:
    """Is it proven to be a participant's mail into its case?"""
    choice = choose(cause.mail, alias.counted(draft.facts, sender), draft.now)
    known = choice.case or choice.others
    return known is not None and suffices(proofs_for(known, draft.facts), Needs.CUSTOMER, draft.facts.desk)


def route(draft: Draft) -> None:
    """Give a case that was just opened to the team, and the tags, that the filters want."""
    wanted = draft.routing
    if wanted.team:
        draft.happen(CaseAssigned(at=draft.now, assignee=wanted.team, actor=MAILBOT))
    if wanted.tags:
        draft.happen(TagsChanged(at=draft.now, tags=wanted.tags, actor=MAILBOT))


def refusal(process: Process, desk: Desk, directory: Directory, mail: Mail, envelope: Envelope) -> str:
    """Return why a door refuses a mail of which it has read the header alone, "" if it does not.

    Nobody is proven at a door. So whoever stands on the allow list passes there, and is asked about again, whole.
    """
    rules = desk.spam
    sender = directory.canonical(mail.from_.address if mail.from_ else envelope.reverse_path or "")
    if directory.member(sender) is not None or rules.allows(sender):
        return ""
    if rules.blocks(sender):
        return f"{BLOCKED}: {sender}"
    for one in process.filters:
        if _asks_for_the_whole(one):
            if one.then:
                return ""
        elif one.then and fits(one, mail, envelope, sender, verified=False):
            return f"{FILTER}: {one.name}" if one.then == "refuse" else ""
    return f"{SPAM}: {_said(mail.spam)}" if mail.spam and rules.verdict is Treatment.REFUSE else ""


def _asks_for_the_whole(one: Filter) -> bool:
    asked = [match for match in (one.when, one.unless) if match is not None]
    return any(getattr(match, key) for match in asked for key in _WHOLE) or any(m.verified is not None for m in asked)


def fits(one: Filter, mail: Mail, envelope: Envelope, sender: str, *, verified: bool) -> bool:
    """Does a mail have what the filter asks for, and not what it must not have?"""
    if not _matches(one.when, mail, envelope, sender, verified=verified):
        return False
    return one.unless is None or not _matches(one.unless, mail, envelope, sender, verified=verified)


def _matches(wanted: Match, mail: Mail, envelope: Envelope, sender: str, *, verified: bool) -> bool:
    """Does every key that is given fit? The dear ones are looked at last."""
    if mail.size <= wanted.larger_than and wanted.larger_than:
        return False
    if wanted.spam not in (None, mail.spam is not None) or wanted.verified not in (None, verified):
        return False
    if wanted.automatic and (mail.automatic or "no") not in wanted.automatic:
        return False
    looked_at = _looked_at(wanted, mail, envelope, sender)
    return all(not patterns or _any(patterns, values) for patterns, values in looked_at)


def _looked_at(
    wanted: Match, mail: Mail, envelope: Envelope, sender: str
) -> Iterator[tuple[Sequence[str], Iterable[str]]]:
    yield wanted.from_, (sender, mail.from_.address if mail.from_ else sender)
    yield wanted.to, (*envelope.forward_paths, *(box.address for box in (*mail.to, *mail.cc)))
    yield wanted.subject, (mail.subject,)
    for name, patterns in wanted.header.items():
        yield patterns, (value for known, value in mail.fields if known == name.lower())
    yield wanted.attachment, (one.name for one in mail.attachments)
    yield wanted.attachment_type, (one.type for one in mail.attachments)
    if wanted.text:
        yield wanted.text, (" ".join(mail.text[:_LOOKED_AT].split()),)


def _any(patterns: Sequence[str], values: Iterable[str]) -> bool:
    pieces = [pattern.casefold().split("*") for pattern in patterns]
    return any(_is_like(value.casefold(), one) for value in values for one in pieces)


def _is_like(text: str, pieces: Sequence[str]) -> bool:
    """Does a text have these pieces in order, the first at its beginning and the last at its end? In linear time."""
    first, *inner = pieces
    if not inner:
        return text == first
    last = inner.pop()
    position, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or end < position:
        return False
    for piece in inner:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
