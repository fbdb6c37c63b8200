"""One connection to an IMAP server: the few calls that fetching needs, each bounded in time and memory.

The only user of imapclient. Every failure leaves here as `Trouble` in plain words, or as `Unreadable` when it is about
a single mail. Never marks a mail as read by looking at it, never asks for structures that a server can break
(ENVELOPE, BODYSTRUCTURE).
"""

import contextlib
import logging
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from imapclient.response_parser import parse_fetch_response

from mailbot.ingest.imap.login import log_in, secure
from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ingest.imap.trouble import Trouble, Unreadable, passing, trouble_of
from mailbot.ingest.imap.wire import ANSWER, Alive, Lever, Wire, client_of, nothing

#: Bytes fetched at once.
_PIECE = 4 * 2**20
#: UIDs in one search: their numbers fit into a line that the library reads.
_SPAN = 50_000


class _Refused(IMAPClientError):  # type: ignore[misc] # imapclient ships no types
    """The server said NO to a FETCH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What the server says of the folder when it is opened (RFC 9051 section 6.3.2)."""

    uid_validity: int
    #: The UID that the next mail gets, 0 when the server does not say.
    uid_next: int
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the server says of a mail before it is fetched."""

    uid: int
    #: Bytes; some servers only estimate them.
    size: int
    #: When the mailbox got it, None when the server does not say.
    internal_date: datetime | None


class ImapConnection:
    """A connection with one open folder; used by one thread, and cut off by any."""

    def __init__(self, mailbox: Mailbox, tls: ssl.SSLContext | None = None, alive: Alive = nothing) -> None:
        """Does nothing yet; `tls` replaces the system's authorities, `alive` is called at each answer."""
        self._mailbox = mailbox
        self._tls = tls
        self._alive = alive
        self._lever = Lever()
        self._client: Any = None
        # The library's debug log holds whole mails.
        logging.getLogger("imapclient").setLevel(logging.WARNING)

    def connect(self) -> None:
        """Connect and log in. Raises Trouble."""
        with self._plainly():
            # Loading the system's authorities costs a tenth of a second.
            context = (self._tls or ssl.create_default_context()) if self._mailbox.tls != "none" else None
            self._client = client_of(self._mailbox, context, self._lever)
            secure(self._client, self._mailbox, context)
            log_in(self._client, self._mailbox)

    def close(self) -> None:
        """End the connection; a server that does not answer is left without a word."""
        with contextlib.suppress(Exception):
            if self._client is not None:
                self._client.shutdown()
        self._lever.release()

    def cut(self) -> None:
        """End the connection from another thread, whatever it waits for."""
        self._lever.cut()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the server says something."""
        return int(self._client.socket().fileno())

    @property
    def idles(self) -> bool:
        """Can the server tell of new mail by itself (RFC 2177)?"""
        with self._plainly():
            return bool(self._client.has_capability("IDLE"))

    def begin_idle(self) -> bool:
        """Ask the server to tell of news; return whether nothing has come yet, so that waiting makes sense."""
        with self._plainly():
            wire = self._wire()
            tag = self._client._idle_tag = wire._command("IDLE")  # noqa: SLF001 - the library's own idle() takes news before the go-ahead for a fault
            news = False
            while wire._get_response() is not None:  # noqa: SLF001 - the same
                if wire.tagged_commands.get(tag):
                    raise IMAPClientError("IDLE was refused")
                news = True
            return not news and not wire.waits()

    def end_idle(self) -> bool:
        """Ask the server to tell no more; return whether it told anything. A dead connection is found here."""
        with self._plainly():
            self._wire()
            return bool(self._client.idle_done()[1])

    def open(self) -> Folder:
        """Open the folder, or look at it anew; for reading only where nothing is to be marked."""
        mailbox = self._mailbox
        with self._plainly():
            self._wire()
            try:
                answer = self._client.select_folder(mailbox.folder, readonly=mailbox.after == "keep")
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise passing(mailbox, error) or Trouble(
                    "folder", f"the mailbox has no folder {mailbox.folder} that can be opened"
                ) from error
            validity = answer.get(b"UIDVALIDITY", 0)
            if not validity:
                raise Trouble("uidvalidity", "the server gives the folder no UIDVALIDITY; it cannot be read safely")
            return Folder(uid_validity=validity, uid_next=answer.get(b"UIDNEXT", 0), exists=answer.get(b"EXISTS", 0))

    def uids(self, folder: Folder, above: int) -> Iterator[int]:
        """Yield the UIDs above a bookmark, in order."""
        if folder.uid_next and folder.uid_next <= above + 1:
            return
        for low, high in _spans(folder, above):
            with self._plainly():
                self._wire()
                found = self._client.search(["UID", f"{low}:{high}"])
            # `n:*` names the last mail even when its UID is lower (RFC 9051 section 6.4.4).
            yield from sorted(uid for uid in {int(one) for one in found} if uid >= low)

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Return what there is to know of mails before fetching them; those that vanished are left out."""
        with self._plainly():
            items = self._fetch(uids, "UID RFC822.SIZE INTERNALDATE", ANSWER)
        found: list[Listed] = []
        for uid in sorted(items):
            size, date = items[uid].get(b"RFC822.SIZE"), items[uid].get(b"INTERNALDATE")
            found.append(
                Listed(
                    uid=uid,
                    size=size if isinstance(size, int) else 0,
                    internal_date=date.astimezone(UTC) if isinstance(date, datetime) else None,
                )
            )
        return found

    def body(self, mail: Listed, most: int) -> bytes | None:
        """Return at most `most` bytes of a mail, piece by piece; None when it vanished. Raises Unreadable, Trouble."""
        # Its buffer becomes the mail without a copy.
        raw = BytesIO()
        while (size := raw.tell()) < most:
            want = min(_PIECE, most - size)
            item = self._piece(mail.uid, size, want)
            if not size and item is not None and isinstance(whole := item.get(b"BODY[]"), bytes):
                # A server that knows no pieces gave all of it.
                return whole[:most]
            piece = (item or {}).get(b"BODY[]<%d>" % size)
            if not piece and size and size >= mail.size:
                # Asked for more behind the end, which servers answer in their own ways.
                break
            if not isinstance(piece, bytes) or (not piece and mail.size):
                if self._is_gone(mail.uid):
                    return None
                raise Unreadable(mail.uid)
            raw.write(piece[:want])
            if len(piece) < want:
                break
        return raw.getvalue()

    def mark(self, uids: Sequence[int]) -> None:
        """Do on the server what the configuration wants done with stored mails. Raises Trouble."""
        mailbox = self._mailbox
        with self._plainly():
            self._wire()
            try:
                self._mark(uids)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                if trouble := passing(mailbox, error):
                    raise trouble from error
                wish = f"moved to {mailbox.move_to}: does that folder exist?" if mailbox.after == "move" else "marked"
                raise Trouble("mark", f"stored mails cannot be {wish}") from error

    def _mark(self, uids: Sequence[int]) -> None:
        after, client = self._mailbox.after, self._client
        if after == "seen":
            client.add_flags(uids, [rb"\Seen"], silent=True)
        elif after == "move" and client.has_capability("MOVE"):
            client.move(uids, self._mailbox.move_to)
        elif after in ("move", "delete"):
            if after == "move":
                client.copy(uids, self._mailbox.move_to)
            client.add_flags(uids, [rb"\Deleted"], silent=True)
            # Without UIDPLUS an EXPUNGE would take what other people deleted as well.
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(uids)

    def _piece(self, uid: int, start: int, want: int) -> dict[bytes, Any] | None:
        try:
            return self._fetch([uid], f"UID BODY.PEEK[]<{start}.{want}>", want + ANSWER).get(uid)
        except (IMAPClientAbortError, OSError) as error:
            raise trouble_of(self._mailbox, error) from error
        except _Refused:
            return {}
        except Exception as error:
            # RecursionError, IndexError, ...: whatever a broken answer raises.
            raise Unreadable(uid) from error

    def _is_gone(self, uid: int) -> bool:
        """Was the mail deleted while we asked for it? A server tells when asked for news (RFC 9051 section 7.5.1)."""
        with self._plainly():
            self._wire()
            self._client.noop()
        return not self.listed([uid])

    def _fetch(self, uids: Iterable[int], items: str, most: int) -> dict[int, dict[bytes, Any]]:
        """Fetch and key by UID: an answer without one is nobody's, and the library would key it by its place."""
        asked = set(uids)
        kind, data = self._wire(most).uid("FETCH", ",".join(map(str, sorted(asked))), f"({items})")
        self._alive()
        if kind != "OK":
            raise _Refused
        answer = parse_fetch_response(data, normalise_times=False, uid_is_key=False)
        return {item[b"UID"]: item for item in answer.values() if item.get(b"UID") in asked}

    def _wire(self, most: int = ANSWER) -> Wire:
        """Return imaplib's side of the connection, ready for an answer of so many bytes at most."""
        wire: Wire = self._client._imap  # noqa: SLF001 - imapclient shows it by no other name
        wire.left = most
        return wire

    @contextlib.contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn whatever goes wrong into plain words."""
        try:
            yield
            self._alive()
        except Trouble:
            raise
        except Exception as error:
            raise trouble_of(self._mailbox, error) from error


def _spans(folder: Folder, above: int) -> Iterator[tuple[int, int | str]]:
    """Cut a long range of UIDs into searches whose answers stay short."""
    if folder.exists <= _SPAN or not folder.uid_next:
        yield above + 1, "*"
        return
    for low in range(above + 1, folder.uid_next, _SPAN):
        yield low, min(low + _SPAN, folder.uid_next) - 1
