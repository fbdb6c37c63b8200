"""Running the daemon, whole or one loop of it, from the configuration: what `mailbot run` calls."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial

import structlog

from mailbot.app.check import case_faults, first_start_faults, vital_faults
from mailbot.app.check_settings import setting_warnings
from mailbot.app.ingest import ingest_parts
from mailbot.app.log import start_log
from mailbot.app.root import CLOCK, key_of, store_of
from mailbot.app.work import send_parts, work_parts
from mailbot.clock import monotonic
from mailbot.config import Config
from mailbot.daemon.ingest import run_ingest
from mailbot.daemon.loops import Role, alone, supervise
from mailbot.daemon.presence import Presence
from mailbot.daemon.send import run_send
from mailbot.daemon.work import run_work
from mailbot.faults import Fault, Faults
from mailbot.ports import StoreAway
from mailbot.store.sql import SqlStore

#: A clock that differs by more from the database's is told.
CLOCKS_APART = timedelta(seconds=5)

log = structlog.get_logger("mailbot.run")


def run_daemon(config: Config, only: Role | None, environ: Mapping[str, str], greet: Callable[[], None] | None) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. Raises Faults when it cannot run as it is configured.

    `greet` is called once all loops are ready.
    """
    if only is None and (found := list(_refusals(config, environ))):
        raise Faults(found)
    # Whatever it writes from here on is other people's mail.
    os.umask(0o077)
    start_log(config.log, key_of(config, environ), environ)
    if only is None:
        for warning in setting_warnings(config):
            # The others are for somebody who sets a desk up: `mailbot check` tells them.
            if warning.key.startswith(("listen.", "mailbox")):
                log.warning("configuration", alarm=str(warning))
        forgive = partial(_forgive, config, environ)
        return supervise(config, environ, monotonic, greet or (lambda: None), forgive)
    return alone(config, only, environ, LOOPS[only](config, environ))


def _refusals(config: Config, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Yield everything with which the daemon does not start."""
    yield from vital_faults(config, environ)
    yield from first_start_faults(config)
    try:
        yield from case_faults(config, environ)
    except StoreAway:
        # The loops wait for it, and the work loop looks at the cases before its first decision.
        return


def _forgive(config: Config, environ: Mapping[str, str]) -> None:
    """Give back the mails of a daemon that died whole, uncounted: a crash of its own ends the work loop alone."""
    try:
        store = store_of(config, environ, Role.WORK)
    except StoreAway as away:
        log.warning("store-away", reason=str(away))
        return
    try:
        store.free(store.owner, counted=False)
        _compare_clocks(store)
    except StoreAway as away:
        log.warning("store-away", reason=str(away))
    finally:
        store.close()


def _compare_clocks(store: SqlStore) -> None:
    """Tell of a clock that differs from the database's: nodes that do not agree on the time decide in another order."""
    ahead = store.ahead(CLOCK.now())
    if abs(ahead) > CLOCKS_APART:
        log.warning("clocks-apart", seconds=round(ahead.total_seconds()), alarm="set the clocks of all machines by NTP")


def _ingest(config: Config, environ: Mapping[str, str]) -> Callable[[Presence], None]:
    return lambda presence: run_ingest(presence, ingest_parts(config, environ))


def _work(config: Config, environ: Mapping[str, str]) -> Callable[[Presence], None]:
    return lambda presence: run_work(presence, work_parts(config, environ))


def _send(config: Config, environ: Mapping[str, str]) -> Callable[[Presence], None]:
    return lambda presence: run_send(presence, send_parts(config, environ, presence.beat))


LOOPS: Mapping[Role, Callable[[Config, Mapping[str, str]], Callable[[Presence], None]]] = {
    Role.INGEST: _ingest,
    Role.WORK: _work,
    Role.SEND: _send,
}
