"""Do the process and the people fit each other? Roles that nobody has, teams that are empty, plans that are none.

Looks at a loaded directory; what is broken in the file itself is told where it is read.
"""

from collections.abc import Iterator

from mailbot.people import MEMBERS, Directory, Role
from mailbot.process import Process


def misfits(process: Process, directory: Directory) -> Iterator[tuple[str, str]]:
    """Yield (key of the process file, what is probably not meant)."""
    held = {person.role for person in directory.people}
    for key, role in _called(process):
        if role not in held:
            instead = " (the lead is called instead)" if key.startswith("escalation") and Role.LEAD in held else ""
            yield key, f"nobody in the directory has the role {role!r}{instead}; give it to somebody"
    if process.team and not directory.team(process.team):
        yield "team", f"no agent or lead is in the team {process.team!r}, so nobody hears of new cases; add one"
    for one in process.filters:
        if one.team and not directory.team(one.team) and directory.member(one.team) is None:
            yield f"filter.{one.name}.team", f"no agent or lead is in the team {one.team!r}, so nobody has its cases"
    plans = {plan.name.casefold() for plan in process.plans}
    unknown = sorted({p.plan for p in directory.people if p.plan and p.plan.casefold() not in plans})
    if plans and unknown:
        said = ", ".join(map(repr, unknown))
        yield "plan", f"the directory has customers on {said}, which is no plan here: the default one counts for them"
    if process.entitlement.contract and not any(p.contract_until for p in directory.people if p.role not in MEMBERS):
        yield "entitlement.contract", "nobody in the directory has a contract_until, so every customer's mail is held"


def _called(process: Process) -> Iterator[tuple[str, str]]:
    """Yield every role that is called, with the key that does."""
    path = process.escalation.path if process.escalation else ()
    yield from ((f"escalation.level.{level.title}.role", level.role) for level in path)
    yield from ((f"consultation.{one.name}.role", one.role) for one in process.consultations)
    yield from ((f"alarm.{alarm.clock}.to", alarm.to) for alarm in process.alarms)
