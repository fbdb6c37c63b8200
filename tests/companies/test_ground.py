"""Process, directory and place change while cases are open: clocks and ladders follow at once (`semantics.md` 9)."""

from pathlib import Path
from typing import Any

import pytest

from mailbot.rules.clock import clocks
from tests.companies.rehearsal import ANNA, MARI, Rehearsal, answer, edited, mail, person

OPENED = mail("2026-03-02 09:00", ANNA, "It fails.")
TAKEN = answer("2026-03-02 10:00", MARI, "take")


def test_another_plan_recomputes_the_clock(tmp_path: Path):
    line = '# "Level 4" = { response = "..." }'
    filled = edited(
        "advendio", lambda text: text.replace(line, '"Level 4" = { response = "1 business day" }'), tmp_path
    )
    desk = Rehearsal(filled, people=[person(ANNA, plan="basic")]).play(OPENED)
    assert desk.told.due("response") == "2026-03-03T17:00:00Z"
    desk.hire(person(ANNA, plan="premium"))
    told = desk.until("2026-03-02 12:00").told
    assert told.one("PlanChanged")["plan"] == "premium"
    changed = told.one("ClockChanged")
    assert (changed["at"], changed["due"]) == ("2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z")


def test_holidays_of_another_country_move_what_is_due():
    desk = Rehearsal("modera", zone="Europe/Tallinn").play(mail("2026-02-23 14:00", ANNA, "It fails."))
    assert desk.told.due("pickup") == "2026-02-25T14:00:00Z"
    desk.holidays = "EE"
    told = desk.until("2026-02-27 00:00").told
    assert told.one("ClockChanged")["due"] == "2026-02-26T14:00:00Z"
    assert told.at("ClockBreached") == ["2026-02-26T14:00:00Z"]


def test_a_ladder_follows_an_edit_of_its_steps(tmp_path: Path):
    asked = answer("2026-03-02 11:00", MARI, "ask: Which?")
    desk = Rehearsal("modera").play(OPENED, TAKEN, asked).until("2026-03-05 11:00")
    desk.process = edited("modera", lambda text: text.replace('after = "30 days"', 'after = "10 days"'), tmp_path)
    assert desk.until("2026-03-13 00:00").told.reminders() == [(1, "2026-03-12T11:00:00Z")]


def test_an_edit_that_changes_nothing_tells_nothing(tmp_path: Path):
    desk = Rehearsal("modera").play(OPENED, TAKEN)
    before = desk.told.lines
    desk.process = edited("modera", lambda text: text + "\n# a remark\n", tmp_path)
    desk.hire(person("new@customer.test"))
    assert desk.until("2026-03-02 12:00").told.lines == before
    assert desk.until("2026-04-01 12:00").told.at("ClockBreached") == ["2026-03-16T10:00:00Z"]


def test_more_cases_than_one_batch_are_reached(tmp_path: Path):
    mails = [mail(f"2026-03-02 09:{n // 60:02d}:{n % 60:02d}", f"p{n}@customer.test", "It fails.") for n in range(60)]
    desk = Rehearsal("modera").play(*mails)
    desk.process = edited("modera", lambda text: text.replace('pickup = "16 hours"', 'pickup = "24 hours"'), tmp_path)
    assert len(desk.until("2026-03-02 12:00").told.events("ClockChanged")) == 60


def test_a_case_that_cannot_be_computed_stops_no_other(monkeypatch: pytest.MonkeyPatch):
    desk = Rehearsal("modera").play(OPENED, mail("2026-03-02 09:01", "bob@customer.test", "Mine too."))
    right = clocks.settle

    def broken(draft: Any) -> None:
        if draft.open_case.number == 1:
            raise RuntimeError("a bug")
        right(draft)

    monkeypatch.setattr(clocks, "settle", broken)
    desk.holidays = "EE"
    told = desk.until("2026-03-05 12:00").told
    assert told.at("ClockBreached", case=2) == ["2026-03-04T09:01:00Z"]
