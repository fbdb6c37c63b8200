"""In which language a customer writes, and in which one they are answered."""

import pytest

from mailbot.mail import Forwarded, Mail, Mailbox
from mailbot.rules.reading.language import told_by, written_in
from tests.builders import ANNA, CUSTOMER, Story

GERMAN = "Guten Morgen,\n\nseit heute früh druckt der Drucker im zweiten Stock nicht mehr.\n\nViele Grüße\nJan"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("en", "Hello, the printer on the second floor does not work.", id="english"),
        pytest.param("de", GERMAN, id="german"),
        pytest.param("de", "Drucker defekt. Bitte um Hilfe.", id="german-short"),
        pytest.param(
            "et", "Tere!\n\nPrinter ei tööta alates hommikust. Palun aidake.\n\nTervitades, Mari", id="estonian"
        ),
        pytest.param("et", "Tere. Arve numbriga 234 on kadunud, kas saate vaadata?", id="estonian-short"),
        pytest.param(
            "fr", "Bonjour,\n\nl\u2019imprimante ne marche plus depuis ce matin.\n\nCordialement", id="french"
        ),
        pytest.param("fr", "Salut, je n'arrive pas à imprimer", id="french-short"),
        pytest.param("es", "Hola:\n\nLa impresora no funciona desde esta mañana.\n\nUn saludo", id="spanish"),
        pytest.param("es", "Buenas tardes, la factura 234 no aparece", id="spanish-short"),
        pytest.param("", "", id="nothing"),
        pytest.param("", "Printer", id="one-word"),
        pytest.param("", "Error 500 on login", id="words-of-no-language"),
        pytest.param("", "Login geht nicht? Please help, thanks", id="two-languages"),
        pytest.param(
            "", "Tulostin ei toimi. Voitteko auttaa? Olen yrittänyt kaikkea, mutta se on rikki.", id="finnish"
        ),
        pytest.param("", "La stampante non funziona da stamattina. Potete aiutarci? Grazie", id="italian"),
        pytest.param("", "Olá, a impressora não funciona desde hoje. Podem ajudar? Obrigado", id="portuguese"),
        pytest.param("", "Hallo, de printer werkt niet meer. Kunt u ons helpen? Groet, Jan", id="dutch"),
        pytest.param("", "Hej, skrivaren fungerar inte. Kan ni hjälpa oss? Hälsningar", id="swedish"),
        pytest.param("", "Πρόβλημα εκτύπωσης.", id="another-script"),
        pytest.param("", f"{'8f3a 77 '} " * 300 + "the and", id="a-log-with-two-words"),
    ],
)
def test_the_small_words_tell_the_language_and_in_doubt_nothing(language: str, text: str):
    assert told_by(text) == language


@pytest.mark.parametrize(
    ("named", "text", "language"),
    [
        pytest.param((), GERMAN, "de", id="the-text-alone"),
        pytest.param((), "Printer", "", id="nothing-tells"),
        pytest.param(("et",), "Printer", "et", id="the-header-alone"),
        pytest.param(("et",), GERMAN, "et", id="the-header-counts"),
        pytest.param(("de-at",), GERMAN, "de-at", id="with-its-region"),
        pytest.param(("fi",), GERMAN, "fi", id="one-that-we-have-no-sentences-for"),
        pytest.param(("en-us",), GERMAN, "de", id="english-is-what-programs-write-above-anything"),
        pytest.param(("en-us",), "Printer", "en-us", id="english-where-the-text-says-nothing"),
        pytest.param(("de", "en"), "Hello, the printer does not work.", "en", id="several"),
        pytest.param(("de", "en"), "Printer", "de", id="several-and-no-text-to-tell"),
        pytest.param(("../../etc",), GERMAN, "de", id="no-tag"),
    ],
)
def test_the_mails_own_language_goes_before_what_its_words_tell(named: tuple[str, ...], text: str, language: str):
    assert written_in(Mail(digest="", languages=named, new_text=text)) == language


def test_the_subject_tells_too_and_a_mail_of_nothing_but_quotes_by_its_whole_text():
    assert written_in(Mail(digest="", subject="Drucker druckt nicht und ich weiß nicht warum")) == "de"
    assert written_in(Mail(digest="", text=GERMAN)) == "de"


def test_a_case_learns_from_a_later_mail_what_a_short_first_one_did_not_tell():
    story = Story()
    story.mail(CUSTOMER, "Drucker kaputt")
    assert story.case.language == ""
    story.mail(ANNA, "Please tell us more about it, and when the printer was bought from us.")
    story.mail(CUSTOMER, GERMAN)
    assert story.case.language == "de"
    story.mail(CUSTOMER, "Please have a look at it, for we have been waiting since Monday and it is still not working.")
    assert (story.case.language, story.folded()) == ("de", story.cases)


@pytest.mark.parametrize("line", ["fwd", f"for {CUSTOMER}"])
def test_a_case_out_of_a_forwarded_mail_has_the_language_of_that_mail(line: str):
    story = Story()
    original = Forwarded(from_=Mailbox(address=CUSTOMER), text=GERMAN, subject="Drucker", message_id="<o@x>")
    story.mail(ANNA, line, case=9, forwarded=(original,))
    assert [case.language for case in story.cases.values()] == ["de"]


def test_a_members_own_words_tell_no_customers_language():
    story = Story()
    story.mail(ANNA, f"for {CUSTOMER}\n{GERMAN}", case=9)
    assert [case.language for case in story.cases.values()] == [""]
