"""One case as `mailbot case --json` prints it: fields, clocks, messages, history. Never fetches or prints."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from mailbot.cli.words import instant, printable
from mailbot.event import AnswerRecalled, MessageAdded
from mailbot.model import Case
from mailbot.ports.records import HistoryLine

Document = dict[str, object]


def document(
    case: Case,
    reference: str,
    clocks: Iterable[Mapping[str, object]],
    lines: Sequence[HistoryLine],
    printed: Callable[[HistoryLine], Mapping[str, object]],
) -> Document:
    """Put the case together; `printed` writes a line of its history as the contract has it."""
    events = [line.happened.event for line in lines if line.happened]
    recalled = frozenset(event.message for event in events if isinstance(event, AnswerRecalled))
    return {
        **row(case, reference, clocks),
        "messages": [_message(event, recalled) for event in events if isinstance(event, MessageAdded)],
        "history": [printable(printed(line)) for line in lines],
        "rules": list(_spoken(lines)),
    }


def row(case: Case, reference: str, clocks: Iterable[Mapping[str, object]]) -> Document:
    """Give a case without its past, as a list has it; what there is none of is null."""
    return {
        "case": reference,
        "number": case.number,
        "subject": case.subject,
        "status": case.status,
        "kind": case.kind,
        "priority": case.priority,
        "type": case.type,
        "requester": case.requester,
        "assignee": case.assignee or None,
        "watchers": list(case.watchers),
        "opened": instant(case.opened),
        "closed": instant(case.closed) if case.closed else None,
        "snoozed_until": instant(case.snoozed_until) if case.snoozed_until else None,
        "reason": case.reason or None,
        "survey": {"score": case.survey_score or None, "words": case.survey_words} if case.survey_answers else None,
        "related": case.related or None,
        "merged_into": case.merged_into or None,
        "merged": list(case.absorbed),
        "links": list(case.links),
        "parent": case.parent or None,
        "children": list(case.children),
        "clocks": [printable(clock) for clock in clocks],
    }


def _spoken(lines: Sequence[HistoryLine]) -> Iterator[Document]:
    """Give the rules that spoke, once for each decision: all the lines of one carry the same."""
    for hits, group in groupby(lines, key=lambda line: line.hits):
        first = next(group)
        yield from ({"at": instant(first.at), "rule": hit.rule, "reason": hit.reason} for hit in hits)


def _message(event: MessageAdded, recalled: frozenset[int]) -> Document:
    return {
        "at": instant(event.at),
        "from": event.sender,
        "visibility": event.visibility,
        "message_id": event.message_id or None,
        "text": event.text,
        "attachments": event.attachments,
        "automatic": event.automatic or None,
        "proof": event.proof.split("+") if event.proof else [],
        "inbox_id": event.inbox_id or None,
        "recalled": event.inbox_id in recalled,
    }
