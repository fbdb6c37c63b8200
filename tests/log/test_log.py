"""The log tells what happened and where, and nothing of a mail."""

import json
import logging

import pytest
import structlog

from mailbot.app_log import start_log
from mailbot.config import LogSection


@pytest.fixture(autouse=True)
def _as_before() -> object:
    """Leave logging as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield None
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def test_a_fault_is_logged_by_its_kind_and_place_and_never_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(LogSection(level="info", format="json"))
    try:
        _fail("the safe is turquoise")
    except KeyError:
        structlog.get_logger("mailbot.test").exception("mail.failed", mail=7)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["mail"], line["error"]) == ("mail.failed", 7, "KeyError")
    assert "_fail" in line["where"]
    assert "turquoise" not in json.dumps(line)


def test_an_address_in_the_log_is_a_hash_and_its_domain(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(LogSection(level="info", format="json"), b"key")
    structlog.get_logger("mailbot.test").info("seen", sender="anna@customer.test")
    text = capsys.readouterr().err
    assert "anna" not in text
    assert "customer.test" in text


def _fail(words: str) -> None:
    raise KeyError(words)
