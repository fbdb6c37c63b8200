"""Reading a process file: TOML to `mailbot.process.Process`, with every fault in it said at once.

Pydantic checks each key by itself; `cross_faults` checks what the keys say of each other.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from mailbot.faults import Fault, Faults
from mailbot.process import Phrases, Process, flows, names, promises, reach, wording
from mailbot.process.mail import LANGUAGES
from mailbot.process.part import ENTERED
from mailbot.toml_text import toml

#: What was learnt from customers' sentences (`mailbot.rules.reading.impression`).
LEARNT = Path(__file__).with_name("phrases") / "impressions.bin"


def load_process(path: Path) -> Process:
    """Read and check a process file. Raises Faults with every fault in it; OSError if it cannot be read."""
    return _read(path.read_bytes(), str(path))


def earlier(text: str | None) -> Process | None:
    """Read a process that was in use before; None where there was none, or it does not pass for one any more."""
    try:
        return _read(text.encode(), "") if text else None
    except Faults:
        return None


def _read(raw: bytes, file: str) -> Process:
    """Read and check what a process file holds. Raises Faults."""
    try:
        data = toml(raw)
    except ValueError as error:
        raise Faults([Fault(file=file, key="", wrong=str(error))]) from None
    wrong = "is not yours to write: mailbot enters it itself; remove the key"
    if entered := [Fault(file=file, key=key, wrong=wrong) for key in ENTERED if key in data]:
        raise Faults(entered)
    try:
        process = Process.model_validate({**data, "version": hashlib.sha256(raw).hexdigest()})
    except ValidationError as error:
        details = error.errors(include_url=False)
        said = ((wording.key(data, e["loc"]), wording.wrong(dict(e), Process)) for e in details)
        raise Faults(Fault(file=file, key=key, wrong=wrong) for key, wrong in said) from None
    if found := [Fault(file=file, key=key, wrong=wrong) for key, wrong in cross_faults(process)]:
        raise Faults(found)
    learnt = _learnt() if process.understands or not process.phrases else b""
    return process.model_copy(update={"phrases": _with_shipped(process), "learnt": learnt})


def _with_shipped(process: Process) -> dict[str, Phrases]:
    """Return the process's own phrases, and those shipped that it wants: all, where it says nothing of phrases."""
    phrases = dict(process.phrases)
    for language in process.understands or (() if phrases else LANGUAGES):
        own, known = phrases.get(language, Phrases()), shipped_phrases(language)
        both = {key: (*getattr(known, key), *getattr(own, key)) for key in Phrases.model_fields}
        phrases[language] = Phrases.model_validate(both)
    return phrases


@cache
def _learnt() -> bytes:
    return LEARNT.read_bytes()


@cache
def shipped_phrases(language: str) -> Phrases:
    """Return what customers write in a language, its `{names}` of lists of words replaced by one of these words."""
    data = toml(Path(__file__).with_name("phrases").joinpath(f"{language}.toml").read_bytes())
    words: dict[str, list[str]] = data["words"]
    for name, ways in words.items():
        words[name] = [_filled(way, words) for way in ways]
    lists: dict[str, list[str]] = data["lists"]
    return Phrases.model_validate({key: [_filled(phrase, words) for phrase in lists[key]] for key in lists})


def _filled(phrase: str, words: dict[str, list[str]]) -> str:
    """Return the phrase on one line, the lists of words that it names written out."""
    return re.sub(r"\{(\w+)\}", lambda name: f"({'|'.join(words[name[1]])})", " ".join(phrase.split()))


def cross_faults(process: Process) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) for names that the process uses and does not have, and for what cannot work."""
    for check in (*names.CHECKS, *reach.CHECKS, *flows.CHECKS, *promises.CHECKS):
        yield from check(process)


def doubts(process: Process) -> Iterator[tuple[str, str]]:
    """Yield (key, what is probably not meant): it works all the same."""
    yield from promises.falling_back(process)
    yield from flows.bypassed(process)
