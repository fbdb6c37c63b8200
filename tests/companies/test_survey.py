"""A desk with a survey, from the closing to the customer's answer to that very mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.companies.rehearsal import ANNA, MARI, Rehearsal, answer, edited, mail


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Rehearsal]:
    """A case was closed on Monday at noon; its customer was asked on Tuesday."""
    rules = edited("modera", lambda text: f"{text}\n[survey]\n", tmp_path)
    desk = Rehearsal(process=rules)
    desk.play(
        mail("2026-03-02 09:00", ANNA, "It fails."),
        answer("2026-03-02 10:00", MARI, "take\nfix: It was the cable."),
        answer("2026-03-02 12:00", ANNA, "confirm"),
        until="2026-03-04 00:00",
    )
    yield desk
    desk.store.close()


def replying(desk: Rehearsal, when: str, text: str) -> None:
    """The customer answers the survey as a mail program does."""
    (letter,) = [one for one in desk.store.queue_list() if one.template == "survey"]
    fields = {"In-Reply-To": letter.message_id, "References": letter.message_id}
    desk.play(mail(when, ANNA, text, subject=f"Re: {letter.subject}", fields=fields))


def test_customer_is_asked_a_day_after_the_closing(desk: Rehearsal):
    assert desk.told.at("SurveySent") == ["2026-03-03T12:00:00Z"]
    assert desk.told.notices(ANNA, "survey") == [("survey", "2026-03-03T12:00:00Z")]
    assert "a number from 1 (not at all) to 5 (very much)" in " ".join(desk.told.text("survey", ANNA).split())


def test_number_and_words_are_the_answer_and_the_case_stays_closed(desk: Rehearsal):
    replying(desk, "2026-03-04 09:00", "4 quick and kind")
    told = desk.told.one("SurveyAnswered")
    assert (told["score"], told["words"]) == (4, "quick and kind")
    assert desk.case().status == "Closed"
    assert [name for name, _ in desk.told.notices(since="2026-03-04T09:00:00Z")] == ["survey_thanks"]


def test_objection_in_answer_to_the_survey_reaches_the_assignee_even_after_the_window_for_reopening(desk: Rehearsal):
    replying(desk, "2026-03-30 09:00", "It fails again since this morning.")
    assert desk.told.notices(since="2026-03-30T09:00:00Z") == [
        ("survey_thanks", "2026-03-30T09:00:00Z"),
        ("customer_answered", "2026-03-30T09:00:00Z"),
    ]
    assert (desk.case().status, desk.case(2)) == ("Closed", None)


def test_same_words_in_a_mail_of_their_own_reopen(desk: Rehearsal):
    desk.play(answer("2026-03-04 09:00", ANNA, "It fails again since this morning."))
    assert desk.case().status == "In progress"
