"""The guard in `conftest.py`: no test calls the outside."""

import contextlib
import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "mail.example.com", "2001:db8::1"])
def test_a_call_to_the_outside_fails_even_where_network_errors_are_forgiven(host: str):
    with pytest.raises(pytest.fail.Exception, match="stay on the loopback"), contextlib.suppress(Exception):
        socket.create_connection((host, 25), timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost"])
def test_a_call_to_this_machine_goes_through(host: str):
    with (
        socket.create_server((host, 0)) as server,
        socket.create_connection(server.getsockname()[:2], timeout=5) as call,
    ):
        assert call.getpeername() == server.getsockname()
