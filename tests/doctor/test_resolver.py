"""The resolver against a name server of its own on loopback."""

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from mailbot import resolver
from mailbot.resolver import NameUnknown, NoNameServer, Resolver

ZONE = {
    ("desk.test.", "MX"): ["20 backup.desk.test.", "10 mx.desk.test."],
    ("desk.test.", "TXT"): ['"v=spf1 " "mx -all"', '"other"'],
    ("nomail.test.", "MX"): ["0 ."],
    ("bare.test.", "A"): ["192.0.2.1"],
}


class NameServer:
    """Answers what stands in the zone, NXDOMAIN for other names, SERVFAIL for `broken.test`."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
            knock.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, peer = self._socket.recvfrom(4096)
            if not question:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(question)).to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name, kind = query.question[0].name.to_text(), dns.rdatatype.to_text(query.question[0].rdtype)
        if name == "broken.test.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == name for known, _ in ZONE):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        return answer


@pytest.fixture(scope="module")
def ask() -> Iterator[Resolver]:
    server = NameServer()
    yield Resolver(["127.0.0.1"], server.port)
    server.stop()


def test_records_are_read_as_mail_needs_them(ask: Resolver):
    assert set(ask.records("desk.test", "MX")) == {"mx.desk.test", "backup.desk.test"}
    assert set(ask.records("desk.test", "TXT")) == {"v=spf1 mx -all", "other"}
    assert ask.records("nomail.test", "MX") == (".",)
    assert ask.records("bare.test", "MX") == ()


def test_a_name_that_is_not_there_is_told_apart_from_servers_that_do_not_answer(
    ask: Resolver, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(NameUnknown):
        ask.records("nowhere.test", "MX")
    monkeypatch.setattr(resolver, "PATIENCE", 0.5)
    with pytest.raises(NoNameServer):
        ask.records("broken.test", "MX")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(NoNameServer):
            Resolver(["127.0.0.1"], deaf.getsockname()[1]).records("desk.test", "MX")


def test_a_hosts_addresses_are_those_that_connections_go_to(ask: Resolver):
    assert "127.0.0.1" in ask.addresses("localhost")


@pytest.mark.parametrize(("number", "raised"), [(socket.EAI_NONAME, NameUnknown), (socket.EAI_AGAIN, NoNameServer)])
def test_a_host_without_an_address_is_told(
    ask: Resolver, monkeypatch: pytest.MonkeyPatch, number: int, raised: type[Exception]
):
    def fail(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(raised):
        ask.addresses("imap.nowhere.test")
