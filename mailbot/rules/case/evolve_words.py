"""What a message changes in a case's row: who said something last, who is back, who has proven to be the requester."""

from dataclasses import replace

from mailbot.event import MessageAdded
from mailbot.model import Case


def with_words(case: Case, event: MessageAdded) -> Case:
    """Return the case as it is with these words in it."""
    return replace(
        case,
        messages=case.messages + 1,
        ladder_ended=case.ladder_ended or event.by_customer,
        away_until=event.away_until or (None if event.by_customer else case.away_until),
        said_by=event.sender if event.answers else case.said_by,
        said_at=event.at if event.answers else case.said_at,
        answered_at=case.answered_at or (event.at if event.answers else None),
        # What its author said to the customer since is what counts: a refused text goes out once at most.
        refused_text="" if event.answers and event.sender == case.refused_by else case.refused_text,
        consulted=tuple(dict.fromkeys((*case.consulted, *event.consulted))),
        unreachable=tuple(address for address in case.unreachable if address != event.sender),
        requester_proven=case.requester_proven or _proves(event, case),
        language=case.language or event.language,
    )


def _proves(event: MessageAdded, case: Case) -> bool:
    """Does more than its From say that the requester wrote this?"""
    return event.by_customer and event.sender == case.requester and event.proof not in ("", "claimed")
