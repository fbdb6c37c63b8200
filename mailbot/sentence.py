"""Sentences of mailbot's own in the making: English where nobody asks, another language where its reader is known.

The rules say things before it is known who reads them, and in which language: a receipt goes to one person, a log to
another. So a sentence keeps what it was made of beside its English words.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal, Self


class Counted(timedelta):
    """Time that was counted in service hours: it is told in hours, since a day of service is none of the calendar."""


class Sentence(str):
    """English words that can be said in another language: the message of the catalogues, and its values."""

    __slots__ = ("message", "values")

    #: As the catalogues know it: `the case is with %(who)s`.
    message: str
    #: What stands in its places: texts, numbers, instants, lengths of time, other sentences.
    values: Mapping[str, object]

    def __new__(cls, english: str, message: str, values: Mapping[str, object]) -> Self:
        """Keep beside the English words what they were made of."""
        sentence = super().__new__(cls, english)
        sentence.message, sentence.values = message, MappingProxyType(dict(values))
        return sentence


def kept_sentence(english: str, message: str, values: Mapping[str, str]) -> "Reason":
    """Return a sentence that was kept as its English words, its message and its values; "" where there was none.

    Of what was kept before messages were, only the English words are known.
    """
    return Sentence(english, message or english, values) if english else ""


#: Why something cannot be, for whoever asked for it; "" where nothing is in the way.
Reason = Sentence | Literal[""]
