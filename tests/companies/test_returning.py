"""A member of a real desk is away and comes back: one mail says what happened, with addresses that work."""

import re

import pytest

from tests.companies.rehearsal import ANNA, BOB, JAAN, LENA, MARI, Rehearsal, answer, mail, person


@pytest.fixture
def desk() -> Rehearsal:
    """Mari goes on Monday and is to be back on Wednesday; Jaan solves one of her two cases, the other waits."""
    rehearsal = Rehearsal("modera", people=[person(ANNA), person(BOB)])
    return rehearsal.play(
        mail("2026-03-02 09:00", ANNA, "The printer burns."),
        mail("2026-03-02 09:01", BOB, "The lift is stuck.", subject="Lift"),
        answer("2026-03-02 09:05", MARI, "take"),
        answer("2026-03-02 09:06", MARI, "take", case=2),
        mail("2026-03-02 10:00", MARI, "away until 2026-03-04", subject="off"),
        answer("2026-03-02 11:00", JAAN, "take\nfix: It was the cable."),
        answer("2026-03-03 12:00", BOB, "Still stuck!", case=2, subject="Lift"),
    )


def told(desk: Rehearsal, to: str = MARI) -> list[tuple[str, str]]:
    return desk.told.notices(to, "digest")


def test_when_service_opens_on_the_day_they_read_what_became_of_their_cases(desk: Rehearsal):
    desk.until("2026-03-05 12:00")
    assert told(desk) == [("digest", "2026-03-04T09:00:00Z")]
    assert told(desk, JAAN) == []
    said = desk.told.text("digest", MARI)
    assert said.startswith("Welcome back: what waits on Wednesday 4 March 2026\n")
    waiting, fixed = said.index("Yours before, waiting for us (1)\n"), said.index("Yours before, open (1)\n")
    assert waiting < said.index("HD-2  Lift\n  In progress") < fixed < said.index("HD-1  Printer\n  Fixed")
    assert "mails from outside: 1; the customer wrote Tuesday 3 March 2026, 12:00 (UTC)" in said
    assert "with Jaan Tamm" in said
    assert "mails from the team: 1; it was In progress before" in said


def test_who_says_to_be_back_reads_it_at_once_and_the_address_of_a_case_answers_it(desk: Rehearsal):
    desk.play(mail("2026-03-03 13:00", MARI, "away: off", subject="here"), until="2026-03-05 12:00")
    assert told(desk) == [("digest", "2026-03-03T13:00:00Z")]
    address = re.findall(r"support\+\w{44}@example\.com", desk.told.text("digest", MARI))[0]
    desk.trust = "verified"
    desk.play(mail("2026-03-05 13:00", MARI, "take", to=address, subject="Re: [HD-2] Lift"))
    assert desk.case(2).assignee == MARI


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_who_stays_longer_reads_of_all_of_it_when_they_are_back(desk: Rehearsal):
    desk.play(mail("2026-03-03 13:00", MARI, "away until 2026-03-06", subject="off"), until="2026-03-05 12:00")
    assert told(desk) == []
    assert told(desk.until("2026-03-06 09:00")) == [("digest", "2026-03-06T09:00:00Z")]
    assert "HD-1  Printer" in desk.told.text("digest", MARI)


def test_on_the_day_of_the_return_one_mail_is_enough(desk: Rehearsal):
    desk.opening_digest = "opening"
    desk.until("2026-03-05 12:00")
    assert told(desk) == [("digest", "2026-03-04T09:00:00Z"), ("digest", "2026-03-05T09:00:00Z")]
    assert [when for _, when in told(desk, LENA)][-2:] == ["2026-03-04T09:00:00Z", "2026-03-05T09:00:00Z"]
    subjects = [letter.subject for letter in desk.told.letters if letter.template == "digest" and letter.to == MARI]
    assert [subject.partition(":")[0] for subject in subjects] == [
        "Welcome back",
        "What waits on Thursday 5 March 2026",
    ]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_restart_tells_it_no_second_time_and_a_late_start_tells_it(desk: Rehearsal):
    desk.now = desk.now.replace(month=3, day=9, hour=7)
    for _ in range(4):
        desk.engine.step(desk.now)
    assert told(desk) == [("digest", "2026-03-09T07:00:00Z")]
