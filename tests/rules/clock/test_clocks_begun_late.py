"""A clock that an edit of the process adds to a case begins when the case did, and is met when that happened."""

from pathlib import Path

import pytest

from mailbot.decision import GroundChanged
from mailbot.event import ClockName
from mailbot.facts import Facts
from mailbot.process.file import load_process
from tests.builders import ANNA, CUSTOMER, MODERA_FILE, Story, at


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        pytest.param("2026-03-02 09:20", ["ClockStarted", "ClockMet"], id="in time"),
        pytest.param("2026-03-02 11:00", ["ClockStarted", "ClockBreached", "ClockMet"], id="late"),
    ],
)
def test_a_clock_that_begins_after_it_was_met_is_met_when_that_happened(
    tmp_path: Path, answered: str, expected: list[str]
):
    story = Story()
    story.mail(CUSTOMER, "It fails.", "2026-03-02 09:00")
    story.mail(ANNA, "We look into it.", answered)
    # An edit of the process adds the clock: an answer that came in time is never called late.
    text = MODERA_FILE.read_text().replace("targets = { pickup", 'targets = { response = "1 hour", pickup')
    (tmp_path / "edited.toml").write_text(text.replace("[clocks.pickup]", "[clocks.response]\n\n[clocks.pickup]"))
    story.process = load_process(tmp_path / "edited.toml")
    decision = story.happens(
        GroundChanged(case=1), Facts(desk=story.desk, directory=story.directory), at("2026-03-03 10:00")
    )
    found = [h.event for h in decision.happened if getattr(h.event, "clock", "") == "response"]
    assert [type(event).__name__ for event in found] == expected
    assert found[-1].at == at(answered)
    clock = story.case.clock(ClockName.RESPONSE)
    assert clock is not None
    assert (clock.breached_at is not None) == ("ClockBreached" in expected)
