"""A process file with faults: each is said, with its key and what would be right, all at once."""

from pathlib import Path

import pytest

from mailbot.faults import Faults
from mailbot.process import Process
from mailbot.process.file import load_process
from tests.builders import MODERA_FILE, modera

MODERA = MODERA_FILE.read_text(encoding="utf-8")


def planted(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Modera's file with each text replaced once."""
    text = MODERA
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = tmp_path / "modera.toml"
    file.write_text(text, encoding="utf-8")
    return file


def faults_of(file: Path) -> list[str]:
    with pytest.raises(Faults) as raised:
        load_process(file)
    return [str(fault).removeprefix(f"{file}: ") for fault in raised.value.faults]


def test_shipped_process_has_no_fault():
    assert modera().name == "modera"
    assert len(modera().version) == 64


OPEN = '[[status]]\nname = "Open"\nkind = "new"'
APPROVED = 'approved = "In progress"    # the customer approves an estimate'
TARGETS = 'targets = { pickup = "best effort", resolution = "best effort" }'
COMMAND_FIX = 'word = "fix"\nto = "Fixed"'


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param("schema = 1", "schema = 2", "schema: must be 1 (it says 2)", id="another schema"),
        pytest.param(
            'title = "Customer support"', 'titel = "x"', "titel: is no key of the vocabulary", id="unknown key"
        ),
        pytest.param('kind = "new"', 'knd = "new"', "status.Open.kind: is missing", id="a missing key"),
        pytest.param('kind = "new"', 'kind = "fresh"', "status.Open.kind: must be 'new', 'active'", id="unknown kind"),
        pytest.param(
            'after = "30 days"',
            'after = "30 moons"',
            "ladder.silence.steps.0.after: '30 moons' is no amount of time; write it like '4 hours'",
            id="no amount",
        ),
        pytest.param(
            'pickup = "4 hours"',
            'pickup = "soon"',
            "priority.P1.targets.pickup: 'soon' is no amount of time",
            id="no target",
        ),
        pytest.param(
            'pickup = "4 hours"',
            'pickup = "4-3 days"',
            "priority.P1.targets.pickup: '4-3 days' is no range; write it like '3-4 days', the lower number first",
            id="a range the wrong way round",
        ),
        pytest.param(
            'pickup = "4 hours"',
            "pickup = 4",
            "priority.P1.targets.pickup: '4' is no amount of time",
            id="a number without a unit",
        ),
        pytest.param(
            'monday = "09:00-17:00"',
            'monday = "9 to 5"',
            "hours: monday = '9 to 5': write hours like '09:00-12:00, 13:00-17:00'",
            id="no hours",
        ),
        pytest.param(
            'monday = "09:00-17:00"',
            'monday = "17:00-09:00"',
            "hours: monday = '17:00-09:00': each interval must end after it starts",
            id="hours the wrong way round",
        ),
        pytest.param(
            'monday = "09:00-17:00"',
            'monday = "09:00-12:00, 11:00-17:00"',
            "hours: monday = '09:00-12:00, 11:00-17:00': each interval must end after it starts, in order",
            id="hours that overlap",
        ),
        pytest.param(
            'monday = "09:00-17:00"',
            'monday = "09:00-17:60"',
            "hours: monday = '09:00-17:60': there is no such time of day",
            id="no such minute",
        ),
        pytest.param(
            'business_day = "8 hours"',
            'business_day = "1 day"',
            "hours: business_day = '1 day': say how many hours or minutes it has",
            id="a day as long as a day",
        ),
        pytest.param(
            "closed = []", 'closed = ["soon"]', "hours.closed.0: must be a date such as 2026-12-24", id="no date"
        ),
        pytest.param(
            'word = "ask"',
            'word = "Ask!"',
            "command.Ask!.word: must be one word of lower case letters and hyphens, 2 to 20",
            id="no word",
        ),
        pytest.param(
            'word = "ask"', 'word = "take"', "command.take.word: is a word that mailbot has already", id="a taken word"
        ),
        pytest.param('word = "ask"', 'word = "fix"', "command: 'fix' is named twice", id="a word twice"),
        pytest.param(
            OPEN, f"{OPEN}\n{OPEN.replace('Open', 'open')}", "status: 'open' is named twice", id="a status twice"
        ),
        pytest.param('title = "Critical"', 'title = "P1"', "priority: 'p1' is named twice", id="a priority twice"),
        pytest.param(
            '[[type]]\nname = "Fault"',
            '[[type]]\nname = "IT help"',
            "type: 'it help' is named twice",
            id="a type twice",
        ),
        pytest.param(
            '[start]\nstatus = "Open"',
            '[start]\nstatus = "Opened"',
            "start.status: there is no status 'Opened'; the statuses are Open, In progress",
            id="start in no status",
        ),
        pytest.param(
            '[start]\nstatus = "Open"',
            '[start]\nstatus = "Fixed"',
            "start.status: 'Fixed' is of kind resolved; it must be of kind new",
            id="start in a wrong kind",
        ),
        pytest.param(
            'taken = "In progress"', 'taken = "Taken"', "moves.taken: there is no status 'Taken'", id="taken to nowhere"
        ),
        pytest.param(
            'taken = "In progress"',
            'taken = "Fixed"',
            "moves.taken: 'Fixed' is of kind resolved; it must be of kind active",
            id="taken to a wrong kind",
        ),
        pytest.param(
            'closed = "Closed"',
            'closed = "Fixed"',
            "moves.closed: 'Fixed' is of kind resolved; it must be of kind closed",
            id="closed to a wrong kind",
        ),
        pytest.param(APPROVED, "", "moves.approved: a status waits for approval; say with", id="approved to nowhere"),
        pytest.param(
            COMMAND_FIX,
            COMMAND_FIX.replace("Fixed", "Done"),
            "command.fix.to: there is no status 'Done'",
            id="a word to nowhere",
        ),
        pytest.param(
            'paused_in = ["Waiting for customer"',
            'paused_in = ["Waiting"',
            "clocks.resolution.paused_in: there is no status 'Waiting'",
            id="a pause in no status",
        ),
        pytest.param(
            'in = ["Fixed"]', 'in = ["Done"]', "ladder.validation.in: there is no status 'Done'", id="a ladder in none"
        ),
        pytest.param(
            'in = ["Fixed"]',
            'in = ["Fixed", "Waiting for approval"]',
            "ladder: status 'Waiting for approval' is in two ladders; it can be in one",
            id="two ladders in a status",
        ),
        pytest.param(
            ', reason = "Inactive"',
            "",
            "ladder.silence.steps: a step that closes needs a reason that the customer is told",
            id="a close without a reason",
        ),
        pytest.param(
            'type = "IT Help"', 'type = "Help"', "start.type: there is no type 'Help'; the types are", id="no such type"
        ),
        pytest.param(
            '\npriority = "P3"', '\npriority = "P9"', "start.priority: there is no priority 'P9'", id="no such priority"
        ),
        pytest.param(
            'priority = "P4"             #',
            'priority = "P9"             #',
            "type.Improvement.priority: there is no priority 'P9'; the priorities are P1, P2",
            id="a type sets no priority",
        ),
        pytest.param(
            TARGETS,
            TARGETS.replace("pickup", "response"),
            "priority.P5.targets: there is no clock 'response'; declare [clocks.response]",
            id="a target without a clock",
        ),
        pytest.param(
            TARGETS,
            'targets = { pickup = "best effort" }',
            "priority.P5.targets: has no target for resolution; give one, or 'best effort'",
            id="a clock without a target",
        ),
        pytest.param(
            "# --- Silence.",
            '[[flow]]\nsteps = { "Open" = ["Gone"] }\n# --- Silence.',
            "flow.0.steps: there is no status 'Gone'",
            id="a flow to nowhere",
        ),
    ],
)
def test_planted_fault_is_said_with_its_key(tmp_path: Path, old: str, new: str, fault: str):
    found = faults_of(planted(tmp_path, (old, new)))
    assert any(said.startswith(fault) for said in found), found


