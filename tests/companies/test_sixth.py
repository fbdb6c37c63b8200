"""A sixth company, written only from docs/own-process.md: it works without a change of code, and the guide is true."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailbot.process import Process
from mailbot.process.file import doubts, load_process
from tests.companies.rehearsal import ANNA, Rehearsal, Told, answer, mail, person

HERE = Path(__file__).parent
GUIDE = HERE.parent.parent / "docs" / "own-process.md"
FIRST, SECOND, CHIEF, BOSS = (f"{name}@example.com" for name in ("first", "second", "chief", "boss"))
TEAM = (
    person(FIRST, "agent", team="first line"),
    person(SECOND, "agent", team="second line"),
    person(CHIEF, "lead", team="first line"),
    person(BOSS, "manager"),
)


@cache
def sixth() -> Process:
    return load_process(HERE / "sixth.toml")


def play(*mails: Any, until: str = "") -> Told:
    desk = Rehearsal(sixth(), team=TEAM, zone="Europe/Berlin", holidays="DE-BY")
    try:
        return desk.play(*mails, until=until).told
    finally:
        desk.store.close()


def test_it_has_no_fault_and_raises_no_doubt():
    assert sixth().name == "sixth"
    assert list(doubts(sixth())) == []


def test_new_cases_go_to_the_first_line_and_a_member_hands_them_to_the_second():
    told = play(
        mail("2026-03-02 09:00 Europe/Berlin", ANNA, "It weighs too much."),
        answer("2026-03-02 10:00 Europe/Berlin", FIRST, "assign second line"),
    )
    assert told.notices(FIRST, "case_new") == [("case_new", "2026-03-02T08:00:00Z")]
    assert told.notices(SECOND, "case_new") == []
    assert told.notices(SECOND, "assigned") == [("assigned", "2026-03-02T09:00:00Z")]


@pytest.mark.parametrize(
    ("fields", "priority", "due"),
    [
        ("Impact: everybody\nUrgency: now", "P1", "2026-03-02T08:30:00Z"),
        ("Urgency: later\nImpact: high", "P2", "2026-03-02T12:30:00Z"),
        ("> Impact: one\n> Urgency: today", "P3", "2026-03-03T07:30:00Z"),
        ("Impact: low\nUrgency: low", "P4", "2026-03-04T07:30:00Z"),
        ("Impact: everybody", "P3", "2026-03-03T07:30:00Z"),
        ("No fields at all.", "P3", "2026-03-03T07:30:00Z"),
    ],
)
def test_the_priority_is_that_of_impact_and_urgency(fields: str, priority: str, due: str):
    told = play(mail("2026-03-02 08:30 Europe/Berlin", ANNA, f"{fields}\n\nIt weighs too much."))
    changed = [event["new"] for event in told.events("PriorityChanged")]
    assert (changed or [told.one("CaseOpened")["priority"]])[-1] == priority
    assert told.due("response") == due


def test_a_lunch_break_does_not_count():
    told = play(mail("2026-03-02 11:30 Europe/Berlin", ANNA, "Impact: all\nUrgency: now"))
    assert told.due("response") == "2026-03-02T12:30:00Z"


def test_saturday_mornings_count():
    told = play(mail("2026-03-06 16:30 Europe/Berlin", ANNA, "Impact: all\nUrgency: now"))
    assert told.due("response") == "2026-03-07T08:30:00Z"


@pytest.mark.parametrize(
    ("when", "due"),
    [
        # Epiphany (6 January) closes Bavaria, and not the whole of Germany; Easter Monday closes all.
        ("2026-01-05 16:30 Europe/Berlin", "2026-01-07T07:30:00Z"),
        ("2026-04-04 11:30 Europe/Berlin", "2026-04-07T06:30:00Z"),
    ],
)
def test_the_public_holidays_of_one_state_do_not_count(when: str, due: str):
    assert play(mail(when, ANNA, "Impact: all\nUrgency: now")).due("response") == due


def test_one_reminder_goes_out_after_5_business_days_and_nothing_after_it():
    told = play(
        mail("2026-03-02 08:00 Europe/Berlin", ANNA, "It weighs too much."),
        answer("2026-03-02 09:00 Europe/Berlin", FIRST, "ask: Which scale?"),
        until="2026-06-01 00:00",
    )
    # 7 h on Monday, 4 x 8 h to Friday make 39 of 40; the last hour is Saturday's first.
    assert told.reminders() == [(1, "2026-03-07T09:00:00Z")]
    assert [status for _, status, _ in told.statuses()] == ["In work", "Waiting for you"]


def test_a_lead_is_called_after_half_of_the_resolution_target_and_a_manager_after_all_of_it():
    told = play(mail("2026-03-02 08:00 Europe/Berlin", ANNA, "Impact: all\nUrgency: now"), until="2026-03-04 00:00")
    assert [(e["at"], e["to"], e["level"]) for e in told.events("Escalated")] == [
        ("2026-03-02T11:00:00Z", CHIEF, 0),
        ("2026-03-02T16:00:00Z", BOSS, 0),
    ]
    assert told.at("ClockBreached", clock="resolution") == ["2026-03-02T16:00:00Z"]


def test_nobody_is_called_for_a_case_that_was_solved_in_time():
    told = play(
        mail("2026-03-02 08:00 Europe/Berlin", ANNA, "Impact: all\nUrgency: now"),
        answer("2026-03-02 09:00 Europe/Berlin", FIRST, "solve: Please turn it round."),
        until="2026-03-10 00:00",
    )
    assert told.events("Escalated") == []


def test_the_sections_of_the_guide_make_one_process_without_a_fault(tmp_path: Path):
    blocks = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "kiosk.toml"
    path.write_text("\n".join(blocks), encoding="utf-8")
    assert load_process(path).name == "kiosk"
    assert list(doubts(load_process(path))) == []


def test_every_key_of_the_sixth_is_in_the_guide():
    keys = set(re.findall(r"^(?:\[+)?([a-z_.]+)(?:\]+)? ?=?", (HERE / "sixth.toml").read_text(), re.MULTILINE))
    guide = GUIDE.read_text(encoding="utf-8")
    assert [key for key in sorted(keys) if key not in guide] == []
