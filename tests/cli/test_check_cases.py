"""A process file beside the cases that there are: what is refused, by every command, and what an edit would do."""

# ruff: noqa: E501 - an edit a row, so that the table can be read down

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailbot.app.init import Wishes, make_home
from mailbot.app.root import store_of
from mailbot.app.run import _refusals
from mailbot.app.work import work_parts
from mailbot.cli import main
from mailbot.config.file import load_config
from mailbot.engine.engine import Engine
from mailbot.event import ClockName, Kind
from mailbot.faults import Faults
from mailbot.mail import Envelope
from mailbot.model import Case, Clock, Span
from mailbot.ports.records import Arrival
from mailbot.store.codec import case_to_json
from mailbot.store.schema import cases


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path, Wishes(agents=("kim@example.test",), domain="example.test"))
    return tmp_path


def process_of(home: Path) -> Path:
    return home / "processes" / "modera.toml"


def edited(home: Path, *changes: tuple[str, str]) -> None:
    """The desk's process after an operator's edit, each text replaced wherever it stands."""
    text = process_of(home).read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    process_of(home).write_text(text)


def test_a_process_that_loses_a_status_in_use_is_a_fault(home: Path, capsys: pytest.CaptureFixture[str]):
    a_case(home, status="Parked")
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    said = capsys.readouterr().err
    assert f"{home}/processes/modera.toml: status: cases have the status 'Parked', which is not there" in said
    assert "1 case (HD-1); keep it, or move them first" in said


def test_a_first_start_knows_the_roles_that_the_process_declares(home: Path):
    """`check` did, and `run` refused the same directory."""
    process_of(home).write_text(
        process_of(home).read_text() + '\n[[consultation]]\nname = "Plumbing"\nrole = "plumber"\n'
    )
    (home / "directory.json").write_text(
        '{"people": {"1": {"address": "pia@example.test", "role": "plumber"}, "2": {"address": "x@y.test", "role": "cook"}}}'
    )
    refused = [str(fault) for fault in _refusals(load_config(home / "mailbot.toml", {}), {})]
    assert len(refused) == 1
    assert "people 2, role: 'cook' is no role" in refused[0]


def a_case(home: Path, **changes: Any) -> None:
    """Put an open case into the desk's store."""
    opened = datetime(2026, 3, 2, 9, tzinfo=UTC)
    clock = Clock(
        name=ClockName.PICKUP,
        spans=(Span(start=opened, running=True, cause="opened"),),
        due=datetime(2026, 3, 3, 17, tzinfo=UTC),
    )
    case = Case(
        **{
            "number": 1,
            "version": 1,
            "status": "Open",
            "kind": Kind.NEW,
            "status_since": opened,
            "priority": "P3",
            "type": "IT Help",
            "requester": "a@b.test",
            "subject": "Tea",
            "opened": opened,
            "latest": opened,
            "clocks": (clock,),
            **changes,
        }
    )
    row = {"number": case.number, "version": 1, "status": case.status, "kind": case.kind, "assignee": ""}
    row |= {"requester": case.requester, "opened": opened, "state": case_to_json(case)}
    store = store_of(load_config(home / "mailbot.toml", {}), {}, "test")
    with store.writing() as connection:
        connection.execute(sa.insert(cases), [row])
    store.close()


#: A Monday far ahead, so that nothing that a case waits for is past when the tests run; and one long past.
AHEAD, PAST = datetime(2096, 3, 5, 9, 0, tzinfo=UTC), datetime(2020, 3, 2, 9, 0, tzinfo=UTC)


def worked(home: Path, *words: str, at: datetime = AHEAD) -> None:
    """A customer's mail came, and members said these words: the desk's own engine worked on it."""
    config = load_config(home / "mailbot.toml", {})
    engine = work_parts(config, {}).worker(lambda: None)
    assert isinstance(engine, Engine)
    envelope = Envelope(received_at=at, source="smtp", reverse_path="a@b.test", forward_paths=(config.desk.address,))
    raw = f"From: a@b.test\nTo: {config.desk.address}\nSubject: Tea\nMessage-ID: <1@b.test>\n\nIt burns.\n".encode()
    with closing(store_of(config, {}, "test")) as store:
        store.receive([Arrival(envelope=envelope, raw=raw, digest="1", purpose=config.desk.address)])
    while engine.step(at):
        pass
    for text in words:
        assert not [hit for hit in engine.say(1, text, "kim@example.test", at).hits if hit.rule == "refused"]


