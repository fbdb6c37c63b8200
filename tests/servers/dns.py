"""A name server on loopback that knows only what a test tells it: for SPF, DKIM keys and DMARC policies.

A thread of the test process, gone with it. A name that nobody told it does not exist.
"""

import socketserver
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from tests.servers.ports import free_port


class NameServer:
    """Answers by UDP with the records of its zone, whatever the domain."""

    def __init__(self) -> None:
        self.port = free_port()
        #: Names -> types -> the values as a zone file has them.
        self._zone: dict[dns.name.Name, dict[dns.rdatatype.RdataType, list[str]]] = {}
        #: Names that get SERVFAIL.
        self._broken: set[dns.name.Name] = set()
        self._server = _Server(("127.0.0.1", self.port), _Question)
        self._server.names = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="dns", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def add(self, name: str, kind: str, value: str) -> None:
        """Tell it a record as a zone file has it; a TXT of any length is cut as it must be."""
        if kind == "TXT":
            value = " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250))
        records = self._zone.setdefault(dns.name.from_text(name), {})
        records.setdefault(dns.rdatatype.from_text(kind), []).append(value)

    def fail(self, name: str) -> None:
        """Answer questions for this name with SERVFAIL from now on."""
        self._broken.add(dns.name.from_text(name))

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Answer one question (RFC 1035)."""
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        question = query.question[0]
        records = self._zone.get(question.name)
        if question.name in self._broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif records is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif values := records.get(question.rdtype):
            reply.answer.append(dns.rrset.from_text_list(question.name, 1, question.rdclass, question.rdtype, values))
        return reply


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
    names: NameServer


class _Question(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one datagram."""
        packet, reply_to = self.request
        # No EDNS, no truncation: a loopback datagram takes all.
        reply_to.sendto(self.server.names.answer(dns.message.from_wire(packet)).to_wire(), self.client_address)
