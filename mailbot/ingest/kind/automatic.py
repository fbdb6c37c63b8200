"""Mail that no human wrote, told by its header fields (RFC 3834, 5230, 5436, 2919, 8098, 5965).

Fields are parsed and compared, never searched all over the header. The kind of a mail and whether an automatic answer
may go back are two decisions; neither says what becomes of the mail.
"""

import hmac
import re
from dataclasses import dataclass

from mailbot.ingest import words
from mailbot.ingest.format import header
from mailbot.mail import Automatic

#: How absence notices begin their subject.
_ABSENCE = words.phrases("automatic", "absence")
#: What other desks say.
_RECEIVED = words.phrases("automatic", "received")
_CHALLENGES = ("x-boxtrapper", "x-tmda-confirm", "x-challenge-response", "x-spamarrest", "x-asvp")
_CHALLENGE_SUBJECTS = words.phrases("automatic", "challenge")
_MACHINE_LOCALS = words.pattern("automatic", "machines", r"{}\Z")
_REPLY_PREFIX = re.compile(r"(?:(?:re|aw|sv|antw|vs|odp|rif|res|tr|fwd?|wg)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_REPLY_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
)
_LIST_FIELDS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailman-version",
    "x-listname",
)
_MONITORS = words.pattern("automatic", "monitors", r"{}\Z")
_MONITOR_MAILERS = ("nagios", "zabbix", "icinga", "prtg", "monit", "cron", "check_mk")


@dataclass(frozen=True, slots=True)
class Headed:
    """What is looked at."""

    fields: header.Header
    #: The media type of the whole mail.
    media: str
    #: The report-type parameter of a multipart/report, lower case, or "".
    report_type: str
    #: Was it read as a delivery report?
    is_report: bool
    #: The address of From, or "".
    sender: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What the fields say about who or what wrote a mail."""

    kind: Automatic | None
    #: May an automatic answer go back?
    answerable: bool


def origin(mail: Headed, *, own_domain: str, loop_mark: str) -> Origin:
    """Tell the kind of a mail, and whether it may be answered."""
    kind = _kind(mail, own_domain, loop_mark)
    return Origin(kind, answerable=kind is None and _answerable(mail.fields, mail.sender))


def _kind(mail: Headed, own_domain: str, loop_mark: str) -> Automatic | None:
    fields = mail.fields
    if _is_own(fields, loop_mark, own_domain):
        return Automatic.OWN
    if mail.report_type == "feedback-report":  # RFC 5965 section 2
        return Automatic.ABUSE
    if mail.report_type == "disposition-notification":  # RFC 8098 section 3
        return Automatic.RECEIPT
    if mail.is_report or (mail.media == "multipart/report" and mail.report_type in ("", "delivery-status")):
        return Automatic.REPORT
    if any(fields.all(name) for name in _CHALLENGES) or _subject(fields).startswith(_CHALLENGE_SUBJECTS):
        return Automatic.CHALLENGE
    return _reply(fields) or _program(fields, mail.sender)


def _is_own(fields: header.Header, loop_mark: str, own_domain: str) -> bool:
    """Our own mail come back: it carries our loop mark, or, at a desk that has none, a domain of our own in it."""
    marks = [field.value for field in fields.all("x-mailbot-loop")]
    if loop_mark:
        return any(hmac.compare_digest(mark.encode(), loop_mark.encode()) for mark in marks)
    return bool(own_domain) and own_domain in marks


def submitted(fields: header.Header) -> str:
    """The keyword of Auto-Submitted that is not `no`, or "" (RFC 3834 section 5)."""
    words = (header.word(field.value) for field in fields.all("auto-submitted"))
    return next((found for found in words if found and found != "no"), "")


def _reply(fields: header.Header) -> Automatic | None:
    """An absence notice or an acknowledgement: an automatic reply by its fields, or an absence by its subject."""
    keyword = submitted(fields)
    subject = _subject(fields)
    precedence = header.word(fields.value("precedence"))
    absent = _REPLY_PREFIX.sub("", subject, count=1).startswith(_ABSENCE)
    replied = keyword.startswith("auto-replied") or precedence in ("auto_reply", "auto-reply")
    if not replied and not any(fields.all(name) for name in _REPLY_FIELDS):
        return Automatic.VACATION if absent and (keyword or not _is_list(fields)) else None
    if not absent and any(phrase in subject for phrase in _RECEIVED):
        return Automatic.ACKNOWLEDGEMENT
    return Automatic.VACATION


def _program(fields: header.Header, sender: str) -> Automatic | None:
    """A mailing list, or a program that writes of its own accord."""
    keyword = submitted(fields)
    if keyword.startswith("auto-notified"):  # RFC 5436 section 2.7.1
        return Automatic.MONITORING
    if keyword and any(phrase in _subject(fields) for phrase in _RECEIVED):
        return Automatic.ACKNOWLEDGEMENT
    local = sender.partition("@")[0].partition("+")[0]
    mailer = fields.value("x-mailer").lower()
    if keyword or (_MONITORS.match(local) and not fields.all("in-reply-to")) or mailer.startswith(_MONITOR_MAILERS):
        return Automatic.MONITORING
    return Automatic.LIST if _is_list(fields) else None


def _is_list(fields: header.Header) -> bool:
    """RFC 2919 and 2369, and the older word for it."""
    if any(fields.all(name) for name in _LIST_FIELDS):
        return True
    return header.word(fields.value("precedence")) in ("list", "bulk", "junk")


def _subject(fields: header.Header) -> str:
    return header.clean(header.decoded(fields.value("subject"))).lower()


def _answerable(fields: header.Header, sender: str) -> bool:
    """RFC 3834 section 2: no answer to a null path, to a program, to who asked for none, or to nobody."""
    if not sender or fields.value("return-path").strip() == "<>":
        return False
    if header.word(fields.value("precedence")) in ("bulk", "list", "junk", "auto_reply"):
        return False
    suppressed = {word.strip().lower() for word in fields.value("x-auto-response-suppress").split(",")}
    if suppressed & {"all", "autoreply", "oof"}:
        return False
    return not _MACHINE_LOCALS.match(sender.partition("@")[0])
