"""More new cases than anybody writes: those of one sender are kept together in one case, and who leads hears of it.

Every mail is kept. What is bounded is how many cases, notices and acknowledgements a flood makes, whoever begins it: a
forger, a program that answers every mail, a machine that reports the same fault again and again.
"""

from mailbot.decision import Ending, MailArrived
from mailbot.event import Visibility
from mailbot.facts import CASES_HOUR, Counters
from mailbot.people import Proof
from mailbot.rules.case.draft import Draft
from mailbot.rules.case.message import message, whole_words
from mailbot.rules.command import withhold
from mailbot.rules.notice import alarms, limits
from mailbot.rules.notice.addressees import SILENT
from mailbot.rules.reading import privacy
from mailbot.rules.telling import say

#: New cases of one sender in an hour, who is not proven, and of anybody in a day.
HOUR, DAY = 20, 100


def is_too_much(counters: Counters, *, proven: bool) -> bool:
    """Has the sender opened so many cases of late that a further mail is none of its own?"""
    return counters.new_by_sender_day >= DAY or (not proven and counters.new_by_sender_hour >= HOUR)


def call(draft: Draft, sender: str) -> None:
    """Let who leads hear that one sender writes so much."""
    counters = draft.facts.counters
    said = say(
        "%(sender)s began %(hour)s cases within an hour, %(day)s within a day: what comes further is kept in one case",
        sender=sender,
        hour=counters.new_by_sender_hour,
        day=counters.new_by_sender_day,
    )
    alarms.call(draft, alarms.SENDER, said)


def is_added(draft: Draft, cause: MailArrived, sender: str, proofs: frozenset[Proof]) -> bool:
    """Add a mail to the case that keeps the sender's together, where there is one; nobody hears of this one mail."""
    case = draft.facts.gathering
    if case is None:
        return False
    draft.case = draft.before = case
    draft.now = max(draft.now, case.latest)
    found = privacy.private(cause.mail, draft.process.privacy)
    words = SILENT if found else whole_words(cause)
    draft.happen(message(draft, cause, words, proofs, visibility=Visibility.INTERNAL))
    if found:
        withhold.hold_back(draft, cause, found, sender=sender)
    draft.end(Ending.THREADED, "one of too many of its sender, kept together with them")
    call(draft, sender)
    return True


def watch(draft: Draft, *, proven: bool) -> None:
    """Let who leads hear that nobody, or nobody who is not proven, is answered any more."""
    counters = draft.facts.counters
    if draft.ending is Ending.NEW and counters.is_flooded:
        said = say("more than %(count)s cases began within an hour: nobody is answered", count=CASES_HOUR)
        alarms.call(draft, alarms.CASES, said)
    if not proven and counters.all_hour >= limits.most_answers(counters):
        said = say(
            "%(count)s answers went out within an hour: senders who are not proven get none", count=counters.all_hour
        )
        alarms.call(draft, alarms.ANSWERS, said)
