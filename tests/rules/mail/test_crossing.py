"""Two agents at once: an answer that was written before a colleague's went out."""

from datetime import datetime
from typing import Any

import pytest

from mailbot.decision import Ending
from mailbot.event import MailHeld, Visibility
from tests.builders import ANNA, BEN, CUSTOMER, Story, a_story, at, names, to_customers, told

#: Anna's answer arrives then; the case was opened, and shown to the team, at ten.
ANSWERED = "2026-03-02 11:00"
SHOWN = at("2026-03-02 10:00")


def answered() -> Story:
    story = a_story("Open")
    story.mail(ANNA, "It is the cable.", ANSWERED)
    return story


def ben(story: Story, when: str, text: str = "Please restart it.", **keys: Any) -> Ending | None:
    return story.mail(BEN, text, when, said_before={1: "It is the cable."}, **keys).ending


@pytest.mark.parametrize(
    ("when", "date", "read", "notice", "held"),
    [
        pytest.param("2026-03-02 11:05", "2026-03-02 10:58", SHOWN, True, True, id="its Date is before"),
        pytest.param("2026-03-03 11:05", "2026-03-02 10:58", SHOWN, True, True, id="it was long on its way"),
        pytest.param("2026-03-02 11:05", "2026-03-02 10:58", SHOWN, False, True, id="in answer to the customer's mail"),
        pytest.param("2026-03-02 11:05", "2026-03-02 10:58", None, False, True, id="without references"),
        pytest.param("2026-03-02 11:10", "2026-03-02 11:09", SHOWN, True, True, id="begun before, sent minutes after"),
        pytest.param("2026-03-02 11:10", None, SHOWN, True, True, id="without a Date, minutes after"),
        pytest.param("2026-03-02 11:16", "2026-03-02 11:15", SHOWN, True, False, id="later than that"),
        pytest.param("2026-03-02 11:10", "2026-03-02 11:09", SHOWN, False, False, id="no notice of ours is named"),
        pytest.param("2026-03-02 11:10", None, None, False, False, id="neither Date nor references"),
        pytest.param("2026-03-02 11:05", "2026-03-02 10:58", at(ANSWERED), True, False, id="it names Anna's answer"),
        pytest.param("2026-03-02 12:00", "1970-01-01 00:00", SHOWN, True, False, id="a clock that stands"),
        pytest.param("2026-03-02 12:00", "1970-01-01 00:00", None, False, False, id="and without references"),
    ],
)
def test_an_answer_is_held_that_was_written_before_a_colleagues(
    when: str, date: str | None, read: datetime | None, notice: bool, held: bool
):
    story = answered()
    ending = ben(story, when, date=at(date) if date else None, read_until=read, names_notice=notice)
    assert ending is (Ending.HELD if held else Ending.THREADED)
    assert bool(to_customers(story.last.notices)) is not held


def test_a_date_without_a_zone_says_nothing():
    story = answered()
    assert ben(story, "2026-03-02 11:30", date=datetime(2026, 3, 2, 10, 58)) is Ending.THREADED  # noqa: DTZ001


def held_story() -> Story:
    story = answered()
    ben(story, "2026-03-02 11:05", "fix: Please restart it.", read_until=SHOWN, names_notice=True, inbox_id=51)
    return story


def test_its_author_is_told_who_wrote_what_and_nothing_of_the_mail_happens():
    story = held_story()
    (notice,) = story.last.notices
    assert (notice.to, notice.template, notice.author, notice.words) == (BEN, "held", ANNA, "It is the cable.")
    assert notice.data["reason"] == "outdated-answer"
    assert f"{ANNA} answered the customer before yours came: Monday 2 March 2026, 11:00" in str(
        notice.data["explanation"]
    )
    (held,) = [h.event for h in story.last.happened]
    assert isinstance(held, MailHeld)
    assert held.reason.startswith("outdated-answer: ")
    assert story.case.status == "In progress"


def test_send_lets_it_go_with_its_commands():
    story = held_story()
    decision = story.mail(BEN, "send", reply=Visibility.INTERNAL, held=51, held_for="outdated-answer: x")
    assert decision.admitted == 51
    assert told(decision) == {(BEN, "command_result")}
    ben(story, "2026-03-02 11:30", "fix: Please restart it.", admitted=True, read_until=SHOWN, names_notice=True)
    assert story.case.status == "Fixed"
    assert (CUSTOMER, "fixed") in told(story.last)


@pytest.mark.parametrize("keys", [{}, {"held": 51, "held_for": "unclear: a line of an internal notice stands in it"}])
def test_send_lets_nothing_else_go(keys: dict[str, Any]):
    story = held_story()
    decision = story.mail(BEN, "send", **keys)
    assert decision.admitted == 0
    assert names(decision) == ["CommandRefused"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("note: I would restart it.", id="a note"),
        pytest.param("priority P1", id="commands alone"),
    ],
)
def test_what_is_no_answer_is_not_held(text: str):
    story = answered()
    assert ben(story, "2026-03-02 11:05", text, date=at("2026-03-02 10:58")) is Ending.THREADED


def test_ones_own_answer_holds_up_no_other_of_ones_own():
    story = answered()
    second = story.mail(ANNA, "And its plug.", "2026-03-02 11:01", date=at("2026-03-02 10:59"))
    assert second.ending is Ending.THREADED


def test_where_no_member_has_answered_nothing_is_held():
    story = a_story("Open")
    assert ben(story, "2026-03-02 11:05", date=at("2026-03-02 10:58")) is Ending.THREADED
