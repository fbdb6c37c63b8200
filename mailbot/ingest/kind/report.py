"""Delivery reports: what became of a mail that we sent (RFC 3464), also where no server wrote one by the book.

Reads the report's own fields first, wherever a server put them, and prose only where there are none. Binds nothing to
a case: a report's claims are checked against what was sent by whoever uses them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mailbot.ingest.format import address, header
from mailbot.ingest.format.leaf import Leaf
from mailbot.ingest.kind import report_json, report_reason, report_sign, report_text
from mailbot.mail import Report, ReportRecipient

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_FIELDS = ("message/delivery-status", "message/global-delivery-status")
#: The fields of a report in a text, where a program on the way took its parts for texts.
_FIELDS_IN_TEXT = re.compile(rb"(?im)^(?:final|original)-recipient[ \t]*:[ \t]*[a-z0-9-]{1,20}[ \t]*;")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "text/rfc822")
#: Mailbox full and its kin are 5.x.x with many servers and yet pass (RFC 3463 section 3.3).
_SOFT_STATUS = ("5.2.2", "5.3.1", "5.4.5", "5.2.0")
_MOST_RECIPIENTS = 500
_ANALYSED = 200_000
_LONGEST_SAID = 300


def read(fields: header.Header, kind: str, report_type: str, leaves: Sequence[Leaf], text: str) -> Report | None:
    """Return the report that a mail is, or None when it is none. `kind` is the media type of the whole mail."""
    if kind == "multipart/report" and report_type == "feedback-report":
        return None
    if kind == "multipart/report" and report_type == "disposition-notification":
        return _rejected(fields, leaves, text)
    if told := report_json.read(text):
        return _by_json(told)
    written = [leaf for leaf in leaves if leaf.type in _FIELDS]
    found = _by_fields(written or _in_texts(fields, leaves, text), text)
    if found is None:
        found = _by_prose(fields, text, sure=bool(written))
    if found is None:
        return None
    return replace(found, original_message_id=_original_message_id(leaves, text))


def _by_json(told: report_json.Told) -> Report | None:
    """What a mail service tells as JSON; the more exact code of the other server counts here, too."""
    recipients: dict[str, ReportRecipient] = {}
    why: tuple[str, str] | None = None
    for one in told.recipients:
        said = header.clean(one.said.partition(";")[2] or one.said)
        exact = _STATUS.search(said)
        status = exact[0] if exact and one.status.endswith(".0.0") and exact[1] == one.status[0] else one.status
        if (where := address.well_formed(one.address)) and _STATUS.fullmatch(status):
            judged = recipients.setdefault(where, _judged(where, one.action, status, said))
            why = why or ((status, said) if judged.kind != "delivered" else None)
    if not recipients:
        return None
    found = _report(tuple(recipients.values()), *(why or ("", "")))
    return replace(found, original_message_id=header.message_id(told.message_id))


def _by_prose(fields: header.Header, text: str, *, sure: bool) -> Report | None:
    prose = report_text.read(fields, text, sure=sure)
    if prose is None:
        return None
    action = "delayed" if prose.delayed else "failed"
    recipients = tuple(_judged(one.address, action, one.status, one.said) for one in prose.failed)
    first = prose.failed[0] if prose.failed else report_text.Failed("", "", prose.said)
    return _report(recipients, first.status, first.said)


def _report(recipients: tuple[ReportRecipient, ...], status: str, said: str) -> Report:
    """The report; its reason is that of the first recipient who did not get the mail."""
    failed = any(one.kind != "delivered" for one in recipients) or not recipients
    return Report(
        recipients=recipients,
        reason=report_reason.reason(status, said) if failed else "",
        said=said[:_LONGEST_SAID],
    )


def _judged(where: str, action: str, status: str, said: str) -> ReportRecipient:
    return ReportRecipient(address=where, action=action, status=status, kind=_kind(action, status, said))


def _in_texts(fields: header.Header, leaves: Sequence[Leaf], text: str) -> list[Leaf]:
    """The texts that hold a report's fields, of a mail that has other signs of one."""
    found = [leaf for leaf in leaves if leaf.type == "text/plain" and _FIELDS_IN_TEXT.search(leaf.data[:_ANALYSED])]
    return found if found and report_sign.is_report(fields, text.split("\n")[:100]) else []


