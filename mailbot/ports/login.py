"""What mailbot logs in with at other servers where a password will not do: access tokens (RFC 6749 section 1.4).

The mailboxes and the relay ask, whoever gets tokens answers; neither knows the other.
"""

from typing import Protocol


class TokenAway(Exception):
    """There is no token just now, and trying again will help: the endpoint is away, or answers nothing usable."""


class TokenRefused(Exception):
    """There is no token, and somebody has to do something about it: the endpoint does not know us any more."""


class TokenSource(Protocol):
    """Gives access tokens for one account; safe to be asked by several threads."""

    def __call__(self) -> str:
        """Return a token that is still good for a while. Raises TokenAway, TokenRefused; both say why to people.

        Cheap while the last one is good; while the endpoint is away it is not asked more often than is decent.
        """

    def refused(self, token: str) -> None:
        """Forget a token that a server did not accept, so that the next one is new."""
