"""TLS from the first byte on a connection that was counted already (RFC 8314 section 3.3).

The listener of the standard library shakes hands before it tells of a connection: whoever connects and says nothing
would cost a quarter of a megabyte and be counted by nobody.
"""

import ssl
from asyncio import Future, Protocol, Transport, get_running_loop
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable


def shake_hands(
    transport: Transport,
    protocol: Protocol,
    context: ssl.SSLContext,
    seconds: float,
    over: Callable[[], None],
) -> None:
    """Begin the handshake as the server, for at most so many seconds.

    When it succeeds, the protocol has its connection; `over` is called in any case, afterwards.
    """
    loop = get_running_loop()
    waiter: Future[None] = loop.create_future()

    def ended(waiter: Future[None]) -> None:
        # Asked for, so that a client that breaks off is not logged as a fault of ours.
        waiter.exception()
        over()

    waiter.add_done_callback(ended)
    below = SSLProtocol(
        loop,
        protocol,
        context,
        waiter,
        server_side=True,
        ssl_handshake_timeout=seconds,  # type: ignore[arg-type]  # declared too narrowly: it is given to call_later
    )
    transport.set_protocol(below)
    below.connection_made(transport)
