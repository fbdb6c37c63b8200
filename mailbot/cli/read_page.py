"""How mailbot read a mail, for people: who, what, the author's own words, and what was odd.

Works on the printed form of `contract.md`, `read --json`, alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mailbot.cli.tables import indented, pairs, table
from mailbot.cli.words import clean, size

Report = Mapping[str, Any]


def page(report: Report) -> RenderableType:
    """Put the report of one mail together."""
    parts: list[RenderableType] = [Text(clean(report["file"], one_line=True), style="bold underline")]
    parts.append(pairs((name, value) for name, value in _facts(report) if value))
    for title, style, key in (
        ("own words", "", "new_text"),
        ("quoted", "dim", "quoted"),
        ("signature", "dim", "signature"),
    ):
        if report[key]:
            parts += [Text(title, style="bold"), indented(report[key], style=style)]
    if report["attachments"]:
        rows = [(leaf["name"], leaf["type"], size(leaf["size"]), leaf["sha256"]) for leaf in report["attachments"]]
        parts.append(table(("attachment", "type", "size", "sha256"), rows, right=("size",)))
    for one in report["forwarded"]:
        parts += [Text("passes on", style="bold"), indented(one["text"], style="dim")]
        told = (("from", _mailbox(one["from"])), ("date", one["date"]), ("subject", one["subject"]))
        parts.append(pairs((name, value) for name, value in told if value))
    return Group(*parts, Text())


def _facts(report: Report) -> Iterator[tuple[str, object]]:
    yield "from", _mailbox(report["from"])
    yield "to", ", ".join(report["to"])
    yield "cc", ", ".join(report["cc"])
    yield "subject", report["subject"]
    yield "date", report["date"]
    yield "message-id", report["message_id"]
    yield "automatic", report["automatic"]
    yield "answerable", "" if report["answerable"] else "no: an automatic answer must not go back"
    if report["report"]:
        yield "report", _delivery(report["report"])
    if report["spam"]:
        yield "spam", _verdict(report["spam"])
    yield "defects", _defects(report["defects"])


def _mailbox(mailbox: Mapping[str, str] | None) -> object:
    if mailbox is None:
        return Text("not exactly one well-formed mailbox", style="yellow")
    return f"{mailbox['name']} <{mailbox['address']}>" if mailbox["name"] else mailbox["address"]


def _delivery(report: Report) -> str:
    recipients = "; ".join(
        " ".join(filter(None, (one["address"], one["action"], one["status"], f"({one['kind']})")))
        for one in report["recipients"]
    )
    return ": ".join(filter(None, (recipients, report["reason"], report["said"])))


def _verdict(spam: Mapping[str, Any]) -> str:
    return f"says {spam['by']}" if spam["score"] is None else f"says {spam['by']}, {spam['score']:g} points"


def _defects(defects: Sequence[str]) -> object:
    return Text(clean("; ".join(defects), one_line=True), style="yellow") if defects else ""
