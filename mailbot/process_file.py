"""Reading a process file: TOML to `mailbot.process.Process`, with every fault in it said at once.

Pydantic checks each key by itself; `cross_faults` checks what the keys say of each other.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from mailbot.event import Kind
from mailbot.faults import Fault, Faults
from mailbot.process import Process

#: The words that every process has (`contract.md`): a company's own cannot take their place.
# fmt: off
RESERVED = frozenset({
    "help", "status", "reopen", "close", "confirm", "approve", "decline", "escalate", "take", "assign", "handover",
    "priority", "type", "hold", "note", "consult", "why", "undo", "send", "admit", "release", "redact", "for",
})
# fmt: on


def load_process(path: Path) -> Process:
    """Read and check a process file. Raises Faults with every fault in it; OSError if it cannot be read."""
    raw = path.read_bytes()
    try:
        data = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Faults([Fault(file=str(path), key="", wrong=f"is no valid TOML: {error}")]) from None
    try:
        process = Process.model_validate({**data, "version": hashlib.sha256(raw).hexdigest()})
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise Faults(Fault(file=str(path), key=_key(data, e["loc"]), wrong=_wrong(dict(e))) for e in details) from None
    if found := [Fault(file=str(path), key=key, wrong=wrong) for key, wrong in cross_faults(process)]:
        raise Faults(found)
    return process


def cross_faults(process: Process) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) for names that the process uses and does not have, and for what cannot work."""
    yield from _doubles(process)
    yield from _unknown_statuses(process)
    yield from _wrong_kinds(process)
    yield from _start_faults(process)
    yield from _ladder_faults(process)


def _doubles(process: Process) -> Iterator[tuple[str, str]]:
    """A name must say one thing."""
    names: Sequence[tuple[str, Sequence[str]]] = (
        ("status", [s.name for s in process.statuses]),
        ("priority", [n for p in process.priorities for n in (p.name, p.title) if n]),
        ("type", [t.name for t in process.types]),
        ("command", [c.word for c in process.commands]),
    )
    for word in sorted({c.word for c in process.commands} & RESERVED):
        yield "command", f"{word!r} is a word of every process; give this company's own another name"
    for key, values in names:
        lowered = [value.lower() for value in values]
        for value in sorted({v for v in lowered if lowered.count(v) > 1}):
            yield key, f"{value!r} is named twice; give each a name of its own"


def _unknown_statuses(process: Process) -> Iterator[tuple[str, str]]:
    """Every status that is used must be declared."""
    known = [s.name for s in process.statuses]
    used = [
        ("start.status", process.start.status),
        *((f"moves.{key}", value) for key, value in process.moves.model_dump().items() if value),
        *((f"command.{c.word}.to", c.to) for c in process.commands),
        *((f"clocks.{name}.paused_in", s) for name, rule in process.clocks.items() for s in rule.paused_in),
        *((f"ladder.{ladder.name}.in", s) for ladder in process.ladders for s in ladder.statuses),
        *((f"flow.{i}.steps", s) for i, f in enumerate(process.flows) for o, n in f.steps.items() for s in (o, *n)),
    ]
    for key, name in used:
        if name not in known:
            yield key, f"there is no status {name!r}; the statuses are {', '.join(known)}"


def _wrong_kinds(process: Process) -> Iterator[tuple[str, str]]:
    """Some keys need a status of a certain kind."""
    kinds = {s.name: s.kind for s in process.statuses}
    wanted = (
        ("start.status", process.start.status, {Kind.NEW}),
        ("moves.closed", process.moves.closed, {Kind.CLOSED}),
        ("moves.taken", process.moves.taken, {Kind.ACTIVE}),
    )
    for key, name, allowed in wanted:
        if name in kinds and kinds[name] not in allowed:
            yield key, f"{name!r} is of kind {kinds[name]}; it must be of kind {' or '.join(sorted(allowed))}"
    if any(s.approval for s in process.statuses) and not (process.moves.approved and process.moves.declined):
        yield "moves.approved", "a status waits for approval; say with `approved` and `declined` where the answer leads"


def _start_faults(process: Process) -> Iterator[tuple[str, str]]:
    """What a new case gets must exist, and so must the priorities that types set."""
    priorities = [p.name for p in process.priorities]
    types = [t.name for t in process.types]
    if process.start.type not in types:
        yield "start.type", f"there is no type {process.start.type!r}; the types are {', '.join(types)}"
    used = [("start.priority", process.start.priority)]
    used += [(f"type.{t.name}.priority", t.priority) for t in process.types if t.priority]
    for key, name in used:
        if name not in priorities:
            yield key, f"there is no priority {name!r}; the priorities are {', '.join(priorities)}"
    for priority in process.priorities:
        for clock in priority.targets.keys() - process.clocks.keys():
            yield f"priority.{priority.name}.targets", f"there is no clock {str(clock)!r}; declare [clocks.{clock}]"
    for clock in process.clocks:
        for priority in (p for p in process.priorities if clock not in p.targets):
            yield f"priority.{priority.name}.targets", f"has no target for {clock}; give one, or 'best effort'"


def _ladder_faults(process: Process) -> Iterator[tuple[str, str]]:
    """A ladder ends with a reason, and a status has one ladder at most."""
    for ladder in process.ladders:
        for step in ladder.steps:
            if step.do == "close" and not step.reason:
                yield f"ladder.{ladder.name}.steps", "a step that closes needs a reason that the customer is told"
    statuses = [s for ladder in process.ladders for s in ladder.statuses]
    for name in sorted({s for s in statuses if statuses.count(s) > 1}):
        yield "ladder", f"status {name!r} is in two ladders; it can be in one"


def _key(data: Mapping[str, object], location: tuple[int | str, ...]) -> str:
    """Return a key as the file has it, with a list's entry shown by its name where it has one."""
    parts: list[str] = []
    here: object = data
    for step in location:
        try:
            here = here[step]  # type: ignore[index]  # whatever the file holds; a misfit ends the walk
        except (KeyError, IndexError, TypeError):
            here = None
        label = here.get("name") or here.get("word") if isinstance(here, dict) and isinstance(step, int) else None
        parts.append(str(label or step))
    return ".".join(parts)


_SAID = {
    "extra_forbidden": "is no key of the vocabulary; remove it or mend its spelling (docs/vocabulary.md has them all)",
    "missing": "is missing",
    "string_pattern_mismatch": "is no word: write 2 to 20 small letters or hyphens, a letter first",
}


def _wrong(error: Mapping[str, object]) -> str:
    """Return what is wrong in plain words."""
    said = _SAID.get(str(error["type"])) or str(error["msg"]).removeprefix("Value error, ")
    shown = error.get("input")
    return f"{said} (it says {shown!r})" if isinstance(shown, str | int | float) and str(shown) not in said else said
