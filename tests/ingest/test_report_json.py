"""Delivery reports that a mail service writes as JSON."""

import json
from typing import Any

import pytest

from mailbot.ingest.parse import read_mail
from mailbot.mail import Automatic, Mail

FAILED = {"emailAddress": "Jane@customer.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
SENT = {"messageId": "0100", "headers": [{"name": "Message-ID", "value": "<notice-1@example.com>"}]}


def bounce(kind: str, *recipients: object, **more: object) -> dict[str, Any]:
    event = {"bounceType": kind, "bouncedRecipients": list(recipients), **more}
    return {"notificationType": "Bounce", "bounce": event, "mail": SENT}


def mail(text: str) -> Mail:
    return read_mail(f"From: no-reply@service.example\r\nSubject: Notification\r\n\r\n{text}".encode())


@pytest.mark.parametrize(
    ("told", "action", "status", "kind", "reason"),
    [
        pytest.param(bounce("Permanent", FAILED), "failed", "5.1.1", "hard", "unknown-address", id="permanent"),
        pytest.param(
            bounce("Transient", {"emailAddress": "jane@customer.example"}, bounceSubType="MailboxFull"),
            "failed", "4.0.0", "soft", "mailbox-full", id="transient",
        ),
        pytest.param(
            bounce("Permanent", {**FAILED, "status": ""}), "failed", "5.1.1", "hard", "unknown-address",
            id="status-of-the-other-server",
        ),
        pytest.param(
            {"Type": "Notification", "Message": json.dumps(bounce("Permanent", FAILED))},
            "failed", "5.1.1", "hard", "unknown-address", id="packed-into-another",
        ),
        pytest.param(
            {"eventType": "DeliveryDelay", "deliveryDelay": {"delayedRecipients": [{**FAILED, "status": "4.4.7"}]}},
            "delayed", "4.4.7", "delayed", "unknown-address", id="delay",
        ),
        pytest.param(
            {"eventType": "Delivery", "delivery": {"recipients": ["jane@customer.example"]}},
            "delivered", "2.0.0", "delivered", "", id="delivery",
        ),
    ],
)  # fmt: skip
def test_what_a_service_tells_is_a_report(told: dict[str, Any], action: str, status: str, kind: str, reason: str):
    found = mail(json.dumps(told) + "\n\n--\nTo stop these notifications, visit a page.")
    assert found.report is not None
    (one,) = found.report.recipients
    assert (one.address, one.action, one.status, one.kind) == ("jane@customer.example", action, status, kind)
    assert (found.report.reason, found.automatic, found.answerable) == (reason, Automatic.REPORT, False)


@pytest.mark.parametrize(
    ("sent", "message_id"),
    [
        pytest.param(SENT, "<notice-1@example.com>", id="field"),
        pytest.param({"commonHeaders": {"messageId": "<notice-1@example.com>"}}, "<notice-1@example.com>", id="common"),
        pytest.param({"messageId": "0100", "headers": None}, "", id="the-services-own"),
        pytest.param([], "", id="none"),
    ],
)
def test_it_is_bound_by_the_message_id_that_we_gave(sent: object, message_id: str):
    found = mail(json.dumps({**bounce("Permanent", FAILED), "mail": sent})).report
    assert found is not None
    assert found.original_message_id == message_id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Look what I got:\n" + json.dumps(bounce("Permanent", FAILED)), id="pasted-by-a-person"),
        pytest.param(json.dumps({"notificationType": "Complaint"}), id="another-event"),
        pytest.param(json.dumps(bounce("Permanent")), id="nobody"),
        pytest.param(json.dumps(bounce("Permanent", {"emailAddress": "jane"}, 5, None)), id="no-addresses"),
        pytest.param(json.dumps({"notificationType": "Bounce", "bounce": []}), id="no-bounce"),
        pytest.param(json.dumps({"notificationType": ["Bounce"]}), id="no-word"),
        pytest.param('{"notificationType": "Bounce"', id="cut-off"),
        pytest.param('{"a":' * 100_000, id="too-deep"),
        pytest.param("[]", id="a-list"),
    ],
)
def test_anything_else_is_no_report(text: str):
    found = mail(text)
    assert found.report is None
    assert not [defect for defect in found.defects if "could not be read" in defect]
