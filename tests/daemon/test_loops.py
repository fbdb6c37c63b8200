"""The loops' own decisions, without a process: what they do when the store is away, a job fails, a file is broken."""

import json
import logging
import math
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import structlog

from mailbot.app.log import start_log
from mailbot.config import LimitsSection, LogSection
from mailbot.daemon.bell import Bell, tell
from mailbot.daemon.ingest import IngestParts, run_ingest
from mailbot.daemon.presence import TROUBLED_REST
from mailbot.daemon.send import SendParts, run_send
from mailbot.daemon.work import WorkParts, bound_time, run_work
from mailbot.faults import Fault, Faults
from mailbot.ports import StoreAway

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Still:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Recorder:
    """Stands in for a loop's presence: ends it after some rests and keeps what it did."""

    def __init__(self, rests: int) -> None:
        self.rests: list[float] = []
        self.beats: list[str] = []
        self.told: list[str] = []
        self.reload = False
        self._left = rests

    @property
    def stopping(self) -> bool:
        return len(self.rests) >= self._left

    def reload_wanted(self) -> bool:
        wanted, self.reload = self.reload, False
        return wanted

    def ready(self, status: str) -> None:
        self.told.append(f"ready: {status}")

    def beat(self, status: str = "") -> None:
        self.beats.append(status)

    def rest(self, seconds: float = 5.0) -> None:
        self.rests.append(seconds)

    def leave(self) -> None:
        self.told.append("left")


class Work:
    """A worker that answers from a list."""

    def __init__(self, *steps: bool | Exception, following: datetime | None = None) -> None:
        self._steps = list(steps)
        self._following = following

    def step(self, now: datetime) -> bool:
        assert now == NOW
        answer = self._steps.pop(0) if self._steps else False
        if isinstance(answer, Exception):
            raise answer
        return answer

    def next_instant(self) -> datetime | None:
        return self._following


@pytest.fixture(autouse=True)
def limits_of_this_process_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)


def work(
    presence: Recorder, worker: Work, rung: list[str] | None = None, make: Callable[..., Work] | None = None
) -> None:
    parts = WorkParts(
        worker=make or (lambda _alive: worker),
        clock=Still(),
        bell=Bell(),
        free=lambda: 0,
        limits=LimitsSection(),
        ring=lambda: (rung if rung is not None else []).append("send"),
    )
    run_work(presence, parts)  # type: ignore[arg-type]  # the recorder has all that the loop uses


@pytest.mark.parametrize(
    ("worker", "pause"),
    [
        pytest.param(Work(), math.inf, id="nothing-planned"),
        pytest.param(Work(following=NOW + timedelta(seconds=90)), 90, id="a-deadline-ahead"),
        pytest.param(Work(following=NOW - timedelta(seconds=9)), TROUBLED_REST, id="a-deadline-that-waits-for-a-mail"),
        pytest.param(Work(StoreAway("gone")), TROUBLED_REST, id="store-away"),
        pytest.param(Work(RuntimeError("bug")), TROUBLED_REST, id="bug"),
    ],
)
def test_the_work_loop_rests_as_long_as_nothing_can_be_done(worker: Work, pause: float):
    presence = Recorder(1)
    work(presence, worker)
    assert presence.rests == [pause]
    assert presence.beats
    assert presence.told == ["ready: waiting for mail", "left"]


def test_the_work_loop_goes_on_at_once_while_there_is_work_and_rings_at_send():
    presence, rung = Recorder(1), list[str]()
    work(presence, Work(*[True] * 3), rung)
    assert rung == ["send"] * 3
    assert presence.beats == ["working"] * 3 + ["waiting for mail"]


def test_a_reload_that_is_broken_keeps_the_worker():
    presence = Recorder(2)
    presence.reload = True
    good = Work()
    made: list[object] = []

    def make(alive: Callable[[], None]) -> Work:
        made.append(alive)
        if len(made) > 1:
            raise Faults([Fault(file="modera.toml", key="start.status", wrong="is missing")])
        return good

    work(presence, good, make=make)
    assert len(made) == 2
    assert len(presence.rests) == 2


