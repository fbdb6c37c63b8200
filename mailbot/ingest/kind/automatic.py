"""Mail that no human wrote, told by its header fields (RFC 3834, 5230, 5436, 2919, 8098, 5965), else by its words.

Fields are parsed and compared, never searched all over the header. The kind of a mail and whether an automatic answer
may go back are two decisions; neither says what becomes of the mail.
"""

import hmac
import re
from dataclasses import dataclass

from mailbot.ingest import words
from mailbot.ingest.format import encoded_word, header
from mailbot.ingest.kind import mailbot_sign, report_sign, responder, subject
from mailbot.mail import Automatic

#: What other desks say.
_RECEIVED = words.phrases("automatic", "received")
_CHALLENGES = ("x-boxtrapper", "x-tmda-confirm", "x-challenge-response", "x-spamarrest", "x-asvp")
_CHALLENGE_SUBJECTS = words.phrases("automatic", "challenge")
_CHALLENGED = words.pattern("automatic", "challenged")
#: Parts that no mail program lets a person write, and the files of reports about a domain (RFC 7489, RFC 8460).
_PROGRAMS_PARTS = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "application/zip",
        "application/gzip",
        "application/tlsrpt+gzip",
    }
)
_MACHINE_LOCALS = words.pattern("automatic", "machines", r"{}\Z")
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
#: What programs say of their own mail.
_SELF_SAID = words.pattern("automatic", "self_said")
_ALARMS = words.pattern("automatic", "alarms")
#: RFC 7489 section 7.2.1.1 and RFC 8460 section 5.3: how a domain's mail fares, for whoever runs its mail.
_DOMAIN_REPORTS = words.pattern("automatic", "domain_reports", r"\s*{}")
#: Receipts that programs write without the parts of RFC 8098.
_READ_SUBJECTS = words.pattern("automatic", "read_subjects", r"\s*{}\s?[:\uff1a]")
_READ_TEXTS = words.pattern("automatic", "read_texts")
#: As many characters of a text are looked at.
_READ = 2_000


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
    #: All that is shown as text, and what its author has written of it.
    text: str = ""
    new_text: str = ""
    #: The media types of its parts.
    parts: frozenset[str] = frozenset()
    #: Does a calendar in it say who comes to a meeting?
    answers_invitation: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """What the fields say about who or what wrote a mail."""

    kind: Automatic | None
    #: May an automatic answer go back?
    answerable: bool
    #: Do words alone say so, which a person may have written, and nothing that only programs set or say?
    by_words: bool = False


def origin(mail: Headed, *, own_domain: str, loop_mark: str) -> Origin:
    """Tell the kind of a mail, and whether it may be answered."""
    kind = _kind(mail, own_domain, loop_mark)
    answerable = _answerable(mail.fields, mail.sender)
    plain = kind is Automatic.VACATION and responder.tells_absence(mail.new_text[:_READ])
    by_words = kind is not None and answerable and not plain and not _is_programs(mail)
    # A person may quote such words, an agent write them to a customer: the mail is read as theirs.
    wanted = kind is None and answerable and not _wants_no_answer(mail.new_text)
    return Origin(kind, answerable=wanted, by_words=by_words)


def _kind(mail: Headed, own_domain: str, loop_mark: str) -> Automatic | None:
    fields = mail.fields
    if _is_own(fields, loop_mark, own_domain):
        return Automatic.OWN
    if mail.is_report:
        return Automatic.REPORT
    if mail.report_type in ("feedback-report", "tlsrpt") or _DOMAIN_REPORTS.match(_subject(fields)):  # RFC 5965
        return Automatic.ABUSE
    if _is_receipt(mail):
        return Automatic.RECEIPT
    if mail.media == "multipart/report" and mail.report_type in ("", "delivery-status"):
        return Automatic.REPORT
    if _is_challenge(mail):
        return Automatic.CHALLENGE
    return _reply(mail) or _program(mail)


def _is_programs(mail: Headed) -> bool:
    """Is there anything that only a program sets, beside words that a person may have written?"""
    fields = mail.fields
    return (
        mail.media == "multipart/report"
        or bool(mail.parts & _PROGRAMS_PARTS)
        or bool(submitted(fields) or any(fields.all(name) for name in (*_CHALLENGES, "x-failed-recipients")))
        or report_sign.is_daemon(fields)
        or responder.is_reply(fields, "", mail.sender)
        or responder.is_desk(fields)
        or mailbot_sign.is_notice(fields, mail.text)
    )


