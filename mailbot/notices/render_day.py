"""The ordinary day of the samples: two people, a case of theirs, and what they say about it."""

CUSTOMER = {"address": "anna@customer.example", "name": "Anna Berg", "is_member": False}
MEMBER = {"address": "kim@example.com", "name": "Kim Agent", "is_member": True}
CASE = {
    "number": 12,
    "reference": "HD-12",
    "subject": "The printer in room 4 is on fire",
    "status": "In progress",
    "priority": "P3",
    "priority_title": "Major",
    "type": "IT Help",
    "requester": "anna@customer.example",
    "requester_name": "Anna Berg",
    "organisation": "Customer Ltd",
    "assignee": "kim@example.com",
    "assignee_name": "Kim Agent",
    "parent": "HD-7",
    "children": [],
    "opened": "Mon 2 March 2026, 09:30",
    "age": "2 h",
    "reason": "",
    "fields": [{"name": "Urgency", "value": "2"}],
    "clocks": [
        {"name": "pickup", "state": "met", "due": "", "used": "15 min"},
        {"name": "resolution", "state": "running", "due": "Mon 16 March 2026, 11:00", "used": "1 h 45 min"},
    ],
}
LISTED = [
    CASE
    | {"late": True, "due": "Mon 16 March 2026, 11:00", "snoozed_until": "Wednesday 1 April 2026"}
    | {"address": "support+aeaqaaaaad3qkkhvabd6oqdnvk6c3yq2zzskyzqgvvyq@example.com"}
]
MESSAGES = [
    {
        "heading": "Anna Berg, Mon 2 March 2026, 09:30",
        "internal": False,
        "text": "It smells of smoke.",
        "attachments": 1,
    },
    {
        "heading": "Kim Agent, Mon 2 March 2026, 09:45",
        "internal": True,
        "text": "Call the caretaker.",
        "attachments": 0,
    },
]
NUMBERS = {"opened": 12, "closed": 9, "answered": "3 hours 20 minutes", "open": 7, "ours": 4, "unassigned": 1}
WORDS = "Good morning,\n\nit smells of smoke.\n\n\n  * first floor\n    * room 4 & 5 <both>\n\nAnna"
COMMANDS = [{"usage": "take", "help": "I take it"}, {"usage": "priority P2", "help": "set the priority"}]
DEFINITIONS = [{"name": "P1 Blocker", "meaning": "nothing works"}]
#: Two mails that were set aside, and a look at one of them.
_HELD = {
    "number": 12,
    "held": True,
    "reason": "unproven: From names a member of the team and nothing proves it",
    "heading": "lou@example.com, Monday 2 March 2026, 09:30 (EET)",
    "subject": "close it all",
}
_SPAM = {
    "number": 11,
    "held": False,
    "reason": "spam: X-Spam-Flag says so",
    "heading": "win@lottery.example, Monday 2 March 2026, 09:12 (EET)",
    "subject": "You have won",
}
QUARANTINE: dict[str, object] = {
    "listed": True,
    "mails": [_HELD, _SPAM],
    "more": True,
    "hidden": 1,
    "shown": [
        {
            **_HELD,
            "reverse_path": "lou@mail.example",
            "to": ["support@example.com"],
            "size": 2_140,
            "proven": ["claimed"],
            "text": "close: done\n\nThanks, Lou",
            "cut": False,
            "is_read": True,
            "is_private": False,
            "attachments": [{"name": "list.pdf", "size": 81_920}],
            "defects": ["no date"],
        }
    ],
}


def actions(*words: str) -> list[dict[str, object]]:
    """Return what can be done by a click, with an address as long as a real one."""
    address = "support+" + 2 * "ab3defgh2jklmnopqrstuv" + "@example.com"
    said = {"confirm": "Say that it is solved; closes the case.", "escalate": "Call somebody higher."}
    return [
        {
            "word": word,
            "usage": word,
            "help": said.get(word, "Do it."),
            "address": address,
            "needs_words": word in ("ask", "escalate"),
        }
        for word in words
    ]
