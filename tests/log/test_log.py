"""The log tells what happened and where, and nothing of a mail.

Each test logs in a process of its own: logging is one thing for a whole process, and other tests have theirs.
"""

import json
import subprocess
import sys
from typing import Any

BEGIN = """
import structlog
from mailbot.app.log import start_log
from mailbot.config import LogSection
start_log(LogSection(level="info", format="json"), b"key")
log = structlog.get_logger("mailbot.test")
"""


def logged(script: str) -> dict[str, Any]:
    """Run the lines and return what was logged."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    return dict(json.loads(done.stderr))


def test_a_fault_is_logged_by_its_kind_and_place_and_never_by_its_words():
    line = logged("""
def fail():
    raise KeyError("the safe is turquoise")

try:
    fail()
except KeyError:
    log.exception("mail.failed", mail=7)
""")
    assert (line["event"], line["mail"], line["error"]) == ("mail.failed", 7, "KeyError")
    assert "fail" in line["where"]
    assert "turquoise" not in json.dumps(line)


def test_an_address_in_the_log_is_a_hash_and_its_domain():
    text = json.dumps(logged('log.info("seen", sender="anna@customer.test")'))
    assert "anna" not in text
    assert "customer.test" in text


#: As `systemd` starts a service: standard error is the journal's, and the environment says which stream that is.
IN_JOURNAL = """
import os, structlog
from mailbot.app.log import start_log
from mailbot.config import LogSection
stream = os.fstat(2)
start_log(LogSection(format="{format}"), b"key", {{"JOURNAL_STREAM": f"{{stream.st_dev}}:{{stream.st_ino + {other}}}"}})
log = structlog.get_logger("mailbot.test")
log.info("mail.decided", case="HD-1", reason="a new case\\n<0>forged")
log.warning("store-away")
log.error("loop-ended", loop="work")
"""


def in_journal(form: str = "auto", other: int = 0) -> list[str]:
    """Log three lines into what is the journal, or with `other` something else; return them."""
    script = IN_JOURNAL.format(format=form, other=other)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    ).stderr.splitlines()


def test_in_the_journal_a_line_is_plain_and_begins_with_its_priority():
    assert in_journal() == [
        "<6>mail.decided [mailbot.test] case=HD-1 reason='a new case <0>forged'",
        "<4>store-away [mailbot.test]",
        "<3>loop-ended [mailbot.test] loop=work",
    ]


def test_json_in_the_journal_has_its_priority_before_it():
    lines = in_journal("json")
    assert [line[:3] for line in lines] == ["<6>", "<4>", "<3>"]
    assert [json.loads(line[3:])["event"] for line in lines] == ["mail.decided", "store-away", "loop-ended"]


def test_a_stream_that_is_not_the_journal_s_gets_json():
    # The variable is inherited by what a service starts, also where that writes somewhere else.
    assert [json.loads(line)["level"] for line in in_journal(other=1)] == ["info", "warning", "error"]
