"""Measures how customers' sentences in a file are read: `python -m tests.rules.reading.measure_sentences FILE`.

The file has `[[sentence]]` tables of `language`, `meaning` and `text`. A sentence is read as meant when that is what it
means or, where that is not clear enough to act on, what it seems to mean. A wrong close is one that says something else
than that all is good or a wish to close, and would close a resolved case. An all-clear of more than sixty characters
must not close (`semantics.md` 11), so one that closes nothing is read as meant.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailbot.process import Process
from mailbot.process.file import load_process
from mailbot.rules.reading.phrases import ALL_CLEAR_LENGTH, Meaning, understand
from mailbot.shipped import shipped

MEANINGS = {
    "all-clear": Meaning.ALL_CLEAR,
    "close": Meaning.CLOSE,
    "thanks": Meaning.THANKS,
    "promise": Meaning.PROMISE,
    "objection": Meaning.OBJECTION,
    "escalation": Meaning.ESCALATION,
    "answer": Meaning.OTHER,
}
CLOSES = (Meaning.ALL_CLEAR, Meaning.CLOSE)


@dataclass(frozen=True)
class Measured:
    """One sentence: what it is meant as, and as what it is read."""

    language: str
    text: str
    meant: Meaning
    read: Meaning
    acted: Meaning

    @property
    def right(self) -> bool:
        if self.meant is Meaning.ALL_CLEAR and len(self.text) > ALL_CLEAR_LENGTH:
            return self.acted not in CLOSES
        return self.read is self.meant

    @property
    def wrong_close(self) -> bool:
        return self.acted in CLOSES and self.meant not in CLOSES


def measured(file: Path, process: Process) -> list[Measured]:
    """Read every sentence of the file. Raises KeyError for a meaning that is none."""
    found = []
    for one in tomllib.loads(file.read_text(encoding="utf-8"))["sentence"]:
        text = one["text"].strip()
        says = understand(text, process)
        meant, read = MEANINGS[one["meaning"]], says.seems or says.meaning
        found.append(Measured(one["language"], text, meant, read, says.meaning))
    return found


def said(all_of_them: list[Measured]) -> Iterator[str]:
    """Say which were not read as meant, and how many were, by language and in all."""
    for one in all_of_them:
        if not one.right or one.wrong_close:
            wrong = "WRONG CLOSE, " if one.wrong_close else ""
            yield f"{one.language}: {wrong}{one.meant} read as {one.read}: {one.text!r}"
    total, right = Counter(o.language for o in all_of_them), Counter(o.language for o in all_of_them if o.right)
    for language, count in [*total.items(), ("all", total.total())]:
        good = right[language] if language in right else right.total()
        yield f"{language}: {good} of {count} as meant, {good / count:.1%}"
    yield f"wrong closes: {sum(one.wrong_close for one in all_of_them)}"


if __name__ == "__main__":
    process = load_process(shipped("processes/modera.toml"))
    sys.stdout.writelines(f"{line}\n" for line in said(measured(Path(sys.argv[1]), process)))
