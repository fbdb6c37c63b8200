"""Delivery reports in prose, as mail servers of thirty years have written them.

A mail is such a report only if its sender or subject says so and its text names a failed address. Reads line by line
up to where the returned mail begins; the addresses of the report's own sender and recipient are never the failed one.
"""

import re
from dataclasses import dataclass

from mailbot.ingest import address, header

_ANALYSED = 400
_LONGEST = 1_000
_MOST = 100
# fmt: off
_SENDERS = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|mdaemon|mail[-_. ]delivery|maildelivery|mailsystem|mail-system|bounce|smtp[-_.]?gateway|"
    r"mail[-_.]?admin|delivery[-_.]?(?:subsystem|status)|notification|administrator|auto[-_.]?reply|symantec|mrdaemon|majordomo|mailerror|mdeamon|"
    r"mta)\b", re.IGNORECASE,
)
_SUBJECTS = re.compile(
    r"undeliver|delivery (?:status )?(?:notification|failure|report|error|problem|has failed|delay|failed|warning)|failure notice|returned (?:mail|message|to sender)|"
    r"mail (?:delivery|system error|status|failure)|message (?:not delivered|status|undeliver|delayed|you sent|delivery)|could ?n[o']t be delivered|"
    r"non.?remis|unzustellbar|unbestellbar|nicht zugestellt|nicht zustell|rücksendung|zustellung|non recapitabile|no se (?:ha podido|puede) entregar|"
    r"não (?:foi )?entregue|onbestelbaar|nie dostarczon|недостав|не доставлен|kunne ikke leveres|kan inte levereras|échec|error sending|warning: could not send|"
    r"user unknown|nondeliverable|not deliverable|mail error|failed mail|delayed|bounce|nachricht konnte|message rejected|unknown user|failed delivery|"
    r"delivery incomplete|配信|退信|系统退信|returned e?mail|address (?:error|not found)|rejected", re.IGNORECASE,
)
_FAILURE = re.compile(
    r"(?:user|host|mailbox|recipient|address|account|domain|username|addressee|person)s? (?:is |are |was |not |has been |name )*"
    r"(?:unknown|not found|unavailable|disabled|inactive|rejected|invalid|full|exceeded|not listed|undeliverable|over quota|not exist|suspended|deleted|closed|expired|ambiguous)|"
    r"unknown (?:user|recipient|host|address|local|or illegal|mailbox|virtual)|no such (?:user|recipient|address|mailbox|person|domain|account|local)|"
    r"(?:can|could|cannot|did|does|was|were|has|have|is|are|will|do)(?: ?not|n't|not) (?:be |been |yet be |successfully |a valid |reach|exist|listed |in |known|able )*"
    r"(?:deliver|reach|found|sent|exist|accept|recogni[sz]ed|listed|valid|process|a known|local|user|route|complete)|"
    r"undeliverable|delivery (?:to the following|failed|failure|error|temporarily|has been|attempt|status|time)|permanent(?:ly)? (?:fatal |delivery )?(?:error|failure|fail)|"
    r"failed (?:addresses|recipient|permanently|to deliver|delivery)|unable to (?:deliver|reach|relay|send|find)|message (?:has |was )?(?:not |been )?(?:delivered|rejected|delayed|bounced|returned)|"
    r"quota|mailbox (?:is )?full|bounced|rejected|errors? (?:occurred|encountered|during|sending)|giving up|not yet (?:been )?delivered|"
    r"(?:transaction|addresses|recipients?) (?:failed|had|with)|following (?:address|recipient|user|person|problem|destination)|"
    r"\b5[0-5]\d[ -#]|\b5\.\d\.\d|\b4[25]\d[ -]|\b4\.\d\.\d|does(?:n't| not) have an? .{0,20}(?:account|mailbox)|invalid (?:recipient|address|user|final)|"
    r"nicht (?:zugestellt|zustellbar|gefunden|existiert)|unbekannt|existe pas|inconnu|desconocid|sconosciut|niet (?:bekend|bezorgd)|non è stato|no existe|"
    r"non-?(?:existent|delivery)|no longer (?:valid|at|with|in)|will be deleted|access denied|relaying denied|name server|timed out|connection refused", re.IGNORECASE,
)
_RETURNED = re.compile(
    r"-{2,} ?(?:original|returned|this is a copy|forwarded|undelivered|message header|copy of|start of returned|below this line is a copy|the (?:transcript|header|original)|unsent|rfc822 header|"
    r"message follows|returned message|your message|enclosed|beginning of|header)|(?:the |your )?(?:original|unsent|returned|undelivered) (?:message|mail|text|e-?mail)?.{0,20}(?:follow|below|header|attached)|"
    r"\W{0,5}(?:message|mail) (?:header|text|body|contents?)s?(?: follow| is| are|:)|(?:the )?(?:header|text|body|contents?) of (?:the|your) (?:original |undelivered )?(?:message|mail)|"
    r"(?:received|return-path|x-mailer|mime-version|content-type|message-id): |your message (?:begins|reads)|>?from \S+ .{0,20}\d\d:\d\d", re.IGNORECASE,
)
_TRANSCRIPT = re.compile(r"transcript of session", re.IGNORECASE)
_DELAYED = re.compile(
    r"delay|not yet been delivered|will (?:be retried|continue|keep trying|retry)|no action is required|warning message only|still (?:being|trying|undelivered)|temporar|"
    r"has not been able to be delivered|could not send message for|wird weiter versucht|do not need to resend", re.IGNORECASE,
)
_GIVEN_UP = re.compile(r"giv(?:en|ing) up|permanent|fatal|fail(?:ed|ure) (?:perm|notice)|undeliverable|could not be delivered for|has been returned|expired", re.IGNORECASE)
_PASSING = re.compile(
    r"quota|mailbox (?:is |was )?full|full mailbox|over ?quota|insufficient (?:disk|storage|system)|try again|temporar|out of storage|timed? ?out|deferred|greylist|disk full|"
    r"too many (?:connection|message)|connection refused|exceeded storage|no space", re.IGNORECASE,
)
# fmt: on
_ADDRESS = re.compile(r"(?<![\w.+@/-])([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})(?![\w@])")
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_MACHINES = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "abuse", "hostmaster", "helpdesk", "support")


