"""The satisfaction survey: asked once after a closing, answered by mail, reopening nothing."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.decision import Decision, Notice
from mailbot.event import DeliveryFailed, SurveyAnswered
from mailbot.mail import Automatic
from mailbot.people import Desk
from mailbot.rules.case.evolve import evolve
from mailbot.rules.mail import survey
from mailbot.rules.mail.survey import score_of
from tests.builders import (
    ANNA,
    BEN,
    CLAIMED,
    CUSTOMER,
    LEA,
    WATCHER,
    Story,
    a_desk,
    a_story,
    an_attachment,
    at,
    changed,
    modera,
    names,
    told,
)

ASKED = {"scale": 5, "low": 2, "after": "1 day"}
DESK: Desk = a_desk()


def closed(**keys: Any) -> Story:
    """A case that Anna solved and closed at ten on Monday, at a desk with a survey."""
    return a_story("Closed", process=changed(modera(), survey={**ASKED, **keys}))


def asked(**keys: Any) -> Story:
    """The same, after the customer was asked on Tuesday at ten."""
    story = closed(**keys)
    story.until("2026-03-03 10:00")
    assert story.case.surveyed_at == at("2026-03-03 10:00")
    return story


def answered(said: str, story: Story | None = None, sender: str = CUSTOMER, **keys: Any) -> tuple[Story, Decision]:
    story = story or asked()
    story.answers_survey = keys.pop("names_it", True)
    return story, story.mail(sender, said, "2026-03-03 12:00", **keys)


def surveys(story: Story) -> list[Notice]:
    return [notice for notice in story.notices if notice.template == "survey"]


def test_customer_is_asked_once_after_the_closing():
    story = closed()
    story.until("2026-03-03 09:59")
    assert surveys(story) == []
    story.until("2026-06-01 10:00")
    (notice,) = surveys(story)
    assert (notice.to, notice.at, notice.case) == (CUSTOMER, at("2026-03-03 10:00"), 1)
    assert notice.data == {"scale": 5, "question": ""}


def test_case_that_closes_again_is_asked_about_again_and_the_old_answer_is_gone():
    story, _ = answered("5")
    story.mail(CUSTOMER, "reopen", "2026-03-03 13:00")
    story.mail(ANNA, "fix: Now it is.", "2026-03-03 14:00")
    story.mail(CUSTOMER, "confirm", "2026-03-03 15:00")
    assert story.case.survey_score == 5
    story.until("2026-03-05 00:00")
    assert len(surveys(story)) == 2
    assert (story.case.survey_score, story.case.survey_answers) == (0, 0)


def test_late_question_is_asked_when_it_is_really_sent():
    story = closed()
    (due,) = survey.deadlines(story.case, story.process, DESK)
    assert due.rule == survey.SURVEY
    assert story.fires(due, "2026-03-04 08:00").case == 1
    assert story.case.surveyed_at == at("2026-03-04 08:00")


@pytest.mark.parametrize(
    ("reason", "reasons", "is_asked"),
    [
        pytest.param("Confirmed", (), True, id="solved"),
        pytest.param("Duplicate", (), False, id="not-solved"),
        pytest.param("Duplicate", ("Duplicate",), True, id="a-reason-of-the-process"),
        pytest.param("Confirmed", ("Duplicate",), False, id="another-reason"),
    ],
)
def test_only_some_closings_are_asked_about(reason: str, reasons: tuple[str, ...], *, is_asked: bool):
    story = closed(reasons=reasons)
    case = replace(story.case, reason=reason, solved=reason == "Confirmed")
    assert bool(list(survey.deadlines(case, story.process, DESK))) is is_asked


def test_process_without_a_survey_asks_nobody():
    story = a_story("Closed")
    assert list(survey.deadlines(story.case, story.process, DESK)) == []
    assert "SurveyAnswered" not in names(answered("5", story)[1])


def test_open_case_is_not_asked_about():
    story = a_story("Fixed", process=changed(modera(), survey=ASKED))
    assert list(survey.deadlines(story.case, story.process, DESK)) == []


def test_customer_whom_nothing_proved_is_not_asked():
    story = Story(process=changed(modera(), survey=ASKED))
    story.mail(CUSTOMER, "The printer is on fire.", proofs=CLAIMED)
    assert not story.case.requester_proven
    story.mail(ANNA, "close: Solved")
    assert list(survey.deadlines(story.case, story.process, DESK)) == []


def test_program_is_not_asked():
    story = Story(process=changed(modera(), survey=ASKED))
    story.mail(CUSTOMER, "Disk full", automatic=Automatic.MONITORING)
    story.mail(ANNA, "close: Solved")
    assert list(survey.deadlines(story.case, story.process, DESK)) == []


def test_command_proves_its_sender_too_and_another_requester_proves_anew():
    story = Story(process=changed(modera(), survey=ASKED))
    story.mail(ANNA, f"for {CUSTOMER}\ntake\nHe phoned.")
    story.mail(ANNA, "fix: Done.")
    proven = [story.case.requester_proven]
    story.mail(CUSTOMER, "confirm")
    proven.append(story.case.requester_proven)
    story.mail(ANNA, "requester kai@x.test")
    assert [*proven, story.case.requester_proven] == [False, True, False]


def test_customer_whose_mail_came_back_is_not_asked_until_they_write_again():
    story = closed()
    failed = DeliveryFailed(at=story.now, to=CUSTOMER, status="5.1.1")
    story.cases[1] = evolve(story.case, failed)
    assert list(survey.deadlines(story.case, story.process, DESK)) == []
    story.mail(CUSTOMER, "Thanks!")
    assert story.case.unreachable == ()
    assert len(list(survey.deadlines(story.case, story.process, DESK))) == 1


@pytest.mark.parametrize(
    ("said", "score", "words"),
    [
        pytest.param("5", 5, "", id="a-number"),
        pytest.param("5 great", 5, "great", id="number-and-word"),
        pytest.param("4.\n\nGood help,\nbut slow.", 4, "Good help,\nbut slow.", id="words-below"),
        pytest.param("5/5 - perfect!", 5, "perfect!", id="of-five"),
        pytest.param("3 of 5, thanks", 3, "thanks", id="of-five-in-words"),
        pytest.param("*1*", 1, "", id="bold"),
        pytest.param("10/10", 0, "10/10", id="another-scale"),
        pytest.param("2.5", 0, "2.5", id="a-half"),
        pytest.param("10:30 suits me", 0, "10:30 suits me", id="a-time"),
        pytest.param("3rd try", 0, "3rd try", id="an-ordinal"),
        pytest.param("0", 0, "0", id="below-the-scale"),
        pytest.param("Great help", 0, "Great help", id="words-alone"),
    ],
)
def test_number_comes_first_and_the_rest_are_words(said: str, score: int, words: str):
    assert score_of(said, 5) == (score, words)


def test_answer_is_written_down_and_thanked_for_once():
    story, decision = answered("5 great work")
    event = next(h.event for h in decision.happened if isinstance(h.event, SurveyAnswered))
    assert (event.score, event.words, event.sender) == (5, "great work", CUSTOMER)
    assert names(decision) == ["SurveyAnswered"]
    assert told(decision) == {(CUSTOMER, "survey_thanks")}
    assert (story.case.status, story.case.survey_score) == ("Closed", 5)
    _, again = answered("4, on second thoughts", story)
    assert (told(again), story.case.survey_score, story.case.survey_words) == (set(), 4, "on second thoughts")


def test_low_number_reaches_the_assignee_and_the_lead_with_its_words():
    story, decision = answered("2\nIt took too long.")
    assert told(decision) == {(CUSTOMER, "survey_thanks"), (ANNA, "survey_low"), (LEA, "survey_low")}
    low = next(notice for notice in decision.notices if notice.to == LEA)
    assert (low.words, low.author, low.data) == ("It took too long.", CUSTOMER, {"score": 2, "scale": 5})
    assert story.case.status == "Closed"


def test_low_of_nought_tells_nobody():
    _, decision = answered("1 awful", asked(low=0))
    assert told(decision) == {(CUSTOMER, "survey_thanks")}


def test_objection_without_a_number_reaches_the_assignee_and_does_not_reopen():
    story, decision = answered("It is still broken, by the way.")
    assert (story.case.status, story.case.survey_score) == ("Closed", 0)
    assert told(decision) == {(CUSTOMER, "survey_thanks"), (ANNA, "customer_answered")}
    assert names(decision) == ["SurveyAnswered", "MessageAdded"]
    thanks = next(notice for notice in decision.notices if notice.to == CUSTOMER)
    assert thanks.data == {"score": 0, "scale": 5, "told": True}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("4 of the printers still do not work, please reopen", id="the-number-was-none"),
        pytest.param("5\nBut it is broken again since today.", id="below-it"),
        pytest.param("4 - since today the light is off", id="no-clear-objection"),
        pytest.param("4 still broken", id="short"),
    ],
)
def test_words_beside_a_good_number_that_are_no_thanks_reach_the_assignee_and_do_not_reopen(said: str):
    story, decision = answered(said)
    assert told(decision) == {(CUSTOMER, "survey_thanks"), (ANNA, "customer_answered")}
    assert names(decision) == ["SurveyAnswered", "MessageAdded"]
    shown = next(notice for notice in decision.notices if notice.to == ANNA)
    assert shown.words == story.case.survey_words
    thanks = next(notice for notice in decision.notices if notice.to == CUSTOMER)
    assert thanks.data["told"] is True
    assert story.case.status == "Closed"


@pytest.mark.parametrize(
    ("said", "score", "members"),
    [
        pytest.param("5\nPrivate: +372 5555 1234 complained", 5, {"privacy_gate"}, id="good-number"),
        pytest.param("2\nPrivate: +372 5555 1234 complained", 2, {"privacy_gate", "survey_low"}, id="low-number"),
        pytest.param("Private: +372 5555 1234 complained", 0, {"privacy_gate"}, id="words-alone"),
    ],
)
def test_privacy_gate_holds_the_words_back_and_the_number_counts(said: str, score: int, members: set[str]):
    story = a_story("Closed", process=changed(modera(), survey=ASKED, privacy={"marks": ["private"]}))
    story.until("2026-03-03 10:00")
    story, decision = answered(said, story)
    assert (story.case.survey_score, story.case.survey_answers, story.case.status) == (score, 1, "Closed")
    assert {template for to, template in told(decision) if to == ANNA} == members
    assert (CUSTOMER, "privacy_held") in told(decision)
    assert "5555" not in str((decision.notices, decision.happened))
    assert len(story.case.withheld) == 1


def test_thanks_without_a_number_disturb_nobody():
    _, decision = answered("Thank you!")
    assert told(decision) == {(CUSTOMER, "survey_thanks")}


def test_picture_beside_the_number_joins_the_case():
    _, decision = answered("1 look at this", attachments=(an_attachment(),))
    assert names(decision) == ["SurveyAnswered", "MessageAdded"]
    low = next(notice for notice in decision.notices if notice.to == ANNA)
    assert len(low.carried) == 1


def test_word_in_the_answer_is_obeyed():
    story, decision = answered("reopen\nIt is still broken.")
    assert story.case.status == "In progress"
    assert not [h for h in decision.happened if isinstance(h.event, SurveyAnswered)]


@pytest.mark.parametrize(
    ("said", "is_answer"),
    [
        pytest.param("4", True, id="a-number-alone"),
        pytest.param("4\n\nwith words below", True, id="a-number-alone-on-the-first-line"),
        pytest.param("4 printers are still on fire", False, id="words-behind-it"),
        pytest.param("It is still broken.", False, id="no-number"),
    ],
)
def test_mail_that_does_not_name_the_survey_answers_it_by_a_number_alone(said: str, *, is_answer: bool):
    story, decision = answered(said, names_it=False)
    assert bool([h for h in decision.happened if isinstance(h.event, SurveyAnswered)]) is is_answer
    assert (story.case.status == "Closed") is is_answer


def test_number_before_the_question_is_an_ordinary_mail():
    story = closed()
    assert "SurveyAnswered" not in names(story.mail(CUSTOMER, "5"))


def test_watchers_and_complaints_past_the_engineer_do_not_answer_it():
    story = asked()
    story.cases[1] = replace(story.case, watchers=(WATCHER,))
    assert "SurveyAnswered" not in names(answered("4", story, WATCHER)[1])


def test_answer_over_the_limits_is_kept_and_not_answered():
    _, decision = answered("5", answerable=False)
    assert (names(decision), told(decision)) == (["SurveyAnswered"], set())


def test_colleague_hears_of_a_low_number_where_nobody_has_the_case():
    story = asked()
    story.cases[1] = replace(story.case, assignee="")
    _, decision = answered("1", story)
    assert {to for to, template in told(decision) if template == "survey_low"} == {ANNA, BEN, LEA}
