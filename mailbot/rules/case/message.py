"""How a mail's words become part of a case, whoever wrote it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailbot.decision import Carried, MailArrived
from mailbot.event import MessageAdded, Visibility
from mailbot.mail import Forwarded, Mail
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.counting.zone import instant
from mailbot.rules.spoken import Words

#: An absence that ends later says nothing: the Date field on which the notice was read is its sender's own word.
_LONGEST_AWAY = timedelta(days=366)
#: What says something only about the mail that it came with.
_WORTHLESS = frozenset({"application/pgp-signature"})


def words_of(cause: MailArrived, text: str) -> Words:
    """Return a mail's words and attachments on their way into the case."""
    return Words(text=text, carried=carried(cause.mail, cause.inbox_id))


def whole_words(cause: MailArrived) -> Words:
    """Return all that a mail says where it answers nobody, or a program wrote it: its text, if nothing of it is new."""
    return words_of(cause, cause.mail.new_text or cause.mail.text)


def carried(mail: Mail | Forwarded, inbox_id: int) -> tuple[Carried, ...]:
    """Return a mail's attachments on their way."""
    return tuple(
        Carried(inbox_id=inbox_id, attachment=a.index, name=a.name, type=a.type, size=a.size)
        for a in mail.attachments
        if a.type not in _WORTHLESS
    )


def passed_on(mail: Mail, inbox_id: int, original: Forwarded) -> Words:
    """Return a forwarded mail's words and files: its own where it came whole, else those of the mail around it."""
    around = tuple(one for one in carried(mail, inbox_id) if one.attachment != original.index)
    return Words(text=original.text, carried=(*around, *carried(original, inbox_id)))


def message(
    draft: Draft,
    cause: MailArrived,
    words: Words,
    proofs: frozenset[Proof],
    *,
    visibility: Visibility = Visibility.PUBLIC,
    by_member: bool = False,
    answers: bool = False,
    consulted: tuple[str, ...] = (),
    language: str = "",
) -> MessageAdded:
    """Return the event that adds a mail's words to the case; `language` is what it tells of its requester's."""
    sender = cause.mail.from_.address if cause.mail.from_ else cause.envelope.reverse_path or ""
    return MessageAdded(
        at=draft.now,
        sender=draft.facts.directory.canonical(sender),
        visibility=visibility,
        inbox_id=cause.inbox_id,
        message_id=cause.mail.message_id,
        text=words.text,
        proof="+".join(sorted(proofs)),
        by_customer=not by_member and cause.mail.automatic is None,
        answers=answers,
        automatic=cause.mail.automatic or "",
        away_until=_away_until(draft, cause, sender),
        attachments=len(words.carried),
        consulted=consulted,
        language=language,
    )


def _away_until(draft: Draft, cause: MailArrived, sender: str) -> datetime | None:
    """Return when the day is over on which a customer of the case said to be back; None where none plausibly did."""
    day = cause.mail.away_until
    if (
        day is None
        or day - draft.now.date() > _LONGEST_AWAY
        or draft.facts.directory.canonical(sender) not in draft.open_case.writers
    ):
        return None
    return instant(ZoneInfo(draft.facts.desk.timezone), datetime.combine(day + timedelta(days=1), time(0)))


def names_of(draft: Draft, cause: MailArrived) -> tuple[str, ...]:
    """Return the words of the names of those who write and are written to: they say nothing by themselves."""
    people = [cause.mail.from_.name, cause.mail.from_.address.partition("@")[0]] if cause.mail.from_ else []
    people += [person.name for person in draft.facts.directory.team("")]
    requester = draft.facts.directory.person(draft.case.requester) if draft.case else None
    people += [requester.name] if requester else []
    return tuple(word for name in people for word in name.replace(".", " ").split())