def test_a_worker_gives_a_sign_of_life_before_each_mail():
    presence = Recorder(1)

    def make(alive: Callable[[], None]) -> Work:
        alive()
        return Work()

    work(presence, Work(), make=make)
    assert presence.beats == ["", "waiting for mail"]


def test_processor_time_is_bounded_from_now_on(monkeypatch: pytest.MonkeyPatch):
    bounds: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _what, pair: bounds.append(pair))
    bound_time(20)
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert used.ru_utime + used.ru_stime < bounds[0][0] <= used.ru_utime + used.ru_stime + 22


class Send:
    """A sender that answers from a list."""

    def __init__(self, *steps: int | Exception, first: datetime | None = None) -> None:
        self._steps = list(steps)
        self._first = first

    def step(self) -> int:
        answer = self._steps.pop(0) if self._steps else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    def first_letter(self) -> datetime | None:
        return self._first


@pytest.mark.parametrize(
    ("sender", "pause"),
    [
        pytest.param(Send(), math.inf, id="nothing-waits"),
        pytest.param(Send(2, 1, first=NOW + timedelta(minutes=1)), 60, id="after-two-batches"),
        pytest.param(Send(first=NOW), TROUBLED_REST, id="one-waits-for-another"),
        pytest.param(Send(StoreAway("gone")), TROUBLED_REST, id="store-away"),
        pytest.param(Send(RuntimeError("bug")), TROUBLED_REST, id="bug"),
    ],
)
def test_the_send_loop_rests_as_long_as_nothing_can_be_sent(sender: Send, pause: float):
    presence, closed = Recorder(1), list[int]()
    parts = SendParts(sender=sender, clock=Still(), free=lambda: 0, close=lambda: closed.append(1))
    run_send(presence, parts)  # type: ignore[arg-type]  # the recorder has all that the loop uses
    assert presence.rests == [pause]
    assert closed
    assert presence.told[-1] == "left"


def test_a_store_that_is_away_is_told_once_each_time():
    with structlog.testing.capture_logs() as told:
        gone, done = [StoreAway("gone")] * 3, [True]
        work(Recorder(9), Work(*gone, *done, *gone))
        sender = Send(*gone, 1, *gone)
        run_send(Recorder(9), SendParts(sender=sender, clock=Still(), free=lambda: 0, close=lambda: None))  # type: ignore[arg-type]  # the recorder has all that the loop uses
    assert [line["event"] for line in told] == ["store-away", "store-back"] * 4
    assert [bool(line.get("alarm")) for line in told] == [True, False] * 4


class Gate:
    """A door that can fail to open and can fall silent."""

    def __init__(self, diary: list[str], name: str, *, opens: bool = True, alive: bool = True) -> None:
        self._diary, self._name, self._opens, self._alive = diary, name, opens, alive

    def start(self) -> None:
        if not self._opens:
            raise Faults([Fault(file="mailbot.toml", key="listen.port", wrong="is taken")])
        self._diary.append(f"{self._name} opens")

    def responds(self, timeout: float) -> bool:
        assert timeout > 0
        return self._alive

    def stop(self, timeout: float) -> None:
        assert timeout > 0
        self._diary.append(f"{self._name} closes")


def ingest(presence: Recorder, *doors: Gate, reload: Callable[[], None] = lambda: None) -> None:
    parts = IngestParts(doors=[(str(n), door) for n, door in enumerate(doors)], reload=reload, status="SMTP")
    run_ingest(presence, parts)  # type: ignore[arg-type]  # the recorder has all that the loop uses


def test_doors_close_in_the_reverse_of_the_order_in_which_they_opened():
    diary: list[str] = []
    presence = Recorder(1)
    ingest(presence, Gate(diary, "intake"), Gate(diary, "smtp"))
    assert diary == ["intake opens", "smtp opens", "smtp closes", "intake closes"]
    assert presence.beats == ["SMTP"]


def test_a_silent_door_takes_away_the_sign_of_life():
    presence = Recorder(3)
    ingest(presence, Gate([], "intake"), Gate([], "smtp", alive=False))
    assert presence.beats == []
    assert len(presence.rests) == 3


