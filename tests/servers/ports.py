"""Free ports on loopback for servers that a test starts."""

import os
import socket
from collections.abc import Iterator


def _candidates() -> Iterator[int]:
    # Below the range that the kernel hands out to clients, so that a server finds its port free after a restart;
    # each test process begins somewhere else.
    first = 20000 + os.getpid() % 500 * 20
    yield from range(first, 32000)
    yield from range(20000, first)


_numbers = _candidates()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on, and that no other test process gets while this one lives."""
    for port in _numbers:
        if not _claimed(port):
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("No port between 20000 and 32000 is free on 127.0.0.1.")


def _claimed(port: int) -> bool:
    """Claim the port for the life of this process: between looking for one and listening on it another could come."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0mailbot-test-port-{port}")
    except OSError:
        claim.close()
        return False
    # Left open: the kernel takes the name back when the process ends.
    claim.detach()
    return True


def refuses(port: int) -> bool:
    """Does nobody listen on the port of 127.0.0.1?"""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False
