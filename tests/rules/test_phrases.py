"""What customers' short mails mean. Closing a case that is not solved is the worst answer of all."""

import pytest

from mailbot.rules.phrases import ALL_CLEAR_LENGTH, SHORT, Meaning, is_courtesy, meaning
from tests.builders import modera

ALL_CLEARS = (
    "All good",
    "all good now, thanks!",
    "All is good.",
    "Works now.",
    "It works, thank you very much!",
    "It works!\n\nBest regards,\nMari",
    "Perfect, thanks",
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
    "If it works I will tell you",
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


@pytest.mark.parametrize("text", OTHERS)
def test_everything_else_is_an_answer(text: str):
    assert meaning(text, modera(), ["Mari", "Anna"]) is Meaning.OTHER


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
    assert meaning("Thanks, Zbigniew", modera()) is Meaning.OTHER
    assert meaning("Thanks, Zbigniew", modera(), ["Zbigniew"]) is Meaning.THANKS
