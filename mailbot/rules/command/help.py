"""`help`: the table of commands as a person reads it, with an example for each word, and the company's definitions.

What stands here is all that an agent has to learn from; a test runs every example.
"""

from collections.abc import Iterable

from mailbot.people import Directory
from mailbot.process import Priority, Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.command.entry import Entry, Group
from mailbot.rules.command.words import vocabulary
from mailbot.rules.telling import say

#: What stands above the words of a group, in the order in which they are listed.
HEADINGS = {
    Group.OWNER: say("Who has the case"),
    Group.WORK: say("Working on a case"),
    Group.CASE: say("What the case is"),
    Group.INSIDE: say("Among colleagues"),
    Group.PEOPLE: say("Who hears of the case"),
    Group.CASES: say("Several cases"),
    Group.QUESTION: say("Asking the desk, in any answer or in a new mail to it"),
    Group.DESK: say("In a new mail to the desk, as its first line"),
    Group.SELF: say("For yourself"),
    Group.TRY: say("Trying out, and taking back"),
    Group.TROUBLE: say("When a mail is held or refused"),
    Group.CUSTOMER: say("What a customer says, and you may say for them"),
}

#: The number of a case in an example.
_ANOTHER = 12


def help_data(draft: Draft, topic: str, *, member: bool) -> dict[str, object]:
    """Return what this person can do here, the company's definitions, or all about one word."""
    answers = draft.facts.answers.titles
    entries = vocabulary(draft.process, draft.facts.directory, member=member, answers=bool(answers))
    definitions: list[dict[str, object]] = []
    if topic == "priority":
        definitions = [{"name": _name(p), "meaning": _meaning(p)} for p in draft.process.priorities]
    elif topic == "type":
        definitions = [{"name": t.name, "meaning": t.definition} for t in draft.process.types]
    elif topic == "use":
        definitions = [{"name": name, "meaning": title} for name, title in sorted(answers.items())]
    return {
        "topic": topic,
        "definitions": definitions,
        "sample": _sample(entries),
        "elsewhere": f"{draft.facts.desk.reference(_ANOTHER)} close: duplicate",
        "groups": _groups(entries),
        "commands": [_row(entry) for entry in entries],
    }


def everyday(process: Process, directory: Directory) -> list[dict[str, object]]:
    """Return the commands of every day, of which each notice about a case reminds a member; `help` has all."""
    return [_row(entry) for entry in vocabulary(process, directory, member=True) if entry.everyday]


def taught(process: Process, directory: Directory) -> tuple[str, ...]:
    """Return the examples by which words are taught, but those that name people of the directory."""
    both = (vocabulary(process, directory, member=member, answers=True) for member in (True, False))
    examples = {entry.example for entries in both for entry in entries} - {""}
    return tuple(sorted(one for one in examples if not any(directory.person(word) for word in one.split())))


def _groups(entries: Iterable[Entry]) -> list[dict[str, object]]:
    """Return the words under their headings; a heading without words is left out."""
    rows = [(entry.group, _row(entry)) for entry in entries]
    return [
        {"heading": heading, "commands": [row for group, row in rows if group is wanted]}
        for wanted, heading in HEADINGS.items()
        if any(group is wanted for group, _ in rows)
    ]


def _sample(entries: Iterable[Entry]) -> list[str]:
    """Return the first lines of an answer as it may be: an assignment, a choice, a word with text behind it."""
    examples = {entry.word.word: entry.example for entry in entries}
    speaking = next((entry.example for entry in entries if entry.needs_words), "")
    return [line for line in (examples.get("take"), examples.get("priority"), speaking) if line]


def _row(entry: Entry) -> dict[str, object]:
    # What a word's usage shows already is no example.
    ways = [way.strip() for way in entry.usage.split(",")]
    return {"usage": entry.usage, "help": entry.help, "example": "" if entry.example in ways else entry.example}


def _name(priority: Priority) -> str:
    return f"{priority.name} ({priority.title})" if priority.title else priority.name


def _meaning(priority: Priority) -> str:
    """Return the definition with the targets of each clock."""
    targets = ", ".join(f"{clock}: {target}" for clock, target in priority.targets.items())
    return " ".join(part for part in (priority.definition, f"({targets})" if targets else "") if part)
