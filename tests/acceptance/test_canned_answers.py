"""A canned answer, from the operator's file to the customer's mail."""

import json
from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from tests.acceptance.desk import SUPPORT

ANNA, JANE = "anna@example.com", "jane@customer.test"
MAIL = """\
From {sender} Mon Mar  2 {time}:00 2026
From: {sender}
To: {desk}
Subject: {subject}
Message-ID: <{time}@customer.test>

{text}

"""


def test_agent_sends_a_file_of_the_operators(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(tmp_path / "desk", Wishes(agents=(ANNA,)))
    folder = tmp_path / "desk" / "answers" / "en"
    folder.mkdir(parents=True)
    (folder / "restart.txt.j2").write_text("Please restart it and name {{ case }} if that does not help.\n")
    first = MAIL.format(sender=JANE, desk=SUPPORT, time="09:00", subject="Pump", text="It stopped.")
    second = MAIL.format(sender=ANNA, desk=SUPPORT, time="10:00", subject="[HD-1] Pump", text="use restart\nThanks!")
    (tmp_path / "past.mbox").write_text(first + second)
    config = str(tmp_path / "desk" / "mailbot.toml")
    main(["rehearse", str(tmp_path / "past.mbox"), "--trust", "session", "--json", "-c", config])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = [line["text"] for line in lines if line.get("event") == "MessageAdded"]
    assert said == ["It stopped.", "Please restart it and name HD-1 if that does not help.\n\nThanks!"]
    assert {
        (line["notice"], line["to"][0]) for line in lines if "notice" in line and line["at"] > "2026-03-02T09:30"
    } >= {
        ("answer", JANE),
        ("command_result", ANNA),
    }
