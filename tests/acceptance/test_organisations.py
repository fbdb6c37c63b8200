"""Organisations of the directory, through the real parts: who reads what in which language, and how cases are found."""

import json
from pathlib import Path

from tests.acceptance.bench import Bench, mail_of, text_of

SUPPORT, SIRI, BOSS, MARI = "support@example.com", "siri@ek.test", "boss@ek.test", "mari@example.com"


def test_the_team_sees_and_finds_a_case_by_its_organisation_whose_language_its_people_read(tmp_path: Path):
    people = {"1": {"address": MARI, "role": "agent"}, "2": {"address": "@ek.test", "organisation": "Ek AB"}}
    named = {"1": {"name": "Ek AB", "language": "de"}}
    desk = Bench(tmp_path / "desk", MARI, people=json.dumps({"people": people, "organisations": named}))
    desk.write(mail_of(SIRI, SUPPORT, "The printer is on fire", "It smells of smoke, and there are flames."))
    assert f"{SIRI}, Ek AB" in text_of(desk.sent(MARI)[-1])
    assert "Guten Tag" in text_of(desk.sent(SIRI)[-1]) or "Hallo" in text_of(desk.sent(SIRI)[-1])
    desk.write(mail_of(MARI, SUPPORT, "today", "list ek ab"), session=MARI)
    listed = text_of(desk.sent(MARI)[-1])
    assert "HD-1" in listed
    assert f"{SIRI} (Ek AB)" in listed
    desk.close()


def test_its_contact_writes_into_the_case_and_hears_of_it_where_the_directory_says_so(tmp_path: Path):
    people = {"1": {"address": MARI, "role": "agent"}, "2": {"address": "@ek.test", "organisation": "Ek AB"}}
    named: dict[str, dict[str, object]] = {"1": {"name": "Ek AB", "contact": BOSS}}
    document = {"people": people, "organisations": named}
    desk = Bench(tmp_path / "desk", MARI, people=json.dumps(document))
    desk.write(mail_of(SIRI, SUPPORT, "The printer is on fire", "It smells of smoke."), session=SIRI)
    desk.write(mail_of(BOSS, SUPPORT, "Re: [HD-1] The printer is on fire", "All of us wait for it."), session=BOSS)
    assert "All of us wait for it." in text_of(desk.sent(MARI)[-1])
    assert desk.sent(BOSS) == []
    named["1"]["contact_hears"] = True
    (tmp_path / "desk" / "directory.json").write_text(json.dumps(document))
    desk.write(mail_of(SIRI, SUPPORT, "The lift is stuck", "Between two floors."), session=SIRI)
    (greeting,) = desk.sent(BOSS)
    assert "[HD-2]" in str(greeting["Subject"])
    assert "Between two floors." not in text_of(greeting)
    desk.close()
