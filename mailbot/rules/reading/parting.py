"""A wish to hear no more of a case, in the words of mailing lists: `unsubscribe`, `please remove me`."""

from collections.abc import Iterable

from mailbot.process import Process
from mailbot.rules.reading.clauses import lists
from mailbot.rules.reading.phrases import SHORT, heard


def wants_to_leave(text: str, process: Process, names: Iterable[str] = ()) -> bool:
    """Say whether the text is such a wish, and nothing beside it but courtesy and thanks."""
    if len(text) > SHORT:
        return False
    known = lists(tuple(process.phrases.values()))
    said = heard(text, known, names)
    leaving = said.covered(known.leave)
    beside = frozenset(said.said()) - said.names - said.covered(known.courtesy, known.thanks)
    return bool(leaving) and not beside - leaving
