"""The second company's desk, with its people and how a case begins there, for all its tests."""

from typing import Any

from tests.companies.rehearsal import ANNA, MARI, Rehearsal, Told, answer, mail, person, play

DORA = "dora@example.com"
ACME = person(ANNA, organisation="Acme", contract_until="2026-12-31")
PEOPLE = (ACME, person(DORA, "director"))

OPENED = mail("2026-03-02 09:00", ANNA, "It fails.")
TAKEN = answer("2026-03-02 10:00", MARI, "take")
ASKED = answer("2026-03-02 11:00", MARI, "ask: Which version is it?")


def quadrotech(*mails: Any, until: str = "", people: Any = PEOPLE, **place: str) -> Told:
    return play("quadrotech", mails, until=until, people=people, **place)


def living(*mails: Any, people: Any = PEOPLE, **keys: Any) -> Rehearsal:
    return Rehearsal(keys.pop("process", "quadrotech"), people=people, **keys).play(*mails)
