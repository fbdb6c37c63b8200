"""What a real mail server says of our letters comes back to the case and to whoever works on it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.acceptance.desk import Home, new_mail, running, until
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix

AGENT, DESK, CUSTOMER = "mari@bounced-agents.test", "support@bounced.test", "anna@gone.test"


class Stranger:
    """The customer's own server: it knows nobody any more."""

    async def handle_RCPT(self, *_about: Any) -> str:  # noqa: N802 - the library's name
        return "550 5.1.1 Nobody here has this address"


@contextmanager
def customers_server() -> Iterator[int]:
    controller = Controller(Stranger(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def history(home: Home, event: str) -> list[dict[str, Any]]:
    case = home.case("HD-1")
    return [line for line in (case or {}).get("history", []) if line.get("event") == event]


def test_a_delivery_report_of_a_real_server_reaches_the_case_and_the_agent(tmp_path: Path, postfix: Postfix):
    home = Home.init(tmp_path / "desk", AGENT, options=("--domain", "bounced.test"))
    home.environ = {
        "MAILBOT_RELAY__KIND": "smtp",
        "MAILBOT_RELAY__PORT": str(postfix.relay_port),
        "MAILBOT_RELAY__TLS": "none",
    }
    postfix.route(DESK, f"smtp:[127.0.0.1]:{home.port}")
    with running(home), customers_server() as port:
        postfix.route("gone.test", f"smtp:[127.0.0.1]:{port}")
        home.send(new_mail(CUSTOMER, "Printer", "It burns.", to=DESK))
        until("the case", lambda: home.case("HD-1"))
        assert home.mailbot("do", "HD-1", "ask: Which floor are you on?", "--as", AGENT).returncode == 0
        failed = until("the report", lambda: history(home, "DeliveryFailed"), 90)
        assert {(one["to"], one["status"]) for one in failed} == {(CUSTOMER, "5.1.1")}

        def told() -> list[bytes]:
            return [mail for mail in postfix.outside(AGENT) if CUSTOMER.encode() in mail and b"5.1.1" in mail]

        until("the agent's notice", told)


class Sink:
    """A relay that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.taken += envelope.rcpt_tos
        return "250 2.0.0 Kept"


def test_a_retry_goes_out_at_once_though_the_relay_is_left_alone(tmp_path: Path):
    home = Home.init(tmp_path / "desk", AGENT, options=("--domain", "bounced.test"))
    sink, port = Sink(), free_port()
    home.environ = {"MAILBOT_RELAY__KIND": "smtp", "MAILBOT_RELAY__PORT": str(port), "MAILBOT_RELAY__TLS": "none"}
    with running(home):
        home.send(new_mail(CUSTOMER, "Printer", "It burns.", to=DESK))
        log = home.folder / "log"
        until("an attempt", lambda: "relay-away" in log.read_text())
        put_off = until(
            "a letter that was put off", lambda: [one for one in queued(home) if one["state"] == "deferred"]
        )
        controller = Controller(sink, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            assert home.mailbot("queue", "retry", str(put_off[0]["id"])).returncode == 0
            asked = time.monotonic()
            until("the letter", lambda: put_off[0]["to"] in sink.taken)
            # By itself it would have come 40 seconds after the attempt.
            assert time.monotonic() - asked < 15
        finally:
            controller.stop()


def queued(home: Home) -> list[dict[str, Any]]:
    return list(json.loads(home.mailbot("queue", "--json").stdout))
