"""The doorbell, the role's lock and the notification socket, each alone."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.daemon.lock import RoleLock
from mailbot.daemon.notify_socket import Notifier
from mailbot.daemon.wake import Doorbell, ring
from mailbot.faults import Faults
from tests.daemon.loops import ear


def never(seconds: float) -> None:
    raise AssertionError(seconds)


def deep(folder: Path) -> Path:
    """A folder whose path is longer than the address of a socket may be."""
    return folder / ("d" * 100) / ("e" * 100)


@pytest.mark.parametrize("place", [pytest.param(lambda f: f, id="short"), pytest.param(deep, id="long-path")])
def test_a_ring_ends_the_wait_at_once(tmp_path: Path, place: Callable[[Path], Path]):
    folder = place(tmp_path)
    bell = Doorbell(folder, "work")
    threading.Thread(target=ring, args=(folder, "work")).start()
    began = time.monotonic()
    bell.wait(60)
    assert time.monotonic() - began < 30
    bell.close()


def test_a_ring_before_the_wait_is_not_lost(tmp_path: Path):
    bell = Doorbell(tmp_path, "work")
    for _ in range(1000):
        ring(tmp_path, "work")
    began = time.monotonic()
    bell.wait(60)
    assert time.monotonic() - began < 30
    bell.wait(0)
    bell.close()


def test_ringing_where_nobody_is_at_home_does_nothing(tmp_path: Path):
    Doorbell(tmp_path, "work").close()
    ring(tmp_path, "work")
    ring(tmp_path, "send")
    ring(tmp_path / "nowhere", "send")


def test_the_bell_of_a_dead_loop_is_replaced(tmp_path: Path):
    Doorbell(tmp_path, "work").close()
    bell = Doorbell(tmp_path, "work")
    ring(tmp_path, "work")
    bell.wait(60)
    bell.close()


def test_the_second_of_a_role_is_refused_with_the_first_ones_number(tmp_path: Path):
    RoleLock(tmp_path, "supervisor").take(never)
    with pytest.raises(Faults) as caught:
        RoleLock(tmp_path, "supervisor").take(never)
    assert f"another mailbot already runs on this state folder (process {os.getpid()})" in str(caught.value)
    RoleLock(tmp_path, "work").take(never)


def test_a_database_that_lies_elsewhere_has_a_lock_of_its_own(tmp_path: Path):
    database = tmp_path / "desk.db"
    RoleLock(tmp_path / "one", "work", database).take(never)
    RoleLock(tmp_path / "one", "work").take(never)
    with pytest.raises(Faults, match=r"desk\.db: another mailbot's work already runs on this database"):
        RoleLock(tmp_path / "other", "work", database).take(never)
    RoleLock(tmp_path / "other", "work", tmp_path / "another.db").take(never)
    with pytest.raises(Faults, match=r"store\.url: cannot be used"):
        RoleLock(tmp_path / "other", "work", tmp_path / "missing" / "desk.db").take(never)


def test_a_lock_is_waited_for_while_its_holder_dies(tmp_path: Path):
    hold = (
        "import sys, pathlib\n"
        "from mailbot.daemon.lock import RoleLock\n"
        "RoleLock(pathlib.Path(sys.argv[1]), 'work').take(lambda seconds: None)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"

        def wait(_seconds: float) -> None:
            holder.send_signal(signal.SIGKILL)
            holder.wait()

        RoleLock(tmp_path, "work").take(wait, patience=5)


def test_a_state_folder_that_cannot_be_written_is_a_fault(tmp_path: Path):
    (tmp_path / "state").touch()
    with pytest.raises(Faults, match=r"store\.folder: cannot be used"):
        RoleLock(tmp_path / "state", "work").take(never)


def test_without_a_listener_telling_does_nothing():
    notifier = Notifier.from_environment({})
    notifier.ready("fine")
    notifier.beat()
    assert not notifier.heard
    gone = Notifier.from_environment({"NOTIFY_SOCKET": "/nowhere/at/all"})
    gone.stopping()
    assert not gone.heard


def test_a_listener_that_goes_away_stops_nothing(tmp_path: Path):
    with ear(tmp_path) as listener:
        notifier = Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"})
        assert notifier.watchdog_seconds == 2
        notifier.beat("first")
        notifier.beat("first")
        listener.listen("WATCHDOG")
        assert listener.count("STATUS") == 1
    notifier.beat("second")
    notifier.close()
    notifier.beat("third")


def test_an_abstract_address_is_understood():
    name = f"mailbot-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        notifier = Notifier.from_environment({"NOTIFY_SOCKET": "@" + name})
        notifier.ready("fine")
        assert listener.recv(100) == b"READY=1\nSTATUS=fine"
        notifier.close()


def test_a_watchdog_that_is_meant_for_another_process_is_none_of_ours(tmp_path: Path):
    with ear(tmp_path):
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}
        notifier = Notifier.from_environment(environ)
        assert notifier.watchdog_seconds == 0
        notifier.close()
