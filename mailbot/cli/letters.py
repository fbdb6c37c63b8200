"""Mail that waits, on its way in or out, as lists and pages: for `queue` and `quarantine`. Never fetches it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from mailbot.cli.tables import indented, pairs, table
from mailbot.cli.words import instant, moment, size
from mailbot.ports.records import InboxMail, OutboxMail

#: So much of a mail's bytes is shown; the rest is said to be there.
SHOWN_BYTES = 4096

Document = dict[str, object]


def outgoing(letter: OutboxMail) -> Document:
    """Give a mail of the outbox as JSON says it."""
    return {
        "id": letter.id,
        "state": letter.state,
        "case": letter.case,
        "notice": letter.template,
        "visibility": letter.visibility,
        "to": letter.to,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "created": instant(letter.created),
        "attempts": letter.attempts,
        "next_attempt_at": instant(letter.next_attempt_at),
        "last_reply": letter.last_reply,
    }


def outgoing_list(letters: Sequence[OutboxMail], zone: ZoneInfo) -> RenderableType:
    """List mails of the outbox."""
    if not letters:
        return Text("Nothing waits to go out.")
    rows = [
        (m.id, m.state, m.to, m.template, m.subject, m.attempts, moment(m.next_attempt_at, zone), m.last_reply)
        for m in letters
    ]
    columns = ("id", "state", "to", "notice", "subject", "tries", "next try", "last answer")
    return table(columns, rows, right=("id", "tries"))


def outgoing_page(letter: OutboxMail, zone: ZoneInfo) -> RenderableType:
    """Show one mail of the outbox whole, as its reader will see the text."""
    facts = {**outgoing(letter), "created": moment(letter.created, zone)}
    facts["next_attempt_at"] = moment(letter.next_attempt_at, zone)
    rows = [(name.replace("_", " "), value) for name, value in facts.items() if value not in (None, "")]
    fields = [(name, value) for name, value in letter.fields]
    carried = [("attachment", f"{one.name} ({one.type}, {size(one.size)})") for one in letter.carried]
    return Group(pairs(rows), Text(), pairs([*fields, *carried]), Text(), indented(letter.text))


def incoming(mail: InboxMail) -> Document:
    """Give a mail that was not taken in as JSON says it."""
    return {
        "id": mail.id,
        "state": mail.state,
        "reason": mail.reason,
        "from": mail.sender or None,
        "subject": mail.subject,
        "received_at": instant(mail.envelope.received_at),
        "source": mail.envelope.source,
        "peer": mail.envelope.peer or None,
        "reverse_path": mail.envelope.reverse_path,
        "forward_paths": list(mail.envelope.forward_paths),
        "attempts": mail.attempts,
        "case": mail.case,
        "digest": mail.digest,
    }


def incoming_list(mails: Sequence[InboxMail], zone: ZoneInfo) -> RenderableType:
    """List mails that were not taken in."""
    if not mails:
        return Text("Nothing is held or quarantined.")
    rows = [
        (one.id, one.state, one.reason, one.sender, one.subject, moment(one.envelope.received_at, zone))
        for one in mails
    ]
    return table(("id", "state", "reason", "from", "subject", "received"), rows, right=("id",))


def incoming_page(mail: InboxMail, zone: ZoneInfo, read: RenderableType) -> RenderableType:
    """Show one such mail: what is known of it, how it is read, and how its bytes begin."""
    facts = {**incoming(mail), "received_at": moment(mail.envelope.received_at, zone)}
    facts["forward_paths"] = ", ".join(mail.envelope.forward_paths)
    rows = [(name.replace("_", " "), value) for name, value in facts.items() if value not in (None, "")]
    shown = mail.raw[:SHOWN_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
    rest = len(mail.raw) - SHOWN_BYTES
    more = [Text(f"... and {size(rest)} more", style="dim")] if rest > 0 else []
    return Group(pairs(rows), Text(), read, indented(shown.rstrip("\n")), *more)
