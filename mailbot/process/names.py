"""Every name in a process file says one thing, and every name that is used is declared. Reads a whole process."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from mailbot.people import Role
from mailbot.process import Match, Process, Status

Wrong = Iterator[tuple[str, str]]

#: Words of members that some desk has (`contract.md`): where one is not offered, it is no text for a customer.
RESERVED = frozenset(
    {
        "admit",
        "all",
        "approve",
        "assign",
        "away",
        "cc",
        "clone",
        "close",
        "confirm",
        "consult",
        "decline",
        "desk-address",
        "digest",
        "dry-run",
        "escalate",
        "for",
        "fwd",
        "handover",
        "help",
        "hold",
        "link",
        "list",
        "merge",
        "mute",
        "note",
        "parent",
        "priority",
        "quarantine",
        "redact",
        "release",
        "reopen",
        "report",
        "requester",
        "search",
        "send",
        "show",
        "snooze",
        "split",
        "status",
        "subject",
        "tag",
        "take",
        "type",
        "undo",
        "unlink",
        "unmerge",
        "unmute",
        "unparent",
        "unsnooze",
        "unwatch",
        "use",
        "why",
    }
)

#: The words of every process, now or later: a company's own word cannot take the place of one.
BUILT_IN = RESERVED | {"export", "watch", "watchers"}


def doubles(process: Process) -> Wrong:
    """A name must say one thing."""
    fields = [field.name for field in process.fields]
    names: Sequence[tuple[str, Sequence[str]]] = (
        ("status", [written for s in process.statuses for written in _written(s)]),
        ("priority", [n for p in process.priorities for n in {p.name.casefold(), p.title.casefold()} if n]),
        ("type", [t.name for t in process.types]),
        ("command", [c.word for c in process.commands]),
        ("plan", [p.name for p in process.plans]),
        ("solution", [s.name for s in process.solutions]),
        ("field", fields),
        ("ladder", [ladder.name for ladder in process.ladders]),
        ("consultation", [c.name for c in process.consultations]),
        ("escalation.level", [level.title for level in process.escalation.path] if process.escalation else []),
        ("filter", [one.name for one in process.filters]),
        ("alarm", [f"{a.clock} at {a.at:g} to {a.to}" for a in process.alarms]),
    )
    for key, values in names:
        lowered = [value.casefold() for value in values]
        for value in sorted({v for v in lowered if lowered.count(v) > 1}):
            yield key, f"{value!r} is named twice; give each a name of its own"
    for command in process.commands:
        if command.word in BUILT_IN:
            yield (
                f"command.{command.word}.word",
                "is a word that mailbot has already; choose another, such as 'solve' or 'answer'",
            )


def _written(status: Status) -> list[str]:
    """Return the ways in which people write a status: alone, and with each of its causes behind it."""
    return [status.name, *(f"{status.name} {cause}" for cause in status.causes)]


def divided(process: Process) -> Wrong:
    """A colon parts a status from its cause, a field from its value, a team from what it is asked: it is in no name."""
    names = [
        *((f"status.{s.name}.name", s.name) for s in process.statuses),
        *((f"status.{s.name}.causes", cause) for s in process.statuses for cause in s.causes),
        *((f"field.{field.name}.name", field.name) for field in process.fields),
        *((f"consultation.{one.name}.name", one.name) for one in process.consultations),
    ]
    for key, name in names:
        if ":" in name:
            yield key, f"{name!r} has a colon, which ends a name in a mail; write it without, such as with a hyphen"


def unknown_statuses(process: Process) -> Wrong:
    """Every status that is used must be declared, and every cause of it."""
    moves = process.moves.model_dump().items()
    clocks = process.clocks.items()
    used = [
        ("start.status", process.start.status),
        *((f"moves.{key}", value) for key, value in moves if value),
        *((f"command.{c.word}.to", c.to) for c in process.commands),
        *((f"clocks.{name}.starts", r.starts) for name, r in clocks if r.starts not in ("opened", "picked-up")),
        *((f"clocks.{name}.paused_in", s) for name, rule in clocks for s in rule.paused_in),
        *((f"ladder.{ladder.name}.in", s) for ladder in process.ladders for s in ladder.statuses),
        *((f"flow.{i}.steps", s) for i, f in enumerate(process.flows) for o, n in f.steps.items() for s in (o, *n)),
    ]
    causes = {s.name: tuple(s.causes) for s in process.statuses}
    for key, reference in used:
        name, _, cause = (part.strip() for part in reference.partition(":"))
        also = " (or 'opened', or 'picked-up')" if key.endswith(".starts") else ""
        if name not in causes:
            yield key, f"there is no status {name!r}; the statuses are {', '.join(causes)}{also}"
        elif cause and cause not in causes[name]:
            yield key, f"{name!r} has no cause {cause!r}; it has {', '.join(causes[name]) or 'none'}"
        elif causes[name] and not cause and _moves_there(key):
            yield key, f"{name!r} needs its cause: write '{name}: {causes[name][0]}'; it has {', '.join(causes[name])}"


def _moves_there(key: str) -> bool:
    """Does the key move cases there, rather than speak of all that are there?"""
    return key.startswith(("start.", "moves.")) or key.endswith(".to")


def unknown_priorities(process: Process) -> Wrong:
    """Every priority that is used must be declared."""
    known = [p.name for p in process.priorities]
    written = {n.casefold() for p in process.priorities for n in (p.name, p.title) if n}
    used = [
        ("start.priority", process.start.priority),
        *((f"type.{t.name}.priority", t.priority) for t in process.types),
        *((f"plan.{plan.name}.targets", name) for plan in process.plans for name in plan.targets),
        *((f"solution.{s.name}.priorities", name) for s in process.solutions for name in s.priorities),
        *((f"field.{f.name}.not_for", name) for f in process.fields for name in f.not_for),
        *((f"filter.{one.name}.priority", one.priority) for one in process.filters),
        ("escalation.raises_to", process.escalation.raises_to if process.escalation else ""),
    ]
    for key, name in used:
        if name and name not in known:
            yield key, f"there is no priority {name!r}; the priorities are {', '.join(known)}"
    for field in process.fields:
        for value, meant in field.values.items():
            if field.sets == "priority" and meant.casefold() not in written:
                wrong = f"{value!r} stands for {meant!r}, which is no priority; the priorities are {', '.join(known)}"
                yield f"field.{field.name}.values", wrong


def unknown_types(process: Process) -> Wrong:
    """Every type that is used must be declared."""
    known = [t.name for t in process.types]
    if process.start.type not in known:
        yield "start.type", f"there is no type {process.start.type!r}; the types are {', '.join(known)}"
    for one in process.filters:
        if one.type and one.type not in known:
            yield f"filter.{one.name}.type", f"there is no type {one.type!r}; the types are {', '.join(known)}"
    for number, flow in enumerate(process.flows):
        for name in flow.types:
            if name not in known:
                yield f"flow.{number}.types", f"there is no type {name!r}; the types are {', '.join(known)}"
    for field in process.fields:
        for value, meant in field.values.items():
            if field.sets == "type" and meant.casefold() not in {name.casefold() for name in known}:
                wrong = f"{value!r} stands for {meant!r}, which is no type; the types are {', '.join(known)}"
                yield f"field.{field.name}.values", wrong


def unknown_roles(process: Process) -> Wrong:
    """A word is for those who write to the desk; whom a case is shown to is a member, or whom the process names."""
    for command in process.commands:
        for role in command.who:
            if role not in frozenset(Role):
                yield f"command.{command.word}.who", f"there is no role {role!r} here; there are {', '.join(Role)}"
    path = process.escalation.path if process.escalation else ()
    inside = [
        *((f"escalation.level.{level.title}.role", level.role) for level in path),
        *((f"consultation.{one.name}.role", one.role) for one in process.consultations),
    ]
    for key, role in inside:
        if role.casefold() == Role.CUSTOMER:
            wrong = "would tell every customer what is said inside; name lead, manager, agent or a role of your own"
            yield key, wrong
    named = tuple(role for _, role in inside if role.casefold() != Role.CUSTOMER)
    called = tuple(dict.fromkeys((Role.LEAD, Role.MANAGER, Role.AGENT, *named)))
    for alarm in process.alarms:
        if alarm.to not in called:
            wrong = f"nobody can have the role {alarm.to!r}; call one of {', '.join(called)}, or name it in a level"
            yield f"alarm.{alarm.clock}.to", wrong


def faulty_joins(process: Process) -> Wrong:
    """A field that joins others has declared ones, and a value for each pair of theirs."""
    names = [field.name for field in process.fields]
    for field in process.fields:
        key = f"field.{field.name}"
        if len(field.parts) == 1:
            continue
        if unknown := [part for part in field.parts if part not in names]:
            yield f"{key}.name", f"there is no field {unknown[0]!r} to join; add it as a [[field]] of its own"
        if field.required:
            yield f"{key}.required", "is no line that anybody writes; make the fields that it joins required"
        cells = [tuple(part.strip().casefold() for part in value.split(" + ")) for value in field.values]
        if wrong := [cell for cell in cells if len(cell) != len(field.parts)]:
            yield f"{key}.values", f"{' + '.join(wrong[0])!r} must name a value of each, such as 'high + low'"
            continue
        for cell in product(*(dict.fromkeys(column) for column in zip(*cells, strict=True))):
            if cell not in cells:
                yield f"{key}.values", f"has nothing for {' + '.join(cell)!r}; add what it stands for"


def idle_filters(process: Process) -> Wrong:
    """A filter asks for something and does something."""
    for one in process.filters:
        if one.when == Match():
            yield f"filter.{one.name}.when", "would fit every mail; say what a mail must have, such as from or subject"
        if one.unless == Match():
            yield f"filter.{one.name}.unless", "would fit every mail; say what a mail must not have, or leave it out"
        if not one.wants:
            yield f"filter.{one.name}", "does nothing; add team, tags, type, priority, opens, answered or then"


#: In the order in which the faults are told.
CHECKS: tuple[Callable[[Process], Wrong], ...] = (
    doubles,
    divided,
    unknown_statuses,
    unknown_priorities,
    unknown_types,
    unknown_roles,
    faulty_joins,
    idle_filters,
)
