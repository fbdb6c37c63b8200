"""`mailbot agent`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said

Mailbot = Callable[..., Said]


def test_an_agent_has_an_address_of_the_desk_until_it_is_revoked(home: Path, mailbot: Mailbot):
    first = mailbot("agent", "address", "ANNA@example.com")
    assert re.fullmatch(r"support\+[a-z2-7]{44}@example\.com\n", first.out)
    assert mailbot("agent", "address", "anna@example.com") == first
    shown = json.loads(mailbot("agent", "address", "anna@example.com", "--revoke", "--json").out)
    assert (shown["address"], shown["revoked"]) == ("anna@example.com", True)
    assert shown["desk_address"] != first.out.strip()
    assert mailbot("agent", "address", "anna@example.com").out.strip() == shown["desk_address"]
    (row,) = json.loads((home / "directory.json").read_text())["people"].values()
    assert row["address_epoch"] == 1


def test_nobody_else_has_one(mailbot: Mailbot):
    said = mailbot("agent", "address", "eve@elsewhere.test")
    assert said == Said(1, "", "No agent, lead or manager has the address eve@elsewhere.test.\n")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param({"address_epoch": 255}, "was revoked 255 times", id="used-up"),
        pytest.param({"address_epoch": 256}, "256 is no whole number from 0 to 255", id="too-high"),
        pytest.param({"address_epoch": "1"}, "is no whole number", id="text"),
    ],
)
def test_a_row_that_cannot_be_counted_on_is_a_fault(home: Path, mailbot: Mailbot, row: dict[str, object], fault: str):
    file = home / "directory.json"
    people = {"1": {"address": "anna@example.com", "role": "agent", **row}}
    file.write_text(json.dumps({"people": people}))
    said = mailbot("agent", "address", "anna@example.com", "--revoke")
    assert said.code == 2
    assert fault in said.err
    assert json.loads(file.read_text())["people"] == people


def test_a_desk_whose_addresses_hold_no_token_has_none(mailbot: Mailbot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAILBOT_DESK__REPLY_TOKENS", "none")
    said = mailbot("agent", "address", "anna@example.com")
    assert said.code == 2
    assert "desk.reply_tokens" in said.err
