"""Delivery reports: what became of a mail that we sent (RFC 3464), also where no server wrote one by the book.

Reads the report's own parts first and prose only where there are none. Binds nothing to a case: a report's claims are
checked against what was sent by whoever uses them.
"""

import re
from collections.abc import Iterable, Sequence

from mailbot.ingest.format import address, header
from mailbot.ingest.format.body import Leaf
from mailbot.ingest.kind import report_text
from mailbot.mail import Report, ReportRecipient

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "text/rfc822")
#: Mailbox full and its kin are 5.x.x with many servers and yet pass (RFC 3463 section 3.3).
_SOFT_STATUS = ("5.2.2", "5.3.1", "5.4.5", "5.2.0")
_MOST_RECIPIENTS = 500
_ANALYSED = 200_000
_LONGEST_REASON = 300


def read(fields: header.Header, kind: str, report_type: str, leaves: Sequence[Leaf], text: str) -> Report | None:
    """Return the report that a mail is, or None when it is none. `kind` is the media type of the whole mail."""
    original = _original_message_id(leaves, text)
    status = [leaf for leaf in leaves if leaf.type in ("message/delivery-status", "message/global-delivery-status")]
    if kind == "multipart/report" and report_type in ("disposition-notification", "feedback-report"):
        return None
    if status:
        recipients, reason = _from_fields(status, text)
        if recipients:
            return Report(recipients=recipients, reason=reason, original_message_id=original)
    found = report_text.read(fields, text)
    if found is None and not status:
        return None
    return Report(
        recipients=tuple(_prose_recipient(where, found) for where in found.addresses) if found else (),
        reason=found.reason[:_LONGEST_REASON] if found else "",
        original_message_id=original,
    )


def _prose_recipient(where: str, found: report_text.Prose) -> ReportRecipient:
    action = "delayed" if found.delayed else "failed"
    return ReportRecipient(
        address=where, action=action, status=found.status, kind=_kind(action, found.status, found.reason)
    )


def _from_fields(leaves: Iterable[Leaf], text: str) -> tuple[tuple[ReportRecipient, ...], str]:
    """RFC 3464 section 2: blocks of fields, the first about the message, each other about one recipient."""
    recipients: dict[str, ReportRecipient] = {}
    reason = ""
    for leaf in leaves:
        for block in _blocks(leaf):
            if len(recipients) == _MOST_RECIPIENTS:
                break
            if recipient := _recipient(block, text):
                recipients.setdefault(recipient.address, recipient)
                reason = reason or _diagnostic(block)
    return tuple(recipients.values()), reason[:_LONGEST_REASON]


def _blocks(leaf: Leaf) -> Iterable[header.Header]:
    data = leaf.data[:_ANALYSED].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return (header.read(block.lstrip(b"\n") + b"\n\n") for block in re.split(rb"\n[ \t]*\n", data) if block.strip())


def _recipient(block: header.Header, text: str) -> ReportRecipient | None:
    where = next(
        (found for name in ("original-recipient", "final-recipient") if (found := _typed_address(block.value(name)))),
        "",
    )
    action = header.word(block.value("action")).split(" ")[0]
    if not where or not (action or block.value("status")):
        return None
    status = _status(block, text)
    action = action if action in _ACTIONS else ("delayed" if status.startswith("4") else "failed")
    return ReportRecipient(address=where, action=action, status=status, kind=_kind(action, status, _diagnostic(block)))


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


def _kind(action: str, status: str, reason: str) -> str:
    if action in ("delivered", "relayed", "expanded"):
        return "delivered"
    if action == "delayed":
        return "delayed"
    if status.startswith("4") or status in _SOFT_STATUS or report_text.is_passing(reason):
        return "soft"
    return "hard"


_MESSAGE_ID = re.compile(r"(?im)^[> \t]{0,4}message-id[ \t]*:\s{0,3}(<[^<>\s]{3,990}>)")


def _original_message_id(leaves: Sequence[Leaf], text: str) -> str:
    """The Message-ID of the mail that came back, from its own header where that is attached."""
    for leaf in leaves:
        if leaf.type in _RETURNED and (found := header.message_id(header.read(leaf.data).value("message-id"))):
            return found
    found_in_text = _MESSAGE_ID.search(text)
    return found_in_text[1] if found_in_text else ""
