"""A look into a running Mozilla program through its remote control, Marionette: what its windows hold, as it knows it.

Only for looking and for waiting, and for putting a mail under the eyes of a person who has logged in: what a person
writes is typed. The protocol is JSON in frames `LENGTH:JSON`; a command is `[0, number, name, parameters]`, its answer
`[1, number, error, result]` (https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What the program is started with; scripts may reach its own windows with the second.
OPTIONS = ("--marionette", "--remote-allow-system-access")
#: Where the program writes the port that it was given, when the preference marionette.port is 0.
PORT = "MarionetteActivePort"
#: Seconds that one answer may take on a busy machine.
PATIENCE = 60.0


class Marionette:
    """One connection to a program that runs with `OPTIONS`; the program has one for all."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self._number = 0
        self._frame()  # the greeting
        # The program's own questions are for its person to answer.
        self._do("WebDriver:NewSession", capabilities={"alwaysMatch": {"unhandledPromptBehavior": "ignore"}})
        self._do("Marionette:SetContext", value="chrome")

    def ask(self, script: str, *arguments: object) -> Any:
        """Run JavaScript with the rights of the program's own; what it returns. It reads its `arguments`."""
        return self._do("WebDriver:ExecuteScript", script=script, args=arguments, sandbox="system")["value"]

    def _do(self, name: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        data = json.dumps([0, self._number, name, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(data), data))
        _, number, error, result = self._frame()
        assert number == self._number, f"{name}: an answer to another command"
        assert error is None, f"{name}: {error}"
        return dict(result)

    def _frame(self) -> Any:
        while b":" not in self._received:
            self._receive()
        length, _, self._received = self._received.partition(b":")
        while len(self._received) < int(length):
            self._receive()
        data, self._received = self._received[: int(length)], self._received[int(length) :]
        return json.loads(data)

    def _receive(self) -> None:
        data = self._connection.recv(65536)
        assert data, "The program has closed Marionette's connection."
        self._received += data


def forget(profile: Path) -> None:
    """Let no earlier run of the program say where the next one listens."""
    (profile / PORT).unlink(missing_ok=True)


def listens(profile: Path) -> bool:
    """Does the program with this profile listen?"""
    return (profile / PORT).exists() and (profile / PORT).read_text() != ""


@contextmanager
def marionette(profile: Path) -> Iterator[Marionette]:
    """Connect to a program that listens; it answers once it has started and asks its person nothing."""
    port = int((profile / PORT).read_text())
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        yield Marionette(connection)
