"""The border of a company: a private Postfix whose MX asks a private Rspamd, with test domains that have DNS and keys.

One per test process. What a test domain publishes is made by `domain`; a mail is signed by its owner with `sign` and
comes in from any address with `hand_in` (swaks).
"""

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dns import NameServer
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix, require_postfix
from tests.servers.rspamd import MILTER_HEADERS, PROGRAM, Rspamd

#: What the border calls itself in Received and in Authentication-Results.
AUTHSERV_ID = "mx.example.com"
#: Seconds that one mail may take on a busy machine.
PATIENCE = 60.0


class Border:
    """Postfix and Rspamd, with the names of the test domains.

    `milter_headers` is what Rspamd's section of that name holds; `settings` are further lines of Postfix's main.cf.
    """

    def __init__(
        self, folder: Path, dovecot: Dovecot, milter_headers: str = MILTER_HEADERS, settings: str = ""
    ) -> None:
        self._keys = folder / "keys"
        for path in (self._keys, folder / "rspamd", folder / "postfix"):
            path.mkdir()
        folder.chmod(0o755)
        self.names = NameServer()
        self.rspamd = Rspamd(folder / "rspamd", self.names, milter_headers)
        self.postfix = Postfix(folder / "postfix", dovecot, self.rspamd.milter_port, settings)

    def start(self) -> None:
        """Start both and wait until they listen."""
        self.rspamd.start()
        self.postfix.start()

    def close(self) -> None:
        """End all of it for good."""
        self.postfix.close()
        self.rspamd.stop()
        self.names.close()

    def domain(self, name: str, address: str, policy: str = "reject") -> None:
        """Publish a domain that sends from one IPv4 address: SPF, the DKIM key `s1`, a DMARC policy ("" for none)."""
        if self._key(name).exists():
            return
        # The shortest that verifiers take (RFC 8301 section 3.2): the quickest to make.
        self._openssl("genrsa", "-traditional", "-out", str(self._key(name)), "1024")
        public = self._openssl("rsa", "-in", str(self._key(name)), "-pubout", "-outform", "DER")
        self.names.add(name, "A", address)
        self.names.add(name, "MX", f"10 mx.{name}.")
        self.names.add(name, "TXT", f"v=spf1 ip4:{address} -all")
        self.names.add(f"s1._domainkey.{name}", "TXT", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")
        if policy:
            self.names.add(f"_dmarc.{name}", "TXT", f"v=DMARC1; p={policy}; adkim=r; aspf=r")

    def sign(self, raw: bytes, domain: str) -> bytes:
        """Return the mail with the DKIM signature of a domain (RFC 6376), by the program of dkimpy."""
        command = ["dkimsign", "s1", domain, str(self._key(domain))]
        return subprocess.run(command, input=raw, check=True, capture_output=True, timeout=PATIENCE).stdout

    def hand_in(self, raw: bytes, *, reverse_path: str, to: str, address: str) -> subprocess.CompletedProcess[bytes]:
        """Send a mail to the MX as if from another machine's address; the result of swaks, 0 when it was taken."""
        words = ["--server", f"127.0.0.1:{self.postfix.mx_port}", "--helo", "client.test", "--protocol", "ESMTP"]
        words += ["--xclient-addr", address, "--from", reverse_path, "--to", to]
        return swaks(words, raw)

    def _key(self, domain: str) -> Path:
        return self._keys / f"{domain}.pem"

    def _openssl(self, *words: str) -> bytes:
        return subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=PATIENCE).stdout


def swaks(words: list[str], raw: bytes) -> subprocess.CompletedProcess[bytes]:
    """Send one mail with swaks, byte for byte; its standard output is the whole dialogue."""
    # RFC 5321 section 4.5.2, which swaks gets wrong where a mail's last line is a dot.
    data = raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    command = ["swaks", *words, "--no-data-fixup", "--data", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=False, timeout=PATIENCE)


@pytest.fixture(scope="session")
def border(dovecot: Dovecot) -> Iterator[Border]:
    """The running border, shared by the tests of a process: each takes addresses and domains of its own."""
    require_border()
    with tempfile.TemporaryDirectory(prefix="mailbot-border-", ignore_cleanup_errors=True) as folder:
        servers = Border(Path(folder), dovecot)
        try:
            servers.start()
            yield servers
        finally:
            servers.close()


def require_border() -> None:
    """Skip where a program of the border is missing, but fail in continuous integration."""
    require_postfix()
    programs = {"rspamd": PROGRAM, "python3-dkim": shutil.which("dkimsign"), "swaks": shutil.which("swaks")}
    if missing := [package for package, found in programs.items() if not found]:
        reason = f"The border needs more: run 'apt-get install --no-install-recommends {' '.join(missing)}' as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
