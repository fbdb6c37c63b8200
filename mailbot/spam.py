"""What is known of a mail as spam, and what a desk wants done with it. Frozen values; nothing here reads a mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Treatment(StrEnum):
    """What becomes of a mail that a server in front calls spam."""

    #: The verdict is not looked at.
    OFF = "off"
    #: It waits for a human's word, and nobody is told.
    HOLD = "hold"
    #: It is refused while its sender's server still waits for an answer; where that is too late, it is quarantined.
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spam:
    """A server's verdict that a mail is spam.

    There is none that says the contrary: whoever forges a verdict harms nobody but their own mail, so it matters not
    who wrote it.
    """

    #: The header field that says so, as it is usually written.
    by: str
    #: The points that it names, None where it names none.
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpamRules:
    """What the operator wants: an entry is an address, `@example.com` or, for every domain below, `*.example.com`."""

    verdict: Treatment = Treatment.OFF
    #: Whose mail is quarantined.
    block: tuple[str, ...] = ()
    #: Whose mail is neither blocked nor judged by a verdict, where it is proven that it is theirs.
    allow: tuple[str, ...] = ()

    def blocks(self, address: str) -> bool:
        """Does the address stand on the block list?"""
        return _stands_in(address, self.block)

    def allows(self, address: str) -> bool:
        """Does the address stand on the allow list?"""
        return _stands_in(address, self.allow)


def _stands_in(address: str, entries: Iterable[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(
        entry in (address, f"@{domain}") or (entry.startswith("*.") and domain.endswith(entry[1:])) for entry in entries
    )
