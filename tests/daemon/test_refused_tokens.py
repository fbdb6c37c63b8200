"""The door of a desk as the configuration makes it: it knows the reply addresses that this desk made from any other."""

import smtplib
from pathlib import Path

from mailbot.app.ingest import ingest_parts
from mailbot.app.init import Wishes, make_home
from mailbot.app.root import key_of
from mailbot.config.file import load_config
from mailbot.event import Visibility
from mailbot.facts import Token
from mailbot.rules.identity.token import KeyRing, principal, reply_address
from tests.servers.ports import free_port


def test_the_door_takes_the_addresses_that_the_desk_made_and_refuses_what_looks_like_one(tmp_path: Path):
    make_home(tmp_path / "desk", Wishes(domain="example.test"))
    environ = {"MAILBOT_LISTEN__PORT": str(free_port())}
    config = load_config(tmp_path / "desk" / "mailbot.toml", environ)
    desk, ring = config.outside(), KeyRing("example.test", (key_of(config, environ),))
    others = KeyRing("example.test", (b"another desk's key, or an old one",))

    def address(by: KeyRing, case: int = 1, *, personal: bool = False) -> str:
        who = principal(by, "anna@customer.test")
        return reply_address(by, desk, Token(case=case, visibility=Visibility.PUBLIC, principal=who, personal=personal))

    doors = [door for _, door in ingest_parts(config, environ).doors]
    try:
        for door in doors:
            door.start()
        with smtplib.SMTP("127.0.0.1", config.listen.port, "there", timeout=20) as client:
            client.ehlo()
            client.mail("anna@customer.test")
            taken = [client.rcpt(one)[0] for one in (desk.address, address(ring), address(ring, 0, personal=True))]
            refused = [client.rcpt(one) for one in (address(others), f"support+{'a' * 44}@example.test")]
    finally:
        for door in reversed(doors):
            door.stop(5)
    assert taken == [250, 250, 250]
    assert [code for code, _ in refused] == [550, 550]
    assert {text for _, text in refused} == {
        b"5.1.1 This reply address is not valid; please write to the desk's plain address instead"
    }
