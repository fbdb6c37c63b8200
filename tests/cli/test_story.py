"""Every event of the contract has its sentence."""

import inspect
from zoneinfo import ZoneInfo

import pytest

from mailbot import event
from mailbot.cli.story import _SENTENCES, tell
from mailbot.event import SERVED

AT = {"at": "2026-03-02T09:00:00Z", "case": "HD-1"}
DUE = "2026-03-04T16:00:00Z"
SAID = "due Wed 04 Mar 2026 17:00 CET"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event": "CaseOpened", "status": "Open", "priority": "P3", "type": "IT Help", "requester": "c@x.test"},
         "opened for c@x.test: Open, P3, IT Help"),
        ({"event": "MessageAdded", "from": "c@x.test", "visibility": "public"}, "public message from c@x.test"),
        ({"event": "StatusChanged", "old": "Open", "new": "Closed", "reason": "Inactive", "actor": "mailbot"},
         "status Open -> Closed (Inactive) by mailbot"),
        ({"event": "StatusChanged", "old": "Open", "new": "Fixed", "reason": "", "actor": "a@x.test"},
         "status Open -> Fixed by a@x.test"),
        ({"event": "CaseAssigned", "assignee": "a@x.test"}, "assigned to a@x.test"),
        ({"event": "CaseAssigned", "assignee": ""}, "assigned to nobody"),
        ({"event": "PriorityChanged", "old": "P3", "new": "P1"}, "priority P3 -> P1"),
        ({"event": "TypeChanged", "old": "Fault", "new": "IT Help"}, "type Fault -> IT Help"),
        ({"event": "ClockStarted", "clock": "pickup", "due": DUE}, "pickup clock started, " + SAID),
        ({"event": "ClockPaused", "clock": "resolution", "due": None}, "resolution clock paused"),
        ({"event": "ClockResumed", "clock": "resolution", "due": DUE},
         "resolution clock resumed, " + SAID),
        ({"event": "ClockChanged", "clock": "pickup", "due": DUE}, "pickup clock changed, " + SAID),
        ({"event": "ClockMet", "clock": "pickup", "due": DUE}, "pickup clock met"),
        ({"event": "ClockWarned", "clock": "pickup", "due": DUE}, "pickup clock warned, " + SAID),
        ({"event": "ClockBreached", "clock": "pickup", "due": DUE}, "pickup clock BREACHED, " + SAID),
        ({"event": "ReminderSent", "number": 2}, "reminder 2 to the customer"),
        ({"event": "Escalated", "level": 1, "to": "l@example.com", "reason": "slow"},
         "escalated to level 1, l@example.com: slow"),
        ({"event": "CommandRefused", "line": "nto", "reason": "did you mean `note`?"},
         "refused `nto`: did you mean `note`?"),
        ({"event": "MailIgnored", "reason": "duplicate"}, "mail ignored: duplicate"),
        ({"event": "MailIgnored", "sender": "a@x.test", "reason": f"{SERVED}: away off"},
         "mail from a@x.test: it did its work, and belongs to no case: away off"),
        ({"event": "MailHeld", "reason": "unproven", "sender": "a@x.test"}, "mail from a@x.test held: unproven"),
        ({"event": "MailQuarantined", "reason": "three crashes"}, "mail quarantined: three crashes"),
        ({"event": "DeliveryFailed", "to": "c@x.test", "status": "5.1.1"}, "mail to c@x.test failed: 5.1.1"),
        ({"event": "CasesMerged", "into": "HD-7"}, "merged into HD-7"),
        ({"notice": "received", "to": ["c@x.test"], "subject": "[HD-1] x", "visibility": "public"},
         "mail (received) to c@x.test: [HD-1] x"),
        ({"event": "SomethingNew", "of": "later"}, "SomethingNew: of later"),
        ({"event": "CommandRefused", "line": "\x1b[2J\nx", "reason": "no"}, "refused `\ufffd[2J x`: no"),
    ],
    ids=lambda value: value.get("event", "notice") if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_happened_is_said_in_one_line(body: dict[str, object], said: str):
    assert tell({**AT, **body}, BERLIN) == said


def test_no_event_is_without_its_sentence():
    events = {name for name, kind in inspect.getmembers(event, inspect.isclass) if issubclass(kind, event.Event)}
    assert events - {"Event", "ClockEvent"} == set(_SENTENCES)
