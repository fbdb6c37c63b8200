"""Notices in the reader's language: every sentence is there, dates and plurals are the language's own."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailbot.amount import target
from mailbot.notices.language import Language, catalogued
from mailbot.notices.render import TemplateRenderer
from mailbot.notices.render_day import CUSTOMER, MEMBER
from mailbot.notices.render_sample import PLANS, sample
from mailbot.rules.telling import duration, say, service

RENDERER = TemplateRenderer()
OTHERS = [tag for tag in catalogued() if tag != "en"]
TALLINN = ZoneInfo("Europe/Tallinn")
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC).astimezone(TALLINN)


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("tag", OTHERS)
def test_a_notice_is_in_one_language_and_says_the_same_in_text_and_html(tag: str, name: str):
    english = RENDERER.render(name, "en", sample(name))
    made = RENDERER.render(name, tag, sample(name))
    assert f'<html lang="{tag}">' in made.html
    assert made.text.splitlines()[0] != english.text.splitlines()[0]
    assert made.text.splitlines()[0].startswith("##- ")
    assert made.text == made.text.strip() + "\n"
    assert "\n\n\n\n" not in made.text
    shown = re.sub(r"<[^>]*>", " ", made.html)
    missing = set(re.findall(r"\w{4,}", made.text)) - set(re.findall(r"\w{4,}", shown))
    assert missing == set()


@pytest.mark.parametrize("tag", OTHERS)
def test_no_notice_of_another_language_has_an_english_sentence_of_ours(tag: str):
    ours = {
        "Kind regards",
        "Hello",
        "answer this mail",
        "Write above",
        "stays inside",
        "your case",
        "Priority:",
        "With:",
    }
    for name in PLANS:
        for person in (CUSTOMER, MEMBER):
            made = RENDERER.render(name, tag, sample(name, person=person))
            assert [words for words in ours if words in made.text + made.html] == []


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        pytest.param("en", "Monday 2 March 2026, 12:00 (EET)", id="english"),
        pytest.param("de", "Montag, 2. März 2026, 12:00 (EET)", id="german"),
        pytest.param("et", "esmaspäev, 2. märts 2026, 12:00 (EET)", id="estonian"),
        pytest.param("fr", "lundi 2 mars 2026, 12:00 (EET)", id="french"),
        pytest.param("es", "lunes 2 de marzo de 2026, 12:00 (EET)", id="spanish"),
        pytest.param("xx", "Monday 2 March 2026, 12:00 (EET)", id="none-that-is-known"),
    ],
)
def test_an_instant_is_written_in_the_readers_language_and_zone(tag: str, said: str):
    assert Language(tag).instant(NOON) == said
    assert said.startswith(Language(tag).day(NOON))


@pytest.mark.parametrize(
    ("tag", "minutes", "said"),
    [
        pytest.param("en", 150, "2 hours 30 minutes", id="english"),
        pytest.param("de", 150, "2 Stunden 30 Minuten", id="german"),
        pytest.param("de", 61, "1 Stunde 1 Minute", id="german-one"),
        pytest.param("et", 150, "2 tundi 30 minutit", id="estonian"),
        pytest.param("et", 61, "1 tund 1 minut", id="estonian-one"),
        pytest.param("fr", 1440 * 2 + 60, "2 jours 1 heure", id="french-days"),
        pytest.param("es", 61, "1 hora 1 minuto", id="spanish-one"),
    ],
)
def test_a_length_of_time_has_the_plural_of_its_language(tag: str, minutes: int, said: str):
    assert Language(tag).duration(timedelta(minutes=minutes)).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    "amount", [timedelta(0), timedelta(seconds=70), timedelta(hours=26, minutes=1), timedelta(days=3)], ids=str
)
def test_english_lengths_of_time_are_the_same_in_rules_and_notices(amount: timedelta):
    assert Language("en").duration(amount) == duration(amount)
    assert Language("en").service(amount) == service(amount)


def test_a_sentence_keeps_what_it_was_made_of():
    said = say("%(date)s to %(day)s, %(time)s", date=NOON, day=date(2026, 3, 3), time=timedelta(hours=2))
    assert said == "Monday 2 March 2026, 12:00 (EET) to Tuesday 3 March 2026, 2 hours"
    assert Language("en").told(said) == said
    assert Language("de").told({"all": [said]}) == {
        "all": ["Montag, 2. März 2026, 12:00 (EET) to Dienstag, 3. März 2026, 2 Stunden"]
    }


@pytest.mark.parametrize(
    ("tag", "text", "said"),
    [
        pytest.param("en", "4 hours", "4 hours", id="english"),
        pytest.param("de", "1 hour", "1 Stunde", id="german"),
        pytest.param("de", "2 business days", "2 Arbeitstage", id="business-days"),
        pytest.param("de", "1 business day", "1 Arbeitstag", id="one-business-day"),
        pytest.param("de", "3-4 days", "3 bis 4 Tage", id="range"),
        pytest.param("de", "1.5 hours", "1,5 Stunden", id="fraction"),
        pytest.param("en", "best effort", "best effort", id="words"),
    ],
)
def test_a_target_is_told_in_the_readers_language(tag: str, text: str, said: str):
    assert Language(tag).told(target(text)) == said


def test_the_size_of_an_attachment_has_the_readers_decimal_sign():
    assert Language("de").size(12_345) == "12,3 kB"
    assert [Language("en").size(n) for n in (12_345, 7_000_000, 999)] == ["12.3 kB", "7 MB", "999 bytes"]


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [
        pytest.param(("de-AT", "en"), "de", id="nearest"),
        pytest.param(("", "de"), "de", id="not-known"),
        pytest.param(("fi", "de"), "de", id="not-spoken"),
        pytest.param(("en-GB", "de"), "en", id="english-is-no-makeshift-for-who-reads-it"),
        pytest.param(("fi", ""), "en", id="none"),
        pytest.param(("../../etc", "de"), "de", id="no-tag"),
    ],
)
def test_the_first_wanted_language_that_there_is_is_used(wanted: tuple[str, ...], tag: str):
    assert RENDERER.language(*wanted) == tag


def test_a_folder_of_the_operators_makes_a_language(tmp_path):
    (tmp_path / "fi").mkdir()
    (tmp_path / "fi" / "taken.txt.j2").write_text("aihe\n##- x -##\nTyön alla: {{ case.reference }}")
    renderer = TemplateRenderer(tmp_path)
    try:
        assert renderer.language("fi", "de") == "fi"
        assert "Työn alla: HD-12" in renderer.render("taken", "fi", sample("taken")).text
    finally:
        renderer.close()


def test_an_operators_template_for_one_language_may_use_the_catalogue(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "taken.txt.j2").write_text(
        's\n{{ _("Kind regards") }}, {{ data.files | default([1]) | listed }}'
    )
    renderer = TemplateRenderer(tmp_path)
    try:
        assert renderer.render("taken", "de-CH", sample("taken")).text == "Mit freundlichen Grüßen, 1\n"
        assert renderer.render("taken", "en", sample("taken")).text == "Kind regards, 1\n"
    finally:
        renderer.close()
