"""Access tokens for mailboxes and the relay by OAuth 2.0 (RFC 6749): got, kept in memory, renewed ahead of their end.

Two grants: `client_credentials` (section 4.4), which is what Microsoft 365 wants of a daemon, and `refresh_token`
(section 6), which is what Gmail wants. A refresh token that the endpoint replaces is written back at once; nothing else
is ever written. Never shows a token or a secret.
"""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mailbot.config.file import read_secret
from mailbot.faults import Faults
from mailbot.login.oauth_endpoint import Granted, ask
from mailbot.ports.login import TokenAway, TokenRefused

#: A token is renewed so many seconds before its end, or a fifth of its life where that is less.
_AHEAD = 300.0
#: Seconds until an endpoint that is away is asked again: the first, then doubled up to the last.
_FIRST, _LAST = 1.0, 60.0

Grant = Literal["client_credentials", "refresh_token"]
Ask = Callable[[str, Mapping[str, str], Path | None], Granted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """As what mailbot is registered, and where."""

    token_url: str
    client_id: str
    #: "" for a public client.
    client_secret: str = field(default="", repr=False)
    #: "" for the scope that was granted.
    scope: str = ""
    grant: Grant = "client_credentials"
    #: Where the refresh token lies; it is replaced there.
    refresh_token_file: Path | None = None
    #: Certificates to trust instead of the machine's own.
    trust: Path | None = None


class AccessTokens:
    """The tokens of one account (`mailbot.ports.login.TokenSource`)."""

    def __init__(
        self,
        registration: Registration,
        *,
        monotonic: Callable[[], float],
        alarm: Callable[[str], None],
        ask: Ask = ask,
    ) -> None:
        """Asks for nothing yet."""
        self._registration = registration
        self._monotonic = monotonic
        self._alarm = alarm
        self._ask = ask
        #: One renewal at a time; who comes meanwhile gets what it brings.
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = self._ends_at = 0.0
        #: Renewals that failed in a row, until when the endpoint is left alone, and what was wrong.
        self._failures = 0
        self._rest_until = 0.0
        self._trouble: TokenAway | TokenRefused = TokenAway("the token endpoint was not asked yet")
        #: A new refresh token that could not be written yet.
        self._unwritten = ""

    def __call__(self) -> str:
        """Return a token that is still good for a while. Raises TokenAway, TokenRefused."""
        with self._lock:
            now = self._monotonic()
            if self._token and now < self._renew_at:
                return self._token
            if now >= self._rest_until:
                try:
                    self._renew()
                except (TokenAway, TokenRefused) as trouble:
                    self._put_off(trouble)
            if self._token and now < self._ends_at:
                return self._token
            raise type(self._trouble)(str(self._trouble))

    def refused(self, token: str) -> None:
        """Forget a token that a server did not accept; one that was renewed meanwhile stays."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _put_off(self, trouble: TokenAway | TokenRefused) -> None:
        """Leave the endpoint alone for a while."""
        self._trouble = trouble
        if isinstance(trouble, TokenRefused):
            # What the operator put into the file may be better.
            self._unwritten = ""
        self._rest_until = self._monotonic() + min(_LAST, _FIRST * 2.0 ** min(self._failures, 16))
        self._failures += 1

    def _renew(self) -> None:
        with self._alone():
            granted = self._ask(self._registration.token_url, self._fields(), self._registration.trust)
            now = self._monotonic()
            self._token, self._ends_at = granted.access_token, now + granted.lifetime
            self._renew_at = self._ends_at - min(_AHEAD, granted.lifetime / 5)
            self._failures, self._rest_until = 0, 0.0
            self._keep(granted.refresh_token)

    def _fields(self) -> dict[str, str]:
        """Return what is asked (RFC 6749 sections 2.3.1, 4.4.2 and 6)."""
        wanted = self._registration
        fields = {"grant_type": wanted.grant, "client_id": wanted.client_id, "client_secret": wanted.client_secret}
        if wanted.grant == "refresh_token":
            fields["refresh_token"] = self._refresh_token()
        return {name: value for name, value in {**fields, "scope": wanted.scope}.items() if value}

    def _refresh_token(self) -> str:
        if self._unwritten:
            return self._unwritten
        assert self._registration.refresh_token_file is not None
        try:
            # Anew each time: another loop, or the operator, may have put a newer one there. Never a credential of
            # systemd's, which would still be the first one after a restart.
            secret = read_secret(self._registration.refresh_token_file, {}, key="oauth_refresh_token_file")
        except Faults as faults:
            raise TokenRefused(f"the refresh token cannot be used: {faults}") from None
        return secret.get_secret_value()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the other loops out: a refresh token that is replaced is good for one use only."""
        file = self._registration.refresh_token_file
        if file is None:
            yield
            return
        try:
            folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise TokenRefused(f"the refresh token cannot be used: {file.parent}: {error.strerror}") from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _keep(self, refresh_token: str) -> None:
        """Write a new refresh token down; one that cannot be written is used all the same, and written later."""
        new, file = refresh_token or self._unwritten, self._registration.refresh_token_file
        if file is None or not new:
            return
        try:
            replace_secret(file, new)
        except OSError as error:
            if not self._unwritten:
                self._alarm(
                    f"{file}: the new refresh token cannot be written ({error.strerror}); it is lost at the next "
                    "restart: let mailbot write in that folder"
                )
            self._unwritten = new
        else:
            self._unwritten = ""


def replace_secret(file: Path, secret: str) -> None:
    """Write a secret in the place of the old one: whole or not at all, durably, its owner's alone. Raises OSError."""
    owner = file.stat()
    # mkstemp: mode 0600 from the beginning.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor has no path
            if os.geteuid() != owner.st_uid:
                # A command that root runs must not take the file away from the daemon.
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            stream.write(f"{secret}\n")
            stream.flush()
            os.fsync(descriptor)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
