"""Delivery reports of a mail service that come as JSON: Amazon SES writes them, SNS mails them.

Such a mail holds the object alone, or in the `Message` of another, with a line of SNS below it. A person who pastes one
writes something above it, and gets it read as the text that it is.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: By the names of what happened (SES developer guide, "Contents"): where the recipients stand, and the action.
_HAPPENED = {
    "bounce": ("bounce", "bouncedRecipients", "failed"),
    "delivery": ("delivery", "recipients", "delivered"),
    "deliverydelay": ("deliveryDelay", "delayedRecipients", "delayed"),
}
#: Of a bounce that is not permanent nobody says a status in any case (RFC 3463).
_STATUS = {"failed": "5.0.0", "transient": "4.0.0", "delayed": "4.0.0", "delivered": "2.0.0"}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 400_000
_MOST_RECIPIENTS = 500


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of the mail to one address."""

    address: str
    action: str
    status: str
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the service tells of one mail; `message_id` has brackets, "" where it names none."""

    recipients: tuple[Recipient, ...]
    message_id: str


def read(text: str) -> Told | None:
    """Return what the service tells; None for any other text."""
    found = _object(text.lstrip()[:_LONGEST])
    if isinstance(inner := found.get("Message"), str):
        found = _object(inner.lstrip())
    what = str(found.get("notificationType") or found.get("eventType") or "").lower().replace(" ", "")
    if what not in _HAPPENED:
        return None
    name, listed, action = _HAPPENED[what]
    event = _dict(found.get(name))
    passing = action == "failed" and str(event.get("bounceType")).lower() != "permanent"
    return Told(
        tuple(_recipients(event, listed, action, _STATUS["transient" if passing else action])),
        _message_id(_dict(found.get("mail"))),
    )


def _object(text: str) -> dict[str, Any]:
    """The object that the text begins with; empty where it begins with none."""
    if not text.startswith("{"):
        return {}
    try:
        return _dict(json.JSONDecoder().raw_decode(text)[0])
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _recipients(event: dict[str, Any], listed: str, action: str, status: str) -> Iterator[Recipient]:
    """Yield the recipients: objects, or of a delivery their addresses."""
    found = event.get(listed)
    # `MailboxFull`: without what the other server said it is all that is known.
    kind = _CAPITAL.sub(" ", str(event.get("bounceSubType") or event.get("delayType") or ""))
    for one in found[:_MOST_RECIPIENTS] if isinstance(found, list) else ():
        told = one if isinstance(one, dict) else {"emailAddress": one}
        said = str(told.get("diagnosticCode") or kind)
        yield Recipient(str(told.get("emailAddress")), action, str(told.get("status") or status), said)


def _message_id(mail: dict[str, Any]) -> str:
    """The Message-ID that we gave the mail; the service's own, in `messageId`, is none of ours."""
    said = str(_dict(mail.get("commonHeaders")).get("messageId", ""))
    if not said:
        fields = mail.get("headers")
        named = (_dict(one) for one in (fields if isinstance(fields, list) else ()))
        said = next((str(one.get("value", "")) for one in named if str(one.get("name")).lower() == "message-id"), "")
    return said
