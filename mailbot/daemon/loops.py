"""The daemon: three loops as three processes under one supervisor, or one loop on its own (`--only`).

    ingest   takes mail in and stores it             rings at work
    work     decides about mails and deadlines       rings at send
    send     takes letters to the relay

Knows the loops by name only; what each does stands in `daemon.ingest`, `daemon.work` and `daemon.send`, and what they
do it with is handed in by the composition root. Never touches a mail.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from logging import DEBUG, INFO
from pathlib import Path

import structlog

from mailbot.config import Config
from mailbot.daemon.lock import RoleLock, die_with_parent
from mailbot.daemon.memory import give_back_freed
from mailbot.daemon.notify_socket import Notifier
from mailbot.daemon.presence import Presence
from mailbot.daemon.supervisor import PARENT, Plan, Supervisor
from mailbot.daemon.wake import Signals
from mailbot.ports.patience import SILENCE

log = structlog.get_logger("mailbot.daemon.loops")

#: Seconds that a loop waits for its dead predecessor to leave its lock.
PATIENCE = 5.0
#: Seconds that a start waits for somebody who only looks at the lock (`daemon.lock.holder`).
GLANCE = 0.3


class Role(StrEnum):
    """The loops, in the order in which mail goes through them."""

    INGEST = "ingest"
    WORK = "work"
    SEND = "send"


def supervise(
    config: Config,
    environ: Mapping[str, str],
    monotonic: Callable[[], float],
    on_ready: Callable[[], None],
    forgive: Callable[[], None],
) -> int:
    """Run all loops until SIGTERM or SIGINT; return the exit code. Raises Faults when a daemon runs here already.

    `forgive` gives back what an earlier daemon had in hand when it died as a whole.
    """
    for lock in _locks(config, "supervisor"):
        lock.take(_wait, GLANCE)
    forgive()
    deadlines = dict.fromkeys(Role, float(config.limits.work_seconds)) | {Role.SEND: SILENCE}
    command = own_command("run", "-c", str(config.file), "--only")
    supervisor = Supervisor(
        plans=[Plan(name=role, command=[*command, role], deadline=deadlines[role]) for role in Role],
        notifier=Notifier.from_environment(environ),
        signals=Signals(),
        monotonic=monotonic,
        environment=dict(environ),
        on_ready=on_ready,
    )
    code = supervisor.run()
    log.info("stopped")
    return code


def own_command(*words: str) -> list[str]:
    """Return the command that starts this same mailbot in another process."""
    # `python -m` looks into the working directory first; started by its script, mailbot must not.
    by_module = Path(sys.argv[0]).name == "__main__.py" and not sys.flags.safe_path
    return [sys.executable, *([] if by_module else ["-P"]), "-m", "mailbot", *words]


def alone(config: Config, role: Role, environ: Mapping[str, str], loop: Callable[[Presence], None]) -> int:
    """Run one loop in this process until it is told to end. Raises Faults when it cannot begin."""
    if not die_with_parent(environ):
        return 1
    for lock in _locks(config, role):
        lock.take(_wait, PATIENCE)
    give_back_freed()
    structlog.contextvars.bind_contextvars(loop=role.value)
    loop(Presence(role, config.store.folder, environ))
    log.log(DEBUG if PARENT in environ else INFO, "stopped")
    return 0


def _locks(config: Config, role: str) -> Iterator[RoleLock]:
    """Yield what a loop must have for itself: its state folder, and an SQLite database that lies elsewhere."""
    yield RoleLock(config.store.folder, role)
    database = config.database_file()
    if database and database.parent != config.store.folder:
        yield RoleLock(config.store.folder, role, database)


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)
