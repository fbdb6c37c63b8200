"""The tables that the private Postfix looks into, answered by the test process: socketmap_table(5).

A request is the netstring `NAME KEY`, an answer the netstring `OK VALUE` or `NOTFOUND `.
"""

import socketserver
import threading
from collections.abc import Callable

#: The name of a table and the key that is asked for -> what stands there, None where nothing does.
Lookup = Callable[[str, str], str | None]


class SocketMap:
    """A server of tables on loopback; a thread of the test process, gone with it."""

    def __init__(self, port: int, lookup: Lookup) -> None:
        server = self._server = _Server(("127.0.0.1", port), _Connection)
        server.lookup = lookup
        threading.Thread(target=server.serve_forever, args=(0.05,), name="socketmap", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    #: Postfix keeps its connections open: nobody waits for their end.
    block_on_close = False
    lookup: Lookup


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one client's questions until it leaves."""
        try:
            while request := self._netstring():
                name, _, key = request.partition(" ")
                found = self.server.lookup(name, key)
                answer = ("NOTFOUND " if found is None else f"OK {found}").encode()
                self.wfile.write(b"%d:%s," % (len(answer), answer))
        except ConnectionError:
            return  # the client was killed

    def _netstring(self) -> str:
        size = b""
        while (digit := self.rfile.read(1)) not in (b":", b""):
            size += digit
        text = self.rfile.read(int(size)) if size else b""
        return text.decode() if self.rfile.read(1) == b"," else ""
