"""A rehearsal says what would have happened: quickly, the same every time, and each deadline at its exact instant."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.app.init import Wishes, make_home
from mailbot.cli import main
from tests.acceptance.desk import SUPPORT

MARI, ANNA = "mari@example.com", "anna@customer.test"
CASES, DAYS = 120, 60

Rehearse = Callable[..., list[dict[str, Any]]]


class Box:
    """A mailbox file that grows mail by mail."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mails: list[tuple[datetime, str]] = []

    def add(
        self, at: str | datetime, sender: str, subject: str, text: str, message_id: str, *, answers: str = ""
    ) -> None:
        """Add a mail that arrived at this instant."""
        when = datetime.fromisoformat(at) if isinstance(at, str) else at
        thread = f"In-Reply-To: {answers}\nReferences: {answers}\n" if answers else ""
        fields = f"From: {sender}\nTo: {SUPPORT}\nSubject: {subject}\nMessage-ID: {message_id}\n{thread}"
        line = f"From {sender} {when.astimezone(UTC):%a %b %d %H:%M:%S %Y}"
        self.mails.append((when, f"{line}\n{fields}\n{text}\n\n"))

    def write(self) -> str:
        """Write the file in order of arrival; return its name."""
        self.file.write_text("".join(mail for _, mail in sorted(self.mails)))
        return str(self.file)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "desk", Wishes(agents=(MARI,), timezone="Europe/Tallinn", holidays="EE"))
    return tmp_path / "desk"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "past.mbox")


@pytest.fixture
def output(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(*words: str) -> str:
        capsys.readouterr()
        code = main(["rehearse", *words, "--json", "-c", str(home / "mailbot.toml")])
        said = capsys.readouterr()
        assert (code, said.err) == (0, "")
        return said.out

    return run


@pytest.fixture
def rehearse(output: Callable[..., str]) -> Rehearse:
    return lambda *words: [json.loads(line) for line in output(*words).splitlines()]


def sixty_days(box: Box) -> None:
    """Conversations of all lengths: cases are taken, asked about, answered, fixed and confirmed, or left halfway."""
    chance = random.Random(60)
    for number in range(1, CASES + 1):
        at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=chance.randrange(DAYS * 86_400))
        customer, first = f"customer{number}@customer.test", f"<first{number}@customer.test>"
        box.add(at, customer, f"Matter {number}", f"This is matter {number}.", first)
        script = [(MARI, "take"), (MARI, "ask: Which one is it?"), (customer, "The left one."), (MARI, "fix: Mended.")]
        script.append((customer, chance.choice(["Works now, thanks!", "No, still the same"])))
        for place, (sender, text) in enumerate(script[: chance.randrange(len(script) + 1)]):
            at += timedelta(minutes=chance.randrange(10, 3_000))
            box.add(at, sender, f"Re: Matter {number}", text, f"<m{number}.{place}@customer.test>", answers=first)


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_sixty_days_take_seconds_and_are_the_same_twice(output: Callable[..., str], box: Box) -> None:
    sixty_days(box)
    assert len(box.mails) > 300
    words = (box.write(), "--trust", "session", "--until", "2026-05-15T00:00:00Z")
    began = time.perf_counter()
    first = output(*words)
    assert time.perf_counter() - began < 60
    assert output(*words) == first
    lines = [json.loads(line) for line in first.splitlines()]
    events = Counter(line["event"] for line in lines if "event" in line)
    assert events["CaseOpened"] == CASES
    assert events["MessageAdded"] > CASES
    assert min(events["ClockMet"], events["ClockBreached"], events["ClockWarned"], events["ClockPaused"]) > 10
    instants = [line["at"] for line in lines]
    assert instants == sorted(instants)
    reached = {line["new"] for line in lines if line.get("event") == "StatusChanged"}
    assert reached == {"In progress", "Waiting for customer", "Fixed", "Closed"}


def at_of(lines: list[dict[str, Any]], event: str, clock: str = "pickup") -> list[str]:
    return [line["at"] for line in lines if line.get("event") == event and line.get("clock") == clock]


def test_service_hours_go_over_the_night_in_which_the_clocks_are_put_forward(rehearse: Rehearse, box: Box) -> None:
    # Friday 27 March 2026, 14:00 in Tallinn (UTC+2); on Sunday the zone becomes UTC+3. 16 hours of service from there:
    # 3 on Friday, 8 on Monday, 5 on Tuesday until 14:00 summer time; three quarters of them are up there at 10:00.
    box.add("2026-03-27T12:00:00+00:00", ANNA, "The pump", "It hums.", "<a@customer.test>")
    lines = rehearse(box.write(), "--until", "2026-04-01T00:00:00Z")
    (started,) = (line for line in lines if line.get("event") == "ClockStarted")
    assert started["due"] == "2026-03-31T11:00:00Z"
    assert at_of(lines, "ClockWarned") == ["2026-03-31T07:00:00Z"]
    assert at_of(lines, "ClockBreached") == ["2026-03-31T11:00:00Z"]