def _by_fields(leaves: Iterable[Leaf], text: str) -> Report | None:
    """RFC 3464 section 2: blocks of fields, the first about the message, each other about one recipient."""
    recipients: dict[str, ReportRecipient] = {}
    why: tuple[str, str] | None = None
    for leaf in leaves:
        for block in _blocks(leaf):
            if len(recipients) == _MOST_RECIPIENTS:
                break
            if recipient := _recipient(block, text):
                recipients.setdefault(recipient.address, recipient)
                if why is None and recipient.kind != "delivered":
                    why = recipient.status, _diagnostic(block)
    if not recipients:
        return None
    status, said = why or ("", "")
    return _report(tuple(recipients.values()), status, said)


def _blocks(leaf: Leaf) -> Iterator[header.Header]:
    data = leaf.data[:_ANALYSED].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return (header.read(block.lstrip(b"\n") + b"\n\n") for block in re.split(rb"\n[ \t]*\n", data) if block.strip())


def _recipient(block: header.Header, text: str) -> ReportRecipient | None:
    where = _where(block)
    action = header.word(block.value("action")).split(" ")[0]
    if not where or not (action or block.value("status")):
        return None
    status = _status(block, text)
    if action not in _ACTIONS:
        action = {"4": "delayed", "2": "delivered"}.get(status[:1], "failed")
    return _judged(where, action, status, _diagnostic(block))


def _where(block: header.Header) -> str:
    """The address that we wrote to, else the one that it became."""
    values = (block.value(name) for name in ("original-recipient", "final-recipient"))
    return next((found for value in values if (found := _typed_address(value))), "")


def _typed_address(value: str) -> str:
    """`rfc822; anna@example.com` (RFC 3464 section 2.3.1): the type, then the address, perhaps in brackets."""
    _, separator, rest = value.partition(";")
    bare = (header.without_comments(rest if separator else value) or "").strip().strip("<>").strip()
    return address.well_formed(bare.removeprefix("mailto:"))


def _status(block: header.Header, text: str) -> str:
    """The Status field, or the more exact code that the other server said (RFC 3463)."""
    stated = _STATUS.search(block.value("status"))
    said = _STATUS.search(_diagnostic(block))
    code = stated[0] if stated else ""
    vague = not code or code.endswith(".0.0")
    if vague and said and (not code or said[0][0] == code[0]):
        return said[0]
    return code or (found[0] if (found := _STATUS.search(text[:4_000])) else "")


def _diagnostic(block: header.Header) -> str:
    """What the other server said, on one line."""
    return header.clean(block.value("diagnostic-code").partition(";")[2] or block.value("diagnostic-code"))


def _kind(action: str, status: str, said: str) -> str:
    if action in ("delivered", "relayed", "expanded"):
        return "delivered"
    if action == "delayed":
        return "delayed"
    passing = report_reason.reason(status, said) in report_reason.PASSING and not status.startswith("5.1")
    return "soft" if status.startswith("4") or status in _SOFT_STATUS or passing else "hard"


def _rejected(fields: header.Header, leaves: Sequence[Leaf], text: str) -> Report | None:
    """A receipt by which a filter says that it threw the mail away (RFC 5429 section 2.1.3): nobody has read it.

    A person who deletes a mail unread sends one, too, by hand: that is a receipt.
    """
    for leaf in leaves:
        if leaf.type not in _RECEIPT:
            continue
        block = next(_blocks(leaf), header.Header((), 0))
        sent, _, became = block.value("disposition").lower().partition(";")
        if "automatic-action" not in sent or not became.strip().startswith(("deleted", "denied", "failed", "error")):
            continue
        if (where := _where(block)) and report_text.is_failure(f"{fields.value('subject')}\n{text}"):
            said = report_text.why(text)
            found = _report((_judged(where, "failed", "", said),), "", said)
            return replace(found, original_message_id=_original_message_id(leaves, text))
    return None


_MESSAGE_ID = re.compile(r"(?im)^[> \t]{0,4}message-id[ \t]*:\s{0,3}(<[^<>\s]{3,990}>)")
_STATED_ID = re.compile(rb"(?im)^(?:x-)?original-message-id[ \t]*:\s{0,3}(<[^<>\s]{3,990}>)")


def _original_message_id(leaves: Sequence[Leaf], text: str) -> str:
    """The Message-ID of the mail that came back: from its own header where that is attached, else as it is named."""
    for leaf in leaves:
        if leaf.type in _RETURNED and (found := header.message_id(header.read(leaf.data).value("message-id"))):
            return found
    for leaf in leaves:
        if leaf.type in (*_FIELDS, *_RECEIPT) and (stated := _STATED_ID.search(leaf.data[:_ANALYSED])):
            return stated[1].decode("ascii", "replace")
    found_in_text = _MESSAGE_ID.search(text)
    return found_in_text[1] if found_in_text else ""
