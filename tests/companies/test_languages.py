"""Who hears in which language: the directory's, else the customer's own, else the desk's; one case, one language."""

from collections.abc import Iterator, Sequence

import pytest

from mailbot.ports.records import OutboxMail
from tests.companies.rehearsal import ANNA, MARI, TEAM, Rehearsal, Row, answer, mail, person

GERMAN = "Guten Morgen,\n\nseit heute früh druckt der Drucker nicht mehr.\n\nViele Grüße\nAnna"
FRENCH = "Bonjour,\n\nl'imprimante ne marche plus depuis ce matin.\n\nCordialement"


@pytest.fixture
def desk() -> Iterator[Rehearsal]:
    """A German desk."""
    made = Rehearsal(process="modera", language="de", zone="Europe/Berlin")
    yield made
    made.store.close()


def test_a_customer_is_answered_in_the_language_of_the_first_mail_to_the_end(desk: Rehearsal):
    desk.play(
        mail("2026-03-02 09:00", ANNA, FRENCH),
        answer("2026-03-02 10:00", MARI, "take"),
        answer("2026-03-02 11:00", ANNA, "Es ist doch der andere Drucker, bitte schauen Sie noch einmal nach."),
        answer("2026-03-02 12:00", MARI, "fix: C'est réparé."),
    )
    told = desk.told
    assert "Merci de nous avoir écrit." in told.text("case_received", ANNA)
    assert "mercredi 4 mars 2026" in told.text("case_received", ANNA)
    assert "Pourriez-vous le vérifier" in told.text("fixed", ANNA)
    assert told.one("CaseOpened")["language"] == "fr"


def test_members_hear_in_the_desks_language_or_their_own(desk: Rehearsal):
    team = [{**one, "language": "et"} if one["address"] == MARI else one for one in TEAM]
    desk.team = team
    desk.hire()
    desk.play(mail("2026-03-02 09:00", ANNA, FRENCH))
    assert "on uus pöördumine" in desk.told.text("case_new", MARI)
    assert "ist ein neuer Vorgang" in desk.told.text("case_new", "jaan@example.com")


@pytest.mark.parametrize(
    ("people", "fields", "text", "said"),
    [
        pytest.param([person(ANNA, language="es")], {"Content-Language": "fr"}, GERMAN, "Gracias", id="the-directory"),
        pytest.param([], {"Content-Language": "fr"}, GERMAN, "Merci", id="the-mails-own"),
        pytest.param([], {"Content-Language": "en-US"}, FRENCH, "Merci", id="a-program-that-always-says-english"),
        pytest.param([], {}, "Hello, the printer does not work, can you help?", "Thank you", id="the-text"),
        pytest.param([], {}, "Printer", "Vielen Dank", id="in-doubt-the-desks"),
        pytest.param([], {"Content-Language": "fi"}, "Tulostin", "Vielen Dank", id="one-that-we-do-not-have"),
        pytest.param([person(ANNA, language="fr-ca")], {}, GERMAN, "Merci", id="a-region"),
    ],
)
def test_the_language_of_an_acknowledgement(
    desk: Rehearsal, people: Sequence[Row], fields: dict[str, str], text: str, said: str
):
    desk.hire(*people)
    desk.play(mail("2026-03-02 09:00", ANNA, text, subject="x", fields=fields))
    assert said in desk.told.text("case_received", ANNA)


def test_the_desks_language_has_command_words_and_shows_them(desk: Rehearsal):
    desk.play(
        mail("2026-03-02 09:00", ANNA, GERMAN),
        answer("2026-03-02 10:00", MARI, "übernehmen\npriorität P2"),
        answer("2026-03-02 11:00", MARI, "fix: Er druckt wieder."),
        answer("2026-03-02 12:00", ANNA, "bestätigen"),
        answer("2026-03-02 13:00", ANNA, "Wiedereröffnen"),
    )
    told = desk.told
    assert [status for _, status, _ in told.statuses()] == ["In progress", "Fixed", "Closed", "In progress"]
    assert '"stand"' in told.text("case_received", ANNA)
    assert "  bestätigen  - alles in Ordnung" in told.text("fixed", ANNA)
    assert '"wiedereröffnen"' in told.text("closed", ANNA)
    assert "  übernehmen (take)  - " in told.text("case_new", MARI)


def test_a_customers_words_are_shown_in_a_language_only_where_the_desk_takes_them(desk: Rehearsal):
    desk.play(mail("2026-03-02 09:00", ANNA, FRENCH), answer("2026-03-02 10:00", ANNA, "état"))
    assert '"status"' in desk.told.text("case_received", ANNA)
    assert not [one for one in letters(desk) if one.template == "status_report"]


def letters(desk: Rehearsal) -> Sequence[OutboxMail]:
    return desk.told.letters


def test_the_desks_own_words_reach_other_cases_as_the_english_ones_do():
    desk = Rehearsal("modera", language="de").play(
        mail("2026-03-02 09:00", ANNA, "Der Drucker brennt."),
        mail("2026-03-02 09:10", ANNA, "Die Lampe flackert.", subject="Lampe"),
        answer("2026-03-02 09:20", MARI, "verknüpfen 2"),
        answer("2026-03-02 09:30", MARI, "aufteilen: Die Sache mit dem Papier"),
        mail("2026-03-02 09:40", MARI, "suchen Drucker", subject="Frage"),
        answer("2026-03-02 09:50", MARI, "zusammenführen 2"),
    )
    told, case = desk.told, desk.case(1)
    desk.store.close()
    assert told.refusals() == []
    assert (case.links, case.merged_into) == ((2, 3), 2)
    assert len(told.events("CaseOpened")) == 3
    assert "Drucker" in told.text("case_list", MARI)
