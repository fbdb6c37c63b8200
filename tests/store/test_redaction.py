"""A mail whose content is taken out for good: its bytes are gone, its row and its history stay whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.store.sql import SqlStore
from tests.store.values import NOON, arrival, evolve, opening

SECRET = b"Berta said that she moved to Lisbon. "


@pytest.mark.parametrize("times", [1, 5_000], ids=["in the row", "in a file"])
def test_the_bytes_are_gone_for_every_purpose_and_the_store_is_whole(
    disk: SqlStore, tmp_path: Path, times: int
) -> None:
    raw = b"Subject: Lisbon\n\n" + SECRET * times
    disk.receive([arrival(raw=raw), arrival(raw=raw, purpose="escalations@desk.test"), arrival("other")])
    first, second, other = disk.claim_mails(until=NOON, now=NOON, limit=9)
    disk.commit(replace(opening(first), redacted=(first.id,)))
    assert SECRET not in disk.raw(first.id)
    assert SECRET not in disk.raw(second.id)
    assert disk.raw(other.id) == other.raw
    assert not [path for path in tmp_path.rglob("*.eml") if SECRET in path.read_bytes()]
    assert disk.verify(evolve) == []
