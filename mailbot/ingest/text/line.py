"""A line of a mail's text, and what is known about it before anybody looks at its words."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """What the containers of an HTML mail say about a line."""

    NONE = 0
    #: It stands in what a mail program put there as the quote.
    QUOTE = 1
    #: It stands in what a mail program put there as the signature.
    SIGNATURE = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of shown text."""

    text: str
    mark: Mark = Mark.NONE
    #: How many block quotes of an HTML mail it stands in; a plain text's `>` are still in `text`.
    depth: int = 0
    #: Perhaps a reader does not see all of it: its styles are not understood, or differ from reader to reader.
    doubted: bool = False

    @property
    def shown(self) -> str:
        """The line as plain text shows it."""
        return "> " * min(self.depth, 10) + self.text if self.depth else self.text


def plain(text: str) -> tuple[Line, ...]:
    """The lines of a plain text."""
    return tuple(Line(line.rstrip()) for line in text.split("\n"))
