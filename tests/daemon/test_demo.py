"""`mailbot demo`: a whole conversation through real processes, as an operator sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mailbot", "demo", *words]
    environ = dict(os.environ, TMPDIR=str(folder), MAILBOT_DESK__TAG="NOT", NOTIFY_SOCKET="/nowhere")
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=110, env=environ)


def test_a_conversation_is_played_to_its_end_and_leaves_nothing(tmp_path: Path):
    played = demo(tmp_path, "--json")
    assert (played.returncode, played.stderr) == (0, "")
    mails = [json.loads(line) for line in played.stdout.splitlines()]
    assert [mail["text"].splitlines()[0] for mail in mails if not mail["from"].startswith("Support")] == [
        "Hello,",
        "take",
        "ask: Does it do so for everybody, or only for you?",
        "Only for me.",
        "fix: Your printer settings said two copies. I have set them to one.",
        "It works now, thank you!",
    ]
    closing = [mail for mail in mails if "HD-1 is closed" in mail["text"]]
    assert {mail["to"] for mail in closing} == {"jane@customer.example", "kim@example.com"}
    assert list(tmp_path.iterdir()) == []


# The same conversation again, which takes a second desk as long as the first.
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_for_people_it_ends_with_the_case_as_it_is_kept(tmp_path: Path):
    played = demo(tmp_path)
    assert (played.returncode, played.stderr) == (0, "")
    for words in ("Jane, a customer, writes", "the desk -> jane@customer.example: [HD-1]", "status     Closed"):
        assert words in played.stdout
