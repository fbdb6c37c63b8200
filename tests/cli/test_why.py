"""`mailbot why`."""

import json
from collections.abc import Callable
from datetime import timedelta

from mailbot.event import ClockName, ClockPaused, Event, Kind, StatusChanged
from mailbot.store.sql import SqlStore
from tests.cli.conftest import ANNA, MONDAY, Said, open_case, opening, taking

Mailbot = Callable[..., Said]


def asking() -> list[Event]:
    """The events of a case that was taken on Monday at ten and has waited for its customer since eleven."""
    at = MONDAY + timedelta(hours=2)
    waits = "Waiting for customer"
    return [
        *opening(1),
        *taking(MONDAY + timedelta(hours=1)),
        StatusChanged(at=at, old="In progress", new=waits, kind=Kind.WAITING_CUSTOMER, reason="", actor=ANNA),
        ClockPaused(at=at, clock=ClockName.RESOLUTION, due=None, cause=waits),
    ]


def test_each_clock_is_explained(store: SqlStore, mailbot: Mailbot):
    open_case(store, asking())
    said = mailbot("why", "HD-1", "--json")
    document = json.loads(said.out)
    assert (said.code, document["case"], document["number"]) == (0, "HD-1", 1)
    pickup, resolution = document["clocks"]
    assert (pickup["clock"], pickup["state"], pickup["used_seconds"]) == ("pickup", "met", 3600)
    # What comes after it was met is no pause.
    assert pickup["pauses"] == []
    assert (resolution["state"], resolution["used_seconds"], resolution["due"]) == ("paused", 3600, None)
    assert resolution["started"] == "2020-03-02T10:00:00Z"
    pause = {"from": "2020-03-02T11:00:00Z", "to": None, "cause": "Waiting for customer"}
    assert resolution["pauses"] == [pause]
    # The list of the case says the same in short.
    short = json.loads(mailbot("case", "1", "--json").out)["clocks"]
    assert short == [
        {key: clock[key] for key in ("clock", "state", "due", "used_seconds")} for clock in (pickup, resolution)
    ]


def test_each_clock_is_explained_to_people(store: SqlStore, mailbot: Mailbot):
    open_case(store, asking())
    out = mailbot("why", "1").out
    for words in (
        "Mon 02 Mar 2020 11:00 UTC to now (Waiting for customer)",
        "1 h 00 min of 80 h 00 min",
        "Monday to Friday 09:00-17:00",
        "it is paused",
    ):
        assert words in out


def test_an_unknown_case_is_a_no(mailbot: Mailbot):
    assert mailbot("why", "7") == Said(1, "", "There is no case HD-7.\n")
