"""A customer's mail that an agent forwards, from its bytes to the case that it opens."""

import json
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from tests.acceptance.desk import SUPPORT

ANNA, JANE = "anna@example.com", "jane@customer.test"


def test_forwarded_mail_becomes_its_authors_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = EmailMessage(policy=SMTP)
    original["From"], original["To"], original["Subject"] = f"Jane <{JANE}>", ANNA, "The pump leaks"
    original["Date"], original["Message-ID"] = "Mon, 02 Mar 2026 09:30:00 +0200", "<pump@customer.test>"
    original.set_content("Water on the floor.\n")
    original.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="pump.png")
    mail = EmailMessage(policy=SMTP)
    mail["Received"] = "from x by y; Mon, 02 Mar 2026 12:00:00 +0200"
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = ANNA, SUPPORT, "Fwd: x", "<forward@example.com>"
    mail.set_content("fwd\npriority P2\n\nShe has phoned, too.\n")
    mail.add_attachment(original)
    (tmp_path / "forward.eml").write_bytes(mail.as_bytes())
    make_home(tmp_path / "desk", Wishes(agents=(ANNA, "ben@example.com")))
    words = ("rehearse", str(tmp_path / "forward.eml"), "--trust", "session", "--json")
    main([*words, "-c", str(tmp_path / "desk" / "mailbot.toml")])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    opened = next(line for line in lines if line.get("event") == "CaseOpened")
    assert (opened["requester"], opened["at"]) == (JANE, "2026-03-02T10:00:00Z")
    assert next(line for line in lines if line.get("event") == "ClockStarted")["at"] == "2026-03-02T10:00:00Z"
    said = [(line["from"], line["visibility"]) for line in lines if line.get("event") == "MessageAdded"]
    assert said == [(JANE, "public"), (ANNA, "internal")]
    told = {(line["to"][0], line["notice"], line["visibility"]) for line in lines if "notice" in line}
    assert told == {
        (JANE, "case_received", "public"),
        ("ben@example.com", "case_new", "internal"),
        (ANNA, "command_result", "internal"),
    }
    assert {line["subject"] for line in lines if "notice" in line} == {"[HD-1] The pump leaks"}
