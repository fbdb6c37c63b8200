"""A worker is woken, cut off from what hangs, and begun anew when it died."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from mailbot.app.worker import GRACE, SILENCE, Worker
from tests.daemon.loops import eventually


class Work:
    """Rests for ever, or hangs until it is cut, or dies."""

    def __init__(self, worker: "Worker[Work]", how: str) -> None:
        self.worker = worker
        self.how = how
        self.hanging = threading.Event()
        self.turns = 0

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.turns += 1
            if self.how == "die":
                return
            if self.how in ("hang", "deaf"):
                self.hanging.wait(60)
                return
            self.worker.wait(600)

    def cut(self) -> None:
        if self.how != "deaf":
            self.hanging.set()


class Boss:
    def __init__(self) -> None:
        self.now = 0.0
        self.works: list[Work] = []
        self.how = ["rest"]
        self.worker: Worker[Work] = Worker("test", self.make, lambda: self.now)

    def make(self, worker: Worker[Work]) -> Work:
        self.works.append(Work(worker, self.how[-1]))
        return self.works[-1]

    def begin(self, how: str) -> "Boss":
        self.works[0].how = how
        self.worker.start()
        return self


@pytest.fixture
def boss() -> Iterator[Boss]:
    boss = Boss()
    yield boss
    for work in boss.works:
        work.hanging.set()
    boss.worker.stop(20)


def test_who_rests_need_not_show_that_it_lives_and_is_woken_by_a_word(boss: Boss):
    boss.begin("rest")
    work = boss.works[0]
    eventually(lambda: work.turns == 1 and boss.worker._resting, "it rests")
    boss.now += 10 * SILENCE
    assert boss.worker.well()
    boss.worker.tell(lambda told: setattr(told, "how", "rest"))
    eventually(lambda: work.turns == 2, "it was woken")
    before = time.monotonic()
    boss.worker.stop(200)
    assert time.monotonic() - before < 60


def test_who_hangs_is_cut_off_and_begun_anew(boss: Boss):
    boss.begin("hang")
    eventually(lambda: boss.works[0].turns, "it works")
    boss.now += SILENCE
    assert boss.worker.well()
    assert not boss.works[0].hanging.is_set()
    boss.now += 1
    assert boss.worker.well()
    thread = boss.worker._thread
    assert thread is not None
    thread.join(20)
    assert boss.worker.well()
    eventually(lambda: boss.works[1].turns == 1, "another one works")


def test_who_cannot_be_helped_is_told_to_the_supervisor(boss: Boss):
    boss.begin("deaf")
    eventually(lambda: boss.works[0].turns, "it works")
    boss.now += SILENCE + GRACE
    assert boss.worker.well()
    boss.now += 1
    assert not boss.worker.well()
    boss.worker.alive()
    assert boss.worker.well()


def test_who_died_is_begun_anew(boss: Boss):
    boss.begin("die")
    assert boss.worker._thread is not None
    boss.worker._thread.join(20)
    assert boss.worker.well()
    eventually(lambda: boss.works[1].turns == 1, "another one works")


def test_a_descriptor_ends_a_rest(boss: Boss):
    reader, writer = os.pipe()
    try:
        os.write(writer, b"x")
        boss.worker.wait(600, reader)
        boss.worker.tell(lambda _work: None)
        boss.worker.wait(600)
        boss.worker.wait(0)
    finally:
        os.close(reader)
        os.close(writer)
