"""Keeping the loops alive: each is a child process that gives signs of life; one that ends or hangs is replaced.

Knows nothing of mails. Never restarts a loop that cannot start because of its configuration: that is the operator's to
mend, so the whole ends with that loop's exit code.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from logging import DEBUG, INFO

import structlog

from mailbot.daemon.notify_socket import INHERITED, Notifier, heard
from mailbot.daemon.wake import Signals

#: The exit code of a child that cannot work as it is configured.
WRONG = 2
#: Seconds from SIGTERM until a child that has not ended is killed: the whole must be gone within twenty.
GRACE = 15.0
#: Seconds that a child may take to get ready: a large store may need to be upgraded first.
START = 120.0
#: Seconds before a child that ended is started again: the first time, then doubled up to the last.
FIRST_PAUSE, LAST_PAUSE = 0.2, 30.0
#: After so many seconds without trouble a child's troubles are forgotten.
FORGET = 60.0
#: The supervisor looks at its children at least this often, in seconds.
TURN = 1.0

#: Tells a child whose death is its own end.
PARENT = "MAILBOT_SUPERVISOR"

log = structlog.get_logger("mailbot.daemon.supervisor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One loop that is to run."""

    name: str
    command: Sequence[str]
    #: Seconds without a sign of life after which it counts as hung.
    deadline: float


@dataclass(slots=True)
class Child:
    """A loop as it stands; between two lives it has no process."""

    plan: Plan
    process: "subprocess.Popen[bytes] | None" = None
    ear: socket.socket | None = None
    ready: bool = False
    status: str = "starting"
    started: float = 0.0
    beaten: float = 0.0
    #: Troubles in a row, and when the next life begins.
    troubles: int = 0
    due: float = 0.0


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """The parent of the loops."""

    plans: Sequence[Plan]
    notifier: Notifier
    signals: Signals
    #: Seconds that only grow.
    monotonic: Callable[[], float]
    environment: dict[str, str]
    #: Called once, when all loops are ready for the first time.
    on_ready: Callable[[], None] = lambda: None
    children: list[Child] = field(init=False, default_factory=list)
    _was_ready: bool = field(init=False, default=False)

    def run(self) -> int:
        """Run the loops until a signal ends them; return 0, or 2 when one cannot start as it is configured."""
        self.children = [Child(plan) for plan in self.plans]
        code: int | None = None
        while code is None and not self.signals.stopping:
            self._start_due()
            self._listen(TURN)
            if self.signals.reload_wanted():
                self._signal_all(signal.SIGHUP)
            code = self._look_after()
        self.notifier.stopping()
        self._stop_all()
        return code or 0

    def _start_due(self) -> None:
        now = self.monotonic()
        for child in self.children:
            if child.process is None and child.due <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        ear, mouth = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ear.settimeout(0)
        environment = {k: v for k, v in self.environment.items() if k not in {"NOTIFY_SOCKET", "WATCHDOG_USEC"}}
        environment |= {INHERITED: str(mouth.fileno()), PARENT: str(os.getpid())}
        with mouth:
            child.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                list(child.plan.command), env=environment, pass_fds=[mouth.fileno()], stdin=subprocess.DEVNULL
            )
        child.ear, child.ready, child.status = ear, False, "starting"
        child.started = child.beaten = self.monotonic()
        log.debug("loop-started", loop=child.plan.name, pid=child.process.pid)

    def _listen(self, seconds: float) -> None:
        """Take in what the children tell and which signals came, and wait for either a little."""
        ears = {child.ear.fileno(): child for child in self.children if child.ear}
        pause = min([seconds, *(max(0.0, c.due - self.monotonic()) for c in self.children if c.process is None)])
        readable, _, _ = select.select([*ears, self.signals.fileno()], [], [], pause)
        self.signals.drain()
        for ear in readable:
            if ear in ears:
                self._hear(ears[ear])

    def _hear(self, child: Child) -> None:
        assert child.ear is not None
        try:
            while datagram := child.ear.recv(4096):
                told = heard(datagram)
                child.beaten = self.monotonic()
                child.status = told.get("STATUS", child.status)
                if told.get("READY") == "1" and child.process:
                    child.ready = True
                    # After trouble it is good news; at the first start the whole says it once.
                    level = INFO if child.troubles else DEBUG
                    log.log(level, "loop-ready", loop=child.plan.name, pid=child.process.pid)
        except BlockingIOError:
            return
        except OSError as error:
            log.debug("ear-lost", loop=child.plan.name, error=str(error))
        # The other end is closed: the child is ending, and `_look_after` will find its exit code.
        child.ear.close()
        child.ear = None

    def _look_after(self) -> int | None:
        """Replace what ended or hangs, pass on how it goes; return an exit code when it cannot go on."""
        if self.signals.stopping:
            # A loop that ends now was told to.
            return None
        now = self.monotonic()
        for child in self.children:
            if child.process is None:
                continue
            code = child.process.poll()
            if code is not None:
                self._bury(child)
                if code == WRONG and not self._was_ready:
                    return WRONG
                self._plan_next_life(child, now, f"ended with {code}" if code >= 0 else f"killed by signal {-code}")
            elif now - child.beaten > (child.plan.deadline if child.ready else START):
                log.error("loop-hung", loop=child.plan.name, pid=child.process.pid, seconds=round(now - child.beaten))
                # It holds nothing that matters: what it had begun is counted and done again.
                child.process.kill()
                child.process.wait()
                self._bury(child)
                self._plan_next_life(child, now, "hung")
        self._pass_on(now)
        return None

    def _bury(self, child: Child) -> None:
        if child.ear:
            self._hear(child)
        if child.ear:
            child.ear.close()
        child.process, child.ear, child.ready = None, None, False

    def _plan_next_life(self, child: Child, now: float, what: str) -> None:
        child.troubles = 0 if now - child.started > FORGET else child.troubles
        pause = min(LAST_PAUSE, FIRST_PAUSE * 2**child.troubles)
        child.troubles += 1
        child.due, child.status = now + pause, f"{what}, starting again"
        log.error("loop-ended", loop=child.plan.name, what=what, again_in_seconds=pause)

    def _pass_on(self, now: float) -> None:
        """Tell our own supervisor; a sign of life only while every loop that runs gives its own in time."""
        status = "; ".join(f"{child.plan.name}: {child.status}" for child in self.children)
        if not self._was_ready:
            if all(child.ready for child in self.children):
                self._was_ready = True
                self.notifier.ready(status)
                log.info("ready", status=status)
                self.on_ready()
            return
        running = [child for child in self.children if child.process]
        if running and all(now - child.beaten <= child.plan.deadline for child in running if child.ready):
            self.notifier.beat(status)

    def _signal_all(self, number: int) -> None:
        for child in self.children:
            if child.process and child.process.poll() is None:
                child.process.send_signal(number)

    def _stop_all(self) -> None:
        self._signal_all(signal.SIGTERM)
        end = self.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, end - self.monotonic()))
            if child.process.poll() is None:
                log.error("loop-would-not-end", loop=child.plan.name, pid=child.process.pid)
                child.process.kill()
                child.process.wait()
            self._bury(child)
