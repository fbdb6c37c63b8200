"""Which cases a member's text names: looked up before the grammar reads it, in whatever language it names them."""

import re

from mailbot.rules.reading.tongues import any_name

#: How many cases a member's mail may name in its text; those beyond are not known to its commands.
MOST_SPOKEN = 20
#: The words of members that name a case.
_NAMING = any_name("merge", "unmerge", "link", "unlink", "parent", "unparent")


def spoken_numbers(text: str, tag: str) -> tuple[int, ...]:
    """Return the numbers of ours in a text, the first `MOST_SPOKEN` of them (`semantics.md` 28).

    Behind a word that names a case, at the beginning of a line, the number may stand without the tag.
    """
    named = rf"(?:\b{re.escape(tag)}-|^\W{{0,3}}(?:{_NAMING})\s+(?:into\s+|with\s+)?#?)(\d{{1,9}})\b"
    found = re.findall(named, text, re.IGNORECASE | re.MULTILINE)
    return tuple(dict.fromkeys(int(number) for number in found))[:MOST_SPOKEN]
