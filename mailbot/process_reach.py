"""Can every case get everywhere that the process means it to? Kinds, ways from status to status, ladders, words."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mailbot.event import Kind
from mailbot.process import Command, Flow, Process
from mailbot.process_names import Wrong

#: The kinds that a key's status must have one of.
_KINDS: Mapping[str, tuple[Kind, ...]] = {
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
        *((f"moves.{key}", moves[key], kinds) for key, kinds in _KINDS.items() if moves[key]),
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


def unreachable(process: Process) -> Wrong:
    """In every flow each of its statuses can be reached from the first one, and a closed one from each."""
    start, closed = process.start.status, process.moves.closed
    for number, flow in enumerate(process.flows):
        key = f"flow.{number}.steps"
        if start not in flow.steps:
            yield key, f"says nothing of {start!r}, in which new cases begin; add the statuses that follow it"
            continue
        reached = _from(flow, start)
        named = dict.fromkeys(name for old, new in flow.steps.items() for name in (old, *new))
        for name in named:
            if name not in reached:
                yield key, f"no step leads to {name!r}; name it behind a status that can be reached, or leave it out"
            elif name != closed and closed not in _from(flow, name):
                yield key, f"nothing leads from {name!r} to {closed!r}; add it to the statuses that follow"
    yield from _nowhere(process)


def _nowhere(process: Process) -> Wrong:
    """Where every type has its flow, a status that no flow names is never reached; without one, no other new one is."""
    for status in process.statuses if not process.flows else ():
        if status.kind is Kind.NEW and status.name != process.start.status:
            wrong = f"no case ever gets here: it is of kind new, and new cases begin in {process.start.status!r}"
            yield f"status.{status.name}", f"{wrong}; give it another kind, or remove it"
    typed = {name for flow in process.flows for name in (flow.types or [t.name for t in process.types])}
    if not process.flows or {t.name for t in process.types} - typed:
        return
    used = {name for flow in process.flows for old, new in flow.steps.items() for name in (old, *new)}
    for status in process.statuses:
        if status.name not in used:
            wrong = "no flow leads to it; name it in the steps of a flow, or remove the status"
            yield f"status.{status.name}", wrong


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
        if not command.who:
            yield f"{key}.who", "nobody may say it; name a role, such as agent, or leave the key out"


_WORDS = {Kind.CLOSED: "'close: REASON'", Kind.ON_HOLD: "'hold until DATE'"}


def faulty_ladders(process: Process) -> Wrong:
    """A ladder starts somewhere that waits, ends with a reason, and a status has one ladder at most."""
    for ladder in process.ladders:
        key = f"ladder.{ladder.name}"
        kinds = {reference: _kind(process, reference) for reference in ladder.statuses}
        for reference, kind in kinds.items():
            if kind is not None and kind not in (Kind.WAITING_CUSTOMER, Kind.RESOLVED):
                wrong = f"{reference!r} is of kind {kind}, where nobody waits for the customer: the ladder never starts"
                yield f"{key}.in", f"{wrong}; name statuses of kind waiting-customer or resolved"
        for step in ladder.steps:
            if step.do == "close" and not step.reason:
                yield f"{key}.steps", "a step that closes needs a reason that the customer is told"
            if step.after.number == 0:
                yield f"{key}.steps", "a step cannot follow at once; say how long the customer may stay silent"
        if any(step.do == "close" for step in ladder.steps[:-1]):
            yield f"{key}.steps", "a step stands behind the one that closes and is never taken; put the close last"
    statuses = [s for ladder in process.ladders for s in ladder.statuses]
    for name in sorted({s for s in statuses if statuses.count(s) > 1}):
        yield "ladder", f"status {name!r} is in two ladders; it can be in one"


def starting_never(process: Process) -> Wrong:
    """A clock that starts in a status needs one before the end, and one at pick-up needs people who take cases."""
    for name, rule in process.clocks.items():
        if rule.starts in ("opened", "picked-up"):
            continue
        kind = _kind(process, rule.starts)
        if kind in (Kind.CLOSED, Kind.RESOLVED):
            yield f"clocks.{name}.starts", f"{rule.starts!r} is of kind {kind}: there is nothing left to measure then"


def _kind(process: Process, reference: str) -> Kind | None:
    """Return the kind of a place, None for one that is not there, which is told elsewhere."""
    name, _, cause = (part.strip() for part in reference.partition(":"))
    status = next((s for s in process.statuses if s.name == name), None)
    return status.causes.get(cause, status.kind) if status else None


def _from(flow: Flow, start: str) -> set[str]:
    """Return every status that steps lead to from this one, itself included."""
    reached, ahead = {start}, [start]
    while ahead:
        for name in flow.steps.get(ahead.pop(), ()):
            if name not in reached:
                reached.add(name)
                ahead.append(name)
    return reached


def _is_led_to(process: Process, command: Command) -> bool:
    name = command.to.partition(":")[0].strip()
    typed: Iterator[Sequence[str]] = (flow.types for flow in process.flows)
    all_typed = {name for types in typed for name in (types or [t.name for t in process.types])}
    if {t.name for t in process.types} - all_typed:
        return True
    return any(name in new for flow in process.flows for new in flow.steps.values())


#: In the order in which the faults are told.
CHECKS: tuple[Callable[[Process], Wrong], ...] = (wrong_kinds, unreachable, stray_words, faulty_ladders, starting_never)
