"""The receipt: one transcript of what a mail asked for, line by line, to its author only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailbot.decision import MailArrived, Notice
from mailbot.rules.case.draft import Draft
from mailbot.rules.notice import notices
from mailbot.rules.reading.word import Refused
from mailbot.rules.spoken import No, Outcome
from mailbot.sentence import Sentence

TEMPLATE = "command_result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript."""

    line: str
    ok: bool
    said: Sentence
    undo: str = ""

    def plain(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"line": self.line, "ok": self.ok, "said": self.said, "undo": self.undo}


def line_of(line: str, outcome: Outcome) -> Line:
    """Return the transcript of one command that ran, or did not."""
    if isinstance(outcome, No):
        return Line(line=line, ok=False, said=outcome.reason)
    return Line(line=line, ok=True, said=outcome.said, undo=outcome.undo)


def lines_of(refused: Sequence[Refused]) -> tuple[Line, ...]:
    """Return the transcript of lines that could not be commands."""
    return tuple(Line(line=r.line, ok=False, said=r.reason) for r in refused)


def send(
    draft: Draft,
    to: str,
    cause: MailArrived,
    lines: Sequence[Line],
    *,
    text: str = "",
    more: Mapping[str, object] | None = None,
) -> None:
    """Tell the author of a mail what became of each line; `text` is what goes back to them because nobody got it."""
    data = {"lines": [line.plain() for line in lines], "refused": any(not line.ok for line in lines), "text": text}
    notices.to_sender(draft, TEMPLATE, to, cause, data={**data, "clicked": bool(cause.clicked), **(more or {})})


def is_to(notice: Notice, author: str) -> bool:
    """Is the notice the receipt of this author?"""
    return (notice.to, notice.template) == (author, TEMPLATE)
