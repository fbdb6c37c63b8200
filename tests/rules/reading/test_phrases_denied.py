"""What customers deny to want, and words of closing that are about something else: nobody is called, nothing closes."""

import pytest

from mailbot.rules.reading.phrases import DONE, Meaning, understand
from tests.builders import modera

DENIED = (
    "I do not want to escalate this.",
    "We don't need to escalate this.",
    "No need to escalate, we can wait.",
    "I really don't want to complain about anybody.",
    "This is not a complaint, I only have the serial number for you.",
    "Please don't escalate this, Ben is on holiday.",
    "An escalation is not necessary.",
    "I'm not trying to go over your head here.",
    "Ich möchte das nicht eskalieren.",
    "Ich will mich nicht beschweren.",
    "Das soll keine Beschwerde sein.",
    "Eine Beschwerde möchte ich nicht einreichen.",
    "Eine Eskalation ist nicht nötig, der Techniker kommt ja am Montag.",
    "Bitte nicht als Beschwerde verstehen.",
    "Ei soovi seda eskaleerida.",
    "Me ei soovi kaebust esitada.",
    "See ei ole kaebus.",
    "Eskaleerida ei ole vaja.",
    "Kaebust ma ei soovi esitada.",
    "Je ne veux pas escalader ce dossier.",
    "Je ne souhaite pas déposer de réclamation.",
    "Ce n'est pas une plainte.",
    "Inutile de faire remonter, nous attendons lundi.",
    "Il n'est pas nécessaire d'escalader.",
    "No quiero escalar esto.",
    "No queremos poner una reclamación.",
    "No hace falta escalarlo.",
    "Esto no es una queja.",
    "Sin ánimo de quejarme, les paso el número de serie.",
)
MEANT = (
    "I do not want to talk to you but to your manager.",
    "I want to escalate this, I do not want to wait any longer.",
    "If you do not escalate this, I will complain to your manager.",
    "Why do you not escalate this?",
    "Ich will nicht mit Ihnen sprechen, sondern mit Ihrem Chef.",
    "Keine Ausreden mehr, ich möchte mich beschweren.",
    "Ma ei oota enam, palun eskaleerige see.",
    "Je ne veux plus attendre, je veux parler à votre responsable.",
    "No quiero excusas, quiero poner una reclamación.",
)


@pytest.mark.parametrize("text", DENIED)
def test_a_wish_to_escalate_that_is_denied_is_none(text: str):
    understood = understand(text, modera())
    assert understood.meaning is Meaning.OTHER
    assert understood.seems is not Meaning.ESCALATION


@pytest.mark.parametrize("text", MEANT)
def test_who_denies_something_else_may_still_wish_to_escalate(text: str):
    understood = understand(text, modera())
    assert Meaning.ESCALATION in (understood.meaning, understood.seems)


OTHER_MATTERS = (
    "Close please, the window is open",
    "Please close, it is cold in here",
    "Bitte schließen, das Fenster steht offen",
    "Bitte zumachen, es zieht",
    "Fermez svp, la fenêtre est ouverte",
    "Cierren por favor, la ventana está abierta",
    "Palun sulgege, aken on lahti",
    "The door closes and opens again",
    "It starts and stops again",
    "Die Tür schließt und öffnet wieder",
    "La porte se ferme et s'ouvre de nouveau",
    "La puerta se cierra y se abre de nuevo",
    "Uks sulgub ja avaneb jälle",
    "We no longer need your help with that, now with this",
    "No more help needed with the printer, but with something else",
    "Wir brauchen Ihre Hilfe dabei nicht mehr, jetzt hierbei",
    "Nous n'avons plus besoin de votre aide pour cela, maintenant pour ceci",
    "Ya no necesitamos su ayuda con eso, ahora con esto",
    "Me ei vaja selles enam teie abi, nüüd selles",
)


@pytest.mark.parametrize("text", OTHER_MATTERS)
def test_what_may_be_about_something_else_closes_nothing(text: str):
    assert understand(text, modera()).meaning not in DONE


@pytest.mark.parametrize("text", ["Close please", "Close it, thanks", "Please close, the tenant has fixed it"])
def test_a_wish_to_close_need_not_name_the_case(text: str):
    assert understand(text, modera()).meaning is Meaning.CLOSE