def round_the_clock(home: Path) -> None:
    """Let service go on day and night, and new cases be the most urgent."""
    process = home / "processes" / "modera.toml"
    text = (
        process.read_text().replace('priority = "P3"', 'priority = "P1"', 1).replace('"09:00-17:00"', '"00:00-24:00"')
    )
    for day in ("saturday", "sunday"):
        text = text.replace(f'{day} = ""', f'{day} = "00:00-24:00"')
    process.write_text(text)


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        # At 03:00 (01:00 UTC) it is 04:00: four hours from 23:00 are over at 04:00, not at 03:00.
        pytest.param("2026-03-28T21:00:00+00:00", "2026-03-29T01:00:00Z", id="into-the-missing-hour"),
        pytest.param("2026-03-28T23:30:00+00:00", "2026-03-29T03:30:00Z", id="over-the-missing-hour"),
        pytest.param("2026-10-24T22:30:00+00:00", "2026-10-25T02:30:00Z", id="over-the-hour-that-comes-twice"),
    ],
)
def test_four_hours_are_four_hours_in_the_nights_in_which_the_clocks_change(
    home: Path, rehearse: Rehearse, box: Box, opened: str, due: str
) -> None:
    round_the_clock(home)
    box.add(opened, ANNA, "The pump", "It hums.", "<a@customer.test>")
    lines = rehearse(box.write(), "--until", due)
    assert at_of(lines, "ClockBreached") == [due]


def test_the_clock_runs_on_to_the_given_instant_and_no_further(rehearse: Rehearse, box: Box) -> None:
    box.add("2026-03-02T09:00:00+00:00", ANNA, "The pump", "It hums.", "<a@customer.test>")
    name = box.write()
    assert at_of(rehearse(name), "ClockBreached") == []
    (due,) = (line["due"] for line in rehearse(name) if line.get("event") == "ClockStarted")
    before = datetime.fromisoformat(due) - timedelta(seconds=1)
    assert at_of(rehearse(name, "--until", before.isoformat()), "ClockBreached") == []
    assert at_of(rehearse(name, "--until", due), "ClockBreached") == [due]


@pytest.mark.parametrize(
    ("trust", "agent", "customer"),
    [
        # An agent needs a session, a signature, or the border's word together with a token; a customer any of these.
        pytest.param("claimed", False, False, id="claimed"),
        pytest.param("token", False, True, id="token"),
        pytest.param("verified", False, True, id="verified"),
        pytest.param("bound", True, True, id="bound"),
        pytest.param("signed", True, True, id="signed"),
        pytest.param("session", True, True, id="session"),
    ],
)
def test_each_level_of_trust_lets_people_do_what_it_proves(
    rehearse: Rehearse, box: Box, trust: str, *, agent: bool, customer: bool
) -> None:
    box.add("2026-03-02T09:00:00+00:00", ANNA, "The pump", "It hums.", "<a@customer.test>")
    box.add(
        "2026-03-02T09:10:00+00:00", MARI, "Re: [HD-1] The pump", "take", "<b@example.com>", answers="<a@customer.test>"
    )
    box.add("2026-03-02T09:20:00+00:00", ANNA, "Re: [HD-1] The pump", "It still hums.", "<c@customer.test>")
    box.add("2026-03-02T09:30:00+00:00", MARI, "A call", "for berta@other.test\n\nShe called.", "<d@example.com>")
    lines = rehearse(box.write(), "--trust", trust)
    by_event = Counter(line["event"] for line in lines if "event" in line)
    assigned = [line["assignee"] for line in lines if line.get("event") == "CaseAssigned"]
    assert assigned == ([MARI] if agent else [])
    held = [line for line in lines if line.get("event") == "MailHeld"]
    assert [line["reason"].partition(":")[0] for line in held] == ([] if agent else ["unproven", "unproven"])
    opened = [line["requester"] for line in lines if line.get("event") == "CaseOpened"]
    assert opened == [ANNA, *([] if customer else [ANNA]), *(["berta@other.test"] if agent else [])]
    joined = [line["case"] for line in lines if line.get("message_id") == "<c@customer.test>"]
    assert set(joined) == ({"HD-1"} if customer else {"HD-2"})
    assert by_event["ClockMet"] == (1 if agent else 0)


def test_without_a_level_a_stranger_is_no_more_than_claimed(output: Callable[..., str], box: Box) -> None:
    box.add("2026-03-02T09:00:00+00:00", ANNA, "The pump", "It hums.", "<a@customer.test>")
    box.add(
        "2026-03-02T09:10:00+00:00", MARI, "Re: [HD-1] The pump", "take", "<b@example.com>", answers="<a@customer.test>"
    )
    name = box.write()
    assert output(name) == output(name, "--trust", "claimed")
