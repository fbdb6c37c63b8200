"""Mail that no human wrote, told by its header fields (RFC 3834, 5230, 5436, 2919, 8098, 5965).

Fields are parsed and compared, never searched all over the header. The kind of a mail and whether an automatic answer
may go back are two decisions; neither says what becomes of the mail.
"""

import hmac
import re
from dataclasses import dataclass

from mailbot.ingest import header
from mailbot.mail import Automatic

# fmt: off
#: How absence notices begin their subject. Exact beginnings: a person's "Re: out of office hours" is none.
_ABSENCE = (
    "out of office", "out of the office", "automatic reply", "auto reply", "autoreply", "auto-reply", "auto response", "autoresponse", "away from the office",
    "away from my mail", "vacation", "on vacation", "on holiday", "abwesenheit", "automatische antwort", "abwesend", "nicht im büro", "urlaub",
    "réponse automatique", "absence du bureau", "absent du bureau", "message d'absence", "respuesta automática", "fuera de la oficina", "ausencia",
    "resposta automática", "fora do escritório", "risposta automatica", "fuori sede", "fuori ufficio", "automatisch antwoord", "afwezig", "automatiskt svar", "autosvar",
    "frånvaro", "automatisk svar", "fravær", "ikke på kontoret", "automaattinen vastaus", "poissaolo", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem",
    "automatická odpověď", "mimo kancelář", "автоматический ответ", "автоответ", "нет на месте", "автоматична відповідь", "automatikus válasz", "házon kívül",
    "răspuns automat", "otomatik yanıt", "ofis dışında", "αυτόματη απάντηση", "自動返信", "不在", "自动回复", "自動回覆", "자동 회신", "부재중", "מענה אוטומטי", "رد تلقائي",
    "i am out of the office", "i'm out of office", "ooo:", "i am away", "i'm away",
)
_RECEIVED = (
    "ticket", "case", "request received", "we have received", "we received", "received your", "thank you for contacting", "thank you for your", "thanks for contacting", "acknowledge",
    "confirmation of receipt", "eingangsbestätigung", "ihre anfrage", "accusé de réception", "acuse de recibo", "ontvangstbevestiging", "support request", "your request", "[#", "incident",
)
_CHALLENGES = ("x-boxtrapper", "x-tmda-confirm", "x-challenge-response", "x-spamarrest", "x-asvp")
_CHALLENGE_SUBJECTS = ("please confirm your message", "your email requires verification", "email verification required", "spam arrest", "action required to deliver", "confirm your email to")
_MACHINE_LOCALS = re.compile(
    r"(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|nobody|bounces?|daemon|listserv|majordomo|noreply-.*|.*[-_.+](?:no-?reply|bounces?|request|owner)|owner-.*|"
    r"bounces?[-_.+].*|auto-?reply|autoresponder|notifications?|alerts?|mdaemon)\Z"
)
# fmt: on
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
_MONITORS = re.compile(
    r"(?:nagios|icinga|zabbix|zenoss|prometheus|alertmanager|monit|munin|cron|grafana|sensu|prtg|checkmk|check_mk|smartd|logwatch|uptime-?robot|pingdom|root|"
    r"jenkins|gitlab|sentry|cacti|opsgenie|pagerduty|centreon|nagiosxi|netdata|mdadm|backup|zfs)\Z"
)
_MONITOR_MAILERS = ("nagios", "zabbix", "icinga", "prtg", "monit", "cron", "check_mk")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the fields say about who or what wrote a mail."""

    kind: Automatic | None
    #: May an automatic answer go back?
    answerable: bool


def origin(
    fields: header.Header,
    *,
    media: str,
    report_type: str,
    is_report: bool,
    sender: str,
    own_domain: str,
    loop_mark: str,
) -> Origin:
    """Tell the kind of a mail. `media` is its type, `sender` the address of From or ""."""
    kind = _kind(fields, media, report_type, sender, own_domain, loop_mark, is_report=is_report)
    return Origin(kind, answerable=kind is None and _answerable(fields, sender))


def _kind(
    fields: header.Header,
    media: str,
    report_type: str,
    sender: str,
    own_domain: str,
    loop_mark: str,
    *,
    is_report: bool,
) -> Automatic | None:
    if _is_own(fields, loop_mark, own_domain):
        return Automatic.OWN
    if report_type == "feedback-report":  # RFC 5965 section 2
        return Automatic.ABUSE
    if report_type == "disposition-notification":  # RFC 8098 section 3
        return Automatic.RECEIPT
    if is_report or (media == "multipart/report" and report_type in ("", "delivery-status")):
        return Automatic.REPORT
    if any(fields.all(name) for name in _CHALLENGES) or _subject(fields).startswith(_CHALLENGE_SUBJECTS):
        return Automatic.CHALLENGE
    return _reply(fields) or _program(fields, sender)


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
        return Automatic.VACATION if absent and (keyword or _is_list(fields) is False) else None
    if not absent and any(phrase in subject for phrase in _RECEIVED):
        return Automatic.ACKNOWLEDGEMENT
    return Automatic.VACATION


def _program(fields: header.Header, sender: str) -> Automatic | None:
    """A mailing list, or a program that writes of its own accord."""
    keyword = submitted(fields)
    if keyword.startswith("auto-notified"):  # RFC 5436 section 2.7.1
        return Automatic.MONITORING
    if keyword and any(phrase in _subject(fields) for phrase in _RECEIVED[3:]):
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
