"""Do the words beside a command of a customer's speak against it? `confirm`, and below it that nothing works."""

from collections.abc import Iterable

from mailbot.process import Process
from mailbot.process.phrase import SAD
from mailbot.rules.reading.clauses import lists
from mailbot.rules.reading.phrases import Meaning, heard, understand

#: What nobody says beside a yes.
_AGAINST = (Meaning.OBJECTION, Meaning.ESCALATION)


def speaks_against(text: str, process: Process, names: Iterable[str] = (), *, asks: bool = False) -> bool:
    """Say whether a text speaks, or could speak, against a yes: by an objection, a condition or a reserve.

    `asks`: does a question do so as well?
    """
    names = tuple(names)
    if understand(text, process, names).meaning in _AGAINST:
        return True
    known = lists(tuple(process.phrases.values()))
    said = heard(text, known, names)
    harmless = said.covered(known.thanks, known.courtesy, known.all_clear, known.beside, known.close, known.promise)
    sad = {n for n, word in enumerate(said.words) if word == SAD}
    questions = {n for n in said.said() if said.asks(n)} if asks else set()
    against = said.negations | said.suppositions | said.bad | said.covered(known.reserve) | sad | questions
    return bool(against - harmless)
