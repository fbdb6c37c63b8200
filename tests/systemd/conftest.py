"""A machine with mailbot installed, and for each test a desk that knows of nothing yet."""

from collections.abc import Iterator, Mapping

import pytest

from tests.servers.systemd import Machine, machine
from tests.systemd.service import Service, installed, reset

__all__ = ["machine"]


@pytest.fixture(scope="session")
def passwords(machine: Machine) -> Mapping[str, str]:
    """mailbot is installed; the agents' passwords."""
    return installed(machine)


@pytest.fixture
def service(machine: Machine, passwords: Mapping[str, str]) -> Iterator[Service]:
    """The service, not started yet."""
    yield Service(machine, passwords)
    reset(machine)
