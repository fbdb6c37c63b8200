"""What is wrong with something that a person wrote, said so that they can mend it: all faults at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault in one place."""

    #: The file, as the person would name it.
    file: str
    #: The key, row or line in it, such as `relay.port` or `line 7`; may be empty.
    key: str
    #: What is wrong, and what would be right.
    wrong: str

    def __str__(self) -> str:
        """Return the one line that is shown."""
        return ": ".join(part for part in (self.file, self.key, self.wrong) if part)


class Faults(Exception):
    """Something cannot be used as it is written. Its text has one line per fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order in which they were found."""
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
