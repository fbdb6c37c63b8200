"""Commands that only ask (`help`, `status`, `why`, what lists and shows cases): each is answered by its own notice."""

from mailbot.decision import MailArrived
from mailbot.rules.case.draft import Draft
from mailbot.rules.command import answering, words_asking
from mailbot.rules.command.help import help_data
from mailbot.rules.counting import why
from mailbot.rules.notice import notices
from mailbot.rules.reading.word import Given
from mailbot.rules.spoken import Actor


def is_question(given: Given) -> bool:
    """Does the word only ask, so that its answer is a notice of its own and nothing of the case changes?"""
    return given.word in ("help", "why", *words_asking.WORDS) or (given.word == "status" and not given.argument)


def answer_question(draft: Draft, given: Given, actor: Actor, cause: MailArrived | None) -> None:
    """Answer `help`, `status`, `why` and what lists and shows cases."""
    if given.word == "help":
        data = help_data(draft, given.argument, member=actor.member)
        notices.to_sender(draft, "help", actor.address, cause, data=data)
    elif given.word in words_asking.WORDS:
        answering.answer(draft, given, actor, cause)
    elif given.word == "why":
        notices.to_sender(draft, "why", actor.address, cause, data=why_data(draft, actor.address))
    else:
        notices.to_sender(draft, "status_report", actor.address, cause, data=report_data(draft))


def why_data(draft: Draft, address: str) -> dict[str, object]:
    """Return what each clock of the case says and why, in the reader's zone."""
    zone = draft.zone_of(address)
    return {"clocks": why.told(draft.open_case, draft.process, draft.facts.desk, draft.now, zone)}


def report_data(draft: Draft) -> dict[str, object]:
    """Return what the state of the case means."""
    case = draft.open_case
    return {"meaning": draft.process.status(case.status).meaning, "messages": case.messages}
