"""How values are told to the reader of a letter: in their language, on their clock, no longer than it can hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

from mailbot.notices.language import Language
from mailbot.rules.reading import tongues

#: Octets that a text of somebody's takes in the HTML of a letter at most: with all around it, it stays under what a
#: template may give.
LONGEST_WORDS = 100_000
#: What a line end costs there.
_LINE_END = 6
#: Values that are a day, written as ISO 8601 has it.
_DAYS = frozenset({"until", "last_day"})


@dataclass(frozen=True, slots=True)
class Reader:
    """How the one who gets a letter is told things."""

    language: Language
    zone: ZoneInfo
    #: The languages in which the desk takes command words.
    taken: tuple[str, ...]
    #: Is it one of us? No customer is told how the team arranges its work.
    is_member: bool

    def instant(self, instant: datetime) -> str:
        """Return an instant as it is on the reader's clock."""
        return self.language.instant(instant.astimezone(self.zone))


def told_to(value: object, reader: Reader) -> object:
    """Return a value in the reader's language: an instant alone is a date to them, and a text has an end."""
    if isinstance(value, Mapping):
        values = {key: told_to(item, reader) for key, item in value.items()}
        for key in (key for key in _DAYS & value.keys() if value[key]):
            values[key] = reader.language.day(date.fromisoformat(str(value[key])))
        if isinstance(written := value.get("usage"), str):
            values["usage"] = tongues.usage(written, reader.language.tag, reader.taken)
        return values
    if isinstance(value, list | tuple):
        return [told_to(item, reader) for item in value]
    if isinstance(value, datetime):
        return reader.language.day(value.astimezone(reader.zone))
    told = reader.language.told(value)
    return bounded(told, reader.language) if isinstance(told, str) else told


def bounded(words: str, language: Language) -> str:
    """Leave out the end of a text that no letter can hold, and say so; all of it stays in the case and in the mail."""
    if len(words) * _LINE_END <= LONGEST_WORDS:
        return words
    left, kept = LONGEST_WORDS, []
    lines = words.split("\n")
    for line in lines:
        left -= len(escape(line).encode("utf-8", "replace")) + _LINE_END
        if left < 0:
            break
        kept.append(line)
    if len(kept) == len(lines):
        return words
    count = len(lines) - len(kept)
    more = language.counted(
        "[The text goes on: %(count)s more line, kept with the mail.]",
        "[The text goes on: %(count)s more lines, kept with the mail.]",
        count,
    )
    return "\n".join([*kept, "", more])
