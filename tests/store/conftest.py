"""The stores that every test of the ports runs against."""

from pathlib import Path

import pytest

from mailbot.store.sql import open_scratch, open_store


@pytest.fixture(params=["sqlite", "scratch"])
def store(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "scratch":
        opened = open_scratch()
    else:
        opened = open_store(f"sqlite:///{tmp_path / 'mailbot.db'}", tmp_path, owner="work")
    yield opened
    opened.close()


@pytest.fixture
def url(tmp_path: Path):
    return f"sqlite:///{tmp_path / 'mailbot.db'}"


@pytest.fixture
def disk(url: str, tmp_path: Path):
    """A store on the disk."""
    opened = open_store(url, tmp_path, owner="work")
    yield opened
    opened.close()