def test_a_door_that_does_not_open_closes_those_that_did():
    diary: list[str] = []
    presence = Recorder(1)
    with pytest.raises(Faults, match="is taken"):
        ingest(presence, Gate(diary, "intake"), Gate(diary, "smtp", opens=False))
    assert diary == ["intake opens", "intake closes"]
    assert presence.told == ["left"]


def test_a_broken_password_file_is_refused_at_a_reload():
    def reload() -> None:
        raise Faults([Fault(file="passwords", key="line 1", wrong="is broken")])

    presence = Recorder(2)
    presence.reload = True
    ingest(presence, Gate([], "smtp"), reload=reload)
    assert presence.beats == ["SMTP", "SMTP"]


Start = Callable[[LogSection], StringIO]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start the log into what is returned; the log of this process is afterwards as it was."""
    before, level = list(logging.root.handlers), logging.root.level

    def into(section: LogSection) -> StringIO:
        stream = StringIO()
        # When it is started: pytest puts its own in place before each test's body.
        monkeypatch.setattr(sys, "stderr", stream)
        start_log(section, b"key")
        return stream

    yield into
    logging.root.handlers[:] = before
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def log(start: Start) -> Callable[[], list[dict[str, object]]]:
    """What was logged, as the daemon writes it."""
    stream = start(LogSection(format="json"))
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_job_that_fails_is_logged_and_rung_again(log: Callable[[], list[dict[str, object]]]):
    bell, rung = Bell(), list[int]()

    def job() -> None:
        rung.append(1)
        raise RuntimeError("broken job")

    bell.every_minutes(1, "report", job)
    for scheduled in bell._scheduler.jobs:
        scheduled.run()
        scheduled.run()
    assert len(rung) == 2
    assert len(bell._scheduler.jobs) == 1
    assert [line["event"] for line in log()] == ["job-failed", "job-failed"]


@pytest.mark.parametrize(
    ("sums", "level"),
    [
        pytest.param({"received": 3, "new": 1, "threaded": 1, "ignored": 1}, "info", id="adds-up"),
        pytest.param({"received": 4, "new": 1, "held": 1, "waiting": 2}, "info", id="some-still-wait"),
        pytest.param({"received": 3, "new": 1}, "error", id="mails-are-missing"),
    ],
)
def test_the_daily_report_says_whether_the_numbers_add_up(
    log: Callable[[], list[dict[str, object]]], sums: dict[str, int], level: str
):
    tell(sums)
    (line,) = log()
    assert (line["event"], line["level"], line["received"]) == ("daily-report", level, sums["received"])


@pytest.mark.parametrize("word", ["\r\n", "\x1b[2J", "\u2028", "\x00"], ids=ascii)
def test_a_line_of_the_log_stays_one_line_whatever_is_logged(log: Callable[[], list[dict[str, object]]], word: str):
    structlog.get_logger("x").warning("mail", subject=f"a{word}b", parts=[f"c{word}d"], deep={"e": f"f{word}g"})
    (line,) = log()
    assert word not in str(line)


def test_an_address_is_hashed_the_same_each_time_and_its_domain_stays(log: Callable[[], list[dict[str, object]]]):
    logger = structlog.get_logger("x")
    logger.info("one", who="Jane <jane@customer.test>")
    logger.info("two", who=["JANE@customer.test", "kim@customer.test"])
    logging.getLogger("other.library").warning("rejected %s", "jane@customer.test")
    first, second, third = log()
    hashed = str(first["who"]).removeprefix("Jane <").removesuffix(">")
    assert hashed.endswith("@customer.test")
    assert "jane" not in hashed
    assert isinstance(second["who"], list)
    assert second["who"][0] == hashed != second["who"][1]
    assert third["event"] == f"rejected {hashed}"


def test_at_debug_addresses_stand_as_they_are(start: Start):
    stream = start(LogSection(format="json", level="debug"))
    structlog.get_logger("x").debug("one", who="jane@customer.test")
    assert json.loads(stream.getvalue())["who"] == "jane@customer.test"


def test_a_log_for_people_is_no_json(start: Start):
    stream = start(LogSection(format="console"))
    structlog.get_logger("x").info("store-opened", folder="state")
    assert "store-opened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
