"""Canned answers: the operator's texts for `use NAME`, in a folder per language, `answers/en/NAME.txt.j2`.

Templates as those of notices are, and confined as they are, but with four values: `customer`, `case`, `subject` and
`agent`, all strings, each maybe empty. One with a fault is never sent: the agent hears that it cannot be made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mailbot.facts import ANSWER_NAME
from mailbot.notices.language import ENGLISH
from mailbot.notices.render import ignore
from mailbot.notices.render_confined import Confined, TemplateFault
from mailbot.notices.render_sandbox import LANGUAGE_TAG, is_english, languages

SUFFIX = ".txt.j2"
#: The values with which `mailbot check` tries each answer: an ordinary day, and a customer whom nobody knows.
SAMPLES: tuple[Mapping[str, str], ...] = (
    {"customer": "Anna Berg", "case": "HD-12", "subject": "The printer in room 4", "agent": "Kim Agent"},
    {"customer": "", "case": "HD-12", "subject": "", "agent": ""},
)
#: Characters of its first line by which an answer is shown in a list.
_TITLE = 80
_MARK = "##-"


class AnswersFolder:
    """Renders canned answers out of the operator's folder (`mailbot.ports.CannedAnswers`)."""

    def __init__(self, folder: Path, alarm: Callable[[str], None] = ignore) -> None:
        """`folder` may be missing: then there are no answers; `alarm` hears of each that is asked for in vain."""
        self._folder = folder
        self._alarm = alarm
        self._confined = Confined(folder)

    def titles(self) -> Mapping[str, str]:
        """Return the names of all, and how each begins, as it is written in the first language that has it."""
        found: dict[str, str] = {}
        for file in self._files():
            name = file.name.removesuffix(SUFFIX)
            if ANSWER_NAME.fullmatch(name) and name not in found:
                lines = filter(str.strip, file.read_text(encoding="utf-8", errors="replace").split("\n"))
                found[name] = next(lines, "").strip()[:_TITLE]
        return found

    def text(self, name: str, languages_: Sequence[str], values: Mapping[str, str]) -> str:
        """Return the text in the first of the languages that has it; "" with an alarm where it has a fault."""
        try:
            return self._made(self._nearest(name, languages_), values)
        except TemplateFault as fault:
            self._alarm(f"answer {name}: {fault}")
            return ""

    def check(self) -> list[str]:
        """Return every fault, a line each: names that no mail can say, answers that do not render or say nothing."""
        strays = [file for file in sorted(self._folder.rglob("*")) if file.is_file() and not _is_answer(file)]
        wrong = f"an answer is called NAME{SUFFIX}, with a NAME of lower-case letters, digits and hyphens"
        return [*(f"{file}: {wrong}, in a folder per language" for file in strays), *self._faults()]

    def close(self) -> None:
        """End the process in which the answers are rendered."""
        self._confined.close()

    def _faults(self) -> Iterator[str]:
        for file in filter(_is_answer, self._files()):
            for values in SAMPLES:
                try:
                    text = self._made(file, values)
                except TemplateFault as fault:
                    yield f"{file}: {fault}"
                    break
                if not text or _MARK in text:
                    yield f"{file}: " + ("gives no text" if not text else f"holds the marker {_MARK} of our notices")
                    break

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*/*{SUFFIX}"))

    def _nearest(self, name: str, languages_: Sequence[str]) -> Path:
        """Return the file of an answer: of the languages in their order, of any other where none of them has it."""
        files = {file.parent.name.lower(): file for file in self._files() if file.name == name + SUFFIX}
        order = [tag for language in languages_ for tag in _tags(language)]
        tag = next((tag for tag in (*order, ENGLISH, *files) if tag in files), None)
        if tag is None:
            raise TemplateFault("there is no such answer")
        return files[tag]

    def _made(self, file: Path, values: Mapping[str, str]) -> str:
        return self._confined.write(f"{file.parent.name}/{file.name}", values)


def _tags(language: str) -> tuple[str, ...]:
    """Return the tags to try for a language, nearest first: English only where it is asked for."""
    tags = languages(language)
    return tags if is_english(language) else tags[:-1]


def _is_answer(file: Path) -> bool:
    named = file.name.endswith(SUFFIX) and ANSWER_NAME.fullmatch(file.name.removesuffix(SUFFIX))
    return bool(named and LANGUAGE_TAG.fullmatch(file.parent.name))
