"""The memory that all mailboxes share: a mail is fetched when there is room for it, and not before.

Several mailboxes with large mails must not cost as much as all of them together. Who waits holds nothing, so nobody
waits for each other.
"""

from threading import Condition

from mailbot.ingest.imap.wire import Alive

#: Bytes of mail that all mailboxes together have in memory before they are stored.
ROOM = 40 * 2**20
#: Seconds between two signs of life of who waits.
_TURN = 1.0


class Room:
    """Bytes that are taken before a fetch and given back after the commit. For any thread."""

    def __init__(self, size: int = ROOM) -> None:
        """A mail that is larger than `size` has the room for itself."""
        self._size = size
        #: Bytes that are taken.
        self._taken = 0
        self._changed = Condition()

    @property
    def taken(self) -> int:
        """Bytes that are in somebody's hand."""
        return self._taken

    def take(self, size: int) -> bool:
        """Take so many bytes, or say that there is no room just now."""
        with self._changed:
            if not self._fits(size):
                return False
            self._taken += size
            return True

    def wait(self, size: int, alive: Alive) -> None:
        """Take so many bytes as soon as there is room; only for who holds nothing. `alive` is called meanwhile."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._fits(size), _TURN):
                alive()
            self._taken += size

    def give_back(self, size: int) -> None:
        """Free what was taken."""
        with self._changed:
            self._taken -= size
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not self._taken or self._taken + size <= self._size
