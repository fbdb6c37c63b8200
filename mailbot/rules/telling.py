"""How instants and lengths of time are told to people, in the reader's zone, and sentences that hold them.

In English: a notice says them in its reader's language (`mailbot.notices.language`).
"""

from datetime import date, datetime, timedelta

from mailbot.sentence import Counted, Sentence


def say(message: str, **values: object) -> Sentence:
    """Make a sentence for a person, with its values in their places: `say("the case is %(status)s", status="Open")`.

    The message is what the catalogues of languages know, so it stands here as it is and is never put together. A value
    is a text, a number, an instant in its reader's zone, a day, a length of time, or another sentence.
    """
    return Sentence(
        message % {name: _english(value) for name, value in values.items()} if values else message, message, values
    )


def _english(value: object) -> object:
    if isinstance(value, timedelta):
        return service(value) if isinstance(value, Counted) else duration(value)
    if isinstance(value, datetime):
        return f"{dated(value)}, {value:%H:%M} ({value.tzname()})"
    return dated(value) if isinstance(value, date) else value


def dated(there: date) -> str:
    """Return a day with its day of the week."""
    return f"{there:%A} {there.day} {there:%B %Y}"


def duration(amount: timedelta) -> str:
    """Return an amount of time in days, hours and minutes, the two greatest."""
    minutes = max(0, round(amount.total_seconds() / 60))
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    return " ".join(_said(parts)[:2]) or "less than a minute"


def service(amount: timedelta) -> str:
    """Return an amount of counted time in hours, minutes and seconds: a day of service is no day of the calendar."""
    seconds = max(0, int(amount.total_seconds()))
    parts = [(seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")]
    return " ".join(_said(parts)) or "nothing"


def _said(parts: list[tuple[int, str]]) -> list[str]:
    return [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
