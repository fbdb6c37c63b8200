"""What a letter says of instants and of amounts of time."""

from datetime import timedelta

import pytest

from mailbot.rules.telling import service


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        pytest.param(timedelta(0), "nothing", id="none"),
        pytest.param(timedelta(minutes=1), "1 minute", id="minute"),
        pytest.param(timedelta(hours=1, minutes=30), "1 hour 30 minutes", id="hour"),
        pytest.param(timedelta(hours=26), "26 hours", id="no-days-of-24-hours"),
    ],
)
def test_used_time_is_said_in_the_hours_of_the_targets(amount: timedelta, said: str):
    assert service(amount) == said