@dataclass(frozen=True, slots=True)
class Prose:
    """What a report in prose says."""

    addresses: tuple[str, ...]
    status: str
    reason: str
    delayed: bool


def is_passing(reason: str) -> bool:
    """Does the reason say that a later try may succeed?"""
    return bool(_PASSING.search(reason[:_LONGEST]))


def read(fields: header.Header, text: str) -> Prose | None:
    """Return what the prose says, or None when the mail is no delivery report."""
    stated = _stated(fields)
    if not stated and not _looks_like_one(fields):
        return None
    lines = _own_lines(text)
    body = "\n".join(lines)
    if not stated and not _FAILURE.search(body):
        return None
    found = stated or _failed(lines, _participants(fields))
    if not found and not _from_daemon(fields):
        return None
    status = _STATUS.search(body)
    subject = fields.value("subject")[:_LONGEST]
    return Prose(
        addresses=found[:_MOST],
        status=status[0] if status else "",
        reason=_reason(lines),
        delayed=bool(_DELAYED.search(subject + "\n" + body)) and not _GIVEN_UP.search(subject + "\n" + body),
    )


def _stated(fields: header.Header) -> tuple[str, ...]:
    """Exim names the failed recipients in a field of its own."""
    values = (field.value for field in fields.all("x-failed-recipients"))
    return tuple(dict.fromkeys(box.address for value in values for box in address.mailboxes(value[:8_000])))


def _from_daemon(fields: header.Header) -> bool:
    path = fields.value("return-path").strip()
    sender = fields.value("from")[:_LONGEST].lower()
    return path == "<>" or "mailer-daemon" in sender or "mailer daemon" in sender


def _looks_like_one(fields: header.Header) -> bool:
    """The sender is a mail system, or the subject says what this is and no person is the sender (RFC 5321 section 6.1)."""
    sender = fields.value("from")[:_LONGEST]
    subject = header.decoded(fields.value("subject"))[:_LONGEST]
    said = bool(_SUBJECTS.search(subject)) and not subject.lower().startswith(("re:", "aw:", "fwd:", "fw:"))
    return (bool(_SENDERS.search(sender)) or _from_daemon(fields)) if not said else True


def _participants(fields: header.Header) -> set[str]:
    names = ("from", "to", "reply-to", "sender", "return-path", "cc", "errors-to")
    return {
        box.address for name in names for field in fields.all(name) for box in address.mailboxes(field.value[:8_000])
    }


def _own_lines(text: str) -> list[str]:
    """The report's own lines: up to the returned mail, which is full of addresses that did not fail."""
    lines: list[str] = []
    for line in text.split("\n")[:_ANALYSED]:
        shown = line[:_LONGEST].strip()
        if _RETURNED.match(shown) and not _TRANSCRIPT.search(shown) and any(_ADDRESS.search(above) for above in lines):
            break
        lines.append(shown)
    return lines


def _failed(lines: list[str], participants: set[str]) -> tuple[str, ...]:
    """The failed addresses: those in brackets or alone at a line's start first, then those beside words of failure."""
    leading: dict[str, None] = {}
    beside: dict[str, None] = {}
    near = -_ANALYSED
    for number, line in enumerate(lines):
        if _FAILURE.search(line):
            near = number
        for found in _ADDRESS.finditer(line):
            where = address.well_formed(found[1].strip("'").rstrip("."))
            local = where.partition("@")[0]
            if not where or where in participants or local in _MACHINES:
                continue
            before = line[: found.start()].strip().lower()
            if before in (
                "",
                "<",
                "'",
                '"',
                "(",
                "-",
                "*",
                "to:",
                "to",
                "recipient:",
                "rcpt to:<",
                "address:",
                "user:",
                "<<<",
            ) or (before.endswith(("to:<", "recipient:", "address:", "rcpt to:<", "rfc822;", "to: <", "for <"))):
                leading.setdefault(where)
            elif number - near <= 3:  # noqa: PLR2004 - the same sentence
                beside.setdefault(where)
    return tuple(leading) or tuple(beside)


def _reason(lines: list[str]) -> str:
    """The line that says most: one with a reply code, else one that names a failure."""
    coded = (line for line in lines if re.search(r"\b[45]\d\d[ -]|\b[45]\.\d\.\d", line))
    failing = (line for line in lines if _FAILURE.search(line))
    return header.clean(next(coded, "") or next(failing, ""))
