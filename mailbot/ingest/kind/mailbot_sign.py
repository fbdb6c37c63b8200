"""The signs of another mailbot's notice, also where a relay has taken its header fields off.

Two desks that write to each other must fall silent. A notice for which nobody wrote the words carries Auto-Submitted;
what is left of one without its fields is its Message-ID, and the marker line that stands above all of its text.
"""

import re

from mailbot.ingest.format import header
from mailbot.ingest.kind import subject

_MESSAGE_ID = re.compile(r"<[0-9a-z.]{8,120}\.mailbot@")
_MARKER = re.compile(r"##- .{1,300} -##\Z")


def is_notice(fields: header.Header, text: str) -> bool:
    """Is it a notice that no person of that desk has written words for, or may it be one?"""
    if fields.all("x-mailbot-loop"):
        return any(header.word(field.value) not in ("", "no") for field in fields.all("auto-submitted"))
    if _MESSAGE_ID.match(fields.only("message-id").strip()):
        return True
    if subject.is_answer(fields.only("subject").strip(), answered=bool(fields.all("in-reply-to"))):
        # A person whose program puts no mark on what it quotes; a notice begins its subject with its own tag.
        return False
    first = next((line.strip() for line in text[:2_000].split("\n") if line.strip()), "")
    return bool(_MARKER.match(first))
