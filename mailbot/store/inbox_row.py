"""A mail of the inbox as its row holds it, there and back.

Bytes are compressed as they come in. A large mail's are read in pieces: what a database's driver makes of one value is
several times its size.
"""

import hashlib
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from mailbot.decision import Ending
from mailbot.mail import Envelope
from mailbot.ports.records import Arrival, InboxMail, InboxState
from mailbot.store.column import EPOCH, AnyRow
from mailbot.store.schema import inbox

#: Mails of at most this many bytes lie compressed in their row, larger ones in a file where there is a folder for them.
INLINE = 64 * 1024
#: Bytes of a large mail that are read at once.
PIECE = 1024 * 1024
#: What a row holds when nobody works on it.
FREE: dict[str, Any] = {"lease": "", "owner": "", "free_at": EPOCH}
#: What is read of a row: the bytes of a small mail with it, those of a large one apart from it.
COLUMNS = (
    *(column for column in inbox.c if column is not inbox.c.raw),
    sa.case((inbox.c.size <= INLINE, inbox.c.raw)).label("raw"),
    inbox.c.raw.is_not(None).label("inline"),
)

_PIECE = sa.select(
    sa.func.substr(inbox.c.raw, sa.bindparam("start"), PIECE, type_=sa.LargeBinary),
).where(inbox.c.id == sa.bindparam("row"))


def row_of(arrival: Arrival) -> dict[str, object]:
    """Return the row of a mail that just came; its bytes are still to be put there."""
    envelope = arrival.envelope
    return {
        "digest": arrival.digest,
        "purpose": arrival.purpose,
        "received_at": envelope.received_at,
        "source": envelope.source,
        "reverse_path": envelope.reverse_path,
        "forward_paths": list(envelope.forward_paths),
        "session": envelope.session,
        "border": envelope.border,
        "peer": envelope.peer,
        "uid_validity": envelope.uid_validity or None,
        "uid": envelope.uid or None,
        "size": len(arrival.raw),
        "raw": None,
        "sha256": hashlib.sha256(arrival.raw).hexdigest(),
        "state": InboxState.WAITING,
        "attempts": 0,
        "fence": 0,
        "admitted": False,
        "ending": None,
        "reason": "",
        "case": None,
        "sender": "",
        "subject": "",
        "message_id": "",
        **FREE,
    }


def mail_of(row: AnyRow, raw: bytes) -> InboxMail:
    """Return the mail that a row holds, with the bytes that go with it."""
    return InboxMail(
        id=row.id,
        envelope=_envelope(row),
        raw=raw,
        digest=row.digest,
        purpose=row.purpose,
        state=InboxState(row.state),
        attempts=row.attempts,
        lease=row.lease,
        admitted=row.admitted,
        ending=Ending(row.ending) if row.ending else None,
        reason=row.reason,
        case=row.case,
        sender=row.sender,
        subject=row.subject,
    )


def read_pieces(connection: sa.Connection, number: int) -> bytes:
    """Return the bytes of a large mail that its row holds. Raises zlib.error."""
    raw, flow = BytesIO(), zlib.decompressobj()
    for piece in _pieces(connection, number):
        rest = piece
        while rest:
            raw.write(flow.decompress(rest, PIECE))
            rest = flow.unconsumed_tail
    if not flow.eof:
        raise zlib.error("its end is missing")
    return raw.getvalue()


def _pieces(connection: sa.Connection, number: int) -> Iterator[bytes]:
    start = 1
    while piece := connection.execute(_PIECE, {"row": number, "start": start}).scalar_one():
        yield piece
        start += PIECE


def _envelope(row: AnyRow) -> Envelope:
    return Envelope(
        received_at=row.received_at,
        source=row.source,
        reverse_path=row.reverse_path,
        forward_paths=tuple(row.forward_paths),
        session=row.session,
        border=row.border,
        peer=row.peer,
        uid_validity=row.uid_validity or 0,
        uid=row.uid or 0,
    )
