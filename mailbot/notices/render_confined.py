"""The near side of the process in which an operator's templates run: asks, waits a bounded time, ends it.

The sandbox keeps a template from every object, but not from the processor and the memory: loops within loops, or a text
doubled forty times, cannot be stopped from inside the same process. So they are stopped from here.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import weakref
from collections.abc import Mapping
from pathlib import Path

from mailbot.ports import Rendered
from mailbot.shipped import PACKAGE

#: Seconds that one notice may take; and the first one, with the start of the process on a busy machine.
PATIENCE, PATIENCE_AT_START = 2.0, 20.0


#: Notices of one process; it inherits a limit of processor time that is meant for a mail, and must not wear it out.
NOTICES = 500


class TemplateFault(Exception):
    """An operator's template did not give a notice; says why in one line."""


class TemplateEndless(TemplateFault):
    """A template took all the time there is; it would again."""


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and take its pipes down."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        # A question that could not be asked is still in the pipe's buffer, and nobody is there to take it.
        with contextlib.suppress(OSError):
            assert pipe is not None
            pipe.close()
    process.wait()


class Confined:
    """A process of its own for the templates of one folder; started when first asked, anew after it was ended."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the operator's."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        #: Notices that were asked of the process.
        self._drawn = 0
        self._ending: weakref.finalize[..., Confined] | None = None

    def draw(self, template: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Render one notice there. Raises TemplateFault."""
        answer = self._answered({"template": template, "language": language, "values": values})
        return Rendered(subject=answer["subject"], text=answer["text"], html=answer["html"])

    def write(self, file: str, values: Mapping[str, str]) -> str:
        """Render one text by a file of the folder, without outer blank lines. Raises TemplateFault."""
        return self._answered({"file": file, "values": values})["text"].strip("\n")

    def _answered(self, question: Mapping[str, object]) -> dict[str, str]:
        """Have a question answered, by a new process where the old one is worn out. Raises TemplateFault."""
        if self._drawn >= NOTICES:
            self.close()
        self._drawn += 1
        patience = PATIENCE if self._process else PATIENCE_AT_START
        try:
            answer = self._asked(question, patience)
        except TemplateFault:
            self.close()
            raise
        if "fault" in answer:
            raise TemplateFault(answer["fault"])
        return answer

    def close(self) -> None:
        """End the process; the next notice starts another."""
        if self._ending is not None:
            self._ending()
        self._process = self._ending = None
        self._drawn = 0

    def _asked(self, question: Mapping[str, object], patience: float) -> dict[str, str]:
        process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
        except OSError as gone:
            raise TemplateFault("the process for templates has ended") from gone
        answer = b""
        # The answer is written at once when it is complete: waiting between its pieces is short.
        while not answer.endswith(b"\n"):
            if not select.select([process.stdout], [], [], patience)[0]:
                raise TemplateEndless(f"took longer than {patience:.0f} seconds")
            piece = os.read(process.stdout.fileno(), 1 << 20)
            if not piece:
                raise TemplateFault("the process for templates has ended, for want of memory or for a crash")
            answer += piece
        read: dict[str, str] = json.loads(answer)
        return read

    def _started(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "mailbot.notices.render_child", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of our environment but where the packages are, however this process came to find them.
            env={"PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGE.parent), *sys.path))), "LC_ALL": "C.UTF-8"},
        )
        self._ending = weakref.finalize(self, end, self._process)
        return self._process
