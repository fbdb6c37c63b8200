"""Contracts and plans: who may open a case, and at which targets (`companies.md`, quadrotech and advendio)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailbot.event import ContractTold, PlanChanged
from mailbot.model import Case, Deadline
from mailbot.people import Desk, Directory, Person
from mailbot.process import Process
from mailbot.rules.case.draft import Draft
from mailbot.rules.counting.hours import earlier, service_hours
from mailbot.rules.counting.zone import instant
from mailbot.rules.notice import notices
from mailbot.rules.telling import say
from mailbot.sentence import Reason

ENDING, ENDED = "contract-ending", "contract-ended"


def contract_until(directory: Directory, address: str) -> date | None:
    """Return the last valid day of the contract: the latest among the rows of the sender's organisation."""
    person = directory.person(address)
    if person is None:
        return None
    days = [row.contract_until for row in _organisation(directory, person) if row.contract_until is not None]
    return max(days, default=None)


def plan_of(process: Process, directory: Directory, address: str) -> str:
    """Return the customer's plan, as the process spells it; the default one where the directory names none of them."""
    person = directory.person(address)
    rows = _organisation(directory, person) if person else ()
    named = {plan.name.casefold(): plan.name for plan in process.plans}
    plans = (row.plan.casefold() for row in (*((person,) if person else ()), *rows))
    known = (named[plan] for plan in plans if plan in named)
    return next(known, next((plan.name for plan in process.plans if plan.default), ""))


def refusal(process: Process, directory: Directory, address: str, desk: Desk, now: datetime) -> Reason:
    """Return why mail from this sender opens no case, "" if it does."""
    if not process.entitlement.contract:
        return ""
    last = contract_until(directory, address)
    if last is None:
        return say("the sender has no support contract")
    if now >= _end(last, desk):
        return say("the sender's support contract ended on %(date)s", date=last.isoformat())
    return ""


def refresh(draft: Draft) -> None:
    """Let an edit of the directory reach the case: the plan and the contract are those of today."""
    case, process, directory = draft.open_case, draft.process, draft.facts.directory
    if case.closed is not None or not (process.plans or process.entitlement.contract):
        return
    plan, until = plan_of(process, directory, case.requester), contract_until(directory, case.requester)
    if (plan, until) != (case.plan, case.contract_until):
        draft.happen(PlanChanged(at=draft.now, plan=plan, contract_until=until))


def deadlines(case: Case, process: Process, desk: Desk) -> Iterator[Deadline]:
    """Yield when the team is to hear of a contract that ends, or has ended, under an open case."""
    if not process.entitlement.contract or case.contract_until is None or case.closed is not None:
        return
    end = _end(case.contract_until, desk)
    warning = earlier(end, process.entitlement.warn_before, service_hours(process, desk))
    cycle = case.contract_until.isoformat()
    for rule, due in ((ENDING, max(warning, case.opened)), (ENDED, end)):
        if end > case.opened and f"{rule}/{cycle}" not in case.contract_told:
            yield Deadline(case=case.number, rule=rule, cycle=cycle, due=due)


def tell(draft: Draft, what: str) -> None:
    """Tell the team of a contract that ends, or has ended; the case goes on."""
    last = draft.open_case.contract_until
    assert last is not None, "only a case with a contract has this deadline"
    draft.happen(ContractTold(at=draft.now, what=what, contract_until=last))
    notices.contract(draft, what=what, last=last)


def _end(last: date, desk: Desk) -> datetime:
    """Return the instant at which a contract is over: the end of its last day in the desk's zone."""
    return instant(ZoneInfo(desk.timezone), datetime.combine(last + timedelta(days=1), time(0)))


def _organisation(directory: Directory, person: Person) -> tuple[Person, ...]:
    """Return all rows of the person's organisation; the person's own row where it has none."""
    if not person.organisation:
        return (person,)
    return directory.people_of(person.organisation)