def test_three_faults_are_said_at_once(tmp_path: Path):
    file = planted(
        tmp_path,
        ('taken = "In progress"', 'taken = "Taken"'),
        ('type = "IT Help"', 'type = "Help"'),
        (', reason = "Inactive"', ""),
    )
    assert [said.partition(":")[0] for said in faults_of(file)] == ["moves.taken", "start.type", "ladder.silence.steps"]


def test_file_that_is_no_toml_says_where(tmp_path: Path):
    file = tmp_path / "broken.toml"
    file.write_text('schema = 1\nname = "modera\n', encoding="utf-8")
    (fault,) = faults_of(file)
    assert "is no valid TOML" in fault
    assert "line 2" in fault


def test_file_that_is_no_text_says_so(tmp_path: Path):
    file = tmp_path / "broken.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 at byte 0" in faults_of(file)[0]


def test_file_that_is_not_there_is_the_callers_matter(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_process(tmp_path / "none.toml")


def test_process_knows_its_names():
    assert modera().status("Fixed").kind == "resolved"
    assert modera().priority("P1").title == "Blocker"
    for look_up in (modera().status, modera().priority):
        with pytest.raises(KeyError, match="Gone"):
            look_up("Gone")


def test_day_may_end_at_midnight_and_have_a_break(tmp_path: Path):
    file = planted(tmp_path, ('monday = "09:00-17:00"', 'monday = "09:00-12:00, 13:00-24:00"'))
    monday = load_process(file).hours.week()[0]
    assert [f"{start:%H:%M}-{end:%H:%M}" for start, end in monday] == ["09:00-12:00", "13:00-00:00"]


@pytest.mark.parametrize("text", ["best effort", "3-4 days", "7.5 hours", "5259600 minutes", "0.125 business days"])
def test_a_process_that_is_dumped_can_be_read_again(text: str):
    process = modera()
    dumped = process.model_dump(by_alias=True)
    dumped["priority"][0]["targets"] = {"pickup": text, "resolution": "8 hours"}
    made = Process.model_validate(dumped)
    assert Process.model_validate(made.model_dump(by_alias=True)) == made
    assert made.priorities[1:] == process.priorities[1:]
