"""Reading a process file: TOML to `mailbot.process.Process`, with every fault in it said at once.

Pydantic checks each key by itself; `cross_faults` checks what the keys say of each other.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from mailbot.faults import Fault, Faults
from mailbot.process import Process, flows, names, promises, reach, wording
from mailbot.toml_text import toml


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
    if "version" in data:
        wrong = "is not yours to write: mailbot enters it itself, from the whole file; remove the key"
        raise Faults([Fault(file=file, key="version", wrong=wrong)])
    try:
        process = Process.model_validate({**data, "version": hashlib.sha256(raw).hexdigest()})
    except ValidationError as error:
        details = error.errors(include_url=False)
        said = ((wording.key(data, e["loc"]), wording.wrong(dict(e))) for e in details)
        raise Faults(Fault(file=file, key=key, wrong=wrong) for key, wrong in said) from None
    if found := [Fault(file=file, key=key, wrong=wrong) for key, wrong in cross_faults(process)]:
        raise Faults(found)
    return process


def cross_faults(process: Process) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) for names that the process uses and does not have, and for what cannot work."""
    for check in (*names.CHECKS, *reach.CHECKS, *flows.CHECKS, *promises.CHECKS):
        yield from check(process)


def doubts(process: Process) -> Iterator[tuple[str, str]]:
    """Yield (key, what is probably not meant): it works all the same."""
    yield from promises.falling_back(process)
    yield from flows.bypassed(process)
