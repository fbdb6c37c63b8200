"""With TLS from the first byte a connection is counted before the handshake, and the handshake is bounded."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mailbot.ingest.smtp.listener import SmtpLimits, SmtpSettings, server_tls
from tests.daemon.loops import eventually
from tests.ingest.smtp.conftest import Desk, OpenDesk

HOLDER = "127.0.1.1"
STRANGER = "127.0.2.1"


@pytest.fixture
def open_tls_desk(open_desk: OpenDesk, certificate: tuple[Path, Path]) -> Callable[[SmtpLimits], Desk]:
    def make(limits: SmtpLimits) -> Desk:
        return open_desk(SmtpSettings(port=0, tls=server_tls(*certificate), implicit_tls=True, limits=limits))

    return make


@pytest.fixture
def bare() -> Iterator[Callable[[Desk], socket.socket]]:
    """Connect and say nothing; all such connections are closed at the end."""
    with ExitStack() as stack:
        yield lambda desk: stack.enter_context(connect(desk, HOLDER))


def connect(desk: Desk, source: str) -> socket.socket:
    return socket.create_connection(desk.listener.address, timeout=20, source_address=(source, 0))


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def is_served(desk: Desk, source: str) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with connect(desk, source) as connection:
        try:
            with context.wrap_socket(connection) as encrypted:
                return encrypted.recv(100).startswith(b"220 ")
        except (ssl.SSLError, OSError):
            return False


def places(desk: Desk) -> int:
    return desk.listener._shared.gate.held(HOLDER)


OpenTlsDesk = Callable[[SmtpLimits], Desk]
Bare = Callable[[Desk], socket.socket]


def test_a_connection_too_many_is_closed_before_any_handshake(open_tls_desk: OpenTlsDesk, bare: Bare):
    desk = open_tls_desk(SmtpLimits(connections_per_peer=2))
    held = [bare(desk) for _ in range(2)]
    assert is_closed(bare(desk))
    assert not is_served(desk, HOLDER)
    for connection in held:
        connection.close()
    eventually(lambda: is_served(desk, HOLDER), "who hangs up in the handshake gives the place back")
    eventually(lambda: places(desk) == 0, "and so does who was served")


def test_a_handshake_that_takes_too_long_is_cut_off(open_tls_desk: OpenTlsDesk, bare: Bare):
    desk = open_tls_desk(SmtpLimits(handshake=0.05))
    assert is_closed(bare(desk))
    eventually(lambda: places(desk) == 0, "the place is free again")


def test_what_is_no_tls_is_cut_off(open_tls_desk: OpenTlsDesk, bare: Bare):
    desk = open_tls_desk(SmtpLimits())
    connection = bare(desk)
    connection.sendall(b"EHLO there\r\n")
    while connection.recv(100):
        pass
    eventually(lambda: places(desk) == 0, "the place is free again")


def test_bare_connections_make_way_for_a_stranger(open_tls_desk: OpenTlsDesk, bare: Bare):
    desk = open_tls_desk(SmtpLimits(connections=2))
    first, _ = bare(desk), bare(desk)
    assert is_served(desk, STRANGER)
    assert is_closed(first)


def test_a_stop_does_not_wait_for_a_handshake(open_tls_desk: OpenTlsDesk, bare: Bare):
    desk = open_tls_desk(SmtpLimits())
    connection = bare(desk)
    eventually(lambda: places(desk) == 1, "it is counted")
    desk.listener.stop(20)
    assert is_closed(connection)
