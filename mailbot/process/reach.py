"""Can every case get where the process means it to? Kinds of statuses and causes, words, ladders, clocks."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mailbot.event import ClockName, Kind
from mailbot.process import Command, Process
from mailbot.process.names import Wrong

#: The kinds that a key's status must have one of.
KINDS_OF_MOVES: Mapping[str, tuple[Kind, ...]] = {
    "taken": (Kind.ACTIVE,),
    "replied": (Kind.ACTIVE,),
    "answered": (Kind.ACTIVE, Kind.NEW),
    "reopened": (Kind.ACTIVE, Kind.NEW),
    "closed": (Kind.CLOSED,),
    "approved": (Kind.ACTIVE, Kind.NEW, Kind.WAITING_OTHER),
    "declined": (Kind.ACTIVE, Kind.NEW, Kind.WAITING_OTHER, Kind.RESOLVED),
    "held": (Kind.ON_HOLD,),
}


def wrong_kinds(process: Process) -> Wrong:
    """Some keys need a status of a certain kind."""
    moves = process.moves.model_dump()
    wanted = [
        ("start.status", process.start.status, (Kind.NEW,)),
        *((f"moves.{key}", moves[key], kinds) for key, kinds in KINDS_OF_MOVES.items() if moves[key]),
    ]
    for key, reference, kinds in wanted:
        kind = _kind(process, reference)
        if kind is not None and kind not in kinds:
            yield key, f"{reference!r} is of kind {kind}; it must be of kind {' or '.join(kinds)}"
    for status in process.statuses:
        if status.approval and status.kind is not Kind.WAITING_CUSTOMER:
            wrong = f"waits for approval and is of kind {status.kind}; it must be of kind {Kind.WAITING_CUSTOMER}"
            yield f"status.{status.name}.approval", wrong
    if any(s.approval for s in process.statuses) and not (process.moves.approved and process.moves.declined):
        yield "moves.approved", "a status waits for approval; say with `approved` and `declined` where the answer leads"
    on_hold = [s.name for s in process.statuses if s.kind is Kind.ON_HOLD]
    if on_hold and not process.moves.held:
        yield "moves.held", f"{on_hold[0]!r} is of kind on-hold and nothing leads to it; write held = {on_hold[0]!r}"


#: What a cause can make of its status: where a case begins, ends or is put aside is said by the status alone.
KINDS_OF_CAUSES = (Kind.ACTIVE, Kind.WAITING_CUSTOMER, Kind.WAITING_OTHER, Kind.RESOLVED)


def wrong_causes(process: Process) -> Wrong:
    """A cause says what a case waits for, or who works on it."""
    for status in process.statuses:
        if status.causes and status.kind not in KINDS_OF_CAUSES:
            yield f"status.{status.name}.causes", f"a status of kind {status.kind} has no causes; remove them"
            continue
        for cause, kind in status.causes.items():
            if kind not in KINDS_OF_CAUSES:
                wrong = f"{cause!r} is of kind {kind}, and a cause is of one of {', '.join(KINDS_OF_CAUSES)}"
                yield f"status.{status.name}.causes", f"{wrong}; make it a status of its own"


def never_reached(process: Process) -> Wrong:
    """One status is where cases are closed, and one where they are put aside: no word leads to a second."""
    ways = {Kind.CLOSED: process.moves.closed, Kind.ON_HOLD: process.moves.held}
    for status in process.statuses:
        there = ways.get(status.kind, "")
        if there and _kind(process, there) is status.kind and status.name != there:
            wrong = f"is of kind {status.kind} as {there!r} is, where every such case goes: nothing leads here"
            yield f"status.{status.name}", f"{wrong}; give it another kind, or remove it"


def stray_words(process: Process) -> Wrong:
    """A company's own word leads somewhere, from somewhere, with what it needs."""
    for command in process.commands:
        key = f"command.{command.word}"
        kind = _kind(process, command.to)
        if kind is Kind.NEW:
            yield f"{key}.to", f"{command.to!r} is of kind new, where no case comes back to; 'reopen' does that"
        elif kind in (Kind.CLOSED, Kind.ON_HOLD):
            yield f"{key}.to", f"{command.to!r} is of kind {kind}; the word for that is {_WORDS[kind]}"
        elif kind is not None and process.flows and not _is_led_to(process, command):
            yield f"{key}.to", f"no flow has a step to {command.to!r}, so it would always be refused; add the step"
        if command.needs_solution and not process.solutions:
            yield f"{key}.needs_solution", "there is no kind of solution; add a [[solution]], or remove the key"
        elif command.needs_solution and (without := _without_solution(process)):
            wrong = f"no [[solution]] counts at {', '.join(without)}, so it would always be refused there"
            yield f"{key}.needs_solution", f"{wrong}; add one, or name the priority in the `priorities` of another"
        if not command.who:
            yield f"{key}.who", "nobody may say it; name a role, such as agent, or leave the key out"


