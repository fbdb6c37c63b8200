"""The catalogues are complete: every sentence of the templates and the rules is there in every language.

Where this fails after a new sentence: `make messages`, then fill in what is empty in each `mailbot/locale/*.po`.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from mailbot.notices.language import CATALOGUES

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "es", "et", "fr")
#: The functions whose first argument is a sentence, as the Makefile says them to `pybabel`.
KEYWORDS = {
    "say": None, "gettext": None, "_": None, "ngettext": (1, 2), "counted": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
PLACE = re.compile(r"%\(\w+\)s")
HOW = "run `make messages`, then fill in what is empty in each mailbot/locale/*.po (docs/notices.md, Languages)"


@cache
def written() -> Catalog:
    """What stands in the templates and the rules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(one["pattern"].removeprefix("mailbot/"), one["method"]) for one in settings]
    options = {
        one["pattern"].removeprefix("mailbot/"): {key: one[key] for key in one if key not in ("pattern", "method")}
        for one in settings
    }
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(ROOT / "mailbot", methods, options, KEYWORDS):
        found.add(message, context=context)
    return found


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as lines:
        return read_po(lines, locale=language)


def messages(language: str) -> Iterator[tuple[Message, Message | None]]:
    """Each message as it is written, beside the catalogue's."""
    known = catalogue(language)
    for message in written():
        if message.id:
            yield message, known.get(first(message.id), message.context)


def first(said: str | list[str] | tuple[str, ...]) -> str:
    return said if isinstance(said, str) else said[0]


def forms(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_there_is_a_catalogue_for_each_language():
    assert sorted(file.stem for file in CATALOGUES.glob("*.po")) == list(LANGUAGES)
    assert len(list(written())) > 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str):
    missing = [first(said.id) for said, known in messages(language) if known is None or not all(forms(known.string))]
    assert missing == [], f"{language}: {len(missing)} sentences are missing; {HOW}"
    unsure = [first(known.id) for _, known in messages(language) if known and known.fuzzy]
    assert unsure == [], f"{language}: a translation is marked fuzzy; look at it and take the mark away"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_no_sentence_that_nobody_says_any_more(language: str):
    said = {(first(one.id), one.context) for one in written()}
    gone = [one.id for one in catalogue(language) if one.id and (first(one.id), one.context) not in said]
    assert gone == [], f"{language}: {HOW}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_sentence_and_no_markup(language: str):
    for said, known in messages(language):
        for form in forms(known.string) if known else ():
            assert set(PLACE.findall(form)) == set(PLACE.findall(forms(said.id)[-1])), form
            assert "%" not in PLACE.sub("", form), form
            assert not set("<>&\n") & set(form), f"{form!r}: a sentence stands in HTML as it is"
            assert form == form.strip(), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_forms_of_the_language(language: str):
    known = catalogue(language)
    for message in known:
        if message.pluralizable:
            assert len(forms(message.string)) == known.num_plurals, message.id


def test_french_keeps_its_signs_from_standing_alone_on_a_line():
    for message in catalogue("fr"):
        for form in forms(message.string) if message.id else ():
            assert re.search(r" [:;?!»]|« ", form) is None, f"{form}: write a no-break space there"


@pytest.mark.parametrize(
    ("language", "rude"),
    [
        pytest.param("de", r"\b(du|dein\w*|dir|dich|ihr seid|euch)\b", id="german-says-Sie"),
        pytest.param("fr", r"\b(tu|ton|ta|tes|toi)\b", id="french-says-vous"),
        pytest.param("es", r"\b(tú|tu|tus|contigo|puedes|tienes|vosotros)\b", id="spanish-says-usted"),
        pytest.param("et", r"\b(sina|sinu|sul|sulle|sa)\b", id="estonian-says-teie"),
    ],
)
def test_every_sentence_is_polite(language: str, rude: str):
    said = [form for message in catalogue(language) if message.id for form in forms(message.string)]
    assert [form for form in said if re.search(rude, form)] == []
