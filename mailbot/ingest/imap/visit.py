"""A look at a mailbox on its server: what the server offers, which folders there are, what came last.

For an operator who asks whether all is well; stores nothing and marks nothing, not even as read.
"""

from collections.abc import Iterable

from mailbot.ingest.imap.connection import ImapConnection
from mailbot.ingest.imap.trouble import Trouble, Unreadable

#: A mail that is looked at is read up to here, in bytes.
_MOST = 4 * 2**20


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

    def newest(self, field: str, text: str) -> bytes | None:
        """Return the mail that came last among those whose field has this text; None when there is none.

        The folder must be open. Raises Trouble.
        """
        with self._plainly():
            self._wire()
            # RFC 9051 section 6.4.4: the text is looked for anywhere in the field.
            found = sorted(int(uid) for uid in self._client.search(["HEADER", field, text]))
        try:
            return next((self.body(mail, _MOST) for mail in self.listed(found[-1:])), None) if found else None
        except Unreadable as unreadable:
            raise Trouble("unreadable", f"the server gives no usable answer for its mail: {unreadable}") from unreadable
