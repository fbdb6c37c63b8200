"""What commands answer: the transcript's lines, `help`, and the state of a case, as plain values for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.people import Directory
from mailbot.process import Priority, Process
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Refused
from mailbot.rules.words import vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript."""

    line: str
    ok: bool
    said: str
    undo: str = ""

    def plain(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"line": self.line, "ok": self.ok, "said": self.said, "undo": self.undo}


def lines_of(refused: Sequence[Refused]) -> tuple[Line, ...]:
    """Return the transcript of lines that could not be commands."""
    return tuple(Line(line=r.line, ok=False, said=r.reason) for r in refused)


def help_data(draft: Draft, topic: str, *, member: bool) -> dict[str, object]:
    """Return what this person can do here, or the company's definitions of priorities or types."""
    definitions: list[dict[str, object]] = []
    if topic == "priority":
        definitions = [{"name": _name(p), "meaning": _meaning(p)} for p in draft.process.priorities]
    elif topic == "type":
        definitions = [{"name": t.name, "meaning": t.definition} for t in draft.process.types]
    return {
        "topic": topic,
        "definitions": definitions,
        "commands": usages(draft.process, draft.facts.directory, member=member),
    }


def usages(process: Process, directory: Directory, *, member: bool) -> list[dict[str, object]]:
    """Return the commands that a person has, as `help` and the team's notices list them."""
    entries = vocabulary(process, directory, member=member)
    return [{"usage": entry.usage, "help": entry.help} for entry in entries]


def report_data(draft: Draft) -> dict[str, object]:
    """Return what the state of the case means."""
    case = draft.open_case
    return {"meaning": draft.process.status(case.status).meaning, "messages": case.messages}


def _name(priority: Priority) -> str:
    return f"{priority.name} ({priority.title})" if priority.title else priority.name


def _meaning(priority: Priority) -> str:
    """Return the definition with the targets of each clock."""
    targets = ", ".join(f"{clock}: {target}" for clock, target in priority.targets.items())
    return " ".join(part for part in (priority.definition, f"({targets})" if targets else "") if part)
