"""Where the door for mail servers is, what it is called, and whom it believes."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.ingest.smtp.gate import Network, SmtpLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where to listen and whom to believe."""

    #: Speak LMTP instead: for the mail servers in front.
    lmtp: bool = False
    host: str = "127.0.0.1"
    #: 0 lets the system choose.
    port: int = 2525
    #: The name that we greet with.
    hostname: str = "localhost"
    #: Certificate and key, or None where there is no TLS; see `server_tls`.
    tls: ssl.SSLContext | None = None
    #: TLS from the first byte (RFC 8314) instead of STARTTLS.
    implicit_tls: bool = False
    #: May agents on this machine log in without TLS?
    plain_auth_on_loopback: bool = True
    #: Our own mail servers in front.
    borders: Sequence[Network] = ()
    limits: SmtpLimits = field(default_factory=SmtpLimits)
    #: Where large mails wait for their end, None for the system's folder for such files.
    folder: Path | None = None


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the TLS settings of a server. Raises OSError (ssl.SSLError is one) when the files do not serve."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
