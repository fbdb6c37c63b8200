"""What a customer proposes at the top of a mail: `Type:` and `Priority:` lines.

A proposal is shown to the team and changes nothing; a member validates type and priority at pick-up.
"""

import re

_LINE = re.compile(r"\s*(type|priority)\s*:\s*(\S.{0,80})$", re.IGNORECASE)


def proposals(text: str) -> dict[str, object]:
    """Return `proposed_type` and `proposed_priority` as they stand in the leading lines of the text."""
    found: dict[str, object] = {}
    for line in filter(str.strip, text.split("\n")):
        match = _LINE.match(line)
        if match is None:
            break
        found.setdefault(f"proposed_{match[1].lower()}", match[2].strip())
    return found
