"""Parents and children of cases, looked up where a member's mail may want them. Decides nothing."""

import re
from collections.abc import Mapping

from mailbot.facts import ThreadKeys
from mailbot.model import Case
from mailbot.ports import Store
from mailbot.rules.reading.tongues import any_name


def with_families(cases: Mapping[int, Case], text: str, tag: str, store: Store) -> Mapping[int, Case]:
    """Add the parents and children of these cases, and where those go on, if the text may reach or change them."""
    near = {number for case in cases.values() for number in (case.parent, *case.children)} - cases.keys() - {0}
    if not near or not _may_reach(text, tag):
        return cases
    return {**cases, **store.find(ThreadKeys(spoken=tuple(sorted(near)))).cases}


def _may_reach(text: str, tag: str) -> bool:
    """Could a line of the text begin with a word that is for several cases of a family?"""
    words = any_name("all", "parent", "unparent")
    line = rf"^[\W_]*(?:{re.escape(tag)}-\d+[\W_]+)?(?:{words})\b"
    return re.search(line, text, re.IGNORECASE | re.MULTILINE) is not None
