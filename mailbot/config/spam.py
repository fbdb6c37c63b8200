"""What the section `[spam]` may say: whose mail is not wanted, and what a server's verdict of spam does."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from mailbot.config.kinds import Section
from mailbot.spam import SpamRules, Treatment

_DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)*"
_ENTRY = re.compile(rf"[^@\s*]+@{_DOMAIN}|@{_DOMAIN}|\*\.{_DOMAIN}")


def _entry(text: str) -> str:
    lowered = text.strip().lower()
    if not _ENTRY.fullmatch(lowered):
        raise ValueError(
            "is neither an address nor a domain; write ann@example.com, @example.com or, for all below, *.example.com"
        )
    return lowered


Entry = Annotated[str, AfterValidator(_entry)]


class SpamSection(Section):
    """Mail that nobody here wants."""

    #: What becomes of mail that a server in front calls spam.
    verdict: Literal["off", "hold", "refuse"] = "off"
    #: Whose mail is kept out.
    block: tuple[Entry, ...] = ()
    #: Whose mail is let in all the same, where it is proven to be theirs.
    allow: tuple[Entry, ...] = ()

    def rules(self) -> SpamRules:
        """Return it as the rules know it."""
        return SpamRules(verdict=Treatment(self.verdict), block=self.block, allow=self.allow)
