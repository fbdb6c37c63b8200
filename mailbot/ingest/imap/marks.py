"""What is done on the server with mails that are stored: marked as read, moved or deleted, never before.

How far that is stands in a bookmark of its own, so that a kill between the two forgets none.
"""

from collections.abc import Sequence
from dataclasses import replace

from mailbot.ingest.imap.connection import ImapConnection
from mailbot.ingest.imap.envelope import source_of
from mailbot.ingest.imap.mailbox import Mailbox
from mailbot.ports import Inbox
from mailbot.ports.records import Bookmark

#: What is kept of a mail that is too large; such a one stays on the server as it is.
KEPT = 256 * 1024
#: Mails marked at once.
_BATCH = 20


def bookmark_name(mailbox: Mailbox) -> str:
    """Return the name under which the inbox remembers how far a mailbox was read."""
    return mailbox.name if mailbox.folder == "INBOX" else f"{mailbox.name}/{mailbox.folder}"


class Marks:
    """Marks one mailbox's stored mails on its server, each once."""

    def __init__(self, mailbox: Mailbox, inbox: Inbox) -> None:
        """Take whose mails they are, and where the bookmarks lie."""
        self._mailbox = mailbox
        self._inbox = inbox
        self._name = f"{bookmark_name(mailbox)}#marked"
        #: Stored but not yet marked on the server, under the UIDVALIDITY that they have.
        self._unmarked: list[int] = []

    def begin(self, validity: int) -> None:
        """Take up what was stored whole under this UIDVALIDITY and not marked before we ended the last time."""
        self._unmarked = [] if self._mailbox.after == "keep" else self._left(validity)

    def stored(self, uids: Sequence[int]) -> None:
        """Remember mails that are stored whole now."""
        if self._mailbox.after != "keep":
            self._unmarked += uids

    def mark(self, connection: ImapConnection) -> None:
        """Do on the server what is to be done with stored mails, and write down how far that is."""
        while self._unmarked:
            connection.mark(self._unmarked[:_BATCH])
            del self._unmarked[:_BATCH]
        reached, marked = self._reached(), self._inbox.bookmark(self._name)
        # Where nothing is to be marked it moves along: what was stored meanwhile is never marked later.
        if reached and marked and marked != replace(reached, mailbox=self._name):
            self._inbox.receive([], replace(reached, mailbox=self._name))

    def _left(self, validity: int) -> list[int]:
        reached, marked = self._reached(), self._inbox.bookmark(self._name)
        if marked is None:
            # From here on: what was stored while mails were kept on the server stays there.
            marked = Bookmark(mailbox=self._name, uid_validity=validity, uid=reached.uid if reached else 0)
            self._inbox.receive([], marked)
        if reached is None or reached.uid_validity != validity:
            return []
        above = marked.uid if marked.uid_validity == validity else 0
        stored = self._inbox.stored(source_of(self._mailbox), validity, above=above, upto=reached.uid)
        return sorted(uid for uid, size in stored.items() if size <= self._mailbox.message_size and size != KEPT)

    def _reached(self) -> Bookmark | None:
        return self._inbox.bookmark(bookmark_name(self._mailbox))
