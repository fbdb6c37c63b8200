"""The languages of notices: sentences by gettext's catalogues, dates, amounts and plurals by Babel (CLDR).

English is the language of the templates and the rules; each other one has a catalogue, `mailbot/locale/de.po`, which is
read as it is written: nothing has to be compiled before a start. What a catalogue lacks is said in English.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from mailbot.amount import Amount, Target, Unit
from mailbot.sentence import Counted, Sentence
from mailbot.shipped import PACKAGE

#: Where the catalogues lie: one file for each language but English.
CATALOGUES = PACKAGE / "locale"
#: The language of the sentences as they stand in the templates and the rules.
ENGLISH = "en"

#: How a day is written; CLDR's own long form where the language is not named here.
_DAYS = {"en": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y"}
_UNITS = {Unit.MINUTES: "duration-minute", Unit.HOURS: "duration-hour", Unit.DAYS: "duration-day"}


@cache
def catalogued() -> tuple[str, ...]:
    """Return the languages that have every sentence, English first."""
    return (ENGLISH, *sorted(file.stem for file in CATALOGUES.glob("*.po")))


@lru_cache(maxsize=64)
def catalogue(tag: str) -> NullTranslations:
    """Return the sentences of a language; those of English are the messages themselves."""
    file = CATALOGUES / f"{tag}.po"
    if tag not in catalogued() or tag == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=tag))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=64)
def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(ENGLISH)


@lru_cache(maxsize=1024)
def _day(day: date, locale: Locale) -> str:
    """Return a day; a desk writes the same few over and over, and CLDR's patterns are read anew each time."""
    return format_date(day, _DAYS.get(locale.language, "full"), locale=locale)


@lru_cache(maxsize=1024)
def _unit(number: int, unit: str, locale: Locale) -> str:
    """Return so many days, hours, minutes or seconds."""
    return str(format_unit(number, f"duration-{unit}", "long", locale=locale))


class Language:
    """How one reader is told things: a language, and the sentences and forms that it has."""

    def __init__(self, tag: str) -> None:
        """`tag` is a language such as `de`; one without a catalogue has dates of its own and English sentences."""
        self.tag = tag
        self.sentences = catalogue(tag)
        self._locale = _locale(tag)

    def told(self, value: object) -> object:
        """Return a plain value in this language: sentences, instants, days, lengths of time, and what holds them."""
        if isinstance(value, Sentence):
            return self.sentence(value)
        if isinstance(value, Mapping):
            return {key: self.told(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.told(item) for item in value]
        if isinstance(value, timedelta):
            return self.service(value) if isinstance(value, Counted) else self.duration(value)
        if isinstance(value, date):
            return self.instant(value) if isinstance(value, datetime) else self.day(value)
        return self.target(value) if isinstance(value, Target) else value

    def sentence(self, sentence: Sentence) -> str:
        """Return a sentence in this language."""
        said = self.sentences.gettext(sentence.message)
        if not sentence.values:
            return said
        values = {name: self.told(value) for name, value in sentence.values.items()}
        return said % values

    def counted(self, one: str, many: str, count: int) -> str:
        """Return a sentence of a number of things, `%(count)s`, in the form that the number asks for."""
        return self.sentences.ngettext(one, many, count) % {"count": self._number(count)}

    def instant(self, there: datetime) -> str:
        """Return an instant, given in its reader's zone, with the day of the week."""
        hour = format_datetime(there, "HH:mm", locale=self._locale)
        return f"{self.day(there)}, {hour} ({there.tzname()})"

    def day(self, there: date) -> str:
        """Return a day with its day of the week; an instant's day is that of the zone it is given in."""
        return _day(there.date() if isinstance(there, datetime) else there, self._locale)

    def duration(self, amount: timedelta) -> str:
        """Return an amount of time in days, hours and minutes, the two greatest."""
        minutes = max(0, round(amount.total_seconds() / 60))
        parts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
        return " ".join(self._counted(parts)[:2]) or self.sentences.gettext("less than a minute")

    def service(self, amount: timedelta) -> str:
        """Return an amount of counted time in hours, minutes and seconds: a day of service is none of the calendar."""
        seconds = max(0, int(amount.total_seconds()))
        parts = {"hour": seconds // 3600, "minute": seconds // 60 % 60, "second": seconds % 60}
        return " ".join(self._counted(parts)) or self.sentences.gettext("nothing")

    def target(self, target: Target) -> str:
        """Return what a clock is measured against."""
        if target.upper is None:
            gettext = self.sentences.gettext
            return {"best effort": gettext("best effort"), "at discretion": gettext("at discretion")}[target.words]
        if target.lower is None:
            return self._amount(target.upper)
        values = {"lower": self._number(target.lower.number), "upper": self._amount(target.upper)}
        return self.sentences.gettext("%(lower)s to %(upper)s") % values

    def size(self, octets: int) -> str:
        """Return the size of an attachment, in the decimal units in which mail programs show it."""
        for unit, power in (("gigabyte", 3), ("megabyte", 2), ("kilobyte", 1)):
            if octets >= 1000**power:
                return str(format_unit(round(octets / 1000**power, 1), unit, "short", locale=self._locale))
        return str(format_unit(octets, "byte", "long", locale=self._locale))

    def listed(self, items: list[str]) -> str:
        """Return things in a row: `one, two and three`."""
        return format_list([str(item) for item in items], locale=self._locale)

    def _counted(self, parts: Mapping[str, int]) -> list[str]:
        return [_unit(n, unit, self._locale) for unit, n in parts.items() if n]

    def _amount(self, amount: Amount) -> str:
        if amount.unit is Unit.BUSINESS_DAYS:
            whole = int(amount.number) if amount.number == int(amount.number) else 2
            said = self.sentences.ngettext("%(count)s business day", "%(count)s business days", whole)
            return said % {"count": self._number(amount.number)}
        return str(format_unit(amount.number, _UNITS[amount.unit], "long", locale=self._locale))

    def _number(self, number: float) -> str:
        return format_decimal(number, locale=self._locale)
