"""Command words in the desk's languages: beside the English ones, and never out of prose."""

import pytest

from mailbot.people import Desk, Directory
from mailbot.process.file import load_process
from mailbot.process.names import RESERVED
from mailbot.rules.command.words import vocabulary
from mailbot.rules.reading.grammar import read
from mailbot.rules.reading.tongues import called, spoken, usage
from mailbot.rules.reading.word import Reading
from mailbot.shipped import shipped

LANGUAGES = ("de", "et", "fr", "es")
MODERA = load_process(shipped("processes/modera.toml"))
MEMBERS = [entry.word for entry in vocabulary(MODERA, Directory(), member=True)]
CUSTOMERS = [entry.word for entry in vocabulary(MODERA, Directory(), member=False)]


def members(text: str, *languages: str) -> Reading:
    return read(text, MEMBERS, RESERVED, called=called(languages))


def customers(text: str, *languages: str) -> Reading:
    return read(text, CUSTOMERS, called=called(languages))


@pytest.mark.parametrize(
    ("language", "line", "meant"),
    [
        pytest.param("de", "übernehmen", ("take", ""), id="german"),
        pytest.param("de", "Übernehmen.", ("take", ""), id="upper-case-and-a-stop"),
        pytest.param("de", "uebernehmen", ("take", ""), id="without-umlauts"),
        pytest.param("de", "u\u0308bernehmen", ("take", ""), id="with-a-combining-sign"),
        pytest.param("de", "#übernehmen", ("take", ""), id="with-a-sigil"),
        pytest.param("de", "priorität P2", ("priority", "P2"), id="with-a-choice"),
        pytest.param("de", "schließen: doppelt", ("close", "doppelt"), id="with-text-behind-a-colon"),
        pytest.param("de", "SCHLIESSEN: doppelt", ("close", "doppelt"), id="a-capital-sharp-s"),
        pytest.param("de", "hilfe priorität", ("help", "priority"), id="what-stands-behind-is-german-too"),
        pytest.param("de", "hilfe priority", ("help", "priority"), id="or-english"),
        pytest.param("de", "take", ("take", ""), id="english-always"),
        pytest.param("et", "võta", ("take", ""), id="estonian"),
        pytest.param("et", "vota", ("take", ""), id="estonian-without-its-letters"),
        pytest.param("et", "märkus: helistas", ("note", "helistas"), id="estonian-note"),
        pytest.param("fr", "prendre", ("take", ""), id="french"),
        pytest.param("fr", "etat", ("status", ""), id="french-without-accents"),
        pytest.param("es", "cerrar: duplicado", ("close", "duplicado"), id="spanish"),
    ],
)
def test_a_word_of_the_desks_language_is_the_english_one(language: str, line: str, meant: tuple[str, str]):
    reading = members(line, language)
    assert [(given.word, given.argument, given.line) for given in reading.commands] == [
        (*meant, reading.commands[0].line)
    ]
    assert not reading.refused
    assert not reading.words


@pytest.mark.parametrize("line", ["übernehmen", "priorität P2", "schließen: doppelt", "#übernehmen", "notiz: intern"])
def test_a_language_that_the_desk_does_not_have_is_prose(line: str):
    assert members(line).commands == ()
    assert members(line, "fr").commands == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Übernehmen Sie das bitte selbst?"),
        ("de", "Bestätigen Sie uns bitte den Eingang."),
        ("de", "Schließen Sie das Fenster und starten Sie neu."),
        ("de", "Wiedereröffnen Sie bitte den Fall"),
        ("de", "Eskalieren möchte ich das nicht."),
        ("de", "Für Frau Berg habe ich es eingestellt."),
        ("de", "Warum haben Sie es zweimal versucht?"),
        ("de", "Zeigen Sie mir bitte ein Bild."),
        ("de", "Stand heute ist alles in Ordnung."),
        ("de", "Typisch, wieder dieser Drucker."),
        ("de", "Hallo"),
        ("de", "Danke"),
        ("de", "Bitte"),
        ("de", "Darum"),
        ("de", "Guten Tag,"),
        ("et", "Võta palun ühendust, kui see kordub."),
        ("et", "Sulge aken ja proovi uuesti."),
        ("et", "Tere"),
        ("et", "Tänan"),
        ("fr", "Pour Mme Berg, c'est réglé."),
        ("fr", "Fermer la fenêtre suffit."),
        ("fr", "Bonjour"),
        ("fr", "Merci"),
        ("fr", "Hier"),
        ("es", "Para la señora Berg ya está listo."),
        ("es", "Cerrar la ventana basta."),
        ("es", "Hola"),
        ("es", "Gracias"),
    ],
)
def test_prose_that_begins_like_a_word_or_looks_like_one_stays_prose(language: str, text: str):
    for reading in (members(text, language), customers(text, language)):
        assert (reading.commands, reading.refused, reading.words) == ((), (), text)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("übernemen", "did you mean 'übernehmen'?", id="a-slip"),
        pytest.param("priorität hoch", "it takes P1", id="a-wrong-choice"),
        pytest.param("zusammenführen: HD-3", "", id="a-word-that-this-desk-may-lack"),
    ],
)
def test_what_was_meant_as_a_word_goes_to_no_customer(line: str, why: str):
    reading = members(line, "de")
    assert reading.commands or why in reading.refused[0].reason
    assert not reading.words


def test_no_name_means_two_things_and_none_takes_an_english_word():
    english = {word.word for word in MEMBERS} | set(RESERVED)
    for language in LANGUAGES:
        names = called((language,))
        assert {name: meant for name, meant in names.items() if name in english and meant != name} == {}
        assert set(names.values()) <= english | {"unwatch", "confirm", "unmerge"}
    together = [(name, meant) for one in LANGUAGES for name, meant in called((one,)).items()]
    assert {name for name, meant in together if called(LANGUAGES)[name] != meant} == set()


def test_help_shows_the_word_of_the_language_with_the_english_one():
    assert usage("close: REASON", "de", ("de",)) == "schließen: GRUND (close)"
    assert usage("assign ADDRESS or TEAM", "de", ("de", "fr")) == "zuweisen ADRESSE oder TEAM (assign)"
    assert usage("hold until DATE", "es", ("es",)) == "aplazar hasta FECHA (hold)"
    assert usage("close: REASON", "de", ("fr",)) == "close: REASON"
    assert usage("send as is", "de", ("de",)) == "send as is"
    assert spoken("de", ("de",))["reopen"] == "wiedereröffnen"
    assert spoken("fi", ("fi",)) == spoken("en", ("en",)) == {}


def test_a_desk_understands_its_own_language_unless_it_names_others():
    assert Desk(address="a@b.example", tag="HD", timezone="UTC", language="de").spoken == ("de",)
    assert Desk(address="a@b.example", tag="HD", timezone="UTC", language="de", languages=("fr", "es")).spoken == (
        "fr",
        "es",
    )