def _is_own(fields: header.Header, loop_mark: str, own_domain: str) -> bool:
    """Our own mail come back: it carries our loop mark, or, at a desk that has none, a domain of our own in it."""
    marks = [field.value for field in fields.all("x-mailbot-loop")]
    if loop_mark:
        return any(hmac.compare_digest(mark.encode(), loop_mark.encode()) for mark in marks)
    return bool(own_domain) and own_domain in marks


def _is_receipt(mail: Headed) -> bool:
    """RFC 8098 section 3; or a subject and a text that say that a mail was read; or who comes to a meeting."""
    if mail.report_type == "disposition-notification" or "message/disposition-notification" in mail.parts:
        return True
    if mail.answers_invitation:
        return True
    titled = _READ_SUBJECTS.match(_subject(mail.fields)) is not None
    text = " ".join(mail.new_text[:_READ].split())
    return titled and len(text) < _READ // 2 and bool(_READ_TEXTS.match(text))


def _is_challenge(mail: Headed) -> bool:
    if any(mail.fields.all(name) for name in _CHALLENGES) or _subject(mail.fields).startswith(_CHALLENGE_SUBJECTS):
        return True
    return "?" not in mail.new_text[:_READ] and bool(_CHALLENGED.search(" ".join(mail.new_text[:_READ].split())))


def submitted(fields: header.Header) -> str:
    """The keyword of Auto-Submitted that is not `no`, or "" (RFC 3834 section 5)."""
    words = (header.word(field.value) for field in fields.all("auto-submitted"))
    return next((found for found in words if found and found != "no"), "")


def _reply(mail: Headed) -> Automatic | None:
    """An absence notice or an acknowledgement: an automatic reply by its fields, its subject or its words."""
    fields = mail.fields
    title = _subject(fields)
    keyword = submitted(fields)
    absent = subject.is_absence(title)
    if responder.is_desk(fields) or (not absent and mailbot_sign.is_notice(fields, mail.text)):
        return Automatic.ACKNOWLEDGEMENT
    if not responder.is_reply(fields, keyword, mail.sender):
        if (absent and (keyword or not _is_list(fields))) or responder.says_absent(fields, mail.new_text[:_READ]):
            return Automatic.VACATION
        return None
    if not absent and any(phrase in title for phrase in _RECEIVED):
        return Automatic.ACKNOWLEDGEMENT
    return Automatic.VACATION


def _program(mail: Headed) -> Automatic | None:
    """A mailing list, or a program that writes of its own accord."""
    fields = mail.fields
    keyword = submitted(fields)
    if keyword.startswith("auto-notified"):  # RFC 5436 section 2.7.1
        return Automatic.MONITORING
    title = _subject(fields)
    if keyword and any(phrase in title for phrase in _RECEIVED):
        return Automatic.ACKNOWLEDGEMENT
    if keyword or _is_monitor(fields, title, mail.sender):
        return Automatic.MONITORING
    return Automatic.LIST if _is_list(fields) else None


def _wants_no_answer(text: str) -> bool:
    """Does the mail say of itself that a program writes it, or that nobody is to answer?"""
    return bool(_SELF_SAID.search(" ".join(text[:_READ].lower().split())))


def _is_monitor(fields: header.Header, title: str, sender: str) -> bool:
    if fields.value("x-mailer").lower().startswith(_MONITOR_MAILERS):
        return True
    local = sender.partition("@")[0].partition("+")[0]
    return not fields.all("in-reply-to") and bool(_MONITORS.match(local) or _ALARMS.match(title))


def _is_list(fields: header.Header) -> bool:
    """RFC 2919 and 2369, and the older word for it."""
    if any(fields.all(name) for name in _LIST_FIELDS):
        return True
    return header.word(fields.value("precedence")) in ("list", "bulk", "junk")


def _subject(fields: header.Header) -> str:
    return header.clean(encoded_word.decoded(fields.value("subject"))).lower()


def _answerable(fields: header.Header, sender: str) -> bool:
    """RFC 3834 section 2: no answer to a null path, to a program, to who asked for none, or to nobody."""
    if not sender or re.sub(r"\s", "", fields.value("return-path")) in ("<>", "<@>"):
        return False
    if header.word(fields.value("precedence")) in ("bulk", "list", "junk", "auto_reply"):
        return False
    suppressed = {word.strip().lower() for word in fields.value("x-auto-response-suppress").split(",")}
    if suppressed & {"all", "autoreply", "oof"} or fields.all("x-mailbot-loop"):
        return False
    return not _MACHINE_LOCALS.match(sender.partition("@")[0])
