"""The process in which an operator's templates run, under limits: `python -m mailbot.notices.render_child FOLDER`.

Reads questions as lines of JSON, answers each with one line, ends with its standard input. Opens no file but templates.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from mailbot.notices.render import describe, draw, output
from mailbot.notices.render_sandbox import Shelf, operators

#: Bytes of address space; a notice needs a hundredth of it.
MEMORY = 512 * 1024 * 1024


def confine() -> None:
    """Give up what a template does not need: much memory, writing files, starting processes."""
    for limit, wanted in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        # What is tighter already stays so: nobody but root may raise it.
        _, hard = resource.getrlimit(limit)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(limit, (most, most))


def answer(sandbox_folder: Path) -> None:
    """Answer until nobody asks any more."""
    shelf = operators(sandbox_folder)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        try:
            said = _said(shelf, question)
        except Exception as fault:  # noqa: BLE001 - whatever the template did is the answer
            said = {"fault": describe(fault)}
        sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
        sys.stdout.buffer.flush()


def _said(shelf: Shelf, question: dict[str, Any]) -> dict[str, str]:
    """Render a notice, or the one file that was asked for."""
    if "file" in question:
        file = question["file"]
        return {"text": output(shelf.sandbox(file.partition("/")[0]).get_template(file), question["values"])}
    drawn = draw(shelf, question["template"], question["language"], question["values"])
    return {"subject": drawn.subject, "text": drawn.text, "html": drawn.html}


if __name__ == "__main__":
    confine()
    answer(Path(sys.argv[1]))
