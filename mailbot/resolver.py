"""Asks the name servers: for a host's addresses, and for the records of a domain that mail depends on.

Asks only and remembers nothing. Mail itself needs none of it: the relay finds the recipients' servers.
"""

import socket
from collections.abc import Sequence
from typing import Literal

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

#: Seconds for one question, all name servers and tries together.
PATIENCE = 5.0


class NameUnknown(Exception):
    """The name servers say that there is no such name."""


class NoNameServer(Exception):
    """No name server answers, so nothing is known of the name."""


class Resolver:
    """The machine's name servers, or those that are named."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        """Without `servers` the machine's own are asked; which these are is looked up with the first question."""
        self._servers = servers
        self._port = port

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return a host's addresses, as every connection of mailbot finds them. Raises NameUnknown, NoNameServer."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise NoNameServer(host) from error
            raise NameUnknown(host) from error
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

    def records(self, domain: str, kind: Literal["MX", "TXT"]) -> tuple[str, ...]:
        """Return a domain's records, () for none: MX as hosts, "." for "no mail" (RFC 7505), TXT as whole texts.

        Raises NameUnknown, NoNameServer.
        """
        try:
            answer = self._asked().resolve(domain, kind, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN as error:
            raise NameUnknown(domain) from error
        except dns.exception.DNSException as error:
            raise NoNameServer(domain) from error
        return tuple(_text(record) for record in answer.rrset or ())

    def _asked(self) -> dns.resolver.Resolver:
        asked = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            asked.nameservers = list(self._servers)
            asked.port = self._port
        asked.lifetime = PATIENCE
        return asked


def _text(record: object) -> str:
    if isinstance(record, MX):
        return record.exchange.to_text(omit_final_dot=True)
    assert isinstance(record, TXT)
    return b"".join(record.strings).decode("utf-8", "replace")
