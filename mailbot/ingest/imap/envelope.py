"""What a mail from a mailbox says about its own delivery: the envelope that SMTP would have had.

Reads the trace fields only. A sender can write them too, so they name no more than this desk's own addresses, and none
of them proves anything.
"""

from collections.abc import Callable
from datetime import datetime

from mailbot.ingest.format import address, header
from mailbot.ingest.imap.connection import Listed
from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ingest.intake import OwnAddresses
from mailbot.mail import Envelope
from mailbot.ports.records import Arrival

#: Where trace fields and recipients stand; a header is never read further.
_HEADER = 1024 * 1024


def arrivals(
    mailbox: Mailbox,
    uid_validity: int,
    listed: Listed,
    raw: bytes,
    *,
    own: OwnAddresses,
    digest: Callable[[bytes], str],
    now: datetime,
) -> list[Arrival]:
    """Return one arrival for each of the desk's addresses that the mail is for; at least one."""
    head = header.read(raw[:_HEADER])
    known = digest(raw)
    # A server's clock may be ahead; nothing arrived later than now.
    received_at = min(listed.internal_date or now, now)
    return [
        Arrival(
            envelope=Envelope(
                received_at=received_at,
                source=source_of(mailbox),
                reverse_path=_reverse_path(head),
                forward_paths=paths,
                border=mailbox.border,
                uid_validity=uid_validity,
                uid=listed.uid,
            ),
            raw=raw,
            digest=known,
            purpose=purpose,
        )
        for purpose, paths in _purposes(head, own).items()
    ]


def source_of(mailbox: Mailbox) -> str:
    """Return how the inbox names where the mails of a mailbox came from."""
    return f"imap:{mailbox.name}"


def _reverse_path(head: header.Header) -> str | None:
    """Return what the last server wrote as Return-Path (RFC 5321 section 4.4): it stands above all Received."""
    for field in head.fields:
        if field.name == "received":
            return None
        if field.name == "return-path":
            bare = field.value.strip()
            box = address.single(bare)
            return "" if bare == "<>" else box.address if box else None
    return None


def _purposes(head: header.Header, own: OwnAddresses) -> dict[str, tuple[str, ...]]:
    """Return the desk's addresses that the mail is for, with the paths that stand for each.

    Delivered-To is where an alias led to and counts only when no other field names an address of ours; a mail that
    names none at all (Bcc) is for the main address.
    """
    delivered = _addresses(head, "delivered-to")
    named = [*_addresses(head, "x-original-to"), *_addresses(head, "to"), *_addresses(head, "cc")]
    paths = own.by_purpose([*delivered, *named])
    wanted = own.by_purpose(named) or own.by_purpose(delivered)
    return {purpose: paths[purpose] for purpose in wanted} or {own.main: ()}


def _addresses(head: header.Header, name: str) -> list[str]:
    return [box.address for field in head.all(name) for box in address.mailboxes(field.value)]
