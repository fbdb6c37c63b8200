"""A look at a mailbox on its server: what the server offers, which folders there are, what came last.

For an operator who asks whether all is well; stores nothing and marks nothing, not even as read.
"""

from collections.abc import Iterable

from mailbot.ingest.imap_connection import ImapConnection


class ImapVisit(ImapConnection):
    """A logged-in connection of somebody who only looks."""

    def offered(self, names: Iterable[str]) -> frozenset[str]:
        """Return which of these capabilities the server has (RFC 9051 section 7.2.2). Raises Trouble."""
        with self._plainly():
            self._wire()
            return frozenset(name for name in names if self._client.has_capability(name))

    def has_folder(self, name: str) -> bool:
        """Say whether there is a folder of that name. Raises Trouble."""
        with self._plainly():
            self._wire()
            return bool(self._client.folder_exists(name))
