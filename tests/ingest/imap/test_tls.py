"""TLS to the mailbox is verified or there is no log-in, and what is wrong with it is said so that one can mend it."""

import contextlib
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.ingest.imap.poller import Trouble
from tests.ingest.imap.conftest import Desk
from tests.ingest.imap.test_broken import Serve, mailbox, says, serve

__all__ = ["serve"]

AUTHORITY = """
[ca]
default_ca = own
[own]
dir = {folder}
new_certs_dir = {folder}
database = {folder}/index
default_md = sha256
rand_serial = yes
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""

Serving = Callable[..., tuple[int, Path]]


def certificate(folder: Path, name: str, end: str) -> tuple[Path, Path]:
    """Make a certificate for a name, signed by itself, until an instant such as 20200102000000Z; and its key."""
    (folder / "conf").write_text(AUTHORITY.format(folder=folder))
    (folder / "index").touch()
    own = f"-subj /CN={name} -addext subjectAltName=DNS:{name} -keyout key -out request"
    sign = f"-config conf -selfsign -keyfile key -in request -out cert -startdate 20200101000000Z -enddate {end}"
    for command in (
        f"openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes {own}",
        f"openssl ca -batch {sign}",
    ):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "cert", folder / "key"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """Make and show a certificate on a port of its own; returns the port and the certificate."""
    listening = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def greet() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(20)
                context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=greet)

    def start(name: str, end: str) -> tuple[int, Path]:
        cert, key = certificate(tmp_path, name, end)
        context.load_cert_chain(cert, key)
        thread.start()
        return listening.getsockname()[1], cert

    yield start
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("name", "end", "trusted", "words"),
    [
        pytest.param(
            "localhost", "20200102000000Z", True, "certificate has expired; the server needs a new one", id="expired"
        ),
        pytest.param("other.test", "20990101000000Z", True, r"Hostname mismatch.*; check `host`", id="another-name"),
        pytest.param(
            "localhost", "20990101000000Z", False, r"self.signed certificate; name its file in `trust`", id="own"
        ),
    ],
)
def test_a_certificate_that_is_not_good_is_told_with_what_to_do(
    serving: Serving, serve: Serve, desk: Desk, name: str, end: str, *, trusted: bool, words: str
):
    port, cert = serving(name, end)
    box = mailbox(serve(), host="localhost", port=port, tls="implicit")
    context = ssl.create_default_context(cafile=str(cert)) if trusted else None
    with pytest.raises(Trouble, match=f"the certificate of localhost cannot be trusted: {words}") as trouble:
        desk.poller(box, tls=context).poll()
    assert trouble.value.kind == "certificate"


@pytest.mark.parametrize(
    ("broken", "greeting"),
    [
        pytest.param({}, b"* OK ready\r\n", id="taken-out"),
        pytest.param({"STARTTLS": says(b"TAG NO not today\r\n")}, b"* OK [CAPABILITY STARTTLS]\r\n", id="refused"),
        pytest.param({"STARTTLS": says(b"TAG OK go\r\n* OK hello\r\n")}, b"* OK\r\n", id="answered-in-the-clear"),
        pytest.param({}, b"* PREAUTH you are in\r\n", id="logged-in-before-it"),
    ],
)
def test_without_the_tls_that_was_asked_for_nothing_is_said(
    serve: Serve, desk: Desk, broken: dict[str, Callable[[re.Match[str]], bytes | None]], greeting: bytes
):
    offered = "IMAP4rev1" if not broken else "IMAP4rev1 STARTTLS"
    server = serve(capabilities=offered, broken=broken, greeting=greeting)
    with pytest.raises(Trouble) as trouble:
        desk.poller(mailbox(server, tls="starttls", host="localhost", read_timeout=1)).poll()
    assert not any("LOGIN" in command or "AUTHENTICATE" in command for command in server.commands)
    if not broken:
        assert "offers no STARTTLS, so nothing is sent" in str(trouble.value)


def test_a_password_is_not_sent_to_a_server_that_wants_none(serve: Serve, desk: Desk):
    server = serve(capabilities="IMAP4rev1 LOGINDISABLED")
    with pytest.raises(Trouble, match="takes no passwords"):
        desk.poller(mailbox(server)).poll()
    assert not any(command.startswith("LOGIN") for command in server.commands)


def test_a_token_is_not_sent_to_a_server_that_knows_none(serve: Serve, desk: Desk):
    server = serve(capabilities="IMAP4rev1 AUTH=PLAIN")
    with pytest.raises(Trouble, match="does not offer XOAUTH2"):
        desk.poller(mailbox(server, tokens=pytest.fail)).poll()


def test_the_kernel_looks_after_the_connection(serve: Serve, desk: Desk):
    poller = desk.poller(mailbox(serve()))
    poller.poll()
    assert poller._connection is not None
    with socket.socket(fileno=socket.dup(poller._connection.fileno())) as connected:
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