def _without_solution(process: Process) -> list[str]:
    """Return the priorities at which no kind of solution counts."""
    kinds = process.solutions
    return [p.name for p in process.priorities if not any(not k.priorities or p.name in k.priorities for k in kinds)]


_WORDS = {Kind.CLOSED: "'close: REASON'", Kind.ON_HOLD: "'hold until DATE'"}


def faulty_ladders(process: Process) -> Wrong:
    """A ladder starts somewhere that waits, ends with a reason, and a status has one ladder at most."""
    for ladder in process.ladders:
        key = f"ladder.{ladder.name}"
        for reference in ladder.statuses:
            yield from _faulty_place(process, f"{key}.in", reference)
        for step in ladder.steps:
            if step.do == "close" and not step.reason:
                yield f"{key}.steps", "a step that closes needs a reason that the customer is told"
            if step.after.number == 0:
                yield f"{key}.steps", "a step cannot follow at once; say how long the customer may stay silent"
        if any(step.do == "close" for step in ladder.steps[:-1]):
            yield f"{key}.steps", "a step stands behind the one that closes and is never taken; put the close last"
    places = [_place(reference) for ladder in process.ladders for reference in ladder.statuses]
    doubled = {
        name for at, (name, cause) in enumerate(places) for other in places[:at] if _overlap(other, (name, cause))
    }
    for name in sorted(doubled):
        yield "ladder", f"status {name!r} is in two ladders; it can be in one, and each of its causes too"


def _faulty_place(process: Process, key: str, reference: str) -> Wrong:
    """Say where a ladder cannot run: wherever nobody waits for the customer, at each cause of a status too."""
    kinds = _kinds(process, reference)
    runs = [one for one, kind in kinds.items() if kind in _SILENT]
    idle = [one for one in kinds if one not in runs]
    if idle and runs:
        wrong = f"{reference!r} is also {' and '.join(map(repr, idle))}, where nobody waits for the customer"
        yield key, f"{wrong}; name the others: {', '.join(map(repr, runs))}"
    elif idle:
        wrong = f"{reference!r} is of kind {kinds[idle[0]]}, where nobody waits for the customer"
        yield key, f"{wrong}: the ladder never starts; name statuses of kind waiting-customer or resolved"


def _kinds(process: Process, reference: str) -> Mapping[str, Kind]:
    """Return every place that a reference means, with its kind: a status alone means each of its causes."""
    name, cause = _place(reference)
    status = next((s for s in process.statuses if s.name == name), None)
    if status is None:
        return {}
    if status.causes and not cause:
        return {f"{name}: {one}": kind for one, kind in status.causes.items()}
    return {reference: status.causes.get(cause, status.kind)}


#: Where a ladder runs: the customer is to answer, or to confirm.
_SILENT = (Kind.WAITING_CUSTOMER, Kind.RESOLVED)


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Do two places have cases in common? A status alone is there at each of its causes."""
    return one[0] == other[0] and (one[1] == other[1] or "" in (one[1], other[1]))


def starting_never(process: Process) -> Wrong:
    """A clock that starts in a status needs one before the end, and one at pick-up needs people who take cases."""
    for name, rule in process.clocks.items():
        key = f"clocks.{name}.starts"
        if name is ClockName.PICKUP and rule.starts == "picked-up":
            yield key, "pickup is met at the very moment at which it would start; write 'opened'"
        if rule.starts in ("opened", "picked-up"):
            continue
        kind = _kind(process, rule.starts)
        if kind is not None and _place(rule.starts)[1]:
            yield key, f"a clock starts in a status, whatever its cause; write {_place(rule.starts)[0]!r}"
        elif kind in (Kind.CLOSED, Kind.RESOLVED):
            yield key, f"{rule.starts!r} is of kind {kind}: there is nothing left to measure then"


def _place(reference: str) -> tuple[str, str]:
    """Return the status and the cause that a reference names; the cause is "" where it names none."""
    name, _, cause = reference.partition(":")
    return name.strip(), cause.strip()


def _kind(process: Process, reference: str) -> Kind | None:
    """Return the kind of a place, None for one that is not there, which is told elsewhere."""
    name, cause = _place(reference)
    status = next((s for s in process.statuses if s.name == name), None)
    return status.causes.get(cause, status.kind) if status else None


def _is_led_to(process: Process, command: Command) -> bool:
    name = command.to.partition(":")[0].strip()
    typed: Iterator[Sequence[str]] = (flow.types for flow in process.flows)
    all_typed = {name for types in typed for name in (types or [t.name for t in process.types])}
    if {t.name for t in process.types} - all_typed:
        return True
    return any(name in new for flow in process.flows for new in flow.steps.values())


#: In the order in which the faults are told.
CHECKS: tuple[Callable[[Process], Wrong], ...] = (
    wrong_kinds,
    wrong_causes,
    never_reached,
    stray_words,
    faulty_ladders,
    starting_never,
)
