"""The opening digest of a real desk: once a working day, late rather than never, with addresses that work."""

import re
from datetime import datetime

import pytest

from tests.builders import at
from tests.companies.rehearsal import ANNA, BOB, JAAN, LENA, MARI, Rehearsal, answer, mail, person

#: Friday, three hours before service opens in Tallinn; Monday when it does, and Tuesday.
FRIDAY, MONDAY, TUESDAY = at("2026-03-06 04:00"), "2026-03-09T07:00:00Z", "2026-03-10T07:00:00Z"


def opened(now: datetime = FRIDAY) -> Rehearsal:
    desk = Rehearsal("modera", people=[person(ANNA), person(BOB)], zone="Europe/Tallinn", opening_digest="opening")
    desk.now = now
    return desk


@pytest.fixture
def desk() -> Rehearsal:
    """On Friday Mari asked Anna, who answered; Bob's case is nobody's. There was nothing to tell in the morning."""
    return opened().play(
        mail("2026-03-06 09:00", ANNA, "The printer burns."),
        mail("2026-03-06 09:01", BOB, "The lift is stuck.", subject="Lift"),
        answer("2026-03-06 09:05", MARI, "take\nask: Which one?"),
        answer("2026-03-06 10:05", ANNA, "That of room 4."),
    )


def digests(desk: Rehearsal) -> list[tuple[str, str]]:
    lines = [line for line in desk.told.lines if line.get("notice") == "digest"]
    return [(line["at"], to) for line in lines for to in line["to"]]


def test_each_member_reads_once_on_a_working_day_what_waits(desk: Rehearsal):
    desk.until("2026-03-09 06:59:59")
    assert digests(desk) == []
    desk.until("2026-03-09 20:00")
    assert digests(desk) == [(MONDAY, MARI), (MONDAY, JAAN), (MONDAY, LENA)]
    assert desk.until("2026-03-10 07:00").told.notices(MARI, "digest") == [("digest", MONDAY), ("digest", TUESDAY)]
    said = desk.told.text("digest", MARI)
    assert said.startswith("What waits on Tuesday 10 March 2026\n")
    assert said.index("Yours, the customer waits for an answer (1)\n\nHD-1  Printer") < said.index("HD-2  Lift")
    assert "the customer wrote Friday 6 March 2026, 12:05 (EET)" in said


def test_the_address_below_a_case_answers_that_case_for_its_reader_alone(desk: Rehearsal):
    desk.until("2026-03-09 08:00")
    first, _ = re.findall(r"support\+\w{44}@example\.com", desk.told.text("digest", MARI))
    desk.trust = "verified"
    desk.play(
        mail("2026-03-09 08:01", JAAN, "priority P2", to=first, subject="Re: [HD-1] Printer"),
        mail("2026-03-09 08:02", MARI, "priority P1", to=first, subject="Re: [HD-1] Printer"),
    )
    assert [event["new"] for event in desk.told.events("PriorityChanged")] == ["P1"]


def test_where_nothing_waits_nobody_hears_not_even_of_what_comes_later_on_that_day():
    desk = opened().play(mail("2026-03-06 09:00", ANNA, "The printer burns."))
    assert digests(desk) == []


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("back", "told"),
    [
        pytest.param("2026-03-09 13:00", ["2026-03-09T13:00:00Z"], id="on the same day"),
        pytest.param("2026-03-09 16:00", [], id="after it"),
        pytest.param("2026-03-11 09:30", ["2026-03-11T09:30:00Z"], id="on a later day: that day's alone"),
    ],
)
def test_what_was_down_when_the_day_began_tells_late_on_the_same_day(desk: Rehearsal, back: str, told: list[str]):
    desk.now = at(back)
    desk.until(back)
    assert [when for when, to in digests(desk) if to == MARI] == told


def test_a_restart_on_the_same_day_tells_nobody_again(desk: Rehearsal):
    desk.until("2026-03-09 08:00")
    for _ in range(3):
        desk.engine.step(at("2026-03-09 09:00"))
    assert digests(desk) == [(MONDAY, MARI), (MONDAY, JAAN), (MONDAY, LENA)]


def test_of_two_that_are_awake_at_once_one_tells(desk: Rehearsal):
    desk.until("2026-03-09 06:00")
    one, other = desk.engine, desk.engine
    assert [engine.next_mail(at("2026-03-09 06:00")) for engine in (one, other)] == [at("2026-03-09 07:00")] * 2
    assert one.step(at("2026-03-09 07:00"))
    other.step(at("2026-03-09 07:00"))
    assert len(digests(desk)) == 3
    assert other.next_mail(at("2026-03-09 07:00")) == at(TUESDAY.replace("T", " ").rstrip("Z"))


def test_a_mail_that_came_before_is_told_with_the_rest_and_one_after_is_not(desk: Rehearsal):
    desk.play(
        mail("2026-03-09 07:00", ANNA, "It burns again.", subject="Lamp"),
        mail("2026-03-09 07:00:01", ANNA, "And the door.", subject="Door"),
    )
    said = desk.told.text("digest", JAAN)
    assert "HD-3  Lamp" in said
    assert "HD-4" not in said


def test_who_wants_none_or_is_away_gets_none(desk: Rehearsal):
    desk.play(
        mail("2026-03-06 11:00", JAAN, "digest: off", subject="please"),
        mail("2026-03-06 11:01", LENA, "away until 2026-03-12", subject="off"),
        until="2026-03-09 08:00",
    )
    assert digests(desk) == [(MONDAY, MARI)]
    desk.play(mail("2026-03-09 11:00", JAAN, "digest: on", subject="please"), until="2026-03-10 08:00")
    assert digests(desk)[1:] == [(TUESDAY, MARI), (TUESDAY, JAAN)]
