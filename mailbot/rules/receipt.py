"""What commands answer: the transcript's lines, `help`, and the state of a case, as plain values for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mailbot.decision import MailArrived
from mailbot.rules import answering, notify, why, words_asking
from mailbot.rules.draft import Draft
from mailbot.rules.grammar import Given, Refused
from mailbot.rules.help import help_data
from mailbot.rules.spoken import Actor, No, Outcome


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


def line_of(line: str, outcome: Outcome) -> Line:
    """Return the transcript of one command that ran, or did not."""
    if isinstance(outcome, No):
        return Line(line=line, ok=False, said=outcome.reason)
    return Line(line=line, ok=True, said=outcome.said, undo=outcome.undo)


def lines_of(refused: Sequence[Refused]) -> tuple[Line, ...]:
    """Return the transcript of lines that could not be commands."""
    return tuple(Line(line=r.line, ok=False, said=r.reason) for r in refused)


def is_question(given: Given) -> bool:
    """Does the word only ask, so that its answer is a notice of its own and nothing of the case changes?"""
    return given.word in ("help", "why", *words_asking.WORDS) or (given.word == "status" and not given.argument)


def answer_question(draft: Draft, given: Given, actor: Actor, cause: MailArrived | None) -> None:
    """Answer `help`, `status`, `why` and what lists and shows cases."""
    if given.word == "help":
        data = help_data(draft, given.argument, member=actor.member)
        notify.to_sender(draft, "help", actor.address, cause, data=data)
    elif given.word in words_asking.WORDS:
        answering.answer(draft, given, actor, cause)
    elif given.word == "why":
        notify.to_sender(draft, "why", actor.address, cause, data=why_data(draft, actor.address))
    else:
        notify.to_sender(draft, "status_report", actor.address, cause, data=report_data(draft))


def why_data(draft: Draft, address: str) -> dict[str, object]:
    """Return what each clock of the case says and why, in the reader's zone."""
    desk, person = draft.facts.desk, draft.facts.directory.person(address)
    zone = ZoneInfo((person.timezone if person else "") or desk.timezone)
    return {"clocks": why.told(draft.open_case, draft.process, desk, draft.now, zone)}


def report_data(draft: Draft) -> dict[str, object]:
    """Return what the state of the case means."""
    case = draft.open_case
    return {"meaning": draft.process.status(case.status).meaning, "messages": case.messages}
