"""The supervisor over real processes: readiness, signs of life, death, hanging, the end."""

import os
import signal
from pathlib import Path

import pytest

from tests.daemon.loops import alive, boss, ear, eventually


def test_readiness_is_told_once_when_every_loop_is_ready(tmp_path: Path):
    with ear(tmp_path) as listener, boss(tmp_path, listener=tmp_path / "notify") as supervisor:
        listener.listen("READY")
        supervisor.all_ready()
        assert supervisor.end() == 0
        assert listener.count("READY") == 1
        ready = next(message for message in listener.told if "READY" in message)
        assert ready["STATUS"] == "one: one is ready; two: two is ready"


def test_a_loop_that_never_gets_ready_keeps_the_whole_from_being_ready(tmp_path: Path):
    with ear(tmp_path) as listener, boss(tmp_path, "two.wrong", listener=tmp_path / "notify") as supervisor:
        assert supervisor.process.wait(30) == 2
        assert listener.count("READY") == 0


def test_a_loop_that_cannot_start_as_it_is_configured_ends_the_whole_with_its_words_and_code(tmp_path: Path):
    with boss(tmp_path, "one.wrong") as supervisor:
        assert supervisor.process.wait(30) == 2
        assert supervisor.process.stderr
        assert supervisor.process.stderr.read().decode().splitlines()[0] == "mailbot.toml: listen.port: is taken"
        assert not [pid for pid in supervisor.pids("two") if alive(pid)]


def test_signs_of_life_go_on_while_every_loop_gives_its_own(tmp_path: Path):
    with ear(tmp_path) as listener, boss(tmp_path, listener=tmp_path / "notify"):
        eventually(lambda: listener.count("WATCHDOG") > 5, "the watchdog is fed")


def test_the_end_is_told_before_it_comes(tmp_path: Path):
    with ear(tmp_path) as listener, boss(tmp_path, listener=tmp_path / "notify") as supervisor:
        listener.listen("READY")
        assert supervisor.end() == 0
        listener.listen("STOPPING")
        assert "WATCHDOG" not in listener.told[-1]
        assert not [pid for name in ("one", "two") for pid in supervisor.pids(name) if alive(pid)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM], ids=lambda number: number.name)
def test_a_loop_that_dies_is_replaced_and_the_others_go_on(tmp_path: Path, number: signal.Signals):
    with boss(tmp_path) as supervisor:
        supervisor.all_ready()
        os.kill(supervisor.pids("one")[0], number)
        eventually(lambda: len(supervisor.pids("one")) > 1, "the loop lives again")
        assert len(supervisor.pids("two")) == 1
        assert alive(supervisor.pids("two")[0])
        assert supervisor.end() == 0


def test_a_loop_that_hangs_is_killed_and_replaced(tmp_path: Path):
    with boss(tmp_path) as supervisor:
        supervisor.all_ready()
        supervisor.tell("one", "hang")
        eventually(lambda: not alive(supervisor.pids("one")[0]), "the hung loop is killed")
        supervisor.forget("one", "hang")
        eventually(lambda: alive(supervisor.pids("one")[-1]), "the loop lives again")
        assert len(supervisor.pids("two")) == 1


def test_a_loop_that_is_stopped_in_its_tracks_is_killed_too(tmp_path: Path):
    with boss(tmp_path) as supervisor:
        supervisor.all_ready()
        os.kill(supervisor.pids("two")[0], signal.SIGSTOP)
        eventually(lambda: len(supervisor.pids("two")) > 1, "the loop lives again")


def test_a_supervisor_that_is_killed_takes_its_loops_with_it(tmp_path: Path):
    with boss(tmp_path) as supervisor:
        supervisor.all_ready()
        loops = [supervisor.pids(name)[0] for name in ("one", "two")]
        supervisor.process.kill()
        eventually(lambda: not any(map(alive, loops)), "no loop is left")


def test_a_loop_that_is_deaf_to_the_end_is_killed(tmp_path: Path):
    with boss(tmp_path, "two.deaf") as supervisor:
        supervisor.all_ready()
        assert supervisor.end() == 0
        assert not alive(supervisor.pids("two")[0])


def test_a_reload_reaches_every_loop(tmp_path: Path):
    with boss(tmp_path) as supervisor:
        supervisor.all_ready()
        supervisor.process.send_signal(signal.SIGHUP)
        eventually(lambda: all((tmp_path / f"{name}.hup").exists() for name in ("one", "two")), "both have heard it")
        assert len(supervisor.pids("one")) == 1
