"""A case as a support person reads it: what it is, its clocks, the conversation, and how it came to be so.

Works on the document of `mailbot.cli.case_document` alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from mailbot.cli.story import tell
from mailbot.cli.tables import heading, indented, pairs, table
from mailbot.cli.words import NOTHING, clean, length, moment

#: How a clock's state, or a kind of status, looks on a terminal.
STYLES = {"running": "green", "paused": "yellow", "breached": "bold red", "met": "dim green", "resolved": "green"}

Document = Mapping[str, Any]


def page(document: Document, zone: ZoneInfo) -> RenderableType:
    """Put the page together."""
    title = Text.assemble((document["case"], "bold"), "  ", clean(document["subject"], one_line=True))
    return Group(title, _head(document, zone), *_clocks(document, zone), *_talk(document, zone), *_past(document, zone))


def _head(document: Document, zone: ZoneInfo) -> RenderableType:
    rows = [
        ("status", Text(clean(document["status"]), style=STYLES.get(document["kind"], ""))),
        ("priority", document["priority"]),
        ("type", document["type"]),
        ("requester", document["requester"]),
        ("watchers", ", ".join(document["watchers"])),
        ("assignee", document["assignee"] or NOTHING),
        ("out of sight until", moment(document["snoozed_until"], zone) if document["snoozed_until"] else ""),
        ("opened", moment(document["opened"], zone)),
        ("closed", moment(document["closed"], zone) if document["closed"] else ""),
        ("reason", document["reason"] or ""),
        ("survey", _survey(document["survey"])),
        ("related to", document["related"] or ""),
        ("linked with", ", ".join(map(str, document["links"]))),
        ("child of", document["parent"] or ""),
        ("children", ", ".join(map(str, document["children"]))),
        ("merged into", document["merged_into"] or ""),
        ("goes on here", ", ".join(map(str, document["merged"]))),
    ]
    return pairs((name, value) for name, value in rows if value)


def _survey(answer: Document | None) -> str:
    """What the customer answered: the number, and how the words begin."""
    if answer is None:
        return ""
    words = clean(answer["words"], one_line=True)[:120]
    return ", ".join(filter(None, (str(answer["score"] or "no number"), words)))


def _clocks(document: Document, zone: ZoneInfo) -> Iterator[RenderableType]:
    clocks: Sequence[Document] = document["clocks"]
    if not clocks:
        return
    rows = [
        (
            clock["clock"],
            Text(str(clock["state"]), style=STYLES.get(str(clock["state"]), "")),
            length(clock.get("used_seconds")),
            moment(clock.get("due"), zone),
        )
        for clock in clocks
    ]
    yield heading("Clocks")
    yield table(("clock", "state", "used", "due"), rows, right=("used",), whole=("used", "due"))


def _talk(document: Document, zone: ZoneInfo) -> Iterator[RenderableType]:
    yield heading("Conversation")
    for start, message in zip(chain([""], repeat("\n")), document["messages"], strict=False):
        internal = message["visibility"] == "internal"
        marks = [
            "internal" if internal else "",
            "recalled before it left" if message["recalled"] else "",
            f"automatic: {message['automatic']}" if message["automatic"] else "",
            _attachments(message["attachments"]),
        ]
        line = Text(start + moment(message["at"], zone), style="yellow" if internal else "cyan")
        line.append(f"  {clean(message['from'], one_line=True)}", style="bold")
        line.append("".join(f"  [{mark}]" for mark in marks if mark), style="dim")
        yield line
        yield indented(message["text"] or "(no words)")


def _attachments(count: int) -> str:
    return f"{count} attachment{'s' if count > 1 else ''}" if count else ""


def _past(document: Document, zone: ZoneInfo) -> Iterator[RenderableType]:
    yield heading("History")
    rows = ((moment(body["at"], zone), tell(body, zone)) for body in document["history"])
    yield table(("when", "what"), rows, whole=("when",))
    if rules := document["rules"]:
        yield heading("Why")
        spoken = ((moment(hit["at"], zone), hit["rule"], hit["reason"]) for hit in rules)
        yield table(("when", "rule", "reason"), spoken, whole=("when",))
