"""What the tests of reading share: where the strangers' mails lie."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def strangers() -> Path:
    """The folder of real mails; the tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("MAILBOT_TEST_MAIL", "../shared/mail"))
    if not folder.is_absolute():
        folder = Path(__file__).resolve().parents[2] / folder
    if not folder.is_dir():
        pytest.skip(f"the real mails are not in {folder} (MAILBOT_TEST_MAIL)")
    return folder
