"""The values of an ordinary day for every notice: what `mailbot check` renders an operator's templates with.

They are also the example beside the list in `docs/notices.md`. Never goes out.
"""

from collections.abc import Mapping
from copy import deepcopy

from mailbot.notices.render_day import (
    CASE,
    COMMANDS,
    CUSTOMER,
    DEFINITIONS,
    LISTED,
    MEMBER,
    MESSAGES,
    NUMBERS,
    QUARANTINE,
    WORDS,
    actions,
)

Values = dict[str, object]

#: Who gets it, where an answer goes, and what it carries beside the common values.
PLANS: dict[str, tuple[Mapping[str, object], str, Values]] = {
    "alarm": (
        MEMBER,
        "none",
        {
            "case": None,
            "data": {
                "kind": "sender",
                "said": "Since Monday 2 March 2026, 09:00 (EET) more happens at the desk than is well: "
                "shop@machine.example began 20 cases within an hour, 20 within a day: what comes further is kept in "
                "one case.",
                "ended": False,
            },
        },
    ),
    "answer": (
        CUSTOMER,
        "desk",
        {"actions": actions("escalate"), "words": WORDS, "data": {"old": "Open", "new": "In progress"}},
    ),
    "assigned": (MEMBER, "customer", {"words": WORDS, "data": {"actor": "Lou Lead"}, "commands": COMMANDS}),
    "bundle": (
        MEMBER,
        "desk",
        {
            "case": None,
            "data": {
                "cases": ["HD-12", "HD-13"],
                "parts": [
                    {
                        "subject": "[HD-12] The printer in room 4 is on fire",
                        "text": "Anna Berg <anna@customer.example> wrote:\n\nIt smells of smoke.",
                        "address": "support+" + 2 * "ab3defgh2jklmnopqrstuv" + "@example.com",
                        "internal": False,
                    },
                    {
                        "subject": "[HD-13] The lift is stuck",
                        "text": "Lou Lead <lou@example.com> wrote a note:\n\nCall the caretaker.",
                        "address": "support+" + 2 * "ab3defgh2jklmnopqrstuv" + "@example.com",
                        "internal": True,
                    },
                ],
            },
        },
    ),
    "case_list": (
        MEMBER,
        "desk",
        {
            "case": None,
            "cases": LISTED,
            "data": {"kind": "mine", "words": "", "more": True, "snoozed": 2, "example": "HD-12 take"},
        },
    ),
    "case_new": (
        MEMBER,
        "customer",
        {
            "words": WORDS,
            "commands": COMMANDS,
            "actions": actions("take", "ask", "fix", "status"),
            "attachments": [{"name": "smoke.png", "size": 12_345}],
            "data": {
                "proposed_priority": "P1",
                "proposed_type": "Fault",
                "forwarded_by": "kim@example.com",
                "note": "She phoned, too.",
                "out_of": "HD-7",
                "made_by": "lou@example.com",
            },
        },
    ),
    "case_received": (
        CUSTOMER,
        "desk",
        {
            "data": {
                "advice": "Please phone us at once.",
                "targets": [{"name": "response", "within": "1 hour"}, {"name": "resolution", "within": "24 hours"}],
                "evidence": "Please send us screenshots.",
            }
        },
    ),
    "case_shown": (MEMBER, "customer", {"data": {"messages": MESSAGES, "earlier": 2}, "commands": COMMANDS}),
    "clock_breached": (MEMBER, "internal", {"data": {"clock": "resolution", "due": "Mon 16 March 2026, 11:00"}}),
    "clock_warned": (
        MEMBER,
        "internal",
        {"actions": actions("take", "fix"), "data": {"clock": "pickup", "due": "Mon 16 March 2026, 11:00"}},
    ),
    "closed": (
        CUSTOMER,
        "desk",
        {"actions": actions("reopen"), "data": {"reopen_until": "Mon 30 March 2026", "understood": "all_clear"}},
    ),
    "command_result": (
        MEMBER,
        "internal",
        {
            "data": {
                "refused": True,
                "text": WORDS,
                "lines": [
                    {"line": "take", "ok": True, "said": "would have been yours", "undo": "assign nobody"},
                    {"line": "priority hihg", "ok": False, "said": "the priorities are P1 to P5", "undo": ""},
                ],
            }
        },
    ),
    "confirm_command": (
        MEMBER,
        "internal",
        {
            "reply_to": "support+" + 2 * "ab3defgh2jklmnopqrstuv" + "@example.com",
            "data": {
                "lines": ["cc add max@other.example"],
                "text": WORDS,
                "internal": False,
                "several": False,
                "left_out": [],
                "within": "1 hour",
            },
        },
    ),
    "desk_address": (
        MEMBER,
        "desk",
        {"case": None, "reply_to": "support+" + 2 * "ab3defgh2jklmnopqrstuv" + "@example.com", "data": {}},
    ),
    "digest": (
        MEMBER,
        "desk",
        {
            "case": None,
            "cases": LISTED,
            "data": {
                "kind": "opening",
                "day": "Mon 16 March 2026",
                "sections": [
                    {
                        "name": "own_due",
                        "count": 1,
                        "cases": [{"number": 12, "notes": ["the customer wrote Sun 15 March 2026, 17:20"]}],
                    }
                ],
                "more": False,
                "example": "HD-12 take",
            },
        },
    ),
    "consultation": (MEMBER, "internal", {"words": WORDS}),
    "contract": (MEMBER, "internal", {"data": {"ended": False, "last_day": "2026-03-31"}}),
    "customer_answered": (
        MEMBER,
        "customer",
        {"actions": actions("ask", "fix", "status"), "words": WORDS, "commands": COMMANDS},
    ),
    "delivery_failed": (
        MEMBER,
        "internal",
        {"data": {"to": "anna@customer.example", "status": "5.1.1", "reason": "no such user"}},
    ),
    "escalated": (MEMBER, "internal", {"data": {"reason": "nobody answers"}}),
    "escalation_missing": (CUSTOMER, "desk", {"case": None, "data": {"missing": ["the case number"]}}),
    "escalation_received": (
        CUSTOMER,
        "desk",
        {"data": {"said": "the case is escalated to the director", "understood": True}},
    ),
    "estimate": (
        CUSTOMER,
        "desk",
        {"actions": actions("approve", "decline"), "words": "Two days of work, 1,600 euros."},
    ),
    "evaluated": (CUSTOMER, "desk", {"words": "Please send us the log too."}),
    "fixed": (
        CUSTOMER,
        "desk",
        {
            "actions": actions("confirm", "reopen", "escalate"),
            "words": "We put it out.",
            "data": {"closes": "Wed 15 April 2026"},
        },
    ),
    "form_missing": (CUSTOMER, "desk", {"data": {"missing": ["Urgency", "Version"]}}),
    "held": (
        MEMBER,
        "internal",
        {"words": WORDS, "data": {"reason": "contract", "sender": "max@other.example", "subject": "Help"}},
    ),
    "help": (
        CUSTOMER,
        "desk",
        {
            "data": {
                "topic": "",
                "commands": COMMANDS,
                "definitions": DEFINITIONS,
            }
        },
    ),
    "joined": (CUSTOMER, "desk", {"data": {"own": False}}),
    "merged": (
        CUSTOMER,
        "desk",
        {"data": {"reference": "HD-9", "subject": "No paper in room 4", "requester": "max@customer.example"}},
    ),
    "no_contract": (CUSTOMER, "desk", {"case": None, "data": {"ended": True}}),
    "note": (MEMBER, "internal", {"words": WORDS, "author": {"address": "lou@example.com", "name": "Lou Lead"}}),
    "daily_account": (
        MEMBER,
        "desk",
        {
            "case": None,
            "data": {
                "instant": "Monday 6 April 2026",
                "received": 112,
                "new": 40,
                "threaded": 65,
                "held": 1,
                "quarantined": 1,
                "dropped": 0,
                "ignored": 5,
                "waiting": 0,
                "missing": 0,
                "aside": [{"name": "spam", "count": 12}, {"name": "unproven", "count": 1}],
            },
        },
    ),
    "quarantine": (MEMBER, "desk", {"case": None, "data": QUARANTINE, "reply_to": "support+own@example.com"}),
    "other_sender": (CUSTOMER, "desk", {"data": {"sender": "max@other.example"}}),
    "privacy_gate": (MEMBER, "internal", {"data": {"found": "marked as 'private'"}}),
    "privacy_held": (CUSTOMER, "desk", {"data": {"explanation": "Please send no talks with subscribers."}}),
    "question": (CUSTOMER, "desk", {"words": "Which floor is it on?"}),
    "reminder": (CUSTOMER, "desk", {"data": {"number": 1, "waiting": "answer", "closes": "Wed 15 April 2026"}}),
    "report": (
        MEMBER,
        "desk",
        {"case": None, "data": {**NUMBERS, "overdue": 2, "own": False, "priorities": [{"name": "P3", "count": 7}]}},
    ),
    "reopened": (MEMBER, "customer", {"words": WORDS, "data": {"seems": "escalation"}}),
    "snoozed": (
        MEMBER,
        "internal",
        {
            "author": {"address": "lou@example.com", "name": "Lou Lead"},
            "data": {"until": "Wednesday 1 April 2026", "last_day": "2026-03-31", "ended": True},
        },
    ),
    "status_changed": (CUSTOMER, "desk", {"data": {"old": "Open", "new": "In progress"}}),
    "status_report": (CUSTOMER, "desk", {}),
    "survey": (CUSTOMER, "desk", {"data": {"scale": 5, "question": ""}}),
    "survey_low": (MEMBER, "customer", {"words": "It took too long.", "data": {"score": 2, "scale": 5}}),
    "survey_thanks": (CUSTOMER, "desk", {"data": {"score": 2, "scale": 5, "told": True}}),
    "taken": (CUSTOMER, "desk", {"actions": actions("escalate")}),
    "taken_back": (MEMBER, "internal", {"data": {"lines": ["fix", "priority P1"]}}),
    "why": (
        MEMBER,
        "customer",
        {
            "data": {
                "clocks": [
                    {
                        "name": "resolution",
                        "state": "running",
                        "lines": ["Target: 80 hours at P3.", "Used: 1 hour 45 minutes of 80 hours."],
                    }
                ]
            }
        },
    ),
    "unmerged": (CUSTOMER, "desk", {"data": {"out_of": "HD-7"}}),
    "unproven": (MEMBER, "none", {"case": None, "data": {"subject": "close it all"}}),
}


def sample(name: str, **changes: object) -> Values:
    """Return the values of a notice, those given by keyword instead of the ordinary ones. Raises KeyError."""
    person, reply, further = PLANS[name]
    common: Values = {
        "desk": {"name": "Example Support", "address": "support@example.com", "language": "en"},
        "person": person,
        "case": CASE,
        "author": {"address": "anna@customer.example", "name": "Anna Berg"},
        "reply": reply,
    }
    return deepcopy({**common, **further, **changes})
