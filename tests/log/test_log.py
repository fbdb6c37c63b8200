"""The log tells what happened and where, and nothing of a mail.

Each test logs in a process of its own: logging is one thing for a whole process, and other tests have theirs.
"""

import json
import subprocess
import sys
from typing import Any

BEGIN = """
import structlog
from mailbot.app_log import start_log
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
