"""The relay with a log-in that may be mended while it is refused: its secret is read anew when its file changed."""

from collections.abc import Callable

import structlog

from mailbot.faults import Faults
from mailbot.login.secret_files import SecretFiles
from mailbot.ports import Relay, RelayReply

log = structlog.get_logger("mailbot.relay")


class MendedRelay:
    """Implements `mailbot.ports.Relay` by one that is made anew with another secret."""

    def __init__(self, make: Callable[[], Relay], files: Callable[[], SecretFiles]) -> None:
        """`make` reads the secret, `files` says where it lies. Raises Faults."""
        self._make = make
        self._look = files
        self._files = files()
        self._relay = make()

    def send(self, reverse_path: str, to: str, message: bytes) -> RelayReply:
        """Hand over one mail for one recipient."""
        return self._relay.send(reverse_path, to, message)

    def close(self) -> None:
        """End the connection."""
        self._relay.close()

    def mended(self) -> bool:
        """Look at the files; take what lies there now where it is another secret than before."""
        if not self._files.changed():
            return False
        # First how the files are: what is changed while they are read is changed since.
        self._files = self._look()
        try:
            fresh = self._make()
        except Faults as faults:
            log.warning("secret-unread", faults=str(faults).splitlines())
            return False
        self._relay.close()
        self._relay = fresh
        log.info("relay-mended")
        return True