def told_of(home: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a check says that an edit would do."""
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    start = f"warning: {process_of(home)}: "
    said = [line.removeprefix(start) for line in capsys.readouterr().err.splitlines() if "the edit" in line]
    assert "Traceback" not in "".join(said)
    return said


ASKED, FIXED = ("take", "ask: What?"), ("take", "fix: Done.")
ONE = "for 1 case (HD-1)"

#: What was said in the case, the edit, and what is told of it.
EDITS: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...], list[str]]] = {
    "target": ((), (('pickup = "16 hours"', 'pickup = "4 hours"'),),
               [f"clocks.pickup: the edit makes pickup due at another instant {ONE}"]),
    "hours": (("take",), (('monday = "09:00-17:00"', 'monday = "09:00-13:00"'),),
              [f"clocks.resolution: the edit makes resolution due at another instant {ONE}"]),
    "target-of-a-resting-clock": (ASKED, (('resolution = "80 hours"', 'resolution = "40 hours"'),),
        [f"clocks.resolution: the edit makes the resolution target 40 hours instead of 80 hours, while it rests, {ONE}"]),
    "resting-no-more": (ASKED, (('paused_in = ["Waiting for customer", ', "paused_in = ["),),
                        [f"clocks.resolution: the edit lets resolution count, which rests now, {ONE}"]),
    "resting-from-now-on": (("take",), (('paused_in = ["Waiting for customer", ', 'paused_in = ["In progress", '),),
                            [f"clocks.resolution: the edit lets resolution rest, which counts now, {ONE}"]),
    "clock-more": ((), (('{ pickup = "', '{ response = "1 hour", pickup = "'), ("[hours]", "[clocks.response]\n\n[hours]")),
                   [f"clocks.response: the edit starts a response clock {ONE}"]),
    "clock-less": ((), (('pickup = "4 hours", ', ""), ('pickup = "8 hours", ', ""), ('pickup = "16 hours", ', ""),
                        ('pickup = "40 hours", ', ""), ('pickup = "best effort", ', ""), ("[clocks.pickup]", "[clocks.response]"),
                        ('{ resolution = "', '{ response = "1 hour", resolution = "')),
                   [f"clocks.pickup: the edit takes the pickup clock away {ONE}",
                    f"clocks.response: the edit starts a response clock {ONE}"]),
    "warning": ((), (("warn_at = 0.75", "warn_at = 0.5"),),
                [f"clocks.pickup.warn_at: the edit warns of pickup at another instant {ONE}"]),
    "alarm-more": ((), (("[hours]", '[[alarm]]\nclock = "pickup"\nat = 0.5\nto = "lead"\n\n[hours]'),),
                   [f"alarm: the edit raises the alarm pickup/0.5/lead where it did not before {ONE}"]),
    "ladder-shorter": (ASKED, (('{ after = "30 days"', '{ after = "2 days"'),),
                       [f"ladder.silence: the edit takes the next step of the ladder silence at another instant {ONE}"]),
    "ladder-without-its-end": (ASKED, (('  { after = "2 business days", do = "close", reason = "Inactive" },\n', ""),),
                               [f"ladder.silence: the edit gives the ladder silence other steps ahead {ONE}"]),
    "ladder-gone": (FIXED, (('in = ["Fixed"]', 'in = ["Waiting for approval"]'),
                            ('in = ["Waiting for customer", "Waiting for approval"]', 'in = ["Waiting for customer"]')),
                    [f"ladder.validation: the edit ends the ladder validation {ONE}"]),
    "words": (ASKED, (('help = "Put', 'help = "Ask'), ('title = "Customer support"', 'title = "Help"')), []),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_what_an_edit_would_do_to_open_cases_is_told(home: Path, capsys: pytest.CaptureFixture[str], name: str):
    words, changes, expected = EDITS[name]
    worked(home, *words)
    assert told_of(home, capsys) == []
    edited(home, *changes)
    assert told_of(home, capsys) == expected


def test_an_edit_of_the_holidays_is_told_too(home: Path, capsys: pytest.CaptureFixture[str]):
    worked(home)
    config = home / "mailbot.toml"
    config.write_text(config.read_text().replace('timezone = "UTC"', 'timezone = "Asia/Kolkata"'))
    assert told_of(home, capsys) == [f"clocks.pickup: the edit makes pickup due at another instant {ONE}"]


@pytest.mark.parametrize(
    ("words", "changes", "told"),
    [
        (
            ASKED,
            (('{ after = "30 days"', '{ after = "2 days"'),),
            f"ladder.silence: the edit takes the next step of the ladder silence at another instant {ONE}; at once: 1 case",
        ),
        (
            (),
            (('{ pickup = "', '{ response = "1 hour", pickup = "'), ("[hours]", "[clocks.response]\n\n[hours]")),
            f"clocks.response: the edit starts a response clock {ONE}; late at once: 1 case (HD-1)",
        ),
        (
            (),
            (('pickup = "16 hours"', 'pickup = "4 hours"'),),
            f"clocks.pickup: the edit makes pickup due at another instant {ONE}; late at once: 1 case (HD-1)",
        ),
    ],
    ids=["ladder", "new-clock", "target"],
)
def test_what_would_happen_at_once_is_told_as_such(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    changes: tuple[tuple[str, str], ...],
    told: str,
):
    worked(home, *words, at=PAST)
    assert told_of(home, capsys) == []
    edited(home, *changes)
    assert any(line.startswith(told) for line in told_of(home, capsys))


def test_a_status_that_gets_another_kind_is_told_for_those_who_are_there(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    a_case(home, status="Waiting for customer", kind=Kind.ACTIVE)
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 0
    assert "status.Waiting for customer.kind: has another kind now than 1 case (HD-1)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["priority", "type"])
def test_a_name_that_cases_stand_on_cannot_be_taken_away(home: Path, capsys: pytest.CaptureFixture[str], name: str):
    a_case(home, **{name: "Gone"})
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    assert f"{name}: cases have the {name} 'Gone', which is not there: 1 case (HD-1)" in capsys.readouterr().err


#: A name that the desk's open case stands on, spelt in another way.
RENAMED = {
    "priority": (('"P3"', '"P03"'), "priority: cases have the priority 'P3', which is not there: 1 case (HD-1)"),
    "status": (('"Open"', '"Opened"'), "status: cases have the status 'Open', which is not there: 1 case (HD-1)"),
    "type": (('"IT Help"', '"Help"'), "type: cases have the type 'IT Help', which is not there: 1 case (HD-1)"),
}


@pytest.mark.parametrize("words", [["run"], ["case", "1"], ["cases"], ["why", "1"], ["do", "1", "take"]], ids=" ".join)
@pytest.mark.parametrize("name", RENAMED)
def test_no_command_works_on_cases_that_lost_a_name_and_each_says_which(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], name: str
):
    change, told = RENAMED[name]
    a_case(home)
    edited(home, change)
    assert main([*words, "-c", str(home / "mailbot.toml")]) == 2
    said = capsys.readouterr()
    assert said.err == f"{process_of(home)}: {told}; keep it, or move them first\n"
    assert said.out == ""


def test_a_case_that_is_put_aside_needs_the_status_before_too(home: Path, capsys: pytest.CaptureFixture[str]):
    edited(home, ('closed = "Closed"', 'closed = "Closed"\nheld = "Aside"'))
    process_of(home).write_text(process_of(home).read_text() + '\n[[status]]\nname = "Aside"\nkind = "on-hold"\n')
    a_case(home, status="Aside", kind=Kind.ON_HOLD, previous_status="In the lab")
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    assert "cases have the status 'In the lab', which is not there: 1 case (HD-1)" in capsys.readouterr().err


def without_the_notice(home: Path) -> None:
    edited(home, ('notice = "question"', 'notice = "questoin"'))


def with_an_internal_notice(home: Path) -> None:
    edited(home, ('name = "Fixed"\n', 'name = "Fixed"\nnotice = "consultation"\n'))


@pytest.mark.parametrize("words", [["run"], ["rehearse", "old.eml"], ["check"], ["cases"]], ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (without_the_notice, "command.ask.notice: must be 'answer', "),
        (with_an_internal_notice, "status.Fixed.notice: must be '', 'answer', "),
    ],
)
def test_a_process_whose_notices_no_customer_can_get_is_refused_by_every_command(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    break_it: Callable[[Path], None],
    told: str,
):
    (home / "old.eml").write_text("From: jane@customer.test\nDate: Mon, 02 Mar 2026 09:00:00 +0000\n\nIt burns.\n")
    break_it(home)
    words = [str(home / word) if word.endswith(".eml") else word for word in words]
    assert main([*words, "-c", str(home / "mailbot.toml")]) == 2
    assert capsys.readouterr().err.startswith(f"{process_of(home)}: {told}")


@pytest.mark.parametrize("name", RENAMED)
def test_a_reload_that_cases_do_not_fit_is_refused(home: Path, name: str):
    change, told = RENAMED[name]
    a_case(home)
    parts = work_parts(load_config(home / "mailbot.toml", {}), {})
    parts.worker(lambda: None)
    edited(home, change)
    with pytest.raises(Faults) as refused:
        parts.worker(lambda: None)
    assert told in str(refused.value)


def test_a_store_that_is_away_is_a_fault_for_a_check_and_a_daemon_waits_for_it(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    (home / "state" / "mailbot.db").mkdir(parents=True)  # no database can be opened there
    assert main(["check", "-c", str(home / "mailbot.toml")]) == 2
    assert "mailbot.toml: store.url: the store cannot be reached" in capsys.readouterr().err
    assert list(_refusals(load_config(home / "mailbot.toml", {}), {})) == []
