"""A mail as `mailbot read --json` prints it: the names are fixed, scripts rely on them."""

from datetime import UTC
from typing import Any

from mailbot.mail import Attachment, Forwarded, Mail, Report


def as_dict(mail: Mail, file: str) -> dict[str, Any]:
    """Return the JSON object of one mail; `file` is what the caller names it by."""
    return {
        "file": file,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": {"address": mail.from_.address, "name": mail.from_.name} if mail.from_ else None,
        "to": [box.address for box in mail.to],
        "cc": [box.address for box in mail.cc],
        "date": mail.date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if mail.date else None,
        "text": mail.text,
        "new_text": mail.new_text or mail.passed_on,
        "quoted": mail.quoted,
        "signature": mail.signature,
        "html": mail.html,
        "attachments": [_attachment(one) for one in mail.attachments],
        "forwarded": [_forwarded(one) for one in mail.forwarded],
        "automatic": str(mail.automatic) if mail.automatic else None,
        "answerable": mail.answerable,
        "report": _report(mail.report),
        "spam": {"by": mail.spam.by, "score": mail.spam.score} if mail.spam else None,
        "defects": list(mail.defects),
    }


def _attachment(one: Attachment) -> dict[str, Any]:
    return {"name": one.name, "type": one.type, "size": one.size, "sha256": one.sha256}


def _forwarded(one: Forwarded) -> dict[str, Any]:
    """What it passes on; a date that names no zone is printed without one."""
    date = one.date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if one.date and one.date.tzinfo else None
    return {
        "from": {"address": one.from_.address, "name": one.from_.name} if one.from_ else None,
        "date": date or (one.date.isoformat() if one.date else None),
        "subject": one.subject,
        "text": one.text,
        "attachments": [_attachment(attached) for attached in one.attachments],
    }


def _report(report: Report | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "recipients": [
            {"address": one.address, "action": one.action, "status": one.status, "kind": one.kind}
            for one in report.recipients
        ],
        "reason": report.reason,
        "said": report.said,
        "original_message_id": report.original_message_id,
    }
