"""What holds for every test: nothing leaves the loopback, and the real servers are there to ask for."""

import gc
import ipaddress
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import settings

from tests.servers.border import border
from tests.servers.dovecot import dovecot
from tests.servers.oauth import oauth
from tests.servers.postfix import postfix
from tests.servers.postgres import postgres

__all__ = ["border", "dovecot", "oauth", "postfix", "postgres"]

# The machines that run the tests are shared: how long one example takes says nothing about the code.
settings.register_profile("mailbot", deadline=None)
settings.load_profile("mailbot")


def is_loopback(host: object) -> bool:
    """Does the host stay on this machine? No host at all is the machine itself."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def stay_on_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail the test that calls the outside; an audit hook, so no library gets round it."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        outside = isinstance(address, tuple) and not is_loopback(address[0])  # a Unix socket's address is no tuple
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        address, outside = arguments[0], not is_loopback(arguments[0])
    else:
        return
    if outside:
        # No Exception but pytest's own outcome, so that code which forgives network errors does not hide it.
        pytest.fail(f"A test calls {address!r}: tests stay on the loopback.")


sys.addaudithook(stay_on_loopback)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a slow test without a budget of its own, its time-out."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    if boundless := [item.nodeid for item in slow if not item.get_closest_marker("timeout")]:
        raise pytest.UsageError(f"A slow test needs a pytest.mark.timeout, its budget: {', '.join(boundless)}")


def pytest_collection_finish() -> None:
    """Ten thousand tests are no garbage: what is imported and collected need not be looked through again."""
    gc.freeze()


def log_plainly() -> None:
    """Let an error be told without every value around it, which structlog draws by itself and takes seconds for."""
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


log_plainly()


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """What a test does to the log of this process ends with it: its streams are closed by then."""
    before, level = list(logging.root.handlers), logging.root.level
    yield
    for handler in set(logging.root.handlers) - set(before):
        logging.root.removeHandler(handler)
    logging.root.setLevel(level)
    log_plainly()
