"""What customers' short mails mean. Closing a case that is not solved is the worst answer of all."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from mailbot.process import Process
from mailbot.process.phrase import Finder, Line
from mailbot.rules.reading.phrases import (
    ALL_CLEAR_LENGTH,
    DONE,
    LONG,
    NOTED,
    SHORT,
    Meaning,
    is_courtesy,
    meaning,
    understand,
)
from tests.builders import changed, modera

ALL_CLEARS = (
    "All good",
    "all good now, thanks!",
    "All is good.",
    "Works now.",
    "It works, thank you very much!",
    "It works!\n\nBest regards,\nMari",
    "Problem solved, many thanks",
    "That fixed it, cheers",
    "Great, everything works",
    "Hello Anna,\nlooks good.",
    "It\u2019s working again",
    "Thanks Anna, that did the trick.",
    "No more problems, thanks",
    "works as expected",
    "Confirmed",
    "Now it is working. Thank you!",
    "Alles gut, danke!",
    "Funktioniert jetzt, vielen Dank",
    "Das Problem ist gelöst. Danke sehr",
    "Hat sich erledigt, danke",
    "Läuft wieder. Viele Grüße, Mari",
    "Kõik korras, aitäh!",
    "Nüüd töötab, tänan",
    "Tere! Kõik on korras.",
    "Lahendatud, suur tänu!",
    "ALL GOOD \U0001f600",
)
CLOSE = (
    "Please close",
    "You can close the case, thanks",
    "Works now, you can close it.",
    "Can be closed",
    "Bitte schließen, danke",
    "Võib sulgeda, aitäh",
)
THANKS = (
    "Thanks!",
    "Thank you very much",
    "Thanks, Anna",
    "Great, thanks a lot!",
    "Perfect, thanks",
    "Many thanks for your quick reply",
    "Thank you for the quick help. Best regards, Mari",
    "Ok, got it",
    "Vielen Dank",
    "Danke für die schnelle Hilfe",
    "Aitäh",
    "Suur tänu, tervitades Mari",
    "Tänan kiire abi eest!",
)
PROMISES = (
    "Will test and let you know, thanks",
    "I will test it tomorrow and let you know if it works",
    "Thanks, will check and get back to you",
    "Will try it on Monday.",
    "If it works I will tell you",
    "Looks good so far, will test more tomorrow",
    "Danke, werde es testen und melde mich",
    "Aitäh, proovin ja annan teada",
)
COURTESIES = ("", "Hello", "Best regards,\nMari", "Hi team", "Mit freundlichen Grüßen\nMari Maasikas", "Tere", "...")
OTHERS = (
    "Please get it fixed",
    "I want it solved by Monday",
    "It must be fixed",
    "Solved? No",
    "Not fixed",
    "No, still the same",
    "Does not work",
    "It works not",
    "Still not working",
    "All good? I do not think so",
    "It doesn't work",
    "It doesn\u2019t work, looks good but prints nothing",
    "It works, but the colours are wrong",
    "Works now except for the labels",
    "Works now only on one machine",
    "I hope it works",
    "It works on Chrome, crashes on Firefox",
    "Is it fixed now",
    "Has it been fixed? Looks good",
    "When is it solved?",
    "It was all good until yesterday",
    "All good. Another matter: the scanner",
    "Nothing works now",
    "Perfect example of a bug",
    "It is solved partially",
    "The same problem, works great otherwise",
    "Don't close it",
    "Do not close this, please",
    "Please close it if it works for Ben",
    "Why did you close it",
    "The problem is not solved",
    "Never works fine",
    "Works again, unfortunately without colours",
    "Will test, but it still crashes",
    "I need help",
    "Thanks, and how do I print in colour?",
    "Thanks, the scanner is next",
    "Funktioniert nicht",
    "Funktioniert leider immer noch nicht",
    "Alles gut, aber der Scanner fehlt",
    "Alles gut wenn der Scanner geht",
    "Ist das Problem gelöst?",
    "Ist es gelöst",
    "Ei tööta",
    "Ikka ei tööta",
    "Töötab, aga aeglaselt",
    "Kas töötab",
    "Kõik korras, kui printer ka töötab",
    "Pole korras",
    "Nüüd töötab\uff1f",
    "reopn",
    "The serial number is 4711.",
)


@pytest.mark.parametrize("text", ALL_CLEARS)
def test_all_clear(text: str):
    assert meaning(text, modera(), ["Mari", "Maasikas", "Anna"]) is Meaning.ALL_CLEAR


@pytest.mark.parametrize("text", CLOSE)
def test_wish_to_close(text: str):
    assert meaning(text, modera(), ["Mari", "Anna"]) is Meaning.CLOSE


@pytest.mark.parametrize("text", THANKS)
def test_thanks_alone(text: str):
    assert meaning(text, modera(), ["Mari", "Anna"]) is Meaning.THANKS


@pytest.mark.parametrize("text", PROMISES)
def test_promise_to_test(text: str):
    assert meaning(text, modera(), ["Mari", "Anna"]) is Meaning.PROMISE


@pytest.mark.parametrize("text", COURTESIES)
def test_courtesy(text: str):
    assert is_courtesy(text, modera(), ["Mari", "Maasikas"])
    assert not is_courtesy(f"{text} {'hello ' * LONG}", modera())


@pytest.mark.parametrize("text", OTHERS)
def test_everything_else_is_an_answer_or_an_objection(text: str):
    assert meaning(text, modera(), ["Mari", "Anna"]) in (Meaning.OTHER, Meaning.OBJECTION)


def test_all_clear_has_sixty_characters_at_most():
    text = "All good, " + "thanks " * 7
    assert len(text.strip()) <= ALL_CLEAR_LENGTH
    assert meaning(text.strip(), modera()) is Meaning.ALL_CLEAR
    assert meaning("All good in the whole building, on every floor and every desk", modera()) is Meaning.OTHER


def test_wish_to_close_may_be_longer_but_not_a_letter():
    text = "You can close the case, the printer in the back room on the second floor prints again"
    assert ALL_CLEAR_LENGTH < len(text) <= SHORT
    assert meaning(text, modera()) is Meaning.CLOSE
    assert meaning(f"{text}, and {text}", modera()) is Meaning.OTHER


def test_person_called_will_still_has_a_condition():
    text = "It works now, Peter will see"
    assert meaning(text, modera(), ["Will", "Peter"]) is Meaning.OTHER


def test_name_of_the_team_is_no_word_of_an_answer():
    text = "Thanks, Zbigniew Nowak"
    assert meaning(text, modera()) is Meaning.OTHER
    assert meaning(text, modera(), ["Zbigniew", "Nowak"]) is Meaning.THANKS


@cache
def old() -> Process:
    """A process file as they were before the phrases came with mailbot: with its own lists, and no others."""
    lists = tomllib.loads(Path(__file__).with_name("old_phrases.toml").read_text(encoding="utf-8"))["phrases"]
    return changed(modera(), understands=(), phrases=lists)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param((*ALL_CLEARS, "Perfect, thanks"), {Meaning.ALL_CLEAR}, id="all-clear"),
        pytest.param(CLOSE, {Meaning.CLOSE}, id="wish to close"),
        pytest.param([text for text in THANKS if "Perfect" not in text], {Meaning.THANKS}, id="thanks"),
        pytest.param([text for text in PROMISES if "If it" not in text], {Meaning.PROMISE}, id="promise"),
        pytest.param(OTHERS, {Meaning.OTHER, Meaning.OBJECTION}, id="anything else"),
    ],
)
def test_process_file_with_lists_of_its_own_keeps_its_meaning(texts: tuple[str, ...], expected: set[Meaning]):
    read = {text: meaning(text, old(), ["Mari", "Maasikas", "Anna"]) for text in texts}
    assert {text: says for text, says in read.items() if says not in expected} == {}


def test_the_end_of_a_word_is_found_with_its_accents_only():
    line = Line((".", "le", "diré", "software", "."), ("",) * 5)
    assert Finder(["=*iré", "=*aré"]).spans(line) == [(2, 3)]
    assert Finder(["*aré"]).spans(line) == [(3, 4)]


def test_languages_that_a_file_does_not_name_are_not_read():
    process = changed(modera(), understands=("en",), phrases={"en": modera().phrases["en"].model_dump()})
    assert meaning("Kõik korras, aitäh!", process) is Meaning.OTHER
    assert meaning("Works now, thanks!", process) is Meaning.ALL_CLEAR


def test_process_without_phrases_understands_nothing():
    process = changed(modera(), phrases={})
    assert meaning("All good", process) is Meaning.OTHER


@pytest.mark.parametrize(
    ("text", "says", "seems"),
    [
        pytest.param("I want to speak to your manager.", Meaning.ESCALATION, None, id="clear"),
        pytest.param("Kas ma saaksin rääkida teie juhiga?", Meaning.ESCALATION, None, id="asked politely"),
        pytest.param(
            "If it is not fixed by Friday I want to speak to your manager.",
            Meaning.OTHER,
            Meaning.ESCALATION,
            id="a condition",
        ),
        pytest.param(
            'My boss wrote "please escalate this to the manager".', Meaning.OTHER, Meaning.ESCALATION, id="a quote"
        ),
        pytest.param("I do not want to escalate this.", Meaning.OTHER, None, id="a negation before it"),
        pytest.param("Võtame kaebuse tagasi", Meaning.CLOSE, None, id="a complaint withdrawn"),
        pytest.param("An escalation is not needed.", Meaning.OTHER, None, id="a negation behind it"),
        pytest.param("This is taking far too long!", Meaning.OTHER, Meaning.ESCALATION, id="impatience"),
        pytest.param("Kirjutan teie juhatusele.", Meaning.OTHER, Meaning.ESCALATION, id="a threat"),
        pytest.param("It still fails. Unacceptable!", Meaning.OBJECTION, Meaning.ESCALATION, id="impatient objection"),
    ],
)
def test_a_wish_to_escalate_must_be_clear(text: str, says: Meaning, seems: Meaning | None):
    understood = understand(text, modera())
    assert (understood.meaning, understood.seems) == (says, seems)


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        pytest.param(f"{'Everything works again, thank you very much. ' * 2}", Meaning.ALL_CLEAR, id="all-clear"),
        pytest.param(f"Please close the case. {'Many thanks to all of you. ' * 6}", Meaning.CLOSE, id="close"),
    ],
)
def test_what_is_clear_but_too_long_to_be_sure_closes_nothing(text: str, seems: Meaning):
    understood = understand(text.strip(), modera())
    assert (understood.meaning, understood.seems) == (Meaning.OTHER, seems)


@pytest.mark.parametrize(
    "text",
    [
        "Works now, the printer upstairs hums",
        "You say it works",
        'You wrote "it works now"',
        "Please close the window",
        "Please do not close the case yet",
        "Our shop can be closed on Monday",
        "Cerramos a las seis",
        "Le magasin est peut-être fermé",
        "Bitte schließen Sie das Fenster",
        "Palun sulgege aken",
        "Si funciona, ciérrenlo",
        "My files are gone",
        "It works on the laptop, not on the phone",
        "Maria works in the office upstairs",
        "kas võib sulgeda programmi?",
        "Could you close the case once Ben has tested it?",
        "The problem was solved by itself, no idea how long",
        "If everything works you may close it",
        "Alles funktioniert? Von wegen",
        "Tout marche sauf le scanner",
        "Funciona a veces",
        "works :(",
        "Läuft wieder \U0001f621",
        "works only sometimes",
        "All good things come to an end",
        "Es läuft aus",
        "Ça marche une fois sur deux",
        "Funciona de aquella manera",
        "Confirmo la cita",
        "Ya está muerto",
        "Emails back up again",
        "The radiator is cold again",
        "Le radiateur est de nouveau froid",
        "El radiador vuelve a estar frío",
        "Die Heizung ist wieder kalt",
        "Radiaator on jälle külm",
        "Works now " + "x" * LONG,
    ],
)
def test_in_doubt_nothing_closes(text: str):
    assert meaning(text, modera()) not in DONE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("Hi Zbigniew,\nworks now.\n\nBest regards\nWanda Nowak", Meaning.ALL_CLEAR, id="names"),
        pytest.param("Hi, it works", Meaning.ALL_CLEAR, id="a greeting and an all-clear"),
        pytest.param("Tere, Liis!\nTänan info eest", Meaning.THANKS, id="a name behind the greeting"),
        pytest.param("Hi!\nStill broken", Meaning.OBJECTION, id="a greeting and two words"),
        pytest.param("Hello\nJoe\nit works\nRegards\nthe other is in room five upstairs", Meaning.OTHER, id="no name"),
        pytest.param("I shall test it as soon as I am\nback in the office and let you know whether it\nworks.",
                     Meaning.PROMISE, id="wrapped lines"),
    ],
)  # fmt: skip
def test_names_stand_beside_greetings_and_below_sign_offs(text: str, says: Meaning):
    assert meaning(text, modera()) is says


@pytest.mark.parametrize(
    ("text", "says", "seems"),
    [
        pytest.param("The refund has landed in my account", Meaning.OTHER, Meaning.ALL_CLEAR, id="a good sign"),
        pytest.param("Up and running since ten, no dropouts", Meaning.OTHER, Meaning.ALL_CLEAR, id="nothing bad"),
        pytest.param("The card was declined again", Meaning.OTHER, Meaning.OBJECTION, id="a bad sign"),
        pytest.param("Thank you, the birds sing beautifully over there", Meaning.OTHER, Meaning.THANKS, id="thanks"),
        pytest.param("Los vídeos no", Meaning.OTHER, Meaning.OBJECTION, id="a negation"),
        pytest.param("No trouble at all, I will test it on Monday, but how", Meaning.OTHER, Meaning.PROMISE, id="both"),
        pytest.param("Colis reçu, merci", Meaning.OTHER, Meaning.ALL_CLEAR, id="a good sign and thanks"),
        pytest.param("Topelt saadetud, palun kustutage", Meaning.OTHER, Meaning.CLOSE, id="a wish to close"),
        pytest.param("Has the refund landed in my account?", Meaning.OTHER, None, id="a question"),
        pytest.param("I do not know if it works", Meaning.OTHER, None, id="nothing known"),
        pytest.param("Bitte noch nicht schließen, es wird noch getestet", Meaning.OTHER, None, id="not yet"),
        pytest.param("I do not know. It still crashes.", Meaning.OBJECTION, None, id="known all the same"),
        pytest.param("Muss erst mit meiner Chefin sprechen", Meaning.PROMISE, None, id="the customer's own boss"),
    ],
)
def test_who_works_on_it_is_told_what_it_seems_to_say(text: str, says: Meaning, seems: Meaning | None):
    assert (understand(text, modera()).meaning, understand(text, modera()).seems) == (says, seems)


@pytest.mark.parametrize(
    "text",
    [
        "Please send the invoice to our manager",
        "The second level of the car park is dark",
        "Our lawyer cannot open the file",
        "Bitte informieren Sie auch meinen Chef",
        "Palun saatke arve meie juhatajale",
        "La salle d'escalade est fermée",
        "La escala de la imagen está mal",
    ],
)
def test_who_speaks_of_their_own_people_or_of_stairs_calls_nobody(text: str):
    assert meaning(text, modera()) is not Meaning.ESCALATION


def test_drawled_letters_are_read_as_one():
    assert meaning("merciiii", modera()) is Meaning.THANKS


def test_all_languages_judge_every_mail():
    assert meaning("Works now, aitäh", modera()) is Meaning.ALL_CLEAR
    assert meaning("Works now, aga mitte igal pool", modera()) not in (*DONE, *NOTED)
