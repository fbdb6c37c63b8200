"""How an operator's word about a letter reaches the send loop: by a mark in the letter's row, so from any node."""

from datetime import UTC, datetime

#: The next attempt of a letter that an operator wants to go out now, also where the relay is left alone.
WANTED = datetime(1970, 1, 1, tzinfo=UTC)
